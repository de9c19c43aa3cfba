// From a v3.2 payload to an Interaction: unchanged if it is one, else repaired (`legacy-generations.md` §4.5).

internal import InteractionModel

extension RecordMapper {
    /// Maps a record whose conversations already have participants and messages.
    ///
    /// - Returns: False if it cannot be converted; the findings say why.
    mutating func mapStructured(_ view: JSONView, _ generation: Generation, _ payloadNode: Int) -> Bool {
        let isEnvelope = payloadNode != view.root
        if isUnchanged(view, generation, payloadNode, isEnvelope: isEnvelope) {
            return passThrough(view, payloadNode, isEnvelope: isEnvelope)
        }
        var repair = PayloadRepair(view: view, payload: payloadNode)
        if isEnvelope {
            readHeaders(view)
            for stray in strays(view) { displace(&repair, stray.node, stray.name) }
        }
        displaceMisfits(&repair)
        guard let organization = repairOrganization(&repair),
            prepareConversations(&repair)
        else { return false }
        guard let thread = repairThread(&repair, organization) else { return false }
        let requestId = repairRequestId(&repair, thread)
        repairAliases(&repair)
        if isEnvelope { dropPlaceholders(&repair) }
        repairInteractions(&repair)
        finishConversations(&repair, thread, organization)
        addCarried(&repair)
        payloadStart = output.count
        repair.edits.write(view, payloadNode, to: &output)
        countStructured(view, generation, except: repair.counted)
        return finishPayload(view, thread: thread, requestId: requestId)
    }

    private func isUnchanged(_ view: JSONView, _ generation: Generation, _ payload: Int, isEnvelope: Bool) -> Bool {
        guard options.crosswalk.isEmpty, !options.tellsPeople else { return false }
        if isEnvelope {
            guard strays(view).isEmpty else { return false }
            return generation == .interaction && InteractionValidator.isValid(view, root: view.root, form: .envelope)
                && InteractionValidator.isValid(view, root: payload, form: .payload)
        }
        return InteractionValidator.isValid(
            view,
            root: payload,
            form: .payload,
            tenantIDLength: options.tenantId?.utf8.count ?? 0
        )
    }

    /// An Interaction that validates goes out equal by value.
    private mutating func passThrough(_ view: JSONView, _ payloadNode: Int, isEnvelope: Bool) -> Bool {
        guard let request = view.member(payloadNode, "request"),
            let thread = view.value(request, at: "connections", "threadId"),
            let requestId = view.member(request, "requestId"),
            let conversations = view.value(request, at: "scope", "conversations")
        else { return false }
        outcome.threadId = view.text(thread).string
        var isFirst = true
        view.forEachElement(conversations) { conversation in
            if let participants = view.member(conversation, "participants") {
                view.forEachElement(participants) { participant in
                    guard let id = view.member(participant, "participantId"),
                        let role = view.member(participant, "role"),
                        let role = ParticipantRole(rawValue: view.text(role).string)
                    else { return }
                    participantCount += 1
                    conversationTally.addParticipant(role, by: .given)
                    outcome.participants.append(
                        RecordOutcome.ResolvedParticipant(
                            participantId: view.text(id).string,
                            role: role,
                            rule: Speaker.Rule.given.rawValue
                        )
                    )
                }
            }
            guard let messages = view.member(conversation, "messages") else { return }
            view.forEachElement(messages) { message in
                messageCount += 1
                var instant: Instant?
                if let time = view.member(message, "timestamp"), view.kind(time) == .string {
                    instant = EntryTime.read(view.text(time), isNumber: false, &texts).time.instant
                }
                conversationTally.addMessage(at: instant)
                guard isFirst else { return }
                isFirst = false
                firstInstant = instant?.milliseconds ?? 0
            }
        }
        payloadStart = output.count
        output.append(value: view, payloadNode)
        if isEnvelope, let headers = view.member(view.root, "headers") { passHeaders(view, headers) }
        countStructured(view, outcome.generation ?? .v32, except: [])
        return finishPayload(view, thread: view.text(thread), requestId: view.text(requestId))
    }

    /// Headers go out as they came, where the form has a place for them.
    private mutating func passHeaders(_ view: JSONView, _ headers: Int) {
        guard options.form == .rest else {
            sourceHeaders = headers
            return
        }
        handledHeaders = headers
        let path = ledger.define(roots[outcome.generation ?? .interaction] ?? unrecognized, "headers")
        ledger.count(all: path, view, headers, .dropped, "rest-form")
        note(
            .headersDropped,
            .note,
            stage: .map,
            path: "headers",
            message: "a bare payload has no place for headers",
            remedy: "keep them with --form websocket"
        )
    }

    /// Members of an envelope that no envelope has.
    private func strays(_ view: JSONView) -> [(name: String, node: Int)] {
        var found: [(name: String, node: Int)] = []
        view.forEachMember(view.root) { key, value in
            let name = view.text(key)
            if name.equals("action") || name.equals("headers") || name.equals("payload") { return }
            found.append((name.string, value))
        }
        return found
    }

    /// Counts every leaf that no step has counted as unchanged.
    private mutating func countStructured(_ view: JSONView, _ generation: Generation, except counted: Set<Int>) {
        var counted = counted
        if handledHeaders >= 0 { counted.insert(handledHeaders) }
        ledger.count(
            all: roots[generation] ?? unrecognized,
            view,
            view.root,
            .mapped,
            "unchanged",
            except: counted
        )
    }

    // MARK: Values of the wrong kind

    /// Values outside the transcript that the schema refuses: they leave their place and are kept.
    private mutating func displaceMisfits(_ repair: inout PayloadRepair) {
        let view = repair.view
        var misfits: [(node: Int, path: String)] = []
        let rebuilt = repair.rebuiltRanges()
        InteractionSchema.violations(of: .payload, view: view, at: repair.payload) { violation in
            guard !violation.isMissing, violation.node != repair.payload,
                !rebuilt.contains(where: { $0.contains(violation.node) })
            else { return }
            misfits.append((violation.node, violation.path))
        }
        for misfit in misfits where !repair.isInteractionTime(misfit.node) {
            displace(&repair, misfit.node, misfit.path)
            note(
                .valueKept,
                .note,
                stage: .map,
                at: Int(view[misfit.node].start),
                path: misfit.path,
                message: "the schema does not allow this value here; it is kept in the metadata"
            )
        }
        for key in ["session", "request"] as [StaticString] where view.member(repair.payload, key) == nil {
            repair.edits.set(view, repair.payload, key, [UInt8]("{}".utf8))
        }
        if let session = view.member(repair.payload, "session"), repair.edits.isRemoved(session) {
            repair.edits.replace(session, [UInt8]("{}".utf8))
        }
        if let copy = view.member(repair.payload, "headers") { removeHeaderCopy(&repair, copy) }
    }

    /// Takes a value out of its place and keeps it under its path.
    mutating func displace(_ repair: inout PayloadRepair, _ node: Int, _ path: String) {
        repair.edits.remove(node)
        draft.keep(path, node)
        count(&repair, node, .kept, "metadata.legacy")
    }

    /// Counts a node's leaves here, so that they are not counted as unchanged.
    mutating func count(
        _ repair: inout PayloadRepair,
        _ node: Int,
        _ disposition: Disposition,
        _ rule: StaticString
    ) {
        guard repair.counted.insert(node).inserted else { return }
        let root = roots[outcome.generation ?? .v32] ?? unrecognized
        let path = ledger.path(to: node, repair.view, from: root)
        ledger.count(all: path, repair.view, node, disposition, rule)
    }

    /// The 3.2 SDK puts a copy of the caller's headers into the payload.
    private mutating func removeHeaderCopy(_ repair: inout PayloadRepair, _ copy: Int) {
        let view = repair.view
        guard view.kind(copy) == .object, let headers = view.member(view.root, "headers"), headers != copy else {
            return
        }
        var differing: [(path: String, node: Int)] = []
        view.forEachMember(copy) { key, value in
            var isEqual = false
            view.forEachMember(headers) { otherKey, otherValue in
                guard view.text(otherKey).equals(view.text(key)) else { return }
                isEqual = view.bytes(otherValue).elementsEqual(view.bytes(value))
            }
            if !isEqual { differing.append(("payload.headers.\(view.text(key).string)", value)) }
        }
        for (path, node) in differing {
            draft.keep(path, node)
            count(&repair, node, .kept, "metadata.legacy")
        }
        view.forEachMember(copy) { _, value in
            if !differing.contains(where: { $0.node == value }) { count(&repair, value, .dropped, "headers-copy") }
        }
        repair.edits.remove(copy)
        if view.isEmpty(copy) { count(&repair, copy, .dropped, "headers-copy") }
    }

    // MARK: Identity

    /// The text of an id, if there is one; a number is written as text from here on.
    private func readableId(_ repair: inout PayloadRepair, _ node: Int?) -> TextSlice? {
        guard let node, let text = repair.view.textOrNumber(node), !text.isBlank else { return nil }
        if repair.view.kind(node) == .number { repair.edits.replace(node, quoted(text)) }
        return text
    }

    private mutating func repairOrganization(_ repair: inout PayloadRepair) -> TextSlice? {
        let view = repair.view
        if let own = readableId(&repair, view.value(repair.request, at: "context", "organizationId")) { return own }
        guard let organization = fallbackOrganization() else { return nil }
        repair.edits.set(view, repair.request, "context", "organizationId", quoted(organization))
        return organization
    }

    private mutating func repairThread(_ repair: inout PayloadRepair, _ organization: TextSlice) -> TextSlice? {
        let view = repair.view
        if let own = readableId(&repair, view.value(repair.request, at: "connections", "threadId")) {
            outcome.threadId = own.string
            return own
        }
        let messages = repair.conversations.flatMap(\.entries)
        let thread = substituteThread(view, repair.payload) { mapper in
            mapper.deriveThread(view, organization, repair.payload, messages)
        }
        guard let thread else { return nil }
        outcome.threadId = thread.string
        repair.edits.set(view, repair.request, "connections", "threadId", quoted(thread))
        return thread
    }

    private mutating func repairRequestId(_ repair: inout PayloadRepair, _ thread: TextSlice) -> TextSlice {
        let view = repair.view
        if let own = readableId(&repair, view.member(repair.request, "requestId")) { return own }
        let id = derivedRequestId(view, thread)
        repair.edits.set(view, repair.request, "requestId", quoted(id))
        return id
    }

    /// `request.variation` and `request.content` are older names of two attributes.
    private mutating func repairAliases(_ repair: inout PayloadRepair) {
        let view = repair.view
        for (alias, key) in [("variation", "variant"), ("content", "content")] as [(StaticString, StaticString)] {
            guard let node = view.member(repair.request, alias), view.kind(node) == .string else { continue }
            let text = view.text(node)
            let target = view.value(repair.request, at: "attributes", key)
            let value = key.description == "variant" ? Self.upperCased(text) : text.unescaped()
            let isEmpty = target.map { view.kind($0) == .string && view.text($0).isEmpty } ?? true
            if isEmpty, !text.isEmpty {
                var json = OutputBuffer(capacity: value.count + 2)
                json.append(escaped: value)
                repair.edits.set(view, repair.request, "attributes", key, json.array)
                repair.edits.remove(node)
                count(&repair, node, .mapped, "request.attributes")
                if value != text.unescaped() { draft.keep("request.\(alias)", node) }
            } else if let target, view.kind(target) == .string, view.text(target).unescaped() == value {
                repair.edits.remove(node)
                count(&repair, node, .dropped, "alias-copy")
            } else {
                displace(&repair, node, "request.\(alias)")
            }
        }
    }

    /// What the SDK sends where its caller gave no item; the same in a hand-made body is data.
    private mutating func dropPlaceholders(_ repair: inout PayloadRepair) {
        let view = repair.view
        guard let version = view.value(view.root, at: "headers", "sdkVersion"), view.kind(version) == .string,
            !view.text(version).isBlank, !view.text(version).equals("none")
        else { return }
        let lists = [
            view.value(repair.request, at: "reference", "ids"), view.value(repair.request, at: "resources", "codes"),
            view.value(repair.request, at: "resources", "links"), view.value(repair.request, at: "scope", "products"),
            view.member(repair.request, "a2a"),
        ]
        for case let list? in lists where view.kind(list) == .array {
            view.forEachElement(list) { item in
                guard view.isPlaceholder(item), !repair.edits.isRemoved(item) else { return }
                repair.edits.remove(item)
                count(&repair, item, .dropped, "sdk-placeholder")
            }
        }
    }

    static func upperCased(_ text: TextSlice) -> [UInt8] {
        text.unescaped().map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    }

    /// A text as JSON.
    func quoted(_ text: TextSlice) -> [UInt8] {
        var json = OutputBuffer(capacity: text.count + 2)
        json.append(string: text)
        return json.array
    }

    // MARK: What is added

    /// Reference ids from the headers, and the metadata's kept values.
    private mutating func addCarried(_ repair: inout PayloadRepair) {
        let view = repair.view
        var items = OutputBuffer(capacity: 256)
        draft.writeItems(.referenceIds, view, to: &items)
        if items.count > 0 {
            if let ids = view.value(repair.request, at: "reference", "ids"), view.kind(ids) == .array,
                !repair.edits.isRemoved(ids)
            {
                repair.edits.append(ids, items.array)
            } else {
                repair.edits.set(view, repair.request, "reference", "ids", [0x5B] + items.array + [0x5D])
            }
        }
        guard !draft.kept.isEmpty, let first = repair.conversations.first(where: { !$0.isDropped }) else { return }
        if let legacy = view.value(first.node, at: "metadata", "legacy"), view.kind(legacy) == .object {
            // A record that has been through this before: its entries stay, new ones join them.
            for entry in draft.kept {
                var json = OutputBuffer(capacity: 64)
                draft.write(entry.piece, view, to: &json)
                repair.edits.add(legacy, entry.path, json.array)
            }
            return
        }
        var json = OutputBuffer(capacity: 256)
        draft.writeLegacy(view, to: &json)
        repair.edits.set(view, first.node, "metadata", "legacy", json.array)
    }
}
