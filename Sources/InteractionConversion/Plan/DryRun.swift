// Conversions that write nothing: to see what would happen, and whether it is what was planned.

internal import InteractionMapping

extension Converter {
    /// Does everything that a conversion does and writes nothing, so that its counts are those of the real run.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - plan: Receives what would be written, as digests; the caller completes it.
    ///   - isStopped: Asked before each read.
    ///   - observe: Receives each batch.
    /// - Returns: What would happen, with balanced books.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``, ``OutputFailure`` of the plan, and what `observe` throws.
    @concurrent
    public func dryRun(
        files: [String],
        plan: PlanWriter? = nil,
        isStopped: @escaping @Sendable () -> Bool = { false },
        observe: (ConvertedBatch, Progress) async throws -> Void = { _, _ in }
    ) async throws -> ConversionReport {
        try await run(files: files, isStopped: isStopped) { batch, progress in
            try plan?.write(batch)
            try await observe(batch, progress)
        }
    }

    /// What a conversion would do now that is not as it was planned.
    public struct PlanCheck: Sendable {
        /// Every difference; none if the conversion would do what was planned.
        public var differences: [ConversionPlan.Difference]
        /// What the conversion would do now.
        public var report: ConversionReport
    }

    /// Compares a plan with what the conversion would do now, and writes nothing.
    ///
    /// - Parameters:
    ///   - path: The plan file.
    ///   - files: The inputs.
    ///   - version: The tool's version.
    ///   - isStopped: Asked before each read.
    ///   - observe: Receives each batch.
    /// - Returns: The differences. If the run was stopped, outputs after that were not compared.
    /// - Throws: ``PlanFailure``, ``InputSelectionFailure``, ``SpillFailure``, and what `observe` throws.
    @concurrent
    public func check(
        planAt path: String,
        files: [String],
        version: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        observe: (ConvertedBatch, Progress) async throws -> Void = { _, _ in }
    ) async throws -> PlanCheck {
        let comparison = try PlanComparison(path: path)
        let now = try ConversionPlan(of: self, files: files, version: version)
        var check = PlanCheck(differences: comparison.plan.differences(from: now), report: ConversionReport())
        check.report = try await run(files: files, isStopped: isStopped) { batch, progress in
            try comparison.compare(batch)
            try await observe(batch, progress)
        }
        if !check.report.wasInterrupted, !check.report.exceedsRejects {
            check.differences += try comparison.finish()
        }
        return check
    }
}
