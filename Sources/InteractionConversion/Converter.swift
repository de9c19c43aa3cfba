// The library's main call: files, bytes or a stream in, Interactions and outcomes out.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Converts legacy payloads and other systems' chat logs to Interactions.
///
/// ```swift
/// var options = ConversionOptions()
/// options.mapping.organizationId = "org_1"
/// for try await record in Converter(options).records(ofFiles: ["archive.ndjson"]) { … }
/// ```
///
/// It neither opens a connection nor writes a file.
public struct Converter: Sendable {
    /// What was asked for.
    public let options: ConversionOptions

    /// Makes a converter.
    ///
    /// - Parameter options: What to do.
    public init(_ options: ConversionOptions = ConversionOptions()) {
        self.options = options
    }

    /// How far a run has come.
    public struct Progress: Sendable {
        /// Bytes read, as stored.
        public var bytesRead: Int64
        /// Records mapped and delivered.
        public var records: Int
        /// Of these, records that an earlier run had finished with.
        package var finishedEarlier = 0
    }

    /// Converts files and delivers batches in input order, mapping up to `options.jobs` of them at the same time.
    ///
    /// A file that cannot be read is a finding of the report; the others go on. Cancelling the task, or `isStopped`
    /// turning true, ends the reading; what has been read is still delivered.
    ///
    /// - Parameters:
    ///   - files: Paths; `-` is standard input.
    ///   - isStopped: Asked before each read.
    ///   - deliver: Receives each batch; the next one waits until it returns.
    /// - Returns: What happened, with balanced books.
    /// - Throws: ``InputSelectionFailure``, ``SpillFailure``, and what `deliver` throws.
    @concurrent
    public func run(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false },
        deliver: (ConvertedBatch, Progress) async throws -> Void
    ) async throws -> ConversionReport {
        if let contradiction = options.contradiction { throw InputSelectionFailure(description: contradiction) }
        let members = try members(of: files)
        let isCancelled: @Sendable () -> Bool = { isStopped() || Task.isCancelled }
        if options.grain == .conversations {
            var report = ConversionReport()
            try await keepingToRejects(&report) { report in
                try await AssemblyRun(members, options, isCancelled: isCancelled).run(&report, deliver)
            }
            report.finish(fields: [:])
            return report
        }
        let plan = InputPlan(members, options, isCancelled: isCancelled)
        if let folder = plan.fruitless {
            throw InputSelectionFailure(
                description: "'\(folder)' matches no file (no file in it is of a known format; name the file itself)"
            )
        }
        return try await run(plan, isCancelled: isCancelled, deliver: deliver)
    }

    /// Lists the inputs that arguments stand for.
    func members(of files: [String]) throws(InputSelectionFailure) -> [InputMember] {
        do {
            if let zone = options.mapping.timezone { _ = try ZoneRules(named: zone) }
            return try InputContainer.members(of: files).map {
                $0.container == "-" ? InputMember(standardInputCalled: options.standardInputName) : $0
            }
        } catch let error as SourceError {
            throw InputSelectionFailure(description: error.description)
        } catch {
            throw InputSelectionFailure(description: "\(error)")
        }
    }

    /// Converts inputs that have been looked at.
    ///
    /// - Parameters:
    ///   - plan: The inputs.
    ///   - isCancelled: Asked before each read.
    ///   - deliver: Receives each batch.
    /// - Returns: What happened.
    /// - Throws: ``SpillFailure``, and what `deliver` throws.
    @concurrent
    func run(
        _ plan: InputPlan,
        isCancelled: @escaping @Sendable () -> Bool,
        deliver: (ConvertedBatch, Progress) async throws -> Void
    ) async throws -> ConversionReport {
        guard options.tellsShapes else {
            return try await run(plan, isCancelled, observe: { _ in }, deliver)
        }
        var shapes = ShapeCounter(showsContent: options.showsContent)
        var payloads = PayloadReader()
        var report = try await run(plan, isCancelled) { batch in
            let isRow =
                batch.profile < 0
                ? plan.legacyShapes[batch.file].format == .legacyTable
                : plan.profiles[batch.profile].kind == .csv
            for record in batch.decoded.records { shapes.add(batch.decoded.view(of: record), isRow: isRow) }
            withExtendedLifetime(batch) {}
        } _: { batch, progress in
            payloads.forEach(in: batch) { shapes.add($0, isRow: false) }
            try await deliver(batch, progress)
        }
        report.tell(shapes)
        return report
    }

    /// Converts, and hands out the decoded records before they are mapped; those of legacy payloads in JSON come with
    /// what is delivered.
    private func run(
        _ plan: InputPlan,
        _ isCancelled: @escaping @Sendable () -> Bool,
        observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Progress) async throws -> Void
    ) async throws -> ConversionReport {
        var report = ConversionReport()
        report.book(inputs: plan.books, plan.findings, wasInterrupted: false)
        var selection = RecordSelection(
            limit: options.limit,
            sample: try await survey(plan, isCancelled: isCancelled),
            finished: options.finished
        )
        var fields: [FieldTotal: Int] = [:]
        try await keepingToRejects(&report) { report in
            if options.snapshots == .fold {
                fields = try await SnapshotRun(plan, options, isCancelled: isCancelled).run(&report, observe, deliver)
            } else {
                fields = try await convertLegacy(plan.legacy, &report, &selection, isCancelled, deliver)
            }
            if options.snapshots == .keep, !plan.legacyShapes.isEmpty, !report.wasInterrupted {
                let inputs = plan.legacyShapes
                let more = try await convertLegacyShapes(inputs, &report, &selection, isCancelled, observe, deliver)
                fields.merge(more, uniquingKeysWith: +)
            }
            if !plan.records.isEmpty || !plan.tables.isEmpty, !report.wasInterrupted {
                let run = ProfileRun(plan, options, selection, isCancelled: isCancelled)
                try await run.run(&report, observe, deliver)
                fields.merge(run.fields, uniquingKeysWith: +)
            }
        }
        report.timeZoneData = plan.timeZoneData(options)
        report.finish(fields: fields)
        return report
    }

    /// Does the work of a run, and notes in its report whether more was rejected than is accepted.
    private func keepingToRejects(
        _ report: inout ConversionReport,
        _ work: (inout ConversionReport) async throws -> Void
    ) async throws {
        do {
            try await work(&report)
        } catch is RejectsExceeded {
            report.exceedsRejects = true
        }
        if !report.wasInterrupted, options.acceptedRejects?.isExceeded(by: report.books.records, isFinal: true) ?? false
        {
            report.exceedsRejects = true
        }
    }

    /// Converts legacy payloads that were written as XML or as the columns of a table.
    private func convertLegacyShapes(
        _ inputs: [PlannedInput],
        _ report: inout ConversionReport,
        _ selection: inout RecordSelection,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Progress) async throws -> Void
    ) async throws -> [FieldTotal: Int] {
        let reader = DecodedInputs(
            inputs,
            profiles: [],
            firstFile: 0,
            options: options,
            isCancelled: isCancelled
        )
        let worker = LegacyRecordsWorker(options.mapping)
        while let batch = reader.next() {
            let isFull = selection.isFull
            let taken = selection.take(batch.decoded.records)
            report.book(taken.besides)
            if taken.isCut { reader.leaveOutRest(by: Rebooking.limit.rule) }
            if isFull { continue }
            observe(batch)
            let input = inputs[batch.file]
            let form: LegacyRecords.Form = input.format == .legacyTable ? .columns : .elements
            let converted = await worker.map(batch.decoded, taking: taken, as: form, file: input.name)
            try await report.take(converted, bytesRead: reader.bytesRead, options, deliver)
        }
        report.book(
            inputs: reader.books,
            reader.findings,
            bytesRead: reader.bytesRead,
            wasInterrupted: reader.wasInterrupted
        )
        return await worker.fields()
    }

    private func convertLegacy(
        _ inputs: [PlannedInput],
        _ report: inout ConversionReport,
        _ selection: inout RecordSelection,
        _ isCancelled: @escaping @Sendable () -> Bool,
        _ deliver: (ConvertedBatch, Progress) async throws -> Void
    ) async throws -> [FieldTotal: Int] {
        var reader = BatchReader(inputs, options: options, isCancelled: isCancelled)
        let workers = (0..<max(1, options.jobs)).map { _ in MappingWorker(options.mapping) }
        try await OrderedWork(workers: workers.count).run(
            next: { number in
                guard let read = next(&reader, &selection, &report) else { return nil }
                let worker = workers[number]
                return {
                    var converted = await worker.map(read.batch, file: read.file)
                    converted.positions = read.positions
                    return converted
                }
            },
            deliver: { batch in
                try await report.take(consume batch, bytesRead: reader.bytesRead, options, deliver)
            }
        )
        report.book(
            inputs: reader.books,
            reader.findings,
            bytesRead: reader.bytesRead,
            wasInterrupted: reader.wasInterrupted
        )
        return await Self.mergedFields(workers)
    }

    /// Turns folders and patterns into the files that they stand for.
    ///
    /// - Parameter arguments: Paths, folders, patterns with `*`, `?` or `[`; `-` stays.
    /// - Returns: Paths, those of a folder sorted by name.
    /// - Throws: ``InputSelectionFailure`` for a folder or pattern without files.
    public static func expand(_ arguments: [String]) throws(InputSelectionFailure) -> [String] {
        do {
            return try InputExpansion.expand(arguments)
        } catch {
            throw InputSelectionFailure(description: error.description)
        }
    }

    /// The next records that are wanted, or nil after the last of them.
    private func next(
        _ reader: inout BatchReader,
        _ selection: inout RecordSelection,
        _ report: inout ConversionReport
    ) -> ReadBatch? {
        while let read = reader.next() {
            let taken = selection.take(read.batch.records)
            report.book(taken.besides)
            if taken.isCut { reader.leaveOutRest(by: Rebooking.limit.rule) }
            if taken.records.isEmpty { continue }
            return ReadBatch(
                batch: read.batch.keeping(taken.records),
                file: read.file,
                positions: taken.positions
            )
        }
        return nil
    }

    private static func mergedFields(_ workers: [MappingWorker]) async -> [FieldTotal: Int] {
        var totals: [FieldTotal: Int] = [:]
        for worker in workers { totals.merge(await worker.fields(), uniquingKeysWith: +) }
        return totals
    }
}

/// Arguments that stand for no file.
public struct InputSelectionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What stands for nothing, and what was looked for.
    public let description: String
}
