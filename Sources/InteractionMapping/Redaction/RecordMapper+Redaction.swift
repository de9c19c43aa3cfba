// Masks texts in a payload that is otherwise finished, so that ids do not depend on it.

internal import InteractionModel

extension RecordMapper {
    /// Masks what messages, what the system said, and what is kept of them in the metadata.
    mutating func redactPayload() {
        let written = PaddedBytes(UnsafeRawBufferPointer(rebasing: output.bytes[payloadStart...]))
        var payloadTape = JSONTape()
        guard (try? payloadTape.scan(written.start, count: written.count)) != nil else { return }
        let view = payloadTape.view(of: written.start)
        var redacted: [Redaction.Kind: Int] = [:]
        var copied = written.start
        output.truncate(to: payloadStart)
        Self.forEachText(view) { text in
            guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
            output.append(copied, start - UnsafePointer(copied))
            redactor.write(text, to: &output) { redacted[$0, default: 0] += 1 }
            copied = UnsafeMutablePointer(mutating: start + text.count)
        }
        output.append(copied, written.start + written.count - copied)
        self.redacted = redacted
    }

    /// Lends the texts that may say anything, in the order of the payload.
    private static func forEachText(_ view: JSONView, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard let scope = view.value(view.root, at: "request", "scope"), view.kind(scope) == .object else { return }
        view.forEachMember(scope) { key, list in
            let name = view.text(key)
            guard view.kind(list) == .array, name.equals("conversations") || name.equals("interactions") else { return }
            view.forEachElement(list) { element in
                guard view.kind(element) == .object else { return }
                if name.equals("interactions") { return content(view, element, body) }
                view.forEachMember(element) { key, value in
                    if view.text(key).equals("metadata") { return strings(view, value, body) }
                    guard view.text(key).equals("messages"), view.kind(value) == .array else { return }
                    view.forEachElement(value) { content(view, $0, body) }
                }
            }
        }
    }

    private static func content(_ view: JSONView, _ entry: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard view.kind(entry) == .object, let content = view.member(entry, "content"), view.kind(content) == .string
        else { return }
        body(view.bytes(content))
    }

    private static func strings(_ view: JSONView, _ node: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        switch view.kind(node) {
        case .string: body(view.bytes(node))
        case .array: view.forEachElement(node) { strings(view, $0, body) }
        case .object: view.forEachMember(node) { _, value in strings(view, value, body) }
        default: break
        }
    }
}

extension Books {
    /// Adds what was masked in a record that is converted.
    mutating func add(redacted: [Redaction.Kind: Int]) {
        for (kind, count) in redacted { self.redacted[kind.rawValue, default: 0] += count }
    }
}
