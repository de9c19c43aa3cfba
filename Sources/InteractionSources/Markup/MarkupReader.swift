// Reads XML text with libxml2's push parser, one record after the other, and goes on after faults.

internal import CLibXML2
internal import Glibc
internal import InteractionModel

/// The state behind a ``MarkupDecoder``: the parser and everything its callbacks write to.
///
/// It stays at one address, which is the parser's user data. Offsets count the bytes that the parser gets;
/// ``origin(of:)`` says where they stand in the input.
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
    private(set) var veil = MarkupVeil()
    /// The offset at which this parser's text begins; start tags that it got again stand before.
    private var parserStart = 0
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
    /// What the parser is reading now, and where it begins.
    private var window = UnsafeRawBufferPointer(start: nil, count: 0)
    private(set) var windowStart = 0
    /// Where the line begins in which the window begins.
    private var lineStart = 0
    /// A line and where it begins, so that many places in one long line are found at once.
    var knownLine = (number: 1, start: 0)
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

    /// The offset after the last byte of the window.
    private var windowEnd: Int { windowStart + window.count }

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
                parse(Self.piece(of: rest), at: start + at)
                guard let stop else {
                    at += window.count
                    endWindow()
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
        window = piece
        windowStart = start
        if !hasText { hasText = !piece.allSatisfy(\.isMarkupSpace) }
        push(piece)
    }

    private mutating func push(_ text: UnsafeRawBufferPointer) {
        let text = veil.cover(text, position: Int(cxml_position(parser)))
        // Safety: libxml2 copies the bytes; its type for them is that of C strings.
        let bytes = text.baseAddress?.assumingMemoryBound(to: CChar.self)
        xmlParseChunk(parser, bytes, Int32(truncatingIfNeeded: text.count), 0)
    }

    private mutating func endWindow() {
        // Safety: the window's bytes are there until `read` returns.
        if let start = window.baseAddress, let feed = cxml_last_line_feed(start, window.count) {
            lineStart = windowStart + (feed - start) + 1
        }
        windowStart += window.count
        window = UnsafeRawBufferPointer(start: nil, count: 0)
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
        lineStart = place.offset - place.column + 1
        knownLine = (place.line, lineStart)
        restartOffset = place.offset
        heardStart = -1
        window = UnsafeRawBufferPointer(start: nil, count: 0)
        windowStart = place.offset
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
    var cursor: Int { parserStart + cxml_position(parser) }

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

    /// What came in where the parser's buffer has some bytes; any others are what they are.
    @inline(__always)
    func original(of text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        veil.original(of: text, position: cxml_position_of(parser, text.baseAddress))
    }

    /// The place of a byte that the parser has not passed long ago.
    ///
    /// - Parameter offset: At the cursor or before.
    /// - Returns: The place; column 1 if the line's beginning is not known any more.
    func place(_ offset: Int) -> MarkupPlace {
        let buffer = parsedBuffer
        let distance = cursor - offset
        guard distance <= buffer.count else {
            return MarkupPlace(offset: offset, line: parserLine + Int(cxml_line(parser)), column: 1)
        }
        let line = parserLine + Int(cxml_line(parser)) - buffer.suffix(distance).count { $0 == 0x0A }
        var start = knownLine.start
        if line != knownLine.number {
            let before = buffer.dropLast(distance)
            if let feed = before.lastIndex(of: 0x0A) {
                start = offset - before.count + feed + 1
            } else if offset > windowStart, offset <= windowEnd,
                let feed = window[..<(offset - windowStart)].lastIndex(of: 0x0A)
            {
                start = windowStart + feed + 1
            } else {
                start = min(offset, lineStart)
            }
        }
        return MarkupPlace(offset: offset, line: line, column: offset - start + 1)
    }

    /// The last `<` before the cursor, if it is in the parser's buffer, and what follows it up to there.
    var lastTag: (offset: Int, bytes: UnsafeRawBufferPointer)? {
        let buffer = parsedBuffer
        guard let start = buffer.lastIndex(of: UInt8(ascii: "<")) else { return nil }
        return (cursor - buffer.count + start, UnsafeRawBufferPointer(rebasing: buffer[start...]))
    }
}
