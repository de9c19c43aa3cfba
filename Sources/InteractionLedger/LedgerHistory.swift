// The life of single messages: every attempt that was made at them.

internal import GRDB
internal import InteractionModel

/// One attempt at a message.
public struct AttemptRecord: Sendable, Hashable {
    /// Its number among the attempts at the message, from 1.
    public var number: Int
    /// The run that made it.
    public var run: Int
    /// When it began, in milliseconds since 1970; nil where the process ended before an answer came.
    public var started: Int64?
    /// How long the answer took, in microseconds.
    public var latency: Int64?
    /// What it came to; nil if the message was to be tried again.
    public var state: MessageState?
    /// The HTTP status or WebSocket close code.
    public var status: Int?
    /// What was said, without content.
    public var reason: String?
}

/// A message with every attempt at it.
public struct MessageHistory: Sendable, Hashable {
    /// Which messages are meant.
    public enum Subject: Sendable, Hashable {
        /// All messages of a thread.
        case thread(String)
        /// All messages of a request; those of one thread, if it is named.
        case request(String, thread: String? = nil)
        /// All messages of a source record, by its number in its input, from 1; of any input, if none is named.
        case record(Int, file: String? = nil)
    }

    /// The message and where it stands.
    public var message: MessageRecord
    /// From the first.
    public var attempts: [AttemptRecord]
}

extension Ledger {
    /// Looks up messages with all attempts.
    ///
    /// - Parameter subject: Which messages.
    /// - Returns: The messages in the order in which they were registered.
    /// - Throws: ``LedgerError``.
    /// - Complexity: A look-up where the thread is known; otherwise all messages are looked at.
    package nonisolated func history(of subject: MessageHistory.Subject) throws(LedgerError) -> [MessageHistory] {
        let (condition, arguments): (String, StatementArguments) =
            switch subject {
            case .thread(let thread): ("thread = ?", [thread])
            case .request(let request, nil): ("request = ?", [request])
            case .request(let request, let thread?): ("thread = ? AND request = ?", [thread, request])
            case .record(let number, nil): ("record = ?", [number])
            case .record(let number, let file?): ("record = ? AND name = ?", [number, file])
            }
        return try read { database in
            let select = try database.cachedStatement(
                sql: """
                    SELECT number, run, started, latency, state, status, reason FROM attempt WHERE message = ?
                    ORDER BY number
                    """
            )
            return try Self.messages(database, where: condition, arguments).map { row, message in
                let attempts = try Row.fetchAll(select, arguments: [row]).map { row in
                    AttemptRecord(
                        number: row[0],
                        run: row[1],
                        started: row[2],
                        latency: row[3],
                        state: (row[4] as Int?).flatMap(MessageState.init(rawValue:)),
                        status: row[5],
                        reason: row[6]
                    )
                }
                return MessageHistory(message: message, attempts: attempts)
            }
        }
    }

    private static func messages(
        _ database: Database,
        where condition: String,
        _ arguments: StatementArguments
    ) throws -> [(row: Int64, message: MessageRecord)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT \(MessageRecord.columns), message.id FROM \(MessageRecord.source)
                WHERE \(condition) ORDER BY message.id
                """,
            arguments: arguments
        ).map { ($0["id"], MessageRecord($0)) }
    }
}
