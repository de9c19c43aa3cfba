// Whom the inputs of a run tell of: every key of a person once, whatever number of messages it stands in.

internal import InteractionMapping

/// The keys by which people are known, and which of them stand on one record.
///
/// Memory grows with people, not with messages: about a hundred bytes and the texts for each key.
struct PeopleTable {
    /// What a key is, by numbers of texts.
    struct Key: Hashable {
        var organization: UInt32
        /// ``nowhere`` for addresses and numbers, which mean the same person in every system.
        var system: UInt32
        var value: UInt32
        var kind: SourcePerson.Kind
    }

    /// One key and what was seen with it.
    struct Node {
        var key: Key
        /// The id of the participants that it tells apart; ``nothing`` if it never does, or by conversation only.
        var participantId = PeopleTable.nothing
        /// Conversations in which it tells a participant apart.
        var conversations: UInt32 = 0
        var roles: UInt8 = 0
        /// Whether a crosswalk has decided the id.
        var isDecided = false
        var nameCount: UInt8 = 0
        /// The first of its names in ``PeopleTable/names``, or -1.
        var firstName: Int32 = -1
        var place: Place

        /// Whether somebody got an id by it.
        var isUsed: Bool { conversations > 0 }
        /// Whether it means the same person in every conversation.
        var isLasting: Bool { key.kind.isLasting }
        var hasTwoRoles: Bool { roles.nonzeroBitCount > 1 }
    }

    /// A record, by the number of its file.
    struct Place {
        var file: UInt32
        var record: UInt32
    }

    /// That two keys stand on one record.
    struct Link {
        var count: UInt32
        var place: Place
    }

    struct Name {
        var text: UInt32
        var next: Int32
    }

    static let nothing = UInt32.max
    static let nowhere = UInt32.max
    /// Names that are remembered of one key: enough to tell that an address is shared.
    static let namesPerKey = 32

    private(set) var texts = TextPool()
    private(set) var nodes: [Node] = []
    private(set) var names: [Name] = []
    /// Facts by the two keys' numbers, the smaller one in the upper half.
    private(set) var links: [UInt64: Link] = [:]
    private var numbers: [Key: UInt32] = [:]

    /// Adds what an outcome says of its participants.
    mutating func add(_ outcome: RecordOutcome) {
        guard outcome.kind == .converted else { return }
        let place = Place(file: texts.number(of: outcome.file), record: UInt32(clamping: outcome.record))
        for participant in outcome.participants {
            for (index, person) in participant.people.enumerated() where person.kind != .place {
                add(person, participant, isFirst: index == 0, place)
            }
        }
    }

    private mutating func add(
        _ person: SourcePerson,
        _ participant: RecordOutcome.ResolvedParticipant,
        isFirst: Bool,
        _ place: Place
    ) {
        let own = node(person, person.kind, person.value(of: person.kind), place)
        if isFirst { use(own, person, participant) }
        for kind in [SourcePerson.Kind.id, .email, .phone] {
            guard person.kind.isLasting, let value = person.value(of: kind), !value.isEmpty else { continue }
            let other = node(person, kind, value, place)
            if let name = person.name { add(name: name, to: other) }
            if other != own { link(own, other, place) }
        }
    }

    private mutating func use(_ node: Int, _ person: SourcePerson, _ participant: RecordOutcome.ResolvedParticipant) {
        nodes[node].conversations &+= 1
        nodes[node].roles |= person.role.bit
        let isDecided = participant.rule == "crosswalk"
        // The one of a second role is not the key's id; that there are two roles says so already.
        guard isDecided || person.kind.isLasting && participant.rule != "id-and-role" else { return }
        if isDecided { nodes[node].isDecided = true }
        nodes[node].participantId = texts.number(of: participant.participantId)
    }

    private mutating func node(
        _ person: SourcePerson,
        _ kind: SourcePerson.Kind,
        _ value: String?,
        _ place: Place
    ) -> Int {
        let isEverywhere = kind == .email || kind == .phone
        let key = Key(
            organization: texts.number(of: person.organization),
            system: isEverywhere ? Self.nowhere : texts.number(of: person.system),
            value: texts.number(of: value ?? person.role.rawValue),
            kind: kind
        )
        if let known = numbers[key] {
            if isEarlier(place, than: nodes[Int(known)].place) { nodes[Int(known)].place = place }
            return Int(known)
        }
        numbers[key] = UInt32(nodes.count)
        nodes.append(Node(key: key, place: place))
        return nodes.count - 1
    }

    private mutating func add(name: String, to node: Int) {
        guard nodes[node].nameCount < Self.namesPerKey else { return }
        let text = texts.number(of: name)
        var known = nodes[node].firstName
        while known >= 0 {
            if names[Int(known)].text == text { return }
            known = names[Int(known)].next
        }
        names.append(Name(text: text, next: nodes[node].firstName))
        nodes[node].firstName = Int32(names.count - 1)
        nodes[node].nameCount += 1
    }

    private mutating func link(_ left: Int, _ right: Int, _ place: Place) {
        let pair = Self.pair(left, right)
        guard let known = links[pair] else {
            links[pair] = Link(count: 1, place: place)
            return
        }
        links[pair] = Link(count: known.count &+ 1, place: isEarlier(place, than: known.place) ? place : known.place)
    }

    /// By the file's name, so that the first place does not depend on the order of the inputs.
    private func isEarlier(_ place: Place, than other: Place) -> Bool {
        place.file == other.file
            ? place.record < other.record : texts.isOrdered(place.file, before: other.file)
    }

    static func pair(_ left: Int, _ right: Int) -> UInt64 {
        UInt64(min(left, right)) << 32 | UInt64(max(left, right))
    }

    // MARK: Reading

    /// The names seen with a key, sorted.
    func names(of node: Int) -> [String] {
        var result: [String] = []
        var next = nodes[node].firstName
        while next >= 0 {
            result.append(texts[names[Int(next)].text])
            next = names[Int(next)].next
        }
        return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether a key comes before another: by kind, value, system, organization, which no order of inputs changes.
    func isOrdered(_ left: Int, before right: Int) -> Bool {
        let (first, second) = (nodes[left].key, nodes[right].key)
        if first.kind != second.kind { return first.kind.rawValue < second.kind.rawValue }
        if first.value != second.value { return texts.isOrdered(first.value, before: second.value) }
        if first.system != second.system, first.system != Self.nowhere, second.system != Self.nowhere {
            return texts.isOrdered(first.system, before: second.system)
        }
        return texts.isOrdered(first.organization, before: second.organization)
    }
}

extension SourcePerson.Kind {
    /// Whether it means the same person in every conversation.
    var isLasting: Bool { self == .id || self == .email || self == .phone }
}

extension SourcePerson {
    fileprivate func value(of kind: Kind) -> String? {
        switch kind {
        case .id: id
        case .email: email
        case .phone: phone
        case .name: name
        case .place, .role: nil
        }
    }
}

extension ParticipantRole {
    /// The role in a set of roles.
    var bit: UInt8 {
        switch self {
        case .user: 1
        case .operator: 2
        case .bot: 4
        case .system: 8
        }
    }
}
