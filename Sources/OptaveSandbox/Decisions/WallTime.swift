// The time of day as the wire and the journal write it.

internal import Glibc
internal import InteractionModel

/// Milliseconds since 1970.
struct WallTime: Sendable, Comparable {
    var milliseconds: Int64

    /// The clock's.
    static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    static func < (left: WallTime, right: WallTime) -> Bool { left.milliseconds < right.milliseconds }

    func advanced(by milliseconds: Int64) -> WallTime { WallTime(milliseconds: self.milliseconds + milliseconds) }

    /// RFC 3339 in UTC with milliseconds.
    var rfc3339: String {
        let parts = utc
        return Self.padded(Int(parts.tm_year) + 1900, 4) + "-" + Self.padded(Int(parts.tm_mon) + 1) + "-"
            + Self.padded(Int(parts.tm_mday)) + "T" + Self.clock(parts) + "." + Self.padded(Int(milliseconds % 1000), 3)
            + "Z"
    }

    /// The form of HTTP's date fields, IMF-fixdate.
    var httpDate: String {
        let parts = utc
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return days[Int(parts.tm_wday)] + ", " + Self.padded(Int(parts.tm_mday)) + " " + months[Int(parts.tm_mon)] + " "
            + Self.padded(Int(parts.tm_year) + 1900, 4) + " " + Self.clock(parts) + " GMT"
    }

    private var utc: tm {
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return parts
    }

    private static func clock(_ parts: tm) -> String {
        [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded(Int($0)) }.joined(separator: ":")
    }

    private static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension WallTime {
    /// Reads the journal's own form; nil for any other.
    init?(rfc3339 text: String) {
        var text = text
        guard let instant = text.withUTF8({ Instant.rfc3339(UnsafeRawBufferPointer($0)) }) else { return nil }
        milliseconds = instant.milliseconds
    }
}
