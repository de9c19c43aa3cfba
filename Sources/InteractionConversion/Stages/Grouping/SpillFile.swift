// Files without a name for what does not fit into memory.

internal import Glibc

/// What did not fit into memory could not be put on disk or read back.
public struct SpillFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The folder that was given for it.
    public let folder: String
    /// The system's error number.
    public let code: Int32

    /// What happened, and what to do.
    public var description: String {
        let hint =
            code == ENOSPC || code == EFBIG || code == EDQUOT
            ? "; free some space there, choose another folder, or allow more memory" : ""
        return "cannot keep in \(folder) what does not fit into memory: \(String(cString: strerror(code)))\(hint)"
    }
}

/// A file that is written from start to end, then read anywhere; nothing of it remains when the process ends.
final class SpillFile {
    private let folder: String
    /// Opened when there is something to write.
    private var descriptor: Int32
    // Safety: lent by the owner, who calls `endWriting` before giving it back.
    private var buffer: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var written: Int64 = 0

    /// How many bytes the file has.
    var count: Int64 { written + Int64(filled) }

    /// Makes an empty file.
    ///
    /// - Parameters:
    ///   - folder: Where it takes its space.
    ///   - buffer: What is gathered before it is written; stays the file's until ``endWriting()``.
    ///   - descriptor: An open file to use; a new one is made otherwise.
    init(folder: String, buffer: UnsafeMutableRawBufferPointer, descriptor: Int32 = -1) {
        self.folder = folder
        self.buffer = buffer
        self.descriptor = descriptor
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to write.
    /// - Throws: ``SpillFailure``.
    @inline(__always)
    func append(_ bytes: UnsafeRawBufferPointer) throws(SpillFailure) {
        guard let start = bytes.baseAddress, let target = buffer.baseAddress, bytes.count <= buffer.count &- filled
        else { return try appendSlowly(bytes) }
        (target + filled).copyMemory(from: start, byteCount: bytes.count)
        filled &+= bytes.count
    }

    /// Appends a value as it lies in memory.
    ///
    /// - Parameter value: A number, or several without padding.
    /// - Throws: ``SpillFailure``.
    @inline(__always)
    func append<Value: BitwiseCopyable>(value: Value) throws(SpillFailure) {
        try withUnsafeBytes(of: value) { (bytes) throws(SpillFailure) in try append(bytes) }
    }

    private func appendSlowly(_ bytes: UnsafeRawBufferPointer) throws(SpillFailure) {
        guard !bytes.isEmpty else { return }
        try flush()
        if bytes.count >= buffer.count {
            try send(bytes)
        } else {
            buffer.copyMemory(from: bytes)
            filled = bytes.count
        }
    }

    /// Hands everything to the system.
    ///
    /// - Throws: ``SpillFailure``.
    func flush() throws(SpillFailure) {
        try send(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        filled = 0
    }

    /// Hands everything to the system and needs the buffer no longer.
    ///
    /// - Throws: ``SpillFailure``.
    func endWriting() throws(SpillFailure) {
        try flush()
        buffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(SpillFailure) {
        if descriptor < 0, !bytes.isEmpty { try open() }
        var sent = 0
        while sent < bytes.count {
            let count = write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(count < 0 ? errno : EIO) }
            sent += count
        }
        written += Int64(bytes.count)
    }

    private func open() throws(SpillFailure) {
        // O_TMPFILE, which the C library's headers keep from Swift: the file never has a name.
        let nameless = O_DIRECTORY | 0o20_000_000
        descriptor = Glibc.open(folder, O_RDWR | O_CLOEXEC | nameless, 0o600)
        if descriptor >= 0 { return }
        // File systems that cannot do this, such as NFS, get a name that is gone at once.
        var path = Array("\(folder)/interaction-migrate.XXXXXX".utf8CString)
        descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw failure(errno) }
        unlink(path)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Reads bytes back that have been handed to the system.
    ///
    /// - Parameters:
    ///   - target: Filled to its end.
    ///   - offset: Where the bytes begin.
    /// - Throws: ``SpillFailure``.
    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SpillFailure) {
        var done = 0
        while done < target.count {
            let count = pread(
                descriptor,
                target.baseAddress?.advanced(by: done),
                target.count - done,
                off_t(offset) + done
            )
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(count < 0 ? errno : EIO) }
            done += count
        }
    }

    private func failure(_ code: Int32) -> SpillFailure { SpillFailure(folder: folder, code: code) }
}
