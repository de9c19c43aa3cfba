// Sixteen bytes at a time, for the loops that every byte of an input goes through.

#if arch(x86_64)
public import _Builtin_intrinsics.intel.sse2
#endif

/// Sixteen bytes, and questions asked of all of them at once.
///
/// Answers have the high bit of a byte set where the answer is yes; what its other bits hold means nothing. Additions,
/// subtractions and bit operations are turned into one vector instruction each on every machine; what the compiler does
/// not find by itself, comparing and gathering the high bits, is said to it where every processor of a kind can do it.
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

    @inlinable @inline(__always)
    static prefix func ~ (vector: ByteVector) -> ByteVector {
        ByteVector(vector.bytes ^ SIMD16(repeating: 0xFF))
    }

    /// Each byte's bits moved up by one place.
    @inline(__always)
    var doubled: ByteVector { ByteVector(bytes &+ bytes) }

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
    package var first: Int { (highBits | 1 << 16).trailingZeroBitCount }

    /// Whether the answer is no for every byte.
    @inlinable @inline(__always)
    package var isNone: Bool { highBits == 0 }
}

// MARK: What the compiler does not find by itself

extension ByteVector {
    /// Which bytes are the same as another.
    @inlinable @inline(__always)
    package func isEqual(to byte: UInt8) -> ByteVector {
        #if arch(x86_64)
        let other = _mm_set1_epi8(CChar(bitPattern: byte))
        return ByteVector(unsafeBitCast(_mm_cmpeq_epi8(words, other), to: SIMD16<UInt8>.self))
        #else
        return isEqualByArithmetic(to: byte)
        #endif
    }

    /// The highest bit of each byte, the first byte's lowest.
    @inlinable @inline(__always)
    package var highBits: UInt32 {
        #if arch(x86_64)
        return UInt32(bitPattern: _mm_movemask_epi8(words))
        #else
        return highBitsByArithmetic
        #endif
    }

    @inlinable @inline(__always)
    var words: SIMD2<Int64> { unsafeBitCast(bytes, to: SIMD2<Int64>.self) }

    /// ``isEqual(to:)`` on any machine.
    @inlinable @inline(__always)
    func isEqualByArithmetic(to byte: UInt8) -> ByteVector {
        let difference = ByteVector(bytes ^ SIMD16(repeating: byte))
        return ByteVector(difference.bytes &- SIMD16(repeating: 1)) & ~difference
    }

    /// ``highBits`` on any machine.
    @inlinable @inline(__always)
    var highBitsByArithmetic: UInt32 {
        let bits = unsafeBitCast(words, to: SIMD2<UInt64>.self) &>> 7 & SIMD2(repeating: 0x0101_0101_0101_0101)
        // The product has the eight bits side by side in its highest byte.
        let gathered = (bits &* SIMD2(repeating: 0x0102_0408_1020_4080)) &>> 56
        return UInt32(truncatingIfNeeded: gathered[0] | gathered[1] << 8)
    }
}
