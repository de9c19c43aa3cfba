// The run that makes one Interaction of all snapshots of a thread: find threads, group, unite.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Converts legacy payloads thread by thread, wherever in the inputs the snapshots of a thread lie.
final class SnapshotRun {
    private enum Ready {
        /// What became of records that cannot be converted.
        case refused(ConvertedBatch)
        case threads(ThreadBatch)
    }

    /// Fragments of threads that are gathered before a worker gets them.
    private static let threadBytes = 256 << 10

    private var reader: BatchReader
    private let shapes: DecodedInputs
    private let shapeInputs: [PlannedInput]
    private let files: [String]
    private let numbers: [String: Int]
    private let workers: [SnapshotWorker]
    private let options: ConversionOptions
    private var grouper: ConversationGrouper
    /// What no worker has got yet; where it is cut depends on the input only, not on who is faster.
    private var ready: [Ready] = []
    /// What the grouping has handed on, until it is enough for a worker.
    private var threads = ThreadBatch(capacity: SnapshotRun.threadBytes)

    init(_ plan: InputPlan, _ options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        var numbers: [String: Int] = [:]
        var files: [String] = []
        for input in plan.legacy + plan.legacyShapes where numbers[input.name] == nil {
            numbers[input.name] = files.count
            files.append(input.name)
        }
        let names = files
        self.files = names
        self.numbers = numbers
        self.options = options
        reader = BatchReader(plan.legacy, options: options, isCancelled: isCancelled)
        shapeInputs = plan.legacyShapes
        shapes = DecodedInputs(
            plan.legacyShapes,
            profiles: [],
            firstFile: 0,
            options: options,
            isCancelled: isCancelled
        )
        workers = (0..<max(1, options.jobs)).map { _ in SnapshotWorker(options.mapping, files: names) }
        grouper = ConversationGrouper(options)
    }

    /// Converts everything and delivers it in order.
    ///
    /// - Parameters:
    ///   - report: Receives what happened.
    ///   - observe: Receives the decoded records of XML and CSV.
    ///   - deliver: Receives each batch.
    /// - Returns: The field ledger.
    /// - Throws: ``SpillFailure``, and what `deliver` throws.
    func run(
        _ report: inout ConversionReport,
        _ observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws -> [FieldTotal: Int] {
        try await GroupingPipeline(workers: workers.count).run(
            read: { self.read(for: self.workers[$0], observe) },
            group: { try self.group($0) },
            handOn: { try self.handOn() },
            assemble: { self.work(for: self.workers[$0], isLast: $1) },
            deliver: { batch in
                let bytesRead = self.reader.bytesRead + self.shapes.bytesRead
                try await report.take(consume batch, bytesRead: bytesRead, self.options, deliver)
            }
        )
        report.book(
            inputs: reader.books,
            reader.findings,
            bytesRead: reader.bytesRead,
            wasInterrupted: reader.wasInterrupted
        )
        report.book(
            inputs: shapes.books,
            shapes.findings,
            bytesRead: shapes.bytesRead,
            wasInterrupted: shapes.wasInterrupted
        )
        var fields: [FieldTotal: Int] = [:]
        for worker in workers { fields.merge(await worker.fields(), uniquingKeysWith: +) }
        return fields
    }

    /// Reads a batch: first of payloads in JSON, then of those in XML and CSV.
    private func read(
        for worker: SnapshotWorker,
        _ observe: (DecodedInputs.Batch) -> Void
    ) -> (@Sendable () async -> ThreadedBatch)? {
        if let read = reader.next() {
            let file = numbers[read.file] ?? 0
            return { await worker.findThreads(read.batch, file: file) }
        }
        guard !reader.wasInterrupted, !shapeInputs.isEmpty, let batch = shapes.next() else { return nil }
        observe(batch)
        let input = shapeInputs[batch.file]
        let file = numbers[input.name] ?? 0
        let form: LegacyRecords.Form = input.format == .legacyTable ? .columns : .elements
        return { await worker.findThreads(batch.decoded, as: form, file: file) }
    }

    private func group(_ batch: ThreadedBatch) throws {
        if batch.refused.books != Books() || !batch.refused.findings.isEmpty { ready.append(.refused(batch.refused)) }
        try grouper.add(all: batch.fragments.buffer.bytes) { self.gather($0) }
    }

    /// Asks the grouping for more of what it holds after the last input.
    ///
    /// - Returns: Whether there may be more.
    private func handOn() throws -> Bool {
        try grouper.handOn(atLeast: Self.threadBytes) {
            self.gather($0)
        } reopened: { _ in
            threads.findings.append(
                Finding(
                    .conversationReopened,
                    .warning,
                    stage: .map,
                    place: Finding.Place(file: files.first ?? ""),
                    message: "a thread came back after many others; it became another Interaction",
                    remedy: "use --order any, which holds threads together"
                )
            )
        }
    }

    private func gather(_ thread: GroupedConversation) {
        let start = threads.bytes.count
        threads.bytes.append(contentsOf: thread.fragments.bytes)
        threads.items.append(
            ThreadBatch.Item(range: start..<threads.bytes.count, isReopened: thread.isReopened)
        )
        if threads.bytes.count >= Self.threadBytes { endBatch() }
    }

    private func endBatch() {
        threads.bytes.append(contentsOf: repeatElement(0, count: JSONTape.padding))
        ready.append(.threads(threads))
        threads = ThreadBatch(capacity: Self.threadBytes)
    }

    private func work(for worker: SnapshotWorker, isLast: Bool) -> (@Sendable () async -> ConvertedBatch)? {
        if isLast, !threads.isEmpty { endBatch() }
        guard !ready.isEmpty else { return nil }
        switch ready.removeFirst() {
        case .refused(let batch): return { batch }
        case .threads(let batch): return { await worker.unite(batch) }
        }
    }
}
