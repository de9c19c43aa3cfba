// The first half of the way of chat logs: decode and extract, for another run to group and assemble.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

extension ProfileRun {
    /// Extracts everything and delivers the fragments as lines, in the order of the input.
    ///
    /// - Parameters:
    ///   - report: Receives what happened; a record counts as mapped if its fragment is handed on.
    ///   - observe: Receives the decoded records.
    ///   - deliver: Receives each batch.
    /// - Throws: What `deliver` throws.
    func handOnFragments(
        _ report: inout ConversionReport,
        _ observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws {
        try await OrderedWork(workers: workers.count).run(
            next: { number in
                guard let batch = self.inputs.next() else { return nil }
                let faults = self.faults(of: batch)
                observe(batch)
                let (worker, pass) = (self.workers[number], self.inputs.pass(of: batch))
                return { await worker.extractLines(batch, pass: pass, faults) }
            },
            deliver: { try await report.take($0, bytesRead: self.inputs.bytesRead, self.options, deliver) }
        )
    }
}
