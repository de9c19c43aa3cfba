// What a person is shown about people: keys, conflicts, evidence.

public import InteractionMapping

/// A place in the inputs.
public struct ParticipantPlace: Sendable, Hashable {
    /// The input as it was named.
    public var file: String
    /// The record's number in its file, from 1.
    public var record: Int
    /// The thread of the conversation; nil where it is not told.
    public var threadId: String?
    /// By which rule the id came about; nil where it is not told.
    public var rule: String?
}

/// One key by which a source knows somebody, and what is decided or proposed about it: one line of a crosswalk.
public struct ParticipantKey: Sendable, Hashable {
    /// What is the matter with a key.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// There is nothing to decide.
        case own
        /// The id is that of another key, which facts say is the same person.
        case join
        /// A person must decide.
        case conflict
        /// It means somebody within each conversation only.
        case local
        /// A crosswalk has decided it.
        case decided
        /// A crosswalk has decided it, and it is not in the inputs.
        case unseen
    }

    /// The key as a crosswalk names it.
    public var sourceKey: String
    /// The source system that it is of; nil for what means the same everywhere.
    public var system: String?
    /// The decided or proposed id; nil leaves it to the rules.
    public var participantId: String?
    /// The decided name.
    public var displayName: String?
    /// The decided role.
    public var role: ParticipantRole?
    /// What is the matter with it.
    public var status: Status
    /// The id that the rules alone, or an earlier decision, give; nil if it depends on the conversation.
    public var currentId: String?
    /// The names seen with it, sorted; a few at most.
    public var seenNames: [String] = []
    /// The roles that it speaks in, sorted.
    public var seenRoles: [String] = []
    /// In how many conversations it tells a participant apart.
    public var conversations = 0
    /// What speaks for the status.
    public var evidence = ""
}

/// Something about people that facts do not settle.
public struct ParticipantConflict: Sendable, Hashable {
    /// What contradicts.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// An address or number with so many ids or names that it is nobody's own.
        case sharedMailbox = "shared-mailbox"
        /// One person by the facts, in two roles.
        case twoRoles = "two-roles"
        /// One person by the facts, with two ids of one system.
        case twoIds = "two-ids"
        /// One person by the facts, with two ids by decision.
        case twoDecisions = "two-decisions"
        /// A name without an id in several conversations, or beside an id.
        case sameName = "same-name"
        /// A join that one line of a crosswalk cannot tell, since the key is of two organizations.
        case twoOrganizations = "two-organizations"

        /// What is the matter, for people.
        public var message: String {
            switch self {
            case .sharedMailbox: "so many share the address or number that it is nobody's own"
            case .twoRoles: "facts say one person, in two roles"
            case .twoIds: "facts say one person, with two ids of one system"
            case .twoDecisions: "facts say one person, decided as two"
            case .sameName: "the name may be one person or several; nothing but the name says so"
            case .twoOrganizations: "the key is of two organizations, which a crosswalk cannot tell apart"
            }
        }

        /// What to do about it, for people.
        public var remedy: String {
            switch self {
            case .sameName: "give the key one participantId if it is one person; else leave it empty"
            case .twoOrganizations: "make one crosswalk for each organization"
            default: "give each key the participantId that it is to have; currentId confirms what is"
            }
        }
    }

    /// What contradicts.
    public var kind: Kind
    /// The keys concerned, the first ones of many.
    public var keys: [ParticipantKey]
    /// How many keys there are.
    public var keyCount: Int
    /// Where the first of them is seen first.
    public var place: ParticipantPlace
}

/// How a participant came by its id.
public struct ParticipantExplanation: Sendable, Hashable {
    /// That two keys stand on one record.
    public struct Fact: Sendable, Hashable {
        /// One key.
        public var first: String
        /// The other key.
        public var second: String
        /// On how many records they stand, counted once a conversation and way of naming.
        public var count: Int
        /// Where first.
        public var place: ParticipantPlace
    }

    /// How often each rule gave the id.
    public var rules: [String: Int] = [:]
    /// The keys that the id stands for.
    public var keys: [ParticipantKey] = []
    /// The keys that facts put together with those.
    public var related: [ParticipantKey] = []
    /// What stands on one record with them.
    public var facts: [Fact] = []
    /// What facts do not settle about them.
    public var conflicts: [ParticipantConflict.Kind] = []
    /// Conversations that it is in, the first ones of many.
    public var places: [ParticipantPlace] = []
    /// How many conversations that are.
    public var placeCount = 0

    /// Whether nobody has the id.
    public var isEmpty: Bool { placeCount == 0 }
}
