// What was said, by somebody, in order.

internal import InteractionModel

extension RecordMapper {
    /// Makes entries of the transcript out of those that count.
    ///
    /// - Returns: False if somebody's role is not known.
    mutating func addEntries(
        _ gathered: inout GatheredConversation,
        _ stretch: [Int],
        _ profile: GatheringRules
    ) -> Bool {
        var unknown: [[UInt8]] = []
        let people = gathered.listed
        gathered.forgetDecisions()
        if gathered.has.contains(.opening) { dropRepeatedOpening(&gathered, stretch) }
        var deleted = 0
        let completes = !people.isEmpty || gathered.has.contains(.listedPerson)
        entries.reserveCapacity(stretch.count)
        for index in stretch {
            let kind = gathered.entries[index].kind
            guard gathered.entries[index].dropped == nil, kind != .skip else { continue }
            let sender = gathered.entries[index].sender
            if !gathered.senders[sender].isSettled {
                gathered.senders[sender].isSettled = true
                if completes { complete(&gathered.senders[sender].person, from: people) }
                gathered.senders[sender].role = gatheredRole(gathered.senders[sender].person)
            }
            var entry = TranscriptEntry()
            entry.index = index
            entry.time = gathered.entries[index].time
            entry.name = gathered.senders[sender].person.name
            let isSaid = kind == .message || kind == .deleted
            let role = gathered.senders[sender].role
            if isSaid, let role {
                entry.role = role
            } else if isSaid {
                let name = gathered.senders[sender].person.role?.unescaped() ?? []
                if !unknown.contains(name) { unknown.append(name) }
            }
            if entry.role == .system {
                entry.id = gathered.entries[index].messageId
                entry.authorRole = kind == .note ? role : nil
                if isSaid { gathered.entries[index].kind = .event }
            }
            if gathered.entries[index].isDeleted, isSaid { deleted += 1 }
            entry.content =
                gathered.entries[index].text
                ?? stand(inFor: gathered.entries[index], gathered.placeholders, isSaid: isSaid)
            entries.append(entry)
        }
        for name in unknown { refuseRole(name, path: profile.name) }
        if deleted > 0 {
            note(
                .messageDeleted,
                .note,
                stage: .map,
                message: deleted == 1
                    ? "a message had been deleted in the source; what is left of it is kept"
                    : "\(deleted) messages had been deleted in the source; what is left of them is kept",
                remedy: nil
            )
        }
        messageCount = entries.count
        return unknown.isEmpty
    }

    /// What is shown for a message without a text: its attachments' names, or that it was deleted.
    private mutating func stand(
        inFor entry: GatheredEntry,
        _ placeholders: [TextSlice],
        isSaid: Bool
    ) -> TextSlice? {
        if !entry.placeholders.isEmpty {
            let names = placeholders[entry.placeholders].map { "[attachment: \($0.string)]" }
            return texts.keep(names.joined(separator: "\n"))
        }
        guard isSaid else { return nil }
        if entry.isDeleted { return texts.keep("[message deleted]") }
        note(.contentMissing, .note, stage: .map, message: "a message has no text")
        return nil
    }

    /// The opening message is often the first one of the list as well.
    private func dropRepeatedOpening(_ gathered: inout GatheredConversation, _ stretch: [Int]) {
        for index in stretch where gathered.entries[index].isOpening && gathered.entries[index].dropped == nil {
            let opening = gathered.entries[index]
            let isRepeated = stretch.contains { other in
                let entry = gathered.entries[other]
                return other != index && entry.dropped == nil && (entry.kind == opening.kind || entry.kind == .note)
                    && (!entry.isOpening || other < index) && TextSlice.isSame(entry.text, opening.text)
            }
            // Nothing to say, and others speak: the field was just empty.
            let isEmpty = opening.text == nil && opening.placeholders.isEmpty
            if isRepeated { gathered.entries[index].dropped = "repeated" }
            if isEmpty { gathered.entries[index].dropped = "blank" }
        }
    }

    /// The message that is held outside the list comes first, whatever its time says.
    mutating func moveOpeningToFront(_ gathered: borrowing GatheredConversation) {
        guard gathered.has.contains(.opening) else { return }
        let opening = entries.filter { gathered.entries[$0.index].isOpening && $0.role != .system }
        guard !opening.isEmpty else { return }
        entries = opening + entries.filter { !gathered.entries[$0.index].isOpening || $0.role == .system }
    }

    /// Puts what the schema has no place for into the metadata, under the path of its message or event.
    mutating func placeKept(_ gathered: borrowing GatheredConversation) {
        guard !gathered.kept.isEmpty || gathered.has.contains(.id) else { return }
        let isOfEntries = gathered.has.contains(.id) || gathered.kept.contains { $0.entry >= 0 }
        let places = isOfEntries ? placeEntries(gathered) : []
        var seen: Set<[UInt8]> = []
        for value in gathered.kept where value.entry < 0 || places[value.entry] != nil {
            var path = value.path.string
            if value.entry >= 0, let place = places[value.entry] {
                let owner = place < 0 ? "interactions[\(-place - 1)]" : "messages[\(place)]"
                path = path.isEmpty ? owner : "\(owner).\(path)"
                seen.insert(value.identity)
            }
            append(value, path)
        }
        // Of a repetition, an edit or what was skipped: what is new in it is kept all the same.
        for value in gathered.kept where value.entry >= 0 && places[value.entry] == nil {
            if seen.insert(value.identity).inserted { append(value, "other." + value.path.string) }
        }
        numberKeptNames()
    }

    /// Where each entry is written: its place among the messages, or, counted from -1 down, the interactions.
    ///
    /// Keeps the ids of messages, which have no other place.
    private mutating func placeEntries(_ gathered: borrowing GatheredConversation) -> [Int?] {
        var places: [Int?] = Array(repeating: nil, count: gathered.entries.count)
        var messages = 0
        var events = 0
        for entry in entries {
            if entry.role == .system {
                events += 1
                places[entry.index] = -events
                continue
            }
            places[entry.index] = messages
            if let id = gathered.entries[entry.index].messageId {
                draft.kept.append(("messages[\(messages)].id", .text(id)))
            }
            messages += 1
        }
        return places
    }

    /// Numbers what is kept under one path: values of several records, or what the program keeps and what the source has.
    private mutating func numberKeptNames() {
        // Mostly there are few, and no two of one name.
        let isShort = draft.kept.count <= 16
        let areDistinct =
            isShort
            && draft.kept.indices.allSatisfy { index in
                let path = draft.kept[index].path
                return !draft.kept[..<index].contains { $0.path == path }
            }
        if areDistinct { return }
        var used: [String: Int] = [:]
        for index in draft.kept.indices {
            let path = draft.kept[index].path
            let count = (used[path] ?? 0) + 1
            used[path] = count
            if count > 1 { draft.kept[index].path = "\(path)#\(count)" }
        }
    }

    private mutating func append(_ value: KeptValue, _ path: String) {
        let piece: PayloadDraft.Piece =
            value.isText ? .text(value.value) : draft.made { $0.append(value.value.bytes) }
        draft.kept.append((path, piece))
    }
}

extension GatheredConversation {
    /// The entries between silences that are longer than so many seconds; entries without a time go with the last one,
    /// and the first ones with what comes next.
    func stretches(gap: Int64) -> [[Int]] {
        let timed = entries.indices.map { ($0, entries[$0].time.instant) }
        var order: [(index: Int, seconds: Int64)] = []
        var last: Int64 = .min
        for (index, instant) in timed {
            last = instant?.seconds ?? last
            order.append((index, last))
        }
        order.sort { $0.seconds == $1.seconds ? $0.index < $1.index : $0.seconds < $1.seconds }
        var result: [[Int]] = []
        var previous: Int64?
        for entry in order {
            if let previous, previous == .min || entry.seconds - previous <= gap {
                result[result.count - 1].append(entry.index)
            } else {
                result.append([entry.index])
            }
            previous = entry.seconds
        }
        return result.map { $0.sorted() }
    }
}
