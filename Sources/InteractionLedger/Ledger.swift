// The ledger.

internal import GRDB

enum LedgerPlaceholder {
    static func open() throws -> DatabaseQueue { try DatabaseQueue() }
}
