// Interactions out of any input: finished ones as they are, everything else through the conversion.

internal import InteractionMapping
internal import InteractionSources

extension Converter {
    /// Reads files and delivers what can be sent, in the order in which `run` converts.
    ///
    /// An input whose first record is a finished Interaction, in either form, or a dead letter, holds nothing else:
    /// what is no valid Interaction there is refused. All others are converted, unless an earlier run of the same inputs
    /// had finished with them.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - version: The tool's version, which is part of what shapes a conversion.
    ///   - isStopped: Asked before each read.
    ///   - resume: Says what an earlier run had done on the same basis. It is asked once, if there is something to
    ///     convert, and all of it can be read again; the inputs are read once for that.
    ///   - deliver: Receives each batch; the next one waits until it returns.
    /// - Returns: What was read.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``, and what `deliver` throws.
    @concurrent
    package func ready(
        files: [String],
        version: String = "",
        isStopped: @escaping @Sendable () -> Bool,
        resume: ((ConversionBasis) async throws -> EarlierRun)? = nil,
        deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws -> ReadyReport {
        if let contradiction = options.contradiction { throw InputSelectionFailure(description: contradiction) }
        let isCancelled: @Sendable () -> Bool = { isStopped() || Task.isCancelled }
        var finished: Set<String> = []
        let members = try members(of: files)
        var plan = InputPlan(members, options, isCancelled: isCancelled) { look in
            if ReadyReader.beginsWithMessage(look.head, options, name: look.member.displayName) {
                finished.insert(look.member.displayName)
            }
        }
        if let folder = plan.fruitless {
            throw InputSelectionFailure(
                description: "'\(folder)' matches no file (no file in it is of a known format; name the file itself)"
            )
        }
        if let name = finished.sorted().first, !options.mapping.redaction.kinds.isEmpty {
            throw InputSelectionFailure(
                description: "\(name) holds finished Interactions, in which nothing is masked; convert with --redact"
            )
        }
        if let name = finished.sorted().first, options.sampling != nil {
            throw InputSelectionFailure(
                description: "\(name) holds finished Interactions; a sample is drawn from what is converted"
            )
        }
        var report = ReadyReport()
        let inputs = plan.takeLegacy(named: finished)
        try await deliverFinished(inputs, &report, isCancelled, deliver)
        let isFull = options.limit.map { report.records >= $0 } ?? false
        guard !plan.isEmpty, !report.wasInterrupted, !report.exceedsRejects, !isFull else { return report }
        var earlier = FinishedItems()
        if let resume, let basis = basis(members, plan, version, isCancelled) {
            switch try await resume(basis) {
            case .unfinished(let items): earlier = items
            case .complete(let records):
                report.records += records
                report.finishedEarlier = records
                return report
            }
        }
        try await deliverConverted(plan, earlier, &report, isCancelled, deliver)
        return report
    }

    /// What a conversion of inputs depends on; nil where a run cannot go on in the middle: what comes from a pipe is
    /// there once only, and the threads of snapshots are nowhere in the run.
    private func basis(
        _ members: [InputMember],
        _ plan: InputPlan,
        _ version: String,
        _ isCancelled: () -> Bool
    ) -> ConversionBasis? {
        guard options.snapshots == .keep, members.allSatisfy({ $0.isRepeatable && $0.container != "-" })
        else { return nil }
        return ConversionBasis(ConversionPlan(of: options, members, plan, version: version, isStopped: isCancelled))
    }

    private func deliverFinished(
        _ inputs: [PlannedInput],
        _ report: inout ReadyReport,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws {
        var reader = BatchReader(inputs, options: options, isCancelled: isCancelled)
        var messages = ReadyReader(options.mapping)
        var selection = RecordSelection(limit: options.limit, sample: nil)
        while !selection.isFull, !report.exceedsRejects, var read = reader.next() {
            read.batch = read.batch.keeping(selection.take(read.batch.records).records)
            let batch = messages.read(read)
            report.records += read.batch.records.count
            report.messages += batch.messages.count
            report.refused += batch.refused.count
            report.checkRejects(options.acceptedRejects, isFinal: false)
            try await deliver(batch, Progress(bytesRead: reader.bytesRead, records: report.records))
        }
        if !reader.findings.isEmpty {
            report.hasUnreadableInput = true
            let batch = ReadyBatch(findings: reader.findings)
            try await deliver(batch, Progress(bytesRead: reader.bytesRead, records: report.records))
        }
        report.wasInterrupted = reader.wasInterrupted
        if report.records > 0 { report.checkRejects(options.acceptedRejects, isFinal: !reader.wasInterrupted) }
    }

    private func deliverConverted(
        _ plan: InputPlan,
        _ finished: FinishedItems,
        _ report: inout ReadyReport,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws {
        // Envelopes keep the ids that the source brings.
        var options = options
        options.mapping.form = .websocket
        options.finished = finished
        options.limit = options.limit.map { $0 - report.records }
        var messages = 0
        let earlier = report.records
        let conversion = try await Converter(options).run(plan, isCancelled: isCancelled) { converted, progress in
            // Of an input that is not read to its end, a conversation may be the half of itself.
            guard !isCancelled() else { return }
            let batch = ReadyReader.read(converted)
            messages += batch.messages.count
            var progress = progress
            progress.records += earlier
            try await deliver(batch, progress)
        }
        // What concerns whole inputs comes with no batch.
        let findings = conversion.findings.map(\.first).filter { $0.stage == .read && $0.place.record == nil }
        if !findings.isEmpty {
            let progress = Progress(bytesRead: 0, records: earlier + conversion.books.records.total)
            try await deliver(ReadyBatch(findings: findings), progress)
        }
        let records = conversion.books.records
        report.records += records.total
        report.finishedEarlier = conversion.finishedEarlier
        report.messages += messages
        report.refused += records.rejected
        report.hasUnreadableInput =
            report.hasUnreadableInput || conversion.hasUnreadableInput
            || conversion.books.files.rejected > 0
        report.wasInterrupted = conversion.wasInterrupted
        report.exceedsRejects = report.exceedsRejects || conversion.exceedsRejects
        report.conversion = conversion
    }
}

extension ReadyReport {
    /// Notes whether more finished Interactions were refused than is accepted.
    fileprivate mutating func checkRejects(_ limit: RejectLimit?, isFinal: Bool) {
        var counts = Books.Level()
        counts.total = records
        counts.rejected = refused
        if limit?.isExceeded(by: counts, isFinal: isFinal) ?? false { exceedsRejects = true }
    }
}
