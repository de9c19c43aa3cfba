// The clock that the machines are told the time of.

internal import Glibc

/// Time in microseconds.
enum MachineClock {
    /// Of a clock that never goes back.
    static var now: Int64 { read(CLOCK_MONOTONIC) }

    /// Since 1970.
    static var wall: Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
