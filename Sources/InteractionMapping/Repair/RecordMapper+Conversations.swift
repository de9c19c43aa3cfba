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
            let id = view.member(node, "participantId").flatMap { view.textOrNumber($0) }.flatMap {
                $0.isBlank ? nil : $0
            }
            let name = view.member(node, "displayName").flatMap { view.kind($0) == .string ? view.text($0) : nil }
            let roleName = view.member(node, "role").flatMap { view.kind($0) == .string ? view.text($0) : nil }
            guard let role = role(named: roleName, key: TranscriptEntry(id: id, name: name)) else {
                refuseRole(roleName?.unescaped() ?? [], path: own + ".role")
                isReadable = false
                return
            }
            if let id, let known = conversation.position(of: id) {
                let differs = conversation.people[known].participant.role != role
                keepRepeated(&repair, node, own, differs: differs)
                return
            }
            let rule: Speaker.Rule = id != nil ? .given : name != nil ? .name : .role
            let participant = Speaker(key: id, name: name, role: role, rule: rule)
            conversation.add(PayloadRepair.Person(participant: participant, node: node))
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

    mutating func keepRepeated(_ repair: inout PayloadRepair, _ node: Int, _ path: String, differs: Bool) {
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
                return refuseContent(view, content, own + ".content")
            }
            entry.content = text
            if view.kind(content) == .number { repair.edits.replace(content, quoted(text)) }
        } else {
            repair.edits.set(view, message, "content", [UInt8]("\"\"".utf8))
        }
        if entry.content?.isEmpty ?? true {
            noteMissingContent(view, message, own + ".content")
        }
        repairTime(&repair, message, own, &entry.time)
        let id = view.member(message, "participantId").flatMap { view.textOrNumber($0) }.flatMap {
            $0.isBlank ? nil : $0
        }
        entry.id = id
        guard let speaker = speaker(id, &conversation, own) else { return false }
        entry.participant = speaker
        entry.role = conversation.people[speaker].participant.role
        entry.name = conversation.people[speaker].participant.name
        conversation.entries.append(entry)
        return true
    }

    /// Reads `timestamp` and makes it valid, or takes it out and keeps it.
    mutating func repairTime(
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
            noteTime(view, node, fault, path + ".timestamp")
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
        if let known = conversation.position(of: id) { return known }
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
        let participant = Speaker(key: id, role: role, rule: id == nil ? .role : .given)
        conversation.add(PayloadRepair.Person(participant: participant, node: -1))
        return conversation.people.count - 1
    }
}
