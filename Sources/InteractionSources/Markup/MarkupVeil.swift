// Keeps texts from a parser that would look at each of their characters, and gives them back.

internal import Glibc
internal import InteractionModel

/// The text that a parser gets, with stand-ins for much of it, and the text as it came in.
///
/// libxml2 looks at ASCII byte by byte and decodes all else, which is known to be valid UTF-8 here, one character after
/// the other. It hears of every element, with its name and attributes, but what it would only pass on is covered:
///
/// - For a text between two tags, it gets a sign: a delete character, which it passes on like any other of ASCII.
/// - For an attribute's value beyond ASCII in which nothing stands for something else, it gets a sign.
/// - Of an element that holds a text and nothing else, it gets the start tag as that of an empty one. `/>` stands for the
///   `>` of that tag, the text, an end tag of the same name, and the white space before another tag.
///
/// With these go the line feeds that are covered, which libxml2 counts: it names lines in what it says of faults. What it
/// would refuse is left for it to refuse.
///
/// Only what lies between two `<`, and there between a `>` and the second `<`, is a text, as long as there is one `>`:
/// then it is all that stands between two tags, or belongs to a CDATA section, or to a processing instruction, which
/// nobody hears. An attribute's value may hold a `>`, but no `<`; one that is covered holds neither. Inside a CDATA
/// section, signs are put back like any other. Comments are not covered, since libxml2 tells of hyphens in them.
/// ``MarkupTagScan`` sees to it that no value is open at the `>` of a start tag, and that no section ends in either tag.
///
/// Positions are either those of the parser, which sees stand-ins, or offsets in what came in; both count from the
/// parser's beginning.
struct MarkupVeil: ~Copyable {
    static let sign: UInt8 = 0x7F
    /// Readable bytes behind a text, so that it can be looked at in blocks.
    static let padding = 32

    /// Something that the parser does not get.
    struct Covered {
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
    var originals = OutputBuffer(capacity: 2 * MarkupReader.pieceSize)
    /// The offset of the first of these bytes.
    var start = 0
    var shown = OutputBuffer(capacity: MarkupReader.pieceSize + padding)
    /// How much the parser has got.
    var shownCount = 0
    var covered: [Covered] = []
    /// The first of these that the parser may not have passed, and how far positions lie before offsets up to there.
    var next = 0
    private var distance = 0
    /// Whether what came in last ends in a comment.
    var isInComment = false

    /// Begins again with a parser that has got nothing.
    mutating func reset() {
        originals.removeAll()
        start = 0
        shownCount = 0
        covered.removeAll(keepingCapacity: true)
        next = 0
        distance = 0
        isInComment = false
    }

    // MARK: Places

    /// Notes how far the parser has come.
    ///
    /// - Returns: Whether it has passed anything that is covered since the last time.
    @inline(__always)
    @discardableResult
    mutating func pass(_ position: Int) -> Bool {
        let first = next
        while next < covered.count, covered[next].shown.upperBound <= position {
            distance = covered[next].original.upperBound &- covered[next].shown.upperBound
            next &+= 1
        }
        return next > first
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

    /// The value for which the parser, which has passed it, got a sign.
    ///
    /// - Parameter position: Where the parser has a value.
    /// - Returns: What came in; nil if the parser got that.
    func value(at position: Int) -> UnsafeRawBufferPointer? {
        guard let last = covered[..<next].last(where: { $0.shown.lowerBound <= position }),
            last.shown.lowerBound == position
        else { return nil }
        return original(last.text)
    }
}
