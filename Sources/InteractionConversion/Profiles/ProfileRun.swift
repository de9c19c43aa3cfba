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
    /// Conversations that a worker gets at once: what becomes of a short one takes more memory than its fragments.
    private static let assemblyCount = 512

    private let options: ConversionOptions
    private let sideTables: SideTables
    let inputs: DecodedInputs
    let workers: [ExtractionWorker]
    private let files: [String]
    private var selection: RecordSelection
    /// Whether the reading ends with the last conversation that is wanted; else any input may hold more of it.
    private let endsEarly: Bool
    private var hasRead = false
    private var grouper: ConversationGrouper
    /// What the grouping has handed on and is no whole batch yet.
    var gathering = ConversationBatch(capacity: ProfileRun.assemblyBytes)
    /// The faults of each batch that is read and not grouped yet, with its file: they come where its records do.
    private var faults: [(file: Int, faults: [DecodingFault])] = []
    /// Batches that no worker has got yet.
    private var gathered: [ConversationBatch] = []

    init(
        _ plan: InputPlan,
        _ options: ConversionOptions,
        _ selection: RecordSelection,
        tellsShapes: Bool = false,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.options = options
        self.selection = selection
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
        // What has been read by the time there are enough must not depend on who is faster.
        let endsEarly = options.limit != nil && options.order == .clustered
        self.endsEarly = endsEarly
        let jobs = endsEarly ? 1 : max(1, options.jobs)
        workers = (0..<jobs).map {
            ExtractionWorker(
                number: $0,
                profiles: plan.profiles,
                options: options.mapping,
                tables: tables,
                files: facts,
                tellsShapes: tellsShapes
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
        try await GroupingPipeline(workers: workers.count).run(
            read: { self.read(for: self.workers[$0], observe) },
            group: { try self.addFragments(of: $0) },
            handOn: { try self.handOn() },
            assemble: { self.work(for: self.workers[$0], isLast: $1) },
            deliver: { batch in
                var batch = batch
                report.add(&batch)
                let progress = Converter.Progress(bytesRead: self.inputs.bytesRead, records: report.recordCount)
                try await deliver(batch, progress)
                try self.options.acceptedRejects?.check(report.books.records)
            }
        )
        try await finish(&report)
    }

    private func read(
        for worker: ExtractionWorker,
        _ observe: (DecodedInputs.Batch) -> Void
    ) -> (@Sendable () async -> ExtractedBatch)? {
        guard let batch = inputs.next() else { return nil }
        if selection.isFull, endsEarly || !hasRead {
            inputs.leaveOutRest(by: Rebooking.limit.rule)
            return nil
        }
        hasRead = true
        faults.append((batch.file, batch.decoded.faults))
        observe(batch)
        return {
            await worker.extract(
                batch.decoded,
                profile: batch.profile,
                rules: batch.rules,
                besides: batch.besides,
                file: batch.file
            )
        }
    }

    private func work(for worker: ExtractionWorker, isLast: Bool) -> (@Sendable () async -> ConvertedBatch)? {
        if isLast, !gathering.isEmpty { endBatch() }
        guard !gathered.isEmpty else { return nil }
        let batch = gathered.removeFirst()
        return { await worker.assemble(batch) }
    }

    private func endBatch() {
        gathered.append(gathering)
        gathering = ConversationBatch(capacity: Self.assemblyBytes)
    }

    // MARK: Grouping

    private func addFragments(of batch: ExtractedBatch) throws {
        let read = faults.removeFirst()
        take(read.faults, of: read.file)
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
                profile: Int(conversation.key.first ?? 0),
                isLeftOut: selection.next()
            )
        )
        if gathering.bytes.count >= Self.assemblyBytes || gathering.items.count >= Self.assemblyCount { endBatch() }
    }

    // MARK: Books

    func take(_ faults: [DecodingFault], of file: Int) {
        let name = files[file]
        for fault in faults {
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
        var rebooked: RebookedFields = [:]
        for worker in workers {
            for (reason, owners) in await worker.rebookedFields() {
                rebooked[reason, default: [:]].merge(owners) { $0.merging($1, uniquingKeysWith: +) }
            }
        }
        var totals: [FieldTotal: Int] = [:]
        for worker in workers {
            let result = await worker.fields(rebooked)
            totals.merge(result.totals, uniquingKeysWith: +)
            var change = Books()
            change.sourceFields = result.change
            report.book(change)
            report.count(rules: result.hits)
        }
        fields = totals
        report.book(
            inputs: inputs.books,
            inputs.findings,
            bytesRead: inputs.bytesRead,
            wasInterrupted: inputs.wasInterrupted
        )
    }

    /// The field ledger, once the run is over.
    private(set) var fields: [FieldTotal: Int] = [:]
}
