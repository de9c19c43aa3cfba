// The second half of the way of chat logs: fragments that other runs have extracted become conversations.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One run over lines of fragments, as ``ProfileRun/handOnFragments(_:_:_:)`` writes them.
///
/// Lines may come in any order, from any number of runs: within a conversation they are put in the order of their files'
/// names and of the records in them.
final class AssemblyRun {
    /// Fragments of conversations that are gathered before a worker gets them.
    private static let assemblyBytes = 256 << 10

    private let options: ConversionOptions
    private var reader: BatchReader
    private let workers: [ExtractionWorker]
    private var grouper: ConversationGrouper
    private var tape = JSONTape(depthLimit: FragmentLine.depthLimit)
    private var rules: [GatheringRules] = []
    private var ruleNumbers: [GatheringRules: Int] = [:]
    private var files: [String] = []
    private var fileNumbers: [String: Int] = [:]
    private var gathering = ConversationBatch(capacity: AssemblyRun.assemblyBytes)
    private var isRead = false
    private var isGrouped = false

    init(_ members: [InputMember], _ options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        var options = options
        options.input = .ndjson
        self.options = options
        let inputs = members.map { PlannedInput(member: $0, format: .legacy) }
        reader = BatchReader(inputs, options: options, isCancelled: isCancelled)
        workers = (0..<max(1, options.jobs)).map {
            ExtractionWorker(
                number: $0,
                profiles: [],
                options: options.mapping,
                tables: [],
                files: [],
                tellsShapes: false
            )
        }
        grouper = ConversationGrouper(options)
    }

    /// Assembles everything and delivers it in order.
    ///
    /// - Parameters:
    ///   - report: Receives what happened.
    ///   - deliver: Receives each batch.
    /// - Throws: ``SpillFailure``, and what `deliver` throws.
    func run(
        _ report: inout ConversionReport,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws {
        try await OrderedWork(workers: workers.count).run(
            next: { number in
                guard let batch = try self.nextBatch() else { return nil }
                let (worker, origin) = (self.workers[number], (self.rules, self.files))
                return { await worker.assemble(batch, of: origin) }
            },
            deliver: { batch in
                try await report.take(consume batch, bytesRead: self.reader.bytesRead, self.options, deliver)
            }
        )
        try await finish(&report)
    }

    private func finish(_ report: inout ConversionReport) async throws {
        var rejected = 0
        for worker in workers {
            let fields = await worker.rebookedFields()[.rejected] ?? [:]
            rejected += fields.values.reduce(0) { $0 + $1.values.reduce(0, +) }
        }
        // The run that extracted them has told what became of each; here they stay, or go with their conversation.
        var change = Books()
        change.sourceFields.rejected = rejected
        change.sourceFields.mapped = report.books.sourceFields.total - rejected
        report.book(change)
        report.book(inputs: reader.books, reader.findings, wasInterrupted: reader.wasInterrupted)
    }

    // MARK: Grouping

    /// The next conversations for a worker, or nil after the last.
    private func nextBatch() throws -> ConversationBatch? {
        while gathering.size < Self.assemblyBytes, !isGrouped {
            if isRead {
                isGrouped = try !handOn()
            } else if let read = reader.next() {
                try take(read)
            } else {
                isRead = true
            }
        }
        guard !gathering.isEmpty else { return nil }
        let batch = gathering
        gathering = ConversationBatch(capacity: Self.assemblyBytes)
        return batch
    }

    private func take(_ read: ReadBatch) throws {
        for record in read.batch.records {
            gathering.books.records.total += 1
            guard record.oversized == nil else {
                reject(record, read, "the line is larger than --max-record-bytes allows")
                continue
            }
            do {
                let bytes = read.batch.bytes(of: record)
                guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { continue }
                try tape.scan(start, count: bytes.count)
                let content = try FragmentLine.read(tape.view(of: start)) { fileNumber($0) }
                gathering.books.records.total += content.recordCount - 1
                gathering.books.sourceFields.total += content.fieldCount
                try add(content)
            } catch let fault as FragmentLine.Fault {
                reject(record, read, fault.message)
            } catch is JSONError {
                reject(record, read, "the line is no JSON")
            }
        }
        withExtendedLifetime(read) {}
    }

    /// Gives the grouping a line's fragments, after what orders them within their conversation.
    private func add(_ content: FragmentLine.Content) throws {
        let number = UInt16(truncatingIfNeeded: ruleNumber(content.rules))
        let key = withUnsafeBytes(of: number) { Array($0) } + content.key
        let place = [fileNumber(content.origin.file), content.origin.pass, content.record]
        let piece = place.flatMap { withUnsafeBytes(of: UInt32(truncatingIfNeeded: $0)) { Array($0) } } + content.run
        try key.withUnsafeBytes { key in
            try piece.withUnsafeBytes { piece in try grouper.add(key: key, fragment: piece) { self.gather($0) } }
        }
    }

    private func reject(_ record: RecordSpan, _ read: ReadBatch, _ message: String) {
        let start = read.batch.offset + Int64(record.start)
        let range = record.oversized ?? start..<start + Int64(record.end - record.start)
        var outcome = RecordOutcome(file: read.file, record: record.number, bytes: range, kind: .rejected)
        outcome.findings.append(
            Finding(
                .fragmentsUnreadable,
                .error,
                stage: .parse,
                place: Finding.Place(file: read.file, record: record.number, offset: range.lowerBound),
                message: message,
                remedy: "extract the records again with `convert --grain messages` of this version"
            )
        )
        gathering.append(rejection: outcome)
        gathering.books.records.rejected += 1
    }

    private func ruleNumber(_ rules: GatheringRules) -> Int {
        if let known = ruleNumbers[rules] { return known }
        ruleNumbers[rules] = self.rules.count
        self.rules.append(rules)
        return self.rules.count - 1
    }

    private func fileNumber(_ name: String) -> Int {
        if let known = fileNumbers[name] { return known }
        fileNumbers[name] = files.count
        files.append(name)
        return files.count - 1
    }

    private func handOn() throws -> Bool {
        try grouper.handOn(atLeast: Self.assemblyBytes) {
            self.gather($0)
        } reopened: { _ in
            gathering.findings.append(
                Finding(
                    .conversationReopened,
                    .warning,
                    stage: .map,
                    place: Finding.Place(file: files.first ?? ""),
                    message: "a conversation's key came back after many others; it became another conversation",
                    remedy: "use --order any, or sort the lines"
                )
            )
        }
    }

    private func gather(_ conversation: GroupedConversation) {
        let placeBytes = 3 * MemoryLayout<UInt32>.size
        var pieces = Array(conversation.fragments)
        if pieces.count > 1 { pieces.sort(by: precedes) }
        gathering.append(
            ConversationBatch.Item(
                position: nil,
                isReopened: conversation.isReopened,
                profile: Int(conversation.key.loadUnaligned(as: UInt16.self))
            ),
            key: conversation.key.dropFirst(MemoryLayout<UInt16>.size),
            copying: pieces.lazy.map { UnsafeRawBufferPointer(rebasing: $0.dropFirst(placeBytes)) }
        )
    }

    /// The order of one run over all files: by the bytes of their names, then as the records lie in them.
    private func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        func number(_ piece: UnsafeRawBufferPointer, _ index: Int) -> Int {
            Int(piece.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        }
        let names = (files[number(left, 0)], files[number(right, 0)])
        if names.0 != names.1 { return names.0.utf8.lexicographicallyPrecedes(names.1.utf8) }
        for index in 1...2 where number(left, index) != number(right, index) {
            return number(left, index) < number(right, index)
        }
        return left.lexicographicallyPrecedes(right)
    }
}
