// How many messages may be in flight: more while the tenant keeps up, fewer when it slows down.

/// Additive increase, multiplicative decrease, at most once in a round trip.
struct AdaptiveWindow: Sendable {
    /// What a latency must exceed the usual one by to be taken for a sign of load.
    ///
    /// Less is noise of this machine.
    static let tolerance = 100_000.0

    private let cap: Double
    private var limit: Double
    private var usual = 0.0
    private var deviation = 0.0
    private var isStarting = true
    /// Nothing changes before: the last change has not come back yet.
    private var settledAt = Int64.min

    /// Makes a window.
    ///
    /// - Parameter cap: What it never exceeds.
    init(cap: Int) {
        self.cap = Double(cap)
        limit = Double(min(cap, 8))
    }

    /// How many may be in flight.
    var size: Int { max(1, Int(limit)) }

    /// Learns of a good answer.
    ///
    /// - Parameters:
    ///   - latency: How long it took, in microseconds.
    ///   - wasFull: Whether as many were in flight as may be.
    ///   - now: The time.
    mutating func answered(latency: Int64, wasFull: Bool, now: Int64) {
        let sample = Double(latency)
        let isSlow = usual > 0 && sample > usual + max(2.5 * deviation, Self.tolerance)
        if usual == 0 {
            usual = sample
            deviation = sample / 2
        } else {
            deviation += (abs(sample - usual) - deviation) / 16
            usual += (sample - usual) / 16
        }
        if isSlow {
            shrink(now)
        } else if wasFull, limit < cap {
            if isStarting {
                limit = min(cap, limit + 1)
            } else if now >= settledAt {
                limit = min(cap, limit + 1)
                settledAt = now + Int64(usual)
            }
        }
    }

    /// Learns of a refusal for load, or of no answer in time.
    mutating func shrink(_ now: Int64) {
        guard now >= settledAt else { return }
        isStarting = false
        limit = max(1, limit * 0.9)
        settledAt = now + Int64(max(usual, 1000))
    }
}
