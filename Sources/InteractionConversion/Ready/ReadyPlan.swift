// Plans of submissions: what would be sent, as digests, and whether it is still the same.

internal import InteractionMapping
internal import InteractionModel

extension PlanWriter {
    /// Opens the plan file of a submission.
    ///
    /// - Parameters:
    ///   - path: Where to; it appears there when it is complete.
    ///   - converter: How inputs are read that are no finished Interactions.
    ///   - files: The inputs, which must be files that can be read more than once.
    ///   - version: The tool's version.
    /// - Throws: ``OutputFailure`` and ``InputSelectionFailure``.
    package convenience init(path: String, of converter: Converter, files: [String], version: String) throws {
        try self.init(path: path, plan: ConversionPlan(of: converter, files: files, version: version))
    }

    /// Adds the messages of a batch.
    ///
    /// - Parameter batch: The next batch, in order.
    /// - Throws: ``OutputFailure``.
    package func write(_ batch: ReadyBatch) throws(OutputFailure) {
        var rest = batch.messages[...]
        while let first = rest.first {
            // The parts of a record stand together.
            let parts = rest.prefix { $0.file == first.file && $0.record == first.record }
            rest = rest.dropFirst(parts.count)
            var content = ContentDigest()
            for part in parts { content.update(part.message, asEnvelope: false) }
            try write(
                place: (first.file, first.record),
                outcome: "ready",
                threadId: first.message.threadId,
                requestIds: parts.map(\.message.requestId),
                content.finish().hexadecimal
            )
        }
    }
}

extension Converter {
    /// Compares a plan with what a submission would send now.
    ///
    /// The plan is one of the same inputs, by `submit` or by `convert`, or that of the conversion that has written them.
    ///
    /// - Parameters:
    ///   - path: The plan file.
    ///   - files: The inputs.
    ///   - version: The tool's version.
    ///   - isStopped: Asked before each read.
    /// - Returns: Every difference; nil if the comparison was stopped.
    /// - Throws: ``PlanFailure``, ``InputSelectionFailure`` and ``SpillFailure``.
    @concurrent
    package func differences(
        fromReadyPlanAt path: String,
        files: [String],
        version: String,
        isStopped: @escaping @Sendable () -> Bool
    ) async throws -> [ConversionPlan.Difference]? {
        let comparison = try ReadyComparison(path)
        let plan = comparison.plan
        // In which form a message travels changes nothing of what it says.
        var planned = options
        planned.mapping.form = comparison.form
        let now = try ConversionPlan(of: Converter(planned), files: files, version: version)
        let report = try await ready(files: files, isStopped: isStopped) { batch, _ in try comparison.compare(batch) }
        guard !report.wasInterrupted else { return nil }
        let isOfSources =
            report.conversion == nil && Set(plan.inputs.map(\.path)).isDisjoint(with: now.inputs.map(\.path))
        let differences = isOfSources ? plan.changedSources : plan.differences(from: now)
        return try differences + comparison.finish()
    }
}

extension ConversionPlan {
    /// Inputs that have changed; one that is not here any more has done its service.
    fileprivate var changedSources: [Difference] {
        inputs.compactMap { input in
            let now = Input(digesting: input.path)
            return now.digest == nil || now == input ? nil : .inputChanged(input.path)
        }
    }
}

/// Compares messages that go by with the Interactions of a plan, in constant memory.
private final class ReadyComparison {
    let plan: ConversionPlan
    private var reader: PlanReader
    private var planned: PlannedMessages?
    private var content = ContentDigest()
    private var met = 0
    private var first: String?
    private var count = 0

    init(_ path: String) throws(PlanFailure) {
        reader = try PlanReader(path)
        plan = try reader.readPlan()
    }

    /// The form of the Interactions that were planned.
    var form: MappingOptions.Form { plan.options["--form"].flatMap(MappingOptions.Form.init(rawValue:)) ?? .rest }

    func compare(_ batch: ReadyBatch) throws(PlanFailure) {
        for ready in batch.messages {
            if planned == nil {
                planned = try nextPlanned()
                content = ContentDigest()
                met = 0
            }
            guard let expected = planned else {
                note("\(ready.file), record \(ready.record)")
                continue
            }
            let message = ready.message
            content.update(message, asEnvelope: form == .websocket)
            met += 1
            let isAsPlanned = expected.threadId == message.threadId && expected.requestIds[met - 1] == message.requestId
            guard !isAsPlanned || met == expected.requestIds.count else { continue }
            if !isAsPlanned || content.finish().hexadecimal != expected.digest {
                note("\(ready.file), record \(ready.record)")
            }
            planned = nil
        }
    }

    func finish() throws(PlanFailure) -> [ConversionPlan.Difference] {
        if let planned, met < planned.requestIds.count { note(planned.place + ", of which a part is not there now") }
        while let planned = try nextPlanned() { note(planned.place + ", which is not there now") }
        try reader.readEnd()
        return first.map { [.records(first: $0, count: count)] } ?? []
    }

    private func nextPlanned() throws(PlanFailure) -> PlannedMessages? {
        while let line = try reader.nextOutcome() {
            let planned = PlannedMessages(line)
            if !planned.requestIds.isEmpty { return planned }
        }
        return nil
    }

    private func note(_ place: String) {
        if first == nil { first = place }
        count += 1
    }
}

extension ContentDigest {
    /// Takes a message in, as the line that `convert` writes.
    fileprivate mutating func update(_ message: FinishedMessage, asEnvelope: Bool) {
        message.bytes.withUnsafeBytes { bytes in
            update(asEnvelope ? bytes : UnsafeRawBufferPointer(rebasing: bytes[message.payload]))
        }
        withUnsafeBytes(of: UInt8(ascii: "\n")) { update($0) }
    }
}
