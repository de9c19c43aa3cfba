// Which records and conversations of a run are converted.

internal import InteractionMapping
internal import InteractionModel

/// Decides about one legacy record or conversation after the other, in the order of the run.
struct RecordSelection: Sendable {
    /// What is taken of some consecutive records.
    struct Taken<Record> {
        var records: [Record]
        var positions: RunPositions
        /// The books of those that were not looked at.
        var besides = Books()
        /// Whether there are more than were asked for.
        var isCut = false
    }

    private let limit: Int
    /// The positions that make the sample; nil where all are taken.
    private let sample: Set<Int>?
    private let finished: FinishedItems
    /// How many have been decided about.
    private(set) var position = 0

    init(limit: Int?, sample: Set<Int>?, finished: FinishedItems = FinishedItems()) {
        self.limit = limit ?? .max
        self.sample = sample
        self.finished = finished
    }

    /// Whether as many have been seen as were asked for.
    var isFull: Bool { position >= limit }

    /// Decides about the next one.
    ///
    /// - Returns: Why it is left out; nil if it is taken.
    mutating func next() -> Rebooking? {
        defer { position += 1 }
        if position >= limit { return .limit }
        if let sample, !sample.contains(position) { return .sample }
        return finished.contains(position) ? .finishedEarlier : nil
    }

    /// Decides about some records.
    mutating func take<Record>(_ records: [Record]) -> Taken<Record> {
        if limit == .max, sample == nil, position >= finished.end {
            let first = position
            position += records.count
            return Taken(records: records, positions: RunPositions(items: Array(first..<position), end: position))
        }
        let seen = records.prefix(max(0, limit - position))
        var taken = Taken<Record>(records: [], positions: RunPositions())
        for record in seen {
            let own = position
            if let reason = next() {
                taken.besides.records.total += 1
                taken.besides.records.dropped[reason.rule.description, default: 0] += 1
            } else {
                taken.records.append(record)
                taken.positions.items.append(own)
            }
        }
        taken.positions.end = position
        taken.isCut = seen.count < records.count
        return taken
    }
}

extension RecordSelection.Taken: Sendable where Record: Sendable {}
