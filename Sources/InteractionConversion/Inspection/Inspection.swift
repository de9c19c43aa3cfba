// What an input turned out to be: the answer of `inspect`.

public import InteractionModel

/// What is known of one file, folder or archive after a look at it, and a conversion that writes nothing.
public struct Inspection: Sendable {
    /// What a path stands for.
    public enum Container: String, Sendable, Hashable {
        case file
        case folder
        case archive
        case standardInput = "standard-input"
    }

    /// How a file is written, as far as its first bytes show it.
    public enum Syntax: String, Sendable, Hashable {
        case json
        case xml
        case table
        /// Text of no syntax that is read here.
        case text
        case binary
        /// Nothing, blanks, or an array of nothing.
        case empty
    }

    /// How a table is written.
    public struct Dialect: Sendable, Hashable {
        /// What parts the cells.
        public var delimiter: String
        /// How many columns there are.
        public var columns: Int
        /// Whether the first row names them.
        public var hasHeader: Bool
    }

    /// Files that are alike: one, or many of a folder or an archive.
    public struct Group: Sendable, Hashable {
        /// How many files there are.
        public var files = 1
        /// The first of them, as people are told of it.
        public var first: String
        /// How they are written.
        public var syntax: Syntax
        /// The text encoding; nil for what is no text.
        public var encoding: String?
        /// How the table is written, if they are tables.
        public var dialect: Dialect?
        /// The profile that reads them, or `legacy`; nil if there is none.
        public var format: String?
        /// What spoke for it.
        public var evidence: [FormatSign] = []
        /// The formats that fit equally well, if there are several.
        public var candidates: [String] = []
        /// The formats that they nearly are, the nearest first.
        public var nearMisses: [NearMiss] = []
    }

    /// Records of one structure.
    public struct Shape: Sendable, Hashable {
        /// Such as `{id: number, messages: [{text: text}]}`.
        public var structure: String
        /// How many records have it.
        public var records: Int
        /// The first of them as JSON: keys as they are, letters as `x` and digits as `9` unless content is shown.
        public var example: String
    }

    /// What those of one role did.
    public struct Sender: Sendable, Hashable {
        /// People told apart, each once in a conversation.
        public var people = 0
        /// Messages.
        public var messages = 0
        /// What is no message: notes, joins, transfers.
        public var interactions = 0

        init() {}
    }

    /// An option of `convert` that the input calls for.
    public struct Advice: Sendable, Hashable {
        /// Such as `--timezone`.
        public var option: String
        /// Its value as a shell takes it; capital letters stand for what only a person knows.
        public var value: String
        /// Why it is needed.
        public var reason: String
    }

    /// The path as it was named.
    public let input: String
    /// What it stands for.
    public let container: Container
    /// Its files, those that are alike together, in order of appearance.
    public internal(set) var groups: [Group] = []
    /// Profiles and generations that its records are of, sorted; none if it is of no known format.
    public internal(set) var formats: [String] = []
    /// Bytes of each file that were looked at; nil if it was all of them.
    public internal(set) var sample: Int?
    /// What a conversion would do: books, findings, field ledger.
    public internal(set) var report = ConversionReport()
    /// The earliest and the latest time of what is said.
    public internal(set) var times: (first: Instant, last: Instant)?
    /// By role of the target.
    public internal(set) var senders: [String: Sender] = [:]
    /// The structures of records, those of most records first.
    public internal(set) var shapes: [Shape] = []
    /// Records of other structures, which are too many to be told apart.
    public internal(set) var otherRecords = 0
    /// What a conversion needs to be told.
    public internal(set) var advice: [Advice] = []

    /// Whether it is of a known format, and of one only that is the best.
    public var isKnown: Bool {
        !groups.contains { !$0.candidates.isEmpty }
            && (!formats.isEmpty || groups.allSatisfy { $0.syntax == .empty } && !report.hasUnreadableInput)
    }

    /// The values that are not at a target, by what becomes of them.
    public var leftovers:
        (
            kept: [ConversionReport.Field], unknown: [ConversionReport.Field],
            dropped: [ConversionReport.Field]
        )
    {
        // What no rule used has a place of its own in the metadata.
        let isUnknown = { (field: ConversionReport.Field) in
            field.note == "metadata.source" || field.note.hasSuffix("(unknown field)")
        }
        let kept = report.fields.filter { $0.disposition == .kept }
        return (
            kept.filter { !isUnknown($0) }, kept.filter(isUnknown), report.fields.filter { $0.disposition == .dropped }
        )
    }

    /// The command that is next: to convert, or to describe what is of no known format.
    ///
    /// - Parameter given: Options of `convert` that the inspection was given, as a shell takes them.
    /// - Returns: Nil if there is nothing to do with it.
    public func command(given: [String] = []) -> String? {
        let name = "interaction-migrate"
        let path = ShellWord.quoted(input)
        guard isKnown || groups.contains(where: { !$0.candidates.isEmpty }) else {
            let isReadable = groups.contains { [.json, .xml, .table].contains($0.syntax) }
            return isReadable && container == .file ? "\(name) profiles new \(path) -o profile.yaml" : nil
        }
        let options = given + advice.flatMap { [$0.option, $0.value] }
        return ([name, "convert", path] + options + ["-o", "interactions.ndjson"]).joined(separator: " ")
    }
}

/// Words as a shell takes them.
public enum ShellWord {
    /// Cuts a command line into words, as a shell does that knows nothing but quotes.
    ///
    /// - Parameter text: Words between spaces; what is within quotes is as it stands there.
    /// - Returns: The words, or nil if a quote is not closed.
    package static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in text {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
                word = word ?? ""
            } else if quote == nil, character.isWhitespace {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return quote == nil ? words : nil
    }

    /// A word that a shell leaves as it is.
    ///
    /// - Parameter text: Any text.
    /// - Returns: The text itself if nothing in it means anything to a shell, else in quotes.
    public static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                    true
                default: "-_./:,+@%=".utf8.contains(byte)
                }
            }
        return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
