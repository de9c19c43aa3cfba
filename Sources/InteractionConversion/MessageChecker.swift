// Checks finished Interactions, each by itself and all together.

internal import InteractionMapping
public import InteractionModel
internal import InteractionSources

/// Says whether messages are what the target accepts.
public struct MessageChecker: Sendable {
    /// What a check found.
    public struct Report: Sendable, Hashable {
        /// Messages seen.
        public internal(set) var messages = 0
        /// Messages without an error.
        public internal(set) var valid = 0
        /// Whether something was wrong that belongs to no single message: a file, or an incomplete set of parts.
        public internal(set) var hasErrors = false
        /// Whether an input could not be read to its end.
        public internal(set) var hasUnreadableInput = false
        /// Whether the run was stopped before its end.
        public internal(set) var wasInterrupted = false

        /// Messages with an error.
        public var invalid: Int { messages - valid }
    }

    private let options: ConversionOptions

    /// Makes a checker.
    ///
    /// - Parameter options: How inputs are cut; the tenant's id counts towards the size.
    public init(_ options: ConversionOptions = ConversionOptions()) {
        self.options = options
    }

    /// Checks the messages of files.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - emit: Receives each finding, in input order.
    /// - Returns: The counts.
    /// - Throws: What `emit` throws.
    public func run(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false },
        emit: (Finding) throws -> Void
    ) throws -> Report {
        var report = Report()
        var reader = BatchReader(files.map { PlannedInput(file: $0) }, options: options, isCancelled: isStopped)
        let validator = InteractionValidator(tenantIDLength: options.mapping.tenantId?.utf8.count ?? 0)
        var set = SubmissionSetChecker()
        var tape = JSONTape()
        while let read = reader.next() {
            var source = RecordSource(read)
            for record in read.batch.records {
                source.start = record.start
                source.number = record.number
                report.messages += 1
                var findings: [Finding] = []
                if Self.check(read, record, &source, validator, &set, &tape, &findings) { report.valid += 1 }
                for finding in findings { try emit(finding) }
            }
        }
        var findings = reader.findings
        set.finish { findings.append($0) }
        for finding in findings {
            report.hasErrors = true
            if finding.code == .inputUnreadable { report.hasUnreadableInput = true }
            try emit(finding)
        }
        report.wasInterrupted = reader.wasInterrupted
        return report
    }

    private static func check(
        _ read: ReadBatch,
        _ record: RecordSpan,
        _ source: inout RecordSource,
        _ validator: InteractionValidator,
        _ set: inout SubmissionSetChecker,
        _ tape: inout JSONTape,
        _ findings: inout [Finding]
    ) -> Bool {
        guard record.oversized == nil else {
            let place = Finding.Place(file: read.file, record: record.number, offset: record.oversized?.lowerBound)
            findings.append(
                Finding(.recordTooLarge, .error, stage: .read, place: place, message: "too large to be read")
            )
            return false
        }
        let text = read.batch.block.start + record.start
        do {
            try tape.scan(text, count: record.end - record.start)
        } catch {
            findings.append(
                Finding(
                    .invalidJSON,
                    .error,
                    stage: .parse,
                    place: source.place(error.offset),
                    message: error.fault.rawValue
                )
            )
            return false
        }
        let view = tape.view(of: text)
        let form = InteractionValidator.Form(detecting: view, root: view.root)
        var places = source
        let isValid = validator.validate(
            view,
            root: view.root,
            form: form,
            place: { places.place($0) },
            emit: { findings.append($0) }
        )
        if isValid {
            set.add(view, root: view.root, form: form, place: { places.place($0) }, emit: { findings.append($0) })
        }
        source = places
        return isValid
    }
}
