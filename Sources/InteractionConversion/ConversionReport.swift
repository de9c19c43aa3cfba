// What a run did: books that must balance, findings, fields, and what the result looks like.

public import InteractionMapping
public import InteractionModel

/// The result of a run.
public struct ConversionReport: Sendable {
    /// One line of the field ledger.
    public struct Field: Sendable, Hashable {
        /// The generation whose path it is, or `unrecognized`.
        public var generation: String
        /// The source path; `[]` stands for any element, `*` for keys that are data.
        public var path: String
        /// What became of the values there.
        public var disposition: Disposition
        /// The target path, or the rule.
        public var note: String
        /// How many values.
        public var count: Int
    }

    /// How often a kind of finding came up, and where first.
    public struct FindingCount: Sendable, Hashable {
        /// The kind.
        public var code: FindingCode
        /// The highest severity seen.
        public var severity: Finding.Severity
        /// How often.
        public var count: Int
        /// The first one, in input order.
        public var first: Finding
        /// Those that follow it, up to ``largestExampleCount`` together with it.
        public var next: [Finding] = []

        /// As many as are shown of one kind.
        public static let largestExampleCount = 3

        /// The first ones, in input order.
        public var examples: [Finding] { [first] + next }
    }

    /// How many participants of one role got their ids by one rule.
    public struct ParticipantCount: Sendable, Hashable {
        /// The role in the target.
        public var role: ParticipantRole
        /// The rule, as the outcome file names it.
        public var rule: String
        /// How many, each once in a conversation.
        public var count: Int
    }

    /// The counts by level.
    public private(set) var books = Books()
    /// Interactions written.
    public private(set) var interactions = 0
    /// How large they are.
    public private(set) var sizes = MessageSizes()
    /// Records, or conversations, that became several Interactions because of their size.
    public private(set) var splitRecords = 0
    /// The Interactions that these became.
    public private(set) var parts = 0
    /// Bytes read, as stored; an input that is read once for each of several places counts as often.
    public private(set) var bytesRead: Int64 = 0
    /// Records by generation or profile.
    public private(set) var generations: [String: Int] = [:]
    /// Findings by kind, in the order of their codes.
    public private(set) var findings: [FindingCount] = []
    /// The field ledger, sorted by generation, path, disposition and note.
    public private(set) var fields: [Field] = []
    /// The structures of records, those of most records first; empty unless asked for.
    public private(set) var shapes: [RecordShape] = []
    /// Records of other structures, which are too many to be told apart.
    public private(set) var otherRecords = 0
    /// Whether the run was stopped before its end.
    public private(set) var wasInterrupted = false
    /// The version of the system's time zone data, such as `2025b`, if times were read by it.
    public internal(set) var timeZoneData: String?
    /// Whether an input could not be read to its end.
    public private(set) var hasUnreadableInput = false
    /// Whether an error concerns an input and no record of it.
    public private(set) var hasInputError = false
    /// Whether more was rejected than ``ConversionOptions/acceptedRejects`` allows.
    ///
    /// The run may have stopped there, and then its books are not closed.
    public internal(set) var exceedsRejects = false

    /// How often each rule of each profile gave something, by its number.
    package private(set) var ruleHits: [[Int]] = []

    private var tally = Tally()
    private var findingIndex: [FindingCode: Int] = [:]
    /// Records of one generation or profile in a row, before they are added to ``generations``.
    private var counting: (name: String?, records: Int) = (nil, 0)

    /// Records so far.
    var recordCount: Int { books.records.total }

    /// Records so far that an earlier run had finished with.
    var finishedEarlier: Int { books.records.dropped[Rebooking.finishedEarlier.rule.description] ?? 0 }

    /// Whether every level's counts add up.
    public var isBalanced: Bool { books.isBalanced }

    /// The participants of what was converted, by role and rule; what nobody has is left out.
    public var participants: [ParticipantCount] {
        tally.participantCounts.map { ParticipantCount(role: $0.role, rule: $0.rule, count: $0.count) }
    }

    /// The conversations and messages of what was converted, over time.
    public var timeline: Timeline { tally.timeline }

    /// Books a batch, hands it out, and ends the run if that was one rejection too many.
    mutating func take(
        _ batch: consuming ConvertedBatch,
        bytesRead: Int64,
        _ options: ConversionOptions,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws {
        add(&batch)
        try await deliver(
            batch,
            Converter.Progress(bytesRead: bytesRead, records: recordCount, finishedEarlier: finishedEarlier)
        )
        try options.acceptedRejects?.check(books.records)
    }

    /// Books a batch and gives its Interactions their positions in the run.
    mutating func add(_ batch: inout ConvertedBatch) {
        books += batch.books
        tally += batch.tally
        for index in batch.outcomes.indices {
            for output in batch.outcomes[index].outputs.indices {
                batch.outcomes[index].outputs[output].index += interactions
                sizes.add(batch.outcomes[index].outputs[output].size)
            }
            for output in batch.outcomes[index].foldedInto.indices {
                batch.outcomes[index].foldedInto[output].index += interactions
            }
            // Where it lies, since a copy of an outcome counts all its references.
            if batch.outcomes[index].outputs.count > 1 {
                splitRecords += 1
                parts += batch.outcomes[index].outputs.count
            }
            let name = batch.outcomes[index].generation?.rawValue ?? batch.outcomes[index].profile
            if name != counting.name {
                settleGeneration()
                counting.name = name
            }
            counting.records += batch.outcomes[index].recordCount
            for finding in batch.outcomes[index].findings { add(finding) }
        }
        for finding in batch.findings {
            add(finding)
            if finding.severity == .error { hasInputError = true }
        }
        interactions += batch.interactionCount
    }

    private mutating func settleGeneration() {
        guard counting.records > 0 else { return }
        generations[counting.name ?? "unrecognized", default: 0] += counting.records
        counting.records = 0
    }

    mutating func add(_ finding: Finding) {
        if let known = findingIndex[finding.code] {
            findings[known].count += 1
            if finding.severity == .error || findings[known].severity == .note {
                findings[known].severity = finding.severity
            }
            if findings[known].next.count < FindingCount.largestExampleCount - 1 {
                findings[known].next.append(finding)
            }
        } else {
            findingIndex[finding.code] = findings.count
            findings.append(FindingCount(code: finding.code, severity: finding.severity, count: 1, first: finding))
        }
    }

    /// Adds counts that belong to no batch.
    mutating func book(_ books: Books) { self.books += books }

    /// Notes how often the rules of profiles gave something.
    mutating func count(rules hits: [[Int]]) {
        if ruleHits.isEmpty {
            ruleHits = hits
            return
        }
        for (profile, counts) in hits.enumerated() {
            if ruleHits[profile].isEmpty {
                ruleHits[profile] = counts
            } else {
                for (rule, count) in counts.enumerated() { ruleHits[profile][rule] += count }
            }
        }
    }

    /// Adds what became of inputs as a whole.
    mutating func book(
        inputs: Books.Level,
        _ inputFindings: [Finding],
        bytesRead: Int64 = 0,
        wasInterrupted: Bool
    ) {
        books.files += inputs
        self.bytesRead += bytesRead
        if wasInterrupted { self.wasInterrupted = true }
        for finding in inputFindings {
            add(finding)
            if finding.code == .inputUnreadable { hasUnreadableInput = true }
            if finding.severity == .error { hasInputError = true }
        }
    }

    mutating func tell(_ shapes: ShapeCounter) {
        self.shapes = shapes.shapes.enumerated()
            .sorted { (-$0.element.records, $0.offset) < (-$1.element.records, $1.offset) }.map(\.element)
        otherRecords = shapes.otherRecords
    }

    mutating func finish(fields totals: [FieldTotal: Int]) {
        settleGeneration()
        findings.sort { $0.code.rawValue < $1.code.rawValue }
        findingIndex = [:]
        fields = FieldTotal.report(totals).map {
            Field(
                generation: $0.generation,
                path: $0.path,
                disposition: $0.disposition,
                note: $0.note,
                count: $0.count
            )
        }
    }
}
