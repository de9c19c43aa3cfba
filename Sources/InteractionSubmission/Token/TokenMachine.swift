// When a token is fetched, used, renewed, given up. No I/O, no clock.

/// A token, and which one of the run it is.
struct AccessToken: Sendable, Hashable {
    var secret: Secret
    var generation: Int
}

/// Why a token could not be had.
struct TokenFailure: Error, Sendable, Hashable {
    /// Whether the same request would fail again.
    var isPermanent: Bool
    /// Without URL, credentials or token.
    var reason: String
    /// In microseconds.
    var retryAfter: Int64?
}

/// The sans-I/O core of the token handling; times as in ``SubmissionMachine``.
///
/// One fetch at a time: whoever is told to fetch reports back with `fetched`, `failed` or `abandoned`, and everybody
/// else waits meanwhile, or goes on with the old token while it holds.
struct TokenMachine: Sendable {
    enum Decision: Sendable, Hashable {
        case use(AccessToken)
        /// Get a new one, report, and ask again: an old one may still hold if that has failed.
        case fetch
        /// Somebody else is fetching.
        case wait
        /// The endpoint is given a rest.
        case waitUntil(Int64)
        case failed(SubmissionError)
    }

    /// Tokens in a row that may be refused before the run ends.
    static let refusals = 3

    private let backoff: Backoff
    private let patience: Int64
    private var token: AccessToken?
    /// Whether a connection was opened with it: each token opens one at most.
    private var isSpent = false
    private var expiresAt = Int64.max
    private var refreshAt = Int64.max
    private(set) var isFetching = false
    private var retryAt = Int64.min
    private var failures = 0
    private var failingSince: Int64?
    private var refused = 0
    private var generation = 0
    private var error: SubmissionError?

    init(limits: Limits) {
        backoff = limits.backoff
        patience = limits.patience
    }

    /// A token for a request.
    mutating func need(_ now: Int64) -> Decision {
        if let error { return .failed(error) }
        guard let token, now < expiresAt else { return fetch(now) }
        if now >= refreshAt, !isFetching, now >= retryAt {
            isFetching = true
            return .fetch
        }
        return .use(token)
    }

    /// A token for a request without any waiting; nil if there is none.
    ///
    /// - Returns: The token, and whether `need` is to be asked because it is missing or getting old.
    func atHand(_ now: Int64) -> (token: AccessToken?, isDue: Bool) {
        guard error == nil, let token, now < expiresAt else { return (nil, true) }
        return (token, now >= refreshAt && !isFetching && now >= retryAt)
    }

    /// A token for a connection, which no connection has had.
    mutating func needUnspent(_ now: Int64) -> Decision {
        if let error { return .failed(error) }
        if let token, !isSpent, now < refreshAt {
            isSpent = true
            return .use(token)
        }
        return fetch(now)
    }

    private mutating func fetch(_ now: Int64) -> Decision {
        if isFetching { return .wait }
        if now < retryAt { return .waitUntil(retryAt) }
        isFetching = true
        return .fetch
    }

    /// A token has come.
    ///
    /// - Parameters:
    ///   - secret: The token.
    ///   - lifetime: How long it holds, in microseconds; nil if nobody says.
    ///   - now: The time.
    mutating func fetched(_ secret: Secret, lifetime: Int64?, now: Int64) {
        isFetching = false
        failures = 0
        failingSince = nil
        retryAt = .min
        generation += 1
        token = AccessToken(secret: secret, generation: generation)
        isSpent = false
        if let lifetime, lifetime > 0 {
            expiresAt = now + lifetime
            refreshAt = now + lifetime / 5 * 4
        } else {
            expiresAt = .max
            refreshAt = .max
        }
    }

    /// No token has come.
    mutating func failed(_ failure: TokenFailure, now: Int64, _ dice: inout Dice) {
        isFetching = false
        failures += 1
        let since = failingSince ?? now
        failingSince = since
        let holds = token != nil && now < expiresAt
        if !holds, failure.isPermanent || now - since > patience {
            error = SubmissionError(.token, failure.reason)
        }
        retryAt = now + max(failure.retryAfter ?? 0, backoff.calmWait(failures: failures, &dice))
    }

    /// The fetch was not finished.
    mutating func abandoned() { isFetching = false }

    /// The tenant has not taken a token.
    ///
    /// - Parameter generation: Which one; an older one than the present says nothing new.
    mutating func refused(_ generation: Int) {
        guard let token, token.generation == generation else { return }
        self.token = nil
        refused += 1
        guard refused >= Self.refusals else { return }
        error = SubmissionError(
            .unauthorized,
            "the tenant refuses tokens that were just issued (HTTP 401, \(refused) times in a row)"
        )
    }

    /// The tenant has taken a token.
    mutating func worked() { refused = 0 }
}
