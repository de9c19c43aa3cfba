// What changed between two conversions.

public import InteractionModel

/// Compares two conversions, Interaction by Interaction, in bounded memory and in any order of their records.
///
/// ```swift
/// let report = try ConversionDiff().run(old: "before.ndjson", new: "after.ndjson") { difference in
///     print(difference.kind, difference.place?.threadId ?? "", difference.changes.map(\.path))
/// }
/// ```
public struct ConversionDiff: Sendable {
    /// What a comparison came to.
    public struct Report: Sendable, Hashable {
        /// Interactions of the old conversion.
        public internal(set) var old = 0
        /// Interactions of the new conversion.
        public internal(set) var new = 0
        /// Pairs that say the same.
        public internal(set) var equal = 0
        /// Pairs that do not.
        public internal(set) var changed = 0
        /// Interactions of the new conversion only.
        public internal(set) var added = 0
        /// Interactions of the old conversion only.
        public internal(set) var removed = 0
        /// What was wrong with the conversions; what could not be read was not compared.
        public internal(set) var findings: [Finding] = []
        /// Whether one is of bare payloads and the other of envelopes, so that only payloads were compared.
        public internal(set) var formsDiffer = false
        /// Whether a conversion could not be read to its end; what had no counterpart until then was not told.
        public internal(set) var hasUnreadableInput = false
        /// Whether the run was stopped before its end, likewise.
        public internal(set) var wasInterrupted = false

        /// Whether both conversions say the same.
        public var isEqual: Bool { changed == 0 && added == 0 && removed == 0 }

        mutating func count(_ kind: InteractionDifference.Kind) {
            switch kind {
            case .equal: equal += 1
            case .changed: changed += 1
            case .added: added += 1
            case .removed: removed += 1
            }
        }
    }

    private let options: DiffOptions

    /// Makes a comparison.
    ///
    /// - Parameter options: What is shown, and how much memory is taken.
    public init(_ options: DiffOptions = DiffOptions()) { self.options = options }

    /// Compares two files of Interactions: NDJSON or an array, bare or in envelopes, packed or not.
    ///
    /// As long as both have the same Interactions at the same places they are compared as they are read. From the
    /// first that is elsewhere on, they are brought together by thread, on disk if need be.
    ///
    /// - Parameters:
    ///   - old: A path; `-` is standard input.
    ///   - new: Another path.
    ///   - isStopped: Asked before each read.
    ///   - progress: Receives how far the reading has come.
    ///   - deliver: Receives each Interaction that differs: in the order of the old file, then what only the new one
    ///     has.
    /// - Returns: The counts.
    /// - Throws: ``SpillFailure``, and what `deliver` throws.
    public func run(
        old: String,
        new: String,
        isStopped: @escaping @Sendable () -> Bool = { false },
        progress: (Converter.Progress) -> Void = { _ in },
        deliver: (InteractionDifference) throws -> Void
    ) throws -> Report {
        var report = Report()
        var comparer = InteractionComparer(options)
        let before = ConversionReader(.old, file: old, options, isStopped: isStopped)
        let after = ConversionReader(.new, file: new, options, isStopped: isStopped)
        func tell() {
            let bytes = before.bytesRead + after.bytesRead
            progress(Converter.Progress(bytesRead: bytes, records: before.count + after.count))
        }
        func settle(_ difference: InteractionDifference) throws {
            report.count(difference.kind)
            if difference.kind != .equal { try deliver(difference) }
        }
        var finder = PairFinder(options)
        var next = (before.next(), after.next())
        while let first = next.0, let second = next.1, first.identity == second.identity {
            let difference = comparer.compare(
                (first.interaction, first.view, first.identity),
                (second.interaction, second.view, second.identity)
            )
            try settle(difference)
            next = (before.next(), after.next())
            tell()
        }
        for (first, reader) in [(next.0, before), (next.1, after)] {
            var interaction = first
            while let (one, identity, _) = interaction {
                try finder.add(one, identity)
                interaction = reader.next()
                tell()
            }
        }
        report.conclude(before, after)
        guard !report.wasInterrupted, !report.hasUnreadableInput else { return report }
        var identical = 0
        try finder.forEachPair {
            identical += 1
        } _: { old, new in
            try settle(comparer.compare(old, new))
        }
        report.equal += identical
        return report
    }
}

extension ConversionDiff.Report {
    /// Takes over what reading has come to.
    mutating func conclude(_ old: ConversionReader, _ new: ConversionReader) {
        self.old = old.count
        self.new = new.count
        wasInterrupted = old.wasInterrupted || new.wasInterrupted
        let files = old.fileFindings + new.fileFindings
        hasUnreadableInput = !files.isEmpty
        findings += old.findings + new.findings + files
        if let old = old.hasEnvelopes, let new = new.hasEnvelopes { formsDiffer = old != new }
    }
}
