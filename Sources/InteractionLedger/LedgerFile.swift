// The ledger's file as the system sees it: is it there, is it one, who writes to it.

internal import Glibc

/// Looks at a file before SQLite does.
enum LedgerFile {
    private static let magic = [UInt8]("SQLite format 3\0".utf8)

    /// Refuses a file that is not there, is there already, or is no SQLite file.
    static func check(_ path: String, _ access: Ledger.Access) throws(LedgerError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if access == .reading {
                throw LedgerError(.unavailable, "cannot open the ledger \(path): \(String(cString: strerror(errno)))")
            }
            return
        }
        guard access != .creating else {
            throw LedgerError(.exists, "\(path) is there already; name a file that is not")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign(path) }
        // An empty file is what a process leaves that was killed before its first page.
        guard status.st_size > 0 else {
            if access == .reading { throw .foreign(path) }
            return
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw LedgerError(.unavailable, "cannot open the ledger \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: magic.count)
        let count = head.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count == magic.count, head == magic else { throw .foreign(path) }
    }
}

/// Keeps a second process from writing to the same ledger, until this value is gone or the process is.
final class LedgerLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws(LedgerError) {
        // Not for the messages' content, which is not there, but for names of threads and files.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerError(.unavailable, "cannot open the ledger \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw LedgerError(
                .inUse,
                "another process writes to the ledger \(path); wait until it ends, or use a ledger of its own and merge"
            )
        }
    }

    deinit { close(descriptor) }
}
