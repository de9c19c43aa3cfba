// Reads files as UTF-8 wherever they lie: on their own, in folders, in archives, packed once more or not.

/// Reads one member after the other; an archive stays open from one of its members to the next.
///
/// Members of an archive that are opened in its order are read in one pass; going back opens the archive again.
package struct MemberReader: ~Copyable {
    private let encodingName: String?
    private let isCancelled: (@Sendable () -> Bool)?
    private var path = ""
    private var file: InputReader?
    private var archive: ArchiveReader?
    private var archivePath = ""
    /// The entry of the archive that comes next.
    private var nextPosition = 0
    private var stream: HeadedBytes?
    private var decoder: InputDecoder?
    private var unread = UnsafeRawBufferPointer(start: nil, count: 0)
    private var hasEnded = false

    /// How many bytes of the member have been read: as stored for a file of its own, unpacked for any other.
    package private(set) var totalBytesRead: Int64 = 0

    /// The encoding of the member's text, once its first bytes have been read.
    package private(set) var encoding: TextEncoding?

    /// How many bytes of a byte order mark were removed from the start of the member's text.
    package private(set) var leadingBytesDropped = 0

    /// Makes a reader without a member.
    ///
    /// - Parameters:
    ///   - encodingName: The encoding of every text by any name that iconv knows, or nil to recognise it.
    ///   - isCancelled: Asked before each read and while waiting; answering true ends the reading.
    package init(encodingName: String? = nil, isCancelled: (@Sendable () -> Bool)? = nil) {
        self.encodingName = encodingName
        self.isCancelled = isCancelled
    }

    /// Goes to a member's start.
    ///
    /// - Parameter member: What to read from now on.
    /// - Throws: Why it cannot be opened, or must not be.
    package mutating func open(_ member: InputMember) throws(SourceError) {
        path = member.path
        file = nil
        stream = nil
        decoder = nil
        unread = UnsafeRawBufferPointer(start: nil, count: 0)
        hasEnded = false
        totalBytesRead = 0
        encoding = nil
        leadingBytesDropped = 0
        if let position = member.position {
            try openEntry(position, of: member.container)
        } else if InputContainer.of(path) == .file, Self.isPacked(path) {
            // One file in a packing that only the archive layer opens.
            try openEntry(0, of: path)
        } else {
            file = try InputReader(path: path, encodingName: encodingName, isCancelled: isCancelled)
        }
    }

    private static func isPacked(_ path: String) -> Bool {
        // Opening a pipe would wait for its writer, deaf to cancellation.
        guard let status = FileStatus(of: path), status.isRegularFile, let file = try? FileBytes(path: path) else {
            return false
        }
        switch HeadedBytes(file).kind {
        case .zstandard, .foreign: return true
        case .zip, .tar, .gzip, nil: return false
        }
    }

    private mutating func openEntry(_ position: Int, of container: String) throws(SourceError) {
        if archivePath != container || position < nextPosition || archive == nil {
            archive = try ArchiveReader(path: container)
            archivePath = container
            nextPosition = 0
        }
        while let entry = try archive?.nextEntry() {
            nextPosition = entry.position + 1
            guard entry.position >= position else { continue }
            if let refusal = entry.refusal { throw refusal }
            stream = try unpack(archive?.stream)
            if let stream, !stream.isEmpty { decoder = InputDecoder(path: path, encodingName: encodingName) }
            return
        }
        throw SourceError(.cannotRead, path: path, detail: "the archive has changed")
    }

    /// Takes off one more layer of compression; an archive in an archive stays closed.
    private func unpack(_ stored: (any ByteStream)?) throws(SourceError) -> HeadedBytes? {
        guard let stored else { return nil }
        let inner = try HeadedBytes(stored).unpacked(path)
        switch inner.kind {
        case .zip, .tar, .foreign:
            throw SourceError(.archiveRefused, path: path, detail: "it is an archive inside an archive")
        case .gzip, .zstandard: throw SourceError(.archiveRefused, path: path, detail: "it is compressed twice")
        case nil: return inner
        }
    }

    /// Reads the next piece of the member's text.
    ///
    /// - Parameter output: Where the text goes; at least `InputDecoder.minimumOutput` bytes.
    /// - Returns: How many bytes were written; 0 is the end.
    /// - Throws: What went wrong, after all good bytes have been handed out.
    package mutating func read(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        let count = try file == nil ? readUnpacked(into: output) : readFile(into: output)
        return count
    }

    private mutating func readFile(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        let count = try file?.read(into: output) ?? 0
        encoding = file?.encoding
        leadingBytesDropped = file?.leadingBytesDropped ?? 0
        totalBytesRead = file?.totalBytesRead ?? 0
        return count
    }

    private mutating func readUnpacked(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        while true {
            if isCancelled?() == true { throw SourceError(.interrupted, path: path, offset: totalBytesRead) }
            if unread.isEmpty, !hasEnded, let stream {
                unread = try stream.next()
                totalBytesRead += Int64(unread.count)
                hasEnded = unread.isEmpty
            }
            guard let (used, made) = try decoder?.decode(unread, into: output, isFinal: hasEnded) else { return 0 }
            encoding = decoder?.encoding
            leadingBytesDropped = decoder?.leadingBytesDropped ?? 0
            unread = UnsafeRawBufferPointer(rebasing: unread[used...])
            if made > 0 || hasEnded { return made }
        }
    }
}
