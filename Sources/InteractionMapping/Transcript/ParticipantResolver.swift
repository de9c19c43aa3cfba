// Who is who in one conversation, and under which id.

internal import InteractionModel

/// Tells the speakers of one conversation apart and gives each an id (rules of docs/MAPPING.md, "Participants").
///
/// It sees one conversation and the crosswalk, nothing else, so that ids never depend on what else is in a run.
struct ParticipantResolver: ~Copyable {
    private(set) var participants: [Speaker] = []
    /// Many speakers are looked up here; few are compared one by one, which is faster.
    private var lookup: [Key: Int] = [:]

    private struct Key: Hashable {
        var kind: UInt8
        var text: [UInt8]
        var role: ParticipantRole
    }

    private static let linearLimit = 24
    /// The participants of whom nothing but the role is known.
    private var nameless: [ParticipantRole: Int] = [:]

    mutating func reset() {
        participants.removeAll(keepingCapacity: true)
        if !lookup.isEmpty { lookup.removeAll() }
        if !nameless.isEmpty { nameless.removeAll() }
    }

    /// The participant for an id, a name or nothing but a role; made if it is new.
    ///
    /// - Parameters:
    ///   - id: The source's id for the person, if it has one.
    ///   - name: The display name, if there is one.
    ///   - role: The role.
    /// - Returns: The participant's index.
    mutating func participant(id: TextSlice?, name: TextSlice?, role: ParticipantRole) -> Int {
        if let id {
            if let found = find(0, id, role, where: { $0.key.map { $0.equals(id) } ?? false }) {
                if participants[found].name == nil { participants[found].name = name }
                return found
            }
            return add(Speaker(key: id, name: name, role: role, rule: .given), 0, id)
        }
        if let name {
            if let found = find(1, name, role, where: { $0.rule == .name && ($0.name?.equals(name) ?? false) }) {
                return found
            }
            return add(Speaker(name: name, role: role, rule: .name), 1, name)
        }
        if let found = nameless[role] { return found }
        participants.append(Speaker(role: role, rule: .role))
        nameless[role] = participants.count - 1
        return participants.count - 1
    }

    /// Gives the one operator who has no name a name that was found elsewhere in the record.
    mutating func nameOperator(_ name: TextSlice) {
        for index in participants.indices where participants[index].role == .operator {
            participants[index].name = name
        }
    }

    private func find(
        _ kind: UInt8,
        _ text: TextSlice,
        _ role: ParticipantRole,
        where matches: (Speaker) -> Bool
    ) -> Int? {
        if lookup.isEmpty {
            return participants.firstIndex { $0.role == role && matches($0) }
        }
        return lookup[Key(kind: kind, text: text.unescaped(), role: role)]
    }

    private mutating func add(_ participant: Speaker, _ kind: UInt8, _ text: TextSlice) -> Int {
        participants.append(participant)
        if participants.count > Self.linearLimit, lookup.isEmpty {
            for (index, known) in participants.enumerated() {
                if let key = known.key {
                    lookup[Key(kind: 0, text: key.unescaped(), role: known.role)] = index
                } else if let name = known.name {
                    lookup[Key(kind: 1, text: name.unescaped(), role: known.role)] = index
                }
            }
        } else if !lookup.isEmpty {
            lookup[Key(kind: kind, text: text.unescaped(), role: participant.role)] = participants.count - 1
        }
        return participants.count - 1
    }

    /// Gives every participant its id, and names what had to be decided.
    ///
    /// - Parameters:
    ///   - conversation: What the ids of nameless and id-less people are local to: the thread.
    ///   - organization: The organization's id.
    ///   - crosswalk: Decisions made by hand.
    ///   - texts: Where ids that are made up go.
    ///   - report: Receives a finding's code and the participant's index.
    mutating func settle(
        conversation: TextSlice,
        organization: TextSlice,
        crosswalk: Crosswalk,
        texts: inout TextArena,
        report: (FindingCode, Int) -> Void
    ) {
        for index in participants.indices {
            if !crosswalk.isEmpty, let entry = Self.decision(participants[index], crosswalk) {
                participants[index].decidedName = entry.displayName.map { texts.keep($0) }
                if let id = entry.participantId {
                    participants[index].id = texts.keep(id)
                    participants[index].rule = .crosswalk
                    continue
                }
            }
            let participant = participants[index]
            var name = DerivedName(organization: organization)
            switch participant.rule {
            case .given:
                guard let key = participant.key, isInAnotherRole(index, 0, key) else { continue }
                report(.idTwoRoles, index)
                name.add("id")
                name.add(key)
                participants[index].rule = .idAndRole
            case .name:
                if let shown = participant.name, isInAnotherRole(index, 1, shown) { report(.nameTwoRoles, index) }
                name.add("name")
                name.add(conversation)
                if let shown = participant.name { name.add(shown) }
            default:
                name.add("role")
                name.add(conversation)
            }
            name.add(participant.role.literal)
            participants[index].id = texts.keep(name.uuid().description)
        }
    }

    /// Whether an earlier participant has the same id, or the same name, in another role.
    private func isInAnotherRole(_ index: Int, _ kind: UInt8, _ text: TextSlice) -> Bool {
        guard index > 0 else { return false }
        if lookup.isEmpty {
            return participants[..<index].contains {
                kind == 0 ? $0.key?.equals(text) ?? false : $0.rule == .name && $0.name?.equals(text) ?? false
            }
        }
        let bytes = text.unescaped()
        return ParticipantRole.allCases.contains { role in
            lookup[Key(kind: kind, text: bytes, role: role)].map { $0 < index } ?? false
        }
    }

    /// What the crosswalk says of a participant, by id, else by name, else by role.
    static func decision(_ participant: Speaker, _ crosswalk: Crosswalk) -> Crosswalk.Entry? {
        if let key = participant.key { return crosswalk.entries[key.string] }
        if participant.rule == .name, let name = participant.name { return crosswalk.entries["name:" + name.string] }
        return crosswalk.entries["role:" + participant.role.rawValue]
    }
}

/// The name that a UUIDv5 is computed from: organization, source system, kind and value, each ended by a line feed.
///
/// Plain text, so that any language's uuid library computes the same id; docs/MAPPING.md has an example.
struct DerivedName {
    private var bytes: [UInt8] = []

    init(organization: TextSlice) {
        add(organization)
        add("customerinteraction")
    }

    mutating func add(_ text: TextSlice) {
        if text.form == .plain {
            bytes.append(contentsOf: text.bytes)
        } else {
            bytes.append(contentsOf: text.unescaped())
        }
        bytes.append(0x0A)
    }

    mutating func add(_ literal: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
        bytes.append(0x0A)
    }

    mutating func add(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
        bytes.append(0x0A)
    }

    func uuid() -> UUIDValue { .v5(namespace: .interactionMigrate, name: bytes) }
}
