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
    /// - Parameters:
    ///   - start: The first byte; 8 bytes after `end` must be readable.
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
            let lead = at.pointee
            if lead < 0x80 {
                let word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080
                at += word == 0 ? 8 : word.trailingZeroBitCount &>> 3
                continue
            }
            let left = end - at
            if lead < 0xE0 {
                guard lead >= 0xC2, left >= 2, at[1] & 0xC0 == 0x80 else { return at }
                at += 2
            } else if lead < 0xF0 {
                guard left >= 3, at[1] & 0xC0 == 0x80, at[2] & 0xC0 == 0x80 else { return at }
                if lead == 0xE0, at[1] < 0xA0 { return at }
                if lead == 0xED, at[1] >= 0xA0 { return at }
                at += 3
            } else {
                guard lead <= 0xF4, left >= 4, at[1] & 0xC0 == 0x80, at[2] & 0xC0 == 0x80, at[3] & 0xC0 == 0x80
                else { return at }
                if lead == 0xF0, at[1] < 0x90 { return at }
                if lead == 0xF4, at[1] >= 0x90 { return at }
                at += 4
            }
        }
        return nil
    }
}
