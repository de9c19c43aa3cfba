// A conversion beside a ledger: what was submitted as it is, what has changed since, what is new, what is gone.

public import InteractionConversion
public import InteractionLedger
public import InteractionModel

/// A message that is not in the tenant's hands as it is now.
public struct SubmissionDifference: Sendable, Hashable {
    /// What is the matter with it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It was registered with other content.
        case changed
        /// The ledger does not know it.
        case new
        /// The tenant has refused it.
        case refused
        /// It was registered, and has no outcome yet.
        case pending
        /// The ledger has it, and the inputs do not.
        case gone
    }

    /// What is the matter with it.
    public var kind: Kind
    /// The thread.
    public var threadId: String
    /// The request.
    public var requestId: String
    /// The part's number, from 1.
    public var part: Int
    /// The input it is in; of what is gone, the input it came from.
    public var file: String
    /// Its number in that input, from 1.
    public var record: Int
    /// The request that it was registered with, if that is another one.
    public var earlierRequestId: String?
    /// What the ledger says of it; nil for what it does not know.
    public var state: MessageState?
    /// The last HTTP status or WebSocket close code.
    public var status: Int?
    /// What was said last, without content.
    public var reason: String?

    /// The difference as one JSON object on one line.
    public var json: String {
        OutputBuffer.text(object: {
            $0.member("difference", kind.rawValue)
            $0.member("threadId", threadId)
            $0.member("requestId", requestId)
            $0.member("part", part)
            $0.member("file", file)
            $0.member("record", record)
            if let earlierRequestId { $0.member("earlierRequestId", earlierRequestId) }
            if let state { $0.member("state", state.name) }
            if let status { $0.member("status", status) }
            if let reason { $0.member("reason", reason) }
        })
    }
}

/// Compares inputs with a ledger, and sends nothing.
public struct LedgerDiff: Sendable {
    /// What a comparison came to.
    public struct Report: Sendable {
        /// Messages of the inputs.
        public internal(set) var messages = 0
        /// Of these, messages that the tenant has as they are.
        public internal(set) var submitted = 0
        /// Messages that came up before in the inputs.
        public internal(set) var duplicates = 0
        /// Everything else, by what is the matter with it.
        public internal(set) var differences: [SubmissionDifference.Kind: Int] = [:]
        /// Records that are no valid message and cannot become one.
        public internal(set) var invalid = 0
        /// Whether an input could not be read to its end, or is of no known format.
        public internal(set) var hasUnreadableInput = false
        /// Whether the comparison was stopped before its end.
        public internal(set) var wasInterrupted = false

        /// Whether the tenant has what the inputs hold, and nothing else.
        public var isEqual: Bool { differences.isEmpty }

        /// The counts as one JSON object on one line.
        public var json: String {
            OutputBuffer.text(object: {
                $0.member("messages", messages)
                $0.member("submitted", submitted)
                for kind in SubmissionDifference.Kind.allCases { $0.member(kind.rawValue, differences[kind] ?? 0) }
                $0.member("duplicates", duplicates)
                $0.member("invalid", invalid)
            })
        }
    }

    private let ledger: String
    private let conversion: ConversionOptions

    /// Makes a comparison.
    ///
    /// - Parameters:
    ///   - ledger: The ledger's file.
    ///   - conversion: How inputs are read that are no finished Interactions.
    public init(ledger: String, conversion: ConversionOptions = ConversionOptions()) {
        self.ledger = ledger
        self.conversion = conversion
    }

    /// Reads inputs, which may be all that `submit` takes, and compares each message with the ledger.
    ///
    /// A conversation whose ids are derived has another request when it changes. It counts as changed if its thread has
    /// a message in the ledger that is gone.
    ///
    /// - Parameters:
    ///   - files: Paths, folders or patterns; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - finding: Receives what is wrong with records.
    ///   - deliver: Receives each difference: in the order of the inputs, then those of known threads, then what is gone.
    /// - Returns: The counts.
    /// - Throws: `LedgerError`, `InputSelectionFailure`, and what `deliver` throws.
    @concurrent
    public func run(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false },
        finding: (Finding) -> Void = { _ in },
        deliver: (SubmissionDifference) throws -> Void
    ) async throws -> Report {
        let ledger = try Ledger(ledger, .reading)
        let scratch = try Ledger("", .temporary)
        var comparison = Comparison()
        let read = try await Converter(conversion).ready(files: files, isStopped: isStopped) { batch, _ in
            for one in batch.findings { finding(one) }
            for refused in batch.refused { finding(refused.finding) }
            let entries = batch.messages.map { LedgerEntry($0) }
            let here = try await scratch.register(entries, takesChanges: true)
            let matches = try ledger.compare(entries, met: &comparison.met)
            for (entry, (here, match)) in zip(entries, zip(here, matches)) {
                guard here.kind != .duplicate else {
                    comparison.report.messages += 1
                    comparison.report.duplicates += 1
                    continue
                }
                if let difference = comparison.add(entry, match) { try deliver(difference) }
            }
        }
        comparison.report.invalid = read.refused
        comparison.report.hasUnreadableInput = read.hasUnreadableInput
        comparison.report.wasInterrupted = read.wasInterrupted
        // What was not read is not gone.
        if !read.wasInterrupted, !read.hasUnreadableInput { try comparison.finish(ledger, deliver) }
        try await ledger.close()
        return comparison.report
    }
}

/// Counts, and holds back what may turn out to be the change of something that is gone.
private struct Comparison {
    var report = LedgerDiff.Report()
    var met = RowSet()
    private var held: [SubmissionDifference] = []

    /// Books a message.
    ///
    /// - Returns: The difference, if it is known to be one.
    mutating func add(_ entry: LedgerEntry, _ match: LedgerMatch) -> SubmissionDifference? {
        report.messages += 1
        var difference = SubmissionDifference(entry, .new)
        difference.state = match.state
        difference.status = match.status
        difference.reason = match.reason
        switch match.state {
        case .accepted, .completed:
            report.submitted += 1
            return nil
        case .rejected: difference.kind = .refused
        case .planned, .sent, .unknown: difference.kind = .pending
        case nil where match.hasOthers: difference.kind = .changed
        case nil:
            if match.isThreadKnown {
                held.append(difference)
                return nil
            }
        }
        count(difference.kind)
        return difference
    }

    /// Decides what was held back, and finds what is gone.
    mutating func finish(_ ledger: Ledger, _ deliver: (SubmissionDifference) throws -> Void) throws {
        let threads = Set(held.map(\.threadId))
        var gone: [String: [(row: Int64, message: MessageRecord)]] = [:]
        if !threads.isEmpty {
            try ledger.forEachMessage(notIn: met) { row, message in
                if threads.contains(message.threadId) { gone[message.threadId, default: []].append((row, message)) }
            }
        }
        for var difference in held {
            if let index = gone[difference.threadId]?.firstIndex(where: { $0.message.part == difference.part }),
                let (row, message) = gone[difference.threadId]?.remove(at: index)
            {
                difference.kind = .changed
                difference.earlierRequestId = message.requestId
                _ = met.insert(row)
            }
            count(difference.kind)
            try deliver(difference)
        }
        var lost = 0
        try ledger.forEachMessage(notIn: met) { _, message in
            lost += 1
            try deliver(SubmissionDifference(gone: message))
        }
        if lost > 0 { report.differences[.gone] = lost }
    }

    private mutating func count(_ kind: SubmissionDifference.Kind) { report.differences[kind, default: 0] += 1 }
}

extension SubmissionDifference {
    fileprivate init(_ entry: LedgerEntry, _ kind: Kind) {
        self.init(
            kind: kind,
            threadId: entry.threadId,
            requestId: entry.requestId,
            part: entry.part,
            file: entry.input,
            record: entry.record
        )
    }

    fileprivate init(gone message: MessageRecord) {
        self.init(
            kind: .gone,
            threadId: message.threadId,
            requestId: message.requestId,
            part: message.part,
            file: message.input,
            record: message.record,
            state: message.state,
            status: message.status,
            reason: message.reason
        )
    }
}
