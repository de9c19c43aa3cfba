// The way of chat logs: decode, extract, group, assemble, deliver; each in bounded batches.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One run over the inputs that profiles read.
///
/// Decoding and grouping are serial and keep the order of the input; extraction and assembly go to workers. What comes
/// out is the same at any number of them.
final class ProfileRun {
    /// Fragments of conversations that are gathered before a worker gets them.
    private static let assemblyBytes = 256 << 10

    private enum Work: Sendable {
        case extracted(Int, ExtractedBatch)
        case converted(Int, ConvertedBatch)
    }

    private let options: ConversionOptions
    private let sideTables: SideTables
    let inputs: DecodedInputs
    let workers: [ExtractionWorker]
    private let files: [String]
    private var grouper: ConversationGrouper
    /// What the grouping has handed on and no worker has got yet.
    var gathering = ConversationBatch(capacity: ProfileRun.assemblyBytes)

    init(_ plan: InputPlan, _ options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        self.options = options
        let all = plan.tables + plan.records
        files = all.map(\.name)
        let facts = all.enumerated().map { FileFacts($0.element, index: $0.offset) }
        sideTables = SideTables(plan.tables, profiles: plan.profiles, options, isCancelled: isCancelled)
        let tables = sideTables.byProfile
        inputs = DecodedInputs(
            plan.records,
            profiles: plan.profiles,
            firstFile: plan.tables.count,
            options: options,
            isCancelled: isCancelled
        )
        workers = (0..<max(1, options.jobs)).map {
            ExtractionWorker(
                number: $0,
                profiles: plan.profiles,
                options: options.mapping,
                tables: tables,
                files: facts
            )
        }
        grouper = ConversationGrouper(
            order: options.order == .any ? .any : .clustered,
            // The rest is for what is on its way to and from the grouping.
            memory: options.memory - options.memory / 8,
            spillFolder: options.spillFolder
        )
    }

    /// Converts everything and delivers it in order.
    ///
    /// - Parameters:
    ///   - report: Receives what happened.
    ///   - observe: Receives the decoded records.
    ///   - deliver: Receives each batch.
    /// - Throws: ``SpillFailure``, and what `deliver` throws.
    func run(
        _ report: inout ConversionReport,
        _ observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws {
        report.book(sideTables.books)
        report.book(inputs: Books.Level(), sideTables.findings, wasInterrupted: false)
        report.count(rules: sideTables.hits)
        guard options.grain != .messages else {
            try await handOnFragments(&report, observe, deliver)
            return try await finish(&report)
        }
        let window = workers.count == 1 ? 1 : workers.count + 1
        try await withThrowingTaskGroup(of: Work.self) { group in
            var extracting = 0
            var extracted = 0
            var assembling = 0
            var assembled = 0
            var inFlight = 0
            var turn = 0
            var fragments: [Int: ExtractedBatch] = [:]
            var done: [Int: ConvertedBatch] = [:]
            var isRead = false
            var isGrouped = false
            while true {
                while inFlight < window {
                    if gathering.bytes.count >= Self.assemblyBytes || isGrouped && !gathering.isEmpty {
                        let batch = gathering
                        gathering = ConversationBatch(capacity: Self.assemblyBytes)
                        let (number, worker) = (assembling, workers[turn % workers.count])
                        group.addTask { .converted(number, await worker.assemble(batch)) }
                        assembling += 1
                    } else if !isRead, done.count < window * 4, fragments.count < window * 4 {
                        guard let batch = inputs.next() else {
                            isRead = true
                            continue
                        }
                        takeFaults(batch)
                        observe(batch)
                        let (number, worker) = (extracting, workers[turn % workers.count])
                        group.addTask {
                            .extracted(
                                number,
                                await worker.extract(
                                    batch.decoded,
                                    profile: batch.profile,
                                    rules: batch.rules,
                                    besides: batch.besides,
                                    file: batch.file
                                )
                            )
                        }
                        extracting += 1
                    } else if isRead, extracted == extracting, !isGrouped, done.count < window * 4 {
                        isGrouped = try !handOn()
                        continue
                    } else {
                        break
                    }
                    turn += 1
                    inFlight += 1
                }
                guard inFlight > 0, let work = try await group.next() else { break }
                inFlight -= 1
                switch work {
                case .extracted(let number, let batch):
                    fragments[number] = batch
                    while let ready = fragments.removeValue(forKey: extracted) {
                        extracted += 1
                        try addFragments(of: ready)
                    }
                case .converted(let number, let batch):
                    done[number] = batch
                    while var ready = done.removeValue(forKey: assembled) {
                        assembled += 1
                        report.add(&ready)
                        let progress = Converter.Progress(bytesRead: inputs.bytesRead, records: report.recordCount)
                        try await deliver(ready, progress)
                    }
                }
            }
        }
        try await finish(&report)
    }

    // MARK: Grouping

    private func addFragments(of batch: ExtractedBatch) throws {
        gathering.rejections += batch.rejections
        gathering.books += batch.books
        try grouper.add(all: batch.fragments.buffer.bytes) { self.gather($0) }
    }

    /// Asks the grouping for more of what it holds after the last input.
    ///
    /// - Returns: Whether there may be more.
    private func handOn() throws -> Bool {
        try grouper.handOn(atLeast: Self.assemblyBytes) {
            self.gather($0)
        } reopened: { _ in
            gathering.findings.append(
                Finding(
                    .conversationReopened,
                    .warning,
                    stage: .map,
                    place: Finding.Place(file: files.first ?? ""),
                    message: "a conversation's key came back after many others; it became another conversation",
                    remedy: "use --order any, which holds conversations together"
                )
            )
        }
    }

    private func gather(_ conversation: GroupedConversation) {
        let start = gathering.bytes.count
        gathering.bytes.append(contentsOf: conversation.fragments.bytes)
        gathering.items.append(
            ConversationBatch.Item(
                key: Array(conversation.key.dropFirst()),
                range: start..<gathering.bytes.count,
                isReopened: conversation.isReopened,
                profile: Int(conversation.key.first ?? 0)
            )
        )
    }

    // MARK: Books

    func takeFaults(_ batch: DecodedInputs.Batch) {
        let name = files[batch.file]
        for fault in batch.decoded.faults {
            if fault.losesRecord {
                gathering.rejections.append(fault.outcome(file: name))
                gathering.books.records.total += 1
                gathering.books.records.rejected += 1
            } else {
                gathering.findings.append(fault.finding(file: name))
            }
        }
    }

    private func finish(_ report: inout ConversionReport) async throws {
        var rejected: RejectedFields = [:]
        for worker in workers {
            for (owner, counts) in await worker.rejectedFields() {
                rejected[owner, default: [:]].merge(counts, uniquingKeysWith: +)
            }
        }
        var totals: [FieldTotal: Int] = [:]
        for worker in workers {
            let result = await worker.fields(rejected)
            totals.merge(result.totals, uniquingKeysWith: +)
            var change = Books()
            change.sourceFields = result.change
            report.book(change)
            report.count(rules: result.hits)
        }
        fields = totals
        report.book(inputs: inputs.books, inputs.findings, wasInterrupted: inputs.wasInterrupted)
    }

    /// The field ledger, once the run is over.
    private(set) var fields: [FieldTotal: Int] = [:]
}
