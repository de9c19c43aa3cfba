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
        people.reserveCapacity(listed.count)
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
    mutating func gatheredRole(_ person: GatheredPerson) -> ParticipantRole? {
        if !options.crosswalk.isEmpty {
            let keys = [
                person.id?.string, person.email.map { "email:" + $0.string.lowercased() },
                person.phone.map { "phone:" + options.comparable(phone: $0.string) },
                person.name.map { "name:" + $0.string },
            ]
            for key in keys.compactMap({ $0 }) {
                if let role = options.crosswalk.entry(for: key, of: resolver.system)?.role { return role }
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
        var told: [ToldPerson] = []
        swap(&told, &self.told)
        defer { swap(&told, &self.told) }
        told.removeAll(keepingCapacity: true)
        for index in entries.indices where entries[index].role != .system {
            let sender = gathered.entries[entries[index].index].sender
            if gathered.senders[sender].participant < 0 {
                let person = gathered.senders[sender].person
                let place = participant(person, entries[index].role, thread)
                gathered.senders[sender].participant = place
                told.append(ToldPerson(participant: place, person: person))
            }
            entries[index].participant = gathered.senders[sender].participant
        }
        if !gathered.listed.isEmpty { addSilentPeople(gathered, thread, to: &told) }
        settleParticipants(thread, organization, path: conversationPath)
        participantCount = resolver.participants.count
        if options.tellsPeople { tell(told, organization) }
        if let places = redirectEntries() {
            for index in told.indices { told[index].participant = places[told[index].participant] }
        }
        keepKeys(told)
    }

    private mutating func participant(
        _ person: GatheredPerson,
        _ role: ParticipantRole,
        _ thread: TextSlice
    ) -> Int {
        let name = person.name
        if let id = person.id { return resolver.participant(id: id, name: name, role: role, by: .sourceId) }
        if let email = person.email {
            return resolver.participant(id: normalized(email), name: name, role: role, by: .email)
        }
        if let phone = person.phone {
            return resolver.participant(id: normalized(phone: phone), name: name, role: role, by: .phone)
        }
        guard let key = person.key else { return resolver.participant(id: nil, name: name, role: role) }
        if !person.isListed { return resolver.participant(id: key, name: name, role: role, by: .sourceId) }
        guard name == nil else { return resolver.participant(id: nil, name: name, role: role) }
        // A place in a list says who is who in this conversation only.
        let id = texts.keep(thread.string + "#" + key.string)
        return resolver.participant(id: id, name: nil, role: role, by: .sourceId)
    }

    /// Keeps what the source calls somebody: from the participant's id, which is derived, nobody can tell.
    ///
    /// Whoever is called in several ways keeps all of them.
    private mutating func keepKeys(_ told: [ToldPerson]) {
        if told.count == resolver.participants.count {
            // Everybody is told of once.
            for one in told { keepFirstKeys(one) }
            return
        }
        var known: [Int?] = Array(repeating: nil, count: resolver.participants.count)
        var others: [Int: [(key: Int, value: TextSlice, count: Int)]] = [:]
        for (index, one) in told.enumerated() {
            let place = one.participant
            guard let first = known[place] else {
                known[place] = index
                keepFirstKeys(one)
                continue
            }
            for key in Self.keys.indices {
                let before = key == Self.nameKey ? resolver.participants[place].name : told[first].person[key]
                guard let value = one.person[key], !(before?.equals(value) ?? false) else { continue }
                // Whoever has no name is often shown by an id, which is kept as such.
                if key == Self.nameKey, one.person.isKnown(as: value) || told[first].person.isKnown(as: value) {
                    continue
                }
                let same = others[place]?.filter { $0.key == key } ?? []
                guard !same.contains(where: { $0.value.equals(value) }) else { continue }
                let count = (same.last?.count ?? (before == nil || key == Self.nameKey ? 0 : 1)) + 1
                others[place, default: []].append((key, value, count))
                keep(value, place, key, count)
            }
        }
    }

    private mutating func keepFirstKeys(_ one: ToldPerson) {
        for key in 0..<Self.nameKey {
            if let value = one.person[key] { keep(value, one.participant, key, 1) }
        }
    }

    private mutating func keep(_ value: TextSlice, _ place: Int, _ key: Int, _ count: Int) {
        let path = Self.keptPath(place, key)
        draft.kept.append((count == 1 ? path : "\(path)#\(count)", .text(value)))
    }

    /// Says what the source calls each participant.
    private mutating func tell(_ told: [ToldPerson], _ organization: TextSlice) {
        let first = outcome.participants.count - resolver.participants.count
        for participant in resolver.participants.indices { outcome.participants[first + participant].people = [] }
        for one in told {
            var person = SourcePerson(resolver.participants[one.participant], organization.string, resolver.system)
            person.tell(one.person, options)
            outcome.participants[first + one.participant].people.append(person)
        }
    }

    private static func keptPath(_ participant: Int, _ key: Int) -> String {
        let number = participant * keys.count + key
        return number < firstPaths.count ? firstPaths[number] : "participants[\(participant)].\(keys[key])"
    }

    private static let keys = ["id", "email", "phone", "name"]
    private static let nameKey = 3
    /// Those of the first few, of whom most conversations have no more.
    private static let firstPaths = (0..<8).flatMap { number in keys.map { "participants[\(number)].\($0)" } }

    /// Adds the people of a list who say nothing.
    private mutating func addSilentPeople(
        _ gathered: borrowing GatheredConversation,
        _ thread: TextSlice,
        to told: inout [ToldPerson]
    ) {
        var speakers: [TextSlice] = []
        speakers.reserveCapacity(gathered.senders.count)
        for index in gathered.senders.indices where gathered.senders[index].participant >= 0 {
            let person = gathered.senders[index].person
            if let key = person.key ?? person.id { speakers.append(key) }
        }
        let many = speakers.count > 32 ? Set(speakers.map { $0.unescaped() }) : []
        let people = gathered.listed
        let silent = people.others { key in
            many.isEmpty ? speakers.contains { $0.equals(key) } : many.contains(key.unescaped())
        }
        for var person in silent {
            if let everybody = people.everybody { person.complete(from: everybody) }
            person.isListed = true
            guard let role = gatheredRole(person), role != .system else { continue }
            told.append(ToldPerson(participant: participant(person, role, thread), person: person))
        }
    }

    private mutating func normalized(_ email: TextSlice) -> TextSlice {
        let isNormal = email.form == .plain && email.bytes.allSatisfy { $0 > 0x20 && !(0x41...0x5A).contains($0) }
        return isNormal ? email : texts.keep(String(email.string.trimmed).lowercased())
    }

    private mutating func normalized(phone: TextSlice) -> TextSlice {
        guard options.phoneRegion != nil else { return phone }
        return texts.keep(options.comparable(phone: phone.string))
    }
}

/// One way in which a conversation tells of somebody, and whom it turned out to be.
struct ToldPerson {
    var participant: Int
    var person: GatheredPerson
}

extension GatheredPerson {
    /// What is kept of somebody: id, e-mail address, phone number; a name only beside another, since one is shown.
    fileprivate subscript(key: Int) -> TextSlice? {
        switch key {
        case 0: id ?? (isListed ? nil : self.key)
        case 1: email
        case 2: phone
        default: name
        }
    }

    /// Whether a name is but the id, address or number.
    fileprivate func isKnown(as name: TextSlice) -> Bool { (0..<3).contains { self[$0]?.equals(name) ?? false } }
}
