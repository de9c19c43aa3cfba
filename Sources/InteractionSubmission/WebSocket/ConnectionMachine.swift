// When a WebSocket is opened, pinged, replaced, given up. No I/O, no clock.

/// Why there is no connection.
enum ConnectionLoss: Error, Sendable, Hashable {
    /// None came about.
    case unreachable(TransportFailure)
    /// The upgrade was refused with an HTTP status.
    case refused(Int, retryAfter: Int64?)
    /// The server has not chosen the protocol.
    case wrongProtocol
    /// It was open and has ended: the close code, 1006 if there was no close frame.
    case closed(Int)
    /// It was open, and nothing was heard any more.
    case silent

    /// For logs and records.
    var reason: String {
        switch self {
        case .unreachable(let failure): failure.reason
        case .refused(let status, _): "the connection was refused (HTTP \(status))"
        case .wrongProtocol: "the server does not speak \(WebSocketUpgrade.subprotocol)"
        case .closed(let code): "the connection was closed (\(code))"
        case .silent: "the connection was silent"
        }
    }

    /// The close code or the HTTP status.
    var status: Int? {
        switch self {
        case .refused(let status, _): status
        case .closed(let code): code
        case .unreachable, .wrongProtocol, .silent: nil
        }
    }
}

/// The sans-I/O core of the connection; times as in ``SubmissionMachine``.
struct ConnectionMachine: Sendable {
    /// What comes after a connection.
    enum Next: Sendable, Hashable {
        /// Another, at that time.
        case connect(at: Int64)
        /// Nothing.
        case giveUp(SubmissionError)
    }

    /// What an open connection needs.
    enum Care: Sendable, Hashable {
        case nothing
        case ping
        /// Nobody is there.
        case abandon
        /// It is old: nothing new, and then another.
        case retire
    }

    /// How often the other side is asked whether it is there.
    static let pingInterval: Int64 = 30_000_000
    /// How long it has for an answer.
    static let pongTimeout: Int64 = 20_000_000
    /// Gateways end connections after two hours; ours ends before, when nothing is in doubt.
    static let age: Int64 = 110 * 60_000_000

    private let backoff: Backoff
    private let patience: Int64
    private var failures = 0
    private var downSince: Int64?
    private var openedAt: Int64 = 0
    private var heardAt: Int64 = 0
    private var pingedAt: Int64?
    private var isRetired = false

    init(limits: Limits) {
        backoff = limits.backoff
        patience = limits.patience
    }

    mutating func opened(_ now: Int64) {
        openedAt = now
        heardAt = now
        pingedAt = nil
        isRetired = false
    }

    /// Something came in.
    mutating func heard(_ now: Int64) {
        heardAt = now
        pingedAt = nil
    }

    /// Something came in that shows that messages are dealt with.
    mutating func worked() {
        failures = 0
        downSince = nil
    }

    /// Looks after an open connection, about once a second.
    mutating func care(_ now: Int64) -> Care {
        if let pingedAt {
            if now - pingedAt >= Self.pongTimeout { return .abandon }
        } else if now - heardAt >= Self.pingInterval {
            pingedAt = now
            return .ping
        }
        if !isRetired, now - openedAt >= Self.age {
            isRetired = true
            return .retire
        }
        return .nothing
    }

    /// The connection has ended, or has not come about.
    mutating func lost(_ loss: ConnectionLoss, _ now: Int64, _ dice: inout Dice) -> Next {
        if let error = Self.isFinal(loss) { return .giveUp(error) }
        if isRetired, case .closed(1000) = loss {
            isRetired = false
            return .connect(at: now)
        }
        failures += 1
        let since = downSince ?? now
        downSince = since
        guard now - since <= patience else {
            let minutes = (now - since) / 60_000_000
            return .giveUp(SubmissionError(.outage, "no working connection for \(minutes) minutes; \(loss.reason)"))
        }
        var wait = backoff.wait(failures: failures, &dice)
        if case .refused(_, let retryAfter?) = loss {
            wait = max(wait, retryAfter + Int64.random(in: 0...1_000_000, using: &dice))
        }
        // The first time at once: most connections that end are simply over.
        return .connect(at: failures == 1 && loss.status != 503 ? now : now + wait)
    }

    private static func isFinal(_ loss: ConnectionLoss) -> SubmissionError? {
        switch loss {
        case .unreachable(let failure): failure.isPermanent ? SubmissionError(.certificate, failure.reason) : nil
        case .wrongProtocol: SubmissionError(.wire, loss.reason)
        case .closed(1008):
            SubmissionError(.policy, "the tenant has closed the connection for a reason of policy (1008)")
        // 401 is the token's affair.
        case .refused(let status, _) where status < 500 && ![401, 408, 425, 429].contains(status):
            SubmissionError(.wire, loss.reason + (300...399 ~= status ? ", which leads elsewhere" : ""))
        case .closed, .refused, .silent: nil
        }
    }
}
