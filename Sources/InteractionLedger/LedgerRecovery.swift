// What can be read of a damaged ledger, into a new one.

internal import GRDB

/// Copies the rows of a damaged ledger that can still be read.
package enum LedgerRecovery {
    /// How many rows of each kind came through.
    public struct Report: Sendable, Hashable {
        /// Messages in the new ledger.
        public var messages = 0
        /// Attempts in the new ledger.
        public var attempts = 0
        /// Runs in the new ledger.
        public var runs = 0
        /// How often one or more rows that follow each other could not be read.
        public var gaps = 0
    }

    /// Copies what can be read into a new ledger.
    ///
    /// What is lost costs nothing but time: keys are made of the messages, so that what is sent again is known to the
    /// tenant. A message without its run or input is kept under a placeholder for them.
    ///
    /// - Parameters:
    ///   - source: The damaged ledger; it is not changed.
    ///   - target: A file that must not exist.
    /// - Returns: What came through.
    /// - Throws: ``LedgerError`` if not even the file's first page can be read.
    package static func recover(_ source: String, into target: String) async throws(LedgerError) -> Report {
        let old = try open(source)
        let ledger = try Ledger(target, .creating)
        let report = try await ledger.copyReadable(of: old)
        try await ledger.close()
        try? old.close()
        return report
    }

    private static func open(_ source: String) throws(LedgerError) -> DatabaseQueue {
        try LedgerFile.check(source, .reading)
        var configuration = Configuration()
        configuration.readonly = true
        // Without this, SQLite reads nothing of a file that is shorter than it should be.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
        do {
            let old = try DatabaseQueue(path: source, configuration: configuration)
            _ = try old.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
            return old
        } catch {
            throw LedgerError(
                .damaged,
                """
                nothing can be read of \(source); begin with a new ledger: everything is sent again, with the same \
                idempotency keys, and the tenant drops what it has
                """
            )
        }
    }
}

extension Ledger {
    private static let tables: [(name: String, key: String, columns: String)] = [
        ("run", "id", "id, tool, target, options, started, ended, result"),
        ("input", "id", "id, name"),
        (
            "message", "id",
            "id, thread, request, part, digest, key, input, record, run, state, attempts, status, reason"
        ),
        ("attempt", "message", "message, number, run, started, latency, state, status, reason"),
        ("sheet", "first", "first, run, count, states, outcomes, digests, facts"),
    ]

    fileprivate func copyReadable(of old: DatabaseQueue) throws(LedgerError) -> LedgerRecovery.Report {
        var report = LedgerRecovery.Report()
        for table in Self.tables where Self.hasTable(table.name, old) {
            var copied = 0
            for range in Self.readableRanges(of: table.name, table.key, old, &report.gaps) {
                copied += try copy(table, range, old)
            }
            if table.name == "run" { report.runs = copied }
        }
        try write { database in
            try Self.moveOpenToRows(nil, database)
            try database.execute(sql: Self.placeholders)
        }
        let status = try status()
        report.messages = status.messages
        report.attempts = status.runs.reduce(0) { $0 + $1.attempts }
        return report
    }

    /// Whether a ledger has a table, which those of earlier versions may not.
    private static func hasTable(_ name: String, _ old: DatabaseQueue) -> Bool {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        // If that cannot be read, there may be one.
        return (try? old.read { try Row.fetchOne($0, sql: sql, arguments: [name]) != nil }) ?? true
    }

    /// Cuts the numbers of a table's rows into ranges of which each can be read.
    ///
    /// A range that cannot is halved, down to a single row.
    private static func readableRanges(
        of table: String,
        _ key: String,
        _ old: DatabaseQueue,
        _ gaps: inout Int
    ) -> [ClosedRange<Int64>] {
        guard let last = highest(table, key, old), last >= 0 else { return [] }
        var ranges: [ClosedRange<Int64>] = []
        var waiting: [ClosedRange<Int64>] = [0...last]
        var lastUnreadable: Int64?
        while let range = waiting.popLast() {
            let isReadable = (try? old.unsafeRead { try scan(table, key, range, $0) }) != nil
            if isReadable {
                ranges.append(range)
            } else if range.lowerBound == range.upperBound {
                // Rows that follow each other are one gap.
                if lastUnreadable != range.lowerBound - 1 { gaps += 1 }
                lastUnreadable = range.lowerBound
            } else {
                let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
                waiting.append(middle + 1...range.upperBound)
                waiting.append(range.lowerBound...middle)
            }
        }
        return ranges
    }

    /// The highest row number, or what the file has room for if the table's end cannot be read.
    private static func highest(_ table: String, _ key: String, _ old: DatabaseQueue) -> Int64? {
        if let last = try? old.read({ try Int64.fetchOne($0, sql: "SELECT max(\(key)) FROM \(table)") ?? -1 }) {
            return last
        }
        // No row takes less than 32 bytes.
        return try? old.read { database in
            let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 4096) / 32
        }
    }

    private static func scan(_ table: String, _ key: String, _ range: ClosedRange<Int64>, _ database: Database) throws {
        // Every column is read: a page further on in the row may be the one that is broken.
        let select = try database.cachedStatement(sql: "SELECT * FROM \(table) WHERE \(key) BETWEEN ? AND ?")
        let rows = try Row.fetchCursor(select, arguments: [range.lowerBound, range.upperBound])
        while let row = try rows.next() { for (_, value) in row { _ = value } }
    }

    private func copy(
        _ table: (name: String, key: String, columns: String),
        _ range: ClosedRange<Int64>,
        _ old: DatabaseQueue
    ) throws(LedgerError) -> Int {
        let marks = table.columns.split(separator: ",").map { _ in "?" }.joined(separator: ", ")
        return try write { database in
            // What breaks a rule of the tables is no row that this program wrote.
            let insert = try database.cachedStatement(
                sql: "INSERT OR IGNORE INTO \(table.name)(\(table.columns)) VALUES (\(marks))"
            )
            var copied = 0
            try old.read { source in
                let rows = try Row.fetchCursor(
                    source,
                    sql: "SELECT \(table.columns) FROM \(table.name) WHERE \(table.key) BETWEEN ? AND ?",
                    arguments: [range.lowerBound, range.upperBound]
                )
                while let row = try rows.next() {
                    do {
                        try insert.execute(arguments: StatementArguments(row.databaseValues))
                        copied += database.changesCount
                    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                        continue
                    }
                }
            }
            return copied
        }
    }

    /// What the copied rows refer to and is lost; and what a sheet still has of messages whose own rows are.
    private static let placeholders = """
        INSERT OR IGNORE INTO message(id, thread, request, part, digest, input, record, run, state, attempts)
        SELECT first + fact.key, json_extract(fact.value, '$[0]'), json_extract(fact.value, '$[1]'),
          json_extract(fact.value, '$[2]'), substr(digests, 16 * fact.key + 1, 16), json_extract(fact.value, '$[3]'),
          json_extract(fact.value, '$[4]'), run, 2,
          (SELECT count(*) FROM attempt WHERE message = first + fact.key)
        FROM sheet, json_each(facts) AS fact WHERE substr(states, fact.key + 1, 1) = '-';
        INSERT OR IGNORE INTO run(id, tool, target, options, started)
        SELECT run, 'lost', 'lost', '', 0
        FROM (SELECT run FROM message UNION SELECT run FROM attempt UNION SELECT run FROM sheet) ORDER BY run;
        INSERT OR IGNORE INTO input(id, name) SELECT DISTINCT input, 'lost ' || input FROM every_message ORDER BY input;
        DELETE FROM attempt WHERE message NOT IN (SELECT id FROM message);
        UPDATE message SET state = 2 WHERE state NOT IN (0, 2, 3, 4, 5);
        """
}
