// Why a ledger cannot be used, in words that say what to do.

internal import GRDB

/// A ledger that cannot be used.
public struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    public enum Code: String, Sendable, Hashable {
        /// There is no such file, or it cannot be opened or written.
        case unavailable
        /// The file is something else.
        case foreign
        /// The file is torn or corrupted.
        case damaged
        /// A newer version of the program has made it.
        case newer
        /// Another process writes to it.
        case inUse
        /// The file is there although it should not be.
        case exists
    }

    /// What kind of trouble it is.
    public let code: Code
    /// The file and what is the matter, and what to do.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ error: any Error, _ path: String) {
        switch error {
        case let error as LedgerError:
            self = error
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_CORRUPT: self = .damaged(path, error.message ?? "its pages do not fit together")
            case .SQLITE_NOTADB: self = .foreign(path)
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                self.init(.inUse, "the ledger \(path) is in use by another process; wait until it ends")
            case .SQLITE_FULL:
                self.init(.unavailable, "the ledger \(path) cannot grow: the disk is full; make room and run again")
            default:
                self.init(.unavailable, "cannot use the ledger \(path): \(error.message ?? "\(error.resultCode)")")
            }
        default:
            self.init(.unavailable, "cannot use the ledger \(path): \(error)")
        }
    }

    static func damaged(_ path: String, _ what: String) -> LedgerError {
        LedgerError(
            .damaged,
            """
            the ledger \(path) is damaged (\(what)); `interaction-migrate ledger recover \(path) NEW` copies what can be \
            read. Without it, a new ledger sends everything again with the same idempotency keys
            """
        )
    }

    static func inUse(_ path: String) -> LedgerError {
        LedgerError(
            .inUse,
            "another process writes to the ledger \(path); wait until it ends, or use a ledger of its own and merge"
        )
    }

    static func foreign(_ path: String) -> LedgerError {
        LedgerError(.foreign, "\(path) is no ledger of interaction-migrate; name another file")
    }
}
