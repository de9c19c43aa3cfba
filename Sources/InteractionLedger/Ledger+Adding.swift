// Messages on their way into the file: many go along with one transaction.

internal import GRDB
internal import InteractionModel

extension Ledger {
    /// Messages that wait to be written at most, where nobody sends them.
    static let waitingLimit = 1024

    /// Gives a new message a row of its own.
    ///
    /// - Parameters:
    ///   - entry: The message.
    ///   - key: The source's key for it; nil if its digest is its key.
    ///   - input: The number of its input.
    ///   - database: Where to.
    /// - Returns: Its row.
    /// - Throws: What SQLite says to it.
    func add(_ entry: LedgerEntry, key: String?, input: Int64, _ database: Database) throws -> Int64 {
        let insertion = try LedgerInsertion(
            "INSERT INTO message(id, thread, request, part, digest, key, input, record, run, state)",
            columns: 10,
            database
        )
        let row = sheets.takeRow()
        try insertion.run([entry]) { values, entry in
            values.add(row)
            values.add(entry.threadId)
            values.add(entry.requestId)
            values.add(entry.part)
            values.add(entry.digest)
            values.add(key)
            values.add(input)
            values.add(entry.record)
            values.add(run)
            values.add(MessageState.planned.rawValue)
        }
        return row
    }

    /// Writes the sheets that are new or have changed.
    func storeSheets(_ database: Database) throws {
        if sheets.waiting > 0 { try insertSheets(database) }
        let update = try LedgerStatement("UPDATE sheet SET states = ?2, outcomes = ?3 WHERE first = ?1", database)
        for index in sheets.indices where sheets[index].isChanged {
            update.bind(sheets[index].first, at: 1)
            try sheets[index].withChanges { states, outcomes in
                update.bind(text: states, at: 2)
                update.bind(blob: outcomes, at: 3)
                try update.run()
            }
            sheets[index].stored()
        }
        sheets.written()
    }

    private func insertSheets(_ database: Database) throws {
        let insert = try LedgerStatement(
            "INSERT INTO sheet(first, run, count, states, outcomes, digests, facts) VALUES (?, ?, ?, ?, ?, ?, ?)",
            database
        )
        for index in sheets.indices where !sheets[index].isStored {
            insert.bind(sheets[index].first, at: 1)
            insert.bind(run, at: 2)
            insert.bind(sheets[index].count, at: 3)
            try sheets[index].withChanges { states, outcomes in
                insert.bind(text: states, at: 4)
                insert.bind(blob: outcomes, at: 5)
                try sheets[index].digests.withUnsafeBytes { digests in
                    insert.bind(blob: digests, at: 6)
                    try sheets[index].facts.withUnsafeBytes { facts in
                        insert.bind(text: facts, at: 7)
                        try insert.run()
                    }
                }
            }
            sheets[index].stored()
        }
    }

    // MARK: Inputs

    /// The number of an input; a new one is written with the next transaction.
    func input(_ name: String) throws(LedgerError) -> Int64 {
        if let input = inputs[name] { return input }
        let input =
            try read { try Int64.fetchOne($0, sql: "SELECT id FROM input WHERE name = ?", arguments: [name]) }
            ?? newInput(name)
        inputs[name] = input
        return input
    }

    private func newInput(_ name: String) -> Int64 {
        newInputs.append(name)
        defer { nextInput += 1 }
        return nextInput
    }

    /// Writes the inputs that are new.
    func storeInputs(_ database: Database) throws {
        for (offset, name) in newInputs.enumerated() {
            let input = nextInput - Int64(newInputs.count - offset)
            try database.execute(sql: "INSERT INTO input(id, name) VALUES (?, ?)", arguments: [input, name])
        }
        newInputs = []
    }
}
