// Who said what: people that a source lists, and what they are told apart by.

internal import InteractionModel

extension RecordMapper {
    /// How a list calls everybody of whom it says nothing else.
    private static let anybody = Array("*".utf8)

    /// People by what entries call them; several lists may know the same person, each a part.
    func listedPeople(_ gathered: borrowing GatheredConversation) -> [[UInt8]: GatheredPerson] {
        var people: [[UInt8]: GatheredPerson] = [:]
        for person in gathered.people {
            if let key = person.key ?? person.id { people[key.unescaped(), default: person].complete(from: person) }
        }
        return people
    }

    /// Adds what a list knows of somebody.
    mutating func complete(_ person: inout GatheredPerson, from people: [[UInt8]: GatheredPerson]) {
        guard let key = person.key ?? person.id else { return }
        let listed = people[key.unescaped()]
        if listed == nil, person.key != nil, people[Self.anybody] == nil {
            note(
                .lookupMissed,
                .warning,
                stage: .resolve,
                message: "an entry refers to a person who is not in the list of people"
            )
        }
        for known in [listed, people[Self.anybody]].compactMap(\.self) { person.complete(from: known) }
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
        _ gathered: borrowing GatheredConversation,
        _ organization: TextSlice,
        _ thread: TextSlice
    ) {
        for index in entries.indices where entries[index].role != .system {
            let person = gathered.entries[entries[index].index].person
            entries[index].participant = participant(person, entries[index].role, thread)
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
        for (name, value) in [("id", id), ("email", person.email), ("phone", person.phone)] {
            if let value { draft.kept.append(("participants[\(participant)].\(name)", .text(value))) }
        }
    }

    /// Adds the people of a list who say nothing.
    private mutating func addSilentPeople(_ gathered: borrowing GatheredConversation, _ thread: TextSlice) {
        var known: Set<[UInt8]> = [Self.anybody]
        for entry in entries where entry.role != .system {
            let person = gathered.entries[entry.index].person
            if let key = person.key ?? person.id { known.insert(key.unescaped()) }
        }
        let people = listedPeople(gathered)
        for listed in gathered.people {
            guard let key = (listed.key ?? listed.id)?.unescaped(), known.insert(key).inserted else { continue }
            guard var person = people[key] else { continue }
            if let anybody = people[Self.anybody] { person.complete(from: anybody) }
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
