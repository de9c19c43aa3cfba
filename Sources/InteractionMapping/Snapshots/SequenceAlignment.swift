// Which elements of an earlier snapshot a later one has as well, and where the others belong.

/// Two sequences side by side: a later one, and an earlier one that should be its beginning.
struct SequenceAlignment {
    /// For each element of the earlier sequence its place in the later one; nil if it is not there.
    private(set) var places: [Int?]
    /// For each element of the earlier sequence that is not in the later one: after which place it belongs, or -1.
    private(set) var anchors: [Int]
    /// How many elements stand in another order.
    private(set) var moved = 0

    /// Compares two sequences.
    ///
    /// Elements that occur several times are paired in their order. Of all pairs, as many as possible are in one order;
    /// the others count as moved.
    ///
    /// - Parameters:
    ///   - earlier: The sequence that should be a beginning.
    ///   - later: The sequence that should go on from there.
    ///   - prefix: How many elements at the beginning are known to be the same.
    /// - Complexity: O(n log n).
    init<Key: Hashable>(_ earlier: [Key], in later: [Key], prefix: Int = 0) {
        places = (0..<prefix).map { $0 } + Array(repeating: nil, count: earlier.count - prefix)
        anchors = Array(repeating: -1, count: earlier.count)
        var waiting: [Key: [Int]] = [:]
        for index in later.indices.dropFirst(prefix).reversed() { waiting[later[index], default: []].append(index) }
        for index in earlier.indices.dropFirst(prefix) { places[index] = waiting[earlier[index]]?.popLast() }
        let ordered = Self.longestRise(places)
        moved = places.count { $0 != nil } - ordered.count
        setAnchors(Set(ordered))
    }

    /// The indexes of as many places as possible that rise.
    private static func longestRise(_ places: [Int?]) -> [Int] {
        // For each length, the index at which the lowest last place of a rise of that length stands.
        var ends: [Int] = []
        var before = Array(repeating: -1, count: places.count)
        for index in places.indices {
            guard let place = places[index] else { continue }
            var low = 0
            var high = ends.count
            while low < high {
                let middle = (low + high) / 2
                if places[ends[middle]].map({ $0 < place }) ?? false { low = middle + 1 } else { high = middle }
            }
            before[index] = low > 0 ? ends[low - 1] : -1
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var result: [Int] = []
        var index = ends.last ?? -1
        while index >= 0 {
            result.append(index)
            index = before[index]
        }
        return result.reversed()
    }

    /// What is missing follows what it followed; at the beginning it precedes what it preceded.
    private mutating func setAnchors(_ ordered: Set<Int>) {
        let firstKnown = places.indices.first { ordered.contains($0) }.flatMap { places[$0] }
        var anchor = (firstKnown ?? 0) - 1
        for index in places.indices {
            if ordered.contains(index) { anchor = places[index] ?? anchor }
            anchors[index] = anchor
        }
    }

    /// The later sequence with all that only the earlier one has.
    ///
    /// - Parameters:
    ///   - later: Its elements.
    ///   - element: The element of the earlier sequence at an index.
    /// - Returns: The union in order.
    func union<Element>(_ later: [Element], with element: (Int) -> Element) -> [Element] {
        var added: [Int: [Element]] = [:]
        for index in places.indices where places[index] == nil {
            added[anchors[index], default: []].append(element(index))
        }
        guard !added.isEmpty else { return later }
        var result = added[-1] ?? []
        for (index, own) in later.enumerated() {
            result.append(own)
            if let own = added[index] { result += own }
        }
        return result
    }
}
