// Eight bytes at a time: the word tricks that the scanner and the writer share.

/// Questions asked of eight bytes at once (SWAR); the lowest set bit of an answer is exact, higher ones may not be.
@usableFromInline package enum ByteWord {
    @usableFromInline static var ones: UInt64 { 0x0101_0101_0101_0101 }
    @usableFromInline static var highs: UInt64 { 0x8080_8080_8080_8080 }

    /// Marks bytes that end a run of plain string text: a quote, a backslash or a control character.
    ///
    /// - Parameter word: Eight bytes, little-endian.
    /// - Returns: The high bit of each such byte.
    @inlinable @inline(__always)
    package static func stringStops(_ word: UInt64) -> UInt64 {
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let quotes = (quote &- ones) & ~quote
        let backslashes = (backslash &- ones) & ~backslash
        let controls = (word &- (ones &* 0x20)) & ~word
        return (quotes | backslashes | controls) & highs
    }

    /// Whether two runs of bytes are the same; short ones, which most are, without a call.
    ///
    /// - Parameters:
    ///   - left: The one.
    ///   - right: The other.
    ///   - count: How many bytes both have.
    /// - Returns: Whether all bytes are equal.
    @inlinable @inline(__always)
    package static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var index = 0
        if count >= 8 {
            while index &+ 8 < count {
                if word(left, index) != word(right, index) { return false }
                index &+= 8
            }
            // The last word may overlap the one before it.
            return word(left, count &- 8) == word(right, count &- 8)
        }
        while index < count {
            if left[index] != right[index] { return false }
            index &+= 1
        }
        return true
    }

    @inlinable @inline(__always)
    static func word(_ bytes: UnsafePointer<UInt8>, _ at: Int) -> UInt64 {
        UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self)
    }

    /// The value of a hexadecimal digit.
    ///
    /// - Parameter byte: An ASCII character.
    /// - Returns: 0 to 15, or nil.
    @inline(__always)
    package static func hexValue(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }

    /// The eight lower-case hexadecimal digits of a number, the first one lowest.
    @inline(__always)
    package static func hexDigits(_ value: UInt32) -> UInt64 {
        // Each byte into two, then each half of a byte into one.
        var digits = UInt64(value.byteSwapped)
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits >> 4 | digits << 8) & (ones &* 0x0F)
        let letters = (digits &+ ones &* 6) >> 4 & ones
        return digits &+ ones &* 0x30 &+ letters &* 39
    }

    /// A lower-case hexadecimal digit.
    @inline(__always)
    package static func hexDigit(_ value: UInt16) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 10 ? value &+ 0x30 : value &+ 0x57)
    }
}

/// UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
package enum UTF8Check {
    /// Finds the first byte that is not part of a well-formed character.
    ///
    /// A character is looked at as one little-endian word; its bits are compared with those of its form, then the
    /// forms that are too long, surrogates and what lies above U+10FFFF are ruled out.
    ///
    /// - Parameters:
    ///   - start: The first byte; 8 bytes after `end` must be readable, and the byte at `end` continues no character.
    ///   - end: The byte after the last one.
    /// - Returns: The first byte of the faulty character, or nil if all is well.
    /// - Complexity: One step a word of ASCII, one a character otherwise.
    @inline(__always)
    package static func firstFault(
        _ start: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8>? {
        var at = start
        while at < end {
            let word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            let highs = word & 0x8080_8080_8080_8080
            if highs & 0x80 == 0 {
                at += highs == 0 ? 8 : highs.trailingZeroBitCount &>> 3
                continue
            }
            // Most scripts come in runs: four characters of two bytes, or two of three, at once.
            if word & 0xC0E0_C0E0_C0E0_C0E0 == 0x80C0_80C0_80C0_80C0 {
                let leads = (word & 0x001E_001E_001E_001E) &+ 0x7FFE_7FFE_7FFE_7FFE
                if leads & 0x8000_8000_8000_8000 == 0x8000_8000_8000_8000 {
                    at += 8
                    continue
                }
            } else if word & 0xC0C0_F0C0_C0F0 == 0x8080_E080_80E0 {
                let first = word & 0x200F
                let second = word &>> 24 & 0x200F
                if first != 0, first != 0x200D, second != 0, second != 0x200D {
                    at += 6
                    continue
                }
            }
            let bits = UInt32(truncatingIfNeeded: word)
            if bits & 0xC0E0 == 0x80C0 {
                guard bits & 0x1E != 0 else { return at }
                at += 2
            } else if bits & 0xC0_C0F0 == 0x80_80E0 {
                let range = bits & 0x200F
                guard range != 0, range != 0x200D else { return at }
                at += 3
            } else {
                guard bits & 0xC0C0_C0F8 == 0x8080_80F0, bits & 0x3007 != 0,
                    bits & 0x04 == 0 || bits & 0x3003 == 0
                else { return at }
                at += 4
            }
        }
        return nil
    }
}
