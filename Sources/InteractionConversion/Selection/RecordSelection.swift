// Which records and conversations of a run are converted.

internal import InteractionMapping
internal import InteractionModel

/// Decides about one legacy record or conversation after the other, in the order of the run.
struct RecordSelection: Sendable {
    /// What is taken of some consecutive records.
    struct Taken<Record> {
        var records: [Record]
        /// How many are none of the sample.
        var besides: Int
        /// Whether there are more than were asked for.
        var isCut: Bool
    }

    private let limit: Int
    /// The positions that make the sample; nil where all are taken.
    private let sample: Set<Int>?
    private var position = 0

    init(limit: Int?, sample: Set<Int>?) {
        self.limit = limit ?? .max
        self.sample = sample
    }

    /// Whether as many have been seen as were asked for.
    var isFull: Bool { position >= limit }

    /// Decides about the next one.
    ///
    /// - Returns: Why it is left out; nil if it is taken.
    mutating func next() -> Rebooking? {
        defer { position += 1 }
        if position >= limit { return .limit }
        return sample.map { $0.contains(position) } ?? true ? nil : .sample
    }

    /// Decides about some records.
    mutating func take<Record>(_ records: [Record]) -> Taken<Record> {
        if limit == .max, sample == nil { return Taken(records: records, besides: 0, isCut: false) }
        let seen = records.prefix(max(0, limit - position))
        var taken: [Record] = []
        for record in seen where next() == nil { taken.append(record) }
        return Taken(records: taken, besides: seen.count - taken.count, isCut: seen.count < records.count)
    }
}

extension Books {
    /// The books of records that were not looked at.
    init(besides count: Int) {
        self.init()
        guard count > 0 else { return }
        records.total = count
        records.dropped[Rebooking.sample.rule.description] = count
    }
}
