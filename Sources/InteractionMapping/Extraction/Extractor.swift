// From decoded records to fragments of conversations, by the plan of a profile.

package import InteractionModel

/// What the values that a rule used have become; the words of the field ledger.
enum FieldTarget: UInt8, CaseIterable {
    case unused
    case key
    case content
    case time
    case participantId
    case displayName
    case role
    case field
    case metadata
    case link
    case event
    /// What the profile says by its own words, such as the type that makes an item a message.
    case decision

    var note: StaticString {
        switch self {
        case .unused: ""
        case .key: "conversation key"
        case .content: "messages[].content"
        case .time: "messages[].timestamp"
        case .participantId: "participants[].participantId"
        case .displayName: "participants[].displayName"
        case .role: "participants[].role"
        case .field: "payload fields"
        case .metadata: "conversations[].metadata"
        case .link: "request.resources.links"
        case .event: "request.scope.interactions"
        case .decision: "kind of entry"
        }
    }
}

/// Applies one profile to one record after the other; a run has as many as jobs.
///
/// Pure and synchronous. What it gives for a record depends on the record, its context and the side tables alone.
package struct Extractor: ~Copyable {
    let profile: Profile
    let options: MappingOptions
    let worker: UInt32
    var tables: [String: SideTable]
    package internal(set) var ledger = FieldLedger()
    package internal(set) var books = Books()
    /// How often each rule of the profile gave something, by its number.
    package internal(set) var hits: [Int]
    /// Findings about records that gave no fragment, in order.
    package internal(set) var rejections: [RecordOutcome] = []
    var rules: [RecordRule] = []
    var rootPath: FieldLedger.Path
    var texts = TextArena()
    var html = HTMLText()
    var patterns: [String: Regex<AnyRegexOutput>] = [:]
    var times: [TimeKey: TimeReader] = [:]
    /// The target of each node of the record that a rule has used.
    var marks: [UInt8] = []
    /// Targets of the context's nodes.
    var contextMarks: Set<Int> = []
    /// Which entry of the record each of its nodes belongs to; -1 for none.
    var owners: [Int32] = []
    var entryCount = 0
    /// The time of the entry before, for times that count from it.
    var previousInstant: Instant?
    var timeBuffer = OutputBuffer(capacity: 64)
    /// The path of the value that is being accounted for.
    var path = OutputBuffer(capacity: 256)
    var file = FileFacts(index: 0, path: "", inner: "")
    var fileName = ""
    var place = Finding.Place(file: "")
    var findings: [Finding] = []
    /// Fragments, each after its key: two lengths, the key, the fragment.
    var output = OutputBuffer(capacity: 64 << 10)

    struct TimeKey: Hashable {
        var format: String
        var locale: String
        var zone: String?
    }

    /// Makes a worker's extractor.
    ///
    /// - Parameters:
    ///   - profile: The plan.
    ///   - options: The choices of the run.
    ///   - worker: Its number among the workers of the run.
    ///   - tables: Side tables by name.
    package init(profile: Profile, options: MappingOptions, worker: Int, tables: [String: SideTable]) {
        self.profile = profile
        self.options = options
        self.worker = UInt32(worker)
        self.tables = tables
        hits = Array(repeating: 0, count: profile.rules.count)
        rootPath = ledger.define(FieldLedger.root, profile.name)
    }

    /// Turns to an input, or to another run of its records.
    ///
    /// - Parameters:
    ///   - file: The input.
    ///   - rules: Which of the profile's record rules are for it.
    package mutating func begin(file: FileFacts, rules: [Int]) {
        books = Books()
        output.removeAll()
        rejections.removeAll()
        guard self.file != file || self.rules.isEmpty else { return }
        self.file = file
        fileName = file.path
        self.rules = rules.map { profile.records[$0] }
    }

    /// Books fields as rejected whose conversations were.
    ///
    /// - Parameter counts: By the ledger's entries, as ``RejectedFields`` has them for this worker.
    /// - Returns: What changes in the books.
    package mutating func reject(_ counts: [Int: Int]) -> Books.Level { ledger.rejectPacked(counts) }

    /// The fragments so far; the caller takes them, and an empty buffer takes their place.
    package mutating func takeOutput() -> OutputBuffer {
        var taken = OutputBuffer(capacity: output.count + output.count / 8)
        swap(&taken, &output)
        return taken
    }

    /// Extracts what a record says.
    ///
    /// - Parameters:
    ///   - record: The record's values.
    ///   - context: What surrounds it.
    ///   - origin: Where it lies; ``FragmentOrigin/worker`` is filled in.
    package mutating func extract(_ record: JSONView, context: JSONView?, origin: FragmentOrigin) {
        books.records.total += 1
        texts.reset()
        findings.removeAll(keepingCapacity: true)
        contextMarks.removeAll(keepingCapacity: true)
        let nodes = record.next(record.root)
        marks.removeAll(keepingCapacity: true)
        marks.append(contentsOf: repeatElement(0, count: nodes))
        owners.removeAll(keepingCapacity: true)
        owners.append(contentsOf: repeatElement(-1, count: nodes))
        entryCount = 0
        previousInstant = nil
        let leaves = record.leafCount(record.root)
        books.sourceFields.total += leaves
        place = Finding.Place(
            file: fileName,
            record: Int(origin.record),
            line: origin.line == 0 ? nil : Int(origin.line),
            column: origin.line == 0 ? nil : Int(origin.column),
            offset: origin.start
        )
        let scope = Scope(record: record, context: context)
        guard let rule = rules.first(where: { rule in rule.condition.map { holds($0, scope) } ?? true }) else {
            drop(record, "other-record")
            return
        }
        var fragment = origin
        fragment.worker = worker
        let mark = output.count
        guard let key = conversationKey(rule, scope) else {
            reject(record, origin)
            return
        }
        let start = begin(key)
        extract(rule, scope)
        account(record, context, rule)
        for finding in findings { append(finding) }
        end(from: mark, start, fragment)
    }

    private mutating func conversationKey(_ rule: RecordRule, _ scope: Scope) -> TextSlice? {
        guard let expression = rule.conversation.key else {
            return rule.conversation.gap == nil ? texts.keep("\0\(file.index)#\(place.record ?? 0)") : texts.keep("\0")
        }
        if let key = text(expression, scope, .key) { return key }
        findings.append(
            Finding(
                .keyMissing,
                .error,
                stage: .map,
                place: place,
                path: expression.paths.joined(separator: ", "),
                message: "the record does not say which conversation it belongs to",
                remedy: "give another key in the profile, or leave the record out"
            )
        )
        return nil
    }

    /// How a key begins that no source has given: a zero byte as the canonical writer spells it.
    static var madeUpKey: String { "\\u0000" }

    // MARK: Fragments

    /// Starts a fragment after its two lengths and its key.
    ///
    /// - Returns: Where the fragment itself begins.
    private mutating func begin(_ key: TextSlice) -> Int {
        output.reserve(8)
        output.count += 8
        output.append(content: key)
        let start = output.count
        output.reserveHeader()
        return start
    }

    private mutating func end(from mark: Int, _ start: Int, _ origin: FragmentOrigin) {
        let journalStart = output.count
        books.sourceFields += ledger.pack(into: &output)
        let lengths = UnsafeMutableRawPointer(output.base + mark)
        lengths.storeBytes(of: UInt32(truncatingIfNeeded: start - mark - 8), as: UInt32.self)
        lengths.storeBytes(of: UInt32(truncatingIfNeeded: output.count - start), toByteOffset: 4, as: UInt32.self)
        output.writeHeader(origin, at: start, journal: output.count - journalStart)
    }

    private mutating func drop(_ record: JSONView, _ rule: StaticString) {
        books.records.dropped[rule.description, default: 0] += 1
        ledger.count(all: rootPath, record, record.root, .dropped, rule)
        books.sourceFields += ledger.commit()
    }

    private mutating func reject(_ record: JSONView, _ origin: FragmentOrigin) {
        ledger.rollBack()
        books.records.rejected += 1
        ledger.count(all: rootPath, record, record.root, .rejected, "record")
        books.sourceFields += ledger.commit()
        var outcome = RecordOutcome(
            file: fileName,
            record: Int(origin.record),
            bytes: origin.start..<origin.end,
            kind: .rejected
        )
        outcome.findings = findings
        rejections.append(outcome)
    }

    /// Notes something about the record at hand; it travels with its fragment.
    mutating func note(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        path: String?,
        message: String,
        remedy: String? = nil
    ) {
        guard findings.count < Self.findingsPerRecord else { return }
        findings.append(
            Finding(code, severity, stage: .map, place: place, path: path, message: message, remedy: remedy)
        )
    }

    /// A record of a million faults must not fill the memory.
    private static let findingsPerRecord = 100

    private mutating func append(_ finding: Finding) {
        output.append(.finding, detail: finding.severity.wireCode) { out in
            for text in [finding.code.rawValue, finding.path ?? "", finding.message, finding.remedy ?? ""] {
                out.append(name: { $0.append(text: text) })
            }
        }
    }
}
