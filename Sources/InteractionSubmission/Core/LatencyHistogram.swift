// Latencies in buckets that are at most an eighth wide: small, and good enough for percentiles.

/// Counts of latencies.
struct LatencyHistogram: Sendable {
    private var buckets = [Int64](repeating: 0, count: 320)
    private var count: Int64 = 0

    /// Counts a latency in microseconds.
    mutating func add(_ latency: Int64) {
        buckets[Self.bucket(max(0, latency))] += 1
        count += 1
    }

    /// What a part of all latencies do not exceed.
    ///
    /// - Parameter part: From 0 to 1.
    /// - Returns: Microseconds; 0 if there are none.
    func percentile(_ part: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = max(1, Int64((Double(count) * part).rounded(.up)))
        var seen: Int64 = 0
        for (index, value) in buckets.enumerated() {
            seen += value
            if seen >= rank { return Self.upperBound(index) }
        }
        return Self.upperBound(buckets.count - 1)
    }

    /// Values below 8 have a bucket each; above, each doubling has eight.
    private static func bucket(_ value: Int64) -> Int {
        guard value >= 8 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let index = (exponent - 2) * 8 + Int(value >> (exponent - 3)) - 8
        return min(index, 319)
    }

    private static func upperBound(_ index: Int) -> Int64 {
        guard index >= 8 else { return Int64(index) }
        let exponent = index / 8 + 2
        return (Int64(index % 8) + 9) << (exponent - 3) - 1
    }
}
