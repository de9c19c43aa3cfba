// A result that grows from run to run.

internal import Glibc

/// A file to which lines are added, each as soon as it is there.
package final class AppendedFile {
    private let path: String
    private let descriptor: Int32
    private var isTorn = false

    /// Opens the file, which is made if there is none.
    ///
    /// - Parameter path: Where to; `-` is standard output.
    /// - Throws: ``OutputFailure``.
    package init(path: String) throws(OutputFailure) {
        self.path = path
        descriptor = path == "-" ? STDOUT_FILENO : open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OutputFailure(path: path, code: errno) }
        // A process that was killed while it wrote has left half a line.
        var last: UInt8 = 0x0A
        let end = path == "-" ? 0 : lseek(descriptor, 0, SEEK_END)
        isTorn = end > 0 && pread(descriptor, &last, 1, end - 1) == 1 && last != 0x0A
    }

    deinit { if descriptor > STDERR_FILENO { close(descriptor) } }

    /// Adds a line.
    ///
    /// - Parameter line: The line without its line feed.
    /// - Throws: ``OutputFailure``.
    package func write(line: [UInt8]) throws(OutputFailure) {
        let bytes = (isTorn ? [0x0A] : []) + line + [0x0A]
        isTorn = false
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw OutputFailure(path: path, code: count < 0 ? errno : EIO) }
            sent += count
        }
    }
}
