// A ledger beside messages that go by: which it knows, and which of its own do not come up.

internal import GRDB

/// What a ledger has of a message that is compared with it.
package struct LedgerMatch: Sendable, Hashable {
    /// The state of the message with the same content; nil if there is none.
    package var state: MessageState?
    /// The last status and reason of that message.
    package var status: Int?
    package var reason: String?
    /// Whether there are messages of the same thread and request with other content.
    package var hasOthers: Bool
    /// Whether there is any message of the thread.
    package var isThreadKnown: Bool
}

extension Ledger {
    /// Compares messages with those of the ledger.
    ///
    /// - Parameters:
    ///   - entries: The messages.
    ///   - met: Gets every message of the same thread and request, whatever its content.
    /// - Returns: What the ledger has of each.
    /// - Throws: ``LedgerError``.
    package nonisolated func compare(
        _ entries: [LedgerEntry],
        met: inout RowSet
    ) throws(LedgerError) -> [LedgerMatch] {
        try search { database in
            let select = try LedgerStatement(Self.versions, database)
            return try entries.map { entry in
                var match = LedgerMatch(hasOthers: false, isThreadKnown: true)
                select.bind(entry.threadId, at: 1)
                select.bind(entry.requestId, at: 2)
                while try select.next() {
                    _ = met.insert(select.integer(0))
                    if select.isID(6, entry.digest) {
                        match.state = MessageState(rawValue: Int(select.integer(1))) ?? .unknown
                        match.status = select.optionalInteger(4).map(Int.init)
                        match.reason = select.text(5)
                    } else {
                        match.hasOthers = true
                    }
                }
                if match.state == nil, !match.hasOthers {
                    match.isThreadKnown = try Self.isThreadKnown(entry.threadId, database)
                }
                return match
            }
        }
    }

    /// Hands out the messages that are not in a set, in the order in which they were registered.
    ///
    /// - Parameters:
    ///   - met: The messages to leave out.
    ///   - body: Receives each other message with its row.
    /// - Throws: ``LedgerError`` and what `body` throws.
    package nonisolated func forEachMessage(notIn met: RowSet, _ body: (Int64, MessageRecord) throws -> Void) throws {
        try queue.read { database in
            let rows = try Row.fetchCursor(database, sql: MessageRecord.every)
            while let row = try rows.next() {
                let number: Int64 = row[MessageRecord.number]
                if !met.contains(number) { try body(number, MessageRecord(row)) }
            }
        }
    }
}
