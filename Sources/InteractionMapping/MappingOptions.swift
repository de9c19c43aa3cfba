// What the person who runs a conversion decides.

/// The choices that shape Interactions; equal options and input give equal bytes.
public struct MappingOptions: Sendable {
    /// In which form an Interaction is written.
    public enum Form: String, Sendable, CaseIterable {
        /// The bare payload, as the body of a REST request.
        case rest
        /// The payload in its envelope, as a WebSocket frame.
        case websocket
    }

    /// What happens to a conversation that is too large for one message.
    public enum Oversize: String, Sendable, CaseIterable {
        /// It is cut into parts.
        case split
        /// Its record is rejected.
        case reject
    }

    /// What happens to a message that was taken back in its source.
    public enum Deleted: String, Sendable, CaseIterable {
        /// Its last text stays, or a placeholder where the source has none.
        case keep
        /// It is left out and counted.
        case drop
    }

    /// What happens to texts that are HTML.
    public enum HTML: String, Sendable, CaseIterable {
        /// They become text that people can read.
        case text
        /// They stay as they are.
        case keep
    }

    /// Used where a record names no organization; never overrides one.
    public var organizationId: String?
    /// Used where a record names no tenant; never overrides one.
    public var tenantId: String?
    /// What is tried, in order, where a record has no thread of its own.
    public var threadFrom: [ThreadCandidate] = ThreadCandidate.standard
    /// Roles by the name that the source gives them, lower-cased; the empty name stands for no role at all.
    public var roles: [String: ParticipantRole] = [:]
    /// Participants whose ids are decided by hand.
    public var crosswalk = Crosswalk()
    /// In which form Interactions are written.
    public var form: Form = .rest
    /// What happens to a conversation that is too large for one message.
    public var oversize: Oversize = .split
    /// What happens to a message that was taken back.
    public var deleted: Deleted = .keep
    /// What happens to texts that are HTML.
    public var html: HTML = .text
    /// The zone of times that name none, such as `Europe/Paris`; a profile's own goes first.
    public var timezone: String?
    /// The region of phone numbers without a country code; nil leaves all numbers as the source has them.
    public var phoneRegion: PhoneRegion?
    /// Seconds of silence that end a conversation; nil leaves it to the profile.
    public var gap: Int64?
    /// Whether what would be decided for lack of better knowledge rejects the record instead.
    public var isStrict = false

    /// What is masked in the texts of messages; nothing unless asked for.
    public var redaction = Redaction()

    /// Whether outcomes say by what the source knows each participant; of no effect on Interactions.
    package var tellsPeople = false

    /// Whether outcomes of legacy records say what became of each value; of no effect on Interactions.
    package var tellsFields = false

    /// Makes the default choices.
    public init() {}
}

/// Where a thread id may come from.
public enum ThreadCandidate: Hashable, Sendable {
    /// A field of the record: its whole path, or its last key.
    case field(String)
    /// An id computed from the conversation.
    case derived

    /// A ticket's or conversation's id, else one that is computed from the conversation.
    public static let standard: [ThreadCandidate] = [
        .field("conversation_id"), .field("conversationId"), .field("ticket_id"), .field("ticketId"),
        .field("request.context.case_id"), .field("request.context.caseId"), .derived,
    ]

    /// Reads one candidate as it is written on a command line.
    ///
    /// - Parameter text: A path, a key, or `derived`.
    public init(_ text: String) {
        self = text == "derived" ? .derived : .field(text)
    }
}

/// Who speaks, as far as the target is concerned; `system` speaks in `scope.interactions`.
public enum ParticipantRole: String, Sendable, Hashable, CaseIterable {
    case user
    case `operator`
    case bot
    case system
}

extension ParticipantRole {
    /// The role that a source name stands for in every generation, in any letter case.
    ///
    /// - Parameter name: The name as the source spells it.
    package init?(known name: UnsafeRawBufferPointer) {
        switch name.count {
        case 3 where name.equalsIgnoringCase("bot"): self = .bot
        case 4 where name.equalsIgnoringCase("user"): self = .user
        case 5 where name.equalsIgnoringCase("agent"): self = .operator
        case 6 where name.equalsIgnoringCase("system"): self = .system
        case 7 where name.equalsIgnoringCase("enduser"): self = .user
        case 8 where name.equalsIgnoringCase("operator"): self = .operator
        default: return nil
        }
    }

    var literal: StaticString {
        switch self {
        case .user: "user"
        case .operator: "operator"
        case .bot: "bot"
        case .system: "system"
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are a lower-case ASCII word in any letter case.
    func equalsIgnoringCase(_ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] | 0x20 != word.utf8Start[index] { return false }
        return true
    }
}
