// What came of one attempt, as a transport reports it.

/// The answer to one attempt.
struct Answer: Sendable, Hashable {
    enum Verdict: Sendable, Hashable {
        case accepted
        case completed
        /// Refused for good.
        case rejected
        /// To be tried again.
        case retry(RetryCause)
    }

    var verdict: Verdict
    /// The HTTP status or the close code.
    var status: Int?
    /// What was said, in a few words without content, tokens or URLs.
    var reason: String?
    /// How long the tenant asks to be left alone, in microseconds.
    var retryAfter: Int64?
    /// Why there is no use in sending anything else.
    var fatal: SubmissionError?

    static let accepted = Answer(verdict: .accepted)
}

/// Why an attempt is to be repeated.
enum RetryCause: String, Sendable, Hashable, CaseIterable {
    /// The tenant has too much to do.
    case throttled
    /// The tenant has failed.
    case server
    /// The tenant is at it already, under the same key.
    case conflict
    /// There was no connection, so nothing has left.
    case unreachable
    /// The connection was lost with this message on its way.
    case connection
    /// The connection was lost with others on their way too, and any of them can be the cause.
    case sharedConnection = "shared-connection"
    /// No answer came in time.
    case timeout
    /// The token was not taken.
    case unauthorized

    /// Whether it says that the tenant as a whole is not well.
    var isOutage: Bool {
        switch self {
        case .throttled, .server, .unreachable, .connection, .timeout: true
        case .conflict, .sharedConnection, .unauthorized: false
        }
    }

    /// Whether it is a sign of load.
    var isLoad: Bool {
        switch self {
        case .throttled, .timeout, .server, .sharedConnection: true
        case .conflict, .unreachable, .connection, .unauthorized: false
        }
    }
}

/// One message that may leave now.
struct Attempt: Sendable {
    var message: OutgoingMessage
    /// When it was handed out, in the machine's time.
    var startedAt: Int64

    var row: Int64 { message.row }
}
