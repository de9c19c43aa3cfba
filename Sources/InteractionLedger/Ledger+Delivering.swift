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
    /// Writes down that messages are about to be sent.
    ///
    /// - Parameter rows: The messages.
    /// - Throws: ``LedgerError``.
    package func willSend(_ rows: [Int64]) throws(LedgerError) {
        try write { database in
            // An acceptance is never taken back.
            let update = try database.cachedStatement(sql: "UPDATE message SET state = 1 WHERE id = ? AND state < 4")
            for row in rows {
                update.setUncheckedArguments([row])
                try update.execute()
            }
        }
    }

    /// Writes down outcomes, in the order in which they came.
    ///
    /// - Parameter outcomes: One for each attempt.
    /// - Throws: ``LedgerError``.
    package func record(_ outcomes: [LedgerOutcome]) throws(LedgerError) {
        try write { database in
            // After an acceptance only its completion counts, which is of the same attempt.
            let insert = try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO attempt(message, number, run, started, latency, state, status, reason)
                    SELECT ?1, attempts + (state < 4), ?2, ?3, ?4, ?5, ?6, ?7 FROM message
                    WHERE id = ?1 AND (state < 4 OR ?5 > state)
                    """
            )
            let update = try database.cachedStatement(
                sql: """
                    UPDATE message SET state = coalesce(?2, state), attempts = attempts + (state < 4), status = ?3,
                    reason = ?4 WHERE id = ?1 AND (state < 4 OR ?2 > state)
                    """
            )
            for outcome in outcomes {
                let reason = outcome.reason.map { String($0.prefix(200)) }
                insert.setUncheckedArguments([
                    outcome.row, run, outcome.startedAt, outcome.latency, outcome.state?.rawValue, outcome.status,
                    reason,
                ])
                try insert.execute()
                update.setUncheckedArguments([outcome.row, outcome.state?.rawValue, outcome.status, reason])
                try update.execute()
            }
        }
    }
}
