// What a sandbox is asked to be.

/// The tenant's address, credentials, patience and troubles.
package struct SandboxOptions: Sendable {
    /// How replies are wrapped.
    package enum ReplyForm: String, CaseIterable, Sendable {
        /// `{action: "superpower", …}`, as the vendor's documentation shows it.
        case bare
        /// `{action: "message", headers, payload}`, as the vendor's schema has it.
        case envelope
        /// The two in turn.
        case mixed
    }

    /// Where it listens; anything but loopback is for whoever knows what that means.
    package var host = "127.0.0.1"
    /// 0 takes a free port.
    package var port = 0
    package var clientId = "sandbox"
    package var clientSecret = "sandbox"
    /// How long a token is valid, in milliseconds.
    package var tokenLifetime: Int64 = 900_000
    /// How long the tenant works on a message before it answers, in milliseconds.
    package var latency: Int64 = 0
    /// How long an answer takes that the fault `slow` has met, in milliseconds.
    package var slowness: Int64 = 1_000
    /// What answers with 429 and 503 ask to wait, in seconds.
    package var retryAfter: Int64 = 1
    package var replyForm = ReplyForm.bare
    /// What the tenant works out for each message, one `started` and one `completed` reply for each.
    package var actionTypes = ["sentiment_analysis", "risk_assessment"]
    /// How long a key is remembered, in milliseconds; nil is for ever.
    package var idempotencyWindow: Int64?
    package var faults = FaultPlan()
    /// Where accepted messages are written down; also read at the start, so that a tenant remembers its past.
    package var journal: String?
    package var usesTLS = false
    /// Where the certificate goes that a client has to trust.
    package var certificateFile: String?

    package init() {}
}

/// What the tenant can take, as the real one is documented to.
enum SandboxLimits {
    /// Bytes of a token request, which is a line of text.
    static let tokenRequest = 16_384
    /// Bytes of a WebSocket frame or message; what is larger than a message may be, but not than this, gets a reply.
    static let frame = 1_048_576
    /// Seconds from the end of one exchange to the end of the next; then the line is cut.
    static let exchange: Int64 = 60
}
