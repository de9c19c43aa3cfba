// A tenant that fails whatever it is sent is left alone, but for one message now and then.

/// Open, probing, closed.
struct CircuitBreaker: Sendable {
    enum State: Sendable, Hashable {
        /// Everything goes.
        case closed
        /// Nothing goes before the time.
        case open(until: Int64)
        /// One message is on its way, and its answer decides.
        case probing
    }

    /// Failures in a row that open it.
    static let threshold = 5

    private(set) var state = State.closed
    /// Since when there was no success; nil while closed.
    private(set) var openedAt: Int64?
    private let backoff: Backoff
    private var failures = 0
    private var probes = 0

    init(backoff: Backoff) { self.backoff = backoff }

    /// Learns that the tenant has answered.
    mutating func succeeded() {
        if state != .closed { state = .closed }
        openedAt = nil
        failures = 0
        probes = 0
    }

    /// Learns that it has not.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - dice: For the wait until the next probe.
    mutating func failed(_ now: Int64, _ dice: inout Dice) {
        switch state {
        case .open: return
        case .probing:
            probes += 1
            state = .open(until: now + backoff.calmWait(failures: probes + 1, &dice))
        case .closed:
            failures += 1
            guard failures >= Self.threshold else { return }
            openedAt = now
            state = .open(until: now + backoff.calmWait(failures: 1, &dice))
        }
    }

    /// Sends the one message, if it is time.
    mutating func beginProbe() { state = .probing }

    /// Takes back a probe that was not sent.
    mutating func abandonProbe(_ now: Int64) {
        if state == .probing { state = .open(until: now) }
    }
}
