// From a flat record (v1 to v3.1) to one payload.

internal import InteractionModel

extension RecordMapper {
    /// Maps a record of a flat generation and appends its Interactions to the output.
    ///
    /// - Returns: False if it cannot be converted; the findings say why.
    mutating func mapFlat(
        _ view: JSONView,
        _ generation: Generation,
        _ root: FieldLedger.Path,
        _ payloadNode: Int
    ) -> Bool {
        isSDKTraffic = hasSDKSignature(view, generation, payloadNode)
        readHeaders(view)
        walk(view, view.root, root)
        guard let transcript = found[.transcript] else { return refuseEmpty("there is no conversation") }
        let keys = EntryKeys(generation)
        guard readTranscript(view, transcript.node, transcript.path, keys) else { return false }
        guard readRoles(view) else { return false }
        guard entries.contains(where: { $0.role != .system }) else {
            return refuseEmpty(entries.isEmpty ? "the conversation is empty" : "only the system speaks")
        }
        findIdsPerMessage(generation)
        placeSpecials(view, generation)
        guard let organization = resolveOrganization(view),
            let thread = resolveThread(view, generation, payloadNode, organization)
        else { return false }
        resolveParticipants(view, thread, organization, keys)
        orderEntries()
        let requestId = resolveRequestId(view, thread)
        writeFlatPayload(view, requestId: requestId)
        countSystemEntries()
        noteSnapshot(view, organization)
        noteSpoken(view, inTranscript: transcript.node)
        conversationTally.add(messages: entries)
        return finishPayload(view, thread: thread, requestId: requestId)
    }

    mutating func refuseEmpty(_ reason: String) -> Bool {
        note(
            .noMessages,
            .error,
            stage: .map,
            path: found[.transcript].map { ledger.text($0.path) },
            message: "\(reason), and an Interaction needs a message by a participant",
            remedy: "leave the record out, or send it by another message"
        )
        return false
    }

    /// Whether the vendor's SDK built the record: then its defaults are noise, elsewhere the same values are data.
    private func hasSDKSignature(_ view: JSONView, _ generation: Generation, _ payload: Int) -> Bool {
        func isText(_ node: Int?) -> Bool {
            node.map { view.kind($0) == .string && !view.text($0).isEmpty } ?? false
        }
        return switch generation {
        case .v2, .v3:
            isText(view.value(payload, at: "session", "sdk_version"))
                && isText(view.value(payload, at: "session", "trace_session_ID"))
        case .v31:
            isText(view.value(payload, at: "session", "interface", "sdk_version"))
                && isText(view.value(payload, at: "session", "trace_id"))
        default: false
        }
    }

    /// v1 to v3.0 call it `id`, and it may number messages: it does if ids never repeat while speakers do.
    private mutating func findIdsPerMessage(_ generation: Generation) {
        guard generation != .v31, entries.count > 1 || snapshot.idsNumberMessages else { return }
        var ids: Set<[UInt8]> = []
        var speakers: Set<[UInt8]> = []
        var speakerRepeats = false
        for entry in entries {
            guard let id = entry.id else { continue }
            guard ids.insert(id.unescaped()).inserted else { return }
            var speaker = entry.name?.unescaped() ?? []
            speaker.append(0)
            speaker.append(contentsOf: entry.role.rawValue.utf8)
            if !speakers.insert(speaker).inserted { speakerRepeats = true }
        }
        guard speakerRepeats || snapshot.idsNumberMessages else { return }
        snapshot.hasNumbers = !ids.isEmpty
        let path = ledger.define(ledger.elements(conversationPath), "id")
        for index in entries.indices where entries[index].id != nil && entries[index].role != .system {
            if let id = entries[index].id {
                let piece = draft.made { $0.append(string: id) }
                draft.kept.append(("\(ledger.text(conversationPath))[\(entries[index].index)].id", piece))
            }
            entries[index].id = nil
            ledger.count(path, .mapped, "participants[].participantId", -1)
            ledger.count(path, .kept, "metadata.legacy")
        }
        note(
            .idsPerMessage,
            .note,
            stage: .resolve,
            path: ledger.text(conversationPath) + "[].id",
            message: "each message has an id of its own while speakers repeat: the ids number messages, not people"
        )
    }

    // MARK: Participants and order

    private mutating func resolveParticipants(
        _ view: JSONView,
        _ thread: TextSlice,
        _ organization: TextSlice,
        _ keys: EntryKeys
    ) {
        for index in entries.indices where entries[index].role != .system {
            let entry = entries[index]
            entries[index].participant = resolver.participant(id: entry.id, name: entry.name, role: entry.role)
        }
        if let operatorName { resolver.nameOperator(operatorName) }
        settleParticipants(thread, organization, path: conversationPath)
        participantCount = resolver.participants.count
        redirectEntries()
        var replaced: Set<[UInt8]> = []
        for entry in entries where entry.role != .system {
            let participant = entry.participant
            // The id in the source, where a decision has replaced it and nobody shows it any more.
            if !options.crosswalk.isEmpty, let id = entry.id, !resolver.isShown(id),
                replaced.insert(id.unescaped()).inserted
            {
                draft.kept.append(("\(ledger.text(conversationPath))[\(entry.index)].\(keys.id)", .text(id)))
            }
            if let name = entry.name, let shown = resolver.participants[participant].name, !shown.equals(name) {
                let piece = draft.made { $0.append(string: name) }
                draft.kept.append(
                    ("\(ledger.text(conversationPath))[\(entry.index)].\(keys.name)", piece)
                )
                let path = ledger.define(ledger.elements(conversationPath), keys.name.description)
                ledger.count(path, .mapped, "participants[].displayName", -1)
                ledger.count(path, .kept, "metadata.legacy")
            }
        }
    }

    /// Lets the entries of those whom a decision has made one person refer to that person.
    ///
    /// - Returns: The new place of each participant; nil if nothing has changed.
    @discardableResult
    mutating func redirectEntries() -> [Int]? {
        guard let places = resolver.merge() else { return nil }
        for index in entries.indices where entries[index].participant >= 0 {
            entries[index].participant = places[entries[index].participant]
        }
        return places
    }

    /// Gives the speakers their ids and reports what was decided.
    mutating func settleParticipants(
        _ conversation: TextSlice,
        _ organization: TextSlice,
        path: FieldLedger.Path
    ) {
        var conflicts: [FindingCode] = []
        resolver.settle(
            conversation: conversation,
            organization: organization,
            crosswalk: options.crosswalk,
            texts: &texts
        ) { code, _ in conflicts.append(code) }
        for code in conflicts {
            note(
                code,
                code == .idTwoRoles ? .warning : .note,
                stage: .resolve,
                path: path == FieldLedger.root ? nil : ledger.text(path),
                message: code == .idTwoRoles
                    ? "one id speaks in two roles: the later role became a participant of its own"
                    : "one name speaks in two roles: they are two participants",
                remedy: code == .idTwoRoles ? "decide with --participants if they are one person" : nil
            )
        }
        outcome.participants.reserveCapacity(outcome.participants.count + resolver.participants.count)
        for participant in resolver.participants {
            outcome.participants.append(
                RecordOutcome.ResolvedParticipant(
                    participantId: (participant.id ?? participant.key)?.string ?? "",
                    role: participant.role,
                    rule: participant.rule.rawValue
                )
            )
            conversationTally.addParticipant(participant.role, by: participant.rule)
        }
        if options.tellsPeople { tellSpeakers(organization) }
    }

    /// Adds what the source says of the participants at hand.
    private mutating func tellSpeakers(_ organization: TextSlice) {
        let first = outcome.participants.count - resolver.participants.count
        let organization = organization.string
        for (index, speaker) in resolver.participants.enumerated() {
            outcome.participants[first + index].people = [SourcePerson(speaker, organization, resolver.system)]
        }
    }

    /// By time when every instant is known, else as the source has it.
    mutating func orderEntries() {
        var isOrdered = true
        var latest: Instant?
        for entry in entries where entry.role != .system {
            guard let instant = entry.time.instant else {
                setFirstInstant()
                return
            }
            if let latest, instant < latest { isOrdered = false }
            latest = instant
        }
        if !isOrdered {
            // What the system said may lack a time; it is written apart and keeps its order.
            let messages = entries.filter { $0.role != .system }.enumerated().sorted { left, right in
                guard let first = left.element.time.instant, let second = right.element.time.instant else {
                    return false
                }
                return first == second ? left.offset < right.offset : first < second
            }
            entries = entries.filter { $0.role == .system } + messages.map(\.element)
            note(
                .messagesReordered,
                .note,
                stage: .map,
                path: conversationPathText,
                message: "the messages were not in order of time; now they are"
            )
        }
        setFirstInstant()
    }

    private var conversationPathText: String? {
        conversationPath == FieldLedger.root ? nil : ledger.text(conversationPath)
    }

    mutating func setFirstInstant() {
        firstInstant = entries.first { $0.role != .system }?.time.instant?.milliseconds ?? 0
    }

    // MARK: Writing

    mutating func writeFlatPayload(_ view: JSONView, requestId: TextSlice) {
        addSystemEntries()
        payloadStart = output.count
        output.append("{\"session\":{")
        draft.write(Slot.sessionId.rawValue...Slot.sessionId.rawValue, view, to: &output)
        draft.writeGroup("channel", .channelBrowser, .channelSection, view, to: &output)
        draft.writeGroup("interface", .interfaceAppVersion, .interfaceType, view, to: &output)
        output.removeTrailing(UInt8(ascii: ","))
        output.append("},\"request\":{\"requestId\":")
        requestIdStart = output.count + 1
        output.append(string: requestId)
        output.append(",")
        draft.writeGroup("attributes", .attributesContent, .attributesVariant, view, to: &output)
        draft.writeGroup("connections", .journeyId, .threadId, view, to: &output)
        draft.writeGroup("context", .caseId, .userId, view, to: &output)
        draft.writeGroup("reference", .referenceIds, .referenceTags, view, to: &output)
        draft.writeGroup("resources", .resourcesCodes, .resourcesOffers, view, to: &output)
        output.append("\"scope\":{")
        draft.write(Slot.accounts.rawValue...Slot.cases.rawValue, view, to: &output)
        writeConversation(view)
        draft.write(Slot.documents.rawValue...Slot.users.rawValue, view, to: &output)
        output.removeTrailing(UInt8(ascii: ","))
        output.append("},")
        draft.writeGroup("settings", .disableBrowsing, .overrideOutputLanguage, view, to: &output)
        draft.write(Slot.a2a.rawValue...Slot.a2a.rawValue, view, to: &output)
        draft.writeGroup("cursor", .cursorSince, .cursorUntil, view, to: &output)
        output.removeTrailing(UInt8(ascii: ","))
        output.append("}}")
    }

    private mutating func writeConversation(_ view: JSONView) {
        output.append("\"conversations\":[{\"participants\":[")
        for participant in resolver.participants {
            participant.write(to: &output)
            output.append(UInt8(ascii: ","))
        }
        output.removeTrailing(UInt8(ascii: ","))
        output.append("],\"messages\":[")
        for index in entries.indices where entries[index].role != .system {
            output.append("{\"content\":")
            output.append(string: entries[index].content ?? TextSlice(literal: ""))
            output.append(",\"participantId\":")
            resolver.participants[entries[index].participant].writeId(to: &output)
            entries[index].time.write(to: &output)
            output.append("},")
        }
        output.removeTrailing(UInt8(ascii: ","))
        output.append("]")
        draft.writeMetadata(view, to: &output)
        output.append("}],")
    }

    /// What the system said in the transcript goes to `scope.interactions`.
    private mutating func addSystemEntries() {
        for entry in entries where entry.role == .system {
            movedCount += 1
            let piece = draft.made { entry.writeInteraction(to: &$0) }
            draft.add(.interactions, piece)
        }
    }

    private mutating func countSystemEntries() {
        guard movedCount > 0 else { return }
        let path = ledger.define(ledger.elements(conversationPath), "content")
        let withContent = entries.count { $0.role == .system && $0.content != nil }
        ledger.count(path, .mapped, "messages[].content", -withContent)
        ledger.count(path, .moved, "request.scope.interactions", withContent)
    }
}

extension Speaker {
    /// Writes `{"participantId":…,"displayName":…,"role":…}`.
    func write(to out: inout OutputBuffer) {
        out.append("{\"participantId\":")
        writeId(to: &out)
        if let shown = decidedName ?? name {
            out.append(",\"displayName\":")
            out.append(string: shown)
        }
        out.append(",\"role\":\"")
        out.append(role.literal)
        out.append("\"}")
    }

    func writeId(to out: inout OutputBuffer) {
        if let id = id ?? key { out.append(string: id) }
    }
}

extension TranscriptEntry {
    /// Writes the entry as an item of `scope.interactions`.
    func writeInteraction(to out: inout OutputBuffer) {
        out.append("{\"content\":")
        if let content { out.append(string: content) } else { out.append("\"\"") }
        if let id {
            out.append(",\"id\":")
            out.append(string: id)
        }
        if let name {
            out.append(",\"name\":")
            out.append(string: name)
        }
        out.append(",\"role\":\"")
        out.append((authorRole ?? .system).literal)
        out.append("\"")
        time.write(to: &out)
        out.append("}")
    }
}
