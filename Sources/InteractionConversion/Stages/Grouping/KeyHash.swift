// The hash that finds conversations by their keys.

internal import InteractionModel

/// Hashes keys eight bytes at a time by folded multiplication, as wyhash does.
///
/// The seed is drawn anew for each run, so that no input can be made to collide; the results show nowhere but in
/// the order of work.
struct KeyHash: Sendable {
    static let first: UInt64 = 0xA076_1D64_78BD_642F
    static let second: UInt64 = 0xE703_7ED1_A0B4_28DB
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    /// The hash of a key; all 64 bits are good.
    @inline(__always)
    func callAsFunction(_ key: UnsafeRawBufferPointer) -> UInt64 {
        var state = seed ^ UInt64(truncatingIfNeeded: key.count) &* Self.second
        var rest: UInt64 = 0
        if key.count >= 8 {
            var at = 0
            while at &+ 8 < key.count {
                state = Self.fold(state ^ Self.word(key, at), Self.first)
                at &+= 8
            }
            // The last word may overlap the one before it.
            rest = Self.word(key, key.count &- 8)
        } else {
            for byte in key { rest = rest << 8 | UInt64(byte) }
        }
        return Self.fold(state ^ rest, Self.second) &* Self.first
    }

    @inline(__always)
    private static func word(_ key: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        UInt64(littleEndian: key.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    }

    @inline(__always)
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension UnsafeRawBufferPointer {
    /// Whether two keys are the same bytes.
    @inline(__always)
    func holdsSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let start = baseAddress, let otherStart = other.baseAddress else { return true }
        return ByteWord.isSame(
            start.assumingMemoryBound(to: UInt8.self),
            otherStart.assumingMemoryBound(to: UInt8.self),
            count
        )
    }
}
