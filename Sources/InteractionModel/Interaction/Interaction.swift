// The target message as Swift values: typed where the contract is, open where it is open.

/// The payload of an Interaction: `{session, request}`, the body of a REST call.
///
/// Members that have no property here stay in ``json``, since the schema closes no object.
public struct InteractionPayload: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    ///
    /// - Parameter json: An object with `session` and `request`.
    public init(json: JSONValue) { self.json = json }

    /// Reads a payload.
    ///
    /// - Parameter bytes: JSON in UTF-8.
    /// - Throws: ``JSONError`` if it is no JSON; whether it is valid is the validator's to say.
    public init(parsing bytes: [UInt8]) throws(JSONError) { json = try JSONValue(parsing: bytes) }

    /// The request's id.
    public var requestId: String {
        get { json["request"]?["requestId"]?.text ?? "" }
        set { json.set(["request", "requestId"], .string(newValue)) }
    }

    /// The thread that the conversations belong to.
    public var threadId: String {
        get { json["request"]?["connections"]?["threadId"]?.text ?? "" }
        set { json.set(["request", "connections", "threadId"], .string(newValue)) }
    }

    /// The organization whose conversation it is.
    public var organizationId: String {
        get { json["request"]?["context"]?["organizationId"]?.text ?? "" }
        set { json.set(["request", "context", "organizationId"], .string(newValue)) }
    }

    /// The conversations; a message needs one at least.
    public var conversations: [Conversation] {
        get { json["request"]?["scope"]?["conversations"]?.elements.map { Conversation(json: $0) } ?? [] }
        set { json.set(["request", "scope", "conversations"], .array(newValue.map(\.json))) }
    }

    /// What happened around the conversations: what the system said, notes, transfers.
    public var interactions: [ScopeInteraction] {
        get { json["request"]?["scope"]?["interactions"]?.elements.map { ScopeInteraction(json: $0) } ?? [] }
        set { json.set(["request", "scope", "interactions"], .array(newValue.map(\.json))) }
    }
}

/// A payload in its envelope: `{action, headers, payload}`, a frame of a WebSocket.
public struct InteractionEnvelope: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    public init(json: JSONValue) { self.json = json }

    /// Reads an envelope.
    ///
    /// - Parameter bytes: JSON in UTF-8.
    /// - Throws: ``JSONError`` if it is no JSON.
    public init(parsing bytes: [UInt8]) throws(JSONError) { json = try JSONValue(parsing: bytes) }

    /// The payload.
    public var payload: InteractionPayload {
        get { InteractionPayload(json: json["payload"] ?? .object([])) }
        set { json["payload"] = newValue.json }
    }

    /// A header's text, such as `correlationId`, `idempotencyKey` or `tenantId`.
    ///
    /// - Parameter name: The header's name.
    /// - Returns: Its text, or nil.
    public func header(_ name: String) -> String? { json["headers"]?[name]?.text }
}

/// One conversation: who takes part, and what they say, in order.
public struct Conversation: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    public init(json: JSONValue = .object([])) { self.json = json }

    /// The conversation's own id, if it has one.
    public var conversationId: String? {
        get { json["conversationId"]?.text }
        set { json["conversationId"] = newValue.map { .string($0) } }
    }

    /// Who takes part; ids are unique.
    public var participants: [Participant] {
        get { json["participants"]?.elements.map { Participant(json: $0) } ?? [] }
        set { json["participants"] = .array(newValue.map(\.json)) }
    }

    /// What is said; each message points to a participant.
    public var messages: [Message] {
        get { json["messages"]?.elements.map { Message(json: $0) } ?? [] }
        set { json["messages"] = .array(newValue.map(\.json)) }
    }

    /// Free data, such as what a legacy record had no other place for.
    public var metadata: JSONValue? {
        get { json["metadata"] }
        set { json["metadata"] = newValue }
    }
}

/// Somebody who takes part in a conversation.
public struct Participant: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    public init(json: JSONValue) { self.json = json }

    /// Makes a participant.
    ///
    /// - Parameters:
    ///   - participantId: The id, unique in the conversation.
    ///   - role: `user`, `operator` or `bot`.
    ///   - displayName: The name to show.
    public init(participantId: String, role: String, displayName: String? = nil) {
        json = .object([])
        json["participantId"] = .string(participantId)
        json["displayName"] = displayName.map { .string($0) }
        json["role"] = .string(role)
    }

    /// The id that messages point to.
    public var participantId: String { json["participantId"]?.text ?? "" }
    /// The name to show.
    public var displayName: String? { json["displayName"]?.text }
    /// `user`, `operator` or `bot`.
    public var role: String { json["role"]?.text ?? "" }
}

/// One message of a conversation.
public struct Message: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    public init(json: JSONValue) { self.json = json }

    /// The text, verbatim.
    public var content: String { json["content"]?.text ?? "" }
    /// The author.
    public var participantId: String { json["participantId"]?.text ?? "" }
    /// The time as RFC 3339, if it is known.
    public var timestamp: String? { json["timestamp"]?.text }
    /// The time as an instant, if it is known and valid.
    public var instant: Instant? {
        timestamp.flatMap { text in Array(text.utf8).withUnsafeBytes { Instant.rfc3339($0) } }
    }
}

/// Something that happened around a conversation.
public struct ScopeInteraction: Hashable, Sendable {
    /// All of it.
    public var json: JSONValue

    /// Wraps a value.
    public init(json: JSONValue) { self.json = json }

    /// The text.
    public var content: String { json["content"]?.text ?? "" }
    /// Its id in the source.
    public var id: String? { json["id"]?.text }
    /// What kind of event, or whose note.
    public var name: String? { json["name"]?.text }
    /// Usually `system`.
    public var role: String? { json["role"]?.text }
    /// The time as RFC 3339, if it is known.
    public var timestamp: String? { json["timestamp"]?.text }
}

extension JSONValue {
    /// Sets a value at a path of member names, making objects on the way.
    fileprivate mutating func set(_ path: ArraySlice<String>, _ value: JSONValue) {
        guard let first = path.first else {
            self = value
            return
        }
        var inner = self[first] ?? .object([])
        inner.set(path.dropFirst(), value)
        self[first] = inner
    }

    fileprivate mutating func set(_ path: [String], _ value: JSONValue) { set(path[...], value) }
}
