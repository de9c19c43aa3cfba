// Bytes as they are stored, one layer of packing after the other.

internal import Glibc

/// A run of bytes that is pulled piece by piece.
protocol ByteStream: AnyObject {
    /// The next piece; none at the end.
    ///
    /// - Returns: Bytes that are valid until the next call.
    /// - Throws: Why there are no more, after all good bytes have been handed out.
    func next() throws(SourceError) -> UnsafeRawBufferPointer
}

/// How much more may come out of packed data than went in: beyond that it was made to do harm.
struct ExpansionLimit {
    private static let ratio: Int64 = 1000
    /// What any file may grow to.
    private static let allowance: Int64 = 64 << 20
    private static let largest: Int64 = 1 << 40

    let path: String
    private(set) var produced: Int64 = 0

    init(path: String) { self.path = path }

    /// Books bytes that came out.
    ///
    /// - Parameters:
    ///   - count: How many more came out.
    ///   - stored: How many bytes went in so far.
    /// - Throws: `archive-refused` beyond the limit.
    mutating func add(_ count: Int64, from stored: Int64) throws(SourceError) {
        produced = produced.addingReportingOverflow(count).partialValue
        let isWithin = produced >= 0 && produced <= Self.largest
        if isWithin, produced <= Self.allowance || produced / Self.ratio <= stored { return }
        let reason = isWithin ? "it holds more than \(Self.ratio) times its size" : "it holds more than 1 TiB"
        throw SourceError(.archiveRefused, path: path, detail: reason)
    }
}

/// A file's bytes.
final class FileBytes: ByteStream {
    private let path: String
    private let descriptor: CInt
    /// How many bytes there are.
    let size: Int64
    // Safety: allocated in `init`, freed in `deinit`; lent out until the next read.
    private let buffer: UnsafeMutableRawBufferPointer

    init(path: String) throws(SourceError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SourceError(.cannotOpen, path: path, detail: String(cString: strerror(errno)))
        }
        var status = stat()
        size = fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
        buffer = .allocate(byteCount: 128 << 10, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        close(descriptor)
    }

    func next() throws(SourceError) -> UnsafeRawBufferPointer {
        while true {
            // Safety: the kernel writes at most the buffer's count.
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            guard errno == EINTR else {
                throw SourceError(.cannotRead, path: path, detail: String(cString: strerror(errno)))
            }
        }
    }
}

/// What a stream of gzip data holds, with its checksums compared.
final class GunzippedBytes: ByteStream {
    private let source: any ByteStream
    private var inflater: GzipInflater
    private var limit: ExpansionLimit
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var isFinal = false
    private var stored: Int64 = 0
    // Safety: allocated in `init`, freed in `deinit`; lent out until the next call.
    private let buffer: UnsafeMutableRawBufferPointer

    init(_ source: any ByteStream, path: String) throws(SourceError) {
        self.source = source
        inflater = try GzipInflater(path: path)
        limit = ExpansionLimit(path: path)
        // Last, since what fails above frees nothing.
        buffer = .allocate(byteCount: 128 << 10, alignment: 16)
    }

    deinit { buffer.deallocate() }

    func next() throws(SourceError) -> UnsafeRawBufferPointer {
        while true {
            if input.isEmpty, !isFinal {
                input = try source.next()
                isFinal = input.isEmpty
            }
            let (consumed, produced) = try inflater.inflate(input, into: buffer, isFinal: isFinal)
            input = UnsafeRawBufferPointer(rebasing: input[consumed...])
            stored += Int64(consumed)
            try limit.add(Int64(produced), from: stored)
            if produced > 0 || isFinal && input.isEmpty {
                return UnsafeRawBufferPointer(rebasing: buffer[..<produced])
            }
        }
    }
}

/// A stream whose first bytes can be looked at before they are read.
final class HeadedBytes: ByteStream {
    private let source: any ByteStream
    // Safety: allocated in `init`, freed in `deinit`, lent out to whoever reads the stream.
    private let head: UnsafeMutableRawBufferPointer
    private var isHeadRead: Bool
    /// What is wrong behind the head.
    private var failure: SourceError?

    /// Reads ahead.
    ///
    /// - Parameter source: Nobody else may read it from now on.
    init(_ source: any ByteStream) {
        self.source = source
        var first: [UInt8] = []
        do throws(SourceError) {
            while first.count < ArchiveKind.headSize {
                let piece = try source.next()
                guard !piece.isEmpty else { break }
                first += piece
            }
        } catch {
            failure = error
        }
        head = .allocate(byteCount: first.count, alignment: 1)
        head.copyBytes(from: first)
        isHeadRead = first.isEmpty
    }

    deinit { head.deallocate() }

    /// What the bytes begin.
    var kind: ArchiveKind? { ArchiveKind.of(UnsafeRawBufferPointer(head)) }

    /// The stream without its compression, if it has one.
    ///
    /// - Parameter path: Its name, for errors.
    /// - Returns: What is packed, or the stream itself.
    /// - Throws: What the first bytes show to be wrong.
    func unpacked(_ path: String) throws(SourceError) -> HeadedBytes {
        switch kind {
        case .gzip: return HeadedBytes(try GunzippedBytes(self, path: path))
        case .zstandard:
            let handle = try ArchiveHandle(self, path: path, kind: .zstandard)
            _ = try handle.nextHeader()
            return HeadedBytes(handle)
        case .zip, .tar, .foreign, nil: return self
        }
    }

    /// Whether nothing came before the end, or before what went wrong.
    var isEmpty: Bool { head.isEmpty }

    func next() throws(SourceError) -> UnsafeRawBufferPointer {
        if isHeadRead {
            if let failure { throw failure }
            return try source.next()
        }
        isHeadRead = true
        return UnsafeRawBufferPointer(head)
    }
}
