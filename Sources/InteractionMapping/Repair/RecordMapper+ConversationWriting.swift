// Turns what was understood of a v3.2 payload's conversations into changes to it.

internal import InteractionModel

extension RecordMapper {
    /// Turns what was understood into changes: participants, order, and what the system said.
    mutating func finishConversations(_ repair: inout PayloadRepair, _ thread: TextSlice, _ organization: TextSlice) {
        var events = OutputBuffer(capacity: 256)
        var isFirst = true
        for index in repair.conversations.indices {
            for entry in repair.conversations[index].entries where entry.role == .system {
                moveToEvents(&repair, repair.conversations[index], entry, to: &events)
            }
            if repair.conversations[index].isDropped {
                drop(&repair, repair.conversations[index])
                continue
            }
            writeParticipants(&repair, index, thread, organization)
            writeMessages(&repair, index)
            conversationTally.add(messages: repair.conversations[index].entries)
            if isFirst {
                firstInstant =
                    repair.conversations[index].entries.first { $0.role != .system }?.time.instant?.milliseconds ?? 0
                isFirst = false
            }
        }
        guard events.count > 0 else { return }
        let view = repair.view
        if let list = view.value(repair.request, at: "scope", "interactions"), view.kind(list) == .array {
            repair.edits.append(list, events.array)
        } else {
            repair.edits.set(view, repair.request, "scope", "interactions", [0x5B] + events.array + [0x5D])
        }
    }

    private mutating func moveToEvents(
        _ repair: inout PayloadRepair,
        _ conversation: PayloadRepair.Conversation,
        _ entry: TranscriptEntry,
        to events: inout OutputBuffer
    ) {
        let view = repair.view
        movedCount += 1
        if events.count > 0 { events.append(",") }
        entry.writeInteraction(to: &events)
        let message = conversation.messages[entry.index]
        repair.edits.remove(message)
        let path = "request.scope.conversations[\(conversation.index)].messages[\(entry.index)]"
        view.forEachMember(message) { key, value in
            let name = view.text(key)
            if name.equals("content") {
                count(&repair, value, .moved, "request.scope.interactions")
            } else if !name.equals("participantId"), !name.equals("timestamp") {
                draft.keep("\(path).\(name.string)", value)
                count(&repair, value, .kept, "metadata.legacy")
            }
        }
    }

    /// A conversation that nobody speaks in: what else it says is kept.
    private mutating func drop(_ repair: inout PayloadRepair, _ conversation: PayloadRepair.Conversation) {
        let view = repair.view
        repair.edits.remove(conversation.node)
        view.forEachMember(conversation.node) { key, value in
            let name = view.text(key)
            guard !name.equals("messages"), !name.equals("participants") else { return }
            draft.keep("request.scope.conversations[\(conversation.index)].\(name.string)", value)
            count(&repair, value, .kept, "metadata.legacy")
        }
    }

    private mutating func writeParticipants(
        _ repair: inout PayloadRepair,
        _ index: Int,
        _ thread: TextSlice,
        _ organization: TextSlice
    ) {
        let view = repair.view
        resolver.reset()
        var numbers: [Int: Int] = [:]
        for (position, person) in repair.conversations[index].people.enumerated()
        where person.participant.role != .system {
            let participant = person.participant
            let name = participant.key == nil ? participant.name : nil
            numbers[position] = resolver.participant(id: participant.key, name: name, role: participant.role)
        }
        let root = roots[outcome.generation ?? .v32] ?? unrecognized
        let path = ledger.path(to: repair.conversations[index].node, view, from: root)
        settleParticipants(thread, organization, path: path)
        participantCount += resolver.participants.count
        keepReplacedIds(&repair, index, numbers)
        let places = resolver.merge()
        var written: Set<Int> = []
        var list = OutputBuffer(capacity: 256)
        list.append("[")
        for (position, person) in repair.conversations[index].people.enumerated() {
            guard let own = numbers[position] else { continue }
            let number = places?[own] ?? own
            numbers[position] = number
            guard written.insert(number).inserted else {
                keepMerged(&repair, index, position)
                continue
            }
            var settled = resolver.participants[number]
            settled.name = person.participant.name
            if person.node >= 0 {
                writeDeclared(view, person.node, settled, to: &list)
            } else {
                settled.write(to: &list)
            }
            list.append(",")
        }
        list.removeTrailing(UInt8(ascii: ","))
        list.append("]")
        repair.edits.set(view, repair.conversations[index].node, "participants", list.array)
        for entry in repair.conversations[index].entries where entry.role != .system {
            guard let number = numbers[entry.participant] else { continue }
            let settled = resolver.participants[number]
            if settled.id == nil, let id = entry.id, id.form != .escaped, settled.key?.equals(id) ?? false,
                isString(view, repair, index, entry)
            {
                continue
            }
            var json = OutputBuffer(capacity: 64)
            settled.writeId(to: &json)
            repair.edits.set(view, repair.conversations[index].messages[entry.index], "participantId", json.array)
        }
    }

    private func participantPath(_ conversation: Int, _ position: Int) -> String {
        "request.scope.conversations[\(conversation)].participants[\(position)]"
    }

    /// Keeps the ids that decisions have replaced, but for people who are kept as a whole.
    private mutating func keepReplacedIds(_ repair: inout PayloadRepair, _ index: Int, _ numbers: [Int: Int]) {
        guard !options.crosswalk.isEmpty else { return }
        for (position, person) in repair.conversations[index].people.enumerated() {
            guard let number = numbers[position], let given = person.participant.key, !resolver.isShown(given),
                person.node < 0 || resolver.merged?[number] ?? number == number
            else { continue }
            let path = participantPath(repair.conversations[index].index, position)
            draft.kept.append((path + ".participantId", .text(given)))
        }
    }

    /// Keeps a participant whom a decision has made the same as an earlier one.
    private mutating func keepMerged(_ repair: inout PayloadRepair, _ index: Int, _ position: Int) {
        let node = repair.conversations[index].people[position].node
        guard node >= 0 else { return }
        keepRepeated(&repair, node, participantPath(repair.conversations[index].index, position), differs: false)
    }

    private func isString(_ view: JSONView, _ repair: PayloadRepair, _ index: Int, _ entry: TranscriptEntry) -> Bool {
        let message = repair.conversations[index].messages[entry.index]
        return view.member(message, "participantId").map { view.kind($0) == .string } ?? false
    }

    /// Writes a declared participant with all its members, the three known ones as they were settled.
    private func writeDeclared(_ view: JSONView, _ node: Int, _ settled: Speaker, to out: inout OutputBuffer) {
        settled.write(to: &out)
        out.removeTrailing(UInt8(ascii: "}"))
        view.forEachMember(node) { key, value in
            let name = view.text(key)
            if name.equals("participantId") || name.equals("role") { return }
            if name.equals("displayName"), view.kind(value) == .string { return }
            out.append(",")
            out.append(string: name.equals("displayName") ? TextSlice(literal: "displayNameAsGiven") : name)
            out.append(":")
            out.append(value: view, value)
        }
        out.append("}")
    }

    /// Puts the messages in order of time if every instant is known.
    private mutating func writeMessages(_ repair: inout PayloadRepair, _ index: Int) {
        let view = repair.view
        let spoken = repair.conversations[index].entries.filter { $0.role != .system }
        guard spoken.allSatisfy({ $0.time.instant != nil }) else { return }
        let ordered = spoken.enumerated().sorted { left, right in
            guard let first = left.element.time.instant, let second = right.element.time.instant else { return false }
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
        guard ordered.map(\.index) != spoken.map(\.index),
            let list = view.member(repair.conversations[index].node, "messages")
        else { return }
        var json = OutputBuffer(capacity: view.bytes(list).count)
        json.append("[")
        for entry in ordered {
            repair.edits.write(view, repair.conversations[index].messages[entry.index], to: &json)
            json.append(",")
        }
        json.removeTrailing(UInt8(ascii: ","))
        json.append("]")
        repair.edits.replace(list, json.array)
        repair.conversations[index].entries =
            ordered + repair.conversations[index].entries.filter { $0.role == .system }
        note(
            .messagesReordered,
            .note,
            stage: .map,
            path: "request.scope.conversations[\(index)].messages",
            message: "the messages were not in order of time; now they are"
        )
    }

    // MARK: Events

    /// Makes the times of `scope.interactions` valid.
    mutating func repairInteractions(_ repair: inout PayloadRepair) {
        let view = repair.view
        guard let list = view.value(repair.request, at: "scope", "interactions"), view.kind(list) == .array else {
            return
        }
        var index = 0
        view.forEachElement(list) { item in
            if view.kind(item) == .object, !repair.edits.isRemoved(item),
                let node = view.member(item, "timestamp"), !repair.edits.isRemoved(node)
            {
                var time = EntryTime()
                repairTime(&repair, item, "request.scope.interactions[\(index)]", &time)
            }
            index += 1
        }
    }
}
