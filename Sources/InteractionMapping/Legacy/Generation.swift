// Which generation of the message a record is, told by its structure alone.

package import InteractionModel

/// A generation of the vendor's message.
public enum Generation: String, Sendable, Hashable, CaseIterable {
    case v1
    case v2 = "v2.0"
    case v3 = "v3.0"
    case v31 = "v3.1"
    /// A v3.2 Customer Interaction, or a bare v3.2 payload, which looks the same.
    case v32 = "v3.2"
    /// An Interaction in its envelope: already the target.
    case interaction
}

/// What a record turned out to be.
enum Recognition {
    /// A message to convert: its generation, and the node of its payload.
    case message(Generation, payload: Int)
    /// Another of the vendor's messages; its name.
    case other(String)
    /// Nothing that can be converted.
    case refused(FindingCode, String)
}

/// The tests of `legacy-generations.md` §2, in its order.
package struct GenerationDetector {
    private let view: JSONView

    init(_ view: JSONView) { self.view = view }

    /// Whether a record is a legacy payload beyond doubt, so that nobody need ask what else it could be.
    ///
    /// Version 1, and some of version 2, are told by a single name, which others use as well.
    package static func isCertain(of record: JSONView) -> Bool {
        let detector = GenerationDetector(record)
        guard case .message(let generation, let payload) = detector.recognize(), generation != .v1 else { return false }
        if detector.object(payload, "request") != nil { return true }
        return detector.object(payload, "session").map { detector.has($0, version2Session) } ?? false
    }

    func recognize() -> Recognition {
        let root = view.root
        guard view.kind(root) == .object else {
            return .refused(.notAnObject, "a record must be a JSON object")
        }
        if isReply(root) { return .refused(.replyNotRequest, "this is a reply of the service, not a request") }
        if let headers = object(root, "headers"), let payload = object(root, "payload") {
            return recognizeEnvelope(headers, payload)
        }
        if let actionType = view.member(root, "actionType"), object(root, "inputs") != nil {
            if let name = otherName(actionType) { return .other(name) }
            return recognizeInputs(root)
        }
        if view.member(root, "history") != nil { return .message(.v1, payload: root) }
        return recognizePayload(root)
    }

    private func recognizeEnvelope(_ headers: Int, _ payload: Int) -> Recognition {
        if isReply(payload) { return .refused(.replyNotRequest, "this is a reply of the service, not a request") }
        let action = view.member(headers, "action")
        if let action, let name = otherName(action) { return .other(name) }
        let isTarget = action.map { view.kind($0) == .string && view.text($0).equals("interaction") } ?? false
        switch recognizePayload(payload) {
        case .message(.v32, let payload): return .message(isTarget ? .interaction : .v32, payload: payload)
        case let other: return other
        }
    }

    private func recognizeInputs(_ root: Int) -> Recognition {
        guard let inputs = object(root, "inputs") else { return .message(.v1, payload: root) }
        if view.value(inputs, at: "session", "user_perspective") != nil {
            // Parameters of version 2, sent with the wrapper of version 1.
            return recognizePayload(inputs)
        }
        return .message(.v1, payload: inputs)
    }

    private func recognizePayload(_ payload: Int) -> Recognition {
        let session = object(payload, "session")
        let request = object(payload, "request")
        let scope = request.flatMap { object($0, "scope") }
        let conversations = scope.flatMap { view.member($0, "conversations") }
        if let session, view.member(session, "user_perspective") != nil, conversations != nil {
            return .refused(.twoTranscripts, "session.user_perspective and request.scope.conversations are both there")
        }
        if isVersion2(payload, session, request) {
            if let action = request.flatMap({ view.member($0, "action") }), let name = otherName(action) {
                return .other(name)
            }
            let isThird = request.flatMap { view.member($0, "product") }.map { view.kind($0) == .object } ?? false
            return .message(isThird ? .v3 : .v2, payload: payload)
        }
        let shape = conversations.flatMap { conversationShape($0) }
        if shape == .structured { return .message(.v32, payload: payload) }
        if shape == .flat || isVersion31(session, request) {
            if let action = request.flatMap({ object($0, "attributes") }).flatMap({ view.member($0, "action") }),
                let name = otherName(action)
            {
                return .other(name)
            }
            return .message(.v31, payload: payload)
        }
        if let request, isVersion32(session, request) { return .message(.v32, payload: payload) }
        return .refused(
            .unknownShape,
            "neither a Customer Interaction of any generation nor an Interaction"
        )
    }

    private func isVersion2(_ payload: Int, _ session: Int?, _ request: Int?) -> Bool {
        if let session, has(session, Self.version2Session) { return true }
        if object(payload, "client") != nil || object(payload, "agent") != nil || object(payload, "user") != nil {
            return true
        }
        guard let request else { return false }
        return has(request, ["request_ID", "request_type", "medium", "crm", "output_language", "product_ID"])
    }

    private static let version2Session: [StaticString] = [
        "user_perspective", "trace_session_ID", "trace_parent_ID", "sdk_version", "feedbacks", "escalations", "notes",
        "open_orders",
    ]

    private enum ConversationShape {
        /// Elements are conversations with participants and messages.
        case structured
        /// Elements are messages.
        case flat
    }

    /// What the first element that shows it says about the transcript.
    private func conversationShape(_ array: Int) -> ConversationShape? {
        guard view.kind(array) == .array else { return nil }
        let end = view.next(array)
        var element = array + 1
        while element < end {
            if view.kind(element) == .object {
                if has(element, ["messages", "participants"]) { return .structured }
                if has(element, ["participant_id", "display_name", "content"]) { return .flat }
            }
            element = view.next(element)
        }
        return nil
    }

    private func isVersion31(_ session: Int?, _ request: Int?) -> Bool {
        if let session, has(session, ["session_id", "trace_id", "network"]) { return true }
        guard let request else { return false }
        if view.member(request, "request_id") != nil { return true }
        if let attributes = object(request, "attributes"), has(attributes, ["type", "action"]) { return true }
        if let connections = object(request, "connections"), has(connections, ["thread_id"]) { return true }
        guard let context = object(request, "context") else { return false }
        return has(
            context,
            ["tenant_id", "organization_id", "department_id", "operator_id", "user_id", "case_id"]
        )
    }

    private func isVersion32(_ session: Int?, _ request: Int) -> Bool {
        if let session, view.member(session, "sessionId") != nil { return true }
        if view.member(request, "requestId") != nil { return true }
        return object(request, "connections").map { has($0, ["threadId"]) } ?? false
            || object(request, "context").map { has($0, ["organizationId"]) } ?? false
    }

    // MARK: Small questions

    private func object(_ index: Int, _ key: StaticString) -> Int? {
        guard let value = view.member(index, key), view.kind(value) == .object else { return nil }
        return value
    }

    private func has(_ object: Int, _ keys: [StaticString]) -> Bool {
        var found = false
        view.forEachMember(object) { key, _ in
            if !found { found = keys.contains { view.text(key).equals($0) } }
        }
        return found
    }

    private func isReply(_ index: Int) -> Bool {
        guard view.kind(index) == .object, let action = view.member(index, "action") else { return false }
        return view.kind(action) == .string && view.text(action).equals("superpower")
    }

    /// The name of a message that is neither a Customer Interaction nor an Interaction; nil also where none is given.
    private func otherName(_ node: Int) -> String? {
        guard view.kind(node) == .string, !view.text(node).isBlank else { return nil }
        let name = view.text(node)
        if name.bytes.equalsIgnoringCase("customerinteraction") || name.bytes.equalsIgnoringCase("interaction") {
            return nil
        }
        return name.string
    }
}
