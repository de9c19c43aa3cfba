// What a reader makes of elements and texts: records, what surrounds them, and faults.

internal import CLibXML2
internal import InteractionModel

extension MarkupReader {
    // MARK: Elements

    mutating func start(_ element: MarkupElement) {
        guard stop == nil else { return }
        guard echoes == 0 else {
            echoes -= 1
            return
        }
        hasRoot = true
        if veil.pass(cxml_position(parser)) { uncoverValues(of: element) }
        heardStart = cursor
        guard openDepth < MarkupRecorder.depthLimit else {
            halt(.tooDeep)
            return
        }
        guard outline == nil else {
            outline?.start(element)
            return
        }
        if recorder.depth > 0 {
            checkSize(upTo: heardStart)
            recorder.start(element)
            return
        }
        let progress = matcher.advance(surroundings.progress, element.nameBytes)
        guard matcher.isRecord(progress) else {
            surroundings.start(element, progress: progress)
            return
        }
        recordCount += 1
        recordPlace = placeOfTag()
        surroundings.meetRecord()
        recorder.start(element)
    }

    /// Puts values that came in where the parser tells the signs that it got for them.
    private mutating func uncoverValues(of element: MarkupElement) {
        guard let fields = element.attributes else { return }
        for index in 0..<element.attributeCount {
            guard let value = fields[index * 5 + 3], let end = fields[index * 5 + 4], end - value == 1,
                let original = veil.value(at: cxml_position_of(parser, value)), let start = original.baseAddress
            else { continue }
            // Safety: libxml2 does not look at the pointers again, but frees the values that it has allocated, which are
            // not in its buffer.
            fields[index * 5 + 3] = start.assumingMemoryBound(to: UInt8.self)
            fields[index * 5 + 4] = fields[index * 5 + 3]?.advanced(by: original.count)
        }
    }

    mutating func end() {
        guard stop == nil else { return }
        guard let element = veil.elementEnd(cxml_position(parser)) else {
            endElement(at: nil)
            return
        }
        take(element.text, readsReferences: true)
        endElement(at: parserStart + element.end)
        if openDepth > 0 { hear(element.blanks) }
    }

    /// Ends the innermost element, at the cursor if nothing else is said.
    @inline(__always)
    private mutating func endElement(at end: Int?) {
        guard recorder.depth > 0 else {
            if outline == nil { surroundings.end() } else { outline?.end() }
            return
        }
        recorder.end()
        if recorder.depth == 0 { endRecord(at: end ?? cursor) }
    }

    /// Takes a text.
    ///
    /// - Parameters:
    ///   - shown: The text as the parser has it.
    ///   - readsReferences: Whether references stand for characters.
    @inline(__always)
    mutating func text(_ shown: UnsafeRawBufferPointer, readsReferences: Bool) {
        guard stop == nil else { return }
        take(original(of: shown), readsReferences: readsReferences)
    }

    @inline(__always)
    private mutating func take(_ text: MarkupVeil.Original, readsReferences: Bool) {
        if recorder.depth > 0 { checkSize(upTo: parserStart + text.end) }
        guard text.isSpelled, readsReferences else {
            hear(text.bytes)
            return
        }
        if recorder.depth == 0 || !recorder.takes(spelledText: text.bytes) { read(text.bytes) }
    }

    @inline(__always)
    private mutating func hear(_ text: UnsafeRawBufferPointer) {
        if recorder.depth > 0 {
            recorder.text(text)
        } else if outline == nil {
            surroundings.text(text)
        } else {
            outline?.text(text)
        }
    }

    /// Takes a text in pieces: what stands for others, and what is between.
    private mutating func read(_ text: UnsafeRawBufferPointer) {
        guard var heard = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        // Safety: a veil's texts end at a bracket.
        let end = heard + text.count
        while true {
            let sign = min(MarkupTextScan.nextSign(heard), end)
            hear(UnsafeRawBufferPointer(start: heard, count: sign - heard))
            guard sign < end else { return }
            // Of two bytes that end a line, the second is the one that counts.
            heard = sign + 1
            guard sign.pointee == UInt8(ascii: "&"), let reference = MarkupTextScan.Reference(sign) else { continue }
            reference.withBytes { hear($0) }
            heard = sign + reference.length
        }
    }

    /// A record that is too large already need not be kept until its end.
    @inline(__always)
    private mutating func checkSize(upTo offset: Int) {
        if offset - recordPlace.offset > largestRecord { recorder.drop() }
    }

    private mutating func endRecord(at end: Int) {
        let size = end - recordPlace.offset
        let start = origin(of: recordPlace.offset)
        let bytes = start..<max(start, origin(of: end, isEnd: true))
        defer {
            origins.forget(before: filterOrigins.offset(of: end))
            filterOrigins.forget(before: end)
        }
        guard size <= largestRecord else {
            report(
                .recordTooLarge,
                .error,
                record: recordCount,
                at: recordPlace,
                "the record has \(size) bytes, more than is read into memory",
                remedy: "raise the limit with --max-record-bytes"
            )
            return
        }
        guard let batch else { return }
        let context = currentContext(batch)
        batch.pointee.tape.append(record: recorder.tape)
        var record = DecodedRecord(
            firstNode: batch.pointee.tape.recordStart,
            textStart: batch.pointee.tape.textStart,
            number: recordCount,
            bytes: bytes,
            line: recordPlace.line,
            column: recordPlace.column
        )
        record.context = context
        batch.pointee.records.append(record)
    }

    private mutating func currentContext(_ batch: UnsafeMutablePointer<DecodedBatchBuilder>) -> Int? {
        guard surroundings.depth > 0 else { return nil }
        guard surroundings.version != contextVersion else { return contextIndex }
        surroundings.write(to: &batch.pointee.tape)
        batch.pointee.contexts.append((batch.pointee.tape.recordStart, batch.pointee.tape.textStart))
        contextIndex = batch.pointee.contexts.count - 1
        contextVersion = surroundings.version
        return contextIndex
    }

    // MARK: Faults

    /// A fault; one with a record's number loses that record.
    func fault(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        record: Int? = nil,
        at place: MarkupPlace?,
        _ message: String,
        remedy: String? = nil
    ) -> DecodingFault {
        DecodingFault(
            code,
            severity,
            record: record,
            line: place?.line,
            column: place?.column,
            offset: place.map { origin(of: $0.offset, isEnd: true) },
            message: message,
            remedy: remedy,
            losesRecord: record != nil
        )
    }

    /// Books a fault.
    mutating func report(_ fault: DecodingFault) {
        faultCount += 1
        batch?.pointee.faults.append(fault)
    }

    /// Books a fault; one with a record's number loses that record.
    mutating func report(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        record: Int? = nil,
        at place: MarkupPlace?,
        _ message: String,
        remedy: String? = nil
    ) {
        report(fault(code, severity, record: record, at: place, message, remedy: remedy))
    }

    /// Counts a record whose start tag is so damaged that it was never heard.
    mutating func countUnheardRecord() { recordCount += 1 }
}
