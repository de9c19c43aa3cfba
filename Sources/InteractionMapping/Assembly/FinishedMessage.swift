// A finished Interaction as submission needs it: canonical, with its ids at hand.

package import InteractionModel

/// An Interaction that is ready to be sent, in either form.
package struct FinishedMessage: Sendable {
    /// The canonical message: the envelope if the source has one, else the payload.
    package private(set) var bytes: [UInt8]
    /// Where the payload lies in ``bytes``.
    package let payload: Range<Int>
    /// Where the text of `headers.idempotencyKey` lies in ``bytes``; nil for a payload without an envelope.
    private let keyText: Range<Int>?
    package let threadId: String
    package let requestId: String
    /// The part's number, from 1.
    package let part: Int
    private let ids: PayloadIDs
    /// The `headers.correlationId` of the source's envelope.
    package let correlationId: String?

    /// Reads a message that the validator has accepted; nil for what is no message.
    ///
    /// An `issuedAt` of its headers stays, for plans know it; the sending puts its own in its place.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The message's node.
    ///   - form: What it is.
    ///   - out: Working memory; its content is lost.
    /// - Complexity: One step a node, and a digest of the payload.
    package init?(_ view: JSONView, root: Int, form: InteractionValidator.Form, _ out: inout OutputBuffer) {
        guard let source = form == .payload ? root : view.member(root, "payload"),
            let request = view.member(source, "request"), let id = view.member(request, "requestId"),
            let thread = view.value(request, at: "connections", "threadId"),
            let conversations = view.value(request, at: "scope", "conversations")
        else { return nil }
        out.removeAll()
        var keyText: Range<Int>?
        var correlationId: String?
        if form == .envelope, let headers = view.member(root, "headers") {
            out.append("{\"action\":\"message\",\"headers\":{")
            view.forEachMember(headers) { key, value in
                let name = view.text(key)
                out.append(string: name)
                out.append(":")
                let start = out.count
                out.append(value: view, value)
                out.append(",")
                if name.equals("idempotencyKey") { keyText = start + 1..<out.count - 2 }
                if name.equals("correlationId") { correlationId = view.text(value).string }
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("},\"payload\":")
        }
        let start = out.count
        out.append(value: view, source)
        payload = start..<out.count
        ids = PayloadIDs(
            of: UnsafeRawBufferPointer(rebasing: out.bytes[payload]),
            milliseconds: view.firstMilliseconds(ofConversations: conversations)
        )
        if form == .envelope { out.append("}") }
        bytes = out.array
        self.keyText = keyText
        self.correlationId = correlationId
        threadId = view.text(thread).string
        requestId = view.text(id).string
        part = view.partNumber(ofConversations: conversations)
    }

    /// The UUID that the payload's bytes give, which is its idempotency key unless the source has another.
    package var digest: UUIDValue { ids.idempotencyKey }

    /// The idempotency key that the source's envelope has.
    package var givenKey: String? { keyText.map { String(decoding: bytes[$0], as: UTF8.self) } }

    /// The message in its envelope, with the given key, and where the payload lies in it.
    ///
    /// - Parameters:
    ///   - key: The idempotency key, a UUID.
    ///   - tenant: The tenant's id, for an envelope that is made here.
    /// - Returns: The envelope, the payload's place in it, and the id that replies name.
    package func envelope(
        key: String,
        tenant: String?
    ) -> (bytes: [UInt8], payload: Range<Int>, correlationId: String) {
        if let keyText, let correlationId {
            var bytes = bytes
            bytes.replaceSubrange(keyText, with: key.utf8)
            let shift = key.utf8.count - keyText.count
            return (bytes, payload.lowerBound + shift..<payload.upperBound + shift, correlationId)
        }
        var out = OutputBuffer(capacity: bytes.count + 512)
        let correlation = bytes.withUnsafeBytes { payload in
            // Safety: the slices are only read until the closure ends.
            var (key, text) = (key, ids.id(for: "correlationId").description)
            key.withUTF8 { key in
                text.withUTF8 { correlation in
                    var fields = EnvelopeFields()
                    fields.idempotencyKey = TextSlice(plain: UnsafeRawBufferPointer(key))
                    fields.correlationId = TextSlice(plain: UnsafeRawBufferPointer(correlation))
                    out.append(
                        envelopeOf: payload,
                        fields,
                        tenant: tenant,
                        ids: ids,
                        keepsIds: true
                    )
                }
            }
            return text
        }
        return (out.array, out.count - 1 - bytes.count..<out.count - 1, correlation)
    }
}

extension JSONView {
    /// The time of the first message of a payload, in milliseconds since 1970; 0 if it has none.
    func firstMilliseconds(ofConversations conversations: Int) -> Int64 {
        var first: Int?
        forEachElement(conversations) { conversation in
            guard first == nil, let messages = member(conversation, "messages") else { return }
            forEachElement(messages) { message in if first == nil { first = message } }
        }
        guard let first, let time = member(first, "timestamp"), kind(time) == .string else { return 0 }
        let text = text(time)
        guard text.form != .plain else { return Instant.rfc3339(text.bytes)?.milliseconds ?? 0 }
        return text.unescaped().withUnsafeBytes { Instant.rfc3339($0)?.milliseconds ?? 0 }
    }

    /// The number that a part of a conversation has, or 1.
    fileprivate func partNumber(ofConversations conversations: Int) -> Int {
        var number: Int?
        forEachElement(conversations) { conversation in
            guard number == nil, let index = value(conversation, at: "metadata", "part", "index"),
                kind(index) == .number
            else { return }
            number = Int(String(decoding: bytes(index), as: UTF8.self))
        }
        return number ?? 1
    }
}
