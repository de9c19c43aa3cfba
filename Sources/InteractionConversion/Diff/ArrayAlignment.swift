// Which element of an array is which of another, and which of them stand elsewhere.

internal import InteractionModel

/// Two arrays side by side.
struct ArrayAlignment {
    /// The elements' nodes.
    let old: [Int]
    let new: [Int]
    /// For each new element the position of the same one before, or nil.
    private(set) var origins: [Int?]
    private var isTaken: [Bool]

    /// Finds the pairs, by the strongest sign first.
    ///
    /// Pairs are a matter of reading only: whatever is paired is compared in full afterwards.
    init(_ meaning: ArrayMeaning, _ oldView: JSONView, _ oldArray: Int, _ newView: JSONView, _ newArray: Int) {
        var elements: [Int] = []
        oldView.forEachElement(oldArray) { elements.append($0) }
        old = elements
        elements = []
        newView.forEachElement(newArray) { elements.append($0) }
        new = elements
        origins = Array(repeating: nil, count: new.count)
        isTaken = Array(repeating: false, count: old.count)
        if meaning.isOrdered { pairEnds(oldView, newView) }
        for signs in Self.passes(meaning) {
            pair(
                old.indices.map { isTaken[$0] ? nil : signs.hash(oldView, old[$0]) },
                new.indices.map { origins[$0] != nil ? nil : signs.hash(newView, new[$0]) }
            )
        }
        if meaning.isOrdered {
            // By the same author, or with the same text of another.
            for members in [["participantId", "role"], ["content", "timestamp"]] as [[StaticString]] {
                pairInGaps(members, oldView, newView)
            }
        }
    }

    /// Positions in the old array that have no counterpart.
    var removed: [Int] { isTaken.indices.filter { !isTaken[$0] } }

    /// The new positions whose elements keep their order, as many as can.
    ///
    /// - Complexity: O(n log n).
    func staying() -> Set<Int> {
        // The longest increasing run of old positions, by patience sorting.
        var tops: [(origin: Int, position: Int)] = []
        var before = [Int](repeating: -1, count: new.count)
        for (position, origin) in origins.enumerated() {
            guard let origin else { continue }
            var low = 0
            var high = tops.count
            while low < high {
                let middle = (low + high) / 2
                if tops[middle].origin < origin { low = middle + 1 } else { high = middle }
            }
            if low > 0 { before[position] = tops[low - 1].position }
            if low == tops.count { tops.append((origin, position)) } else { tops[low] = (origin, position) }
        }
        var result: Set<Int> = []
        var position = tops.last?.position ?? -1
        while position >= 0 {
            result.insert(position)
            position = before[position]
        }
        return result
    }

    /// Pairs what has the same hash, the first with the first; nil fits nothing, and what has a pair is nil.
    private mutating func pair(_ oldSigns: [UInt64?], _ newSigns: [UInt64?]) {
        var waiting: [UInt64: [Int]] = [:]
        for index in old.indices.reversed() {
            if let sign = oldSigns[index] { waiting[sign, default: []].append(index) }
        }
        guard !waiting.isEmpty else { return }
        for index in new.indices {
            guard let sign = newSigns[index], let origin = waiting[sign]?.popLast() else { continue }
            take(origin, for: index)
        }
    }

    /// Pairs what is the same from the first on, and from the last back: of equal elements each stays itself.
    private mutating func pairEnds(_ oldView: JSONView, _ newView: JSONView) {
        func isSame(_ before: Int, _ after: Int) -> Bool {
            ElementSigns.hash(all: oldView, old[before]) == ElementSigns.hash(all: newView, new[after])
        }
        let shorter = min(old.count, new.count)
        var first = 0
        while first < shorter, isSame(first, first) {
            take(first, for: first)
            first += 1
        }
        var last = 1
        while last <= shorter - first, isSame(old.count - last, new.count - last) {
            take(old.count - last, for: new.count - last)
            last += 1
        }
    }

    private mutating func take(_ origin: Int, for position: Int) {
        origins[position] = origin
        isTaken[origin] = true
    }

    /// Pairs what is left where the neighbours before it are the same, and some of its members.
    private mutating func pairInGaps(_ members: [StaticString], _ oldView: JSONView, _ newView: JSONView) {
        var newPositions = [Int](repeating: -1, count: old.count)
        for (position, origin) in origins.enumerated() {
            if let origin { newPositions[origin] = position }
        }
        var gap = -1
        let oldGaps = old.indices.map { index in
            if newPositions[index] >= 0 { gap = newPositions[index] }
            return gap
        }
        gap = -1
        let newGaps = new.indices.map { index in
            if origins[index] != nil { gap = index }
            return gap
        }
        pair(
            old.indices.map { isTaken[$0] ? nil : ElementSigns.inGap(oldGaps[$0], members, oldView, old[$0]) },
            new.indices.map { origins[$0] != nil ? nil : ElementSigns.inGap(newGaps[$0], members, newView, new[$0]) }
        )
    }

    /// By what elements are known again: all of the signs of a pass have to agree.
    private static func passes(_ meaning: ArrayMeaning) -> [ElementSigns] {
        switch meaning {
        case .participants:
            [ElementSigns("participantId"), ElementSigns("displayName", "role"), ElementSigns("displayName")]
        case .entries:
            [
                .whole, ElementSigns("id", "timestamp", "content"),
                ElementSigns("participantId", "timestamp", "content"),
                ElementSigns("id"), ElementSigns("timestamp", "content"), ElementSigns("participantId", "timestamp"),
                ElementSigns("participantId", "content"), ElementSigns("content"), ElementSigns("timestamp"),
            ]
        case .conversations: [ElementSigns("conversationId"), .whole]
        case .unordered:
            [
                .whole, ElementSigns("id"), ElementSigns("name", "value"), ElementSigns("name"), ElementSigns("url"),
                ElementSigns("type", "value"),
            ]
        case .list: [.whole]
        }
    }
}
