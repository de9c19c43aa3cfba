// Sixteen bytes at a time, for the loops that every byte of an input goes through.

/// Sixteen bytes, and questions asked of all of them at once.
///
/// Answers have the high bit of a byte set where the answer is yes; what its other bits hold means nothing. Only
/// additions, subtractions and bit operations are used, which the compiler turns into one vector instruction each on
/// every machine; with comparisons of vectors it does not.
@frozen @usableFromInline package struct ByteVector {
    @usableFromInline package let bytes: SIMD16<UInt8>

    @inlinable @inline(__always)
    package init(_ bytes: SIMD16<UInt8>) { self.bytes = bytes }

    /// Reads sixteen bytes, at any address.
    @inlinable @inline(__always)
    package init(_ start: UnsafePointer<UInt8>) {
        bytes = UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt8>.self)
    }

    @inlinable @inline(__always)
    package static func | (left: ByteVector, right: ByteVector) -> ByteVector {
        ByteVector(left.bytes | right.bytes)
    }

    @inlinable @inline(__always)
    package static func & (left: ByteVector, right: ByteVector) -> ByteVector {
        ByteVector(left.bytes & right.bytes)
    }

    @inline(__always)
    static func ^ (left: ByteVector, right: ByteVector) -> ByteVector { ByteVector(left.bytes ^ right.bytes) }

    @inlinable @inline(__always)
    static prefix func ~ (vector: ByteVector) -> ByteVector {
        ByteVector(vector.bytes ^ SIMD16(repeating: 0xFF))
    }

    /// Each byte's bits moved up by one place.
    @inline(__always)
    var doubled: ByteVector { ByteVector(bytes &+ bytes) }

    /// Which bytes are the same as another.
    @inlinable @inline(__always)
    package func isEqual(to byte: UInt8) -> ByteVector {
        let difference = ByteVector(bytes ^ SIMD16(repeating: byte))
        return ByteVector(difference.bytes &- SIMD16(repeating: 1)) & ~difference
    }

    /// Which bytes are control characters, but for the delete character.
    @inlinable @inline(__always)
    package var controls: ByteVector { ByteVector(bytes &- SIMD16(repeating: 0x20)) & ~self }

    /// Which bytes end a run of plain string text: a quote, a backslash or a control character.
    @inlinable @inline(__always)
    package var stringStops: ByteVector { isEqual(to: 0x22) | isEqual(to: 0x5C) | controls }

    /// The first byte of which the answer is yes; 16 if there is none.
    ///
    /// Where there mostly is none, ask ``isNone`` first: a branch is guessed, a number has to be waited for.
    @inlinable @inline(__always)
    package var first: Int {
        let (low, high) = answers
        return low == 0 ? 8 &+ high.trailingZeroBitCount &>> 3 : low.trailingZeroBitCount &>> 3
    }

    /// The answers alone, eight each, the first byte's lowest.
    @inlinable @inline(__always)
    var answers: (low: UInt64, high: UInt64) {
        let words = unsafeBitCast(bytes & SIMD16(repeating: 0x80), to: SIMD2<UInt64>.self)
        return (words[0], words[1])
    }

    /// Whether the answer is no for every byte.
    @inlinable @inline(__always)
    package var isNone: Bool {
        let (low, high) = answers
        return low | high == 0
    }
}

extension UTF8Check {
    /// How much is looked at before it is asked whether all is well.
    private static let strip = 1024
    /// Bytes that must be readable behind a text for ``soundEnd(_:_:)``.
    package static let padding = 64

    /// Finds out how far a text is well-formed for certain, much faster than ``firstFault(_:_:)`` finds a fault.
    ///
    /// - Parameters:
    ///   - start: The first byte, which begins a character; the three bytes before it must be readable, and zero or
    ///     the end of a character.
    ///   - end: The byte after the last one; ``padding`` bytes from it on must be readable.
    /// - Returns: Where a character begins; all before it is well-formed. The end, or the first fault, is at most some
    ///   thousand bytes away.
    /// - Complexity: One step for 64 bytes of ASCII, otherwise for 16.
    package static func soundEnd(
        _ start: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>
    ) -> UnsafePointer<UInt8> {
        var at = start
        while at < end {
            let stripEnd = min(at + strip, end)
            var found = ByteVector(SIMD16())
            var block = at
            while block < stripEnd {
                let all =
                    (ByteVector(block) | ByteVector(block + 16)) | (ByteVector(block + 32) | ByteVector(block + 48))
                // A character of the block before may be waiting for its end.
                if !(all | ByteVector(block - 3)).isNone { found = found | faults(ofBlock: block) }
                block += 64
            }
            guard found.isNone else { break }
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

    /// The faults in 64 bytes.
    @inline(__always)
    private static func faults(ofBlock block: UnsafePointer<UInt8>) -> ByteVector {
        let rare =
            (rareBeginnings(at: block) | rareBeginnings(at: block + 16))
            | (rareBeginnings(at: block + 32) | rareBeginnings(at: block + 48))
        let misplaced =
            (misplaced(at: block) | misplaced(at: block + 16))
            | (misplaced(at: block + 32) | misplaced(at: block + 48))
        // The character that such a byte begins may end in this block as well.
        if (rare | rareBeginnings(at: block - 1)).isNone { return misplaced }
        return misplaced
            | (unwanted(at: block) | unwanted(at: block + 16))
            | (unwanted(at: block + 32) | unwanted(at: block + 48))
    }

    /// Bytes that begin a character by which there may be something wrong besides its length: `C0`, `C1`, `E0`, `ED`, and
    /// all from `F0` on.
    @inline(__always)
    private static func rareBeginnings(at block: UnsafePointer<UInt8>) -> ByteVector {
        let byte = ByteVector(block)
        let byte5 = byte.doubled.doubled
        let isLong = byte & byte.doubled & byte5 & byte5.doubled
        let isOverlong = ByteVector(byte.bytes & SIMD16(repeating: 0xFE)).isEqual(to: 0xC0)
        return (isLong | isOverlong) | (byte.isEqual(to: 0xE0) | byte.isEqual(to: 0xED))
    }

    /// Bytes that go on with a character where none does, or do not where one should.
    @inline(__always)
    private static func misplaced(at block: UnsafePointer<UInt8>) -> ByteVector {
        let byte = ByteVector(block)
        let before = ByteVector(block - 1)
        let second = ByteVector(block - 2)
        let third = ByteVector(block - 3)
        let second6 = second.doubled
        let third6 = third.doubled
        let third5 = third6.doubled
        let begins = before & before.doubled
        let beginsThree = second & second6 & second6.doubled
        let beginsFour = third & third6 & third5 & third5.doubled
        return (byte & ~byte.doubled) ^ (begins | beginsThree | beginsFour)
    }

    /// Bytes that the byte before them does not want, though it wants the character to go on.
    ///
    /// The bits of each byte are looked at one by one, each at the place of the highest.
    @inline(__always)
    private static func unwanted(at block: UnsafePointer<UInt8>) -> ByteVector {
        let byte5 = ByteVector(block).doubled.doubled
        let byte4 = byte5.doubled
        let before = ByteVector(block - 1)
        let before6 = before.doubled
        let before5 = before6.doubled
        let before4 = before5.doubled
        let before3 = before4.doubled
        let before2 = before3.doubled
        let before1 = before2.doubled
        let before0 = before1.doubled
        let begins = before & before6
        let low = before3 | before2 | before1
        // C0 and C1 spell what one byte does.
        let overlongTwo = begins & ~(before5 | before4 | low)
        // E0 before less than A0 is too long as well, and ED before more than 9F a surrogate.
        let three = begins & before5 & ~before4
        let overlongThree = three & ~(low | before0 | byte5)
        let surrogate = three & before3 & before2 & ~before1 & before0 & byte5
        // F0 before less than 90 is too long; F4 before more than 8F, and F5 and more, are beyond U+10FFFF.
        let four = begins & before5 & before4
        let overlongFour = four & ~(low | before0 | byte5 | byte4)
        let beyond = four & (before3 | (before2 & (before1 | before0 | byte5 | byte4)))
        return (overlongTwo | overlongThree) | (surrogate | overlongFour | beyond)
    }
}
