// The ledger of submissions: one SQLite file that one process writes and any number read.

internal import GRDB
internal import Glibc

/// What was sent to a tenant and what became of it: runs, messages and attempts, but no content.
///
/// It is one SQLite file in WAL mode with `synchronous=NORMAL`: a power cut can only forget the last outcomes, which
/// sends these messages again with the same keys. One process writes; others may read meanwhile.
package actor Ledger {
    nonisolated let queue: DatabaseQueue
    nonisolated let path: String
    private let lock: LedgerLock?
    /// The run that outcomes are booked to; 0 before one began.
    var run: Int64 = 0
    /// Which of the messages that were known came up in this run, so that others of the same content are duplicates.
    var seen = RowSet()
    /// The numbers of the inputs that came up.
    var inputs: [String: Int64] = [:]
    /// Those that are not in the file yet, which have the last numbers.
    var newInputs: [String] = []
    /// The number of the next input that is new.
    var nextInput: Int64
    /// Sheets that are about to change; the next transaction begins with those that are not in the file yet.
    var sheets: LedgerSheets
    /// The first row that was registered since the ledger was opened.
    let firstRow: Int64
    /// What came up since then; nil where nothing can be registered.
    var identities: IdentityFilter?
    /// Whether what the ledger had before can be looked up by its keys.
    var areKeysEntered: Bool
    let isReadOnly: Bool

    /// How a ledger is opened.
    package enum Access: Sendable {
        /// To read only; the file must exist.
        case reading
        /// To read and write; the file is made if there is none.
        case writing
        /// To write a file that must not exist yet.
        case creating
        /// In a file without a name, which is gone when it is closed.
        case temporary
    }

    /// Opens a ledger, after a check that it is whole and of a schema that this version knows.
    ///
    /// Opened for writing, messages that an earlier process had sent without learning the answer become unknown.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - access: What for.
    /// - Throws: ``LedgerError``.
    package init(_ path: String, _ access: Access) throws(LedgerError) {
        self.path = path
        isReadOnly = access == .reading
        identities = isReadOnly ? nil : IdentityFilter()
        if access != .temporary { try LedgerFile.check(path, access) }
        lock = access == .writing || access == .creating ? try LedgerLock(path) : nil
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.busyMode = .timeout(10)
        configuration.readonly = access == .reading
        configuration.foreignKeysEnabled = false
        if access == .writing || access == .creating { configuration.journalMode = .wal }
        configuration.prepareDatabase { database in
            // A sheet is about as long as a page of a new file; each page costs calls to the system.
            if access != .reading { try database.execute(sql: "PRAGMA page_size = 8192") }
            // Pages that a run changes over and over are written home after 4 MiB of changes.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 500")
        }
        do {
            queue = try DatabaseQueue(path: access == .temporary ? "" : path, configuration: configuration)
            try LedgerSchema.prepare(queue, path, access)
            if access == .writing { try queue.write { try Self.settleInterrupted(nil, $0) } }
            let next = """
                SELECT max((SELECT ifnull(max(id), 0) + 1 FROM message), (SELECT ifnull(max(first + count), 1) FROM sheet))
                """
            firstRow = try queue.read { try Int64.fetchOne($0, sql: next) ?? 1 }
            nextInput = try queue.read { try Int64.fetchOne($0, sql: "SELECT ifnull(max(id), 0) + 1 FROM input") ?? 1 }
            sheets = LedgerSheets(nextRow: firstRow)
            areKeysEntered = firstRow == 1
        } catch {
            throw LedgerError(error, path)
        }
    }

    /// Closes the file; nothing may be asked of it afterwards.
    ///
    /// - Throws: ``LedgerError``.
    package func close() throws(LedgerError) {
        if sheets.waiting > 0 { try write { _ in } }
        do {
            try queue.close()
            lock?.release()
        } catch {
            throw LedgerError(error, path)
        }
    }

    /// Runs a body in one transaction, after what waits to be written.
    func write<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        let before = (sheets: sheets.unstored, inputs: newInputs)
        do {
            return try queue.write { database in
                try storeInputs(database)
                try storeSheets(database)
                return try body(database)
            }
        } catch {
            sheets.restore(before.sheets)
            newInputs = before.inputs
            throw LedgerError(error, path)
        }
    }

    /// Runs a body that only reads, in one view of the file.
    nonisolated func read<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do {
            return try queue.read(body)
        } catch {
            throw LedgerError(error, path)
        }
    }

    /// What was on its way when a process ended is in doubt: it is sent again with the same key.
    ///
    /// - Parameters:
    ///   - sheets: The first rows of the sheets that may have such messages; nil for all of them.
    ///   - database: Where.
    /// - Throws: What SQLite says to it.
    static func settleInterrupted(_ sheets: [Int64]?, _ database: Database) throws {
        try moveOpenToRows(sheets, database)
        try database.execute(
            sql: """
                INSERT INTO attempt(message, number, run, state, reason)
                SELECT id, attempts + 1, (SELECT max(id) FROM run), ?, 'the run ended before an answer came' FROM message WHERE state = ?
                """,
            arguments: [MessageState.unknown.rawValue, MessageState.sent.rawValue]
        )
        try database.execute(
            sql: """
                UPDATE message SET state = ?, attempts = attempts + 1, status = NULL,
                reason = 'the run ended before an answer came' WHERE state = ?
                """,
            arguments: [MessageState.unknown.rawValue, MessageState.sent.rawValue]
        )
    }
}

/// What is known of a message; the order is that in which states win when ledgers are merged.
public enum MessageState: Int, Sendable, Hashable, CaseIterable {
    /// Registered, and nothing of it has left.
    case planned = 0
    /// On its way in a process that runs; after its end it counts as unknown.
    case sent
    /// Sent, and no answer came: it is to be sent again with the same key.
    case unknown
    /// Refused for good.
    case rejected
    /// The tenant has taken it.
    case accepted
    /// The tenant has worked on it.
    case completed

    /// The word for it in reports.
    public var name: String { "\(self)" }
}

/// A set of row numbers, one bit each.
package struct RowSet: Sendable {
    private var words: [UInt64] = []

    /// Makes an empty set.
    package init() {}

    /// Adds a row.
    ///
    /// - Returns: Whether it was not there.
    package mutating func insert(_ row: Int64) -> Bool {
        let word = Int(row >> 6)
        if word >= words.count { words.append(contentsOf: repeatElement(0, count: word + 1 - words.count)) }
        let bit: UInt64 = 1 << UInt64(row & 63)
        defer { words[word] |= bit }
        return words[word] & bit == 0
    }

    /// Whether a row is there.
    package func contains(_ row: Int64) -> Bool {
        let word = Int(row >> 6)
        return word < words.count && words[word] & 1 << UInt64(row & 63) != 0
    }
}
