// What identifies a message: organization, thread, request, and the headers that the source gave it.

internal import InteractionModel

extension RecordMapper {
    // MARK: Organization

    /// The record's own organization, else the run's; without either the record is rejected.
    mutating func resolveOrganization(_ view: JSONView) -> TextSlice? {
        if let (node, path) = found[.organizationId] {
            if let own = view.textOrNumber(node), !own.isBlank {
                ledger.count(path, .mapped, Slot.organizationId.path)
                draft.set(.organizationId, text: own)
                return own
            }
            ledger.count(all: path, view, node, .dropped, "blank")
        }
        guard let organization = fallbackOrganization() else { return nil }
        draft.set(.organizationId, text: organization)
        return organization
    }

    /// The run's organization, as text that lasts as long as the record.
    mutating func fallbackOrganization() -> TextSlice? {
        guard let organization = options.organizationId else {
            note(
                .organizationMissing,
                .error,
                stage: .resolve,
                message: "the record names no organization",
                remedy: "give one with --organization-id ID"
            )
            return nil
        }
        return texts.keep(organization)
    }

    // MARK: Thread

    /// The generation's own thread, else the first candidate that the record has, else what `derived` computes.
    mutating func resolveThread(
        _ view: JSONView,
        _ generation: Generation,
        _ payloadNode: Int,
        _ organization: TextSlice
    ) -> TextSlice? {
        if let (node, path) = found[.threadId] {
            if let own = view.textOrNumber(node), !own.isBlank {
                ledger.count(path, .mapped, Slot.threadId.path)
                draft.set(.threadId, text: own)
                outcome.threadId = own.string
                return own
            }
            ledger.count(all: path, view, node, .dropped, "blank")
        }
        let thread = substituteThread(view, payloadNode) { mapper in
            mapper.deriveThread(view, organization, payloadNode, mapper.entries)
        }
        guard let thread else { return nil }
        draft.set(.threadId, text: thread)
        outcome.threadId = thread.string
        return thread
    }

    /// Tries the candidates in order.
    mutating func substituteThread(
        _ view: JSONView,
        _ payloadNode: Int,
        derive: (inout RecordMapper) -> UUIDValue
    ) -> TextSlice? {
        for candidate in options.threadFrom {
            switch candidate {
            case .field(let name):
                if let text = ThreadSearch(view: view, payload: payloadNode).find(name) { return text }
            case .derived:
                note(
                    .threadDerived,
                    .warning,
                    stage: .resolve,
                    message: "the record has no thread; one was computed from the conversation",
                    remedy: "name a field that identifies the conversation with --thread-from"
                )
                let uuid = derive(&self)
                return texts.keep(uuid)
            }
        }
        note(
            .threadMissing,
            .error,
            stage: .resolve,
            message: "the record has no thread",
            remedy: "name a field that identifies the conversation, or `derived`, with --thread-from"
        )
        return nil
    }

    /// A thread id from the conversation's ids, else from its first message if that has a time, else from all of it.
    mutating func deriveThread(
        _ view: JSONView,
        _ organization: TextSlice,
        _ payloadNode: Int,
        _ entries: [TranscriptEntry]
    ) -> UUIDValue {
        var name = DerivedName(organization: organization)
        name.add("thread")
        for candidate in ThreadCandidate.standard {
            if case .field(let field) = candidate, let id = ThreadSearch(view: view, payload: payloadNode).find(field) {
                name.add("id")
                name.add(id)
                return name.uuid()
            }
        }
        let messages = entries.filter { $0.role != .system }
        let earliest =
            messages.allSatisfy { $0.time.instant != nil } ? messages.min(by: Self.isEarlier) : messages.first
        if let first = earliest, let instant = first.time.instant {
            name.add("first-message")
            name.add([UInt8](instant.description.utf8))
            Self.add(first, to: &name)
            return name.uuid()
        }
        if snapshot.isAlone {
            note(
                .snapshotUnplaced,
                .warning,
                stage: .resolve,
                message: "neither an id nor a time says which snapshots are of one conversation; it stays alone",
                remedy: "name a field that identifies the conversation with --thread-from"
            )
        }
        name.add("content")
        for entry in entries {
            Self.add(entry, to: &name)
            if let text = entry.time.text { name.add(text) }
        }
        return name.uuid()
    }

    private static func isEarlier(_ left: TranscriptEntry, _ right: TranscriptEntry) -> Bool {
        guard let first = left.time.instant, let second = right.time.instant else { return false }
        return first < second
    }

    private static func add(_ entry: TranscriptEntry, to name: inout DerivedName) {
        name.add(entry.role.literal)
        for text in [entry.id, entry.name, entry.content] {
            if let text { name.add(text) } else { name.add("") }
        }
    }

    // MARK: Request

    /// The record's own request id, else one that is computed from the thread and the record's canonical content.
    mutating func resolveRequestId(_ view: JSONView, _ thread: TextSlice) -> TextSlice {
        if let (node, path) = found[.requestId] {
            if let own = view.textOrNumber(node), !own.isBlank {
                ledger.count(path, .mapped, "request.requestId")
                return own
            }
            ledger.count(all: path, view, node, .dropped, "blank")
        }
        return derivedRequestId(view, thread)
    }

    mutating func derivedRequestId(_ view: JSONView, _ thread: TextSlice) -> TextSlice {
        snapshot.hasOwnRequest = false
        var canonical = OutputBuffer(capacity: 4096)
        canonical.append(sorted: view, view.root)
        var digest = ContentDigest()
        digest.update(canonical.bytes)
        let id = PartIdentity.requestId(thread: thread, content: digest, part: 1, &derivedName)
        return texts.keep(id)
    }

    // MARK: Headers of the source

    /// Reads an envelope's headers: what is valid there may go out again, and all of it is kept in the payload.
    mutating func readHeaders(_ view: JSONView) {
        guard let headers = view.member(view.root, "headers"), view.kind(headers) == .object,
            view.member(view.root, "payload") != nil
        else { return }
        let path = ledger.define(roots[outcome.generation ?? .v32] ?? unrecognized, "headers")
        if view.isEmpty(headers) { ledger.count(path, .mapped, "section") }
        handledHeaders = headers
        view.forEachMember(headers) { key, value in
            readHeader(view, view.text(key), value, ledger.child(path, view.text(key)))
        }
    }

    private mutating func readHeader(_ view: JSONView, _ name: TextSlice, _ value: Int, _ path: FieldLedger.Path) {
        let text = view.kind(value) == .string ? view.text(value) : nil
        if name.equals("action") || name.equals("schemaRef") || name.equals("identifier") {
            ledger.count(all: path, view, value, .mapped, "headers.action")
            return
        }
        if name.equals("tenantId"), let text {
            guard !text.isBlank else {
                ledger.count(path, .dropped, "blank")
                return
            }
            envelope.tenant = text
            draft.addIdentifier("tenant_id", text)
            ledger.count(path, .mapped, "headers.tenantId")
            return
        }
        if name.equals("sdkVersion"), let text {
            // `none` is what clients without the SDK say, and what goes out.
            if !text.equals("none") { draft.addIdentifier("legacy_sdk_version", text) }
            ledger.count(path, .mapped, Slot.referenceIds.path)
            return
        }
        keep(view, value, path)
        if name.equals("networkLatencyMs"), view.kind(value) == .number {
            envelope.latency = view.numberText(value)
        }
        guard let text else { return }
        if name.equals("timestamp"), Self.isWireTime(text) { envelope.timestamp = text }
        if name.equals("issuedAt"), Self.isWireTime(text) { envelope.issuedAt = text }
        guard UUIDValue.isV7(text.bytes) else {
            if name.equals("correlationId") || name.equals("traceId") || name.equals("idempotencyKey") {
                note(
                    .headerReplaced,
                    .note,
                    stage: .map,
                    at: Int(view[value].start),
                    path: "headers.\(name.string)",
                    message: "not a UUID of version 7; replaced, and kept in the metadata"
                )
            }
            return
        }
        if name.equals("correlationId") { envelope.correlationId = text }
        if name.equals("traceId") { envelope.traceId = text }
        if name.equals("idempotencyKey") { envelope.idempotencyKey = text }
    }

    /// The wire's own pattern: a valid time with no fraction or three digits of it.
    static func isWireTime(_ text: TextSlice) -> Bool {
        guard text.form == .plain, text.count >= 20, Instant.rfc3339(text.bytes) != nil else { return false }
        let bytes = text.bytes
        guard bytes[10] == UInt8(ascii: "T") else { return false }
        let zone = bytes[19] == UInt8(ascii: ".") ? 23 : 19
        guard bytes.count > zone else { return false }
        return switch bytes[zone] {
        case UInt8(ascii: "Z"): bytes.count == zone + 1
        case UInt8(ascii: "+"), UInt8(ascii: "-"): bytes.count == zone + 6
        default: false
        }
    }
}

/// Looks a thread candidate up in a record.
struct ThreadSearch {
    let view: JSONView
    let payload: Int

    /// The first text that is not blank: at a path, or under a key of the record's objects, or among its reference ids.
    func find(_ name: String) -> TextSlice? {
        if name.contains(".") { return value(at: name, from: payload) ?? value(at: name, from: view.root) }
        return search(view.root, [UInt8](name.utf8), depth: 0) ?? conversationMember(name) ?? referenceId(name)
    }

    /// A member of the one conversation of a v3.2 payload; several conversations share no id.
    private func conversationMember(_ name: String) -> TextSlice? {
        guard let list = view.value(payload, at: "request", "scope", "conversations"), view.kind(list) == .array,
            !view.isEmpty(list), view.next(list + 1) == view.next(list)
        else { return nil }
        return member(list + 1, [UInt8](name.utf8)).flatMap { usable($0) }
    }

    private func value(at path: String, from start: Int) -> TextSlice? {
        var node = start
        for key in path.split(separator: ".") {
            guard let inner = member(node, [UInt8](key.utf8)) else { return nil }
            node = inner
        }
        return usable(node)
    }

    /// Objects only: what an array holds are other things' ids.
    private func search(_ object: Int, _ name: [UInt8], depth: Int) -> TextSlice? {
        guard view.kind(object) == .object, depth < 5 else { return nil }
        if let value = member(object, name), let text = usable(value) { return text }
        var result: TextSlice?
        view.forEachMember(object) { _, value in
            if result == nil { result = search(value, name, depth: depth + 1) }
        }
        return result
    }

    private func referenceId(_ name: String) -> TextSlice? {
        guard let ids = view.value(payload, at: "request", "reference", "ids"), view.kind(ids) == .array else {
            return nil
        }
        var result: TextSlice?
        view.forEachElement(ids) { item in
            guard result == nil, let key = view.member(item, "name"), view.kind(key) == .string,
                view.text(key).string == name, let value = view.member(item, "value")
            else { return }
            result = usable(value)
        }
        return result
    }

    private func member(_ object: Int, _ name: [UInt8]) -> Int? {
        guard view.kind(object) == .object else { return nil }
        var result: Int?
        view.forEachMember(object) { key, value in
            if result == nil, name.equals(view.text(key)) { result = value }
        }
        return result
    }

    private func usable(_ node: Int) -> TextSlice? {
        guard let text = view.textOrNumber(node), !text.isBlank else { return nil }
        return text
    }
}
