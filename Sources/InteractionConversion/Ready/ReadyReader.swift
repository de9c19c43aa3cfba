// Turns records that are finished Interactions into messages that can be sent.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Reads Interactions and dead letters; what is neither is refused.
struct ReadyReader: ~Copyable {
    private let validator: InteractionValidator
    private let tenantIDLength: Int
    private var tape = JSONTape()
    private var scratch = OutputBuffer()

    init(_ options: MappingOptions) {
        tenantIDLength = options.tenantId?.utf8.count ?? 0
        validator = InteractionValidator(tenantIDLength: tenantIDLength)
    }

    /// Whether the first record of an input's beginning is a finished Interaction or a dead letter.
    static func beginsWithMessage(_ head: [UInt8], _ options: ConversionOptions, name: String) -> Bool {
        guard options.profile == nil, !head.isEmpty else { return false }
        var framer = RecordFramer(layout: options.layout(for: name), largestRecord: max(head.count, 1024))
        var rest = head[...]
        while !rest.isEmpty {
            let count = framer.withSpace { space in
                let count = min(space.count, rest.count)
                rest.withUnsafeBytes { space.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                return count
            }
            rest = rest.dropFirst(count)
        }
        guard let batch = framer.nextBatch(isFinal: head.count < Skeleton.headSize), let first = batch.records.first
        else { return false }
        var reader = ReadyReader(options.mapping)
        guard first.oversized == nil,
            (try? reader.tape.scan(batch.block.start + first.start, count: first.end - first.start)) != nil
        else { return false }
        let view = reader.tape.view(of: batch.block.start + first.start)
        if deadLetter(view) != nil { return true }
        let form = InteractionValidator.Form(detecting: view, root: view.root)
        return InteractionValidator.isValid(view, root: view.root, form: form, tenantIDLength: reader.tenantIDLength)
    }

    /// The message within a dead letter.
    private static func deadLetter(_ view: JSONView) -> Int? {
        guard view.member(view.root, "deadLetter") != nil else { return nil }
        return view.member(view.root, "message")
    }

    /// Reads the records of a batch.
    mutating func read(_ read: ReadBatch) -> ReadyBatch {
        var batch = ReadyBatch()
        batch.messages.reserveCapacity(read.batch.records.count)
        var source = RecordSource(read)
        for record in read.batch.records {
            source.start = record.start
            source.number = record.number
            self.read(record, of: read, &source, into: &batch)
        }
        return batch
    }

    private mutating func read(
        _ record: RecordSpan,
        of read: ReadBatch,
        _ source: inout RecordSource,
        into batch: inout ReadyBatch
    ) {
        if let range = record.oversized {
            let place = Finding.Place(file: read.file, record: record.number, offset: range.lowerBound)
            let finding = Finding(.recordTooLarge, .error, stage: .read, place: place, message: "too large to be read")
            batch.refused.append(RefusedRecord(finding: finding))
            return
        }
        let text = read.batch.block.start + record.start
        do {
            try tape.scan(text, count: record.end - record.start)
        } catch {
            let place = source.place(error.offset)
            let finding = Finding(.invalidJSON, .error, stage: .parse, place: place, message: error.fault.rawValue)
            batch.refused.append(RefusedRecord(finding: finding))
            return
        }
        let view = tape.view(of: text)
        let letter = Self.deadLetter(view)
        let root = letter ?? view.root
        let form = InteractionValidator.Form(detecting: view, root: root)
        if InteractionValidator.isValid(view, root: root, form: form, tenantIDLength: tenantIDLength),
            let message = FinishedMessage(view, root: root, form: form, &scratch)
        {
            batch.messages.append(
                ReadyMessage(message: message, file: read.file, record: record.number, isDeadLetter: letter != nil)
            )
            return
        }
        batch.refused.append(
            RefusedRecord(finding: fault(view, root, form, &source), json: [UInt8](view.bytes(root)))
        )
    }

    /// The first thing that speaks against a message.
    private func fault(
        _ view: JSONView,
        _ root: Int,
        _ form: InteractionValidator.Form,
        _ source: inout RecordSource
    ) -> Finding {
        var first: Finding?
        var places = source
        _ = validator.validate(
            view,
            root: root,
            form: form,
            place: { places.place($0) },
            emit: { if first == nil, $0.severity == .error { first = $0 } }
        )
        source = places
        return first
            ?? Finding(.schema, .error, stage: .check, place: source.place(0), message: "expected an Interaction")
    }

    /// Reads the Interactions that a conversion has written, which are envelopes.
    static func read(_ converted: ConvertedBatch) -> ReadyBatch {
        var batch = ReadyBatch(findings: converted.findings, endPosition: converted.positions.end)
        var tape = JSONTape()
        var scratch = OutputBuffer()
        for (index, outcome) in converted.outcomes.enumerated() {
            let position = converted.positions[index]
            if outcome.kind == .rejected, let finding = outcome.findings.first(where: { $0.severity == .error }) {
                let json = converted.withSource(ofRecordAt: index) { $0.isEmpty ? nil : [UInt8]($0) }
                batch.refused.append(RefusedRecord(finding: finding, json: json))
                batch.findings += outcome.findings.filter { $0 != finding }
                if let position { batch.openPositions.append(position) }
            } else {
                batch.findings += outcome.findings
            }
            for output in outcome.outputs {
                let bytes = PaddedBytes(converted.interaction(output))
                guard (try? tape.scan(bytes.start, count: bytes.count)) != nil else { continue }
                let view = tape.view(of: bytes.start)
                guard let message = FinishedMessage(view, root: view.root, form: .envelope, &scratch) else { continue }
                batch.messages.append(
                    ReadyMessage(message: message, file: outcome.file, record: outcome.record, position: position)
                )
            }
        }
        return batch
    }
}
