// Where messages lie on sheets, how some get rows of their own, and how all of them are found again.

internal import GRDB

extension Ledger {
    /// The sheet that a message is on, which is read from the file if need be, and its place there; nil for one that has a
    /// row of its own.
    func place(of row: Int64, _ database: Database) throws -> (sheet: Int, slot: Int)? {
        var place = sheets.place(of: row)
        if place == nil {
            let select = try LedgerStatement(
                "SELECT first, states, outcomes FROM sheet WHERE first <= ? ORDER BY first DESC LIMIT 1",
                database
            )
            select.bind(row, at: 1)
            guard try select.next() else { return nil }
            let sheet = LedgerSheet(first: select.integer(0), states: select.bytes(1), outcomes: select.bytes(2))
            select.end()
            guard row < sheet.end else { return nil }
            sheets.insert(sheet)
            place = sheets.place(of: row)
        }
        guard let place, !sheets[place.sheet].hasOwnRow(place.slot) else { return nil }
        return place
    }

    /// Gives messages rows of their own, with what their sheets say of them; the sheets are in the file.
    func moveToRows(_ rows: some Collection<Int64>, _ database: Database) throws {
        guard !rows.isEmpty else { return }
        var lists: [Int64: [Int64]] = [:]
        for row in rows.sorted() {
            guard let place = try place(of: row, database) else { continue }
            lists[sheets[place.sheet].first, default: []].append(row)
        }
        for (first, list) in lists.sorted(by: { $0.key < $1.key }) {
            let numbers = "[\(list.map(String.init).joined(separator: ","))]"
            let condition = "sheet = ? AND id IN (SELECT value FROM json_each(?))"
            for sql in [Self.copyMessages, Self.copyAttempts] {
                try database.cachedStatement(sql: "\(sql) AND \(condition)").execute(arguments: [first, numbers])
            }
            for row in list {
                if let place = sheets.place(of: row) { sheets[place.sheet].move(place.slot) }
            }
        }
        try storeSheets(database)
    }

    /// Gives rows of their own to messages on sheets of the file that are not accepted, for another run will send them; no
    /// sheet is in memory.
    static func moveOpenToRows(_ sheets: [Int64]?, _ database: Database) throws {
        let numbers = sheets.map { "[\($0.map(String.init).joined(separator: ","))]" }
        let (isOpen, isAmong) = ("states GLOB '*[01]*'", "(SELECT value FROM json_each(?))")
        for sql in [
            "\(copyMessages) AND \(isOpen) AND state < 4 \(sheets == nil ? "" : "AND sheet IN \(isAmong)")",
            """
            UPDATE sheet SET states = replace(replace(states, '0', '-'), '1', '-')
            WHERE \(isOpen) \(sheets == nil ? "" : "AND first IN \(isAmong)")
            """,
        ] {
            try database.execute(sql: sql, arguments: numbers.map { [$0] } ?? [])
        }
    }

    /// A message that has a row is known better there, as the pages of a torn file may have it.
    private static let copyMessages = """
        INSERT OR IGNORE INTO message(id, thread, request, part, digest, input, record, run, state, attempts, status)
        SELECT id, thread, request, part, digest, input, record, run, state, attempts, status FROM sheet_message
        WHERE true
        """

    private static let copyAttempts = """
        INSERT INTO attempt(message, number, run, started, latency, state, status)
        SELECT id, attempts, run, started, latency, state, status FROM sheet_message WHERE attempts = 1
        """

    // MARK: Finding messages

    /// All messages of a thread and request.
    static let versions = """
        SELECT id, state, attempts, key, status, reason, digest FROM message WHERE thread = ?1 AND request = ?2
        UNION ALL
        SELECT first + slot, CAST(substr(states, slot + 1, 1) AS INTEGER), substr(states, slot + 1, 1) > '3', NULL,
        CAST(nullif(substr(outcomes, 26 * slot + 1, 3), x'202020') AS INTEGER), NULL,
        substr(digests, 16 * slot + 1, 16)
        FROM sheet_key JOIN sheet ON first = sheet
        WHERE thread = ?1 AND request = ?2 AND substr(states, slot + 1, 1) <> '-'
        """

    /// Whether there is a message of a thread.
    static func isThreadKnown(_ thread: String, _ database: Database) throws -> Bool {
        let select = try LedgerStatement(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM message WHERE thread = ?1)
            OR EXISTS (SELECT 1 FROM sheet_key WHERE thread = ?1)
            """,
            database
        )
        select.bind(thread, at: 1)
        defer { select.end() }
        return try select.next()
    }

    /// Makes sure that messages on sheets can be found by thread and request: new sheets are entered all at once, in the
    /// order of the keys, and only if somebody asks.
    static func enterKeys(_ database: Database) throws {
        guard try hasNewSheets(database) else { return }
        try database.execute(
            sql: """
                INSERT INTO sheet_key(thread, request, sheet, slot) SELECT thread, request, sheet, slot FROM sheet_message
                WHERE sheet >= (SELECT entered FROM sheet_key_state) ORDER BY thread, request;
                UPDATE sheet_key_state SET entered = (SELECT max(first) + 1 FROM sheet);
                """
        )
    }

    /// The same for who may not write: the keys of all sheets, in a table that only this connection sees.
    private static func gatherKeys(_ database: Database) throws {
        let isThere = "SELECT 1 FROM sqlite_temp_master WHERE name = 'sheet_key'"
        guard try hasNewSheets(database), try Row.fetchOne(database, sql: isThere) == nil else { return }
        try database.execute(
            sql: """
                CREATE TEMP TABLE sheet_key(
                  thread TEXT NOT NULL, request TEXT NOT NULL, sheet INTEGER NOT NULL, slot INTEGER NOT NULL,
                  PRIMARY KEY (thread, request, sheet, slot)
                ) WITHOUT ROWID;
                INSERT INTO temp.sheet_key SELECT thread, request, sheet, slot FROM sheet_message
                ORDER BY thread, request;
                """
        )
    }

    private static func hasNewSheets(_ database: Database) throws -> Bool {
        let sql = "SELECT 1 FROM sheet WHERE first >= (SELECT entered FROM sheet_key_state) LIMIT 1"
        return try Row.fetchOne(database, sql: sql) != nil
    }

    /// Runs a body that looks for messages by thread and request.
    nonisolated func search<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
        do {
            guard isReadOnly else {
                return try queue.write { database in
                    try Self.enterKeys(database)
                    return try body(database)
                }
            }
            return try queue.read { database in
                try Self.gatherKeys(database)
                return try body(database)
            }
        } catch {
            throw LedgerError(error, path)
        }
    }
}
