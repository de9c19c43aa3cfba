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
    /// What names the ids of people that are their source's own.
    private(set) var system = RecordMapper.legacySystem
    /// Memory for the names that ids are derived from.
    private var derived = DerivedName()

    mutating func reset() {
        participants.removeAll(keepingCapacity: true)
        if !lookup.isEmpty { lookup.removeAll() }
        if !nameless.isEmpty { nameless.removeAll() }
        merged = nil
    }

    /// Turns to a conversation of another system than the legacy payloads'.
    mutating func begin(system: String) { self.system = system }

    /// The participant for an id, a name or nothing but a role; made if it is new.
    ///
    /// - Parameters:
    ///   - id: The source's id for the person, e-mail address or phone number, if it has one.
    ///   - name: The display name, if there is one.
    ///   - role: The role.
    ///   - rule: What the id is.
    /// - Returns: The participant's index.
    mutating func participant(
        id: TextSlice?,
        name: TextSlice?,
        role: ParticipantRole,
        by rule: Speaker.Rule = .given
    ) -> Int {
        if let id {
            let kind = rule.keyKind
            if let found = find(kind, id, role, where: { $0.rule == rule && $0.key.map { $0.equals(id) } ?? false }) {
                if participants[found].name == nil { participants[found].name = name }
                return found
            }
            return add(Speaker(key: id, name: name, role: role, rule: rule), kind, id)
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
                    lookup[Key(kind: known.rule.keyKind, text: key.unescaped(), role: known.role)] = index
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
            if !crosswalk.isEmpty, let entry = decision(participants[index], crosswalk) {
                participants[index].decidedName = entry.displayName.map { texts.keep($0) }
                if let id = entry.participantId {
                    participants[index].id = texts.keep(id)
                    participants[index].sourceRule = participants[index].rule
                    participants[index].rule = .crosswalk
                    continue
                }
            }
            let participant = participants[index]
            // One person has one address in every system, but an id only in its own.
            let isShared = participant.rule == .email || participant.rule == .phone
            derived.begin(organization: organization, system: isShared ? nil : system)
            switch participant.rule {
            case .given, .sourceId, .email, .phone:
                guard let key = participant.key else { continue }
                let isAnother = isInAnotherRole(index, participant.rule.keyKind, key)
                guard isAnother || participant.rule != .given else { continue }
                derived.add(participant.rule.keyName)
                derived.add(key)
                guard isAnother else {
                    participants[index].id = texts.keep(derived.uuid())
                    continue
                }
                report(.idTwoRoles, index)
                participants[index].sourceRule = participants[index].rule
                participants[index].rule = .idAndRole
            case .name:
                if let shown = participant.name, isInAnotherRole(index, 1, shown) { report(.nameTwoRoles, index) }
                derived.add("name")
                derived.add(conversation)
                if let shown = participant.name { derived.add(shown) }
            default:
                derived.add("role")
                derived.add(conversation)
            }
            derived.add(participant.role.literal)
            participants[index].id = texts.keep(derived.uuid())
        }
        settleDecided(organization, texts: &texts, report: report)
    }

    /// Whether an earlier participant has the same id, or the same name, in another role.
    private func isInAnotherRole(_ index: Int, _ kind: UInt8, _ text: TextSlice) -> Bool {
        guard index > 0 else { return false }
        if lookup.isEmpty {
            return participants[..<index].contains {
                kind == Speaker.Rule.name.keyKind
                    ? $0.rule == .name && $0.name?.equals(text) ?? false
                    : $0.key?.equals(text) ?? false && $0.rule.keyKind == kind
            }
        }
        let bytes = text.unescaped()
        return ParticipantRole.allCases.contains { role in
            lookup[Key(kind: kind, text: bytes, role: role)].map { $0 < index } ?? false
        }
    }

    /// What the crosswalk says of a participant.
    private func decision(_ participant: Speaker, _ crosswalk: Crosswalk) -> Crosswalk.Entry? {
        crosswalk.entry(for: participant.crosswalkKey, of: system)
    }

    // MARK: One participant by decision

    /// For each participant the one that it turned out to be, once ids are settled; nil where all are different.
    private(set) var merged: [Int]?

    /// Finds who has an id by decision that somebody else of the conversation has as well: with the same role they are
    /// one participant, with another role the later one gets an id of its own, as where a source does so.
    private mutating func settleDecided(
        _ organization: TextSlice,
        texts: inout TextArena,
        report: (FindingCode, Int) -> Void
    ) {
        merged = nil
        guard participants.contains(where: { $0.rule == .crosswalk }) else { return }
        var owners: [[UInt8]: Int] = [:]
        var places = Array(participants.indices)
        for index in participants.indices {
            guard let id = participants[index].id ?? participants[index].key else { continue }
            var own = id.unescaped()
            if let owner = owners[own], participants[owner].role != participants[index].role {
                report(.idTwoRoles, index)
                var name = DerivedName(organization: organization, system: system)
                name.add("id")
                name.add(id)
                name.add(participants[index].role.literal)
                let apart = texts.keep(name.uuid())
                participants[index].sourceRule = participants[index].sourceRule ?? participants[index].rule
                participants[index].rule = .idAndRole
                participants[index].id = apart
                own = apart.unescaped()
            }
            if let owner = owners[own] { places[index] = owner } else { owners[own] = index }
        }
        if places != Array(participants.indices) { merged = places }
    }

    /// Whether a participant has an id, derived or decided or its own.
    func isShown(_ id: TextSlice) -> Bool { participants.contains { ($0.id ?? $0.key)?.equals(id) ?? false } }

    /// Leaves out those who turned out to be somebody else of the conversation.
    ///
    /// - Returns: The new place of each participant; nil if nobody was left out.
    mutating func merge() -> [Int]? {
        guard let owners = merged else { return nil }
        merged = nil
        var places = owners
        var kept: [Speaker] = []
        for (index, owner) in owners.enumerated() {
            guard owner == index else {
                places[index] = places[owner]
                if kept[places[index]].name == nil { kept[places[index]].name = participants[index].name }
                continue
            }
            places[index] = kept.count
            kept.append(participants[index])
        }
        participants = kept
        return places
    }
}

extension Speaker {
    /// What the crosswalk knows them by: their id, else their name, else their role.
    var crosswalkKey: String {
        let rule = sourceRule ?? rule
        if let key { return rule.crosswalkPrefix + key.string }
        if rule == .name, let name { return "name:" + name.string }
        return "role:" + role.rawValue
    }
}

/// The name that a UUIDv5 is computed from: organization, source system, kind and value, each ended by a line feed.
///
/// Plain text, so that any language's uuid library computes the same id; docs/MAPPING.md has an example.
struct DerivedName {
    private var bytes: [UInt8] = []

    /// Starts a name.
    ///
    /// - Parameters:
    ///   - organization: The organization's id.
    ///   - system: The source system; nil for what identifies somebody everywhere.
    init(organization: TextSlice, system: String? = "customerinteraction") {
        begin(organization: organization, system: system)
    }

    /// Prepares for names that ``begin(organization:system:)`` starts, one after the other in the same memory.
    init() {}

    /// Starts another name.
    mutating func begin(organization: TextSlice, system: String?) {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(128)
        add(organization)
        if let system { add(system) }
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

    private mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0A)
    }

    func uuid() -> UUIDValue { bytes.withUnsafeBytes { .v5(namespace: .interactionMigrate, name: $0) } }
}

extension Speaker.Rule {
    /// Keys of different kinds are different people, whatever they say.
    var keyKind: UInt8 {
        switch self {
        case .name: 1
        case .email: 2
        case .phone: 3
        default: 0
        }
    }

    /// The kind in the name that an id is derived from.
    var keyName: StaticString {
        switch self {
        case .email: "email"
        case .phone: "phone"
        default: "id"
        }
    }

    /// What stands before a key of this kind in the crosswalk.
    var crosswalkPrefix: String {
        switch self {
        case .email: "email:"
        case .phone: "phone:"
        default: ""
        }
    }
}
