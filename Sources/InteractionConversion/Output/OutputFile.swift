// Writes a result so that a crash never leaves half of it under its name.

internal import Glibc

/// An output that could not be written.
public struct OutputFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The path as it was given.
    public let path: String
    /// The system's error number.
    public let code: Int32

    /// Whether the reader of a pipe has gone away, which ends a run without being a fault.
    public var isClosedPipe: Bool { code == EPIPE }

    /// What happened, and what to do.
    public var description: String {
        let reason = String(cString: strerror(code))
        let hint =
            code == ENOSPC || code == EFBIG || code == EDQUOT
            ? "; free some space and run again, a file appears under its name only when it is complete" : ""
        return "cannot write \(path == "-" ? "standard output" : path): \(reason)\(hint)"
    }
}

/// A file that appears under its name only when it is complete.
///
/// A regular or new file is written beside its place and renamed. Standard output, devices and FIFOs are written
/// directly, since a rename would replace them. A symbolic link is followed.
public final class OutputFile {
    private let path: String
    private let target: String
    private let temporary: String?
    private var descriptor: Int32
    private var pending: [UInt8] = []
    private static let pendingLimit = 64 * 1024

    /// Opens an output.
    ///
    /// - Parameter path: Where to; `-` is standard output.
    /// - Throws: ``OutputFailure``.
    public init(path: String) throws(OutputFailure) {
        self.path = path
        if path == "-" {
            descriptor = STDOUT_FILENO
            target = path
            temporary = nil
            return
        }
        target = Self.resolve(path)
        var status = stat()
        let exists = stat(target, &status) == 0
        if exists, status.st_mode & S_IFMT != S_IFREG {
            temporary = nil
            descriptor = open(target, O_WRONLY | O_CLOEXEC)
        } else {
            let beside = "\(target).\(getpid()).partial"
            temporary = beside
            let mode = exists ? status.st_mode & 0o7777 : 0o666
            descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        guard descriptor >= 0 else { throw OutputFailure(path: path, code: errno) }
    }

    deinit {
        if descriptor > STDERR_FILENO { close(descriptor) }
        if descriptor >= 0, let temporary { unlink(temporary) }
    }

    /// The file that a chain of symbolic links ends at, also where that file is still to be made.
    private static func resolve(_ path: String) -> String {
        var path = path
        // As many links as the kernel follows; a loop is left to `open`, which says so.
        for _ in 0..<40 {
            if let real = realpath(path, nil) {
                defer { free(real) }
                return String(cString: real)
            }
            guard let link = destination(ofLink: path) else { return path }
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            path = link.hasPrefix("/") ? link : folder + link
        }
        return path
    }

    private static func destination(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlink(path, $0, bytes.count) } ?? 0
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to write.
    /// - Throws: ``OutputFailure``.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(OutputFailure) {
        if bytes.count >= Self.pendingLimit || pending.count + bytes.count > Self.pendingLimit { try flush() }
        if bytes.count >= Self.pendingLimit { try send(bytes) } else { pending.append(contentsOf: bytes) }
    }

    /// Appends bytes.
    ///
    /// - Parameter bytes: What to write.
    /// - Throws: ``OutputFailure``.
    public func write(_ bytes: [UInt8]) throws(OutputFailure) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(OutputFailure) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Appends text.
    ///
    /// - Parameter text: What to write.
    /// - Throws: ``OutputFailure``.
    public func write(_ text: String) throws(OutputFailure) {
        pending.append(contentsOf: text.utf8)
        if pending.count > Self.pendingLimit { try flush() }
    }

    /// Hands everything to the system.
    ///
    /// - Throws: ``OutputFailure``.
    public func flush() throws(OutputFailure) {
        guard !pending.isEmpty else { return }
        let bytes = pending
        pending.removeAll(keepingCapacity: true)
        try bytes.withUnsafeBufferPointer { (bytes) throws(OutputFailure) in try send(UnsafeRawBufferPointer(bytes)) }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(OutputFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFailure(path: path, code: count < 0 ? errno : EIO) }
            sent += count
        }
    }

    /// Completes the output: only now does it appear under its name.
    ///
    /// - Parameter isDurable: Whether to wait until the disk has it, so that it survives a power cut.
    /// - Throws: ``OutputFailure``.
    public func finish(isDurable: Bool = true) throws(OutputFailure) {
        try flush()
        guard let temporary else { return }
        guard !isDurable || fsync(descriptor) == 0, close(descriptor) == 0, rename(temporary, target) == 0 else {
            throw OutputFailure(path: path, code: errno)
        }
        descriptor = -1
    }
}
