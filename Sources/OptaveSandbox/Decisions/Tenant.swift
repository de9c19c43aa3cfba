// The tenant's mind: what it does with each request. Knows nothing of sockets and no clock but the one it is given.

internal import InteractionModel
internal import Synchronization

/// What is to be done about a message over REST, or a request for a token.
enum Answer: Sendable, Equatable {
    case reply(Response)
    /// Nothing, ever.
    case silence
    /// Resets the connection.
    case reset
}

/// An HTTP response.
struct Response: Sendable, Equatable {
    var status: Int
    var fields: [String: String] = [:]
    /// JSON.
    var body: [UInt8]
    /// Milliseconds until it is sent.
    var delay: Int64 = 0
}

/// What is to be done about a frame.
enum SocketAction: Sendable, Equatable {
    /// Sends a text after so many milliseconds.
    case send([UInt8], delay: Int64)
    case close(code: Int, reason: String)
    /// Ends the line without a word.
    case cut
}

/// What is to be done about a WebSocket upgrade.
enum UpgradeAnswer: Sendable, Equatable {
    case accept
    case refuse(Response)
    case silence
}

/// The state of the tenant, and its decisions.
///
/// One lock guards it all: whatever threads ask, messages are numbered, journaled and booked one after the other.
final class Tenant: Sendable {
    struct State: ~Copyable {
        var tokens: TokenStore
        var faults: FaultPlan
        var receipts: Receipts
        var journal: Journal?
        var counts = Counts()
    }

    /// What happened so far, but for what ``Receipts`` count.
    struct Counts: Sendable {
        var journaled = 0
        var refused = 0
        var tokens = 0
        var connections = 0
        var replies = 0
        var faults: [Fault: Int] = [:]
    }

    let options: SandboxOptions
    let state: Mutex<State>

    /// Opens the journal and remembers what is in it.
    init(_ options: SandboxOptions) throws(Journal.Failure) {
        self.options = options
        var receipts = Receipts(window: options.idempotencyWindow)
        var counts = Counts()
        var journal: Journal?
        if let path = options.journal {
            journal = try Journal(path: path) { line in
                counts.journaled += 1
                receipts.book(line.receipt, key: line.key, digest: line.digest, line.time)
            }
        }
        state = Mutex(
            State(
                tokens: TokenStore(lifetime: options.tokenLifetime),
                faults: options.faults,
                receipts: receipts,
                journal: journal,
                counts: counts
            )
        )
    }

    // MARK: Tokens

    /// Answers a request to the token endpoint.
    func token(query: Substring?, body: String, authorization: String?, _ now: WallTime) -> Answer {
        if draw(.token) != nil { return .reply(unavailable(.unavailable, now)) }
        do throws(TokenRequest.Refusal) {
            try TokenRequest(query: query, body: body, authorization: authorization)
                .check(clientId: options.clientId, clientSecret: options.clientSecret)
        } catch {
            let status = error == .invalidClient ? 401 : 400
            let fields = status == 401 ? ["WWW-Authenticate": "Basic realm=\"optave-sandbox\""] : [:]
            return .reply(
                Response(status: status, fields: fields, body: Array(#"{"error":"\#(error.rawValue)"}"#.utf8))
            )
        }
        let token = state.withLock { state in
            state.counts.tokens += 1
            return state.tokens.issue(now)
        }
        let seconds = max(1, options.tokenLifetime / 1000)
        let body = #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":\#(seconds)}"#
        return .reply(Response(status: 200, fields: ["Cache-Control": "no-store"], body: Array(body.utf8)))
    }

    /// Decides on a WebSocket upgrade; a token that opens one is used up.
    func upgrade(token: String?, _ now: WallTime) -> UpgradeAnswer {
        switch draw(.upgrade) {
        case .hangingUpgrade: return .silence
        case .some: return .refuse(unavailable(.unavailable, now))
        case nil: break
        }
        do throws(TokenStore.Refusal) {
            try state.withLock { state throws(TokenStore.Refusal) in
                try state.tokens.open(token, now)
                state.counts.connections += 1
            }
        } catch {
            return .refuse(unauthorized(error))
        }
        return .accept
    }

    // MARK: Messages

    /// Answers `POST /message/interaction`.
    ///
    /// - Parameters:
    ///   - body: What is to be an Interaction's payload.
    ///   - token: The bearer's.
    ///   - idempotencyKey: The field of that name.
    ///   - now: The time.
    /// - Returns: What is to be done.
    func post(_ body: UnsafeRawBufferPointer, token: String?, idempotencyKey: String?, _ now: WallTime) -> Answer {
        do throws(TokenStore.Refusal) {
            try state.withLock { state throws(TokenStore.Refusal) in try state.tokens.check(token, now) }
        } catch {
            return .reply(unauthorized(error))
        }
        let fault = draw(.rest)
        switch fault {
        case .requestTimeout, .tooManyRequests, .serverError, .unavailable:
            return .reply(unavailable(fault ?? .unavailable, now))
        case .expire:
            state.withLock { $0.tokens.expireAll(now) }
            return .reply(unauthorized(.expired))
        case .reset where coin(): return .reset
        default: break
        }
        let (message, refusal) = SubmittedMessage.read(body, .rest, idempotencyKey: idempotencyKey)
        if let refusal {
            countRefusal()
            return .reply(Response(status: refusal.code.status, body: error(refusal, for: message).json))
        }
        guard let receipt = accept(message, now) else { return .reply(unavailable(.serverError, now)) }
        switch fault {
        case .lost: return .silence
        case .reset: return .reset
        default:
            let reply = completion(of: message, receipt, options.actionTypes.first ?? "interaction")
            let delay = options.latency + (fault == .slow ? options.slowness : 0)
            return .reply(Response(status: 200, body: reply.json, delay: delay))
        }
    }

    /// Answers the text of a frame.
    func receive(_ text: UnsafeRawBufferPointer, _ now: WallTime) -> [SocketAction] {
        let fault = draw(.socket)
        switch fault {
        case .close1008: return [.close(code: 1008, reason: "policy violation")]
        case .close1009: return [.close(code: 1009, reason: "message too big")]
        case .expire:
            state.withLock { $0.tokens.expireAll(now) }
            // Not 1008, which says not to come back: a fresh token is all that is needed.
            return [.close(code: 1001, reason: "the token has expired")]
        case .close1011 where coin(): return [.close(code: 1011, reason: "internal error")]
        case .close1006 where coin(), .reset where coin(): return [.cut]
        default: break
        }
        let (message, refusal) = SubmittedMessage.read(text, .webSocket)
        if let refusal {
            countRefusal()
            return [.send(error(refusal, for: message).json, delay: 0)]
        }
        switch fault {
        case .requestTimeout, .tooManyRequests, .serverError, .unavailable:
            let problem = Self.problem(fault ?? .unavailable)
            return [.send(error(code: problem.code, problem.message, for: message).json, delay: 0)]
        default: break
        }
        guard let receipt = accept(message, now) else {
            return [.send(error(code: "500", "the journal cannot be written", for: message).json, delay: 0)]
        }
        switch fault {
        case .lost: return []
        case .close1011: return [.close(code: 1011, reason: "internal error")]
        case .close1006, .reset: return [.cut]
        default: return replies(to: message, receipt, fault)
        }
    }

    /// Journals and books a message; nil if the journal cannot be written, which leaves it unaccepted.
    private func accept(_ message: SubmittedMessage, _ now: WallTime) -> Receipts.Receipt? {
        state.withLock { state in
            let receipt = state.receipts.receipt(for: message, now)
            let entry = Journal.Entry(order: state.counts.journaled + 1, time: now, message: message, receipt: receipt)
            do { try state.journal?.append(entry) } catch { return nil }
            state.counts.journaled += 1
            state.receipts.book(receipt, key: message.idempotencyKey, digest: message.digest, now)
            return receipt
        }
    }

    private func countRefusal() { state.withLock { $0.counts.refused += 1 } }

    private func draw(_ occasion: Fault.Occasion) -> Fault? {
        state.withLock { state in
            let fault = state.faults.draw(occasion)
            if let fault { state.counts.faults[fault, default: 0] += 1 }
            return fault
        }
    }

    private func coin() -> Bool { state.withLock { $0.faults.coin() } }
}
