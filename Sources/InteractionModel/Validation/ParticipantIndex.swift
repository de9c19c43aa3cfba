// Looking up a conversation's participants by id, without an allocation for ordinary conversations.

/// The participants of one conversation by id.
struct ParticipantIndex {
    /// Up to here, comparing with every id is faster than hashing.
    private static let linearLimit = 8

    // Safety: the memory belongs to `withIndex`, which no index outlives.
    private let view: JSONView
    private let nodes: UnsafeMutableBufferPointer<UInt32>
    private let referenced: UnsafeMutableBufferPointer<UInt32>
    /// Positions plus one by hash, empty for few participants; a power of two, at most half full.
    private let buckets: UnsafeMutableBufferPointer<UInt32>
    private var count = 0

    /// Lends an empty index.
    ///
    /// - Parameters:
    ///   - view: The parsed text that ids lie in.
    ///   - capacity: How many ids will be inserted at most.
    ///   - body: Receives the index.
    /// - Returns: What the body returns.
    static func withIndex<R>(_ view: JSONView, capacity: Int, _ body: (inout ParticipantIndex) -> R) -> R {
        let buckets = capacity > linearLimit ? 1 << (Int.bitWidth - (capacity * 2 - 1).leadingZeroBitCount) : 0
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: capacity * 2 + buckets) { memory in
            memory.initialize(repeating: 0)
            var index = ParticipantIndex(
                view: view,
                nodes: .init(rebasing: memory[..<capacity]),
                referenced: .init(rebasing: memory[capacity..<(capacity * 2)]),
                buckets: .init(rebasing: memory[(capacity * 2)...])
            )
            return body(&index)
        }
    }

    private init(
        view: JSONView,
        nodes: UnsafeMutableBufferPointer<UInt32>,
        referenced: UnsafeMutableBufferPointer<UInt32>,
        buckets: UnsafeMutableBufferPointer<UInt32>
    ) {
        self.view = view
        self.nodes = nodes
        self.referenced = referenced
        self.buckets = buckets
    }

    /// Adds an id.
    ///
    /// - Parameter node: The id's node.
    /// - Returns: False when the id is there already.
    mutating func insert(_ node: Int) -> Bool {
        let text = view.text(node)
        var bucket = 0
        guard find(text, &bucket) == nil else { return false }
        nodes[count] = UInt32(truncatingIfNeeded: node)
        count += 1
        if !buckets.isEmpty { buckets[bucket] = UInt32(truncatingIfNeeded: count) }
        return true
    }

    /// Marks an id as used.
    ///
    /// - Parameter text: The id as a message has it.
    /// - Returns: False when nobody has the id.
    func refer(to text: TextSlice) -> Bool {
        var bucket = 0
        guard let position = find(text, &bucket) else { return false }
        referenced[position] = 1
        return true
    }

    /// The nodes of the ids that nothing referred to, in the order of insertion.
    var unreferenced: some Sequence<Int> {
        (0..<count).lazy.filter { referenced[$0] == 0 }.map { Int(nodes[$0]) }
    }

    /// The position of an id, and the bucket that it has or would get.
    private func find(_ text: TextSlice, _ bucket: inout Int) -> Int? {
        if buckets.isEmpty {
            for position in 0..<count where text.equals(view.text(Int(nodes[position]))) { return position }
            return nil
        }
        bucket = hash(text) & (buckets.count &- 1)
        while buckets[bucket] != 0 {
            let position = Int(buckets[bucket]) &- 1
            if text.equals(view.text(Int(nodes[position]))) { return position }
            bucket = (bucket &+ 1) & (buckets.count &- 1)
        }
        return nil
    }

    private func hash(_ text: TextSlice) -> Int {
        // Seeded by the process, so that no input can be made to collide; the order of buckets shows nowhere.
        var hasher = Hasher()
        if text.form == .plain {
            hasher.combine(bytes: text.bytes)
        } else {
            text.unescaped().withUnsafeBytes { hasher.combine(bytes: $0) }
        }
        return hasher.finalize()
    }
}
