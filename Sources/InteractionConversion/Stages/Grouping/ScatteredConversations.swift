// Conversations whose fragments lie anywhere: gathered in memory, and on disk where that does not suffice.

/// Gathers conversations within a budget and hands them on by first appearance.
struct ScatteredConversations: ~Copyable {
    private let folder: String
    private let budget: GroupingBudget
    private let hash: KeyHash
    private var table: ConversationTable
    /// Where everything goes once the table has been full.
    private var partitions: SpillPartitions?
    private var sequence: UInt64 = 0
    /// What is still to be handed on of the table, or of the runs on disk that have been made of the partitions.
    private var tabled: ConversationTable.Views?
    private var merged: MergedRuns?
    private var ordinal = 0
    private var scratch = ScratchPages()

    init(budget: GroupingBudget, folder: String, hash: KeyHash) {
        self.folder = folder
        self.budget = budget
        self.hash = hash
        table = ConversationTable(limit: budget.gatheringBytes, hash: hash)
    }

    /// Adds a fragment to its conversation.
    ///
    /// - Parameters:
    ///   - fragment: What a record said.
    ///   - key: The conversation's key.
    /// - Throws: ``SpillFailure``.
    mutating func add(_ fragment: UnsafeRawBufferPointer, to key: UnsafeRawBufferPointer) throws(SpillFailure) {
        sequence &+= 1
        if partitions == nil {
            if table.add(fragment, to: key, sequence: sequence) { return }
            partitions = try divideTable(into: budget.partitions, usedBits: 0)
        }
        try partitions?.add(fragment, to: key, sequence: sequence)
    }

    private mutating func divideTable(into count: Int, usedBits: Int) throws(SpillFailure) -> SpillPartitions {
        let partitions = SpillPartitions(
            count: count,
            usedBits: usedBits,
            hash: hash,
            folder: folder,
            transferBytes: budget.transferBytes
        )
        try partitions.addAll(of: table)
        table = ConversationTable(limit: budget.gatheringBytes, hash: hash)
        return partitions
    }

    /// Hands conversations on until at least so many bytes have been, or all; then it is empty again.
    ///
    /// - Parameters:
    ///   - bytes: How much, in bytes of fragments.
    ///   - emit: Receives them by first appearance.
    /// - Returns: Whether there may be more.
    /// - Throws: ``SpillFailure``, and what `emit` throws.
    /// - Complexity: Beyond the budget, all bytes are written and read twice; once more for each further division.
    mutating func handOn(atLeast bytes: Int, _ emit: (GroupedConversation) throws -> Void) throws -> Bool {
        try beginHandingOn()
        var left = bytes
        while left > 0 {
            guard let (key, fragments) = try next() else {
                endHandingOn()
                return false
            }
            try emit(GroupedConversation(key: key, fragments: fragments, ordinal: ordinal, isReopened: false))
            ordinal += 1
            left -= fragments.bytes.count
        }
        return true
    }

    private mutating func beginHandingOn() throws(SpillFailure) {
        guard let spilled = partitions.take() else {
            if merged == nil, tabled == nil { tabled = table.views }
            return
        }
        var runs = SortedRuns(folder: folder, budget: budget)
        try sort(spilled, into: &runs)
        // The merging needs the memory.
        table = ConversationTable(limit: budget.gatheringBytes, hash: hash)
        merged = try runs.merged()
    }

    /// Finds the next conversation, wherever they are.
    private mutating func next() throws(SpillFailure) -> (key: UnsafeRawBufferPointer, FragmentRun)? {
        if let conversation = tabled?.next() { return (conversation.key, conversation.run(in: scratch)) }
        guard let record = try merged?.next()?.bytes else { return nil }
        let keyEnd = FragmentRun.lengthBytes + Int(record.loadUnaligned(as: UInt32.self))
        let run = FragmentRun(bytes: UnsafeRawBufferPointer(rebasing: record[keyEnd...]))
        return (UnsafeRawBufferPointer(rebasing: record[FragmentRun.lengthBytes..<keyEnd]), run)
    }

    private mutating func endHandingOn() {
        tabled = nil
        merged = nil
        scratch = ScratchPages()
        table.removeAll()
        sequence = 0
        ordinal = 0
    }

    /// Makes a run of each partition that fits into memory, and divides those that do not.
    private mutating func sort(_ spilled: SpillPartitions, into runs: inout SortedRuns) throws(SpillFailure) {
        var waiting = try spilled.endWriting()
        while let partition = waiting.popLast() {
            if partition.isOneConversation {
                try Self.append(partition, to: &runs, transferBytes: budget.transferBytes)
            } else if let finer = try gather(partition) {
                waiting += try finer.endWriting()
            } else {
                try appendTable(to: &runs)
            }
        }
    }

    /// Gathers a partition in memory.
    ///
    /// - Returns: What it has been divided into if there was not enough.
    private mutating func gather(_ partition: SpillPartition) throws(SpillFailure) -> SpillPartitions? {
        // Keys whose hashes are the same up to here are not to be divided: they get the memory that they need.
        table.limit = partition.usedBits < 48 ? budget.gatheringBytes : .max
        var finer: SpillPartitions?
        try partition.visit(transferBytes: budget.transferBytes) { sequence, key, fragment throws(SpillFailure) in
            if finer == nil {
                if table.add(fragment, to: key, sequence: sequence) { return }
                finer = try divideTable(into: budget.partitions(for: partition.bytes), usedBits: partition.usedBits)
            }
            try finer?.add(fragment, to: key, sequence: sequence)
        }
        return finer
    }

    private mutating func appendTable(to runs: inout SortedRuns) throws(SpillFailure) {
        let scratch = ScratchPages()
        for conversation in table.views {
            try Self.begin(conversation.key, conversation.runBytes, order: conversation.sequence, in: runs)
            try runs.append(conversation.run(in: scratch).bytes)
        }
        table.removeAll()
        try runs.endRun()
    }

    /// Makes a run of one conversation, which may be larger than the memory.
    private static func append(
        _ partition: SpillPartition,
        to runs: inout SortedRuns,
        transferBytes: Int
    ) throws(SpillFailure) {
        var isFirst = true
        try partition.visit(transferBytes: transferBytes) { sequence, key, fragment throws(SpillFailure) in
            if isFirst { try begin(key, partition.runBytes, order: sequence, in: runs) }
            isFirst = false
            try runs.append(value: UInt32(fragment.count))
            try runs.append(fragment)
        }
        try runs.endRun()
    }

    private static func begin(
        _ key: UnsafeRawBufferPointer,
        _ runBytes: Int,
        order: UInt64,
        in runs: borrowing SortedRuns
    ) throws(SpillFailure) {
        try runs.beginRecord(order: order, count: FragmentRun.lengthBytes + key.count + runBytes)
        try runs.append(value: UInt32(key.count))
        try runs.append(key)
    }
}
