// From decoded records to fragments of conversations, by the plan of a profile.

internal import Glibc
package import InteractionModel

/// Applies one profile to one record after the other; a run has as many as jobs.
///
/// Pure and synchronous. What it gives for a record depends on the record, its context and the side tables alone.
///
/// What is called often is `mutating` even where it changes nothing, since Swift 6.3 copies all of an extractor for a call
/// that merely borrows it.
package struct Extractor: ~Copyable {
    let profile: Profile
    let options: MappingOptions
    let worker: UInt32
    /// The first byte of every key: keys of two profiles never meet.
    let keyPrefix: UInt8
    var tables: [String: SideTable]
    package internal(set) var ledger = FieldLedger()
    package internal(set) var books = Books()
    /// Whether each rule of the profile gave something, by its number.
    var reached: Cells<Bool>
    /// Findings about records that gave no fragment, in order.
    package internal(set) var rejections: [RecordOutcome] = []
    var rules: [RecordRule] = []
    /// By what rows of side tables are told from records.
    private var tableConditions: [(condition: Condition, unpacks: [UnpackRule])] = []
    /// ``rules`` as they are executed.
    var plan = ExtractionPlan([])
    /// Whether records are rows of a table, whose columns lie where they lay before.
    let isTable: Bool
    /// Whether no row is for another table, nor changed before it is looked at.
    private var seesRowsAlone = false
    /// Whether a record may have several members of one name.
    let repeatsNames: Bool
    var rootPath: FieldLedger.Path
    /// Made by the first profile that unpacks anything.
    private(set) lazy var unpacker = RecordUnpacker()
    /// Whether rules see records as they were decoded.
    private let seesRecordsAsDecoded: Bool
    var texts = TextArena()
    var html = HTMLText()
    var patterns: [String: Regex<AnyRegexOutput>] = [:]
    /// A reader for each of the plan's times; nil for one that the profile's reader would have refused.
    var timeReaders: [TimeReader?] = []
    /// The target of each node of the record that a rule has used.
    var marks = Cells<UInt8>(repeating: 0, count: 64)
    /// Targets of the context's nodes.
    var contextMarks: Set<Int> = []
    /// What each change of a mark replaced, the latest last: nodes of the record, or, counted down from -1, the
    /// context's.
    var trail = Cells<(node: Int, mark: UInt8)>()
    /// Which entry of the record each of its nodes belongs to, if ``hasOwners``; -1 for none.
    var owners = Cells<Int32>(repeating: -1, count: 64)
    /// Whether nodes of the record belong to different entries.
    var hasOwners = false
    /// Which entry the whole record belongs to, as long as nothing else is known; -1 for none.
    var soleOwner: Int32 = -1
    var nodeCount = 0
    var entryCount = 0
    /// Whether the record is nothing but the entry at hand.
    var isSoleEntry = false
    /// Whether the newest record of the conversation is the first.
    var isNewestFirst = false
    /// The time of the entry before, for times that count from it.
    var previousInstant: Instant?
    /// The time of the last entry of the list at hand that told its own.
    var toldInstant: Instant?
    var timeBuffer = OutputBuffer(capacity: 64)
    /// The path of the value that is being accounted for.
    var path = OutputBuffer(capacity: 256)
    var file = FileFacts(index: 0, path: "", inner: "")
    var origin = FragmentOrigin(file: 0, record: 0, line: 0, column: 0, bytes: 0..<0)
    var findings: [Finding] = []
    /// What items of the record at hand have in common.
    var items = PlainItems()
    /// What rows of a table last came to in the books.
    var rowBooks = RowBooks()
    /// What rows of the table have said of their conversations.
    var told = ToldConversations()
    /// What the next fragment of the same conversation need not say again.
    var previous = PreviousFragment()
    /// Fragments, as ``FragmentGroups`` reads them; before each key its prefix.
    var output = OutputBuffer(capacity: 64 << 10)

    /// Makes a worker's extractor.
    ///
    /// - Parameters:
    ///   - profile: The plan.
    ///   - options: The choices of the run.
    ///   - worker: Its number among the workers of the run.
    ///   - tables: Side tables by name.
    ///   - keyPrefix: The first byte of every conversation's key, by which those of different profiles differ.
    package init(
        profile: Profile,
        options: MappingOptions,
        worker: Int,
        tables: [String: SideTable],
        keyPrefix: UInt8 = 0
    ) {
        self.profile = profile
        self.options = options
        self.worker = UInt32(worker)
        self.keyPrefix = keyPrefix
        // A local, since `&&` would capture a value that is not complete, and Swift 6.3 then frees what was never made.
        let isUnchanged = profile.seesRecordsAsDecoded
        seesRecordsAsDecoded = isUnchanged
        isTable = profile.kind == .csv && isUnchanged
        repeatsNames = profile.kind == .xml
        self.tables = tables
        reached = Cells(repeating: false, count: profile.rules.count)
        rootPath = ledger.define(FieldLedger.root, profile.name)
    }

    /// How many times each rule of the profile is known to have given something, by its number: 0 or 1.
    package var hits: [Int] { (0..<reached.count).map { reached[$0] ? 1 : 0 } }

    /// Turns to an input, or to another run of its records.
    ///
    /// - Parameters:
    ///   - file: The input.
    ///   - rules: Which of the profile's record rules are for it.
    ///   - tables: Which side tables have rows among its records.
    package mutating func begin(file: FileFacts, rules: [Int], besides tables: [Int] = []) {
        books = Books()
        output.removeAll()
        rejections.removeAll()
        previous = PreviousFragment()
        guard self.file != file || self.rules.isEmpty else { return }
        self.file = file
        self.rules = rules.map { profile.records[$0] }
        tableConditions = tables.compactMap { number in
            profile.tables[number].condition.map { ($0, profile.tables[number].unpacks) }
        }
        plan = ExtractionPlan(
            self.rules,
            isTable: isTable,
            hasAttributes: profile.kind == .xml && seesRecordsAsDecoded
        )
        items = PlainItems(plan)
        seesRowsAlone = tableConditions.isEmpty && !profile.decoding.isMojibake
        timeReaders = plan.timeRules.map { rule in
            let zone = rule.zone ?? profile.zone ?? options.timezone
            return try? TimeReader(format: rule.format, locale: rule.locale, zone: zone)
        }
        rowBooks = RowBooks()
        told.removeAll()
    }

    /// Books fields otherwise whose conversations were rejected or left out.
    ///
    /// - Parameters:
    ///   - counts: By the ledger's entries, as ``RebookedFields`` has them for this worker.
    ///   - reason: As what.
    /// - Returns: What changes in the books.
    package mutating func rebook(_ counts: [Int: Int], as reason: Rebooking) -> Books.Level {
        ledger.rebookPacked(counts, as: reason)
    }

    /// The fragments so far; the caller takes them, and an empty buffer takes their place.
    package mutating func takeOutput() -> OutputBuffer {
        settleRows()
        var taken = OutputBuffer(capacity: output.count + output.count / 8)
        swap(&taken, &output)
        return taken
    }

    /// Where the record at hand lies.
    var place: Finding.Place { origin.place([file.path], file: 0) }

    /// Extracts what a record says.
    ///
    /// - Parameters:
    ///   - record: The record's values.
    ///   - context: What surrounds it.
    ///   - origin: Where it lies; ``FragmentOrigin/worker`` is filled in.
    package mutating func extract(_ record: JSONView, context: JSONView?, origin: FragmentOrigin) {
        if isTable, seesRowsAlone, extractPlain(record, origin) { return }
        books.records.total += 1
        var record = record
        var context = context
        if profile.decoding.isMojibake { (record, context) = unpacker.mend(record, context) }
        if !tableConditions.isEmpty, isRow(record, context) {
            books.records.dropped["side-table", default: 0] += 1
            return
        }
        self.origin = origin
        self.origin.worker = worker
        beginRecord(record)
        var item = Item(view: record, node: record.root, context: context)
        guard let rule = seesRecordsAsDecoded ? firstRule(&item) : firstRule(unpacking: &item) else {
            drop(record, "other-record")
            return
        }
        record = item.view
        books.sourceFields.total += isTable ? (nodeCount - 1) / 2 : record.leafCount(record.root)
        previous.isRepeated = isTable && repeatsConversation(rule, record)
        guard previous.isRepeated || writeKey(rule, &item) else {
            reject(record, origin)
            return
        }
        let start = beginFragment()
        if !previous.isRepeated {
            writeConversation(rule, &item)
            leaveOutIfSaidBefore(rule, record, start + OutputBuffer.fragmentHeader..<output.count)
        }
        writeEntries(rule, &item)
        account(record, context, rule)
        if isTable {
            learnPlain(record)
            learnConversation(record)
        }
        for finding in findings { append(finding) }
        endFragment(start, journal: appendJournal())
    }

    /// Whether a record is a row of a side table that lies among them.
    private mutating func isRow(_ record: JSONView, _ context: JSONView?) -> Bool {
        for (condition, unpacks) in tableConditions {
            let row = unpacks.isEmpty ? record : unpacker.unpack(record, unpacks)
            if condition.holds(Scope(record: row, context: context), file) { return true }
        }
        return false
    }

    private mutating func firstRule(_ item: inout Item) -> Int? {
        plan.rules.indices.first { holds(plan.rules[$0].condition, &item) }
    }

    /// The rule for a record, which sees it as it wants it to be unpacked.
    private mutating func firstRule(unpacking item: inout Item) -> Int? {
        let packed = item
        for index in plan.rules.indices {
            let unpacks = rules[index].unpacks
            let view = unpacks.isEmpty ? packed.view : unpacker.unpack(packed.view, unpacks)
            item = Item(view: view, node: view.root, context: packed.context)
            guard holds(plan.rules[index].condition, &item) else { continue }
            beginRecord(view)
            if !unpacks.isEmpty, unpacker.hasOverlong { noteOverlong() }
            return index
        }
        item = packed
        return nil
    }

    private mutating func beginRecord(_ record: JSONView) {
        texts.reset()
        if !findings.isEmpty { findings.removeAll(keepingCapacity: true) }
        if !contextMarks.isEmpty { contextMarks.removeAll(keepingCapacity: true) }
        let nodes = record.next(record.root)
        if marks.count < nodes {
            marks = Cells(repeating: 0, count: nodes * 2)
        } else {
            marks.fill(nodes, with: 0)
        }
        trail.removeAll()
        items.beginRecord()
        hasOwners = false
        soleOwner = -1
        if isTable, !plan.isBound { plan.bind(record) }
        nodeCount = nodes
        entryCount = 0
        previousInstant = nil
    }

    /// Makes some nodes of the record those of the entry at hand.
    mutating func own(_ nodes: Range<Int>) {
        let ordinal = Int32(truncatingIfNeeded: entryCount)
        if nodes.count == nodeCount {
            hasOwners = false
            soleOwner = ordinal
            return
        }
        settleOwners()
        for node in nodes { owners[node] = ordinal }
    }

    /// Makes sure that ``owners`` tells whose each node is.
    mutating func settleOwners() {
        guard !hasOwners else { return }
        if owners.count < nodeCount { owners = Cells(repeating: -1, count: nodeCount * 2) }
        owners.fill(nodeCount, with: soleOwner)
        hasOwners = true
    }

    /// Begins another group of fragments, unless the conversation's key is that of the group at hand.
    ///
    /// - Returns: False if the record has no key but should; then nothing was written.
    private mutating func writeKey(_ rule: Int, _ item: inout Item) -> Bool {
        let mark = output.count
        output.reserveGroupHeader()
        let start = output.count
        output.append(keyPrefix)
        guard appendKey(rule, &item) else {
            output.truncate(to: mark)
            return false
        }
        let key = start..<output.count
        previous.hasSameKey =
            key.count == previous.key.count
            && memcmp(output.base + key.lowerBound, output.base + previous.key.lowerBound, key.count) == 0
        if previous.hasSameKey { output.truncate(to: mark) } else { previous.key = key }
        return true
    }

    /// Appends the conversation's key.
    ///
    /// - Returns: False if the record has none but should.
    private mutating func appendKey(_ rule: Int, _ item: inout Item) -> Bool {
        let value = plan.rules[rule].key
        guard value >= 0 else {
            let gap = rules[rule].conversation.gap ?? options.gap
            output.append(content: texts.keep(gap == nil ? "\0\(file.index)#\(origin.record)" : "\0"))
            return true
        }
        if let key = text(value, &item, .key) {
            output.append(content: key)
            return true
        }
        note(
            .keyMissing,
            .error,
            path: rules[rule].conversation.key?.paths.joined(separator: ", "),
            message: "the record does not say which conversation it belongs to",
            remedy: "give another key in the profile, or leave the record out"
        )
        return false
    }

    /// How a key begins that no source has given: a zero byte as the canonical writer spells it.
    static var madeUpKey: String { "\\u0000" }

    // MARK: Fragments

    /// Makes room for the lengths and the header of a fragment.
    ///
    /// - Returns: Where it begins.
    mutating func beginFragment() -> Int {
        output.reserveFragmentLength()
        let start = output.count
        output.reserveHeader()
        return start
    }

    /// Fills in what ``beginFragment()`` made room for.
    mutating func endFragment(_ start: Int, journal: Int?) {
        output.writeHeader(origin, at: start, journal: journal)
        output.writeFragmentLength(start)
        output.writeGroupHeader(previous.key)
    }

    private mutating func drop(_ record: JSONView, _ rule: StaticString) {
        books.records.dropped[rule.description, default: 0] += 1
        books.sourceFields.total += record.leafCount(record.root)
        ledger.count(all: rootPath, record, record.root, .dropped, rule)
        books.sourceFields += ledger.commit()
    }

    private mutating func reject(_ record: JSONView, _ origin: FragmentOrigin) {
        ledger.rollBack()
        books.records.rejected += 1
        ledger.count(all: rootPath, record, record.root, .rejected, "record")
        books.sourceFields += ledger.commit()
        var outcome = RecordOutcome(
            file: file.path,
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
