// Understands the conversations of a v3.2 payload: speakers without messages, messages without speakers, old roles.

internal import InteractionModel

extension RecordMapper {
    /// Reads every conversation; afterwards each entry knows its speaker, its time and its text.
    mutating func prepareConversations(_ repair: inout PayloadRepair) -> Bool {
        let view = repair.view
        guard let list = view.value(repair.request, at: "scope", "conversations"), view.kind(list) == .array,
            !view.isEmpty(list)
        else { return refuseEmpty("there is no conversation") }
        var isReadable = true
        var index = 0
        view.forEachElement(list) { node in
            var conversation = PayloadRepair.Conversation(node: node, index: index)
            if !prepare(&repair, &conversation) { isReadable = false }
            repair.conversations.append(conversation)
            index += 1
        }
        guard isReadable else { return false }
        for index in repair.conversations.indices {
            messageCount += repair.conversations[index].entries.count
            repair.conversations[index].isDropped = !repair.conversations[index].entries.contains { $0.role != .system }
        }
        guard repair.conversations.contains(where: { !$0.isDropped }) else {
            return refuseEmpty(messageCount == 0 ? "the conversation is empty" : "only the system speaks")
        }
        return true
    }

    private mutating func prepare(
        _ repair: inout PayloadRepair,
        _ conversation: inout PayloadRepair.Conversation
    ) -> Bool {
        let view = repair.view
        let path = "request.scope.conversations[\(conversation.index)]"
        guard view.kind(conversation.node) == .object else {
            return refuseShape(view, conversation.node, path, "a conversation must be an object")
        }
        if let list = view.member(conversation.node, "participants") {
            guard view.kind(list) == .array else {
                return refuseShape(view, list, path + ".participants", "participants must be an array")
            }
            guard readPeople(&repair, &conversation, list, path + ".participants") else { return false }
        }
        guard let list = view.member(conversation.node, "messages") else { return true }
        guard view.kind(list) == .array else {
            return refuseShape(view, list, path + ".messages", "messages must be an array")
        }
        var isReadable = true
        view.forEachElement(list) { message in
            if !readMessage(&repair, &conversation, message, path) { isReadable = false }
        }
        return isReadable
    }

    private mutating func refuseShape(_ view: JSONView, _ node: Int, _ path: String, _ message: String) -> Bool {
        note(.transcriptShape, .error, stage: .map, at: Int(view[node].start), path: path, message: message)
        return false
    }

    // MARK: Participants

    private mutating func readPeople(
        _ repair: inout PayloadRepair,
        _ conversation: inout PayloadRepair.Conversation,
        _ list: Int,
        _ path: String
    ) -> Bool {
        let view = repair.view
        var isReadable = true
        var index = 0
        view.forEachElement(list) { node in
            let own = "\(path)[\(index)]"
            index += 1
            guard view.kind(node) == .object else {
                displace(&repair, node, own)
                return
            }
            let id = view.member(node, "participantId").flatMap { view.textOrNumber($0) }.flatMap { $0.isBlank ? nil : $0 }
            let name = view.member(node, "displayName").flatMap { view.kind($0) == .string ? view.text($0) : nil }
            let roleName = view.member(node, "role").flatMap { view.kind($0) == .string ? view.text($0) : nil }
            guard let role = role(named: roleName, key: TranscriptEntry(id: id, name: name)) else {
                refuseRole(roleName?.unescaped() ?? [], path: own + ".role")
                isReadable = false
                return
            }
            if let id, let known = conversation.people.first(where: { $0.participant.key?.equals(id) ?? false }) {
                keepRepeated(&repair, node, own, differs: known.participant.role != role)
                return
            }
            let rule: Participant.Rule = id != nil ? .given : name != nil ? .name : .role
            let participant = Participant(key: id, name: name, role: role, rule: rule)
            conversation.people.append(PayloadRepair.Person(participant: participant, node: node))
            if let roleName, !roleName.equals(role.literal), role != .system {
                note(
                    .roleRewritten,
                    .note,
                    stage: .resolve,
                    at: Int(view[node].start),
                    path: own + ".role",
                    message: "the role '\(roleName.string.prefix(40))' is written as '\(role.rawValue)'"
                )
            }
        }
        return isReadable
    }

    private mutating func keepRepeated(_ repair: inout PayloadRepair, _ node: Int, _ path: String, differs: Bool) {
        displace(&repair, node, path)
        note(
            differs ? .idTwoRoles : .duplicateParticipant,
            .warning,
            stage: .resolve,
            at: Int(repair.view[node].start),
            path: path,
            message: differs
                ? "an earlier participant has this id in another role; the earlier one counts, this one is kept as data"
                : "an earlier participant has this id; the earlier one counts, this one is kept as data"
        )
    }

    // MARK: Messages

    private mutating func readMessage(
        _ repair: inout PayloadRepair,
        _ conversation: inout PayloadRepair.Conversation,
        _ message: Int,
        _ path: String
    ) -> Bool {
        let view = repair.view
        let own = "\(path).messages[\(conversation.messages.count)]"
        var entry = TranscriptEntry(index: conversation.messages.count)
        conversation.messages.append(message)
        guard view.kind(message) == .object else {
            return refuseShape(view, message, own, "a message must be an object")
        }
        if let content = view.member(message, "content"), view.kind(content) != .null {
            guard let text = view.textOrNumber(content) else {
                note(
                    .contentNotText,
                    .error,
                    stage: .map,
                    at: Int(view[content].start),
                    path: own + ".content",
                    message: "the content is no text, and has no honest form as one",
                    remedy: "give the text itself as a string"
                )
                return false
            }
            entry.content = text
            if view.kind(content) == .number { repair.edits.replace(content, quoted(text)) }
        } else {
            repair.edits.set(view, message, "content", [UInt8]("\"\"".utf8))
        }
        if entry.content?.isEmpty ?? true {
            note(
                .contentMissing,
                .warning,
                stage: .map,
                at: Int(view[message].start),
                path: own + ".content",
                message: "the message has no text; it is kept as an empty message"
            )
        }
        repairTime(&repair, message, own, &entry.time)
        let id = view.member(message, "participantId").flatMap { view.textOrNumber($0) }.flatMap { $0.isBlank ? nil : $0 }
        entry.id = id
        guard let speaker = speaker(id, &conversation, own) else { return false }
        entry.participant = speaker
        entry.role = conversation.people[speaker].participant.role
        entry.name = conversation.people[speaker].participant.name
        conversation.entries.append(entry)
        return true
    }

    /// Reads `timestamp` and makes it valid, or takes it out and keeps it.
    private mutating func repairTime(
        _ repair: inout PayloadRepair,
        _ object: Int,
        _ path: String,
        _ time: inout EntryTime
    ) {
        let view = repair.view
        guard let node = view.member(object, "timestamp") else { return }
        guard let text = view.textOrNumber(node) else {
            if view.kind(node) == .null {
                repair.edits.remove(node)
                count(&repair, node, .dropped, "null")
            } else {
                displace(&repair, node, path + ".timestamp")
            }
            return
        }
        let (read, fault) = EntryTime.read(text, isNumber: view.kind(node) == .number, &texts)
        time = read
        if let valid = read.text {
            if read.isRewritten { repair.edits.replace(node, quoted(valid)) }
        } else if let fault {
            displace(&repair, node, path + ".timestamp")
            note(
                fault,
                .warning,
                stage: .map,
                at: Int(view[node].start),
                path: path + ".timestamp",
                message: fault == .timeWithoutZone
                    ? "the time has no zone, so it is no instant; it is kept in the metadata"
                    : "not a readable time; it is kept in the metadata"
            )
        } else {
            repair.edits.remove(node)
            count(&repair, node, .dropped, "blank")
        }
    }

    /// The speaker of a message; one that no participant declares needs a role from the crosswalk or an option.
    private mutating func speaker(
        _ id: TextSlice?,
        _ conversation: inout PayloadRepair.Conversation,
        _ path: String
    ) -> Int? {
        if let known = conversation.people.firstIndex(where: { person in
            guard let id else { return person.node < 0 && person.participant.key == nil }
            return person.participant.key?.equals(id) ?? false
        }) {
            return known
        }
        guard let role = role(named: nil, key: TranscriptEntry(id: id)) else {
            note(
                .participantMissing,
                .error,
                stage: .resolve,
                path: path + ".participantId",
                message: "no participant of the conversation is the author, so the role is unknown",
                remedy: "say who that is with --role =user|operator|bot|system, or with --participants"
            )
            return nil
        }
        let participant = Participant(key: id, role: role, rule: id == nil ? .role : .given)
        conversation.people.append(PayloadRepair.Person(participant: participant, node: -1))
        return conversation.people.count - 1
    }

    // MARK: Writing

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
        settleParticipants(thread, organization, path: "request.scope.conversations[\(index)].participants")
        participantCount += resolver.participants.count
        var list = OutputBuffer(capacity: 256)
        list.append("[")
        for (position, person) in repair.conversations[index].people.enumerated() {
            guard let number = numbers[position] else { continue }
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
            if settled.id == nil, let id = entry.id, id.form != .escaped, isString(view, repair, index, entry) { continue }
            var json = OutputBuffer(capacity: 64)
            settled.writeId(to: &json)
            repair.edits.set(view, repair.conversations[index].messages[entry.index], "participantId", json.array)
        }
    }

    private func isString(_ view: JSONView, _ repair: PayloadRepair, _ index: Int, _ entry: TranscriptEntry) -> Bool {
        let message = repair.conversations[index].messages[entry.index]
        return view.member(message, "participantId").map { view.kind($0) == .string } ?? false
    }

    /// Writes a declared participant with all its members, the three known ones as they were settled.
    private func writeDeclared(_ view: JSONView, _ node: Int, _ settled: Participant, to out: inout OutputBuffer) {
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
        repair.conversations[index].entries = ordered + repair.conversations[index].entries.filter { $0.role == .system }
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
