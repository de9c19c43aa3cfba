// The way of one record: scan, recognise, map, write.

package import InteractionModel

extension RecordMapper {
    /// Turns to a new run of bytes; output and findings start afresh.
    ///
    /// - Parameter source: Where the run lies.
    package mutating func begin(_ source: RecordSource) {
        self.source = source
        output.removeAll()
        outputCount = 0
    }

    /// The output of the run so far, valid until the next call.
    package var outputSoFar: UnsafeRawBufferPointer { output.bytes }

    /// The output of the run so far; the caller takes it, and an empty one takes its place.
    package mutating func takeOutput() -> OutputBuffer {
        var taken = OutputBuffer(capacity: output.count + output.count / 8)
        swap(&taken, &output)
        return taken
    }

    /// A record's text in strict JSON, made from something that was not.
    package enum Rewriting {
        /// Strict JSON, and what was rewritten in words.
        case strict([UInt8], remark: String)
        /// It is no JSON of any kind: where, and why.
        case fault(offset: Int, message: String)
    }

    /// Maps one record and appends its Interactions to the output.
    ///
    /// - Parameters:
    ///   - text: The record's JSON; padding must be readable after it.
    ///   - start: Its position in the run.
    ///   - range: Its bytes in the input.
    ///   - number: Its number in its file.
    ///   - rewrite: Asked for strict JSON if the text is not; nil leaves it at the fault.
    /// - Returns: What became of it; output indexes count from the start of the run.
    package mutating func map(
        _ text: UnsafeRawBufferPointer,
        start: Int,
        range: Range<Int64>,
        number: Int,
        rewrite: (JSONError) -> Rewriting?
    ) -> RecordOutcome {
        beginRecord(start: start, range: range, number: number)
        let bytes = text.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? ("" as StaticString).utf8Start
        do {
            try tape.scan(bytes, count: text.count)
        } catch {
            switch rewrite(error) {
            case .strict(let json, let remark): mapRewritten(json, remark)
            case .fault(let offset, let message): refuse(.invalidJSON, message, at: offset)
            case nil: refuse(parseFault: error)
            }
            return endRecord()
        }
        mapScanned(tape.view(of: bytes))
        return endRecord()
    }

    private mutating func mapRewritten(_ json: [UInt8], _ remark: String) {
        let padded = PaddedBytes(json)
        source.isVerbatim = false
        do {
            try tape.scan(padded.start, count: padded.count)
        } catch {
            refuse(parseFault: error)
            return
        }
        note(.json5Text, .note, stage: .parse, message: "read as JSON5: \(remark)")
        mapScanned(tape.view(of: padded.start))
    }

    /// Books a record that never was JSON.
    ///
    /// - Parameters:
    ///   - finding: Why not.
    ///   - range: Its bytes in the input.
    ///   - number: Its number in its file.
    /// - Returns: A rejection.
    package mutating func reject(_ finding: Finding, range: Range<Int64>, number: Int) -> RecordOutcome {
        beginRecord(start: 0, range: range, number: number)
        outcome.findings.append(finding)
        return endRecord()
    }

    mutating func beginRecord(start: Int, range: Range<Int64>, number: Int) {
        source.start = start
        source.number = number
        source.isVerbatim = true
        outcome = RecordOutcome(file: source.file, record: number, bytes: range, kind: .rejected)
        draft.reset()
        texts.reset()
        if !findingCounts.isEmpty { findingCounts.removeAll(keepingCapacity: true) }
        resolver.reset()
        entries.removeAll(keepingCapacity: true)
        envelope = EnvelopeFields()
        found.reset()
        if !redacted.isEmpty { redacted.removeAll() }
        messageCount = 0
        movedCount = 0
        conversationTally.reset()
        firstInstant = 0
        operatorName = nil
        handledHeaders = -1
        sourceHeaders = nil
        participantCount = 0
        isSDKTraffic = false
        snapshot.begin()
    }

    private mutating func endRecord() -> RecordOutcome {
        reportSuppressed()
        books.records.total += 1
        switch outcome.kind {
        case .converted, .folded: books.records.mapped += 1
        case .skipped: books.records.dropped["other-message", default: 0] += 1
        case .rejected: books.records.rejected += 1
        }
        if options.tellsFields { outcome.fields = ledger.takeTrail() }
        return outcome
    }

    private mutating func refuse(parseFault error: JSONError) {
        let isCut = error.fault == .endOfText || error.fault == .openString
        refuse(isCut ? .truncated : .invalidJSON, error.fault.rawValue, at: error.offset)
    }

    private mutating func refuse(_ code: FindingCode, _ message: String, at offset: Int) {
        note(
            code,
            .error,
            stage: .parse,
            at: offset,
            message: message,
            remedy: code == .truncated
                ? "the record was cut off; restore it from its source" : "correct the JSON at this place"
        )
    }

    private mutating func mapScanned(_ view: JSONView) {
        books.sourceFields.total += tape.leafCount
        let recognition = GenerationDetector(view).recognize()
        guard case .message(let generation, let payloadNode) = recognition else {
            refuse(recognition, view)
            return
        }
        outcome.generation = generation
        reportSuperseded(view)
        let root = roots[generation] ?? unrecognized
        let mark = (bytes: output.count, count: outputCount)
        let isMapped =
            switch generation {
            case .v1, .v2, .v3, .v31: mapFlat(view, generation, root, payloadNode)
            case .v32, .interaction: mapStructured(view, generation, payloadNode)
            }
        let isConverted = isMapped && !isRefusedByStrictness()
        if isConverted {
            outcome.kind = .converted
        } else {
            output.truncate(to: mark.bytes)
            outputCount = mark.count
            outcome.outputs.removeAll()
            outcome.participants.removeAll()
            outcome.threadId = nil
        }
        account(view, root, isMapped: isConverted)
    }

    /// In a strict run, whatever was decided for lack of better knowledge rejects the record.
    mutating func isRefusedByStrictness() -> Bool {
        guard options.isStrict else { return false }
        var isRefused = false
        for index in outcome.findings.indices
        where outcome.findings[index].severity == .warning && outcome.findings[index].stage == .resolve {
            outcome.findings[index].severity = .error
            isRefused = true
        }
        return isRefused
    }

    private mutating func refuse(_ recognition: Recognition, _ view: JSONView) {
        switch recognition {
        case .message: break
        case .other(let name):
            outcome.kind = .skipped
            ledger.count(unrecognized, .dropped, "other-message", tape.leafCount)
            books.sourceFields += ledger.commit()
            note(
                .otherMessage,
                .warning,
                stage: .map,
                message: "the message is '\(name.prefix(40))', not a Customer Interaction",
                remedy: "nothing to do if other messages are expected here"
            )
            return
        case .refused(let code, let message):
            note(code, .error, stage: .map, message: message, remedy: Self.remedy(code))
        }
        ledger.count(unrecognized, .rejected, "unrecognized", tape.leafCount)
        books.sourceFields += ledger.commit()
    }

    private static func remedy(_ code: FindingCode) -> String {
        switch code {
        case .replyNotRequest: "leave replies out of the input"
        case .twoTranscripts: "remove the transcript that does not count"
        default: "see docs/MAPPING.md for the shapes that are recognised"
        }
    }

    // MARK: Findings

    /// Adds a finding about the whole record.
    mutating func note(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        stage: Finding.Stage,
        at position: Int = 0,
        path: String? = nil,
        message: String,
        remedy: String? = nil
    ) {
        findingCounts[code, default: 0] += 1
        guard findingCounts[code, default: 0] <= Self.findingsPerCode else { return }
        outcome.findings.append(
            Finding(
                code,
                severity,
                stage: stage,
                place: source.place(position),
                path: path,
                message: message,
                remedy: remedy
            )
        )
    }

    /// Findings of one kind that one record shows in full; a record of a million faults must not fill the memory.
    private static let findingsPerCode = 100

    /// Says how many findings were too many to be shown.
    mutating func reportSuppressed() {
        for (code, count) in findingCounts.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where count > Self.findingsPerCode {
            guard let last = outcome.findings.last(where: { $0.code == code }) else { continue }
            outcome.findings.append(
                Finding(
                    code,
                    last.severity,
                    stage: last.stage,
                    place: source.place(0),
                    message: "\(count - Self.findingsPerCode) more like this in the record"
                )
            )
        }
    }

    private mutating func reportSuperseded(_ view: JSONView) {
        for key in outermostSuperseded(view) {
            note(
                .duplicateKey,
                .warning,
                stage: .parse,
                at: Int(view[key].start),
                path: view.text(key).string,
                message: "the key occurs again in the same object; the last one counts"
            )
        }
    }

    /// Superseded keys that are not themselves inside a superseded value.
    mutating func outermostSuperseded(_ view: JSONView) -> [Int] {
        guard !tape.supersededKeys.isEmpty else { return [] }
        var end = 0
        return tape.supersededKeys.sorted().filter { key in
            guard key >= end else { return false }
            end = view.next(key + 1)
            return true
        }
    }
}
