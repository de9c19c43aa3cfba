// What a run counts, under which names, for whatever metrics system the program has set up.

internal import Metrics

/// The metrics of a run; made once, so that counting costs little.
package struct SubmissionMetrics: Sendable {
    /// Attempts by `transport`: `rest`, `websocket`.
    package static let attempts = "optave_submit_attempts_total"
    /// Messages by `state`: `accepted`, `completed`, `rejected`, `unknown`.
    package static let outcomes = "optave_submit_outcomes_total"
    /// Attempts after the first, by `cause`: `throttled`, `server`, `conflict`, `unreachable`, `connection`,
    /// `shared-connection`, `timeout`, `unauthorized`.
    package static let retries = "optave_submit_retries_total"
    /// Token requests by `result`: `ok`, `failed`.
    package static let tokens = "optave_submit_token_requests_total"
    /// WebSocket connections that were opened.
    package static let connections = "optave_submit_connections_total"
    /// A timer: from an attempt's start to its answer.
    package static let latency = "optave_submit_latency_seconds"
    /// A gauge: messages in flight.
    package static let inFlight = "optave_submit_in_flight"
    /// A gauge: how many may be in flight.
    package static let window = "optave_submit_window"

    private let attemptCounter: Counter
    private let outcomeCounters: [DeliveryState: Counter]
    private let retryCounters: [RetryCause: Counter]
    private let tokenOK = Counter(label: Self.tokens, dimensions: [("result", "ok")])
    private let tokenFailure = Counter(label: Self.tokens, dimensions: [("result", "failed")])
    private let connectionCounter = Counter(label: Self.connections)
    private let latencyTimer = Timer(label: Self.latency)
    private let inFlightGauge = Gauge(label: Self.inFlight)
    private let windowGauge = Gauge(label: Self.window)

    init(transport: SubmissionOptions.Transport) {
        attemptCounter = Counter(label: Self.attempts, dimensions: [("transport", transport.rawValue)])
        let states: [DeliveryState] = [.accepted, .completed, .rejected, .unknown]
        outcomeCounters = Dictionary(
            uniqueKeysWithValues: states.map {
                ($0, Counter(label: Self.outcomes, dimensions: [("state", $0.rawValue)]))
            }
        )
        retryCounters = Dictionary(
            uniqueKeysWithValues: RetryCause.allCases.map {
                ($0, Counter(label: Self.retries, dimensions: [("cause", $0.rawValue)]))
            }
        )
    }

    func attempted() { attemptCounter.increment() }

    func answered(_ event: DeliveryEvent) {
        guard let state = event.state else { return }
        outcomeCounters[state]?.increment()
        if state == .accepted || state == .completed { latencyTimer.recordMicroseconds(event.latency) }
    }

    func retried(_ cause: RetryCause) { retryCounters[cause]?.increment() }

    func tokenFetched() { tokenOK.increment() }

    func tokenFailed() { tokenFailure.increment() }

    func connected() { connectionCounter.increment() }

    func measured(inFlight: Int, window: Int) {
        inFlightGauge.record(inFlight)
        windowGauge.record(window)
    }
}
