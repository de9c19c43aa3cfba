// The first of the two readings that a sample takes: which shapes there are, and where.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

extension Converter {
    /// Draws the sample that was asked for.
    ///
    /// Legacy records are told apart by their own structure, conversations by that of what they become. Positions are
    /// those of ``RecordSelection``.
    ///
    /// - Parameters:
    ///   - plan: The inputs.
    ///   - isCancelled: Asked before each read.
    /// - Returns: The positions; nil if no sample was asked for.
    /// - Throws: ``InputSelectionFailure`` for inputs that can be read only once, ``SpillFailure``.
    func survey(_ plan: InputPlan, isCancelled: @escaping @Sendable () -> Bool) async throws -> Set<Int>? {
        guard let sampling = options.sampling else { return nil }
        if let once = plan.all.first(where: { $0.opened != nil || !$0.member.isRepeatable }) {
            throw InputSelectionFailure(
                description: "a sample takes two readings, and \(once.name) can be read only once; name a file"
            )
        }
        var sample = ShapeSample(sampling)
        var selection = RecordSelection(limit: options.limit, sample: nil)
        var counter = ShapeFingerprint()
        surveyLegacy(plan.legacy, &sample, &selection, &counter, isCancelled)
        surveyShapes(plan.legacyShapes, &sample, &selection, &counter, isCancelled)
        if !plan.records.isEmpty || !plan.tables.isEmpty, !selection.isFull {
            var options = options
            options.acceptedRejects = nil
            let run = ProfileRun(plan, options, selection, tellsShapes: true, isCancelled: isCancelled)
            var report = ConversionReport()
            let noteShapes: (ConvertedBatch, Progress) -> Void = { batch, _ in
                for shape in batch.shapes { sample.add(shape: shape) }
            }
            try await run.run(&report, { _ in }, noteShapes)
        }
        return sample.positions
    }

    private func surveyLegacy(
        _ inputs: [PlannedInput],
        _ sample: inout ShapeSample,
        _ selection: inout RecordSelection,
        _ fingerprint: inout ShapeFingerprint,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) {
        var reader = BatchReader(inputs, options: options, isCancelled: isCancelled)
        var payloads = PayloadReader()
        while !selection.isFull, let read = reader.next() {
            for record in selection.take(read.batch.records).records {
                // What is no JSON, or too large, is a shape as well.
                var shape: UInt64 = record.oversized == nil ? 1 : 2
                payloads.read(read.batch.bytes(of: record)) { shape = fingerprint.of($0, isRow: false) }
                sample.add(shape: shape)
            }
        }
    }

    private func surveyShapes(
        _ inputs: [PlannedInput],
        _ sample: inout ShapeSample,
        _ selection: inout RecordSelection,
        _ fingerprint: inout ShapeFingerprint,
        _ isCancelled: @escaping @Sendable () -> Bool
    ) {
        let reader = DecodedInputs(inputs, profiles: [], firstFile: 0, options: options, isCancelled: isCancelled)
        while !selection.isFull, let batch = reader.next() {
            let isRow = inputs[batch.file].format == .legacyTable
            for record in selection.take(batch.decoded.records).records {
                sample.add(shape: fingerprint.of(batch.decoded.view(of: record), isRow: isRow))
            }
            withExtendedLifetime(batch) {}
        }
    }
}
