// Counting: what has been done, how fast it goes.

/// Counts of a run.
struct Tally: Sendable {
    /// What the clock shows at its 0, in microseconds since 1970.
    let epoch: Int64
    var progress = SubmissionProgress()
    private var latencies = LatencyHistogram()
    /// Outcomes in each of the last seconds.
    private var seconds = [Int](repeating: 0, count: Self.span + 1)
    private var second = Int64.min
    private var firstSecond: Int64?

    private static let span = 10

    init(epoch: Int64) { self.epoch = epoch }

    mutating func sent(isFirst: Bool) {
        if isFirst { progress.sent += 1 }
    }

    mutating func retried() { progress.retries += 1 }

    mutating func settled(_ event: DeliveryEvent, _ now: Int64) {
        switch event.state {
        case .accepted, .completed:
            progress.accepted += 1
            if event.state == .completed { progress.completed += 1 }
            latencies.add(event.latency)
        case .rejected: progress.rejected += 1
        case .unknown: progress.unknown += 1
        case nil: return
        }
        turn(to: now / 1_000_000)
        seconds[Int(second % Int64(seconds.count))] += 1
    }

    /// Counts with rate and percentiles.
    func snapshot(_ now: Int64) -> SubmissionProgress {
        var tally = self
        tally.turn(to: now / 1_000_000)
        var result = progress
        result.latencyP50 = latencies.percentile(0.5)
        result.latencyP95 = latencies.percentile(0.95)
        result.latencyP99 = latencies.percentile(0.99)
        // The running second is not over yet, so it does not count, unless it is the first.
        let running = tally.seconds[Int(tally.second % Int64(seconds.count))]
        let sum = tally.seconds.reduce(0, +)
        let past = min(Int64(Self.span), tally.second - (tally.firstSecond ?? tally.second))
        result.rate = past == 0 ? Double(running) : Double(sum - running) / Double(past)
        return result
    }

    private mutating func turn(to now: Int64) {
        if firstSecond == nil {
            firstSecond = now
            second = now
        }
        guard now > second else { return }
        let steps = min(now - second, Int64(seconds.count))
        for step in 1...steps { seconds[Int((now - steps + step) % Int64(seconds.count))] = 0 }
        second = now
    }
}
