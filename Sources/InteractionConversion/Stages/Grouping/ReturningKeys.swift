// Which conversations return after others have come between, for any number of them in constant memory.

/// Remembers the hashes of keys: the latest in memory, the others in sorted runs on disk.
struct ReturningKeys: ~Copyable {
    private struct Bucket: BitwiseCopyable {
        /// What it is sorted by: the key's hash.
        var order: UInt64
        /// The conversation's ordinal from 1; 0 in an empty bucket.
        var number: UInt64
    }

    private let folder: String
    private let budget: GroupingBudget
    /// As many buckets as there may be.
    private let largest: Int
    // Safety: pages of this value, given back in `deinit`.
    private var buckets: UnsafeMutableBufferPointer<Bucket>
    private var count = 0
    private var runs: SortedRuns

    /// Remembers nothing yet.
    ///
    /// - Parameters:
    ///   - budget: What may be held in memory; a quarter of it is for the latest keys, 8 MiB at most.
    ///   - folder: Where the others go.
    init(budget: GroupingBudget, folder: String) {
        self.budget = budget
        self.folder = folder
        var largest = 1 << 19
        while largest * MemoryLayout<Bucket>.stride > budget.memory / 4 { largest /= 2 }
        self.largest = largest
        buckets = Self.makeBuckets(min(largest, Self.firstCount))
        runs = SortedRuns(folder: folder, budget: budget)
    }

    deinit { Pages.giveBack(UnsafeMutableRawBufferPointer(buckets)) }

    /// Few conversations need little memory, and the first touch of a page is dear.
    private static let firstCount = 1 << 12

    private static func makeBuckets(_ count: Int) -> UnsafeMutableBufferPointer<Bucket> {
        let memory = Pages.take(count * MemoryLayout<Bucket>.stride).bindMemory(to: Bucket.self)
        return UnsafeMutableBufferPointer(rebasing: memory[..<count])
    }

    /// Takes note of a conversation.
    ///
    /// - Parameters:
    ///   - hash: Its key's.
    ///   - ordinal: Its place among all.
    /// - Returns: Whether its key is known to have come before; if not, ``finish(_:)`` may still find out.
    /// - Throws: ``SpillFailure``.
    mutating func insert(_ hash: UInt64, ordinal: Int) throws(SpillFailure) -> Bool {
        let index = place(of: hash)
        if buckets[index].number != 0 { return true }
        buckets[index] = Bucket(order: hash, number: UInt64(ordinal) + 1)
        count &+= 1
        if count &* 4 >= buckets.count &* 3 {
            if buckets.count < largest { grow() } else { try spill() }
        }
        return false
    }

    /// The bucket that holds a hash, or the empty one that would.
    private func place(of hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & (buckets.count &- 1)
        while buckets[index].number != 0, buckets[index].order != hash {
            index = (index &+ 1) & (buckets.count &- 1)
        }
        return index
    }

    private mutating func grow() {
        let former = buckets
        buckets = Self.makeBuckets(former.count * 2)
        for bucket in former where bucket.number != 0 { buckets[place(of: bucket.order)] = bucket }
        Pages.giveBack(UnsafeMutableRawBufferPointer(former))
    }

    /// Writes all that is in memory as a run.
    private mutating func spill() throws(SpillFailure) {
        var kept = 0
        for index in buckets.indices where buckets[index].number != 0 {
            buckets.swapAt(index, kept)
            kept += 1
        }
        var sorted = UnsafeMutableBufferPointer(rebasing: buckets[..<kept])
        sorted.sort { $0.order < $1.order }
        for bucket in sorted {
            try runs.beginRecord(order: bucket.order, count: MemoryLayout<UInt64>.size)
            try runs.append(value: bucket.number)
        }
        try runs.endRun()
        forget()
    }

    /// Finds the conversations that returned without ``insert(_:ordinal:)`` knowing it, and forgets everything.
    ///
    /// - Parameter body: Receives their ordinals in ascending order.
    /// - Throws: ``SpillFailure``, and what `body` throws.
    mutating func finish(_ body: (Int) throws -> Void) throws {
        guard !runs.isEmpty else { return forget() }
        var hashes = try mergeRuns()
        // The memory and the runs are free now, and sort the numbers of those that returned.
        var earliest: (hash: UInt64, number: UInt64)?
        while let (hash, bytes) = try hashes.next() {
            let number = bytes.loadUnaligned(as: UInt64.self)
            if let known = earliest, known.hash == hash {
                try keep(max(number, known.number))
                earliest = (hash, min(number, known.number))
            } else {
                earliest = (hash, number)
            }
        }
        var numbers = try mergeRuns()
        while let (number, _) = try numbers.next() { try body(Int(number) - 1) }
    }

    /// Gives up everything that was remembered, in order.
    private mutating func mergeRuns() throws(SpillFailure) -> MergedRuns {
        try spill()
        var finished = SortedRuns(folder: folder, budget: budget)
        swap(&finished, &runs)
        return try finished.merged()
    }

    private mutating func keep(_ number: UInt64) throws(SpillFailure) {
        if count == buckets.count { try spill() }
        buckets[count] = Bucket(order: number, number: number)
        count += 1
    }

    private mutating func forget() {
        buckets.update(repeating: Bucket(order: 0, number: 0))
        count = 0
    }
}
