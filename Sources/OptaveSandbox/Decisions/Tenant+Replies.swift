// What the tenant says: replies, errors, and its summary.

internal import InteractionModel

extension Tenant {
    /// All replies to an accepted message: `started` for each action type, then `completed` for each.
    func replies(to message: SubmittedMessage, _ receipt: Receipts.Receipt, _ fault: Fault?) -> [SocketAction] {
        var message = message
        if fault == .noCorrelation { message.correlationId = nil }
        let isEnveloped = nextIsEnveloped()
        var delay = options.latency
        switch fault {
        case .slow: delay += options.slowness
        // Long enough for those that come after it to go first.
        case .outOfOrder: delay += 50
        default: break
        }
        var actions: [SocketAction] = options.actionTypes.map { type in
            let reply = Reply(
                state: .started,
                actionType: type,
                correlationId: message.correlationId,
                isEnveloped: isEnveloped
            )
            return .send(reply.json, delay: delay / 2)
        }
        for type in options.actionTypes {
            var reply = completion(of: message, receipt, type)
            reply.isEnveloped = isEnveloped
            actions += Array(repeating: .send(reply.json, delay: delay), count: fault == .duplicateReply ? 2 : 1)
        }
        if fault == .outOfOrder {
            actions = actions.reversed().map { action in
                if case .send(let text, _) = action { .send(text, delay: delay) } else { action }
            }
        }
        return actions
    }

    /// The reply of an action that is done; for a repetition the same as before.
    func completion(of message: SubmittedMessage, _ receipt: Receipts.Receipt, _ actionType: String) -> Reply {
        Reply(
            state: .completed,
            actionType: actionType,
            correlationId: message.correlationId,
            content: "message \(receipt.number)",
            isEnveloped: options.replyForm == .envelope
        )
    }

    func error(_ refusal: MessageRefusal, for message: SubmittedMessage) -> Reply {
        error(code: refusal.code.rawValue, refusal.message, for: message)
    }

    func error(code: String, _ text: String, for message: SubmittedMessage) -> Reply {
        Reply(
            state: .error,
            actionType: "interaction",
            correlationId: message.correlationId,
            content: text,
            errorCode: code,
            isEnveloped: message.transport == .webSocket ? nextIsEnveloped() : options.replyForm == .envelope
        )
    }

    private func nextIsEnveloped() -> Bool {
        switch options.replyForm {
        case .bare: false
        case .envelope: true
        case .mixed:
            state.withLock { state in
                state.counts.replies += 1
                return state.counts.replies.isMultiple(of: 2)
            }
        }
    }

    /// An HTTP error that passes.
    func unavailable(_ fault: Fault, _ now: WallTime) -> Response {
        let problem = Self.problem(fault)
        var response = Self.problem(status: problem.status, code: problem.code, problem.message)
        guard [429, 503].contains(problem.status) else { return response }
        // Both forms of the field are the client's to understand.
        let usesDate = state.withLock { $0.faults.coin() }
        response.fields["Retry-After"] =
            usesDate ? now.advanced(by: options.retryAfter * 1000).httpDate : String(options.retryAfter)
        return response
    }

    func unauthorized(_ refusal: TokenStore.Refusal) -> Response {
        var response = Self.problem(status: 401, code: "UNAUTHORIZED", refusal.rawValue)
        response.fields["WWW-Authenticate"] =
            refusal == .missing ? "Bearer" : "Bearer error=\"invalid_token\", error_description=\"\(refusal.rawValue)\""
        return response
    }

    /// An error in the form of the gateway in front of a tenant, which knows nothing of messages.
    static func problem(status: Int, code: String, _ message: String) -> Response {
        var text = OutputBuffer(capacity: 128)
        text.append(object: {
            $0.member("message", message)
            $0.member(
                "error",
                object: {
                    $0.member("code", code)
                    $0.member("message", message)
                }
            )
        })
        return Response(status: status, body: text.array)
    }

    static func problem(_ fault: Fault) -> (status: Int, code: String, message: String) {
        switch fault {
        case .requestTimeout: (408, "408", "request timeout")
        case .tooManyRequests: (429, "429", "too many requests")
        case .serverError: (500, "500", "internal server error")
        default: (503, "503", "service unavailable")
        }
    }

    /// The counts so far.
    var summary: SandboxSummary {
        state.withLock { state in
            SandboxSummary(
                accepted: state.receipts.accepted,
                distinctKeys: state.receipts.distinctKeys,
                repetitions: state.receipts.repetitions,
                conflicts: state.receipts.conflicts,
                forgotten: state.receipts.forgotten,
                withoutKey: state.receipts.withoutKey,
                refused: state.counts.refused,
                tokens: state.counts.tokens,
                connections: state.counts.connections,
                faults: Fault.allCases.compactMap { fault in state.counts.faults[fault].map { (fault.rawValue, $0) } }
            )
        }
    }
}

/// What happened in a sandbox so far, with what its journal says of earlier runs.
package struct SandboxSummary: Sendable {
    /// Messages accepted for the first time.
    package var accepted: Int
    package var distinctKeys: Int
    /// Messages whose key had been accepted before.
    package var repetitions: Int
    /// Repetitions whose payload was another.
    package var conflicts: Int
    /// Messages accepted once more because their key's window had passed.
    package var forgotten: Int
    package var withoutKey: Int
    package var refused: Int
    package var tokens: Int
    /// WebSockets opened.
    package var connections: Int
    package var faults: [(name: String, count: Int)]

    /// One object, without a line feed.
    package var json: String {
        let counts = [
            ("accepted", accepted), ("distinctKeys", distinctKeys), ("repetitions", repetitions),
            ("conflicts", conflicts), ("forgotten", forgotten), ("withoutKey", withoutKey), ("refused", refused),
            ("tokens", tokens), ("connections", connections),
        ]
        let members = { (pairs: [(String, Int)]) in pairs.map { "\"\($0)\":\($1)" }.joined(separator: ",") }
        return "{\(members(counts)),\"faults\":{\(members(faults.map { ($0.name, $0.count) }))}}"
    }
}
