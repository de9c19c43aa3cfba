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

    /// Entries that hold for the people of one source system only, by the system.
    public private(set) var systems: [String: [String: Entry]] = [:]

    /// Makes an empty table, which decides nothing.
    public init() {}

    /// Whether it decides nothing.
    public var isEmpty: Bool { entries.isEmpty && systems.isEmpty }

    /// What is decided about a key.
    ///
    /// - Parameters:
    ///   - key: The source key.
    ///   - system: The source system that the person is of; an entry for it goes before one for all.
    /// - Returns: The decision, or nil.
    public func entry(for key: String, of system: String) -> Entry? { systems[system]?[key] ?? entries[key] }

    /// Forgets what is decided about a key: what ``entry(for:of:)`` gives.
    package mutating func remove(_ key: String, of system: String) {
        if systems[system]?.removeValue(forKey: key) == nil { entries[key] = nil }
    }

    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - key: The source key.
    ///   - entry: What it decides.
    ///   - system: The one source system that it is about; nil for all.
    /// - Returns: False if the key was there with another decision.
    @discardableResult
    public mutating func add(_ key: String, _ entry: Entry, system: String? = nil) -> Bool {
        let known = system.map { systems[$0]?[key] } ?? entries[key]
        guard known == nil else { return known == entry }
        if let system { systems[system, default: [:]][key] = entry } else { entries[key] = entry }
        return true
    }
}
