// Messages on their way into the file: many go along with one transaction.

internal import GRDB
internal import InteractionModel

extension Ledger {
    /// Messages that wait to be written at most, where nobody sends them.
    static let waitingLimit = 1024
    /// Sheets that stay in memory once they are written, for the outcomes that come soon.
    private static let keptSheets = 32

    /// Puts a new message on the last sheet, which the next transaction writes.
    ///
    /// - Returns: Its row.
    func add(_ entry: LedgerEntry) -> Int64 {
        if let last = sheets.indices.last, sheets[last].takesMore, sheets[last].end == nextRow {
            sheets[last].append(entry)
        } else {
            var sheet = LedgerSheet(first: nextRow)
            sheet.append(entry)
            sheets.append(sheet)
        }
        waiting += 1
        defer { nextRow += 1 }
        return nextRow
    }

    /// Gives a new message a row of its own.
    ///
    /// - Parameters:
    ///   - entry: The message.
    ///   - key: The source's key for it; nil if its digest is its key.
    ///   - database: Where to.
    /// - Returns: Its row.
    /// - Throws: What SQLite says to it.
    func add(_ entry: LedgerEntry, key: String?, _ database: Database) throws -> Int64 {
        let insertion = try LedgerInsertion(
            "INSERT INTO message(id, thread, request, part, digest, key, input, record, run, state)",
            columns: 10,
            database
        )
        try insertion.run([entry]) { values, entry in
            values.add(nextRow)
            values.add(entry.threadId)
            values.add(entry.requestId)
            values.add(entry.part)
            values.add(entry.digest)
            values.add(key)
            values.add(try input(entry.input, database))
            values.add(entry.record)
            values.add(run)
            values.add(MessageState.planned.rawValue)
        }
        defer { nextRow += 1 }
        return nextRow
    }

    /// Says of the messages that wait which ones are about to be sent.
    ///
    /// - Returns: The other rows, which are in the file already.
    func markWaiting(willSend rows: [Int64]) -> [Int64] {
        guard waiting > 0 else { return rows }
        return rows.filter { row in
            guard let place = place(of: row), !sheets[place.sheet].isStored else { return true }
            sheets[place.sheet].willSend(place.slot)
            return false
        }
    }

    /// Writes the sheets that are new or have changed.
    func storeSheets(_ database: Database) throws {
        if waiting > 0 { try insertSheets(database) }
        let update = try LedgerStatement("UPDATE sheet SET states = ?2, outcomes = ?3 WHERE first = ?1", database)
        for index in sheets.indices where sheets[index].isChanged {
            let sheet = sheets[index]
            update.bind(sheet.first, at: 1)
            try sheet.states.withUnsafeBytes { states in
                try sheet.outcomes.withUnsafeBytes { outcomes in
                    update.bind(text: states, at: 2)
                    update.bind(blob: outcomes, at: 3)
                    try update.run()
                }
            }
            sheets[index].stored()
        }
        if sheets.count > Self.keptSheets { sheets.removeFirst(sheets.count - Self.keptSheets) }
    }

    private func insertSheets(_ database: Database) throws {
        let insert = try LedgerStatement(
            "INSERT INTO sheet(first, run, count, states, outcomes, digests, facts) VALUES (?, ?, ?, ?, ?, ?, ?)",
            database
        )
        var digests = OutputBuffer(capacity: LedgerSheet.size * 16)
        var facts = OutputBuffer(capacity: 8 << 10)
        for index in sheets.indices where !sheets[index].isStored {
            let sheet = sheets[index]
            digests.removeAll()
            facts.removeAll()
            try sheet.write(digests: &digests, facts: &facts) { try input($0, database) }
            insert.bind(sheet.first, at: 1)
            insert.bind(run, at: 2)
            insert.bind(sheet.count, at: 3)
            try sheet.states.withUnsafeBytes { states in
                try sheet.outcomes.withUnsafeBytes { outcomes in
                    insert.bind(text: states, at: 4)
                    insert.bind(blob: outcomes, at: 5)
                    insert.bind(blob: digests.bytes, at: 6)
                    insert.bind(text: facts.bytes, at: 7)
                    try insert.run()
                }
            }
            sheets[index].stored()
        }
        waiting = 0
    }

    private func input(_ name: String, _ database: Database) throws -> Int64 {
        if let id = inputs[name] { return id }
        try database.execute(sql: "INSERT OR IGNORE INTO input(name) VALUES (?)", arguments: [name])
        let id = try Int64.fetchOne(database, sql: "SELECT id FROM input WHERE name = ?", arguments: [name]) ?? 0
        inputs[name] = id
        return id
    }
}
