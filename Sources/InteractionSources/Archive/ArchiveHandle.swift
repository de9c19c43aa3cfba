// One archive opened with libarchive, read from its start to its end.

internal import CLibArchive
internal import Glibc

/// libarchive's view of one archive: headers in the order of the archive, and the data of the entry at hand.
///
/// Only the formats and filters that are asked for are enabled: with all of them libarchive may start programs.
final class ArchiveHandle: ByteStream {
    /// What a header says.
    struct Header {
        var name: String?
        var size: Int64?
        var isFolder: Bool
        var isFile: Bool
        var isEncrypted: Bool
    }

    // Names beyond ASCII are only given out in a locale that can spell them.
    private static let hasLocale = setlocale(LC_CTYPE, "C.UTF-8") != nil

    /// The archive, or the entry at hand, for errors.
    var path: String
    // Safety: made in `init`, freed in `deinit`, used by this value alone; libarchive calls back with `self` only from
    // within calls made here.
    private let archive: OpaquePointer
    /// Where the bytes come from, if not from the file itself.
    private let source: (any ByteStream)?
    private var sourceError: SourceError?
    /// How many bytes the archive holds as stored, and how many of them were read from `source`.
    private var stored: Int64 = 0
    private var limit: ExpansionLimit
    private var entryOffset: Int64 = 0

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The archive.
    ///   - kind: What it is.
    /// - Throws: `cannot-open` or `archive-corrupt`.
    convenience init(path: String, kind: ArchiveKind) throws(SourceError) {
        try self.init(source: nil, path: path, kind: kind)
        var status = stat()
        stored = stat(path, &status) == 0 ? Int64(status.st_size) : 0
        try check(archive_read_open_filename(archive, path, 64 << 10))
    }

    /// Opens what a stream delivers.
    ///
    /// - Parameters:
    ///   - stream: The archive's bytes.
    ///   - path: Its name, for errors.
    ///   - kind: What it is.
    /// - Throws: `archive-corrupt`, or what the stream throws.
    convenience init(_ stream: any ByteStream, path: String, kind: ArchiveKind) throws(SourceError) {
        try self.init(source: stream, path: path, kind: kind)
        // Safety: the context is this handle, which makes every call that calls back.
        let context = Unmanaged.passUnretained(self).toOpaque()
        let status = archive_read_open(
            archive,
            context,
            nil,
            { _, context, target in
                guard let context else { return la_ssize_t(ARCHIVE_FATAL) }
                return Unmanaged<ArchiveHandle>.fromOpaque(context).takeUnretainedValue().deliver(target)
            },
            nil
        )
        try check(status)
    }

    private init(source: (any ByteStream)?, path: String, kind: ArchiveKind) throws(SourceError) {
        guard Self.hasLocale, let archive = archive_read_new() else {
            throw SourceError(.cannotOpen, path: path, detail: "libarchive cannot be set up")
        }
        self.path = path
        self.source = source
        self.archive = archive
        limit = ExpansionLimit(path: path)
        switch kind {
        case .zip: try check(archive_read_support_format_zip(archive))
        case .tar: try check(archive_read_support_format_tar(archive))
        case .zstandard:
            try check(archive_read_support_filter_zstd(archive))
            try check(archive_read_support_format_raw(archive))
            try check(archive_read_support_format_empty(archive))
        case .gzip, .foreign: throw SourceError(.archiveUnsupported, path: path)
        }
    }

    deinit { archive_read_free(archive) }

    private func deliver(_ target: UnsafeMutablePointer<UnsafeRawPointer?>?) -> la_ssize_t {
        do throws(SourceError) {
            guard let piece = try source?.next() else { return 0 }
            target?.pointee = piece.baseAddress
            stored += Int64(piece.count)
            return piece.count
        } catch {
            sourceError = error
            return la_ssize_t(ARCHIVE_FATAL)
        }
    }

    // MARK: Entries

    /// Goes on to the next entry.
    ///
    /// - Returns: Its header; nil at the end.
    /// - Throws: `archive-corrupt`, or what the stream throws.
    func nextHeader() throws(SourceError) -> Header? {
        var entry: OpaquePointer?
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF {
            // Checksums of what the archive was packed in stand behind its end.
            while try source?.next().isEmpty == false {}
            return nil
        }
        // A warning is about something that does not matter here, such as a date.
        if status != ARCHIVE_WARN { try check(status) }
        guard let entry else { return nil }
        entryOffset = 0
        let size = archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : nil
        let type = archive_entry_filetype(entry)
        return Header(
            name: Self.name(of: entry),
            size: size,
            isFolder: type == S_IFDIR,
            isFile: type == S_IFREG && archive_entry_hardlink(entry) == nil,
            isEncrypted: archive_entry_is_encrypted(entry) != 0
        )
    }

    private static func name(of entry: OpaquePointer) -> String? {
        // Bytes that are no UTF-8 come from old zip programs; they are repaired rather than refused.
        guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else { return nil }
        return String(cString: name)
    }

    func next() throws(SourceError) -> UnsafeRawBufferPointer {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: la_int64_t = 0
            let status = archive_read_data_block(archive, &start, &count, &offset)
            if status == ARCHIVE_EOF { return UnsafeRawBufferPointer(start: nil, count: 0) }
            // Here a warning is a wrong size or checksum.
            try check(status)
            guard offset == entryOffset else {
                throw SourceError(.archiveRefused, path: path, detail: "a file in it has holes")
            }
            guard count > 0 else { continue }
            entryOffset += Int64(count)
            try limit.add(Int64(count), from: stored)
            return UnsafeRawBufferPointer(start: start, count: count)
        }
    }

    private func check(_ status: CInt) throws(SourceError) {
        guard status != ARCHIVE_OK else { return }
        if let sourceError { throw sourceError }
        let code = archive_errno(archive)
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? ""
        let isMissing = code == ENOENT || code == EACCES || code == EPERM
        throw SourceError(isMissing ? .cannotOpen : .archiveCorrupt, path: path, detail: reason)
    }
}
