// What a person should know about the data: a value, never thrown.

/// Something about one piece of input, or output, that a person may have to act on.
public struct Finding: Hashable, Sendable {
    /// How much it matters.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// Worth knowing; nothing is lost.
        case note
        /// Something was decided for lack of better knowledge.
        case warning
        /// The record, or the input, could not be used.
        case error
    }

    /// Where in the data's way it came up.
    public enum Stage: String, Hashable, Sendable {
        case read
        case parse
        case map
        case resolve
        case check
        case submit
    }

    /// Where the thing lies in the source.
    public struct Place: Hashable, Sendable {
        /// The input as it was named; `-` is standard input.
        public var file: String
        /// The record's number in its file, from 1; nil when it concerns the file.
        public var record: Int?
        /// The line, from 1.
        public var line: Int?
        /// The column in bytes, from 1.
        public var column: Int?
        /// Offset in bytes from the start of the file, after decompression.
        public var offset: Int64?

        /// Makes a place.
        public init(file: String, record: Int? = nil, line: Int? = nil, column: Int? = nil, offset: Int64? = nil) {
            self.file = file
            self.record = record
            self.line = line
            self.column = column
            self.offset = offset
        }
    }

    /// What kind of thing it is; stable.
    public var code: FindingCode
    /// How much it matters.
    public var severity: Severity
    /// Where in the data's way it came up.
    public var stage: Stage
    /// Where it lies in the source.
    public var place: Place
    /// The path of the value concerned, such as `session.user_perspective[3].role`.
    public var path: String?
    /// What is the matter, without any text of a message.
    public var message: String
    /// What to do about it.
    public var remedy: String?

    /// Makes a finding.
    public init(
        _ code: FindingCode,
        _ severity: Severity,
        stage: Stage,
        place: Place,
        path: String? = nil,
        message: String,
        remedy: String? = nil
    ) {
        self.code = code
        self.severity = severity
        self.stage = stage
        self.place = place
        self.path = path
        self.message = message
        self.remedy = remedy
    }
}

extension Finding.Place: CustomStringConvertible {
    /// `file:line:column`, or what else is known.
    public var description: String {
        if let line { return column.map { "\(file):\(line):\($0)" } ?? "\(file):\(line)" }
        if let offset { return "\(file): byte \(offset)" }
        return record.map { "\(file): record \($0)" } ?? file
    }
}

extension Finding: CustomStringConvertible {
    /// One line for people: place, severity, code, message, remedy.
    public var description: String {
        var text = "\(place): \(severity.rawValue): \(message)"
        if let path { text += " at \(path)" }
        text += " [\(code.rawValue)]"
        if let remedy { text += "; \(remedy)" }
        return text
    }
}
