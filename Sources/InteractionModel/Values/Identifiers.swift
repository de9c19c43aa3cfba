// Identifiers that any run on any machine computes alike: UUIDs from names, from content, and content digests.

internal import Crypto

/// A UUID as a value, without a heap object and without Foundation.
public struct UUIDValue: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    package let high: UInt64

    /// The last eight bytes, big-endian.
    package let low: UInt64

    /// Makes a UUID from its two halves.
    ///
    /// - Parameters:
    ///   - high: The first eight bytes, big-endian.
    ///   - low: The last eight bytes, big-endian.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The namespace that RFC 9562 gives to domain names.
    package static var dns: UUIDValue {
        UUIDValue(high: 0x6ba7_b810_9dad_11d1, low: 0x80b4_00c0_4fd4_30c8)
    }

    /// The namespace of every identifier this project derives: `cfbdc69c-16d7-5e90-92b5-e4d2a65b1262`.
    ///
    /// It is the version 5 UUID of the name `interaction-migrate.optave.com` in the DNS namespace. It must never
    /// change: every participant and thread derived so far depends on it.
    package static var interactionMigrate: UUIDValue {
        UUIDValue(high: 0xcfbd_c69c_16d7_5e90, low: 0x92b5_e4d2_a65b_1262)
    }
}

extension UUIDValue {
    /// Derives the version 5 UUID of a name, as every language's UUID library does.
    ///
    /// - Parameters:
    ///   - namespace: What the name is unique in.
    ///   - name: The bytes of the name, hashed as they are.
    /// - Returns: The same UUID for the same namespace and name, always.
    /// - Complexity: O(length of the name).
    package static func v5(namespace: UUIDValue, name: some Sequence<UInt8>) -> UUIDValue {
        // Safety: the bytes are only read inside the closure.
        Array(name).withUnsafeBytes { v5(namespace: namespace, name: $0) }
    }

    /// Derives the version 5 UUID of a name, as every language's UUID library does.
    ///
    /// - Parameters:
    ///   - namespace: What the name is unique in.
    ///   - name: The bytes of the name, hashed as they are.
    /// - Returns: The same UUID for the same namespace and name, always.
    /// - Complexity: O(length of the name).
    package static func v5(namespace: UUIDValue, name: UnsafeRawBufferPointer) -> UUIDValue {
        // What comes in one piece costs less than in two.
        let digest = withUnsafeTemporaryAllocation(byteCount: 16 + name.count, alignment: 8) { whole in
            whole.storeBytes(of: namespace.high.bigEndian, as: UInt64.self)
            whole.storeBytes(of: namespace.low.bigEndian, toByteOffset: 8, as: UInt64.self)
            UnsafeMutableRawBufferPointer(rebasing: whole[16...]).copyMemory(from: name)
            var hash = Insecure.SHA1()
            hash.update(bufferPointer: UnsafeRawBufferPointer(whole))
            return hash.finalize().withUnsafeBytes { UUIDValue(firstBytesOf: $0) }
        }
        return UUIDValue(high: digest.high & ~0xF000 | 0x5000, low: digest.low & ~(0b11 << 62) | (0b10 << 62))
    }

    /// Derives a UUID of the shape of version 7 from a time and a content, without a clock or random numbers.
    ///
    /// The first 48 bits are the time. The rest are bits 48 to 127 of the SHA-256 digest of the label's UTF-8, a
    /// zero byte and the payload, with version and variant set over them. So the same content has the same id on
    /// every run and machine, and any change gives a new one.
    ///
    /// - Parameters:
    ///   - milliseconds: Since 1970, clamped to 48 bits; 0 where the content has no time.
    ///   - label: What the id is for, so that ids of one payload for different purposes differ.
    ///   - payload: The canonical bytes that the id stands for.
    /// - Returns: The UUID.
    /// - Complexity: O(length of the payload).
    package static func v7Shaped(
        milliseconds: Int64,
        label: StaticString,
        payload: UnsafeRawBufferPointer
    ) -> UUIDValue {
        var content = ContentDigest()
        // Safety: a static string's bytes live as long as the process.
        label.withUTF8Buffer { content.update(UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: UInt8(0)) { content.update($0) }
        content.update(payload)
        let digest = content.finish().withUnsafeBytes { UUIDValue(firstBytesOf: $0) }
        let time = UInt64(min(max(milliseconds, 0), 0xFFFF_FFFF_FFFF))
        return UUIDValue(
            high: time << 16 | 0x7000 | digest.high & 0x0FFF,
            low: digest.low & ~(0b11 << 62) | (0b10 << 62)
        )
    }

    /// Takes the first 16 bytes of a digest.
    ///
    /// - Parameter digest: At least 16 bytes.
    private init(firstBytesOf digest: UnsafeRawBufferPointer) {
        // Safety: `loadUnaligned` checks nothing in release builds; both digests used here have 20 bytes or more.
        high = UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
}

/// A SHA-256 digest that grows with its content, so that the content need not be in one piece.
package struct ContentDigest {
    private var hash = SHA256()

    /// Starts with no content.
    package init() {}

    /// Adds content at the end.
    ///
    /// - Parameter bytes: The next bytes; where they are cut makes no difference.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // Safety: the bytes are only read during the call.
        hash.update(bufferPointer: bytes)
    }

    /// Computes the digest of the content so far; more may be added after it.
    ///
    /// - Returns: 32 bytes.
    package func finish() -> [UInt8] {
        hash.finalize().withUnsafeBytes { [UInt8]($0) }
    }
}
