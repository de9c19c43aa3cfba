// What became of a source: its records beside a conversion of them.

internal import InteractionMapping
internal import InteractionModel

/// Maps sources anew and compares the result with a conversion, record by record.
public struct SourceDiff: Sendable {
    /// What a comparison came to.
    public struct Report: Sendable {
        /// The Interactions: the old ones are those that the mapping makes now.
        public internal(set) var interactions = ConversionDiff.Report()
        /// What happened to the sources, with the field ledger of all of them.
        public internal(set) var conversion: ConversionReport?

        /// Whether the conversion is what the mapping makes of the sources now.
        public var isEqual: Bool { interactions.isEqual }
    }

    private let options: DiffOptions
    private let mapping: ConversionOptions

    /// Makes a comparison.
    ///
    /// - Parameters:
    ///   - options: What is shown, and how much memory is taken.
    ///   - mapping: The options with which the sources were converted; the form is that of the conversion.
    public init(_ options: DiffOptions = DiffOptions(), mapping: ConversionOptions) {
        self.options = options
        self.mapping = mapping
    }

    /// Compares sources with a conversion of them.
    ///
    /// - Parameters:
    ///   - sources: Paths of files, folders or archives.
    ///   - converted: The path of the conversion.
    ///   - isStopped: Asked before each read.
    ///   - progress: Receives how far the reading of the sources has come.
    ///   - deliver: Receives first each record that is not converted, then each Interaction: in the order of the
    ///     sources, then what none of their records makes. Records that were folded into one come before it.
    /// - Returns: The counts.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``, and what `deliver` throws.
    @concurrent
    public func run(
        sources: [String],
        converted: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (Converter.Progress) -> Void = { _ in },
        deliver: (SourceComparison) throws -> Void
    ) async throws -> Report {
        var report = Report()
        let finder = FinderBox(options)
        let after = ConversionReader(.new, file: converted, options, isStopped: isStopped)
        while let (interaction, identity, _) = after.next() { try finder.add(interaction, identity) }
        report.interactions.conclude(after)
        guard !report.interactions.wasInterrupted, !report.interactions.hasUnreadableInput else { return report }
        var mapping = mapping
        mapping.mapping.tellsFields = true
        // Both hold what they bring together; the two of them keep to what was allowed for one.
        mapping.memory = max(1 << 20, options.memory / 2)
        mapping.mapping.form = after.hasEnvelopes ?? false ? .websocket : .rest
        var feed = SourceFeed(showsContent: options.showsContent)
        report.conversion = try await Converter(mapping).run(files: sources, isStopped: isStopped) { batch, now in
            for rejected in try feed.add(batch, to: finder) { try deliver(rejected) }
            progress(now)
        }
        report.interactions.old = feed.count
        if report.conversion?.wasInterrupted ?? false {
            report.interactions.wasInterrupted = true
            return report
        }
        var comparer = InteractionComparer(options)
        try finder.take()?.forEachPair(keepsIdentical: true) {
        } _: { old, new in
            // Snapshots come before the one that they were folded into.
            var lines = old?.origin.split(separator: UInt8(ascii: "\n")) ?? []
            let last = lines.popLast()
            let difference = comparer.compare(old, new)
            for line in lines {
                var folded = SourceComparison(line)
                folded.foldedInto = difference.place
                try deliver(folded)
            }
            var comparison = last.map { SourceComparison($0) } ?? SourceComparison()
            report.interactions.count(difference.kind)
            comparison.difference = difference
            try deliver(comparison)
        }
        return report
    }
}

extension ConversionDiff.Report {
    /// Takes over what reading the new conversion alone has come to.
    fileprivate mutating func conclude(_ new: ConversionReader) {
        self.new = new.count
        wasInterrupted = new.wasInterrupted
        hasUnreadableInput = !new.fileFindings.isEmpty
        findings += new.findings + new.fileFindings
    }
}

/// Holds what cannot be copied where it has to be shared.
private final class FinderBox {
    private var finder: PairFinder?

    init(_ options: DiffOptions) { finder = PairFinder(options) }

    func add(_ interaction: ComparedInteraction, _ identity: InteractionIdentity) throws(SpillFailure) {
        try finder?.add(interaction, identity)
    }

    func take() -> PairFinder? { finder.take() }
}

/// Hands what the mapping makes now to the finder of pairs.
private struct SourceFeed: ~Copyable {
    private var trace: SourceTrace
    private var tape = JSONTape()
    private var origin = OutputBuffer()
    /// Interactions so far.
    private(set) var count = 0

    init(showsContent: Bool) { trace = SourceTrace(showsContent: showsContent) }

    /// Adds what became of the records of a batch.
    ///
    /// - Returns: The records of which nothing became.
    mutating func add(_ batch: ConvertedBatch, to finder: FinderBox) throws(SpillFailure) -> [SourceComparison] {
        // Snapshots come with the one that they were folded into, by the position of what both became.
        var folded: [Int: [SourceComparison]] = [:]
        for (index, outcome) in batch.outcomes.enumerated() {
            guard outcome.kind == .folded, let into = outcome.foldedInto.first?.index else { continue }
            folded[into, default: []].append(compare(batch, index, isFolded: true))
        }
        var refused: [SourceComparison] = []
        for (index, outcome) in batch.outcomes.enumerated() where outcome.kind != .folded {
            let snapshots = outcome.outputs.first.flatMap { folded[$0.index] } ?? []
            let comparison = compare(batch, index, isFolded: !snapshots.isEmpty)
            if outcome.kind == .converted {
                try add(outcome.outputs.map(batch.interaction), snapshots + [comparison], to: finder)
            } else {
                refused.append(comparison)
            }
        }
        return refused
    }

    /// What the mapping makes of one record.
    private mutating func compare(_ batch: ConvertedBatch, _ index: Int, isFolded: Bool) -> SourceComparison {
        let outcome = batch.outcomes[index]
        var comparison = SourceComparison()
        comparison.file = outcome.file
        comparison.record = outcome.record
        comparison.format = outcome.generation?.rawValue ?? outcome.profile
        comparison.findings = outcome.findings.map(\.description)
        let outputs = outcome.outputs.isEmpty ? outcome.foldedInto : outcome.outputs
        comparison.leaves = batch.withPayload(ofRecordAt: index) {
            trace.leaves($0, outcome, outputs.map(batch.interaction), isFolded: isFolded)
        }
        return comparison
    }

    /// Adds Interactions, the first of them with the records that they were made from.
    private mutating func add(
        _ interactions: [[UInt8]],
        _ records: [SourceComparison],
        to finder: FinderBox
    ) throws(SpillFailure) {
        var records = records
        for json in interactions {
            count += 1
            let padded = PaddedBytes(json)
            var interaction = ComparedInteraction(
                .old,
                record: count,
                UnsafeRawBufferPointer(start: padded.start, count: padded.count)
            )
            guard let view = tape.view(of: interaction), let identity = InteractionIdentity(view) else { continue }
            origin.removeAll()
            for record in records {
                origin.append(object: record.write)
                origin.append("\n")
            }
            interaction.origin = origin.bytes
            try finder.add(interaction, identity)
            // The records' values are told once, with the first part.
            records = records.suffix(1)
            records[0].leaves = []
            records[0].findings = []
        }
    }
}
