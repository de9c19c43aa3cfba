// Where a run's results go: Interactions, outcomes, rejected records.

internal import InteractionMapping
internal import InteractionModel

/// The files that a run writes, all or none of which appear under their names.
///
/// - Stage: 5 of 5 (write)
public final class ConversionSinks {
    /// How Interactions are written down.
    public enum Layout: String, Sendable, CaseIterable {
        /// One a line.
        case ndjson
        /// The elements of one array.
        case json
        /// One file each, in a folder.
        case files
    }

    /// What stands in the place of a rejected record, for whoever keeps only the Interactions; in lines only.
    public enum InlineRejects: Sendable {
        /// Nothing.
        case none
        /// A line `{"_rejected":…}` with the record's outcome.
        case outcomes
        /// The same, with the record as it was read in `source`, if it was read as one; texts of messages are in it.
        case outcomesAndSources
    }

    private let layout: Layout
    private let inlineRejects: InlineRejects
    private let interactions: OutputFile?
    private let folder: String?
    private let outcomes: OutputFile?
    private let rejects: OutputFile?
    private var isFirst = true

    /// Opens the outputs.
    ///
    /// - Parameters:
    ///   - layout: How Interactions are written down.
    ///   - output: The path for Interactions, `-` for standard output; unused for ``Layout/files``.
    ///   - folder: The folder for ``Layout/files``; made if it is missing.
    ///   - outcomes: The path for one line of JSON a record.
    ///   - rejects: The path for the rejected records as they were read.
    ///   - inlineRejects: What stands among the Interactions in the place of a rejected record.
    /// - Throws: ``OutputFailure``.
    public init(
        layout: Layout,
        output: String,
        folder: String?,
        outcomes: String?,
        rejects: String?,
        inlineRejects: InlineRejects = .none
    ) throws(OutputFailure) {
        self.inlineRejects = inlineRejects
        self.layout = layout
        self.folder = folder
        if let folder, layout == .files { try OutputFolder.make(folder) }
        interactions = layout == .files ? nil : try OutputFile(path: output)
        self.outcomes = try Self.open(outcomes)
        self.rejects = try Self.open(rejects)
        if layout == .json { try interactions?.write("[") }
    }

    private static func open(_ path: String?) throws(OutputFailure) -> OutputFile? {
        guard let path else { return nil }
        return try OutputFile(path: path)
    }

    /// Writes a batch.
    ///
    /// - Parameter batch: The next batch, in input order.
    /// - Throws: ``OutputFailure``.
    public func write(_ batch: ConvertedBatch) throws(OutputFailure) {
        switch layout {
        case .ndjson where inlineRejects != .none:
            try writeLines(batch)
        case .ndjson:
            try batch.bytes.write(to: interactions)
        case .json, .files:
            for outcome in batch.outcomes {
                for output in outcome.outputs { try write(batch.interaction(output), output) }
            }
        }
        guard outcomes != nil || rejects != nil else { return }
        for (index, outcome) in batch.outcomes.enumerated() {
            if let outcomes {
                try outcomes.write(outcome.json)
            }
            if let rejects, outcome.kind == .rejected {
                try batch.write(sourceOf: index, to: rejects)
            }
        }
    }

    /// Writes Interactions, and a line for each rejected record where its own would be.
    private func writeLines(_ batch: ConvertedBatch) throws(OutputFailure) {
        let bytes = batch.bytes.buffer.bytes
        var written = 0
        var end = 0
        for (index, outcome) in batch.outcomes.enumerated() {
            if let last = outcome.outputs.last { end = last.range.upperBound + 1 }
            guard outcome.kind == .rejected else { continue }
            try interactions?.write(UnsafeRawBufferPointer(rebasing: bytes[written..<end]))
            written = end
            try interactions?.write(batch.rejectedLine(index, showsSource: inlineRejects == .outcomesAndSources))
        }
        try interactions?.write(UnsafeRawBufferPointer(rebasing: bytes[written...]))
    }

    private func write(_ json: [UInt8], _ output: RecordOutcome.Output) throws(OutputFailure) {
        if layout == .files, let folder {
            // The position in the run names the file: ids may hold anything, a path included.
            let digits = String(output.index)
            let name = String(repeating: "0", count: max(0, 9 - digits.count)) + digits + ".json"
            let file = try OutputFile(path: "\(folder)/\(name)")
            try file.write(json)
            try file.write("\n")
            try file.finish(isDurable: false)
            return
        }
        try interactions?.write(isFirst ? "\n" : ",\n")
        isFirst = false
        try interactions?.write(json)
    }

    /// Completes every output; only now do they appear under their names.
    ///
    /// - Throws: ``OutputFailure``.
    public func finish() throws(OutputFailure) {
        if layout == .json { try interactions?.write(isFirst ? "]\n" : "\n]\n") }
        try interactions?.finish()
        try outcomes?.finish()
        try rejects?.finish()
    }
}

extension OutputBytes {
    fileprivate func write(to file: OutputFile?) throws(OutputFailure) { try file?.write(buffer.bytes) }
}

extension ConvertedBatch {
    fileprivate func rejectedLine(_ index: Int, showsSource: Bool) -> [UInt8] {
        var out = OutputBuffer(capacity: 1024)
        out.append(object: { out in
            out.member(named: "_rejected") {
                $0.append(outcome: outcomes[index])
                $0.removeTrailing(UInt8(ascii: "\n"))
            }
            withSource(ofRecordAt: index) { source in
                guard showsSource, !source.isEmpty else { return }
                out.member("source", String(decoding: source, as: UTF8.self))
            }
        })
        out.append("\n")
        return out.array
    }

    fileprivate func write(sourceOf index: Int, to file: OutputFile) throws(OutputFailure) {
        guard let source, !source.records.isEmpty else { return }
        let record = source.bytes(of: source.records[index])
        try file.write(record)
        try file.write("\n")
        withExtendedLifetime(source) {}
    }
}
