// Keeps texts from a parser that would look at each of their characters, and gives them back.

internal import Glibc
internal import InteractionModel

/// The text that a parser gets, with a stand-in for each text between two tags, and the text as it came in.
///
/// libxml2 hears of every element, with its name and attributes. Of an element that holds a text and nothing else, it
/// gets the start tag as that of an empty one; of other texts, a sign.
///
/// libxml2 looks at ASCII byte by byte and decodes all else, which is known to be valid UTF-8 here, one character after
/// the other. Only what lies between two `<`, and there between a `>` and the second `<`, is covered, as long as there is
/// one `>`: then it is all that stands between two tags, or belongs to a CDATA section, or to a comment or a processing
/// instruction, which nobody hears. An attribute's value may hold a `>`, but no `<`. What libxml2 would refuse is left
/// for it to refuse.
///
/// A sign is a delete character, which libxml2 passes on like any other of ASCII. `/>` stands for the `>` of a start tag,
/// a text, and an end tag of the same name, with the white space between that and another tag. Inside a CDATA section it
/// does so like any other sign; that no value is open at the `>`, and that no section ends in either tag, is seen to by
/// ``MarkupTagScan``.
///
/// With either go the line feeds of what is covered, which libxml2 counts: it names lines in what it says of faults.
/// Positions are either those of the parser, which sees stand-ins, or offsets in what came in; both count from the
/// parser's beginning.
struct MarkupVeil: ~Copyable {
    private static let sign: UInt8 = 0x7F
    /// Readable bytes behind a text, so that it can be looked at in blocks.
    private static let padding = 32

    /// Something that the parser does not get.
    private struct Covered {
        /// Where the parser sees the stand-in.
        let shown: Range<Int>
        /// Where all came in that it stands for.
        let original: Range<Int>
        /// Where the text came in.
        let text: Range<Int>
        /// The end of the end tag; -1 if the parser gets that.
        let elementEnd: Int
        /// Whether the text holds references or line ends of two bytes.
        let isSpelled: Bool
    }

    /// A run of what came in.
    struct Original {
        let bytes: UnsafeRawBufferPointer
        /// Where the run ends.
        let end: Int
        /// Whether it is a text in which references and line ends of two bytes stand for others.
        let isSpelled: Bool
    }

    /// What is not told of an element that the parser takes for an empty one.
    struct ElementEnd {
        let text: Original
        /// Where its end tag ends.
        let end: Int
        /// The white space after that.
        let blanks: UnsafeRawBufferPointer
    }

    /// What came in, as far as the parser has not read it or has just done so.
    private var originals = OutputBuffer(capacity: 2 * MarkupReader.pieceSize)
    /// The offset of the first of these bytes.
    private var start = 0
    private var shown = OutputBuffer(capacity: MarkupReader.pieceSize + padding)
    /// How much the parser has got.
    private var shownCount = 0
    private var covered: [Covered] = []
    /// The first of these that the parser may not have passed, and how far positions lie before offsets up to there.
    private var next = 0
    private var distance = 0

    /// Begins again with a parser that has got nothing.
    mutating func reset() {
        originals.removeAll()
        start = 0
        shownCount = 0
        covered.removeAll(keepingCapacity: true)
        next = 0
        distance = 0
    }

    // MARK: Places

    /// Notes how far the parser has come.
    @inline(__always)
    mutating func pass(_ position: Int) {
        while next < covered.count, covered[next].shown.upperBound <= position {
            distance = covered[next].original.upperBound &- covered[next].shown.upperBound
            next &+= 1
        }
    }

    /// Line feeds that the parser has read of what it has not passed, as far as ``pass(_:)`` was told.
    func lineFeedsAhead(of position: Int) -> Int {
        guard next < covered.count, covered[next].shown.lowerBound < position else { return 0 }
        // Before `/>` stand nothing but line feeds, after a sign as well.
        return position &- covered[next].shown.lowerBound &- (covered[next].elementEnd < 0 ? 1 : 0)
    }

    /// Where a byte came in that the parser has not passed yet, as far as ``pass(_:)`` was told.
    ///
    /// What lies within a stand-in begins where all of it began.
    @inline(__always)
    func offset(of position: Int) -> Int {
        var distance = distance
        var index = next
        while index < covered.count, covered[index].shown.lowerBound < position {
            let text = covered[index]
            guard text.shown.upperBound <= position else { return text.original.lowerBound }
            distance = text.original.upperBound &- text.shown.upperBound
            index &+= 1
        }
        return position &+ distance
    }

    /// What came in, as far as it is still there; valid until the next call of ``cover(_:position:)``.
    ///
    /// - Parameter range: Offsets.
    /// - Returns: What is known of them, to their end.
    func original(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let known = range.clamped(to: start..<start + originals.count)
        return UnsafeRawBufferPointer(start: originals.base + known.lowerBound - start, count: known.count)
    }

    /// What came in where the parser shows something.
    ///
    /// - Parameters:
    ///   - shown: Bytes of the parser's buffer, or others.
    ///   - position: Where the parser has them; less than 0 if they are others, which are what they are.
    /// - Returns: What they stand for; valid until the next call of ``cover(_:position:)``.
    @inline(__always)
    mutating func original(of shown: UnsafeRawBufferPointer, position: Int) -> Original {
        guard position >= 0 else { return Original(bytes: shown, end: 0, isSpelled: false) }
        pass(position)
        var from = position &+ distance
        var to = from &+ shown.count
        var isSpelled = false
        if next < covered.count, covered[next].shown.lowerBound < position &+ shown.count {
            from = offset(of: position)
            to = offset(of: position &+ shown.count)
            isSpelled = covered[next].isSpelled
        }
        return Original(bytes: original(from..<to), end: to, isSpelled: isSpelled)
    }

    /// What there is of an element whose end was just heard, besides its start tag.
    ///
    /// - Parameter position: How far the parser has come.
    /// - Returns: Nil if the parser has been told all of it.
    @inline(__always)
    mutating func elementEnd(_ position: Int) -> ElementEnd? {
        pass(position)
        guard next > 0 else { return nil }
        let last = covered[next &- 1]
        guard last.shown.upperBound == position, last.elementEnd >= 0 else { return nil }
        return ElementEnd(
            text: Original(bytes: original(last.text), end: last.text.upperBound, isSpelled: last.isSpelled),
            end: last.elementEnd,
            blanks: original(last.elementEnd..<last.original.upperBound)
        )
    }

    // MARK: Covering

    /// Prepares the next text for the parser.
    ///
    /// - Parameters:
    ///   - text: Valid UTF-8.
    ///   - position: How far the parser has read.
    /// - Returns: What the parser is to get, valid until the next call.
    /// - Complexity: One step for 16 bytes, a few for each tag and each sign that stands for another.
    mutating func cover(_ text: UnsafeRawBufferPointer, position: Int) -> UnsafeRawBufferPointer {
        forget(before: position)
        let mark = originals.count
        originals.append(text)
        originals.reserve(Self.padding)
        // Safety: that much room was just made. The sign ends every search, and nothing is covered before it.
        let end = originals.base + originals.count
        memset(end, 0, Self.padding)
        end.pointee = UInt8(ascii: ">")
        shown.removeAll()
        if originals.base.pointee == UInt8(ascii: "&"), MarkupTextScan(originals.base).hasOpenReference {
            // The parser waits there for the end of a reference, from whatever text.
            shown.append(text)
        } else {
            coverTexts(originals.base + mark, end)
        }
        shownCount += shown.count
        return shown.bytes
    }

    private mutating func forget(before position: Int) {
        pass(position)
        covered.removeFirst(next)
        next = 0
        let passed = min(offset(of: position) - start, originals.count)
        guard passed > 0 else { return }
        // Safety: both lie within the buffer.
        memmove(originals.base, originals.base + passed, originals.count - passed)
        originals.truncate(to: originals.count - passed)
        start += passed
    }

    private mutating func coverTexts(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        var at = first
        var written = first
        // The tag before a text, if it began here.
        var tag: MarkupTagScan?
        while true {
            // White space stays: outside the root element there may be nothing else.
            while at.pointee == 0x20 || at.pointee == 0x0A || at.pointee == 0x09 { at += 1 }
            let start = at
            if at.pointee != UInt8(ascii: "<") {
                let text = MarkupTextScan(start)
                if text.hasOpenReference { break }
                at = text.end
                // At two line ends of two bytes, libxml2 begins to copy.
                if let tag, text.isSound, at.pointee == UInt8(ascii: "<"), start.pointee != 0x0D {
                    if tag.end + 1 == start, let endTag = tag.endTag(after: at), endTag < end {
                        shown.append(written, tag.end - written)
                        at = coverElement(start, text, endTag + 1)
                        written = at
                    } else if at - start > text.lineFeedCount + 1 {
                        shown.append(written, start - written)
                        cover(start, text)
                        written = at
                    }
                }
            }
            // The next tag, to its end.
            tag = nil
            if at.pointee == UInt8(ascii: "<") {
                var next = MarkupTagScan(at)
                while next.end.pointee == UInt8(ascii: "<") { next = MarkupTagScan(next.end) }
                at = next.end
                tag = next
            } else if at.pointee != UInt8(ascii: ">") {
                continue
            }
            if at == end { break }
            at += 1
        }
        shown.append(written, end - written)
    }

    private mutating func cover(_ text: UnsafePointer<UInt8>, _ scan: MarkupTextScan) {
        let position = shownCount + shown.count
        let range = offset(text)..<offset(scan.end)
        shown.append(Self.sign)
        appendLineFeeds(scan.lineFeedCount)
        covered.append(
            Covered(
                shown: position..<shownCount + shown.count,
                original: range,
                text: range,
                elementEnd: -1,
                isSpelled: scan.isSpelled
            )
        )
    }

    /// Covers an element from the end of its start tag.
    ///
    /// - Returns: What follows it, after white space if that is a tag.
    private mutating func coverElement(
        _ text: UnsafePointer<UInt8>,
        _ scan: MarkupTextScan,
        _ elementEnd: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        var end = elementEnd
        var lineFeedCount = scan.lineFeedCount
        while end.pointee == 0x20 || end.pointee == 0x0A || end.pointee == 0x09 {
            if end.pointee == 0x0A { lineFeedCount += 1 }
            end += 1
        }
        if end.pointee != UInt8(ascii: "<") {
            end = elementEnd
            lineFeedCount = scan.lineFeedCount
        }
        let position = shownCount + shown.count
        appendLineFeeds(lineFeedCount)
        shown.append(UInt8(ascii: "/"))
        shown.append(UInt8(ascii: ">"))
        covered.append(
            Covered(
                shown: position..<shownCount + shown.count,
                original: offset(text) - 1..<offset(end),
                text: offset(text)..<offset(scan.end),
                elementEnd: offset(elementEnd),
                isSpelled: scan.isSpelled
            )
        )
        return end
    }

    @inline(__always)
    private mutating func appendLineFeeds(_ count: Int) {
        for _ in 0..<count { shown.append(0x0A) }
    }

    /// The offset of a byte that came in.
    private func offset(_ byte: UnsafePointer<UInt8>) -> Int { start + (byte - UnsafePointer(originals.base)) }
}
