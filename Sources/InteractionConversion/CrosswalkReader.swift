// Reads the table of participants that a person has decided: CSV or NDJSON.

public import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// A crosswalk that cannot be read.
public struct CrosswalkFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named.
    public let path: String
    /// The line, from 1; 0 where none is concerned.
    public let line: Int
    /// What is wrong, and what to do.
    public let message: String

    /// Place and message in one line; a message about the whole file names the file itself.
    public var description: String { line > 0 ? "\(path):\(line): \(message)" : message }
}

extension Crosswalk {
    /// Reads a crosswalk.
    ///
    /// Columns or members: `sourceKey`, `system`, `participantId`, `displayName`, `role`; all but the first may be empty.
    /// A source key is a person's id in the source, `email:` and an address, `phone:` and a number, `name:` and a display
    /// name, or `role:` and a role of the target; with a system it is about the people of that system only. What an
    /// export says besides is ignored.
    ///
    /// - Parameter path: A `.csv` file, or NDJSON under any other name; may be compressed.
    /// - Throws: ``CrosswalkFailure``.
    public init(contentsOf path: String) throws(CrosswalkFailure) {
        self.init()
        let text = try Self.read(path)
        var name = path.lowercased()
        if name.hasSuffix(".gz") { name.removeLast(3) }
        if name.hasSuffix(".csv") {
            try readTable(text, path)
        } else {
            try readLines(text, path)
        }
    }

    private static func read(_ path: String) throws(CrosswalkFailure) -> [UInt8] {
        do {
            return try WholeInput.read(path)
        } catch {
            throw CrosswalkFailure(path: path, line: 0, message: error.description)
        }
    }

    /// What decides.
    static let columns = ["sourceKey", "system", "participantId", "displayName", "role"]
    /// What an export says besides, for people.
    static let ignoredColumns = ["status", "currentId", "seenNames", "seenRoles", "conversations", "evidence"]

    private mutating func readTable(_ text: [UInt8], _ path: String) throws(CrosswalkFailure) {
        var decoder = DelimitedDecoder(dialect: DelimitedDialect(delimiter: UInt8(ascii: ",")))
        var builder = DecodedBatchBuilder()
        text.withUnsafeBytes { decoder.decode($0, isFinal: true, into: &builder) }
        for column in decoder.columns where !(Self.columns + Self.ignoredColumns).contains(column) {
            throw CrosswalkFailure(
                path: path,
                line: decoder.headerLine ?? 1,
                message: "unknown column '\(column)'; expected \(Self.columns.joined(separator: ","))"
            )
        }
        let batch = builder.seal()
        // A decision of a person is not guessed at: whatever is odd about a row is for that person to put right.
        if let fault = batch.faults.first(where: { $0.code != .textReencoded }) {
            throw CrosswalkFailure(path: path, line: fault.line ?? 0, message: fault.message)
        }
        for record in batch.records {
            let view = batch.view(of: record)
            var values: [String: String] = [:]
            view.forEachMember(view.root) { key, value in
                values[view.text(key).string] = SpreadsheetCell.read(view.text(value).string)
            }
            try addEntry(values, path, record.line)
        }
    }

    private mutating func readLines(_ text: [UInt8], _ path: String) throws(CrosswalkFailure) {
        var line = 0
        for piece in text.split(separator: 0x0A, omittingEmptySubsequences: false) {
            line += 1
            guard piece.contains(where: { $0 > 0x20 }) else { continue }
            let bytes = PaddedBytes(Array(piece))
            var tape = JSONTape()
            do {
                try tape.scan(bytes.start, count: bytes.count)
            } catch {
                throw CrosswalkFailure(path: path, line: line, message: "not JSON: \(error.description)")
            }
            let view = tape.view(of: bytes.start)
            guard view.kind(view.root) == .object else {
                throw CrosswalkFailure(path: path, line: line, message: "expected an object")
            }
            var values: [String: String] = [:]
            var fault: String?
            view.forEachMember(view.root) { key, value in
                let name = view.text(key).string
                if Self.ignoredColumns.contains(name) {
                    return
                } else if !Self.columns.contains(name) {
                    fault = fault ?? "unknown member '\(name)'; expected \(Self.columns.joined(separator: ", "))"
                } else if view.kind(value) == .string {
                    values[name] = view.text(value).string
                } else if view.kind(value) == .number {
                    values[name] = String(decoding: view.bytes(value), as: UTF8.self)
                } else if view.kind(value) != .null {
                    fault = fault ?? "\(name) must be a text"
                }
            }
            if let fault { throw CrosswalkFailure(path: path, line: line, message: fault) }
            try addEntry(values, path, line)
        }
    }

    private mutating func addEntry(_ values: [String: String], _ path: String, _ line: Int) throws(CrosswalkFailure) {
        guard let key = values["sourceKey"], !key.isEmpty else {
            throw CrosswalkFailure(path: path, line: line, message: "the sourceKey is missing")
        }
        func value(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }
        var role: ParticipantRole?
        if let name = value("role") {
            role = ParticipantRole(rawValue: name)
            if role == nil {
                throw CrosswalkFailure(
                    path: path,
                    line: line,
                    message: "the role '\(name)' is none of user, operator, bot, system"
                )
            }
        }
        let entry = Entry(participantId: value("participantId"), displayName: value("displayName"), role: role)
        guard add(key, entry, system: value("system")) else {
            throw CrosswalkFailure(
                path: path,
                line: line,
                message: "the sourceKey '\(key)' is decided twice, differently; keep one line"
            )
        }
    }
}
