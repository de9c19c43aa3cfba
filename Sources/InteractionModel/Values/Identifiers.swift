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

    /// Makes a UUID of the shape of version 7 from a time and a digest, without a clock or random numbers.
    ///
    /// The first 48 bits are the time. The rest are bits 48 to 127 of the digest, with version and variant set over them.
    ///
    /// - Parameters:
    ///   - milliseconds: Since 1970, clamped to 48 bits; 0 where the content has no time.
    ///   - digest: At least 16 bytes.
    fileprivate init(v7Shaped milliseconds: Int64, _ digest: UnsafeRawBufferPointer) {
        let digest = UUIDValue(firstBytesOf: digest)
        let time = UInt64(min(max(milliseconds, 0), 0xFFFF_FFFF_FFFF))
        self.init(
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

/// The ids of a payload for its headers: made of its time and its content, which is hashed once for all of them.
///
/// So the same content has the same ids on every run and machine, and any change gives new ones.
package struct PayloadIDs: Sendable {
    private let milliseconds: Int64
    private let digest: SHA256.Digest

    /// Makes the ids of a payload.
    ///
    /// - Parameters:
    ///   - payload: The canonical bytes that the ids stand for.
    ///   - milliseconds: The time that they begin with, since 1970; 0 where the content has none.
    /// - Complexity: O(length of the payload).
    package init(of payload: UnsafeRawBufferPointer, milliseconds: Int64) {
        self.milliseconds = milliseconds
        digest = Self.digest("idempotencyKey", payload)
    }

    /// The id of the content: a UUID of the shape of version 7, whose digest is that of `idempotencyKey`, a zero byte
    /// and the payload.
    package var idempotencyKey: UUIDValue {
        digest.withUnsafeBytes { UUIDValue(v7Shaped: milliseconds, $0) }
    }

    /// The id for another purpose: its digest is that of a label, a zero byte and the digest of the idempotency key.
    ///
    /// - Parameter label: What the id is for, so that ids of one payload for different purposes differ.
    /// - Returns: A UUID of the shape of version 7.
    package func id(for label: StaticString) -> UUIDValue {
        let digest = digest.withUnsafeBytes { Self.digest(label, $0) }
        return digest.withUnsafeBytes { UUIDValue(v7Shaped: milliseconds, $0) }
    }

    private static func digest(_ label: StaticString, _ content: UnsafeRawBufferPointer) -> SHA256.Digest {
        var hash = SHA256()
        // Safety: a static string's bytes live as long as the process, the others are only read during the calls.
        label.withUTF8Buffer { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        withUnsafeBytes(of: UInt8(0)) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: content)
        return hash.finalize()
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
    package func finish() -> [UInt8] { withBytes { [UInt8]($0) } }

    /// Lends the 32 bytes of ``finish()``.
    ///
    /// - Parameter body: Receives the bytes, which are valid until it returns.
    /// - Returns: What `body` returns.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        hash.finalize().withUnsafeBytes(body)
    }
}
