// What a reader does when its parser cannot go on: say so, and find the next place from which it can.

internal import CLibXML2
internal import InteractionModel

extension MarkupReader {
    // MARK: From the parser

    /// A document type is fine as long as it declares nothing.
    mutating func startDocumentType() {
        if cxml_cursor(parser)?.pointee == UInt8(ascii: "[") { halt(.declarations) }
    }

    /// Stops the parser.
    mutating func halt(_ reason: MarkupStop.Reason) {
        guard stop == nil else { return }
        stop = stopHere(reason, "")
        xmlStopParser(parser)
    }

    /// Takes a fault of the parser, which stops by itself or tells nothing more that is heard.
    mutating func fail(_ reason: MarkupStop.Reason, _ message: String) {
        if stop == nil { stop = stopHere(reason, message) }
    }

    private func stopHere(_ reason: MarkupStop.Reason, _ message: String) -> MarkupStop {
        let tag = lastTag
        let cursor = cursor(at: reason)
        var tagName = tag.offset >= heardStart ? MarkupSeeker.startTagName(tag.bytes) : nil
        if reason == .tooLong {
            tagName = MarkupSeeker.startTagName(original(cursor..<cursor + MarkupSeeker.largestName))
        }
        let repair = reason.isRepairable && !isFiltering ? repairOffset(reason, tagName) : nil
        // The end tag that fits no start may be that of an element further out.
        let resume = place(repair ?? (reason == .mismatchedTag ? tag.offset : cursor))
        return MarkupStop(
            reason: reason,
            message: message,
            // The end tag of our own root element is no part of the input.
            place: place(min(cursor, nextOffset)),
            isRepairable: repair != nil,
            resume: resume,
            held: resume.offset < pieceStart ? Array(original(resume.offset..<pieceStart)) : [],
            tagName: tagName,
            isInsideCDATA: cxml_is_inside_cdata(parser) != 0
        )
    }

    /// Where the parser stopped.
    private func cursor(at reason: MarkupStop.Reason) -> Int {
        if reason == .hyphensInComment {
            // Before or behind the hyphens, by how much of the comment was there.
            return cursor - lastTag.bytes.reversed().prefix { $0 == UInt8(ascii: "-") }.count
        }
        guard reason == .misplacedSectionEnd else { return cursor }
        // The parser still stands where its piece of the text began.
        let cursor = cursor
        let rest = original(cursor..<max(cursor, nextOffset))
        return cursor + (rest[...].end(of: Array("]]>".utf8)).map { $0 - 3 } ?? 0)
    }

    /// The first byte that a filter must see in order to repair what the parser refuses.
    private func repairOffset(_ reason: MarkupStop.Reason, _ tagName: [UInt8]?) -> Int? {
        guard cxml_is_inside_cdata(parser) == 0 else { return nil }
        let tag = lastTag
        if tagName != nil || tag.bytes.elementsEqual("<".utf8) { return tag.offset }
        let reference = tag.bytes.suffix(64).lastIndex(of: UInt8(ascii: "&"))
        if reason == .illegalCharacter, !(reference.map { MarkupFilter.isIllegalReference(tag.bytes[$0...]) } ?? false)
        {
            return MarkupFilter.isIllegal(original(cursor..<cursor + 3)) ? cursor : nil
        }
        return reference.map { tag.offset + $0 }
    }

    // MARK: Going on

    /// Decides how to go on after a stop.
    mutating func handle(_ stop: MarkupStop) {
        if stop.isRepairable {
            repairFault = fault(
                .invalidMarkup,
                .warning,
                at: stop.place,
                "",
                remedy: "compare the texts with the source where it matters"
            )
            restart(at: stop.resume)
            startFilter(at: stop.resume.offset)
            return
        }
        let isOutside = openDepth == 0
        if isOutside, hasRoot, !isFragment {
            report(
                .invalidMarkup,
                .warning,
                at: stop.place,
                "something follows the root element; it is read as further documents",
                remedy: "nothing, if the file is a stream or several documents in one"
            )
            if stop.reason == .extraContent { restart(at: stop.resume) } else { startSeeking(after: stop) }
            return
        }
        if !isOutside || stop.reason != .secondDeclaration { reportDamage(stop) }
        if faultCount >= Self.largestFaultCount {
            report(.invalidMarkup, .error, at: stop.place, "too many faults; the rest is not read")
        }
        if faultCount > Self.largestFaultCount || stop.reason == .declarations || outline != nil && !isOutside {
            mode = .finished
        } else {
            startSeeking(after: stop)
        }
    }

    private mutating func reportDamage(_ stop: MarkupStop) {
        var losesRecord = recorder.depth > 0
        if !losesRecord, let name = stop.tagName {
            losesRecord = isRecord(name)
            if losesRecord { countUnheardRecord() }
        }
        let number = losesRecord ? recordCount : nil
        switch stop.reason {
        case .declarations:
            report(
                .refusedMarkup,
                .error,
                record: number,
                at: stop.place,
                "the document type has declarations of its own, which are never read",
                remedy: "remove the part between '[' and ']' in '<!DOCTYPE …>'"
            )
        case .tooDeep:
            report(
                .refusedMarkup,
                .error,
                record: number,
                at: stop.place,
                "more than \(MarkupRecorder.depthLimit) elements inside each other"
            )
        case .tooLong:
            report(
                losesRecord ? .recordTooLarge : .invalidMarkup,
                .error,
                record: number,
                at: stop.place,
                "a tag, comment or CDATA section of more than 10 MB"
            )
        case .reference, .fault:
            let reason = stop.reason == .reference ? "a reference to an entity that XML does not know" : stop.message
            report(
                .invalidMarkup,
                .error,
                record: number,
                at: stop.place,
                "not well-formed: \(reason); reading goes on at the next record that can be found",
                remedy: "repair the file, or export it again"
            )
        }
    }

    private func isRecord(_ name: [UInt8]) -> Bool {
        MarkupSeeker.localName(name).withUnsafeBufferPointer { name in
            matcher.isRecord(matcher.advance(surroundings.progress, name))
        }
    }

    private mutating func startSeeking(after stop: MarkupStop) {
        seeker = MarkupSeeker(
            from: stop.resume,
            damaged: recorder.rootName ?? stop.tagName.map(MarkupSeeker.localName)
        )
        if stop.reason == .hyphensInComment { seeker.terminator = Array("-->".utf8) }
        if stop.isInsideCDATA { seeker.terminator = Array("]]>".utf8) }
        // What stopped the parser where it began would stop it there again.
        if stop.reason == .tooLong || stop.resume.offset == restartOffset { seeker.forbidden = stop.resume.offset }
        recorder.abandon()
        mode = .seeking
    }

    /// Looks for the next tag from which reading can go on.
    ///
    /// - Parameters:
    ///   - text: The next bytes.
    ///   - start: The offset of the first.
    ///   - isFiltered: Whether they have passed the filter.
    /// - Returns: How many bytes are done with; the rest is to be parsed.
    mutating func seek(_ text: UnsafeRawBufferPointer, at start: Int, isFiltered: Bool) -> Int {
        if !seeker.tail.isEmpty {
            let joined = seeker.tail + text
            let early = seeker.tail.count
            seeker.tail.removeAll()
            joined.withUnsafeBytes { read($0, at: start - early, isFiltered: isFiltered) }
            return text.count
        }
        var at = 0
        while at < text.count {
            if let terminator = seeker.terminator {
                guard let end = text[at...].end(of: terminator) else {
                    let tail = max(at, text.count - terminator.count + 1)
                    seeker.advance(over: text[at..<tail])
                    seeker.tail = Array(text[tail...])
                    return text.count
                }
                seeker.terminator = nil
                seeker.advance(over: text[at..<end])
                at = end
            }
            let tag = text[at...].firstIndex(of: UInt8(ascii: "<")) ?? text.count
            seeker.advance(over: text[at..<tag])
            at = tag
            guard at < text.count else { break }
            var length = 1
            switch MarkupSeeker.construct(text[at...]) {
            case .undecided:
                seeker.tail = Array(text[at...])
                return text.count
            case .section(let opening, let terminator):
                seeker.terminator = terminator
                length = opening
            case .startTag(let name) where seeker.place.offset != seeker.forbidden:
                if goOn(atDepth: depth(ofStart: name)) { return at }
            case .endTag(let name):
                if goOn(atDepth: surroundings.depth(ofOpen: name)) { return at }
            case .startTag, .other: break
            }
            seeker.advance(over: text[at..<at + length])
            at += length
        }
        return text.count
    }

    /// How many elements stay open if reading goes on at a start tag; nil if it cannot.
    private func depth(ofStart name: [UInt8]) -> Int? {
        if surroundings.depth == 0 { return 0 }
        return MarkupSeeker.localName(name).withUnsafeBufferPointer { name in
            let anywhere = matcher.advance(.max, name, wildcard: seeker.damaged ?? [])
            guard matcher.isOnPath(anywhere) else { return nil }
            return (0...surroundings.depth).last { depth in
                let progress = surroundings.progress(below: depth)
                return matcher.isOnPath(matcher.advance(progress, name, wildcard: seeker.damaged ?? []))
            }
        }
    }

    private mutating func goOn(atDepth depth: Int?) -> Bool {
        guard let depth else { return false }
        surroundings.truncate(to: depth)
        restart(at: seeker.place)
        return true
    }

    // MARK: The end

    /// Ends the input.
    mutating func finish() {
        if isFiltering { receive(UnsafeRawBufferPointer(start: nil, count: 0), isFinal: true) }
        endParsing()
        reportEnd()
        surroundings.truncate(to: 0)
        if var repairFault, repairCount > 0 {
            repairFault.message = "not well-formed: \(repairCount) stray characters or references, repaired"
            report(repairFault)
        }
        if surroundings.lostCount > 0 {
            report(
                .outsideRecords,
                .note,
                at: nil,
                "\(surroundings.lostCount) values stand outside the records and are not carried over"
            )
        }
        mode = .finished
    }

    private mutating func reportEnd() {
        guard mode != .finished, !isBlank else { return }
        let isOpen = openDepth > 0
        guard isOpen || stop != nil else { return }
        var isTagCut = false
        if recorder.depth == 0, let name = stop?.tagName { isTagCut = isRecord(name) }
        if isTagCut { countUnheardRecord() }
        let losesRecord = recorder.depth > 0 || isTagCut
        if isOpen || isTagCut {
            report(
                .truncated,
                .error,
                record: losesRecord ? recordCount : nil,
                at: recorder.depth > 0 ? recordPlace : stop?.place ?? seeker.place,
                losesRecord
                    ? "the input ends inside this record, which is lost"
                    : "the input ends before its elements are closed",
                remedy: "export it again if the end is missing; the records before are complete"
            )
        } else if let stop {
            report(
                .invalidMarkup,
                hasRoot ? .warning : .error,
                at: stop.place,
                hasRoot ? "something follows the root element" : "not XML: \(stop.message)"
            )
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// The end of the first occurrence of some bytes.
    fileprivate func end(of bytes: [UInt8]) -> Int? {
        var at = startIndex
        while at + bytes.count <= endIndex {
            if self[at...].starts(with: bytes) { return at + bytes.count }
            at += 1
        }
        return nil
    }
}
