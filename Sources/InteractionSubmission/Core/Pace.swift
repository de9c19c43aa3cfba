// All that decides how fast: rate, window, pauses, circuit breaker and the budget for repetitions.

/// The pace of a run.
struct Pace: Sendable {
    private var limiter: RateLimiter?
    private var adaptive: AdaptiveWindow
    private var breaker: CircuitBreaker
    private let patience: Int64
    private var pausedUntil = Int64.min
    private var lastReason: String?
    /// When the last good answer came.
    private(set) var succeededAt = Int64.min
    /// When the tenant has answered again after an outage; what was before it is held against no message.
    private(set) var recoveredAt = Int64.min
    var budget: RetryBudget

    init(limits: Limits) {
        limiter = limits.rate.map(RateLimiter.init)
        adaptive = AdaptiveWindow(cap: limits.concurrency)
        breaker = CircuitBreaker(backoff: limits.backoff)
        budget = RetryBudget(cap: max(100, limits.concurrency * 2))
        patience = limits.patience
    }

    /// How many may be in flight.
    var window: Int { adaptive.size }

    /// Whether the tenant answers some, so that a message that fails has itself to blame.
    var isTenantWell: Bool { breaker.state == .closed }

    /// Whether the tenant is given a rest; nothing new is claimed then.
    var isPaused: Bool { breaker.state != .closed }

    /// Whether no probe is on its way.
    var mayProceed: Bool { breaker.state != .probing }

    /// Until when nothing may leave; nil if something may leave now.
    func blockedUntil(_ now: Int64) -> Int64? {
        var until = max(pausedUntil, limiter?.earliest ?? .min)
        if case .open(let time) = breaker.state { until = max(until, time) }
        return until > now ? until : nil
    }

    /// Why the run should end, if the tenant has been away for too long.
    func outage(_ now: Int64) -> SubmissionError? {
        guard let since = breaker.openedAt, now - since > patience else { return nil }
        let last = lastReason.map { "; the last: \($0)" } ?? ""
        return SubmissionError(
            .outage,
            "the tenant has given no good answer for \((now - since) / 60_000_000) minutes\(last)"
        )
    }

    /// A message leaves.
    mutating func sent(_ now: Int64) {
        limiter?.take(now)
        if case .open = breaker.state { breaker.beginProbe() }
    }

    /// A good answer came.
    mutating func succeeded(latency: Int64, wasFull: Bool, now: Int64) {
        answered(now)
        succeededAt = now
        budget.earn()
        adaptive.answered(latency: latency, wasFull: wasFull, now: now)
    }

    /// An answer came that says nothing of the pace.
    mutating func answered(_ now: Int64) {
        if breaker.openedAt != nil { recoveredAt = now }
        breaker.succeeded()
    }

    /// No good answer came.
    ///
    /// - Parameters:
    ///   - cause: Why.
    ///   - isRepeated: Whether the message has failed before while others went through, so that it says nothing of the
    ///     tenant.
    ///   - retryAfter: How long the tenant asks to be left alone, in microseconds.
    ///   - reason: What was said.
    ///   - now: The time.
    ///   - dice: For jitter.
    mutating func failed(
        _ cause: RetryCause,
        isRepeated: Bool,
        retryAfter: Int64?,
        reason: String?,
        now: Int64,
        _ dice: inout Dice
    ) {
        lastReason = reason ?? cause.rawValue
        if cause.isLoad { adaptive.shrink(now) }
        if cause.isOutage, !isRepeated || breaker.state != .closed { breaker.failed(now, &dice) }
        if breaker.state == .probing { breaker.abandonProbe(now) }
        guard let retryAfter, retryAfter > 0 else { return }
        // Everybody was told the same, so a part of it is spread.
        let jitter = Int64.random(in: 0...min(5_000_000, max(500_000, retryAfter / 10)), using: &dice)
        pausedUntil = max(pausedUntil, now + retryAfter + jitter)
    }
}
