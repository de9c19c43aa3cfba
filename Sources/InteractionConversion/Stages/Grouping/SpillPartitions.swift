// Fragments on disk, divided by the hash of their key so that a part of them can be gathered in memory.

/// One part: all fragments of some conversations, in the order of their arrival.
final class SpillPartition {
    fileprivate struct Header: BitwiseCopyable {
        let sequence: UInt64
        let keyCount: UInt32
        let count: UInt32
    }

    private let file: SpillFile
    /// How many bits of the hash are the same for all keys here.
    let usedBits: Int
    private var firstKey: [UInt8]?
    /// Whether all fragments are of the same conversation.
    private(set) var isOneConversation = true
    /// The bytes of all fragments with their lengths.
    private(set) var runBytes = 0

    fileprivate init(_ file: SpillFile, usedBits: Int) {
        self.file = file
        self.usedBits = usedBits
    }

    /// The size of the file.
    var bytes: Int64 { file.count }

    fileprivate func add(
        _ fragment: UnsafeRawBufferPointer,
        to key: UnsafeRawBufferPointer,
        sequence: UInt64
    ) throws(SpillFailure) {
        if isOneConversation {
            if let firstKey { isOneConversation = firstKey.elementsEqual(key) } else { firstKey = [UInt8](key) }
        }
        runBytes &+= FragmentRun.lengthBytes &+ fragment.count
        try file.append(
            value: Header(sequence: sequence, keyCount: UInt32(key.count), count: UInt32(fragment.count))
        )
        try file.append(key)
        try file.append(fragment)
    }

    fileprivate func endWriting() throws(SpillFailure) { try file.endWriting() }

    /// Goes through the fragments in the order of their arrival.
    ///
    /// - Parameters:
    ///   - transferBytes: How much is read at once.
    ///   - body: Receives a fragment's place among all, its key and its bytes.
    /// - Throws: ``SpillFailure``.
    func visit(
        transferBytes: Int,
        _ body: (UInt64, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(SpillFailure) -> Void
    ) throws(SpillFailure) {
        let buffer = Pages.take(transferBytes)
        defer { Pages.giveBack(buffer) }
        let reader = SpillReader(file, 0..<file.count, buffer: buffer, scratch: ScratchPages())
        while reader.remaining > 0 {
            let header = try reader.take(Header.self)
            let keyCount = Int(header.keyCount)
            let both = try reader.take(keyCount + Int(header.count))
            try body(
                header.sequence,
                UnsafeRawBufferPointer(rebasing: both[..<keyCount]),
                UnsafeRawBufferPointer(rebasing: both[keyCount...])
            )
        }
    }
}

/// The parts that one spill is divided into.
final class SpillPartitions {
    private let hash: KeyHash
    /// How many bits of the hash an earlier division has used, and how many this one uses after them.
    private let bits: (used: Int, own: Int)
    // Safety: pages of this object, lent to the partitions' files until `endWriting`.
    private var memory: UnsafeMutableRawBufferPointer
    private var partitions: [SpillPartition]

    /// Makes empty partitions.
    ///
    /// - Parameters:
    ///   - count: How many, a power of two.
    ///   - usedBits: How many bits of the hash are the same for all keys.
    ///   - hash: Divides the keys.
    ///   - folder: Where the files take their space.
    ///   - transferBytes: How much is written at once.
    init(count: Int, usedBits: Int, hash: KeyHash, folder: String, transferBytes: Int) {
        self.hash = hash
        bits = (usedBits, count.trailingZeroBitCount)
        let memory = Pages.take(count * transferBytes)
        self.memory = memory
        partitions = (0..<count).map { index in
            let part = memory[index * transferBytes..<(index + 1) * transferBytes]
            let file = SpillFile(folder: folder, buffer: UnsafeMutableRawBufferPointer(rebasing: part))
            return SpillPartition(file, usedBits: usedBits + count.trailingZeroBitCount)
        }
    }

    deinit { Pages.giveBack(memory) }

    /// Adds a fragment.
    ///
    /// - Parameters:
    ///   - fragment: What a record said.
    ///   - key: The conversation's key.
    ///   - sequence: The fragment's place among all; not less than that of any before.
    /// - Throws: ``SpillFailure``.
    func add(
        _ fragment: UnsafeRawBufferPointer,
        to key: UnsafeRawBufferPointer,
        sequence: UInt64
    ) throws(SpillFailure) {
        let index = Int(truncatingIfNeeded: (hash(key) << UInt64(bits.used)) >> UInt64(64 - bits.own))
        try partitions[index].add(fragment, to: key, sequence: sequence)
    }

    /// Adds all that a table holds.
    ///
    /// - Parameter table: Conversations that come before all that is added later.
    /// - Throws: ``SpillFailure``.
    func addAll(of table: borrowing ConversationTable) throws(SpillFailure) {
        let scratch = ScratchPages()
        for conversation in table.views {
            for fragment in conversation.run(in: scratch) {
                try add(fragment, to: conversation.key, sequence: conversation.sequence)
            }
        }
    }

    /// Ends the writing and gives up the partitions.
    ///
    /// - Returns: Those that hold something; each gives its disk space back when it is forgotten.
    /// - Throws: ``SpillFailure``.
    func endWriting() throws(SpillFailure) -> [SpillPartition] {
        defer {
            Pages.giveBack(memory)
            memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
            partitions = []
        }
        for partition in partitions { try partition.endWriting() }
        return partitions.filter { $0.bytes > 0 }
    }
}
