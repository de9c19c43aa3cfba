// What kind of archive some bytes begin, told from their magic numbers.

/// The containers and compressions that are opened, and those that are known and not opened.
enum ArchiveKind: Sendable, Hashable {
    case zip
    case tar
    /// A tar archive, or one file.
    case zstandard
    /// A tar archive, or one file.
    case gzip
    /// Something that other programs open.
    case foreign(String)

    /// How many bytes are enough to tell.
    static let headSize = 512

    /// Tells the kind.
    ///
    /// - Parameter head: The first bytes; names play no part.
    /// - Returns: The kind, or nil where the bytes begin none.
    static func of(_ head: UnsafeRawBufferPointer) -> ArchiveKind? {
        func begins(_ magic: UInt8...) -> Bool { head.starts(with: magic) }
        if begins(0x50, 0x4B, 0x03, 0x04) || begins(0x50, 0x4B, 0x05, 0x06) || begins(0x50, 0x4B, 0x07, 0x08) {
            return .zip
        }
        if begins(0x28, 0xB5, 0x2F, 0xFD) { return .zstandard }
        if begins(0x1F, 0x8B) { return .gzip }
        if begins(0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00) { return .foreign("xz") }
        if begins(0x42, 0x5A, 0x68), head.count > 4, head[4] == 0x31 { return .foreign("bzip2") }
        if begins(0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C) { return .foreign("7z") }
        if begins(0x52, 0x61, 0x72, 0x21, 0x1A, 0x07) { return .foreign("rar") }
        return isTarHeader(head) ? .tar : nil
    }

    /// Whether the sum over a tar header is the one that it says, which no other data does.
    private static func isTarHeader(_ head: UnsafeRawBufferPointer) -> Bool {
        guard head.count >= 512, head[0] != 0 else { return false }
        var stated = 0
        for byte in head[148..<156].drop(while: { $0 == 0x20 }) {
            guard (0x30...0x37).contains(byte) else { break }
            stated = stated * 8 + Int(byte - 0x30)
        }
        let sum = head[..<512].enumerated().reduce(0) { sum, byte in
            sum + ((148..<156).contains(byte.offset) ? 0x20 : Int(byte.element))
        }
        return sum == stated
    }
}
