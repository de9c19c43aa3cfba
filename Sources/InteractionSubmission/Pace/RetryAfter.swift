// The Retry-After field: seconds, or a date in one of the three forms that HTTP knows.

/// How long a server asks to be left alone.
enum RetryAfter {
    /// What is asked at most; a longer wait is taken for a mistake.
    static let cap: Int64 = 3600 * 1_000_000

    /// Reads the field.
    ///
    /// - Parameters:
    ///   - text: The field's value.
    ///   - now: Seconds since 1970, which a date is compared with.
    /// - Returns: Microseconds, from 0 to ``cap``; nil if the value makes no sense.
    static func microseconds(_ text: String, now: Int64) -> Int64? {
        let text = text.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        if let first = text.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
            guard text.count <= 10, let seconds = Int64(String(text) ?? "") else { return nil }
            return min(seconds * 1_000_000, cap)
        }
        guard let date = HTTPDate.seconds(String(text) ?? "", now: now) else { return nil }
        return min(max(date - now, 0) * 1_000_000, cap)
    }
}

/// Dates of HTTP, RFC 9110 section 5.6.7.
enum HTTPDate {
    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    ///
    /// - Parameters:
    ///   - text: The date.
    ///   - now: Seconds since 1970; a year of two digits is at most 50 years after it.
    /// - Returns: Seconds since 1970, or nil.
    static func seconds(_ text: String, now: Int64) -> Int64? {
        var words = text.split { $0 == " " || $0 == "," }.map(String.init)
        guard words.count >= 4 else { return nil }
        if words[1].contains("-") {
            // RFC 850: the day is one word, the century is left out.
            let parts = words[1].split(separator: "-").map(String.init)
            guard parts.count == 3, words.count == 4, words[3] == "GMT", let short = Int64(parts[2]), short < 100 else {
                return nil
            }
            let thisYear = civilYear(now)
            var year = thisYear - thisYear % 100 + short
            if year > thisYear + 50 { year -= 100 }
            return seconds(day: parts[0], month: parts[1], year: year, clock: words[2])
        }
        if words.count == 5, words[3].contains(":") {
            // asctime: the year comes last.
            return seconds(day: words[2], month: words[1], year: Int64(words[4]), clock: words[3])
        }
        guard words.count == 6, words.removeLast() == "GMT" else { return nil }
        return seconds(day: words[1], month: words[2], year: Int64(words[3]), clock: words[4])
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(day: String, month: String, year: Int64?, clock: String) -> Int64? {
        let time = clock.split(separator: ":").compactMap { Int64($0) }
        guard let day = Int64(day), (1...31).contains(day), let month = months.firstIndex(of: month), let year,
            (1970...9999).contains(year), time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]),
            (0...60).contains(time[2])
        else { return nil }
        return days(year, Int64(month + 1), day) * 86400 + time[0] * 3600 + time[1] * 60 + time[2]
    }

    /// Days from 1970 to a date, by Howard Hinnant's algorithm.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civilYear(_ seconds: Int64) -> Int64 {
        var year = 1970 + seconds / 31_556_952
        while days(year + 1, 1, 1) * 86400 <= seconds { year += 1 }
        while days(year, 1, 1) * 86400 > seconds { year -= 1 }
        return year
    }
}
