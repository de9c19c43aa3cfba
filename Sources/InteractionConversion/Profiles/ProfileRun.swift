// The way of chat logs: decode, extract, group, assemble, deliver; each in bounded batches.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One run over the inputs that profiles read.
///
/// Decoding and grouping are serial and keep the order of the input; extraction and assembly go to workers. What comes
/// out is the same at any number of them.
final class ProfileRun {
    /// Fragments of conversations that are gathered before a worker gets them: less where several are at work at once.
    private let assemblyBytes: Int
    /// Conversations that a worker gets at once: what becomes of a short one takes more memory than its fragments.
    private static let assemblyCount = 96

    let options: ConversionOptions
    private let sideTables: SideTables
    let inputs: DecodedInputs
    let workers: [ExtractionWorker]
    private let files: [String]
    private var selection: RecordSelection
    /// Whether the reading ends with the last conversation that is wanted; else any input may hold more of it.
    private let endsEarly: Bool
    private var hasRead = false
    private var grouper: ConversationGrouper
    /// What the grouping has handed on, until it is enough for a worker.
    private var gathering: ConversationBatch
    /// What is enough; where it is cut does not depend on who is faster.
    private var ready: [ConversationBatch] = []

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
        assemblyBytes = jobs == 1 ? 256 << 10 : 128 << 10
        gathering = ConversationBatch(capacity: assemblyBytes)
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
        grouper = ConversationGrouper(options)
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
                try await report.take(consume batch, bytesRead: self.inputs.bytesRead, self.options, deliver)
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
        let faults = faults(of: batch)
        observe(batch)
        return {
            var extracted = await worker.extract(
                batch.decoded,
                profile: batch.profile,
                rules: batch.rules,
                besides: batch.besides,
                file: batch.file
            )
            extracted.faults = faults
            return extracted
        }
    }

    private func work(for worker: ExtractionWorker, isLast: Bool) -> (@Sendable () async -> ConvertedBatch)? {
        if isLast, !gathering.isEmpty { endBatch() }
        guard !ready.isEmpty else { return nil }
        let batch = ready.removeFirst()
        return { await worker.assemble(batch) }
    }

    // MARK: Grouping

    private func addFragments(of batch: ExtractedBatch) throws {
        for rejection in batch.faults.rejections.map(\.outcome) + batch.rejections {
            gathering.append(rejection: rejection)
        }
        gathering.findings += batch.faults.findings
        gathering.books += batch.faults.books
        gathering.books += batch.books
        try grouper.add(all: batch.fragments.buffer.bytes) { self.gather($0, of: batch.fragments) }
    }

    /// Asks the grouping for more of what it holds after the last input.
    ///
    /// - Returns: Whether there may be more.
    private func handOn() throws -> Bool {
        try grouper.handOn(atLeast: assemblyBytes) {
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

    /// Takes a conversation out of the grouping, without a copy if its fragments lie in the batch at hand.
    private func gather(_ conversation: GroupedConversation, of batch: OutputBytes? = nil) {
        let item = ConversationBatch.Item(
            position: selection.position,
            isReopened: conversation.isReopened,
            profile: Int(conversation.key.first ?? 0),
            isLeftOut: selection.next()
        )
        let key = conversation.key.dropFirst()
        let run = conversation.fragments.bytes
        if let batch, let range = batch.range(of: run) {
            gathering.append(item, key: key, of: batch, at: range)
        } else {
            gathering.append(item, key: key, copying: CollectionOfOne(run))
        }
        if gathering.size >= assemblyBytes || gathering.items.count >= Self.assemblyCount { endBatch() }
    }

    private func endBatch() {
        ready.append(gathering)
        gathering = ConversationBatch(capacity: assemblyBytes)
    }

    // MARK: Books

    /// The records that the decoding has lost, and what else it has to say.
    func faults(of batch: DecodedInputs.Batch) -> ConversationBatch {
        var faults = ConversationBatch()
        let name = files[batch.file]
        for fault in batch.decoded.faults {
            if fault.losesRecord {
                faults.append(rejection: fault.outcome(file: name))
                faults.books.records.total += 1
                faults.books.records.rejected += 1
            } else {
                faults.findings.append(fault.finding(file: name))
            }
        }
        return faults
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
