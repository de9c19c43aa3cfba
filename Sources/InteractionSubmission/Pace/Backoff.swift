// How long to wait before the next attempt, and where the dice for it come from.

/// Exponential back-off with full jitter.
struct Backoff: Sendable, Hashable {
    /// The wait before the first repetition is at most so long, in microseconds.
    var base: Int64 = 500_000
    /// No wait is longer.
    var cap: Int64

    /// A wait.
    ///
    /// - Parameters:
    ///   - failures: How often it has failed, from 1 on.
    ///   - random: The dice.
    /// - Returns: Microseconds, evenly between nothing and twice as much as the time before, up to ``cap``.
    func wait(failures: Int, _ random: inout some RandomNumberGenerator) -> Int64 {
        Int64.random(in: 0...limit(failures), using: &random)
    }

    /// A wait that is never short, for what must not be hammered.
    func calmWait(failures: Int, _ random: inout some RandomNumberGenerator) -> Int64 {
        let limit = limit(failures)
        return Int64.random(in: limit / 2...limit, using: &random)
    }

    private func limit(_ failures: Int) -> Int64 {
        let doublings = min(max(failures - 1, 0), 30)
        return min(cap, base << doublings)
    }
}

/// SplitMix64: enough to spread waits, and the same in every run with the same seed.
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed &>> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed &>> 31)
    }
}
