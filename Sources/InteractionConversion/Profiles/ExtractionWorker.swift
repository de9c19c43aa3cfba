// Applies a profile to batches of decoded records, and assembles conversations from what they say.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// What the records of a batch said, by conversation.
struct ExtractedBatch: Sendable {
    /// Fragments in order, as ``ConversationGrouper/add(all:_:)`` takes them.
    let fragments: OutputBytes
    /// Records of which nothing can be used.
    var rejections: [RecordOutcome]
    var books: Books
    /// What the decoding had to say before.
    var faults = ConversationBatch()
}

/// Conversations on their way to be assembled.
struct ConversationBatch: Sendable {
    struct Item: Sendable {
        /// Its position in the run; nil where conversations are not numbered.
        var position: Int?
        /// Where its key lies among the batch's ``keys``.
        fileprivate(set) var key = 0..<0
        /// The extracted fragments that its run is among; nil if it was copied into the batch's bytes.
        fileprivate(set) var fragments: OutputBytes?
        /// Where its run of fragments lies there.
        fileprivate(set) var range = 0..<0
        var isReopened: Bool
        var profile: Int
        /// Why it is not assembled; nil if it is.
        var isLeftOut: Rebooking?
    }

    /// A record among the conversations, so that where a batch ends makes no difference to their order.
    struct Rejection: Sendable {
        /// How many conversations of the batch come before it.
        let place: Int
        let outcome: RecordOutcome
    }

    private(set) var items: [Item] = []
    /// The keys of all, one after another.
    private(set) var keys: [UInt8] = []
    /// The fragments that had to be copied out of the grouping.
    private(set) var bytes: [UInt8] = []
    /// How many bytes of fragments there are.
    private(set) var size = 0
    private let capacity: Int
    /// Records that were rejected before their conversation was known.
    private(set) var rejections: [Rejection] = []
    var findings: [Finding] = []
    var books = Books()

    /// Makes an empty batch.
    ///
    /// - Parameter capacity: Bytes of fragments to reserve, if any are copied.
    init(capacity: Int = 0) { self.capacity = capacity }

    var isEmpty: Bool { items.isEmpty && rejections.isEmpty && findings.isEmpty && books == Books() }

    /// Adds a record that was rejected, after the conversations that are there.
    mutating func append(rejection: RecordOutcome) {
        rejections.append(Rejection(place: items.count, outcome: rejection))
    }

    /// Adds a conversation with a copy of its fragments.
    mutating func append(
        _ item: Item,
        key: Slice<UnsafeRawBufferPointer>,
        copying run: some Sequence<UnsafeRawBufferPointer>
    ) {
        if bytes.isEmpty { bytes.reserveCapacity(capacity + capacity / 4) }
        let start = bytes.count
        for piece in run { bytes.append(contentsOf: piece) }
        append(item, key: key, of: nil, at: start..<bytes.count)
    }

    /// Adds a conversation whose fragments stay where they were extracted.
    mutating func append(
        _ item: Item,
        key: Slice<UnsafeRawBufferPointer>,
        of fragments: OutputBytes?,
        at range: Range<Int>
    ) {
        let start = keys.count
        keys += key
        size += range.count
        items.append(item)
        items[items.count - 1].key = start..<keys.count
        items[items.count - 1].fragments = fragments
        items[items.count - 1].range = range
    }
}

/// One worker: it extracts and assembles, whichever is asked of it.
actor ExtractionWorker {
    private let profiles: [Profile]
    private let options: MappingOptions
    private let number: Int
    private let tables: [[String: SideTable]]
    private let files: [FileFacts]
    private let names: [String]
    /// What assembly needs of each profile.
    private let rules: [GatheringRules]
    /// Extractors in the order of ``profiles``; made when they are needed.
    private var extractors: [ExtractorBox?]
    private var mapper: RecordMapper
    private var rebooked: RebookedFields = [:]
    /// What tells the shapes of conversations; nil if nobody asks.
    private let shapes: ConversationShapes?

    /// An array cannot hold what cannot be copied.
    private final class ExtractorBox {
        var extractor: Extractor

        init(_ extractor: consuming Extractor) { self.extractor = extractor }
    }

    init(
        number: Int,
        profiles: [Profile],
        options: MappingOptions,
        tables: [[String: SideTable]],
        files: [FileFacts],
        tellsShapes: Bool
    ) {
        self.number = number
        self.profiles = profiles
        self.options = options
        self.tables = tables
        self.files = files
        names = files.map(\.path)
        rules = profiles.map(GatheringRules.init)
        extractors = profiles.map { _ in nil }
        mapper = RecordMapper(options: options)
        shapes = tellsShapes ? ConversationShapes() : nil
    }

    private func box(_ profile: Int) -> ExtractorBox {
        if let known = extractors[profile] { return known }
        let made = ExtractorBox(
            Extractor(
                profile: profiles[profile],
                options: options,
                worker: number * profiles.count + profile,
                tables: tables[profile],
                keyPrefix: UInt8(truncatingIfNeeded: profile)
            )
        )
        extractors[profile] = made
        return made
    }

    /// Extracts what a batch of records says.
    func extract(
        _ batch: DecodedBatch,
        profile: Int,
        rules: [Int],
        besides tables: [Int],
        file: Int
    ) -> ExtractedBatch {
        let box = box(profile)
        box.extractor.begin(file: files[file], rules: rules, besides: tables)
        Self.extract(batch, file: file, by: &box.extractor)
        return ExtractedBatch(
            fragments: OutputBytes(box.extractor.takeOutput()),
            rejections: box.extractor.rejections,
            books: box.extractor.books
        )
    }

    /// Lends the extractor once for all records, since each access to an object's property is checked.
    private static func extract(_ batch: DecodedBatch, file: Int, by extractor: inout Extractor) {
        for record in batch.records {
            extractor.extract(
                batch.view(of: record),
                context: batch.context(of: record),
                origin: FragmentOrigin(
                    file: file,
                    record: record.number,
                    line: record.line,
                    column: record.column,
                    bytes: record.bytes
                )
            )
        }
        withExtendedLifetime(batch) {}
    }

    /// Extracts what a batch of records says, for another run to assemble.
    ///
    /// - Parameters:
    ///   - batch: The records, and where they come from.
    ///   - pass: How many times their file was read before.
    ///   - faults: Records that were lost before them.
    /// - Returns: Lines of fragments in the place of Interactions.
    func extractLines(_ batch: DecodedInputs.Batch, pass: Int, _ faults: ConversationBatch) -> ConvertedBatch {
        let extracted = extract(
            batch.decoded,
            profile: batch.profile,
            rules: batch.rules,
            besides: batch.besides,
            file: batch.file
        )
        let fragments = extracted.fragments.buffer.bytes
        var lines = OutputBuffer(capacity: fragments.count * 2)
        var books = faults.books
        books += extracted.books
        books.records.mapped += FragmentLine.append(
            all: fragments,
            FragmentLine.Origin(file: names[batch.file], pass: pass),
            rules[batch.profile],
            to: &lines
        )
        return ConvertedBatch(
            outcomes: faults.rejections.map(\.outcome) + extracted.rejections,
            bytes: OutputBytes(lines),
            source: nil,
            books: books,
            tally: Tally(),
            findings: faults.findings
        )
    }

    /// Assembles conversations.
    ///
    /// - Parameters:
    ///   - batch: The conversations.
    ///   - other: Rules and names of files of another run, which has extracted them.
    /// - Returns: Their Interactions.
    func assemble(
        _ batch: ConversationBatch,
        of other: (rules: [GatheringRules], files: [String])? = nil
    ) -> ConvertedBatch {
        let (rules, names) = other ?? (rules, names)
        mapper.books = batch.books
        mapper.tally = Tally()
        mapper.begin(RecordSource.none)
        var outcomes: [RecordOutcome] = []
        outcomes.reserveCapacity(batch.rejections.count + batch.items.count)
        var positions = RunPositions()
        var rejected = batch.rejections[...]
        positions.end = batch.items.last?.position.map { $0 + 1 } ?? 0
        shapes?.begin()
        batch.bytes.withUnsafeBytes { copied in
            batch.keys.withUnsafeBytes { keys in
                for (place, item) in batch.items.enumerated() {
                    Self.reject(&rejected, before: place, &outcomes, &positions)
                    let key = UnsafeRawBufferPointer(rebasing: keys[item.key])
                    let bytes = item.fragments?.buffer.bytes ?? copied
                    let run = UnsafeRawBufferPointer(rebasing: bytes[item.range])
                    let conversation = ConversationFragments(key: key, run: run, isReopened: item.isReopened)
                    if let reason = item.isLeftOut {
                        mapper.leaveOut(conversation, for: reason, files: names, rebooked: &rebooked)
                        continue
                    }
                    let first = outcomes.count
                    mapper.map(
                        conversation,
                        profile: rules[item.profile],
                        files: names,
                        rebooked: &rebooked,
                        into: &outcomes
                    )
                    positions.items += repeatElement(item.position, count: outcomes.count - first)
                    shapes?.add(outcomes[first...], mapper.outputSoFar)
                }
            }
        }
        Self.reject(&rejected, before: batch.items.count, &outcomes, &positions)
        withExtendedLifetime(batch) {}
        var converted = ConvertedBatch(
            outcomes: outcomes,
            bytes: OutputBytes(mapper.takeOutput()),
            source: nil,
            books: mapper.books,
            tally: mapper.tally,
            findings: batch.findings
        )
        converted.positions = positions
        converted.shapes = shapes?.latest ?? []
        return converted
    }

    /// Takes over the rejected records that come before a conversation.
    private static func reject(
        _ rejected: inout ArraySlice<ConversationBatch.Rejection>,
        before place: Int,
        _ outcomes: inout [RecordOutcome],
        _ positions: inout RunPositions
    ) {
        while let next = rejected.first, next.place <= place {
            outcomes.append(next.outcome)
            positions.items.append(nil)
            rejected.removeFirst()
        }
    }

    /// The field counts that must be taken back, by the worker and profile that made them.
    func rebookedFields() -> RebookedFields { rebooked }

    /// Books fields otherwise whose conversations were rejected or left out; then tells all counts.
    func fields(_ rebooked: RebookedFields) -> (totals: [FieldTotal: Int], change: Books.Level, hits: [[Int]]) {
        var totals: [FieldTotal: Int] = [:]
        var change = Books.Level()
        for (index, box) in extractors.enumerated() {
            guard let box else { continue }
            for reason in Rebooking.allCases {
                guard let counts = rebooked[reason]?[UInt32(number * profiles.count + index)] else { continue }
                change += box.extractor.rebook(counts, as: reason)
            }
            totals.merge(box.extractor.ledger.totals(), uniquingKeysWith: +)
        }
        return (totals, change, extractors.map { $0?.extractor.hits ?? [] })
    }
}
