// Messages on their way into the file: many go along with one transaction.

internal import GRDB

extension Ledger {
    /// A message that is to be written.
    ///
    /// Those that wait have rows that follow each other, up to the one before ``Ledger/nextRow``.
    struct Addition {
        var entry: LedgerEntry
        /// Whether its key is that of the source.
        var isKeyGiven: Bool
        var state = MessageState.planned
    }

    /// Messages that wait to be written at most, where nobody sends them.
    static let additionLimit = 1024
    /// As many of them are searched one by one where a message may be among them.
    static let searchedAdditions = 64

    /// Says of the messages that wait which ones are about to be sent.
    ///
    /// - Returns: The other rows, which are in the file already.
    func markAdditions(willSend rows: [Int64]) -> [Int64] {
        let first = nextRow - Int64(additions.count)
        for row in rows where row >= first && row < nextRow { additions[Int(row - first)].state = .sent }
        return rows.filter { $0 < first }
    }

    /// Writes the messages that wait.
    func writeAdditions(_ database: Database) throws {
        guard !additions.isEmpty else { return }
        let insertion = try LedgerInsertion(
            "INSERT INTO message(id, thread, request, part, digest, key, input, record, run, state)",
            columns: 10,
            database
        )
        var row = nextRow - Int64(additions.count)
        try insertion.run(additions) { values, addition in
            let entry = addition.entry
            values.add(row)
            values.add(entry.threadId)
            values.add(entry.requestId)
            values.add(entry.part)
            values.add(entry.digest)
            values.add(addition.isKeyGiven ? entry.givenKey : nil)
            values.add(try input(entry.input, database))
            values.add(entry.record)
            values.add(run)
            values.add(addition.state.rawValue)
            row += 1
        }
        additions = []
    }

    private func input(_ name: String, _ database: Database) throws -> Int64 {
        if let id = inputs[name] { return id }
        try database.execute(sql: "INSERT OR IGNORE INTO input(name) VALUES (?)", arguments: [name])
        let id = try Int64.fetchOne(database, sql: "SELECT id FROM input WHERE name = ?", arguments: [name]) ?? 0
        inputs[name] = id
        return id
    }
}
