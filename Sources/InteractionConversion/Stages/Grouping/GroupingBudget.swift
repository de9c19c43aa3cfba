// How the memory of grouping is shared out between what it is needed for.

/// The sizes of everything that grouping holds, so that they never exceed the whole together.
struct GroupingBudget: Sendable {
    /// Below this nothing useful fits.
    static let least = 64 << 10

    /// All that may be held at once, in bytes.
    let memory: Int
    /// How many files a spill is divided into, a power of two.
    var partitions: Int
    /// What is written to a file, or read from it, at once.
    var transferBytes: Int
    /// How many sorted runs are merged at once.
    var fanIn: Int

    /// Shares out an amount of memory.
    ///
    /// - Parameter memory: Bytes; at least ``least`` are taken.
    init(memory: Int) {
        self.memory = max(memory, Self.least)
        transferBytes = 512
        while transferBytes < 256 << 10, transferBytes * 1024 <= self.memory { transferBytes *= 2 }
        partitions = 64
        while partitions * transferBytes > self.memory / 8 { partitions /= 2 }
        fanIn = min(self.memory / 4 / transferBytes, 256)
    }

    /// What conversations may take while they are gathered.
    ///
    /// The rest is for the partitions that they go to when it is exceeded, and for one reader and one writer.
    var gatheringBytes: Int { memory - (partitions + 4) * transferBytes }

    /// The number of partitions that lets each of so many bytes be gathered in memory.
    ///
    /// - Parameter bytes: The size of a spill file that was too large.
    /// - Returns: A power of two.
    func partitions(for bytes: Int64) -> Int {
        var count = 2
        // Twice the size of the file, since memory also holds what finds the conversations.
        while count < partitions, Int64(count) * Int64(gatheringBytes) < bytes * 2 { count *= 2 }
        return count
    }
}
