// Records on disk in sorted runs, and their merging.

/// A part of a file with records in order.
private struct SortedRun {
    /// What precedes each record.
    struct Header: BitwiseCopyable {
        let order: UInt64
        let count: Int
    }

    let file: SpillFile
    let range: Range<Int64>
}

/// Records of bytes in runs that are sorted by a number each, merged in bounded memory.
struct SortedRuns: ~Copyable {
    private let folder: String
    private let budget: GroupingBudget
    // Safety: pages of this value, given back in `deinit`; the file writes through it no longer than that.
    private let buffer: UnsafeMutableRawBufferPointer
    private let file: SpillFile
    private var start: Int64 = 0
    private var runs: [SortedRun] = []

    init(folder: String, budget: GroupingBudget) {
        self.folder = folder
        self.budget = budget
        buffer = Pages.take(budget.transferBytes)
        file = SpillFile(folder: folder, buffer: buffer)
    }

    deinit { Pages.giveBack(buffer) }

    var isEmpty: Bool { runs.isEmpty }

    /// Begins a record of the current run.
    ///
    /// - Parameters:
    ///   - order: What runs are sorted by; not less than that of the record before.
    ///   - count: The bytes that will be appended to it.
    /// - Throws: ``SpillFailure``.
    func beginRecord(order: UInt64, count: Int) throws(SpillFailure) {
        try file.append(value: SortedRun.Header(order: order, count: count))
    }

    /// Appends bytes to the current record.
    ///
    /// - Parameter bytes: The next of them.
    /// - Throws: ``SpillFailure``.
    func append(_ bytes: UnsafeRawBufferPointer) throws(SpillFailure) { try file.append(bytes) }

    /// Appends a value as it lies in memory.
    ///
    /// - Parameter value: A number.
    /// - Throws: ``SpillFailure``.
    func append<Value: BitwiseCopyable>(value: Value) throws(SpillFailure) { try file.append(value: value) }

    /// Ends the current run; the next record begins another.
    ///
    /// - Throws: ``SpillFailure``.
    mutating func endRun() throws(SpillFailure) {
        try file.flush()
        if file.count > start { runs.append(SortedRun(file: file, range: start..<file.count)) }
        start = file.count
    }

    /// Ends the writing and merges all runs.
    ///
    /// - Returns: The records of all in order.
    /// - Throws: ``SpillFailure``.
    /// - Complexity: All bytes once; once more for each time that the runs are too many to be merged at once.
    consuming func merged() throws(SpillFailure) -> MergedRuns {
        try file.endWriting()
        var runs = runs
        while runs.count > budget.fanIn { try mergeSome(of: &runs) }
        return try MergedRuns(runs, transferBytes: budget.transferBytes)
    }

    /// Makes one run of the earliest, so that in the end there are just as many as can be merged at once.
    private func mergeSome(of runs: inout [SortedRun]) throws(SpillFailure) {
        let count = min(budget.fanIn, runs.count - budget.fanIn + 1)
        let buffer = Pages.take(budget.transferBytes)
        defer { Pages.giveBack(buffer) }
        let target = SpillFile(folder: folder, buffer: buffer)
        var merged = try MergedRuns(Array(runs[..<count]), transferBytes: budget.transferBytes)
        while let (header, reader) = try merged.nextUnread() {
            try target.append(value: header)
            try reader.forward(header.count) { (piece) throws(SpillFailure) in try target.append(piece) }
        }
        try target.endWriting()
        runs.removeFirst(count)
        runs.append(SortedRun(file: target, range: 0..<target.count))
    }
}

/// The records of several runs in order, one after another.
struct MergedRuns: ~Copyable {
    private typealias Head = (header: SortedRun.Header, reader: SpillReader)

    /// What the readers read into.
    private let buffers = ScratchPages()
    /// A binary heap of the next records: each comes no later than the two below it.
    private var heads: [Head] = []
    /// Whether the first head has been handed out.
    private var isFirstUsed = false

    fileprivate init(_ runs: [SortedRun], transferBytes: Int) throws(SpillFailure) {
        let memory = buffers.lend(runs.count * transferBytes)
        let scratch = ScratchPages()
        for (index, run) in runs.enumerated() {
            let part = memory[index * transferBytes..<(index + 1) * transferBytes]
            let buffer = UnsafeMutableRawBufferPointer(rebasing: part)
            let reader = SpillReader(run.file, run.range, buffer: buffer, scratch: scratch)
            heads.append((try reader.take(SortedRun.Header.self), reader))
        }
        // Ascending order is a heap.
        heads.sort { $0.header.order < $1.header.order }
    }

    /// Lends the next record until the next call.
    ///
    /// - Returns: What it is sorted by, and its bytes; nil after the last.
    /// - Throws: ``SpillFailure``.
    mutating func next() throws(SpillFailure) -> (order: UInt64, bytes: UnsafeRawBufferPointer)? {
        guard let (header, reader) = try nextUnread() else { return nil }
        return (header.order, try reader.take(header.count))
    }

    /// Finds the next record, whose bytes must be taken from its reader before the next call.
    fileprivate mutating func nextUnread() throws(SpillFailure) -> (SortedRun.Header, SpillReader)? {
        if isFirstUsed { try replaceFirst() }
        isFirstUsed = true
        return heads.first
    }

    private mutating func replaceFirst() throws(SpillFailure) {
        guard let first = heads.first, let last = heads.last else { return }
        if first.reader.remaining > 0 {
            heads[0].header = try first.reader.take(SortedRun.Header.self)
        } else {
            heads[0] = last
            heads.removeLast()
        }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heads.count else { return }
            if child + 1 < heads.count, heads[child + 1].header.order < heads[child].header.order { child += 1 }
            guard heads[child].header.order < heads[index].header.order else { return }
            heads.swapAt(index, child)
            index = child
        }
    }
}
