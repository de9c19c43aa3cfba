// So many messages a second: a token bucket, kept as the moment at which it would be full of debt.

/// Spaces messages in time.
struct RateLimiter: Sendable {
    private let interval: Double
    private let tolerance: Double
    /// When the next message would be due if all had come evenly.
    private var due = -Double.infinity

    /// Makes a limiter.
    ///
    /// - Parameter rate: The rate; up to a tenth of a second's messages may leave at once.
    init(_ rate: SendingRate) {
        interval = 1_000_000 / rate.perSecond
        tolerance = max(0, 100_000 - interval)
    }

    /// When the next message may leave.
    var earliest: Int64 { due == -.infinity ? .min : Int64((due - tolerance).rounded(.up)) }

    /// Counts a message that leaves now.
    mutating func take(_ now: Int64) {
        due = max(due, Double(now)) + interval
    }
}
