// Keeps characters beyond ASCII from a parser that would decode each of them, and gives them back.

internal import Glibc
internal import InteractionModel

/// The text that a parser gets, with delete characters for the bytes of other characters, and the text as it came in.
///
/// libxml2 passes ASCII on as it lies in its buffer, and decodes all else, which is known to be valid UTF-8 here, one
/// character after the other. Only what lies between two `<`, and there between a `>` and the second `<`, is covered, as
/// long as there is one `>`: then it is all that stands between two tags, or belongs to a CDATA section, which is passed
/// on from the buffer as well, or to a comment or a processing instruction, which nobody hears. An attribute's value may
/// hold a `>`, but no `<`.
struct MarkupVeil: ~Copyable {
    /// What stands for a byte: a character that libxml2 passes on like any other of ASCII.
    private static let cover: UInt8 = 0x7F
    /// Readable bytes behind a text, so that it can be looked at in blocks.
    private static let padding = 32

    /// What came in, as far as the parser has not read it or has just done so.
    private var originals = OutputBuffer(capacity: 2 * MarkupReader.pieceSize)
    /// The position of the first of these bytes among all that the parser got.
    private var start = 0
    private var covered = OutputBuffer(capacity: MarkupReader.pieceSize + padding)

    /// Begins again with a parser that has got nothing.
    mutating func reset() {
        originals.removeAll()
        start = 0
    }

    /// Prepares the next text for the parser.
    ///
    /// - Parameters:
    ///   - text: Valid UTF-8.
    ///   - position: How far the parser has read.
    /// - Returns: As many bytes, valid until the next call and as long as the text is.
    /// - Complexity: One step for 16 bytes, a few where there is something to cover.
    mutating func cover(_ text: UnsafeRawBufferPointer, position: Int) -> UnsafeRawBufferPointer {
        let read = max(0, min(position - start, originals.count))
        // Safety: both lie within the buffer.
        if read < originals.count { memmove(originals.base, originals.base + read, originals.count - read) }
        originals.truncate(to: originals.count - read)
        start += read
        let mark = originals.count
        originals.append(text)
        originals.reserve(Self.padding)
        // Safety: that much room was just made. The sign ends every search, and nothing is covered before it.
        let end = originals.base + originals.count
        memset(end, 0, Self.padding)
        end.pointee = UInt8(ascii: ">")
        let first = originals.base + mark
        guard !Self.isASCII(first, end) else { return text }
        covered.removeAll()
        covered.append(text)
        coverTexts(first, end)
        return covered.bytes
    }

    /// The bytes that came in at a position, for those that the parser shows.
    ///
    /// - Parameters:
    ///   - shown: Bytes of the parser's buffer.
    ///   - position: Where they stand among all that the parser got.
    /// - Returns: What they stand for; valid until the next call of ``cover(_:position:)``.
    @inline(__always)
    func original(of shown: UnsafeRawBufferPointer, position: Int) -> UnsafeRawBufferPointer {
        let at = position &- start
        guard at >= 0, at &+ shown.count <= originals.count else { return shown }
        return UnsafeRawBufferPointer(start: originals.base + at, count: shown.count)
    }

    // MARK: Covering

    private static func isASCII(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        var at = start
        while at < end {
            if !(ByteVector(at) | ByteVector(at + 16)).isNone { return false }
            at += 32
        }
        return true
    }

    private mutating func coverTexts(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        var at = first
        // Where a text has begun, if that is certain, and whether a tag may be open that ends before one.
        var text: UnsafePointer<UInt8>?
        var isInTag = false
        while true {
            at = Self.next(at) { Self.brackets($0) | $0 }
            guard at.pointee >= 0x80 else {
                if at == end { return }
                let isOpening = at.pointee == UInt8(ascii: "<")
                at += 1
                text = isInTag && !isOpening ? at : nil
                isInTag = isOpening
                continue
            }
            let close = Self.next(at, where: Self.brackets)
            if let text, close.pointee == UInt8(ascii: "<"), Self.isPlain(text, close) {
                cover(text, close, covered.base + (text - first))
            }
            at = close
        }
    }

    /// Which bytes are `<` or `>`, which differ by one bit.
    @inline(__always)
    private static func brackets(_ block: ByteVector) -> ByteVector {
        ByteVector(block.bytes & SIMD16(repeating: 0xFD)).isEqual(to: UInt8(ascii: "<"))
    }

    @inline(__always)
    private static func next(
        _ start: UnsafePointer<UInt8>,
        where isWanted: (ByteVector) -> ByteVector
    ) -> UnsafePointer<UInt8> {
        var at = start
        while true {
            let found = isWanted(ByteVector(at))
            if !found.isNone { return at + found.first }
            at += 16
        }
    }

    /// Whether libxml2 would pass all of a text on from its buffer, were it ASCII, and say the same of it.
    private static func isPlain(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        var at = start
        while at < end {
            let block = ByteVector(at)
            let isRare = ByteVector(block.isEqual(to: 0xBF).bytes & ByteVector(at - 1).isEqual(to: 0xEF).bytes)
            let signs = block.isEqual(to: 0x0D) | block.isEqual(to: UInt8(ascii: "&")) | block.isEqual(to: 0)
            let doubts = signs | isRare
            guard !doubts.isNone else {
                at += 16
                continue
            }
            at += doubts.first
            guard at < end else { break }
            switch at.pointee {
            case 0:
                // Of a text beyond ASCII, libxml2 says nothing once it has met this.
                return false
            case 0x0D:
                // A lone one makes libxml2 copy what follows.
                guard at[1] == 0x0A else { return false }
            case 0xBF:
                // U+FFFE and U+FFFF are no characters of XML.
                guard at[1] & 0xFE != 0xBE else { return false }
            default:
                // The name of an entity goes on beyond ASCII.
                var name = at + 1
                while isNameByte(name.pointee) { name += 1 }
                guard name.pointee < 0x80 else { return false }
            }
            at += 1
        }
        return true
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "-") < 14 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "#")
    }

    private func cover(
        _ start: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        _ target: UnsafeMutablePointer<UInt8>
    ) {
        let count = end - start
        guard count >= 16 else {
            for at in 0..<count where start[at] >= 0x80 { target[at] = Self.cover }
            return
        }
        var at = 0
        while at < count {
            // The last block overlaps the one before it.
            at = min(at, count &- 16)
            let block = ByteVector(start + at).bytes
            let high = block & SIMD16(repeating: 0x80)
            let low = high &- high &>> 7
            UnsafeMutableRawPointer(target + at).storeBytes(of: (block | low) ^ high, as: SIMD16<UInt8>.self)
            at &+= 16
        }
    }
}
