// Looks at tags, sixteen bytes at a time: where they end, and whether two of them belong together.

internal import InteractionModel

/// What is known of a tag without reading its names and attributes.
struct MarkupTagScan {
    /// The `<`.
    let start: UnsafePointer<UInt8>
    /// The next bracket.
    let end: UnsafePointer<UInt8>
    /// Whether double quotes come in pairs and there are no others, so that no value is open at the end.
    private let hasWholeValues: Bool

    /// Looks at a tag.
    ///
    /// - Parameter start: The `<`; a bracket must follow somewhere, and 16 readable bytes.
    @inline(__always)
    init(_ start: UnsafePointer<UInt8>) {
        self.start = start
        var at = start + 1
        var double: UInt32 = 0
        var single: UInt32 = 0
        while true {
            let block = ByteVector(at)
            let brackets = block.brackets.highBits
            // All bits before the first bracket.
            let inside = brackets == 0 ? ~0 : brackets &- 1 & ~brackets
            // Two halves of an even count may be both odd, but not together.
            double ^= block.isEqual(to: UInt8(ascii: "\"")).highBits & inside
            single |= block.isEqual(to: UInt8(ascii: "'")).highBits & inside
            guard brackets == 0 else {
                end = at + brackets.trailingZeroBitCount
                hasWholeValues = single == 0 && double.nonzeroBitCount & 1 == 0
                return
            }
            at += 16
        }
    }

    /// The end of the tag that ends the element after its text, where both tags are nothing else for certain.
    ///
    /// What this may not mistake for an element's end is one of a comment, a CDATA section or a processing instruction
    /// in which both tags stand: those end with two other signs, or one, before the `>`.
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

    /// Whether a byte may end a name, and nothing else before a `>`.
    @inline(__always)
    private static func endsName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
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
