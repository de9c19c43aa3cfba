// Plan files: one JSON object a line, written and compared while a conversion goes by.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Writes a plan file: the plan, a line for each outcome, and a last line without which it is not complete.
public final class PlanWriter {
    private let file: OutputFile
    private var lines = PlanLines()

    /// Opens the file.
    ///
    /// - Parameters:
    ///   - path: Where to; it appears there when it is complete.
    ///   - plan: What shapes the conversion.
    /// - Throws: ``OutputFailure``.
    public init(path: String, plan: ConversionPlan) throws(OutputFailure) {
        file = try OutputFile(path: path)
        try file.write(lines.beginning(plan))
    }

    /// Adds the outcomes of a batch.
    ///
    /// - Parameter batch: The next batch, in order.
    /// - Throws: ``OutputFailure``.
    public func write(_ batch: ConvertedBatch) throws(OutputFailure) {
        for outcome in batch.outcomes { try file.write(lines.line(outcome, batch)) }
    }

    /// Adds a line for the Interactions of one place.
    func write(
        place: (file: String, record: Int),
        outcome: String,
        threadId: String?,
        requestIds: [String],
        _ digest: String?
    ) throws(OutputFailure) {
        try file.write(lines.line(place: place, outcome: outcome, threadId: threadId, requestIds: requestIds, digest))
    }

    /// Completes the file.
    ///
    /// - Throws: ``OutputFailure``.
    public func finish() throws(OutputFailure) {
        try file.write(lines.end())
        try file.finish()
    }
}

/// Compares a conversion that goes by with the outcomes in a plan file, in constant memory.
public final class PlanComparison {
    /// What shaped the conversion that was planned.
    public let plan: ConversionPlan
    private var reader: PlanReader
    private var lines = PlanLines()
    private var first: String?
    private var count = 0

    /// Opens a plan file.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``PlanFailure``.
    public init(path: String) throws(PlanFailure) {
        reader = try PlanReader(path)
        plan = try reader.readPlan()
    }

    /// Compares the outcomes of a batch.
    ///
    /// - Parameter batch: The next batch, in order.
    /// - Throws: ``PlanFailure``.
    public func compare(_ batch: ConvertedBatch) throws(PlanFailure) {
        for outcome in batch.outcomes {
            let line = lines.line(outcome, batch)
            if try reader.nextOutcome() == line.dropLast() { continue }
            note("\(outcome.file), record \(outcome.record)")
        }
    }

    /// Ends the comparison.
    ///
    /// - Returns: That outputs differ, if they do.
    /// - Throws: ``PlanFailure`` for a plan that is not complete.
    public func finish() throws(PlanFailure) -> [ConversionPlan.Difference] {
        while let line = try reader.nextOutcome() {
            note(PlanReader.place(line) + ", which is not there now")
        }
        try reader.readEnd()
        return first.map { [.records(first: $0, count: count)] } ?? []
    }

    private func note(_ place: String) {
        if first == nil { first = place }
        count += 1
    }
}

/// Spells the lines of a plan file.
struct PlanLines {
    private var digest = ContentDigest()
    private var outcomes = 0
    private var interactions = 0

    /// The lines before the outcomes.
    mutating func beginning(_ plan: ConversionPlan) -> [UInt8] {
        var out = OutputBuffer()
        out.append(object: {
            $0.member("plan", ConversionPlan.formatVersion)
            $0.member("tool", plan.tool)
            $0.member("timeZoneData", plan.timeZoneData)
            $0.member(named: "options") { $0.append(members: plan.options) }
            $0.member(named: "profiles") { $0.append(members: plan.profiles) }
            $0.member("crosswalk", plan.crosswalk)
            $0.member("inputs", plan.inputs.count)
        })
        out.append("\n")
        for input in plan.inputs {
            out.append(object: {
                $0.member("input", input.path)
                $0.member("bytes", Int(input.bytes))
                $0.member("sha256", input.digest)
            })
            out.append("\n")
        }
        digest.update(out.bytes)
        return out.array
    }

    /// The line of an outcome: its place, what it became, and the digest of its Interactions.
    mutating func line(_ outcome: RecordOutcome, _ batch: ConvertedBatch) -> [UInt8] {
        var content = ContentDigest()
        batch.withBytes { bytes in
            for output in outcome.outputs {
                content.update(UnsafeRawBufferPointer(rebasing: bytes[output.range]))
                content.update("\n")
            }
        }
        return line(
            place: (outcome.file, outcome.record),
            outcome: outcome.kind.rawValue,
            threadId: outcome.threadId,
            requestIds: outcome.outputs.map(\.requestId),
            outcome.outputs.isEmpty ? nil : content.finish().hexadecimal
        )
    }

    /// The line of some Interactions.
    mutating func line(
        place: (file: String, record: Int),
        outcome: String,
        threadId: String?,
        requestIds: [String],
        _ sha256: String?
    ) -> [UInt8] {
        var out = OutputBuffer(capacity: 512)
        out.append(object: {
            $0.member("file", place.file)
            $0.member("record", place.record)
            $0.member("outcome", outcome)
            $0.member("threadId", threadId)
            $0.member("requestIds", requestIds)
            $0.member("sha256", sha256)
        })
        out.append("\n")
        outcomes += 1
        interactions += requestIds.count
        digest.update(out.bytes)
        return out.array
    }

    /// The last line: how much there is, and the digest of all lines before it.
    func end() -> [UInt8] {
        var out = OutputBuffer()
        out.append(object: {
            $0.member("outcomes", outcomes)
            $0.member("interactions", interactions)
            $0.member("sha256", digest.finish().hexadecimal)
        })
        out.append("\n")
        return out.array
    }
}

extension ContentDigest {
    fileprivate mutating func update(_ text: StaticString) {
        text.withUTF8Buffer { update(UnsafeRawBufferPointer($0)) }
    }
}

extension OutputBuffer {
    fileprivate mutating func append(members: [String: String]) {
        append(object: {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) { $0.member(name, value) }
        })
    }
}
