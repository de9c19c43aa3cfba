// Intent before sending, outcome after it.

internal import GRDB

/// The outcome of one attempt.
package struct LedgerOutcome: Sendable, Hashable {
    package var row: Int64
    /// The state after it; nil if it is to be tried again.
    package var state: MessageState?
    package var status: Int?
    package var reason: String?
    /// When it began, in milliseconds since 1970.
    package var startedAt: Int64
    /// How long the answer took, in microseconds.
    package var latency: Int64

    @inlinable @inline(__always)
    package init(row: Int64, state: MessageState?, status: Int?, reason: String?, startedAt: Int64, latency: Int64) {
        self.row = row
        self.state = state
        self.status = status
        self.reason = reason
        self.startedAt = startedAt
        self.latency = latency
    }
}

extension Ledger {
    /// Writes down outcomes, in the order in which they came, and that other messages are about to be sent.
    ///
    /// - Parameters:
    ///   - outcomes: One for each attempt.
    ///   - rows: The messages that are about to be sent.
    /// - Throws: ``LedgerError``.
    package func record(_ outcomes: [LedgerOutcome], willSend rows: [Int64] = []) throws(LedgerError) {
        // Nearly all are on sheets in memory, which the transaction writes first.
        let (outcomes, rows) = (sheets.take(outcomes), sheets.willSend(rows))
        try write { database in
            guard !outcomes.isEmpty || !rows.isEmpty else { return }
            let (outcomes, rows) = (try book(outcomes, database), try book(willSend: rows, database))
            try storeSheets(database)
            if !outcomes.isEmpty { try record(outcomes, database) }
            // An acceptance is never taken back.
            let sql = "UPDATE message SET state = 1 WHERE id BETWEEN ? AND ? AND state < 4"
            let update = try LedgerStatement(sql, database)
            for range in Self.ranges(rows) {
                update.bind(range.lowerBound, at: 1)
                update.bind(range.upperBound, at: 2)
                try update.run()
            }
        }
    }

    /// Books outcomes of messages on sheets.
    ///
    /// - Returns: Those of messages that have rows of their own, which some have from now on.
    private func book(_ outcomes: [LedgerOutcome], _ database: Database) throws -> [LedgerOutcome] {
        var others: [LedgerOutcome] = []
        var moving: Set<Int64> = []
        for outcome in outcomes {
            guard !moving.contains(outcome.row), let place = try place(of: outcome.row, database) else {
                others.append(outcome)
                continue
            }
            guard !sheets[place.sheet].take(outcome.plain, place.slot) else { continue }
            moving.insert(outcome.row)
            others.append(outcome)
        }
        guard !moving.isEmpty else { return others }
        // Rows are made of what the file says.
        try storeSheets(database)
        try moveToRows(moving, database)
        return others
    }

    /// Books on sheets which messages are about to be sent.
    ///
    /// - Returns: Those that have rows of their own.
    private func book(willSend rows: [Int64], _ database: Database) throws -> [Int64] {
        try rows.filter { row in
            guard let place = try place(of: row, database) else { return true }
            return !sheets[place.sheet].willSend(place.slot)
        }
    }

    /// Books outcomes of messages that have rows of their own.
    private func record(_ outcomes: [LedgerOutcome], _ database: Database) throws {
        // After an acceptance only its completion counts, which is of the same attempt.
        let open = "id BETWEEN ?1 AND ?2 AND (state < 4 OR ?3 > state)"
        let select = try LedgerStatement("SELECT id, attempts + (state < 4) FROM message WHERE \(open)", database)
        let insertion = try LedgerInsertion(
            "INSERT OR REPLACE INTO attempt(message, number, run, started, latency, state, status, reason)",
            columns: 8,
            database
        )
        let update = try LedgerStatement(
            """
            UPDATE message SET state = coalesce(?3, state), attempts = attempts + (state < 4), status = ?4, reason = ?5
            WHERE \(open)
            """,
            database
        )
        for alike in Self.grouped(outcomes) {
            let (state, reason) = (alike[0].state?.rawValue, alike[0].reason.map { String($0.prefix(200)) })
            var attempts: [(outcome: LedgerOutcome, number: Int64)] = []
            attempts.reserveCapacity(alike.count)
            let byRow = Dictionary(uniqueKeysWithValues: alike.map { ($0.row, $0) })
            select.bind(state, at: 3)
            for range in Self.ranges(byRow.keys) {
                select.bind(range.lowerBound, at: 1)
                select.bind(range.upperBound, at: 2)
                while try select.next() {
                    if let outcome = byRow[select.integer(0)] { attempts.append((outcome, select.integer(1))) }
                }
            }
            try insertion.run(attempts) { values, attempt in
                values.add(attempt.outcome.row)
                values.add(attempt.number)
                values.add(run)
                values.add(attempt.outcome.startedAt)
                values.add(attempt.outcome.latency)
                values.add(state)
                values.add(attempt.outcome.status)
                values.add(reason)
            }
            update.bind(state, at: 3)
            update.bind(alike[0].status, at: 4)
            update.bind(reason, at: 5)
            for range in Self.ranges(alike.lazy.map(\.row)) {
                update.bind(range.lowerBound, at: 1)
                update.bind(range.upperBound, at: 2)
                try update.run()
            }
        }
    }

    /// Row numbers as ranges of those that follow each other: most messages leave and arrive in their order.
    private static func ranges(_ rows: some Sequence<Int64>) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        for row in rows.sorted() {
            if let last = ranges.last, row <= last.upperBound + 1 {
                ranges[ranges.count - 1] = last.lowerBound...row
            } else {
                ranges.append(row...row)
            }
        }
        return ranges
    }

    /// Outcomes in groups that are alike, no message twice in one, and those of a message in their order; a message that
    /// was accepted and completed since is only completed, which is what the ledger would show in the end.
    private static func grouped(_ outcomes: [LedgerOutcome]) -> [[LedgerOutcome]] {
        var completed: Set<Int64> = []
        for outcome in outcomes where outcome.state == .completed { completed.insert(outcome.row) }
        var groups: [[LedgerOutcome]] = []
        // Groups before this one have a message that came up again.
        var first = 0
        var rows: Set<Int64> = []
        for outcome in outcomes where outcome.state != .accepted || !completed.contains(outcome.row) {
            if !rows.insert(outcome.row).inserted {
                first = groups.count
                rows = [outcome.row]
            }
            if let index = groups[first...].firstIndex(where: { $0[0].isAlike(outcome) }) {
                groups[index].append(outcome)
            } else {
                groups.append([outcome])
            }
        }
        return groups
    }
}

extension LedgerOutcome {
    /// Whether another outcome says the same of another message.
    fileprivate func isAlike(_ other: LedgerOutcome) -> Bool {
        state == other.state && status == other.status && reason == other.reason
    }
}
