// A profile: how one source's records become transcripts.

/// What a profile's YAML says, checked and compiled once; docs/PROFILES.md describes the language.
package struct Profile: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case json
        case csv
        case xml
    }

    /// How bytes become records, as far as the format leaves it open.
    package struct Decoding: Sendable {
        /// The CSV delimiter, or nil to find out.
        package var delimiter: UInt8?
        /// The names of a CSV file's columns if it has no header: a list for each number of columns that files have.
        package var columns: [[String]] = []
        /// Whether CSV columns are called by their words in lower case, joined by `_`, however they are written.
        package var foldsColumns = false
        /// XML elements whose content is markup of a text, not structure.
        package var markup: Set<String> = []
        /// Whether all texts of JSON are UTF-8 that was written as Latin-1 escapes.
        package var isMojibake = false
    }

    /// Records of another file, or other records of the same one, that are looked up by key.
    package struct Table: Sendable {
        package var name: String
        /// Where its records are.
        package var at: String
        package var detection: Detection
        var condition: Condition?
        var key: Expression
        /// What is unpacked before anything else is looked at.
        var unpacks: [UnpackRule] = []

        /// Whether it takes only some of the rows at its place.
        package var isSelective: Bool { condition != nil }
    }

    /// A name such as `intercom`.
    package var name: String
    package var title: String
    /// What names the ids of people: two profiles of one system share it.
    package var system: String
    package var kind: Kind
    package var decoding = Decoding()
    /// The zone of times that name none.
    package var zone: String?
    /// All zones that its rules name.
    package var zones: [String] {
        let kinds = records.flatMap(\.entries).flatMap(\.kinds)
        return [zone].compactMap(\.self) + kinds.flatMap(\.time).compactMap(\.zone)
    }
    package var tables: [Table] = []
    package var records: [RecordRule] = []
    /// Each rule's place in the YAML and what it is, by number; what coverage is reported of.
    package var rules: [RuleOrigin] = []
    /// The YAML.
    package var source: String = ""

    /// Whether rules see records as they were decoded, and the rows of a table all alike.
    var seesRecordsAsDecoded: Bool { !decoding.isMojibake && records.allSatisfy { $0.unpacks.isEmpty } }
}

/// Where a rule was written.
package struct RuleOrigin: Sendable, Hashable {
    package var line: Int
    package var column: Int
    /// Such as `records.messages.entries[0].kinds[1]`.
    package var path: String

    package init(line: Int, column: Int, path: String) {
        self.line = line
        self.column = column
        self.path = path
    }
}

/// By which content an input is recognised: paths that occur in its first records.
package struct Detection: Sendable {
    /// Paths that must all be there.
    package var all: [String] = []
    /// Paths of which one must be there.
    package var any: [String] = []
    /// Paths that must not be there.
    package var none: [String] = []
    /// Values of which one must have been seen at a path.
    package var values: [Sample] = []

    /// Whether it says nothing, so that every input fits.
    var isEmpty: Bool { all.isEmpty && any.isEmpty && none.isEmpty && values.isEmpty }

    /// How a value looks that must have been seen.
    package struct Sample: Sendable {
        package var path: String
        /// Texts; `*` stands for any characters.
        var patterns: [String] = []
        /// A regular expression that fits the text, or a part of it.
        var expression: String?

        /// Those of its patterns, or the regular expression, that one of some values looks like.
        package func met(by samples: [String]) -> [String] {
            guard let expression else {
                return patterns.filter { pattern in samples.contains { Glob.matches(pattern, $0) } }
            }
            guard let regex = try? Regex(expression) else { return [] }
            return samples.contains { (try? regex.firstMatch(in: $0)) != nil } ? [expression] : []
        }

        /// What it looks for, in words for people.
        package var wanted: [String] { expression.map { [$0] } ?? patterns }

        /// Whether one of some values looks so.
        package func isAmong(_ samples: [String]) -> Bool { !met(by: samples).isEmpty }
    }
}

/// How one kind of record is read.
package struct RecordRule: Sendable {
    package var name: String
    /// Where such records are: a JSONPath, an XML element path; empty for CSV.
    package var at: String
    package var detection: Detection
    /// Which of the records there it is for.
    var condition: Condition?
    /// What is unpacked before anything else is looked at.
    var unpacks: [UnpackRule] = []
    /// Whether the newest record of a conversation is the first.
    var isNewestFirst = false
    var conversation: ConversationRule
    var participants: [ParticipantRule] = []
    var entries: [EntryRule] = []
    /// Paths that are not carried over, and why.
    var drops: [DropRule] = []
}

/// What stands in a record instead of a text before any other rule looks at it.
struct UnpackRule: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        case base64
        /// Objects and arrays become real structure.
        case json
        case html
        /// A list of the pieces between separators.
        case pieces(separator: String)
        /// The list of what the steps behind it make of each section that begins with a text.
        case sections(before: String)
        /// A list of objects, one for each line that a regular expression fits, of its named groups.
        case cut(at: String)
    }

    /// The texts, seen from the record.
    var path: ValuePath
    var steps: [Step]
}

/// What is not carried over.
struct DropRule: Sendable {
    var path: ValuePath
    var reason: String
    /// Whether it is dropped, seen from the object that it lies in.
    var condition: Condition?
}

/// What a record says about its conversation.
struct ConversationRule: Sendable {
    /// What its messages share; nil makes each record a conversation.
    var key: Expression?
    /// Seconds of silence that end a conversation; nil if none do.
    var gap: Int64?
    /// Values of the payload by slot; lists add all that their expression finds.
    var fields: [(slot: Slot, value: Expression)] = []
    /// Entries of `reference.ids`.
    var ids: [(name: String, value: Expression)] = []
    /// Members of the conversation's metadata.
    var metadata: [(name: String, value: Expression)] = []
}

/// People that a record lists apart from what they said.
struct ParticipantRule: Sendable {
    var each: [ValuePath]
    /// What entries refer to them by; the id if there is nothing else.
    var key: Expression?
    /// Whether entries refer to them by their position in the list.
    var keyIsPosition = false
    var sender: SenderRule
}

/// Who somebody is.
struct SenderRule: Sendable {
    /// Refers to a listed participant.
    var participant: Expression?
    var id: Expression?
    var name: Expression?
    var email: Expression?
    var phone: Expression?
    var role: Expression?
}

/// What becomes of the items at one path of a record.
struct EntryRule: Sendable {
    /// The items; none is the record itself.
    var each: [ValuePath] = []
    /// Whether the newest item is the first.
    var isNewestFirst = false
    /// The first one whose condition holds decides.
    var kinds: [KindRule]
}

/// What one kind of item becomes.
struct KindRule: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        /// Something that somebody said.
        case message
        /// Something that the system says: joins, transfers, field changes.
        case event
        /// Something that colleagues said among themselves.
        case note
        /// A message that was taken back.
        case deleted
        /// Nothing to carry over, for a reason that has a name.
        case skip
    }

    var kind: Kind
    var condition: Condition?
    var id: Expression?
    var time: [TimeRule] = []
    var sender = SenderRule()
    var text: Expression?
    /// The id of the message whose text this one replaces.
    var replaces: Expression?
    /// Whether it comes before all others, and not at all if the first message says the same.
    var isOpening = false
    var attachments: [AttachmentRule] = []
    /// Why it is skipped.
    var reason = ""
    var rule: Int
}

/// When an entry was written: where the text is, and how to read it.
struct TimeRule: Sendable {
    var value: Alternative
    /// `automatic`, `seconds`, `milliseconds`, `microseconds`, `nanoseconds`, or a pattern.
    var format = "automatic"
    /// The language of month and day names in a pattern.
    var locale = "en"
    var zone: String?
    /// A time span since the entry before it, or since this time for the first one.
    var since: Expression?
    /// A time span since the last entry of the list that told its own time, or else since this one.
    var after: Expression?

    /// Whether the text says how long after another time, not when.
    var isSpan: Bool { since != nil || after != nil }
}

/// Files that came with an entry.
struct AttachmentRule: Sendable {
    /// The files; none is the item itself.
    var each: [ValuePath] = []
    var url: Expression?
    var name: Expression?
    var type: Expression?
    var id: Expression?
}
