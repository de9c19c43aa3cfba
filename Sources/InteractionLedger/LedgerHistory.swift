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
    /// - Complexity: All sheets are looked through for the bytes of the thread or request, all messages for a record.
    package nonisolated func history(of subject: MessageHistory.Subject) throws(LedgerError) -> [MessageHistory] {
        let (condition, arguments, text): (String, StatementArguments, String) =
            switch subject {
            case .thread(let thread): ("thread = ?", [thread], thread)
            case .request(let request, nil): ("request = ?", [request], request)
            case .request(let request, let thread?): ("thread = ? AND request = ?", [thread, request], request)
            case .record(let number, nil): ("record = ?", [number], "")
            case .record(let number, let file?): ("record = ? AND name = ?", [number, file], "")
            }
        return try read { database in
            let own = try Self.messages(database, "own_message", where: condition, arguments)
            let attempts = "SELECT number, \(AttemptRecord.columns) FROM attempt WHERE message = ? ORDER BY number"
            var found = try own.map { row, message in
                (row, MessageHistory(message: message, attempts: try Self.attempts(database, attempts, [row])))
            }
            // Most sheets need not be taken apart to see that it is not on them.
            let onSheets = "instr(facts, ?) AND \(condition)"
            let onlyAttempt = """
                SELECT attempts, \(AttemptRecord.columns) FROM sheet_message WHERE sheet = ? AND id = ? AND attempts > 0
                """
            found += try Self.messages(database, "sheet_message", where: onSheets, [text.writtenAlike] + arguments)
                .map { row, message in
                    let sheet = "SELECT max(first) FROM sheet WHERE first <= ?"
                    let first = try Int64.fetchOne(database, sql: sheet, arguments: [row])
                    let attempts = try Self.attempts(database, onlyAttempt, [first, row])
                    return (row, MessageHistory(message: message, attempts: attempts))
                }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func messages(
        _ database: Database,
        _ source: String,
        where condition: String,
        _ arguments: StatementArguments
    ) throws -> [(row: Int64, message: MessageRecord)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT \(MessageRecord.columns) FROM \(source) AS message JOIN input ON input.id = message.input
                WHERE \(condition)
                """,
            arguments: arguments
        ).map { ($0[MessageRecord.number], MessageRecord($0)) }
    }

    private static func attempts(
        _ database: Database,
        _ sql: String,
        _ arguments: StatementArguments
    ) throws -> [AttemptRecord] {
        try Row.fetchAll(database.cachedStatement(sql: sql), arguments: arguments).map { row in
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
    }
}

extension AttemptRecord {
    /// What is read after its number.
    fileprivate static let columns = "run, started, latency, state, status, reason"
}

extension String {
    /// The longest beginning that JSON writes as it is.
    fileprivate var writtenAlike: String {
        String(prefix { $0 != "\"" && $0 != "\\" && $0 >= " " })
    }
}
