// What a run did, in numbers that must balance.

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
    }

    /// The counts by level.
    public private(set) var books = Books()
    /// Interactions written.
    public private(set) var interactions = 0
    /// Records by generation or profile.
    public private(set) var generations: [String: Int] = [:]
    /// Findings by kind, in the order of their codes.
    public private(set) var findings: [FindingCount] = []
    /// The field ledger, sorted by generation, path, disposition and note.
    public private(set) var fields: [Field] = []
    /// Whether the run was stopped before its end.
    public private(set) var wasInterrupted = false
    /// The version of the system's time zone data, such as `2025b`, if times were read by it.
    public internal(set) var timeZoneData: String?
    /// Whether an input could not be read to its end.
    public private(set) var hasUnreadableInput = false
    /// Whether an error concerns an input and no record of it.
    public private(set) var hasInputError = false
    /// Whether more was rejected than ``ConversionOptions/acceptedRejects`` allows. The run may have stopped there, and
    /// then its books are not closed.
    public internal(set) var exceedsRejects = false

    /// How often each rule of each profile gave something, by its number.
    package private(set) var ruleHits: [[Int]] = []

    private var findingIndex: [FindingCode: Int] = [:]
    /// Records of one generation or profile in a row, before they are added to ``generations``.
    private var counting: (name: String?, records: Int) = (nil, 0)

    /// Records so far.
    var recordCount: Int { books.records.total }

    /// Whether every level's counts add up.
    public var isBalanced: Bool { books.isBalanced }

    /// Books a batch and gives its Interactions their positions in the run.
    mutating func add(_ batch: inout ConvertedBatch) {
        books += batch.books
        for index in batch.outcomes.indices {
            for output in batch.outcomes[index].outputs.indices {
                batch.outcomes[index].outputs[output].index += interactions
            }
            let outcome = batch.outcomes[index]
            let name = outcome.generation?.rawValue ?? outcome.profile
            if name != counting.name {
                settleGeneration()
                counting.name = name
            }
            counting.records += outcome.recordCount
            for finding in outcome.findings { add(finding) }
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
    mutating func book(inputs: Books.Level, _ inputFindings: [Finding], wasInterrupted: Bool) {
        books.files += inputs
        if wasInterrupted { self.wasInterrupted = true }
        for finding in inputFindings {
            add(finding)
            if finding.code == .inputUnreadable { hasUnreadableInput = true }
            if finding.severity == .error { hasInputError = true }
        }
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
