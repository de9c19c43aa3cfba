// What became of one record: one line of the outcome file.

public import InteractionModel

/// What became of one source record.
public struct RecordOutcome: Sendable {
    /// How it ended.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// It is one Interaction, or several parts of one.
        case converted
        /// It could not be converted; the findings say why.
        case rejected
        /// It is no Customer Interaction but another message of the same system.
        case skipped
        /// It is a snapshot of a thread that has become one Interaction with others.
        case folded
    }

    /// A participant of the output, and the rule by which it got its id.
    public struct ResolvedParticipant: Sendable, Hashable {
        /// The id in the output.
        public var participantId: String
        /// The role in the output.
        public var role: ParticipantRole
        /// One of the words that docs/CLI.md lists for outcome lines.
        public var rule: String
        /// What the source says of them, each way that it does; empty unless asked for.
        package var people: [SourcePerson] = []

        package init(participantId: String, role: ParticipantRole, rule: String) {
            self.participantId = participantId
            self.role = role
            self.rule = rule
        }

        /// What the rule says, for people.
        public var ruleMeaning: String { Self.meaning(ofRule: rule) }

        /// What a rule says, for people; nothing for a word that is none.
        package static func meaning(ofRule rule: String) -> String { Speaker.Rule(rawValue: rule)?.meaning ?? "" }
    }

    /// One Interaction made from the record.
    public struct Output: Sendable, Hashable {
        /// The position in the output of the whole run, from 0.
        public var index: Int
        /// The id of the request.
        public var requestId: String
        /// Where the Interaction's bytes lie in the run of bytes that it came with.
        package var range: Range<Int>

        package init(index: Int, requestId: String, range: Range<Int>) {
            self.index = index
            self.requestId = requestId
            self.range = range
        }

        /// The Interaction's size in bytes.
        public var size: Int { range.count }
    }

    /// The input as it was named.
    public var file: String
    /// The record's number in its file, from 1.
    public var record: Int
    /// First byte and byte after the last, counted after decompression.
    public var bytes: Range<Int64>
    /// How it ended.
    public var kind: Kind
    /// The generation, if it was recognised.
    public var generation: Generation?
    /// The profile by which it was read, if it is no legacy payload.
    public var profile: String?
    /// How many source records became the conversation; ``record`` is the first of them.
    public var recordCount = 1
    /// The thread, if the record was converted.
    public var threadId: String?
    /// The Interactions made from it, in order.
    public var outputs: [Output] = []
    /// The Interactions that hold what the record said, if it is one of several snapshots that became them together.
    public var foldedInto: [Output] = []
    /// The participants of all outputs, in order of appearance.
    public var participants: [ResolvedParticipant] = []
    /// What a person should know.
    public var findings: [Finding] = []
    /// What became of a legacy record's values; empty unless asked for.
    package var fields: [FieldFate] = []
    /// For each message of a folded snapshot whether a later one has it as well; empty unless asked for.
    package var repeated: [Bool] = []

    package init(file: String, record: Int, bytes: Range<Int64>, kind: Kind) {
        self.file = file
        self.record = record
        self.bytes = bytes
        self.kind = kind
    }
}

/// The counts that must balance: `in` of each level equals the sum of the others.
public struct Books: Sendable, Hashable {
    /// One level's counts.
    public struct Level: Sendable, Hashable {
        /// What was read.
        public var total = 0
        /// What is at its target.
        public var mapped = 0
        /// What is in the output in another role.
        public var moved = 0
        /// What is kept in metadata.
        public var kept = 0
        /// What was left out, by the name of the rule.
        public var dropped: [String: Int] = [:]
        /// What was refused.
        public var rejected = 0

        /// Whether everything that was read is accounted for.
        public var isBalanced: Bool { total == mapped + moved + kept + dropped.values.reduce(0, +) + rejected }

        package static func += (left: inout Level, right: Level) {
            left.total += right.total
            left.mapped += right.mapped
            left.moved += right.moved
            left.kept += right.kept
            left.rejected += right.rejected
            left.dropped.merge(right.dropped, uniquingKeysWith: +)
        }

        /// The counts of so many things that are alike.
        func multiplied(by factor: Int) -> Level {
            var level = self
            level.total *= factor
            level.mapped *= factor
            level.moved *= factor
            level.kept *= factor
            level.rejected *= factor
            level.dropped = dropped.mapValues { $0 * factor }
            return level
        }

        /// Makes empty counts.
        public init() {}
    }

    /// Inputs named or found.
    public var files = Level()
    /// Source records.
    public var records = Level()
    /// Conversations in records that could be read that far.
    public var conversations = Level()
    /// Entries of conversations.
    public var messages = Level()
    /// Speakers told apart.
    public var participants = Level()
    /// Leaves of JSON values.
    public var sourceFields = Level()
    /// How often something was masked in texts, by the names of ``Redaction/Kind``.
    public var redacted: [String: Int] = [:]

    /// Makes empty books.
    public init() {}

    /// Adds another worker's, or another batch's, counts.
    package static func += (left: inout Books, right: Books) {
        left.files += right.files
        left.records += right.records
        left.conversations += right.conversations
        left.messages += right.messages
        left.participants += right.participants
        left.sourceFields += right.sourceFields
        if !right.redacted.isEmpty { left.redacted.merge(right.redacted, uniquingKeysWith: +) }
    }

    /// The levels with the names that reports use, from the largest to the smallest.
    public var levels: [(name: String, counts: Level)] {
        [
            ("files", files), ("records", records), ("conversations", conversations), ("messages", messages),
            ("participants", participants), ("sourceFields", sourceFields),
        ]
    }

    /// Whether every level balances.
    public var isBalanced: Bool { levels.allSatisfy { $0.counts.isBalanced } }
}
