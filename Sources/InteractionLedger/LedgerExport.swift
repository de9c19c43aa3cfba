// Every message of a ledger, one by one.

internal import GRDB
internal import InteractionModel

internal import struct Foundation.Data

/// A message and what became of it.
public struct MessageRecord: Sendable, Hashable {
    /// The thread.
    public var threadId: String
    /// The request.
    public var requestId: String
    /// The part's number, from 1.
    public var part: Int
    /// The key that every attempt carries.
    public var idempotencyKey: String
    /// The input that it came from.
    public var input: String
    /// Its number in that input, from 1.
    public var record: Int
    /// What is known of it.
    public var state: MessageState
    /// How often it was sent.
    public var attempts: Int
    /// The last HTTP status or WebSocket close code.
    public var status: Int?
    /// What was said last, without content.
    public var reason: String?
    /// When the last attempt began, in milliseconds since 1970.
    public var lastAttempt: Int64?
}

/// What the ledger knows a message by.
package struct MessageOrigin: Sendable, Hashable {
    package var threadId: String
    package var requestId: String
    package var input: String
    package var record: Int
    package var attempts: Int

    package init(threadId: String, requestId: String, input: String, record: Int, attempts: Int) {
        self.threadId = threadId
        self.requestId = requestId
        self.input = input
        self.record = record
        self.attempts = attempts
    }
}

extension Ledger {
    /// Where a message comes from, by its row.
    ///
    /// - Parameter row: The message's number.
    /// - Returns: Nil if there is no such message.
    /// - Throws: ``LedgerError``.
    package func origin(of row: Int64) throws(LedgerError) -> MessageOrigin? {
        do {
            return try queue.unsafeRead { database in
                guard let place = try place(of: row, database) else {
                    return try Self.origin(database, "message", "id = ?", [row])
                }
                let (sheet, slot) = (sheets[place.sheet], place.slot)
                if let fact = sheet.fact(slot), let origin = try Self.origin(fact, sheet.attempts(slot), database) {
                    return origin
                }
                return try Self.origin(database, "sheet_message", "sheet = ? AND slot = ?", [sheet.first, slot])
            }
        } catch {
            throw LedgerError(error, path)
        }
    }

    /// Where a message comes from, by its array of ``LedgerFacts``.
    private static func origin(_ fact: [UInt8], _ attempts: Int, _ database: Database) throws -> MessageOrigin? {
        guard case .array(let fact) = try JSONValue(parsing: fact), fact.count == 5, let thread = fact[0].text,
            let request = fact[1].text, case .number(let input) = fact[3], case .number(let record) = fact[4],
            let name = try String.fetchOne(
                try database.cachedStatement(sql: "SELECT name FROM input WHERE id = ?"),
                arguments: [Int64(input)]
            )
        else { return nil }
        return MessageOrigin(
            threadId: thread,
            requestId: request,
            input: name,
            record: Int(record) ?? 0,
            attempts: attempts
        )
    }

    private static func origin(
        _ database: Database,
        _ source: String,
        _ condition: String,
        _ arguments: StatementArguments
    ) throws -> MessageOrigin? {
        let select = try database.cachedStatement(
            sql: """
                SELECT thread, request, name, record, attempts FROM \(source) AS message
                JOIN input ON input.id = message.input WHERE message.\(condition)
                """
        )
        return try Row.fetchOne(select, arguments: arguments).map { row in
            MessageOrigin(threadId: row[0], requestId: row[1], input: row[2], record: row[3], attempts: row[4])
        }
    }

    /// Hands out every message, in the order in which they were registered.
    ///
    /// - Parameter body: Receives each message.
    /// - Throws: ``LedgerError`` and what `body` throws.
    package nonisolated func forEachMessage(_ body: (MessageRecord) throws -> Void) throws {
        try queue.read { database in
            let rows = try Row.fetchCursor(database, sql: MessageRecord.every)
            while let row = try rows.next() { try body(MessageRecord(row)) }
        }
    }
}

extension MessageRecord {
    /// What ``init(_:)`` reads.
    static let columns = """
        thread, request, part, key, digest, name, record, state, attempts, status, reason, started, message.id
        """
    /// The column with the message's number.
    static let number = 12
    /// Every message in the order of the numbers.
    static let every = """
        SELECT \(columns) FROM every_message AS message JOIN input ON input.id = message.input ORDER BY message.id
        """

    /// Reads a row of ``columns``.
    init(_ row: Row) {
        let digest: Data = row[4]
        self.init(
            threadId: row[0],
            requestId: row[1],
            part: row[2],
            idempotencyKey: row[3] ?? UUIDValue(data: digest).description,
            input: row[5],
            record: row[6],
            state: MessageState(rawValue: row[7]) ?? .unknown,
            attempts: row[8],
            status: row[9],
            reason: row[10],
            lastAttempt: row[11]
        )
    }
}

extension UUIDValue {
    /// Reads the bytes that ``data`` makes; zeros for any other number of bytes.
    init(data: Data) {
        guard data.count == 16 else {
            self.init(high: 0, low: 0)
            return
        }
        let (high, low) = data.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }
}
