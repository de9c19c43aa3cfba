// What a program says about a submission.

public import InteractionConversion
package import InteractionSubmission

/// Where messages go, how, and what is remembered of it.
public struct MigrationOptions: Sendable {
    /// The ledger's file; it is made if there is none.
    public var ledger: String
    /// How inputs are read that are no finished Interactions.
    public var conversion = ConversionOptions()
    /// Whether a message is sent whose thread and request the ledger knows with other content.
    public var resubmitsChanged = false
    /// Whether what an earlier run was refused is sent again; what comes from a dead-letter file always is.
    public var retriesRejected = false
    /// Which part of the messages is sent, at its share of the rate and the concurrency; nil for all.
    ///
    /// Each shard needs a ledger of its own.
    public var shard: Shard?
    /// The program's version, as the ledger notes it.
    public var tool = ""
    /// Everything else about the sending.
    package var submission = SubmissionOptions()

    /// Makes options.
    ///
    /// - Parameter ledger: The ledger's file.
    public init(ledger: String) { self.ledger = ledger }

    /// The tenant's name, from which its addresses follow.
    public var tenant: String? {
        get { submission.tenant }
        set { submission.tenant = newValue }
    }

    /// The top-level domain of the vendor's hosts.
    public var topLevelDomain: String {
        get { submission.topLevelDomain }
        set { submission.topLevelDomain = newValue }
    }

    /// The address of REST, in place of the tenant's.
    public var restURL: String? {
        get { submission.restURL }
        set { submission.restURL = newValue }
    }

    /// The address of the WebSocket, in place of the tenant's.
    public var webSocketURL: String? {
        get { submission.webSocketURL }
        set { submission.webSocketURL = newValue }
    }

    /// The address of the token endpoint, in place of the tenant's.
    public var tokenURL: String? {
        get { submission.tokenURL }
        set { submission.tokenURL = newValue }
    }

    /// Whether messages travel over a WebSocket instead of REST.
    public var usesWebSocket: Bool {
        get { submission.transport == .webSocket }
        set { submission.transport = newValue ? .webSocket : .rest }
    }

    /// Messages in flight at most, 1 to 4096.
    public var concurrency: Int {
        get { submission.concurrency }
        set { submission.concurrency = newValue }
    }

    /// Messages a second at most; nil for no limit.
    public var messagesPerSecond: Double? {
        get { submission.rate?.perSecond }
        set { submission.rate = newValue.flatMap { SendingRate("\($0)") } }
    }

    /// Certificates to trust, in PEM, in place of the system's.
    public var caFile: String? {
        get { submission.caFile }
        set { submission.caFile = newValue }
    }

    /// How long a stop waits for what is in flight.
    public var drain: Duration {
        get { submission.drain }
        set { submission.drain = newValue }
    }

    /// How long one message is tried while the tenant answers others; nil for eight attempts, and ``patience`` at most.
    ///
    /// Then it is in doubt, and what follows it in its thread is not sent in this run.
    public var deadline: Duration? {
        get { submission.deadline }
        set { submission.deadline = newValue }
    }

    /// How long a tenant that gives no good answer at all is waited for.
    public var patience: Duration {
        get { submission.patience }
        set { submission.patience = newValue }
    }

    /// How it is sent: everything, or what is the shard's share of it.
    var sharedSubmission: SubmissionOptions { shard?.share(of: submission) ?? submission }

    /// What the ledger notes of the options: nothing secret.
    var summary: String {
        var words = ["--transport \(submission.transport.rawValue)", "--concurrency \(submission.concurrency)"]
        if let rate = submission.rate { words.append("--rate \(rate)") }
        if submission.allowsHTTP2 { words.append("--http2") }
        if submission.transport == .webSocket { words.append("--ack \(submission.acknowledgement.rawValue)") }
        if let shard { words.append("--shard \(shard)") }
        if resubmitsChanged { words.append("--resubmit-changed") }
        if retriesRejected { words.append("--retry-rejected") }
        return words.joined(separator: " ")
    }
}
