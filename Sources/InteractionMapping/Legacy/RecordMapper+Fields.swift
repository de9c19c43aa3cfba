// Walks a flat record by its mapping table: every value to its slot, or to the metadata.

internal import InteractionModel

extension RecordMapper {
    /// Walks an object's members, applying the rule of each path.
    mutating func walk(_ view: JSONView, _ object: Int, _ path: FieldLedger.Path) {
        let end = view.next(object)
        var key = object + 1
        while key < end {
            let value = key + 1
            if !view[key].flags.contains(.superseded) {
                place(view, value, ledger.child(path, view.text(key)))
            }
            key = view.next(value)
        }
        if view.isEmpty(object) { ledger.count(path, .mapped, "section") }
    }

    private mutating func place(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path) {
        if value == handledHeaders { return }
        let index = ledger.rule(path)
        guard index >= 0 else {
            draft.keep(ledger.text(path), value)
            ledger.count(all: path, view, value, .kept, "metadata.legacy (unknown field)")
            return
        }
        let rule = rules[index]
        if case .section = rule, view.kind(value) == .object {
            walk(view, value, path)
            return
        }
        if isSDKTraffic, isDefault(view, value, rule) {
            ledger.count(all: path, view, value, .dropped, "sdk-default")
            return
        }
        switch rule {
        case .section, .keep:
            keep(view, value, path)
        case .slot(let slot):
            place(view, value, path, in: slot)
        case .identifier(let name):
            guard let text = view.textOrNumber(value) else {
                keep(view, value, path)
                return
            }
            draft.addIdentifier(name, text)
            ledger.count(path, .mapped, Slot.referenceIds.path)
        case .special(.messageName):
            placeMessageName(view, value, path)
        case .special(let special):
            if found[special] != nil {
                keep(view, value, path)
            } else {
                found.set(special, value, path)
            }
        }
    }

    /// What the message is called: the target says so in its headers, or in its URL.
    private mutating func placeMessageName(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path) {
        let name = view.kind(value) == .string ? view.bytes(value) : UnsafeRawBufferPointer(start: nil, count: 0)
        let known: [StaticString] = ["message", "customerinteraction", "interaction"]
        if known.contains(where: { name.equalsIgnoringCase($0) }) || view.kind(value) == .string && name.isEmpty {
            ledger.count(path, .mapped, "headers.action")
        } else {
            keep(view, value, path)
        }
    }

    /// Whether the vendor's SDK puts this value there when its caller gave none.
    private func isDefault(_ view: JSONView, _ value: Int, _ rule: LegacyRule) -> Bool {
        if case .special(let special) = rule, special == .transcript { return false }
        switch view.kind(value) {
        case .string: return view[value].start == view[value].end
        case .array, .object: return view.isEmpty(value)
        default: return false
        }
    }

    /// Keeps a value in the metadata, under its path.
    mutating func keep(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path) {
        draft.keep(ledger.text(path), value)
        ledger.count(all: path, view, value, .kept, "metadata.legacy")
    }

    /// Keeps a value whose kind the target does not allow where it belongs, and says so.
    mutating func keepMisfit(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path, _ slot: Slot) {
        keep(view, value, path)
        note(
            .valueKept,
            .note,
            stage: .map,
            at: Int(view[value].start),
            path: ledger.text(path),
            message: "\(slot.path) cannot hold this value; it is kept in the metadata"
        )
    }

    // MARK: Slots

    /// Carries a value to a slot if its kind is right there.
    mutating func place(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path, in slot: Slot) {
        switch (slot.shape, view.kind(value)) {
        case (.text, .string), (.number, .number), (.boolean, .true), (.boolean, .false):
            guard draft.isEmpty(slot) else {
                keep(view, value, path)
                return
            }
            draft.add(slot, .node(value))
            ledger.count(path, .mapped, slot.path)
        case (.medium, .string):
            placeMedium(view, value, path)
        case (.list, .array):
            ledger.count(all: path, view, value, .mapped, slot.path)
            draft.add(slot, .items(value))
        case (.objects(let texts, let flags), .array):
            placeObjects(view, value, path, slot, texts, flags)
        default:
            keepMisfit(view, value, path, slot)
        }
    }

    private mutating func placeObjects(
        _ view: JSONView,
        _ array: Int,
        _ path: FieldLedger.Path,
        _ slot: Slot,
        _ texts: [StaticString],
        _ flags: [StaticString]
    ) {
        draft.add(slot, .items(array))
        if view.isEmpty(array) {
            ledger.count(path, .mapped, slot.path)
            return
        }
        let elements = ledger.elements(path)
        var index = 0
        view.forEachElement(array) { item in
            if isSDKTraffic, view.isPlaceholder(item) {
                draft.excludedItems.insert(item)
                ledger.count(all: elements, view, item, .dropped, "sdk-placeholder")
            } else if view.fits(item, texts: texts, flags: flags) {
                ledger.count(all: elements, view, item, .mapped, slot.path)
            } else {
                draft.excludedItems.insert(item)
                draft.keep("\(ledger.text(path))[\(index)]", item)
                ledger.count(all: elements, view, item, .kept, "metadata.legacy")
                note(
                    .valueKept,
                    .note,
                    stage: .map,
                    at: Int(view[item].start),
                    path: "\(ledger.text(path))[\(index)]",
                    message: "\(slot.path) cannot hold this item; it is kept in the metadata"
                )
            }
            index += 1
        }
    }

    /// `channel.medium` is one of three words; anything else is channel metadata.
    mutating func placeMedium(_ view: JSONView, _ value: Int, _ path: FieldLedger.Path) {
        guard view.kind(value) == .string else {
            keepMisfit(view, value, path, .channelMedium)
            return
        }
        let medium = view.bytes(value)
        for known in ["chat", "voice", "email"] as [StaticString] where medium.equalsIgnoringCase(known) {
            let piece = draft.made { out in
                out.append("\"")
                out.append(known)
                out.append("\"")
            }
            draft.add(.channelMedium, piece)
            ledger.count(path, .mapped, Slot.channelMedium.path)
            // The word is the same; how it was spelled is kept beside it.
            if !view.text(value).equals(known) { draft.keep(ledger.text(path), value) }
            return
        }
        addChannelMetadata("medium", view, value)
        ledger.count(path, .mapped, Slot.channelMetadata.path)
    }

    /// Adds `{"name":value}` to the channel's metadata.
    mutating func addChannelMetadata(_ name: StaticString, _ view: JSONView, _ value: Int) {
        let piece = draft.made { out in
            out.append("{\"")
            out.append(name)
            out.append("\":")
            out.append(value: view, value)
            out.append("}")
        }
        draft.add(.channelMetadata, piece)
    }
}

extension JSONView {
    /// A string's text, or a number's source text.
    func textOrNumber(_ index: Int) -> TextSlice? {
        switch kind(index) {
        case .string: text(index)
        case .number: numberText(index)
        default: nil
        }
    }

    /// A number's source text, which is as it stands what a string of it would say.
    func numberText(_ index: Int) -> TextSlice {
        TextSlice(plain: bytes(index))
    }

    /// Whether an item is an object whose members, if they are there, have the types that the schema asks for.
    func fits(_ item: Int, texts: [StaticString], flags: [StaticString] = []) -> Bool {
        guard kind(item) == .object else { return false }
        var fits = true
        forEachMember(item) { key, value in
            let name = text(key)
            if kind(value) != .string, texts.contains(where: { name.equals($0) }) { fits = false }
            if kind(value) != .true, kind(value) != .false, flags.contains(where: { name.equals($0) }) { fits = false }
        }
        return fits
    }

    /// Whether an item says nothing: what the SDK sends where its caller gave no item.
    func isPlaceholder(_ item: Int) -> Bool {
        guard kind(item) == .object, !isEmpty(item) else { return false }
        var isEmptyThroughout = true
        forEachMember(item) { _, value in
            switch kind(value) {
            case .string: if self[value].start != self[value].end { isEmptyThroughout = false }
            case .false: break
            default: isEmptyThroughout = false
            }
        }
        return isEmptyThroughout
    }
}
