// Who said what: people that a source lists, and what they are told apart by.

internal import InteractionModel

/// People whom a conversation lists, by what entries call them; several lists may know the same person, each a part.
struct ListedPeople {
    /// How a list calls everybody of whom it says nothing else.
    private static var anybody: TextSlice { TextSlice(literal: "*") }
    /// More are found by a dictionary.
    private static let few = 12

    private var people: [GatheredPerson] = []
    private var places: [[UInt8]: Int] = [:]
    /// What a list says of everybody.
    private(set) var everybody: GatheredPerson?

    init(_ listed: [GatheredPerson]) {
        for person in listed {
            guard let key = person.key ?? person.id else { continue }
            if let known = place(of: key) {
                people[known].complete(from: person)
            } else {
                people.append(person)
                if !places.isEmpty {
                    places[key.unescaped()] = people.count - 1
                } else if people.count > Self.few {
                    for (place, known) in people.enumerated() {
                        if let key = known.key ?? known.id { places[key.unescaped()] = place }
                    }
                }
            }
        }
        everybody = place(of: Self.anybody).map { people[$0] }
    }

    var isEmpty: Bool { people.isEmpty }

    /// What the lists say of somebody.
    subscript(key: TextSlice) -> GatheredPerson? { place(of: key).map { people[$0] } }

    /// Those of whom `isKnown` is not true, in the order of the lists, without what stands for everybody.
    func others(where isKnown: (TextSlice) -> Bool) -> [GatheredPerson] {
        people.filter { person in
            guard let key = person.key ?? person.id else { return false }
            return !key.equals(Self.anybody) && !isKnown(key)
        }
    }

    private func place(of key: TextSlice) -> Int? {
        guard places.isEmpty else { return places[key.unescaped()] }
        return people.firstIndex { ($0.key ?? $0.id)?.equals(key) ?? false }
    }
}

extension RecordMapper {
    /// Adds what the lists know of somebody.
    mutating func complete(_ person: inout GatheredPerson, from people: borrowing ListedPeople) {
        guard let key = person.key ?? person.id else { return }
        let listed = people[key]
        if listed == nil, person.key != nil, people.everybody == nil {
            note(
                .lookupMissed,
                .warning,
                stage: .resolve,
                message: "an entry refers to a person who is not in the list of people"
            )
        }
        if let listed { person.complete(from: listed) }
        if let everybody = people.everybody { person.complete(from: everybody) }
        person.isListed = listed != nil
    }

    /// The role by the options, the words that are known everywhere, or the crosswalk.
    func gatheredRole(_ person: GatheredPerson) -> ParticipantRole? {
        if !options.crosswalk.isEmpty {
            let keys = [
                person.id?.string, person.email.map { "email:" + $0.string.lowercased() },
                person.phone.map { "phone:" + $0.string }, person.name.map { "name:" + $0.string },
            ]
            for key in keys.compactMap({ $0 }) {
                if let role = options.crosswalk.entries[key]?.role { return role }
            }
        }
        return role(named: person.role)
    }

    /// Gives everybody who speaks an id, and everybody else who is listed.
    mutating func resolveGathered(
        _ gathered: inout GatheredConversation,
        _ organization: TextSlice,
        _ thread: TextSlice
    ) {
        for index in entries.indices where entries[index].role != .system {
            let sender = gathered.entries[entries[index].index].sender
            if gathered.senders[sender].participant < 0 {
                gathered.senders[sender].participant =
                    participant(gathered.senders[sender].person, entries[index].role, thread)
            }
            entries[index].participant = gathered.senders[sender].participant
        }
        if !gathered.people.isEmpty { addSilentPeople(gathered, thread) }
        settleParticipants(thread, organization, path: conversationPath)
    }

    private mutating func participant(
        _ person: GatheredPerson,
        _ role: ParticipantRole,
        _ thread: TextSlice
    ) -> Int {
        let count = resolver.participants.count
        let name = person.name
        let found: Int
        if let id = person.id {
            found = resolver.participant(id: id, name: name, role: role, by: .sourceId)
        } else if let email = person.email {
            found = resolver.participant(id: normalized(email), name: name, role: role, by: .email)
        } else if let phone = person.phone {
            found = resolver.participant(id: phone, name: name, role: role, by: .phone)
        } else if let key = person.key, !person.isListed {
            found = resolver.participant(id: key, name: name, role: role, by: .sourceId)
        } else if let key = person.key, name == nil {
            // A place in a list says who is who in this conversation only.
            let id = texts.keep(thread.string + "#" + key.string)
            found = resolver.participant(id: id, name: nil, role: role, by: .sourceId)
        } else {
            found = resolver.participant(id: nil, name: name, role: role)
        }
        if found == count { keepKeys(person, found) }
        return found
    }

    /// Keeps what the source calls somebody: from the participant's id, which is derived, nobody can tell.
    private mutating func keepKeys(_ person: GatheredPerson, _ participant: Int) {
        let id = person.id ?? (person.isListed ? nil : person.key)
        for (name, value) in [(0, id), (1, person.email), (2, person.phone)] {
            if let value { draft.kept.append((Self.keptPath(participant, name), .text(value))) }
        }
    }

    private static func keptPath(_ participant: Int, _ key: Int) -> String {
        let number = participant * keys.count + key
        return number < firstPaths.count ? firstPaths[number] : "participants[\(participant)].\(keys[key])"
    }

    private static let keys = ["id", "email", "phone"]
    /// Those of the first few, of whom most conversations have no more.
    private static let firstPaths = (0..<8).flatMap { number in keys.map { "participants[\(number)].\($0)" } }

    /// Adds the people of a list who say nothing.
    private mutating func addSilentPeople(_ gathered: borrowing GatheredConversation, _ thread: TextSlice) {
        var speakers: [TextSlice] = []
        for index in gathered.senders.indices where gathered.senders[index].participant >= 0 {
            let person = gathered.senders[index].person
            if let key = person.key ?? person.id { speakers.append(key) }
        }
        let many = speakers.count > 32 ? Set(speakers.map { $0.unescaped() }) : []
        let people = ListedPeople(gathered.people)
        let silent = people.others { key in
            many.isEmpty ? speakers.contains { $0.equals(key) } : many.contains(key.unescaped())
        }
        for var person in silent {
            if let everybody = people.everybody { person.complete(from: everybody) }
            person.isListed = true
            guard let role = gatheredRole(person), role != .system else { continue }
            _ = participant(person, role, thread)
        }
    }

    private mutating func normalized(_ email: TextSlice) -> TextSlice {
        let isNormal = email.form == .plain && email.bytes.allSatisfy { $0 > 0x20 && !(0x41...0x5A).contains($0) }
        return isNormal ? email : texts.keep(String(email.string.trimmed).lowercased())
    }
}
