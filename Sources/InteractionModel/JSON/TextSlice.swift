// A piece of text where it lies in the source, escaped or not.

/// Text that is still in the source bytes: a JSON string's inside, or plain UTF-8 of another format.
///
/// Safety: points into source bytes that the record's owner keeps alive; never stored beyond the record.
@frozen @usableFromInline package struct TextSlice {
    /// How the bytes spell the text.
    @frozen @usableFromInline package enum Form: UInt8, Sendable {
        /// The text itself, valid UTF-8 without anything that JSON would have to escape.
        case plain
        /// JSON escapes, each the one that the canonical writer chooses.
        case canonical
        /// JSON escapes of any kind.
        case escaped
    }

    @usableFromInline package let start: UnsafePointer<UInt8>
    /// Half a word, so that a slice is two words, of which there are many: a text of 4 GiB is beyond every limit.
    @usableFromInline let length: UInt32
    @usableFromInline package let form: Form

    @inlinable package init(start: UnsafePointer<UInt8>, count: Int, form: Form) {
        self.start = start
        length = UInt32(count)
        self.form = form
    }

    /// How many bytes there are.
    @inlinable package var count: Int { Int(length) }

    /// Text that is known to need no escapes, such as a number.
    ///
    /// - Parameter bytes: Valid UTF-8.
    package init(plain bytes: UnsafeRawBufferPointer) {
        start = bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? ("" as StaticString).utf8Start
        length = UInt32(bytes.count)
        form = .plain
    }

    /// A literal that needs no escapes.
    package init(literal: StaticString) {
        start = literal.utf8Start
        length = UInt32(literal.utf8CodeUnitCount)
        form = .plain
    }

    @inlinable package var isEmpty: Bool { count == 0 }

    @inlinable package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Whether the first character may be white space, or there is none: then ``isBlank`` is worth asking.
    @inlinable package var startsBlank: Bool {
        count == 0 || start[0] <= 0x20 || (start[0] == UInt8(ascii: "\\") && form != .plain)
    }

    /// Whether nothing but ASCII white space is there.
    package var isBlank: Bool {
        if form == .plain { return bytes.allSatisfy { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) } }
        return unescaped().allSatisfy { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
    }

    /// Whether the text is a literal.
    @inlinable @inline(__always)
    package func equals(_ literal: StaticString) -> Bool {
        // Most comparisons end at the length.
        if form != .escaped, count != literal.utf8CodeUnitCount { return false }
        return hasBytes(of: literal)
    }

    @usableFromInline func hasBytes(of literal: StaticString) -> Bool {
        guard form != .escaped else {
            return unescaped().elementsEqual(
                UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
            )
        }
        return ByteWord.isSame(start, literal.utf8Start, count)
    }

    /// Whether two slices hold the same text, however they spell it.
    @inlinable package func equals(_ other: TextSlice) -> Bool {
        if form != .escaped, other.form != .escaped {
            return count == other.count && ByteWord.isSame(start, other.start, count)
        }
        return unescaped() == other.unescaped()
    }

    /// The text's bytes without escapes.
    ///
    /// A lone surrogate, which UTF-8 cannot spell, comes out as its three generalised bytes, so that two different
    /// texts never compare equal.
    ///
    /// - Returns: UTF-8, but for lone surrogates.
    @usableFromInline package func unescaped() -> [UInt8] {
        guard form != .plain else { return [UInt8](bytes) }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        var at = 0
        while at < count {
            let byte = start[at]
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                at += 1
                continue
            }
            let (scalar, length) = escape(at)
            at += length
            switch scalar {
            case 0..<0x80:
                result.append(UInt8(scalar))
            case 0x80..<0x800:
                result.append(0xC0 | UInt8(scalar >> 6))
                result.append(0x80 | UInt8(scalar & 0x3F))
            case 0x800..<0x10000:
                result.append(0xE0 | UInt8(scalar >> 12))
                result.append(0x80 | UInt8(scalar >> 6 & 0x3F))
                result.append(0x80 | UInt8(scalar & 0x3F))
            default:
                result.append(0xF0 | UInt8(scalar >> 18))
                result.append(0x80 | UInt8(scalar >> 12 & 0x3F))
                result.append(0x80 | UInt8(scalar >> 6 & 0x3F))
                result.append(0x80 | UInt8(scalar & 0x3F))
            }
        }
        return result
    }

    /// The text as a `String`; lone surrogates become U+FFFD.
    package var string: String {
        let isSpelled = form == .plain || !bytes.contains(UInt8(ascii: "\\"))
        return isSpelled ? String(decoding: bytes, as: UTF8.self) : String(decoding: unescaped(), as: UTF8.self)
    }

    /// Reads the escape at an offset; a high and a low surrogate in a row are one character.
    ///
    /// - Parameter at: Offset of the backslash.
    /// - Returns: The code point and how many bytes spell it.
    package func escape(_ at: Int) -> (scalar: UInt32, length: Int) {
        switch start[at + 1] {
        case UInt8(ascii: "b"): return (0x08, 2)
        case UInt8(ascii: "f"): return (0x0C, 2)
        case UInt8(ascii: "n"): return (0x0A, 2)
        case UInt8(ascii: "r"): return (0x0D, 2)
        case UInt8(ascii: "t"): return (0x09, 2)
        case UInt8(ascii: "u"):
            let first = hex(at + 2)
            if first & 0xFC00 == 0xD800, at + 12 <= count, start[at + 6] == UInt8(ascii: "\\"),
                start[at + 7] == UInt8(ascii: "u")
            {
                let second = hex(at + 8)
                if second & 0xFC00 == 0xDC00 {
                    return (0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF), 12)
                }
            }
            return (first, 6)
        case let other: return (UInt32(other), 2)
        }
    }

    private func hex(_ at: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(ByteWord.hexValue(start[at + $1]) ?? 0) }
    }
}
