// The names under which a run counts, for whatever metrics system the program has set up.

internal import Metrics

/// Labels of the metrics; counters unless it says otherwise.
package enum SubmissionMetrics {
    /// Attempts by transport (`transport`: `rest`, `websocket`).
    package static let attempts = "optave_submit_attempts_total"
    /// Messages by outcome (`state`: `accepted`, `completed`, `rejected`, `unknown`).
    package static let outcomes = "optave_submit_outcomes_total"
    /// Attempts after the first by cause (`cause`: `throttled`, `server`, `connection`, `timeout`, `unauthorized`).
    package static let retries = "optave_submit_retries_total"
    /// Token requests by result (`result`: `ok`, `failed`).
    package static let tokens = "optave_submit_token_requests_total"
    /// WebSocket connections that were opened.
    package static let connections = "optave_submit_connections_total"
    /// A timer: from an attempt's start to its answer, in seconds.
    package static let latency = "optave_submit_latency_seconds"
    /// A gauge: messages in flight.
    package static let inFlight = "optave_submit_in_flight"
    /// A gauge: how many may be in flight.
    package static let window = "optave_submit_window"
}
