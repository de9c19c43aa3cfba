// One message as it came in: its ids, and what speaks against it.

internal import InteractionModel

/// How a message came.
enum Transport: String, Sendable {
    case rest
    case webSocket = "websocket"
}

/// What the tenant says to a message that it does not take.
struct MessageRefusal: Sendable, Equatable {
    /// For programs; the vendor's own words where it has some.
    enum Code: String, Sendable {
        case invalidJSON = "INVALID_JSON"
        case invalidAction = "INVALID_ACTION"
        case tooLarge = "PAYLOAD_TOO_LARGE"
        case schemaMismatch = "PAYLOAD_SCHEMA_MISMATCH"

        /// What REST answers with.
        var status: Int {
            switch self {
            case .invalidJSON, .invalidAction: 400
            case .tooLarge: 413
            case .schemaMismatch: 422
            }
        }
    }

    var code: Code
    /// For people; quotes no content.
    var message: String
}

/// A message's ids.
struct SubmittedMessage: Sendable, Equatable {
    var transport: Transport
    var idempotencyKey: String?
    var correlationId: String?
    var threadId: String?
    var requestId: String?
    /// Bytes on the wire.
    var size: Int
    /// The beginning of the SHA-256 of the payload's bytes, by which a repetition is known to be one.
    var digest: UInt64 = 0

    /// Reads and checks a message.
    ///
    /// - Parameters:
    ///   - bytes: The body of a REST call, or the text of a frame.
    ///   - transport: How it came, which decides on its form.
    ///   - idempotencyKey: What the REST field says; an envelope has its own.
    /// - Returns: The ids as far as they can be read, and what speaks against the message.
    static func read(
        _ bytes: UnsafeRawBufferPointer,
        _ transport: Transport,
        idempotencyKey: String? = nil
    ) -> (message: SubmittedMessage, refusal: MessageRefusal?) {
        var message = SubmittedMessage(transport: transport, idempotencyKey: idempotencyKey, size: bytes.count)
        let source = PaddedBytes(bytes)
        var tape = JSONTape()
        do {
            try tape.scan(source.start, count: source.count)
        } catch {
            return (message, MessageRefusal(code: .invalidJSON, message: error.description))
        }
        let view = tape.view(of: source.start)
        var payload: Int? = view.root
        if transport == .webSocket {
            payload = view.member(view.root, "payload")
            let headers = view.member(view.root, "headers")
            message.correlationId = headers.flatMap { view.string($0, "correlationId") }
            message.idempotencyKey = headers.flatMap { view.string($0, "idempotencyKey") }
            guard view.string(view.root, "action") == "message" else {
                return (message, MessageRefusal(code: .invalidAction, message: "expected the action message"))
            }
        }
        if let payload {
            message.readIds(view, payload: payload)
            message.digest = digest(of: view.bytes(payload))
        }
        return (message, check(view, transport, size: bytes.count))
    }

    private mutating func readIds(_ view: JSONView, payload: Int) {
        guard let request = view.member(payload, "request") else { return }
        requestId = view.string(request, "requestId")
        threadId = view.member(request, "connections").flatMap { view.string($0, "threadId") }
        if transport == .rest { correlationId = requestId }
    }

    private static func check(_ view: JSONView, _ transport: Transport, size: Int) -> MessageRefusal? {
        if size > InteractionSize.limit {
            return MessageRefusal(
                code: .tooLarge,
                message: "\(size) bytes on the wire, and \(InteractionSize.limit) is the most"
            )
        }
        var first: Finding?
        let isValid = InteractionValidator().validate(
            view,
            root: view.root,
            form: transport == .rest ? .payload : .envelope,
            place: { _ in Finding.Place(file: "") },
            emit: { if first == nil, $0.severity == .error { first = $0 } }
        )
        guard !isValid else { return nil }
        let code: MessageRefusal.Code = first?.code == .oversize ? .tooLarge : .schemaMismatch
        let place = first?.path.map { $0 + ": " } ?? ""
        return MessageRefusal(code: code, message: place + (first?.message ?? "not an Interaction"))
    }

    private static func digest(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var digest = ContentDigest()
        digest.update(bytes)
        return digest.finish().prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension JSONView {
    /// A member that is a text.
    func string(_ object: Int, _ key: StaticString) -> String? {
        guard let node = member(object, key), kind(node) == .string else { return nil }
        return String(decoding: text(node).unescaped(), as: UTF8.self)
    }
}
