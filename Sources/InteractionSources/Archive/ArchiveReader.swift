// Reads the files of an archive one after the other; nothing is ever written to disk.

/// A file in an archive.
package struct ArchiveEntry: Sendable, Hashable {
    /// Its path in the archive, with `/` between folders.
    package let name: String
    /// Its size after decompression, as far as the archive says so before it is read.
    package let size: Int64?
    /// Its place among all entries, from 0; names may occur twice.
    package let position: Int
    /// Why it must not be read.
    package let refusal: SourceError?
}

/// Streams the files of a `.zip`, `.tar`, `.tar.gz` or `.tar.zst` archive, or the one file of a `.zst`.
///
/// What the archive is follows from its bytes. Folders, hidden files and what file managers leave behind are passed
/// over; what could do harm is named, and refused when it is read.
package struct ArchiveReader: ~Copyable {
    /// As many entries as are read before an archive counts as made to do harm.
    package static let largestEntryCount = 100_000

    private enum Contents {
        case archive(ArchiveHandle)
        /// One file without a name, compressed.
        case file(HeadedBytes)
    }

    private let path: String
    private let contents: Contents
    private var position = 0
    private var refusal: SourceError?
    private var unread = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What the entries say they hold together.
    private var declared: ExpansionLimit
    private let stored: Int64

    /// Opens an archive.
    ///
    /// - Parameter path: The file.
    /// - Throws: `cannot-open`, `cannot-read`, `archive-corrupt`, or `archive-unsupported` for a file that is none.
    package init(path: String) throws(SourceError) {
        let file = try FileBytes(path: path)
        let contents = try Self.open(HeadedBytes(file), path)
        self.path = path
        self.contents = contents
        stored = file.size
        declared = ExpansionLimit(path: path)
    }

    private static func open(_ head: HeadedBytes, _ path: String) throws(SourceError) -> Contents {
        switch head.kind {
        case .zip?: return .archive(try ArchiveHandle(path: path, kind: .zip))
        case .tar?: return .archive(try ArchiveHandle(path: path, kind: .tar))
        case .gzip?, .zstandard?:
            // libarchive compares no checksums of gzip, and none behind the end of a tar archive.
            let inner = try head.unpacked(path)
            guard inner.kind == .tar else { return .file(inner) }
            return .archive(try ArchiveHandle(inner, path: path, kind: .tar))
        case .foreign(let name)?: throw SourceError(.archiveUnsupported, path: path, detail: name)
        case nil: throw SourceError(.archiveUnsupported, path: path, detail: "not an archive")
        }
    }

    /// Goes on to the next file.
    ///
    /// - Returns: The file, whose bytes can be read until the next call; nil at the end.
    /// - Throws: `archive-corrupt`, or `archive-refused` where the archive as a whole could do harm.
    package mutating func nextEntry() throws(SourceError) -> ArchiveEntry? {
        unread = UnsafeRawBufferPointer(start: nil, count: 0)
        guard case .archive(let handle) = contents else {
            defer { position += 1 }
            return position == 0 ? ArchiveEntry(name: "", size: nil, position: 0, refusal: nil) : nil
        }
        handle.path = path
        while let header = try handle.nextHeader() {
            defer { position += 1 }
            guard position < Self.largestEntryCount else {
                let limit = "it holds more than \(Self.largestEntryCount) files"
                throw SourceError(.archiveRefused, path: path, detail: limit)
            }
            try declared.add(max(0, header.size ?? 0), from: stored)
            let name = EntryName(header.name ?? "")
            if header.isFolder && name.danger == nil || name.isIgnored { continue }
            handle.path = "\(path)!\(name.text)"
            let danger = name.danger ?? Self.danger(of: header)
            refusal = danger.map { SourceError(.archiveRefused, path: handle.path, detail: $0) }
            return ArchiveEntry(name: name.text, size: header.size, position: position, refusal: refusal)
        }
        return nil
    }

    /// Reads the next bytes of the file at hand.
    ///
    /// - Parameter output: Where they go.
    /// - Returns: How many there were; 0 at the file's end.
    /// - Throws: `archive-corrupt` for wrong checksums too, `archive-refused`.
    package mutating func read(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        if unread.isEmpty { unread = try nextPiece() }
        let count = min(unread.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: unread[..<count]))
        unread = UnsafeRawBufferPointer(rebasing: unread[count...])
        return count
    }

    /// The bytes of the file at hand, for whoever unpacks them further.
    var stream: any ByteStream {
        switch contents {
        case .archive(let handle): handle
        case .file(let bytes): bytes
        }
    }

    private func nextPiece() throws(SourceError) -> UnsafeRawBufferPointer {
        if let refusal { throw refusal }
        return try stream.next()
    }

    private static func danger(of header: ArchiveHandle.Header) -> String? {
        if !header.isFile { return "it is a link or a device, not a file" }
        return header.isEncrypted ? "it is encrypted" : nil
    }
}

/// A path in an archive, and what is to be thought of it.
private struct EntryName {
    let text: String
    /// Why nobody should trust it.
    let danger: String?
    /// Whether it is hidden, or left behind by a file manager; what is dangerous is never ignored.
    let isIgnored: Bool

    init(_ name: String) {
        var parts = name.split(omittingEmptySubsequences: true) { $0 == "/" }
        parts.removeAll { $0 == "." }
        text = name.isEmpty ? "?" : name.hasPrefix("/") ? name : parts.joined(separator: "/")
        if name.isEmpty {
            danger = "it has no name"
        } else if ["/", "\\"].contains(where: { name.hasPrefix($0) || name.dropFirst().hasPrefix(":" + $0) }) {
            danger = "its path is absolute"
        } else if name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).contains("..") {
            danger = "its path leads out of the archive"
        } else {
            danger = nil
        }
        isIgnored = danger == nil && parts.contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
    }
}
