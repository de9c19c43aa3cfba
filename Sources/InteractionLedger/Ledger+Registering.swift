// What a message is to the ledger: new, known, changed or a duplicate.

internal import GRDB
package import InteractionModel

/// A message as the ledger knows it.
package struct LedgerEntry: Sendable {
    package var threadId: String
    package var requestId: String
    /// The part's number, from 1.
    package var part: Int
    /// The UUID that the payload's bytes give.
    package var digest: UUIDValue
    /// The idempotency key that the source gives, unless it is the digest.
    package var givenKey: String?
    /// The input that it comes from.
    package var input: String
    /// Its number in that input, from 1.
    package var record: Int

    @inlinable @inline(__always)
    package init(
        threadId: String,
        requestId: String,
        part: Int,
        digest: UUIDValue,
        givenKey: String?,
        input: String,
        record: Int
    ) {
        self.threadId = threadId
        self.requestId = requestId
        self.part = part
        self.digest = digest
        self.givenKey = givenKey.flatMap { $0 == digest.description ? nil : $0 }
        self.input = input
        self.record = record
    }
}

/// What the ledger says to a message.
package struct LedgerStanding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// It was not known.
        case new
        /// A message of the same thread and request is known, with other content.
        case changed
        /// It is known from an earlier run, or was registered from elsewhere.
        case known
        /// It came up before in this run.
        case duplicate
    }

    package var kind: Kind
    /// The message's number; 0 for a change that was not registered.
    package var row: Int64
    package var state: MessageState
    package var attempts: Int
    /// The UUID that the payload's bytes give.
    var digest: UUIDValue
    /// The source's key, if it is used.
    var givenKey: String?
    /// The last status and reason, for what was rejected.
    package var status: Int?
    package var reason: String?
    /// Whether the ledger has other messages of the thread; only looked at for what is new or changed.
    package var isThreadKnown = false

    /// The key to send it with.
    package var key: String { givenKey ?? digest.description }
}

extension LedgerStanding {
    fileprivate init(new row: Int64, _ digest: UUIDValue, givenKey: String? = nil, kind: Kind = .new) {
        self.init(kind: kind, row: row, state: .planned, attempts: 0, digest: digest, givenKey: givenKey)
    }
}

extension Ledger {
    /// Begins a run, which what follows is booked to.
    ///
    /// - Parameters:
    ///   - tool: The program's version.
    ///   - target: Where to, without secrets.
    ///   - options: What was asked for, without secrets.
    ///   - time: Milliseconds since 1970.
    /// - Throws: ``LedgerError``.
    package func beginRun(tool: String, target: String, options: String, time: Int64) throws(LedgerError) {
        run = try write { database in
            // What one tenant has accepted says nothing of another.
            let select = "SELECT target FROM run WHERE target NOT IN (?, 'lost') LIMIT 1"
            if let other = try String.fetchOne(database, sql: select, arguments: [target]) {
                throw LedgerError(
                    .foreign,
                    "the ledger \(path) is of the tenant at \(other), not \(target); use a ledger for each tenant"
                )
            }
            try database.execute(
                sql: "INSERT INTO run(tool, target, options, started) VALUES (?, ?, ?, ?)",
                arguments: [tool, target, options, time]
            )
            return database.lastInsertedRowID
        }
    }

    /// Ends the run; what is still on its way is in doubt from now on.
    ///
    /// - Parameters:
    ///   - result: How it ended, in a word.
    ///   - time: Milliseconds since 1970.
    /// - Throws: ``LedgerError``.
    package func endRun(result: String, time: Int64) throws(LedgerError) {
        try write { database in
            try Self.settleInterrupted(sheets.open, database)
            sheets.removeAll()
            try database.execute(
                sql: "UPDATE run SET ended = ?, result = ? WHERE id = ?",
                arguments: [time, result, run]
            )
        }
    }

    /// Registers messages: with the next transaction, which is also the first that may say that one is about to be sent.
    ///
    /// - Parameters:
    ///   - entries: The messages, in order.
    ///   - takesChanges: Whether a message whose thread and request are known with other content is registered too.
    /// - Returns: What each of them is.
    /// - Throws: ``LedgerError``.
    package func register(
        _ entries: [LedgerEntry],
        takesChanges: Bool
    ) throws(LedgerError) -> [LedgerStanding] {
        if sheets.waiting >= Self.waitingLimit { try write { _ in } }
        let facts = try facts(of: entries)
        let areNew = identities?.insert(facts.hashes) ?? entries.map { _ in false }
        // Then no query is needed to know that the ledger has none of them.
        if firstRow == 1, facts.areForSheets, areNew.allSatisfy(\.self) {
            let first = sheets.append(facts, entries.indices)
            return entries.withUnsafeBufferPointer { entries in
                entries.indices.map { LedgerStanding(new: first + Int64($0), entries[$0].digest) }
            }
        }
        return try write { database in
            if !areKeysEntered { try Self.enterKeys(database) }
            areKeysEntered = true
            let select = try LedgerStatement(Self.versions, database)
            var standings: [LedgerStanding] = []
            for index in entries.indices {
                if !areNew[index] {
                    // What came up since the ledger was opened may be on any sheet.
                    try storeSheets(database)
                    try Self.enterKeys(database)
                }
                standings.append(try register(entries[index], facts, index, takesChanges, select, database))
            }
            return standings
        }
    }

    /// What is written down of messages if they are new.
    private func facts(of entries: [LedgerEntry]) throws(LedgerError) -> LedgerFacts {
        var facts = LedgerFacts(count: entries.count)
        // Most messages come from the input of the one before.
        var (name, number): (String?, Int64) = (nil, 0)
        try entries.withUnsafeBufferPointer { entries throws(LedgerError) in
            for index in entries.indices {
                if name != entries[index].input {
                    number = try input(entries[index].input)
                    name = entries[index].input
                }
                facts.append(entries, index, input: number)
            }
        }
        return facts
    }

    private func register(
        _ entry: LedgerEntry,
        _ facts: borrowing LedgerFacts,
        _ index: Int,
        _ takesChanges: Bool,
        _ select: LedgerStatement,
        _ database: Database
    ) throws -> LedgerStanding {
        let versions = try Self.versions(of: entry, select)
        if var standing = versions.same {
            standing.kind = standing.row < firstRow && seen.insert(standing.row) ? .known : .duplicate
            return standing
        }
        guard !versions.hasOthers || takesChanges else {
            return LedgerStanding(kind: .changed, row: 0, state: .planned, attempts: 0, digest: entry.digest)
        }
        let kind: LedgerStanding.Kind = versions.hasOthers ? .changed : .new
        guard !facts.isForSheet(index) else {
            return LedgerStanding(new: sheets.append(facts, index..<index + 1), entry.digest, kind: kind)
        }
        let key = try freeKey(entry, database)
        let row = try add(entry, key: key, input: facts.input(index), database)
        return LedgerStanding(new: row, entry.digest, givenKey: key, kind: kind)
    }

    /// Says what messages are without writing anything down.
    ///
    /// - Parameter entries: The messages, in order.
    /// - Returns: What each of them is; nothing is a duplicate.
    /// - Throws: ``LedgerError``.
    package nonisolated func look(_ entries: [LedgerEntry]) throws(LedgerError) -> [LedgerStanding] {
        try search { database in
            let select = try LedgerStatement(Self.versions, database)
            return try entries.map { entry in
                let versions = try Self.versions(of: entry, select)
                if let standing = versions.same { return standing }
                return LedgerStanding(
                    kind: versions.hasOthers ? .changed : .new,
                    row: 0,
                    state: .planned,
                    attempts: 0,
                    digest: entry.digest,
                    isThreadKnown: try Self.isThreadKnown(entry.threadId, database)
                )
            }
        }
    }

    /// The row of the same content, and whether there are others of the same thread and request.
    private static func versions(
        of entry: LedgerEntry,
        _ select: LedgerStatement
    ) throws -> (same: LedgerStanding?, hasOthers: Bool) {
        select.bind(entry.threadId, at: 1)
        select.bind(entry.requestId, at: 2)
        var hasOthers = false
        while try select.next() {
            guard select.isID(6, entry.digest) else {
                hasOthers = true
                continue
            }
            let standing = LedgerStanding(
                kind: .known,
                row: select.integer(0),
                state: MessageState(rawValue: Int(select.integer(1))) ?? .unknown,
                attempts: Int(select.integer(2)),
                digest: entry.digest,
                givenKey: select.text(3),
                status: select.optionalInteger(4).map(Int.init),
                reason: select.text(5)
            )
            select.end()
            return (standing, hasOthers)
        }
        return (nil, hasOthers)
    }

    /// The key that the source gives, unless another message has it: equal keys would make the tenant drop one.
    private func freeKey(_ entry: LedgerEntry, _ database: Database) throws -> String? {
        guard let key = entry.givenKey else { return nil }
        let select = try database.cachedStatement(sql: "SELECT 1 FROM message WHERE key = ?")
        return try Row.fetchOne(select, arguments: [key]) == nil ? key : nil
    }
}
