// What differs between two Interactions that are one and the same in two conversions.

/// An Interaction of one conversion beside the same of another.
public struct InteractionDifference: Sendable, Hashable {
    /// What became of the Interaction.
    public enum Kind: String, Sendable, Hashable {
        /// It says the same in both conversions.
        case equal
        /// It is in both, and says something else.
        case changed
        /// It is in the new conversion only.
        case added
        /// It is in the old conversion only.
        case removed
    }

    /// Where an Interaction is, and what tells it from others.
    public struct Place: Sendable, Hashable {
        /// Its number in its file, from 1.
        public var record: Int
        /// Its thread.
        public var threadId: String
        /// Which part of a conversation that was cut it is, from 1; nil if it was not cut.
        public var part: Int?
        /// Its request's id.
        public var requestId: String
        /// The messages of its conversations.
        public var messages: Int
    }

    /// One place inside an Interaction.
    public struct Change: Sendable, Hashable {
        /// What happened there.
        public enum Kind: String, Sendable, Hashable {
            /// Another value.
            case changed
            /// A member or element that was not there.
            case added
            /// A member or element that is there no more.
            case removed
            /// An element that stands elsewhere among the same elements.
            case moved
            /// Nothing; for what surrounds the others.
            case same
        }

        /// What happened.
        public var kind: Kind
        /// The place in the new Interaction, or in the old one for what is removed, such as
        /// `request.scope.conversations[0].messages[2].content`; paths start in the payload, or with `headers`.
        public var path: String
        /// Where a moved element was.
        public var oldPath: String?
        /// The path without positions: `request.scope.conversations[].messages[].content`.
        public var pattern: String
        /// The value before, as canonical JSON; texts are masked unless they were asked for.
        public var old: String?
        /// The value afterwards, likewise.
        public var new: String?
        /// What the change may come from, the same words for the same rule: `"EndUser" → "user"`, `white space`.
        public var cause: String?
    }

    /// What became of it.
    public var kind: Kind
    /// Where it was; nil if it is added.
    public var old: Place?
    /// Where it is; nil if it is removed.
    public var new: Place?
    /// What differs, in the order of the new Interaction; empty unless it is changed.
    public var changes: [Change] = []
    /// An RFC 6902 patch as JSON that makes the new Interaction of the old one; nil unless asked for.
    ///
    /// What is not there counts as `null` before it is added, and after it is removed.
    public var patch: String?

    /// Where it is, or was.
    public var place: Place? { new ?? old }
}
