// Reads XML text with libxml2's push parser, one record after the other, and goes on after faults.

internal import CLibXML2
internal import Glibc
internal import InteractionModel

/// The state behind a ``MarkupDecoder``: the parser and everything its callbacks write to.
///
/// It stays at one address, which is the parser's user data. Offsets count the bytes that the parser gets;
/// ``origin(of:)`` says where they stand in the input.
///
/// What is called often is `mutating` even where it changes nothing, since Swift 6.3 copies all of a reader for a call
/// that merely borrows it.
struct MarkupReader: ~Copyable {
    /// Bytes that the parser gets at once.
    static let pieceSize = 64 << 10
    /// Faults after which an input is given up: it is no XML, or somebody wants to keep us busy.
    static let largestFaultCount = 1000

    enum Mode {
        case parsing
        /// After a fault: looking for the next tag from which reading can go on.
        case seeking
        case finished
    }

    let matcher: MarkupMatcher
    let largestRecord: Int
    var recorder: MarkupRecorder
    var surroundings = MarkupSurroundings()
    /// From offsets of the text that comes in to those of the input.
    var origins = MarkupOrigins()
    /// From offsets of what the parser gets to those of the text that comes in.
    var filterOrigins = MarkupOrigins()
    private var filter = MarkupFilter()
    /// Whether the filter is needed; it is once the parser has refused what it can repair.
    private(set) var isFiltering = false
    /// What is to be said of the repairs, with the place of the first one.
    var repairFault: DecodingFault?
    /// What is noted of the document in place of records.
    var outline: MarkupOutline?
    var seeker = MarkupSeeker()
    var mode = Mode.parsing
    /// Why the parser stopped, until the fault has been dealt with.
    var stop: MarkupStop?

    // Safety: made by `open`, freed in deinit; its callbacks only run inside `parse`.
    private(set) var parser: xmlParserCtxtPtr?
    /// What the parser gets, and what stands for it.
    var veil = MarkupVeil()
    /// The offset at which this parser's text begins; start tags that it got again stand before.
    private(set) var parserStart = 0
    private var parserLine = 0
    /// Start tags that are yet to be heard again.
    var echoes = 0
    /// Whether the parser reads inside a root element of our own, so that there may be several real ones.
    private(set) var isFragment = false
    var hasRoot = false
    private var hasText = false
    private(set) var isEnding = false
    var faultCount = 0

    /// The offset of the next byte that comes in.
    private(set) var nextOffset = 0
    /// How many elements of the document are open.
    var openDepth: Int { surroundings.depth + recorder.depth + (outline?.depth ?? 0) }
    /// Where that begins which the parser is reading now.
    private(set) var pieceStart = 0
    /// The latest place that is known, from which others are found: all that follows it is still there.
    private var knownPlace = MarkupPlace()
    /// Where the parser was last made to go on.
    private(set) var restartOffset = -1
    /// The cursor at the last start tag that was heard.
    var heardStart = -1

    var recordCount = 0
    var recordPlace = MarkupPlace()
    var contextVersion = -1
    var contextIndex: Int?
    // Safety: the caller's builder, set for the time of one call only.
    var batch: UnsafeMutablePointer<DecodedBatchBuilder>?

    init(path: MarkupPath, markup: Set<String>, largestRecord: Int) {
        matcher = MarkupMatcher(path)
        recorder = MarkupRecorder(markup: markup)
        self.largestRecord = largestRecord
    }

    /// Makes a reader that finds no records and notes the document's shape.
    init(outline: MarkupOutline) {
        matcher = MarkupMatcher()
        recorder = MarkupRecorder(markup: [])
        largestRecord = 0
        self.outline = outline
    }

    deinit { xmlFreeParserCtxt(parser) }

    /// Makes the parser, whose callbacks find this value at its final address.
    mutating func open(userData: UnsafeMutableRawPointer) {
        parser = MarkupParser.make(userData: userData)
        if parser == nil { mode = .finished }
    }

    /// Starts a call's batch.
    mutating func begin(_ batch: UnsafeMutablePointer<DecodedBatchBuilder>) {
        self.batch = batch
        contextIndex = nil
        contextVersion = -1
    }

    // MARK: Bytes

    /// Takes the next bytes of the text.
    ///
    /// - Parameters:
    ///   - text: Valid UTF-8, cut between characters.
    ///   - isFinal: Whether nothing follows.
    mutating func receive(_ text: UnsafeRawBufferPointer, isFinal: Bool = false) {
        // Safety: the filter's output changes with its next call only, and what is filtered already is not again.
        let text = isFiltering ? filter.pass(text, at: nextOffset, isFinal: isFinal, &filterOrigins) : text
        let isFiltered = isFiltering
        let start = nextOffset
        nextOffset += text.count
        read(text, at: start, isFiltered: isFiltered)
    }

    /// Reads text that has passed the filter, or that met none when it came in.
    mutating func read(_ text: UnsafeRawBufferPointer, at start: Int, isFiltered: Bool) {
        var at = 0
        while at < text.count {
            let rest = UnsafeRawBufferPointer(rebasing: text[at...])
            if isFiltering, !isFiltered {
                receive(rest)
                return
            }
            switch mode {
            case .finished: return
            case .seeking: at += seek(rest, at: start + at, isFiltered: isFiltered)
            case .parsing:
                let piece = Self.piece(of: rest)
                parse(piece, at: start + at)
                guard let stop else {
                    at += piece.count
                    continue
                }
                self.stop = nil
                handle(stop)
                // What the parser held back from earlier pieces comes first.
                stop.held.withUnsafeBytes { read($0, at: stop.resume.offset, isFiltered: isFiltered) }
                at = max(at, stop.resume.offset - start)
            }
        }
    }

    /// How much the filter has repaired.
    var repairCount: Int { filter.count }

    /// Makes the filter see everything from a place on.
    mutating func startFilter(at offset: Int) {
        isFiltering = true
        nextOffset = offset
    }

    /// As much as the parser gets at once, cut between characters.
    private static func piece(of text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard text.count > pieceSize else { return text }
        var end = pieceSize
        while text[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: text[..<end])
    }

    private mutating func parse(_ piece: UnsafeRawBufferPointer, at start: Int) {
        pieceStart = start
        if !hasText { hasText = !piece.allSatisfy(\.isMarkupSpace) }
        push(piece)
    }

    private mutating func push(_ text: UnsafeRawBufferPointer) {
        let position = Int(cxml_position(parser))
        veil.pass(position)
        // What comes before is forgotten.
        know(cursor, line: line)
        let shown = veil.cover(text, position: position)
        // Safety: libxml2 copies the bytes; its type for them is that of C strings.
        let bytes = shown.baseAddress?.assumingMemoryBound(to: CChar.self)
        xmlParseChunk(parser, bytes, Int32(truncatingIfNeeded: shown.count), 0)
    }

    /// Makes the parser go on at another place, inside the elements that are open.
    ///
    /// - Parameter place: Where its text goes on.
    mutating func restart(at place: MarkupPlace) {
        let tags = Array("<x>".utf8) + surroundings.openTags + recorder.openTags + (outline?.openTags ?? [])
        isFragment = true
        hasRoot = true
        echoes = 1 + openDepth
        parserStart = place.offset - tags.count
        parserLine = place.line - 1
        knownPlace = place
        restartOffset = place.offset
        heardStart = -1
        pieceStart = place.offset
        mode = .parsing
        MarkupParser.reset(parser)
        veil.reset()
        tags.withUnsafeBytes { push($0) }
    }

    /// Lets the parser read what it still holds, and ends the text for it.
    mutating func endParsing() {
        guard mode == .parsing else { return }
        isEnding = true
        if isFragment, openDepth == 0 { Array("</x>".utf8).withUnsafeBytes { push($0) } }
        xmlParseChunk(parser, nil, 0, 1)
    }

    /// Whether nothing but white space came in.
    var isBlank: Bool { !hasText }

    // MARK: Places

    /// The offset of the parser's cursor.
    @inline(__always)
    var cursor: Int { parserStart + veil.offset(of: cxml_position(parser)) }

    /// The cursor's line, as far as the veil was told how far the parser has come.
    private var line: Int {
        parserLine + Int(cxml_line(parser)) - veil.lineFeedsAhead(of: cxml_position(parser))
    }

    /// Where a byte that the parser gets stands in the input, or where bytes end there.
    func origin(of offset: Int, isEnd: Bool = false) -> Int64 {
        Int64(origins.offset(of: filterOrigins.offset(of: offset, isEnd: isEnd), isEnd: isEnd))
    }

    /// The parser's buffer up to its cursor.
    @inline(__always)
    var parsedBuffer: UnsafeRawBufferPointer {
        // Safety: the buffer reaches from its base to the cursor at least.
        guard let base = cxml_base(parser), let at = cxml_cursor(parser) else { return .init(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base, count: at - base)
    }

    /// What came in where the parser shows some bytes, and the offset after it.
    @inline(__always)
    mutating func original(of shown: UnsafeRawBufferPointer) -> MarkupVeil.Original {
        veil.original(of: shown, position: cxml_position_of(parser, shown.baseAddress))
    }

    /// What came in from an offset on that the parser has not passed long ago, up to another.
    func original(_ offsets: Range<Int>) -> UnsafeRawBufferPointer {
        veil.original(offsets.lowerBound - parserStart..<offsets.upperBound - parserStart)
    }

    /// The last `<` before the cursor and what follows it up to there; without the `<` if that is not there any more.
    var lastTag: (offset: Int, bytes: UnsafeRawBufferPointer) {
        let cursor = cursor
        let known = original(parserStart..<cursor)
        let tag = known.lastIndex(of: UInt8(ascii: "<")) ?? 0
        return (cursor - known.count + tag, UnsafeRawBufferPointer(rebasing: known[tag...]))
    }

    /// The place of a byte that comes after the place known last.
    func place(_ offset: Int) -> MarkupPlace {
        var place = knownPlace
        if offset > place.offset { place.advance(over: original(place.offset..<offset)[...]) }
        return place
    }

    /// The place of the start tag that the parser has just read.
    mutating func placeOfTag() -> MarkupPlace {
        let tag = lastTag
        // Safety: the parser has counted all lines up to its cursor by now.
        know(tag.offset, line: line - tag.bytes.count { $0 == 0x0A })
        return knownPlace
    }

    /// Makes a place the known one, in a line that is known already.
    private mutating func know(_ offset: Int, line: Int) {
        guard offset > knownPlace.offset else { return }
        let passed = original(knownPlace.offset..<offset)
        // Safety: looks at these bytes only.
        if let start = passed.baseAddress, let feed = cxml_last_line_feed(start, passed.count) {
            knownPlace.column = passed.count - (feed - start)
        } else {
            knownPlace.column += passed.count
        }
        knownPlace.offset = offset
        knownPlace.line = line
    }
}
