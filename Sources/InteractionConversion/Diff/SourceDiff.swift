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
    ///     sources, then what none of their records makes.
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
            for index in batch.outcomes.indices {
                if let rejected = try feed.add(batch, index, to: finder) { try deliver(rejected) }
            }
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
            var comparison = SourceComparison(old?.origin ?? UnsafeRawBufferPointer(start: nil, count: 0))
            let difference = comparer.compare(old, new)
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
    private let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Interactions so far.
    private(set) var count = 0

    init(showsContent: Bool) { trace = SourceTrace(showsContent: showsContent) }

    /// Adds what became of one record.
    ///
    /// - Returns: The record, if nothing became of it.
    mutating func add(
        _ batch: ConvertedBatch,
        _ index: Int,
        to finder: FinderBox
    ) throws(SpillFailure) -> SourceComparison? {
        let outcome = batch.outcomes[index]
        let interactions = outcome.outputs.map(batch.interaction)
        var comparison = SourceComparison(empty)
        comparison.file = outcome.file
        comparison.record = outcome.record
        comparison.format = outcome.generation?.rawValue ?? outcome.profile
        comparison.findings = outcome.findings.map(\.description)
        if batch.hasSource {
            comparison.leaves = batch.withSource(ofRecordAt: index) {
                trace.leaves($0, outcome.fields, interactions)
            }
        }
        guard outcome.kind == .converted else { return comparison }
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
            comparison.write(to: &origin)
            interaction.origin = origin.bytes
            try finder.add(interaction, identity)
            // The record's values are told once, with its first part.
            comparison.leaves = []
            comparison.findings = []
        }
        return nil
    }
}
