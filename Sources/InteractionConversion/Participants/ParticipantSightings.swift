// The life of one participant: where it is, by which rules, and what the sources know of it.

internal import InteractionMapping

/// Where one participant is in the inputs.
struct ParticipantSightings: Sendable {
    /// Places that are told; the others are counted.
    private static let placesTold = 20

    private let id: String
    private(set) var rules: [String: Int] = [:]
    private(set) var places: [ParticipantPlace] = []
    private(set) var count = 0
    /// The keys by which it was seen.
    private(set) var keys: Set<[String]> = []

    /// Looks for somebody.
    ///
    /// - Parameter id: The participant's id, or a source key.
    init(of id: String) { self.id = id }

    mutating func add(_ outcome: RecordOutcome) {
        guard outcome.kind == .converted else { return }
        for participant in outcome.participants {
            let isSought = participant.participantId == id || participant.people.contains { $0.sourceKey == id }
            guard isSought else { continue }
            rules[participant.rule, default: 0] += 1
            count += 1
            for person in participant.people { keys.insert([person.sourceKey, person.system]) }
            guard places.count < Self.placesTold else { continue }
            let place = ParticipantPlace(
                file: outcome.file,
                record: outcome.record,
                threadId: outcome.threadId,
                rule: participant.rule
            )
            places.append(place)
        }
    }

    /// Whether it was seen by a key.
    func isSeen(by key: String, of system: String?) -> Bool {
        guard let system else { return keys.contains { $0[0] == key } }
        return keys.contains([key, system])
    }
}

extension SurveyedParticipants {
    private static let factsTold = 20

    /// Puts together what is known of whoever was seen.
    func explain(_ sightings: ParticipantSightings) -> ParticipantExplanation {
        var result = ParticipantExplanation()
        result.rules = sightings.rules
        result.places = sightings.places
        result.placeCount = sightings.count
        let own = table.nodes.indices.filter { node in
            let key = table.nodes[node].key
            let system = key.system == PeopleTable.nowhere ? nil : table.texts[key.system]
            return table.nodes[node].isUsed && sightings.isSeen(by: sourceKey(node), of: system)
        }.sorted(by: table.isOrdered)
        var around = Set(own.flatMap { joins.groupsOfNode[$0] ?? [] }.flatMap { joins.groups[$0].members })
        around.formUnion(own)
        var facts: [(left: Int, right: Int, link: PeopleTable.Link)] = []
        for (pair, link) in table.links {
            let (left, right) = (Int(pair >> 32), Int(pair & 0xFFFF_FFFF))
            guard around.contains(left) || around.contains(right) else { continue }
            let isInOrder = table.isOrdered(left, before: right)
            facts.append((isInOrder ? left : right, isInOrder ? right : left, link))
        }
        for fact in facts { around.formUnion([fact.left, fact.right]) }
        facts.sort { left, right in
            left.left == right.left
                ? table.isOrdered(left.right, before: right.right) : table.isOrdered(left.left, before: right.left)
        }
        result.keys = own.map { key([$0]) }
        result.related = around.subtracting(own).sorted(by: table.isOrdered).prefix(Self.factsTold).map { key([$0]) }
        result.facts = facts.prefix(Self.factsTold).map { fact in
            ParticipantExplanation.Fact(
                first: sourceKey(fact.left),
                second: sourceKey(fact.right),
                count: Int(fact.link.count),
                place: place(fact.link.place)
            )
        }
        result.conflicts = Set(own.flatMap { conflicts(of: $0) }).sorted { $0.rawValue < $1.rawValue }
        return result
    }
}
