// The ledger's file as the system sees it: is it there, and who writes to it.
//
// Neither opens the file itself: closing a descriptor of it would drop the locks that SQLite has on it in this process.

internal import Glibc
internal import Synchronization

/// Looks at a file before SQLite does.
enum LedgerFile {
    /// Refuses a file that is not there, is there already, or is no file.
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
        // An empty file is what a process leaves that was killed before its first page.
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 || access != .reading else { throw .foreign(path) }
    }
}

/// Keeps a second process from writing to the same ledger, until it is released or the process is gone.
final class LedgerLock: Sendable {
    private let path: String
    private let descriptor: Mutex<Int32>

    /// Takes the lock: a file beside the ledger, which a process that was killed leaves behind without harm.
    init(_ ledger: String) throws(LedgerError) {
        path = ledger + "-lock"
        // Whoever had the lock may take its file away after it was opened here; then there is another one.
        for _ in 0..<100 {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                throw LedgerError(.unavailable, "cannot write beside the ledger \(ledger): \(reason)")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw .inUse(ledger)
            }
            var (opened, named) = (stat(), stat())
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                self.descriptor = Mutex(descriptor)
                return
            }
            close(descriptor)
        }
        throw .inUse(ledger)
    }

    deinit { release() }

    /// Lets others write.
    func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            unlink(path)
            close(descriptor)
            descriptor = -1
        }
    }
}
