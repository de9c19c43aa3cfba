// Any bytes through the reader of profiles: what it passes must work on records, with valid outputs and balanced books.

@testable import FuzzSupport
@testable import InteractionConversion
@testable import InteractionMapping
@testable import InteractionModel
@testable import InteractionSources

/// One run of the fuzzer.
///
/// - Parameters:
///   - start: The first byte of the input, which is a profile.
///   - count: How many there are.
/// - Returns: 0, as libFuzzer asks; a fault stops the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProfile(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let (read, findings) = Profile.read(text, file: "fuzz.yaml")
    for finding in findings {
        require(finding.line > 0 && finding.column > 0, "a finding has no place: \(finding)")
    }
    guard let profile = read else {
        require(findings.contains { $0.severity == .error }, "a profile is refused without a reason")
        return 0
    }
    for at in profile.records.map(\.at) + profile.tables.map(\.at) {
        require(
            AnyRecordDecoder.make(profile, at: at, encoding: nil, largestRecord: 1 << 20) != nil,
            "a path is passed that no decoder has"
        )
    }
    Trial(profile).run()
    return 0
}

/// The conversion of a small input by one profile, without files and tasks.
private struct Trial {
    private static let file = FileFacts(index: 0, path: "folder/input.x", inner: "input.x")

    private let profile: Profile
    private let input: SmallInput
    private var options = MappingOptions()

    init(_ profile: Profile) {
        self.profile = profile
        input = .of(profile.kind)
        options.organizationId = "org"
        options.timezone = "Europe/Paris"
        options.roles = ["": .user]
    }

    func run() {
        _ = input.text.withUnsafeBytes { FormatDetector(only: profile).format(of: $0) }
        let records = decode()
        var extractor = Extractor(profile: profile, options: options, worker: 0, tables: tables(records))
        extractor.begin(
            file: Self.file,
            rules: Array(profile.records.indices)
        )
        for record in records.records {
            let origin = FragmentOrigin(
                file: 0,
                record: record.number,
                line: record.line,
                column: record.column,
                bytes: record.bytes
            )
            extractor.extract(records.view(of: record), context: records.context(of: record), origin: origin)
        }
        let fragments = OutputBytes(extractor.takeOutput())
        check(extractor.rejections)
        let batch = ExtractedBatch(fragments: fragments, rejections: extractor.rejections, books: extractor.books)
        let (books, rejected) = assemble(batch)
        let change = extractor.rebook(rejected, as: .rejected)
        require(books.isBalanced && change.isBalanced, "the books do not balance: \(books), \(change)")
        require(books.records.total == records.records.count, "a record is not in the books")
    }

    private func decode() -> DecodedBatch {
        var batch = DecodedBatchBuilder()
        var decoder = AnyRecordDecoder.make(profile, at: input.at, encoding: nil, largestRecord: 1 << 20)
        input.text.withUnsafeBytes { decoder?.decode($0, isFinal: true, into: &batch) }
        return batch.seal()
    }

    private func tables(_ records: DecodedBatch) -> [String: SideTable] {
        var tables: [String: SideTable] = [:]
        for (index, table) in profile.tables.enumerated() {
            let loader = SideTableLoader(profile: profile, table: index)
            for record in records.records { loader.add(records.view(of: record), file: Self.file) }
            tables[table.name] = loader.seal()
        }
        return tables
    }

    /// Makes Interactions of what records said, and checks them.
    ///
    /// - Returns: The books, and the counts of fields that must be taken back.
    private func assemble(_ batch: ExtractedBatch) -> (books: Books, rejected: [Int: Int]) {
        var mapper = RecordMapper(options: options)
        mapper.books = batch.books
        mapper.begin(RecordSource.none)
        var rebooked: RebookedFields = [:]
        var outcomes: [RecordOutcome] = []
        let rules = GatheringRules(profile)
        var grouper = ConversationGrouper(order: .any, memory: 8 << 20, spillFolder: "/tmp")
        do {
            try grouper.add(all: batch.fragments.buffer.bytes) { _ in }
            var hasMore = true
            while hasMore {
                hasMore = try grouper.handOn(atLeast: 1 << 20) { conversation in
                    mapper.map(
                        ConversationFragments(
                            key: UnsafeRawBufferPointer(rebasing: conversation.key.dropFirst()),
                            run: conversation.fragments.bytes,
                            isReopened: false
                        ),
                        profile: rules,
                        files: ["input.x"],
                        rebooked: &rebooked,
                        into: &outcomes
                    )
                } reopened: { _ in
                }
            }
        } catch {
            preconditionFailure("grouping failed: \(error)")
        }
        check(outcomes)
        checkInteractions(mapper.takeOutput().array, .payload)
        return (mapper.books, rebooked[.rejected]?[0] ?? [:])
    }

    private func check(_ outcomes: [RecordOutcome]) {
        for outcome in outcomes {
            require(outcome.kind != .rejected || !outcome.findings.isEmpty, "a rejection without a reason")
            require(outcome.kind != .converted || !outcome.outputs.isEmpty, "a conversion without an output")
        }
    }
}
