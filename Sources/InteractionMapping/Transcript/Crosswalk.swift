// Participants whose ids a person has decided.

/// The reviewed table of participants: which source key is which participant.
public struct Crosswalk: Sendable, Hashable {
    /// What a key decides.
    public struct Entry: Sendable, Hashable {
        /// The participant's id in the target; nil leaves it to the rules.
        public var participantId: String?
        /// The name to show; nil leaves the source's.
        public var displayName: String?
        /// The role; nil leaves the source's.
        public var role: ParticipantRole?

        /// Makes an entry.
        public init(participantId: String?, displayName: String? = nil, role: ParticipantRole? = nil) {
            self.participantId = participantId
            self.displayName = displayName
            self.role = role
        }
    }

    /// Entries by source key: a source's person id as it is, `name:` and a display name, or `role:` and a role's name.
    public private(set) var entries: [String: Entry] = [:]

    /// Makes an empty table, which decides nothing.
    public init() {}

    /// Whether it decides nothing.
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - key: The source key.
    ///   - entry: What it decides.
    /// - Returns: False if the key was there with another decision.
    @discardableResult
    public mutating func add(_ key: String, _ entry: Entry) -> Bool {
        guard let earlier = entries[key] else {
            entries[key] = entry
            return true
        }
        return earlier == entry
    }
}
