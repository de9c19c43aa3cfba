// A statement that runs for every message: bound and stepped in SQLite itself, for GRDB's care costs more than the row.

internal import GRDB
internal import GRDBSQLite
internal import InteractionModel

/// A prepared statement of GRDB's cache, within one of its transactions.
struct LedgerStatement {
    /// Keeps the handle alive.
    private let statement: Statement
    private var handle: OpaquePointer { statement.sqliteStatement }

    init(_ sql: String, _ database: Database) throws { statement = try database.cachedStatement(sql: sql) }

    // MARK: Parameters, from 1

    func bind(_ number: Int64?, at index: Int32) {
        if let number { sqlite3_bind_int64(handle, index, number) } else { sqlite3_bind_null(handle, index) }
    }

    func bind(_ number: Int?, at index: Int32) { bind(number.map(Int64.init), at: index) }

    /// Binds a text.
    ///
    /// - Parameters:
    ///   - text: The text, or null.
    ///   - index: The parameter's number.
    ///   - room: Takes the bytes if they fit and it stays until the statement has run; else SQLite makes a copy.
    func bind(_ text: String?, at index: Int32, _ room: inout UnsafeMutableRawBufferPointer) {
        guard var text else {
            sqlite3_bind_null(handle, index)
            return
        }
        text.withUTF8 { text in
            let bytes = Self.keep(UnsafeRawBufferPointer(text), &room)
            let start = (bytes ?? UnsafeRawBufferPointer(text)).baseAddress?.assumingMemoryBound(to: CChar.self)
            sqlite3_bind_text(handle, index, start, Int32(text.count), bytes == nil ? Self.copied : nil)
        }
    }

    func bind(_ text: String?, at index: Int32) {
        var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        bind(text, at: index, &room)
    }

    /// Binds UTF-8 that stays where it is until the statement has run.
    func bind(text bytes: UnsafeRawBufferPointer, at index: Int32) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        sqlite3_bind_text(handle, index, start, Int32(bytes.count), nil)
    }

    /// Binds bytes that stay where they are until the statement has run.
    func bind(blob bytes: UnsafeRawBufferPointer, at index: Int32) {
        sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), nil)
    }

    func bind(_ id: UUIDValue, at index: Int32, _ room: inout UnsafeMutableRawBufferPointer) {
        withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { id in
            let bytes = Self.keep(id, &room)
            let start = (bytes ?? id).baseAddress
            sqlite3_bind_blob(handle, index, start, Int32(id.count), bytes == nil ? Self.copied : nil)
        }
    }

    /// Moves bytes to the beginning of the room, which is the rest of it afterwards; nil if they do not fit.
    private static func keep(
        _ bytes: UnsafeRawBufferPointer,
        _ room: inout UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        guard !bytes.isEmpty, bytes.count <= room.count else { return nil }
        let kept = UnsafeMutableRawBufferPointer(rebasing: room[..<bytes.count])
        kept.copyMemory(from: bytes)
        room = UnsafeMutableRawBufferPointer(rebasing: room[bytes.count...])
        return UnsafeRawBufferPointer(kept)
    }

    // MARK: Running

    /// Goes to the next row.
    ///
    /// - Returns: False after the last; the statement can be run again then.
    func next() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        case let code:
            let text = sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) }
            sqlite3_reset(handle)
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: text)
        }
    }

    /// Runs a statement whose rows nobody wants.
    func run() throws { while try next() {} }

    /// Leaves the rows that are left.
    func end() { sqlite3_reset(handle) }

    // MARK: Columns, from 0

    func integer(_ index: Int32) -> Int64 { sqlite3_column_int64(handle, index) }

    func optionalInteger(_ index: Int32) -> Int64? {
        sqlite3_column_type(handle, index) == SQLITE_NULL ? nil : integer(index)
    }

    func text(_ index: Int32) -> String? {
        guard let start = sqlite3_column_text(handle, index) else { return nil }
        let count = Int(sqlite3_column_bytes(handle, index))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ index: Int32) -> [UInt8] {
        // Asked first: it may move the bytes.
        let start = sqlite3_column_blob(handle, index)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index))))
    }

    func isID(_ index: Int32, _ id: UUIDValue) -> Bool {
        let bytes = UnsafeRawBufferPointer(
            start: sqlite3_column_blob(handle, index),
            count: Int(sqlite3_column_bytes(handle, index))
        )
        return withUnsafeBytes(of: (id.high.bigEndian, id.low.bigEndian)) { bytes.elementsEqual($0) }
    }

    /// SQLite's name for "make a copy": all bits of the function's address are set.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// Binds the parameters of a statement one after the other.
struct LedgerValues {
    private let statement: LedgerStatement
    private var index: Int32 = 1
    private var room: UnsafeMutableRawBufferPointer

    /// Begins with the first parameter.
    ///
    /// - Parameters:
    ///   - statement: The statement.
    ///   - room: For the bytes of texts, until the statement has run.
    init(_ statement: LedgerStatement, _ room: UnsafeMutableRawBufferPointer) {
        self.statement = statement
        self.room = room
    }

    mutating func add(_ number: Int64?) {
        statement.bind(number, at: index)
        index += 1
    }

    mutating func add(_ number: Int?) { add(number.map(Int64.init)) }

    mutating func add(_ text: String?) {
        statement.bind(text, at: index, &room)
        index += 1
    }

    mutating func add(_ id: UUIDValue) {
        statement.bind(id, at: index, &room)
        index += 1
    }
}
