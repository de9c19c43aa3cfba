// What a text between two tags holds, and what its references stand for.

internal import Glibc
internal import InteractionModel

/// A look at a text up to the next `<` or `>`.
struct MarkupTextScan {
    /// The bracket.
    let end: UnsafePointer<UInt8>
    private(set) var lineFeedCount = 0
    /// Whether references or line ends of two bytes stand for others.
    private(set) var isSpelled = false
    /// Whether an XML parser would accept it all.
    private(set) var isSound = true
    /// The last `&` that begins no reference to a character.
    private var stray: UnsafePointer<UInt8>?

    /// Whether a reference begins that has no end in the text.
    var hasOpenReference: Bool {
        guard let stray else { return false }
        // Safety: looks at the text only.
        return memchr(stray, Int32(UInt8(ascii: ";")), end - stray) == nil
    }

    /// Looks at a text.
    ///
    /// - Parameter start: The first byte, of valid UTF-8; a bracket must follow somewhere, and 17 readable bytes.
    /// - Complexity: One step for 16 bytes, and one for each line feed and each sign that stands for another.
    init(_ start: UnsafePointer<UInt8>) {
        var at = start
        while true {
            let block = ByteVector(at)
            let isRare = block.isEqual(to: 0xEF) & ByteVector(at + 1).isEqual(to: 0xBF)
            let doubts = (block.brackets | block.controls) | (block.isEqual(to: UInt8(ascii: "&")) | isRare)
            guard !doubts.isNone else {
                at += 16
                continue
            }
            at += doubts.first
            switch at.pointee {
            case UInt8(ascii: "<"), UInt8(ascii: ">"):
                end = at
                return
            case 0x0A: lineFeedCount += 1
            case 0x09: break
            case 0x0D:
                // A lone one stands for a line feed, which the parser may see to.
                if at[1] != 0x0A { isSound = false }
                isSpelled = true
            case 0xEF:
                // U+FFFE and U+FFFF are no characters of XML.
                if at[2] & 0xFE == 0xBE { isSound = false }
            case UInt8(ascii: "&"):
                guard let reference = Reference(at) else {
                    isSound = false
                    stray = at
                    break
                }
                isSpelled = true
                at += reference.length - 1
            default: isSound = false
            }
            at += 1
        }
    }

    /// The next `&` or carriage return of a text in which there is one or a bracket, and 16 readable bytes behind it.
    @inline(__always)
    static func nextSign(_ start: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start
        while true {
            let block = ByteVector(at)
            let found = block.isEqual(to: UInt8(ascii: "&")) | block.isEqual(to: 0x0D) | block.brackets
            if !found.isNone { return at + found.first }
            at += 16
        }
    }

    /// A reference to a character.
    struct Reference {
        /// The character in UTF-8, the first byte lowest.
        let utf8: UInt32
        let utf8Count: Int
        /// Bytes that spell the reference.
        let length: Int

        /// Reads a reference to one of XML's own entities, or to a character that XML has.
        ///
        /// - Parameter start: The `&`; ten more bytes must be readable.
        init?(_ start: UnsafePointer<UInt8>) {
            let isNumber = start[1] == UInt8(ascii: "#")
            guard let (scalar, length) = isNumber ? Self.number(start) : Self.name(start) else { return nil }
            var utf8: UInt32 = 0
            var count = 0
            for byte in scalar.utf8 {
                utf8 |= UInt32(byte) << UInt32(8 * count)
                count += 1
            }
            self.utf8 = utf8
            utf8Count = count
            self.length = length
        }

        /// Lends the character in UTF-8.
        @inline(__always)
        func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
            withUnsafeBytes(of: utf8.littleEndian) { body(UnsafeRawBufferPointer(rebasing: $0[..<utf8Count])) }
        }

        private static func name(_ start: UnsafePointer<UInt8>) -> (Unicode.Scalar, Int)? {
            let known: (scalar: Unicode.Scalar, name: StaticString)
            switch (start[1], start[2]) {
            case (UInt8(ascii: "l"), _): known = ("<", "lt;")
            case (UInt8(ascii: "g"), _): known = (">", "gt;")
            case (UInt8(ascii: "q"), _): known = ("\"", "quot;")
            case (UInt8(ascii: "a"), UInt8(ascii: "m")): known = ("&", "amp;")
            case (UInt8(ascii: "a"), _): known = ("'", "apos;")
            default: return nil
            }
            let count = known.name.utf8CodeUnitCount
            return ByteWord.isSame(start + 1, known.name.utf8Start, count) ? (known.scalar, count + 1) : nil
        }

        private static func number(_ start: UnsafePointer<UInt8>) -> (Unicode.Scalar, Int)? {
            let isHexadecimal = start[2] == UInt8(ascii: "x")
            let first = start + (isHexadecimal ? 3 : 2)
            var at = first
            var number: UInt32 = 0
            while at - first < 7, let digit = ByteWord.hexValue(at.pointee), isHexadecimal || digit < 10 {
                number = number * (isHexadecimal ? 16 : 10) + UInt32(digit)
                at += 1
            }
            guard at > first, at.pointee == UInt8(ascii: ";"), let scalar = Unicode.Scalar(number),
                number >= 0x20 || number == 0x09 || number == 0x0A || number == 0x0D,
                number & 0xFFFE != 0xFFFE
            else { return nil }
            return (scalar, at - start + 1)
        }
    }
}

extension ByteVector {
    /// Which bytes are `<` or `>`, which differ by one bit.
    @inline(__always)
    var brackets: ByteVector { ByteVector(bytes & SIMD16(repeating: 0xFD)).isEqual(to: UInt8(ascii: "<")) }
}
