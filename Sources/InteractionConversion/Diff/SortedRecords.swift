// Any number of records in order of a number each: in memory while they fit, on disk beyond that.

internal import InteractionModel

/// Takes records in any order and gives them back sorted; those of one number in the order in which they came.
struct SortedRecords: ~Copyable {
    private typealias Entry = (order: UInt64, start: Int, count: Int)

    private var runs: SortedRuns
    private var hasRuns = false
    private var gathered: OutputBuffer
    private var entries: [Entry] = []
    private let limit: Int

    /// Makes an empty collection.
    ///
    /// - Parameters:
    ///   - memory: Bytes that it may hold.
    ///   - folder: Where it takes space beyond that.
    init(memory: Int, folder: String) {
        let budget = GroupingBudget(memory: memory)
        runs = SortedRuns(folder: folder, budget: budget)
        limit = budget.memory / 2
        gathered = OutputBuffer()
    }

    /// Adds a record.
    ///
    /// - Parameters:
    ///   - order: What it is sorted by.
    ///   - write: Appends its bytes.
    /// - Throws: ``SpillFailure``.
    mutating func add(order: UInt64, _ write: (inout OutputBuffer) -> Void) throws(SpillFailure) {
        let start = gathered.count
        write(&gathered)
        entries.append((order, start, gathered.count - start))
        // The buffer doubles when it grows: half full, it is as large as allowed.
        if gathered.count + entries.count * MemoryLayout<Entry>.stride > limit / 2 { try endRun() }
    }

    private mutating func sortEntries() {
        // Equal numbers stay as they came: where they begin says so.
        entries.sort { ($0.order, $0.start) < ($1.order, $1.start) }
    }

    private mutating func endRun() throws(SpillFailure) {
        sortEntries()
        for entry in entries {
            try runs.beginRecord(order: entry.order, count: entry.count)
            try runs.append(UnsafeRawBufferPointer(start: gathered.base + entry.start, count: entry.count))
        }
        try runs.endRun()
        hasRuns = true
        entries.removeAll(keepingCapacity: true)
        gathered.removeAll()
    }

    /// Gives all records back in order.
    ///
    /// - Parameter body: Receives a record's number and bytes, which are valid until it returns.
    /// - Throws: ``SpillFailure``, and what `body` throws.
    consuming func handOut(_ body: (UInt64, UnsafeRawBufferPointer) throws -> Void) throws {
        guard hasRuns else {
            sortEntries()
            for entry in entries {
                try body(entry.order, UnsafeRawBufferPointer(start: gathered.base + entry.start, count: entry.count))
            }
            return
        }
        try endRun()
        // What was gathered is on disk now.
        gathered = OutputBuffer()
        var merged = try runs.merged()
        while let (order, bytes) = try merged.next() { try body(order, bytes) }
    }
}
