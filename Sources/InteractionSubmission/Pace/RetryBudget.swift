// Repetitions must not make an outage worse: they are paid for by successes.

/// A purse for repetitions.
struct RetryBudget: Sendable {
    private static let perSuccess = 0.5

    private let perSecond: Double
    private let cap: Double
    private var credit: Double
    private var updatedAt = Int64.min

    /// Makes a full purse, which fills itself in about 16 s.
    init(cap: Int) {
        perSecond = Double(cap) / 16
        self.cap = Double(cap)
        credit = Double(cap)
    }

    /// When there is enough for a repetition.
    mutating func earliest(_ now: Int64) -> Int64 {
        refill(now)
        return credit >= 1 ? now : now + Int64(((1 - credit) / perSecond * 1_000_000).rounded(.up))
    }

    /// Pays for a repetition.
    mutating func take(_ now: Int64) {
        refill(now)
        credit -= 1
    }

    /// Earns from a success.
    mutating func earn() { credit = min(cap, credit + Self.perSuccess) }

    private mutating func refill(_ now: Int64) {
        if updatedAt != .min { credit = min(cap, credit + Double(now - updatedAt) / 1_000_000 * perSecond) }
        updatedAt = now
    }
}
