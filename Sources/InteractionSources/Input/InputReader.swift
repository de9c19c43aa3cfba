// Reads a file or the standard input as UTF-8, whatever it is stored as.

import Glibc

/// Reads one input from start to end in constant memory.
///
/// Plain UTF-8 goes from the kernel straight to the caller's buffer when that is large.
package struct InputReader: ~Copyable {
    /// Reads of at least this many bytes are not copied on their way.
    package static let directReadSize = 16 << 10
    private static let bufferSize = 256 << 10
    /// How long a wait for a pipe lasts before cancellation is looked at again, in milliseconds.
    private static let patience: CInt = 100

    private let path: String
    private let descriptor: CInt
    private let isRegularFile: Bool
    private let isCancelled: (@Sendable () -> Bool)?
    private var decoder: InputDecoder
    // Safety: allocated in `init`, freed in `deinit`, used by this value alone; `unread` are the bytes written.
    private let buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    private var hasEnded = false

    /// How many bytes the input holds as stored, or `nil` where only its end tells (a pipe, a terminal).
    package let size: Int64?
    /// How many bytes have been read as stored, before any decompression; what a progress bar shows of `size`.
    package private(set) var totalBytesRead: Int64 = 0

    /// The encoding of the text, once its first bytes have been read.
    package var encoding: TextEncoding? { decoder.encoding }
    /// Whether the input is gzip data, once its first bytes have been read.
    package var isCompressed: Bool { decoder.isCompressed }
    /// How many bytes of a byte order mark were removed: offsets in what is read are that much smaller.
    package var leadingBytesDropped: Int { decoder.leadingBytesDropped }

    /// Opens an input.
    ///
    /// - Parameters:
    ///   - path: The file's path; `-` is the standard input.
    ///   - encodingName: The text's encoding by any name that iconv knows, or nil to recognise it.
    ///   - isCancelled: Asked before each read and while waiting; answering true ends the reading.
    /// - Throws: `cannot-open`, `is-directory` or `interrupted`.
    package init(
        path: String,
        encodingName: String? = nil,
        isCancelled: (@Sendable () -> Bool)? = nil
    ) throws(SourceError) {
        let descriptor = try Self.open(path, isCancelled)
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            Self.close(descriptor)
            throw SourceError(.cannotOpen, path: path, detail: reason)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            Self.close(descriptor)
            throw SourceError(.isDirectory, path: path)
        }
        isRegularFile = status.st_mode & S_IFMT == S_IFREG
        // A redirected standard input may have been read in part by another program.
        size = isRegularFile ? max(0, Int64(status.st_size) - Int64(max(0, lseek(descriptor, 0, SEEK_CUR)))) : nil
        if isRegularFile {
            // Only advice: a file system that does not take it still works.
            _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        }
        self.path = path
        self.descriptor = descriptor
        self.isCancelled = isCancelled
        decoder = InputDecoder(path: path, encodingName: encodingName)
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        Self.close(descriptor)
    }

    /// Reads the next piece of the text.
    ///
    /// - Parameter output: Where the text goes; at least `InputDecoder.minimumOutput` bytes.
    /// - Returns: How many bytes were written, which may be fewer than there is room for; 0 is the end.
    /// - Throws: `cannot-read`, `interrupted` or what `InputDecoder.decode` throws.
    package mutating func read(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        while true {
            if unread.isEmpty, !hasEnded {
                if decoder.isPassThrough, output.count >= Self.directReadSize {
                    return try readRaw(into: output)
                }
                unread = 0..<(try readRaw(into: buffer))
            }
            let input = UnsafeRawBufferPointer(rebasing: buffer[unread])
            let (consumed, produced) = try decoder.decode(input, into: output, isFinal: hasEnded)
            unread = unread.lowerBound + consumed..<unread.upperBound
            if produced > 0 || hasEnded { return produced }
        }
    }

    private mutating func readRaw(into target: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        while true {
            try checkCancellation()
            if !isRegularFile { try waitForInput() }
            // Safety: the kernel writes at most the buffer's count.
            let count = Glibc.read(descriptor, target.baseAddress, target.count)
            if count >= 0 {
                totalBytesRead += Int64(count)
                hasEnded = count == 0
                return count
            }
            // EAGAIN: another program may have made a shared terminal or pipe non-blocking.
            guard errno == EINTR || errno == EAGAIN else {
                let reason = String(cString: strerror(errno))
                throw SourceError(.cannotRead, path: path, offset: totalBytesRead, detail: reason)
            }
        }
    }

    /// Waits in short turns, because a signal may be delivered to another thread than the one that waits.
    private func waitForInput() throws(SourceError) {
        while true {
            var awaited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&awaited, 1, isCancelled == nil ? -1 : Self.patience)
            // Any failure but an interruption is left to `read`, which says more.
            if count > 0 || count < 0 && errno != EINTR { return }
            try checkCancellation()
        }
    }

    private func checkCancellation() throws(SourceError) {
        if isCancelled?() == true { throw SourceError(.interrupted, path: path, offset: totalBytesRead) }
    }

    private static func open(_ path: String, _ isCancelled: (@Sendable () -> Bool)?) throws(SourceError) -> CInt {
        guard path != "-" else { return STDIN_FILENO }
        while true {
            if isCancelled?() == true { throw SourceError(.interrupted, path: path) }
            // A named pipe without a writer would block here, deaf to cancellation; `waitForInput` is not.
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
            if descriptor >= 0 {
                _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
                return descriptor
            }
            guard errno == EINTR else {
                throw SourceError(.cannotOpen, path: path, detail: String(cString: strerror(errno)))
            }
        }
    }

    private static func close(_ descriptor: CInt) {
        // The standard input belongs to the process.
        if descriptor != STDIN_FILENO { _ = Glibc.close(descriptor) }
    }
}
