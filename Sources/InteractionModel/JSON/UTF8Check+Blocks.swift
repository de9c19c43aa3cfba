// Whether text is UTF-8, sixty-four bytes at a time.

extension UTF8Check {
    /// How much is looked at before it is asked whether all is well.
    private static let strip = 1024
    /// Bytes that must be readable behind a text for ``soundEnd(_:_:)``.
    package static let padding = 64

    /// Finds out how far a text is well-formed for certain, much faster than ``firstFault(_:_:)`` finds a fault.
    ///
    /// - Parameters:
    ///   - start: The first byte, which begins a character.
    ///   - end: The byte after the last one; ``padding`` bytes from it on must be readable.
    /// - Returns: Where a character begins; all before it is well-formed. The end, or the first fault, is at most some
    ///   thousand bytes away.
    /// - Complexity: One step for 64 bytes, and one for each character whose second byte is not free.
    package static func soundEnd(
        _ start: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        var at = start
        var blocks = UTF8Blocks()
        while at < end {
            let stripEnd = min(at + strip, end)
            var faults: UInt64 = 0
            var block = at
            while block < stripEnd {
                faults |= blocks.faults(in: block)
                block += 64
            }
            guard faults == 0 else { break }
            at = block
        }
        at = min(at, end)
        // What begins a character before this place was not looked at as a whole.
        while at > start, at[-1] & 0x80 != 0 {
            at -= 1
            if at.pointee & 0xC0 == 0xC0 { break }
        }
        return at
    }
}

/// Looks at one block of 64 bytes after the other; sets of bytes are words, the first byte's bit the lowest.
private struct UTF8Blocks {
    /// Bytes of the next block that must go on with a character of this one.
    private var expected: UInt64 = 0

    /// Looks at the next block; one byte more must be readable.
    ///
    /// - Parameter block: Its first byte.
    /// - Returns: Its faults, each at one of the bytes that have to do with it.
    @inline(__always)
    mutating func faults(in block: UnsafePointer<UInt8>) -> UInt64 {
        let vectors = (ByteVector(block), ByteVector(block + 16), ByteVector(block + 32), ByteVector(block + 48))
        let high = Self.set(vectors) { $0 }
        if high | expected == 0 { return 0 }
        let continuing = Self.set(vectors) { $0 & ~$0.doubled }
        let beginning = high & ~continuing
        let ofThree = Self.set(vectors) { $0 & $0.doubled & $0.doubled.doubled }
        // C0 and C1, E0, ED, and all from F0 on: there is more to their second byte than that it goes on.
        let strict = Self.set(vectors) { byte in
            let byte4 = byte.doubled.doubled
            let isLong = byte & byte.doubled & byte4 & byte4.doubled
            let isOverlong = ByteVector(byte.bytes & SIMD16(repeating: 0xFE)).isEqual(to: 0xC0)
            return (isLong | isOverlong) | (byte.isEqual(to: 0xE0) | byte.isEqual(to: 0xED))
        }
        var faults: UInt64 = 0
        var ofFour: UInt64 = 0
        var rest = strict
        while rest != 0 {
            let bit = rest & ~(rest &- 1)
            let at = block + rest.trailingZeroBitCount
            rest ^= bit
            if at[0] >= 0xF0 { ofFour |= bit }
            if !Self.wants(at[0], at[1]) { faults |= bit }
        }
        let wanted = beginning << 1 | ofThree << 2 | ofFour << 3 | expected
        expected = beginning >> 63 | ofThree >> 62 | ofFour >> 61
        return faults | wanted ^ continuing
    }

    /// The bytes of a block of which something is true.
    @inline(__always)
    private static func set(
        _ vectors: (ByteVector, ByteVector, ByteVector, ByteVector),
        where isTrue: (ByteVector) -> ByteVector
    ) -> UInt64 {
        let low = isTrue(vectors.0).highBits | isTrue(vectors.1).highBits << 16
        let high = isTrue(vectors.2).highBits | isTrue(vectors.3).highBits << 16
        return UInt64(low) | UInt64(high) << 32
    }

    /// Whether a byte that begins a character may come before another that goes on with one.
    private static func wants(_ first: UInt8, _ second: UInt8) -> Bool {
        switch first {
        // C0 and C1 spell what one byte does.
        case 0xC0, 0xC1: false
        // Less is too long a spelling.
        case 0xE0: second >= 0xA0
        case 0xF0: second >= 0x90
        // More is a surrogate, or beyond U+10FFFF.
        case 0xED: second <= 0x9F
        case 0xF4: second <= 0x8F
        default: first < 0xF4
        }
    }
}
