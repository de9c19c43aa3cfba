// Conversations in memory, found by key and kept in the order of their first appearance.

/// A conversation in a table: its key's bytes follow it.
struct TabledConversation {
    /// The place of its first fragment among all fragments.
    let sequence: UInt64
    let keyCount: Int
    /// The bytes of its fragments with their lengths.
    fileprivate(set) var runBytes = 0
    fileprivate var newest: UnsafeMutablePointer<TabledFragment>?
    fileprivate var next: UnsafeMutablePointer<TabledConversation>?

    fileprivate init(sequence: UInt64, keyCount: Int) {
        self.sequence = sequence
        self.keyCount = keyCount
    }
}

/// A fragment in a table: its bytes follow it, so that length and bytes are a piece of a ``FragmentRun``.
private struct TabledFragment {
    /// The fragment of the same conversation before it.
    let older: UnsafeMutablePointer<TabledFragment>?
    let count: UInt32

    static let headerBytes = MemoryLayout<Self>.size
    static let pieceOffset = headerBytes - FragmentRun.lengthBytes
}

/// Gathers fragments by conversation until there is no more room.
struct ConversationTable: ~Copyable {
    private typealias Conversation = UnsafeMutablePointer<TabledConversation>
    private typealias Fragment = UnsafeMutablePointer<TabledFragment>

    private struct Bucket {
        var hash: UInt64
        var conversation: Conversation?
    }

    /// All that the table may hold, in bytes; also enough to hand on its largest conversation in one piece.
    var limit: Int
    private let hash: KeyHash
    // Safety: everything points into the arenas or the buckets, which live until `removeAll` or `deinit`.
    private var conversations: BlockArena
    private var fragments: BlockArena
    private var buckets: UnsafeMutableBufferPointer<Bucket>
    private var count = 0
    private var largestRun = 0
    private var oldest: Conversation?
    private var newest: Conversation?
    /// The conversation that was added to last, which the next fragment often belongs to as well.
    private var recent: Conversation?

    init(limit: Int, hash: KeyHash) {
        self.limit = limit
        self.hash = hash
        let blockBytes = min(max(limit / 128 & ~4095, 4096), 1 << 20)
        // Apart from the fragments, so that looking for a conversation touches few pages.
        conversations = BlockArena(blockBytes: blockBytes)
        fragments = BlockArena(blockBytes: blockBytes)
        buckets = Self.makeBuckets(256)
    }

    deinit { Pages.giveBack(UnsafeMutableRawBufferPointer(buckets)) }

    var isEmpty: Bool { count == 0 }

    private static func makeBuckets(_ count: Int) -> UnsafeMutableBufferPointer<Bucket> {
        // Pages are zero, which is an empty bucket.
        Pages.take(count * MemoryLayout<Bucket>.stride).bindMemory(to: Bucket.self)
    }

    private var bucketBytes: Int { buckets.count &* MemoryLayout<Bucket>.stride }
    /// All that the table holds or will need to hand on what it holds, in bytes.
    var heldBytes: Int { conversations.bytes &+ fragments.bytes &+ bucketBytes &+ largestRun }
    private var room: Int { limit &- heldBytes }

    /// Adds a fragment to its conversation.
    ///
    /// - Parameters:
    ///   - fragment: What a record said.
    ///   - key: The conversation's key.
    ///   - sequence: The fragment's place among all; used if it is the first of its conversation.
    /// - Returns: False if there is no room for it.
    /// - Complexity: Two cache misses.
    mutating func add(
        _ fragment: UnsafeRawBufferPointer,
        to key: UnsafeRawBufferPointer,
        sequence: UInt64
    ) -> Bool {
        if let recent, Self.key(of: recent).holdsSame(as: key) { return append(fragment, to: recent) }
        guard count &* 4 < buckets.count &* 3 || grow() else { return false }
        let hash = hash(key)
        var index = Int(truncatingIfNeeded: hash) & (buckets.count &- 1)
        while let known = buckets[index].conversation {
            if buckets[index].hash == hash, Self.key(of: known).holdsSame(as: key) {
                return append(fragment, to: known)
            }
            index = (index &+ 1) & (buckets.count &- 1)
        }
        let header = MemoryLayout<TabledConversation>.stride
        guard let memory = conversations.allocate(header &+ key.count, within: room) else { return false }
        let conversation = memory.bindMemory(to: TabledConversation.self, capacity: 1)
        conversation.initialize(to: TabledConversation(sequence: sequence, keyCount: key.count))
        Self.copy(key, to: memory + header)
        guard append(fragment, to: conversation) else { return false }
        buckets[index] = Bucket(hash: hash, conversation: conversation)
        count &+= 1
        if let newest { newest.pointee.next = conversation } else { oldest = conversation }
        newest = conversation
        return true
    }

    @inline(__always)
    private mutating func append(_ fragment: UnsafeRawBufferPointer, to conversation: Conversation) -> Bool {
        let header = TabledFragment.headerBytes
        guard let memory = fragments.allocate(header &+ fragment.count, within: room) else { return false }
        let added = memory.bindMemory(to: TabledFragment.self, capacity: 1)
        added.initialize(
            to: TabledFragment(older: conversation.pointee.newest, count: UInt32(fragment.count))
        )
        Self.copy(fragment, to: memory + header)
        conversation.pointee.newest = added
        conversation.pointee.runBytes &+= FragmentRun.lengthBytes &+ fragment.count
        largestRun = max(largestRun, conversation.pointee.runBytes)
        recent = conversation
        return true
    }

    /// Doubles the buckets.
    private mutating func grow() -> Bool {
        guard 2 * bucketBytes <= room else { return false }
        let former = buckets
        buckets = Self.makeBuckets(former.count * 2)
        for bucket in former where bucket.conversation != nil {
            var index = Int(truncatingIfNeeded: bucket.hash) & (buckets.count &- 1)
            while buckets[index].conversation != nil { index = (index &+ 1) & (buckets.count &- 1) }
            buckets[index] = bucket
        }
        Pages.giveBack(UnsafeMutableRawBufferPointer(former))
        return true
    }

    @inline(__always)
    private static func copy(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
        if let start = bytes.baseAddress { target.copyMemory(from: start, byteCount: bytes.count) }
    }

    /// Forgets all conversations and keeps the memory.
    mutating func removeAll() {
        conversations.removeAll()
        fragments.removeAll()
        buckets.update(repeating: Bucket(hash: 0, conversation: nil))
        count = 0
        largestRun = 0
        oldest = nil
        newest = nil
        recent = nil
    }
}

extension ConversationTable {
    /// A conversation of a table, lent until the table changes.
    struct View {
        fileprivate let conversation: UnsafeMutablePointer<TabledConversation>

        /// The place of its first fragment among all fragments.
        var sequence: UInt64 { conversation.pointee.sequence }
        /// What its records call it.
        var key: UnsafeRawBufferPointer { ConversationTable.key(of: conversation) }
        /// The bytes of its fragments with their lengths.
        var runBytes: Int { conversation.pointee.runBytes }

        /// Lends all fragments in one piece, which lies in `scratch` if they are more than one.
        func run(in scratch: ScratchPages) -> FragmentRun {
            guard let newest = conversation.pointee.newest, newest.pointee.older != nil else {
                return FragmentRun(bytes: conversation.pointee.newest.map(Self.piece) ?? .init(start: nil, count: 0))
            }
            let whole = scratch.lend(runBytes)
            var end = runBytes
            var fragment = conversation.pointee.newest
            while let current = fragment {
                let piece = Self.piece(current)
                end -= piece.count
                UnsafeMutableRawBufferPointer(rebasing: whole[end...]).copyMemory(from: piece)
                fragment = current.pointee.older
            }
            return FragmentRun(bytes: UnsafeRawBufferPointer(whole))
        }

        /// A fragment's bytes behind their length.
        private static func piece(_ fragment: UnsafeMutablePointer<TabledFragment>) -> UnsafeRawBufferPointer {
            // Safety: a fragment's bytes follow it in the arena.
            UnsafeRawBufferPointer(
                start: UnsafeRawPointer(fragment) + TabledFragment.pieceOffset,
                count: FragmentRun.lengthBytes + Int(fragment.pointee.count)
            )
        }
    }

    /// The conversations by first appearance, lent until the table changes.
    var views: Views { Views(upcoming: oldest) }

    /// Goes through conversations and can be kept to go on later.
    struct Views: Sequence, IteratorProtocol {
        // Safety: points into the table, which its owner leaves alone meanwhile.
        fileprivate var upcoming: UnsafeMutablePointer<TabledConversation>?

        mutating func next() -> View? {
            guard let current = upcoming else { return nil }
            upcoming = current.pointee.next
            return View(conversation: current)
        }
    }

    @inline(__always)
    fileprivate static func key(of conversation: UnsafeMutablePointer<TabledConversation>) -> UnsafeRawBufferPointer {
        // Safety: a conversation's key follows it in the arena.
        UnsafeRawBufferPointer(start: UnsafeRawPointer(conversation + 1), count: conversation.pointee.keyCount)
    }
}
