// Interactions out of any input: finished ones as they are, everything else through the conversion.

internal import InteractionMapping

extension Converter {
    /// Reads files and delivers what can be sent, in the order in which `run` converts.
    ///
    /// An input whose first record is a finished Interaction, in either form, or a dead letter, holds nothing else:
    /// what is no valid Interaction there is refused. All others are converted.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - deliver: Receives each batch; the next one waits until it returns.
    /// - Returns: What was read.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``, and what `deliver` throws.
    @concurrent
    package func ready(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool,
        deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws -> ReadyReport {
        let isCancelled: @Sendable () -> Bool = { isStopped() || Task.isCancelled }
        var finished: Set<String> = []
        var plan = InputPlan(try members(of: files), options, isCancelled: isCancelled) { look in
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
        var report = ReadyReport()
        let inputs = plan.takeLegacy(named: finished)
        try await deliverFinished(inputs, &report, isCancelled, deliver)
        guard !plan.isEmpty, !report.wasInterrupted else { return report }
        try await deliverConverted(plan, &report, isCancelled, deliver)
        return report
    }

    private func deliverFinished(
        _ inputs: [PlannedInput],
        _ report: inout ReadyReport,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws {
        var reader = BatchReader(inputs, options: options, isCancelled: isCancelled)
        var messages = ReadyReader(options.mapping)
        while let read = reader.next() {
            let batch = messages.read(read)
            report.records += read.batch.records.count
            report.messages += batch.messages.count
            report.refused += batch.refused.count
            try await deliver(batch, Progress(bytesRead: reader.bytesRead, records: report.records))
        }
        if !reader.findings.isEmpty {
            report.hasUnreadableInput = true
            let batch = ReadyBatch(findings: reader.findings)
            try await deliver(batch, Progress(bytesRead: reader.bytesRead, records: report.records))
        }
        report.wasInterrupted = reader.wasInterrupted
    }

    private func deliverConverted(
        _ plan: InputPlan,
        _ report: inout ReadyReport,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ deliver: (ReadyBatch, Progress) async throws -> Void
    ) async throws {
        // Envelopes keep the ids that the source brings.
        var options = options
        options.mapping.form = .websocket
        var messages = 0
        let earlier = report.records
        let conversion = try await Converter(options).run(plan, isCancelled: isCancelled) { converted, progress in
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
        report.messages += messages
        report.refused += records.rejected
        report.hasUnreadableInput =
            report.hasUnreadableInput || conversion.hasUnreadableInput
            || conversion.books.files.rejected > 0
        report.wasInterrupted = conversion.wasInterrupted
        report.conversion = conversion
    }
}
