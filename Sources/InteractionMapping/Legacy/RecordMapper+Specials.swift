// The values of the flat generations that need more than a table line.

internal import InteractionModel

extension RecordMapper {
    /// Places everything that the walk has set aside, except what identifies the message.
    mutating func placeSpecials(_ view: JSONView, _ generation: Generation) {
        if let (node, path) = found[.medium] { placeMedium(view, node, path) }
        placeVariant(view)
        if let (node, path) = found[.productId] {
            placeObject(view, node, path, in: .products, [("id", node)], isWhole: view.kind(node) == .string)
        }
        if let (node, path) = found[.product] { placeProduct(view, node, path) }
        if let (node, path) = found[.crm] { placeCRM(view, node, path) }
        if let (node, path) = found[.channelName] {
            addChannelMetadata("c_name", view, node)
            ledger.count(all: path, view, node, .mapped, Slot.channelMetadata.path)
        }
        if let (node, path) = found[.organizationName] { placeOrganizationName(view, node, path) }
        if let (node, path) = found[.agent] { placePerson(view, node, path, in: .operators, "agent_ID", .operatorId) }
        if let (node, path) = found[.user] { placePerson(view, node, path, in: .users, "user_ID", .userId) }
        if let (node, path) = found[.latency] { placeLatency(view, node, path) }
        placeTenant(view)
        if let (node, path) = found[.interactions] { placeInteractions(view, node, path, id: "id", name: "name") }
        if let (node, path) = found[.notes] { placeInteractions(view, node, path, id: "note_ID", name: "author") }
        nameOperator(view)
        // Absent meant false then, and means true now.
        if generation != .v1, draft.isEmpty(.disableStream) { draft.add(.disableStream, .literal("false")) }
    }

    private mutating func placeVariant(_ view: JSONView) {
        let isEmpty = found[.variant].map { view.kind($0.node) == .string && view.text($0.node).isEmpty } ?? true
        // A variation goes before the default that the SDK puts beside it.
        let isOverridden = found[.variation] != nil && (isEmpty || found[.variant] == nil)
        if let (node, path) = found[.variant], !isOverridden { placeUpperCased(view, node, path) }
        if let (node, path) = found[.variation] { placeUpperCased(view, node, path) }
        if let (node, path) = found[.variant], isOverridden { ledger.count(all: path, view, node, .dropped, "blank") }
    }

    private mutating func placeUpperCased(_ view: JSONView, _ node: Int, _ path: FieldLedger.Path) {
        guard view.kind(node) == .string else {
            keepMisfit(view, node, path, .attributesVariant)
            return
        }
        guard draft.isEmpty(.attributesVariant) else {
            keep(view, node, path)
            return
        }
        let upper = Self.upperCased(view.text(node))
        draft.add(.attributesVariant, draft.made { $0.append(escaped: upper) })
        ledger.count(path, .mapped, Slot.attributesVariant.path)
        if upper != view.text(node).unescaped() { draft.keep(ledger.text(path), node) }
    }

    /// Adds one object made of some values; a value of another kind is kept.
    private mutating func placeObject(
        _ view: JSONView,
        _ node: Int,
        _ path: FieldLedger.Path,
        in slot: Slot,
        _ members: [(StaticString, Int)],
        isWhole: Bool
    ) {
        guard isWhole else {
            keepMisfit(view, node, path, slot)
            return
        }
        let piece = draft.made { out in
            out.append("{")
            for (name, value) in members {
                out.append("\"")
                out.append(name)
                out.append("\":")
                out.append(value: view, value)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        }
        draft.add(slot, piece)
        ledger.count(all: path, view, node, .mapped, slot.path)
    }

    private mutating func placeProduct(_ view: JSONView, _ node: Int, _ path: FieldLedger.Path) {
        guard view.kind(node) == .object else {
            keepMisfit(view, node, path, .products)
            return
        }
        let renamed: [(StaticString, StaticString)] = [
            ("product_ID", "id"), ("product_location", "location"), ("product_category", "category"),
            ("product_model", "model"),
        ]
        if isSDKTraffic, view.isPlaceholder(node) {
            ledger.count(all: path, view, node, .dropped, "sdk-placeholder")
            return
        }
        var isText = true
        let piece = draft.made { out in
            out.append("{")
            view.forEachMember(node) { key, value in
                let name = renamed.first { view.text(key).equals($0.0) }?.1
                if let name {
                    if name.description == "id", view.kind(value) != .string { isText = false }
                    out.append("\"")
                    out.append(name)
                    out.append("\"")
                } else {
                    out.append(string: view.text(key))
                }
                out.append(":")
                out.append(value: view, value)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        }
        guard isText else {
            keepMisfit(view, node, path, .products)
            return
        }
        draft.add(.products, piece)
        ledger.count(all: path, view, node, .mapped, Slot.products.path)
    }

    private mutating func placeCRM(_ view: JSONView, _ node: Int, _ path: FieldLedger.Path) {
        guard view.kind(node) == .string else {
            keepMisfit(view, node, path, .interfaceName)
            return
        }
        place(view, node, path, in: .interfaceName)
        if !view.text(node).isEmpty { draft.add(.interfaceCategory, .literal("\"crm\"")) }
    }

    private mutating func placeOrganizationName(_ view: JSONView, _ node: Int, _ path: FieldLedger.Path) {
        var members: [(StaticString, Int)] = [("name", node)]
        if let id = found[.organizationId], view.kind(id.node) == .string { members.insert(("id", id.node), at: 0) }
        placeObject(view, node, path, in: .organizations, members, isWhole: view.kind(node) == .string)
    }

    /// `agent` and `user` go whole to the scope; their ids also to the context.
    private mutating func placePerson(
        _ view: JSONView,
        _ node: Int,
        _ path: FieldLedger.Path,
        in slot: Slot,
        _ idKey: StaticString,
        _ idSlot: Slot
    ) {
        if isSDKTraffic, view.isDefaultThroughout(node) {
            ledger.count(all: path, view, node, .dropped, "sdk-default")
            return
        }
        draft.add(slot, .node(node))
        ledger.count(all: path, view, node, .mapped, slot.path)
        if let id = view.member(node, idKey), view.kind(id) == .string, !view.text(id).isBlank {
            draft.add(idSlot, .node(id))
        }
    }

    /// `agent.agent_name` names the one operator who has no name.
    private mutating func nameOperator(_ view: JSONView) {
        guard let agent = found[.agent]?.node, let node = view.member(agent, "agent_name"),
            view.kind(node) == .string, !view.text(node).isBlank
        else { return }
        let speakers = entries.filter { $0.role == .operator }
        guard let first = speakers.first, speakers.allSatisfy({ $0.name == nil }) else { return }
        let isOne = speakers.allSatisfy { entry in
            guard let id = entry.id, let other = first.id else { return entry.id == nil && first.id == nil }
            return id.equals(other)
        }
        if isOne { operatorName = view.text(node) }
    }

    // MARK: Tenant and latency, which only the envelope has a field for

    private mutating func placeLatency(_ view: JSONView, _ node: Int, _ path: FieldLedger.Path) {
        guard view.kind(node) == .number else {
            keep(view, node, path)
            return
        }
        if isSDKTraffic, view.numberText(node).equals("120") {
            // The SDK's made-up figure.
            ledger.count(path, .dropped, "sdk-default")
            return
        }
        envelope.latency = view.numberText(node)
        keep(view, node, path)
    }

    private mutating func placeTenant(_ view: JSONView) {
        if let (node, path) = found[.tenantId] {
            if let tenant = view.textOrNumber(node), !tenant.isBlank {
                envelope.tenant = tenant
                draft.addIdentifier("tenant_id", tenant)
                ledger.count(path, .mapped, "headers.tenantId")
            } else {
                ledger.count(all: path, view, node, .dropped, "blank")
            }
        }
    }

    // MARK: Events and notes

    /// Items of `scope.interactions`: the five members that are known there, the rest kept.
    private mutating func placeInteractions(
        _ view: JSONView,
        _ array: Int,
        _ path: FieldLedger.Path,
        id: StaticString,
        name: StaticString
    ) {
        guard view.kind(array) == .array else {
            keepMisfit(view, array, path, .interactions)
            return
        }
        if view.isEmpty(array) {
            draft.add(.interactions, .items(array))
            ledger.count(path, .mapped, Slot.interactions.path)
            return
        }
        let elements = ledger.elements(path)
        var index = 0
        view.forEachElement(array) { item in
            if view.kind(item) != .object {
                draft.keep("\(ledger.text(path))[\(index)]", item)
                ledger.count(all: elements, view, item, .kept, "metadata.legacy")
            } else if isSDKTraffic, view.isInteractionPlaceholder(item) {
                ledger.count(all: elements, view, item, .dropped, "sdk-placeholder")
            } else {
                placeInteraction(view, item, elements, "\(ledger.text(path))[\(index)]", id: id, name: name)
            }
            index += 1
        }
    }

    private mutating func placeInteraction(
        _ view: JSONView,
        _ item: Int,
        _ elements: FieldLedger.Path,
        _ path: String,
        id: StaticString,
        name: StaticString
    ) {
        let start = draft.scratch.count
        draft.scratch.append("{")
        view.forEachMember(item) { key, value in
            let text = view.text(key)
            let target: StaticString? =
                text.equals("content")
                ? "content"
                : text.equals(id)
                    ? "id"
                    : text.equals(name) ? "name" : text.equals("role") ? "role" : nil
            let step = ledger.child(elements, text)
            if let target, view.kind(value) == .string {
                draft.scratch.append("\"")
                draft.scratch.append(target)
                draft.scratch.append("\":")
                draft.scratch.append(string: view.text(value))
                draft.scratch.append(",")
                ledger.count(step, .mapped, Slot.interactions.path)
                return
            }
            if text.equals("timestamp"), view.kind(value) == .string || view.kind(value) == .number {
                let isNumber = view.kind(value) == .number
                let (time, fault) = EntryTime.read(
                    isNumber ? view.numberText(value) : view.text(value),
                    isNumber: isNumber,
                    &texts
                )
                if time.instant != nil {
                    time.write(to: &draft.scratch, isFirst: true)
                    draft.scratch.append(",")
                    ledger.count(step, .mapped, Slot.interactions.path)
                    return
                }
                if let fault { noteTime(view, value, fault, "\(path).timestamp") }
            }
            draft.keep("\(path).\(text.string)", value)
            ledger.count(all: step, view, value, .kept, "metadata.legacy")
        }
        draft.scratch.removeTrailing(UInt8(ascii: ","))
        draft.scratch.append("}")
        draft.add(.interactions, .scratch(start, draft.scratch.count))
    }
}

extension JSONView {
    /// What the SDK of v3.1 sends where its caller gave no events.
    func isInteractionPlaceholder(_ item: Int) -> Bool {
        if isPlaceholder(item) { return true }
        var isWordsOnly = !isEmpty(item)
        forEachMember(item) { key, value in
            let expected: StaticString = text(key).equals("timestamp") ? "datetime" : "string"
            if kind(value) != .string || !text(value).equals(expected) { isWordsOnly = false }
        }
        return isWordsOnly
    }

    /// Whether nothing in a value says more than its kind: empty texts, zero, false, null, at any depth.
    func isDefaultThroughout(_ index: Int) -> Bool {
        switch kind(index) {
        case .string: return text(index).isEmpty
        case .number: return numberText(index).equals("0")
        case .null, .false: return true
        case .true: return false
        case .object:
            var isDefault = true
            forEachMember(index) { _, value in if isDefault { isDefault = isDefaultThroughout(value) } }
            return isDefault
        case .array:
            return isEmpty(index)
        }
    }
}
