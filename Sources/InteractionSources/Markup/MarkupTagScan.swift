// Looks at tags, sixteen bytes at a time: where they end, and whether two of them belong together.

internal import Glibc
internal import InteractionModel

/// What is known of a tag without reading its names and attributes.
struct MarkupTagScan {
    /// The `<`.
    let start: UnsafePointer<UInt8>
    /// The next bracket.
    let end: UnsafePointer<UInt8>
    /// Whether double quotes come in pairs and there are no others, so that no value is open at the end.
    private let hasWholeValues: Bool
    /// Whether there are characters beyond ASCII.
    let isBeyondASCII: Bool

    /// Looks at a tag.
    ///
    /// - Parameter start: The `<`; a bracket must follow somewhere, and 16 readable bytes.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>) {
        self.start = start
        var at = start + 1
        var double: UInt32 = 0
        var single: UInt32 = 0
        var beyond: UInt32 = 0
        while true {
            let block = ByteVector(at)
            let brackets = block.brackets.highBits
            // All bits before the first bracket.
            let inside = brackets == 0 ? ~0 : brackets &- 1 & ~brackets
            // Two halves of an even count may be both odd, but not together.
            double ^= block.isEqual(to: UInt8(ascii: "\"")).highBits & inside
            single |= block.isEqual(to: UInt8(ascii: "'")).highBits & inside
            beyond |= block.highBits & inside
            guard brackets == 0 else {
                end = at + brackets.trailingZeroBitCount
                hasWholeValues = single == 0 && double.nonzeroBitCount & 1 == 0
                isBeyondASCII = beyond != 0
                return
            }
            at += 16
        }
    }

    /// Whether no value of the tag can end in a text after it; its `>` may be that of a value.
    @inline(__always)
    func isOver(before text: UnsafePointer<UInt8>, _ textEnd: UnsafePointer<UInt8>) -> Bool {
        if hasWholeValues { return true }
        // Safety: looks at the text only.
        let count = textEnd - text
        return memchr(text, Int32(UInt8(ascii: "\"")), count) == nil
            && memchr(text, Int32(UInt8(ascii: "'")), count) == nil
    }

    /// The end of the tag that ends the element after its text, where both tags are nothing else for certain.
    ///
    /// What this may not mistake for an element's end is that of a CDATA section or a processing instruction in which
    /// the tags stand: those have another sign before their `>`.
    ///
    /// - Parameter text: Where the text after this tag ends, at a `<`; a bracket must follow somewhere, and 16 readable
    ///   bytes.
    /// - Returns: The `>` of `</name>`; nil if this is no start tag, or that no end tag, of this form and one name.
    @inline(__always)
    func endTag(after text: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        guard hasWholeValues, text[1] == UInt8(ascii: "/"), MarkupSeeker.startsName(start[1]) else { return nil }
        let bracket = Self.nextBracket(text + 2)
        let count = bracket - text - 2
        guard bracket.pointee == UInt8(ascii: ">"), count > 0, ByteWord.isSame(start + 1, text + 2, count),
            Self.endsName(bracket[-1])
        else { return nil }
        let isName = start + 1 + count == end
        guard isName || start[1 + count].isMarkupSpace && end[-1] == UInt8(ascii: "\"") else { return nil }
        return bracket
    }

    /// Visits the values of a start tag that hold characters beyond ASCII and stand for themselves.
    ///
    /// - Parameter body: Receives where a value begins, and its closing quote.
    func forEachValueBeyondASCII(_ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Void) {
        guard MarkupSeeker.startsName(start[1]) else { return }
        var at = start + 1
        while at < end {
            let quote = at.pointee
            at += 1
            guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { continue }
            let value = at
            var isPlain = true
            var isBeyondASCII = false
            while at < end, at.pointee != quote {
                // Of what begins with EF, some is no character of XML.
                if at.pointee < 0x20 || at.pointee == UInt8(ascii: "&") || at.pointee == 0xEF { isPlain = false }
                if at.pointee >= 0x80 { isBeyondASCII = true }
                at += 1
            }
            guard at < end else { return }
            if isPlain, isBeyondASCII, !isReserved(value - 1) { body(value, at) }
            at += 1
        }
    }

    /// Whether a value is of a name for which it may mean something to a parser.
    private func isReserved(_ quote: UnsafePointer<UInt8>) -> Bool {
        var name = quote - 1
        guard name.pointee == UInt8(ascii: "=") else { return true }
        while name > start, !name[-1].isMarkupSpace { name -= 1 }
        return ByteWord.isSame(name, StaticString("xml").utf8Start, 3)
    }

    /// Whether a byte may end a name, and nothing else before a `>`.
    @inline(__always)
    private static func endsName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }

    /// Whether a comment begins with a `<`.
    @inline(__always)
    static func beginsComment(_ start: UnsafePointer<UInt8>) -> Bool {
        start[1] == UInt8(ascii: "!") && start[2] == UInt8(ascii: "-") && start[3] == UInt8(ascii: "-")
    }

    /// What follows the end of a comment; nil if that is not among some bytes.
    static func commentEnd(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var at = start
        // Safety: looks at these bytes only.
        while at < end, let found = memchr(at, Int32(UInt8(ascii: ">")), end - at) {
            let bracket = UnsafePointer(found.assumingMemoryBound(to: UInt8.self))
            at = bracket + 1
            let hyphen = UInt8(ascii: "-")
            if bracket - start >= 2, bracket[-1] == hyphen, bracket[-2] == hyphen { return at }
        }
        return nil
    }

    /// The next `<` or `>`, of which there must be one, with 16 readable bytes behind it.
    @inline(__always)
    static func nextBracket(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start
        while true {
            let found = ByteVector(at).brackets
            if !found.isNone { return at + found.first }
            at += 16
        }
    }
}
