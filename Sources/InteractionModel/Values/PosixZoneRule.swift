// The rule of a zone for the years that its table does not reach, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.

/// A zone's standard time, and when it has daylight-saving time.
struct PosixZoneRule {
    /// A moment of every year, on the clock that it ends.
    struct YearlyTime {
        fileprivate enum Day {
            /// `Jn`: 1 to 365, as if no year were a leap year.
            case withoutLeapDay(Int64)
            /// `n`: 0 to 365.
            case ofYear(Int64)
            /// `Mm.w.d`: 0 is Sunday, and the fifth week has the last such day of the month.
            case weekday(Int64, week: Int64, month: Int64)
        }

        fileprivate let day: Day
        /// Seconds after midnight; may be before it, or days later.
        fileprivate let time: Int64

        /// When it is in a year.
        ///
        /// - Parameter year: 1 or later.
        /// - Returns: Seconds since 1970 on the local clock.
        func seconds(in year: Int64) -> Int64 {
            daysSince1970(in: year) * Instant.secondsPerDay + time
        }

        private func daysSince1970(in year: Int64) -> Int64 {
            let newYear = CivilDate(year: year, month: 1, day: 1).daysSince1970
            switch day {
            case .ofYear(let number):
                return newYear + number
            case .withoutLeapDay(let number):
                let hasLeapDay = CivilDate(year: year, month: 2, day: 29).exists
                return newYear + number - (hasLeapDay && number >= 60 ? 0 : 1)
            case .weekday(let weekday, let week, let month):
                let first = CivilDate(year: year, month: month, day: 1)
                let delay = (weekday - first.weekday + 7) % 7
                var date = CivilDate(year: year, month: month, day: 1 + delay + (week - 1) * 7)
                if !date.exists { date = CivilDate(year: year, month: month, day: date.day - 7) }
                return date.daysSince1970
            }
        }
    }

    /// Seconds east of UTC in standard time.
    let offset: Int64

    /// Daylight-saving time, where the zone has it.
    let saving: (offset: Int64, start: YearlyTime, end: YearlyTime)?

    /// Reads a rule.
    ///
    /// - Parameter text: `std offset [dst [offset] , start [/time] , end [/time]]`; nil comes of anything else.
    init?(_ text: ArraySlice<UInt8>) {
        var reader = RuleReader(rest: text)
        guard reader.skipName(), let west = reader.time(hours: 24) else { return nil }
        offset = -west
        if reader.rest.isEmpty {
            saving = nil
            return
        }
        guard reader.skipName() else { return nil }
        var savingOffset = offset + 3600
        if reader.rest.first != UInt8(ascii: ",") {
            guard let west = reader.time(hours: 24) else { return nil }
            savingOffset = -west
        }
        guard let start = reader.yearlyTime(), let end = reader.yearlyTime(), reader.rest.isEmpty else { return nil }
        saving = (savingOffset, start, end)
    }
}

extension CivilDate {
    /// The day of the week: 0 for Sunday.
    var weekday: Int64 {
        // 1970-01-01 was a Thursday; a million weeks on top keep the remainder positive back to the year 1.
        (daysSince1970 + 4 + 7_000_000) % 7
    }
}

/// Reads a rule from front to back.
private struct RuleReader {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Skips an abbreviation: letters, or anything in angle brackets.
    mutating func skipName() -> Bool {
        if skip("<") {
            rest = rest.drop { $0 != UInt8(ascii: ">") }
            return skip(">")
        }
        let name = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    /// Reads a number, if it is in a range.
    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        let digits = rest.prefix { Instant.isDigit($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let value = digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        return range.contains(value) ? value : nil
    }

    /// Reads `[+-]hh[:mm[:ss]]`.
    mutating func time(hours: Int64) -> Int64? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard var seconds = number(0...hours).map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] as [Int64] where skip(":") {
            guard let value = number(0...59) else { return nil }
            seconds += value * unit
        }
        return isNegative ? -seconds : seconds
    }

    /// Reads a comma, a day and perhaps a time.
    mutating func yearlyTime() -> PosixZoneRule.YearlyTime? {
        guard skip(","), let day = day() else { return nil }
        guard skip("/") else { return PosixZoneRule.YearlyTime(day: day, time: 2 * 3600) }
        return time(hours: 167).map { PosixZoneRule.YearlyTime(day: day, time: $0) }
    }

    private mutating func day() -> PosixZoneRule.YearlyTime.Day? {
        if skip("J") { return number(1...365).map { .withoutLeapDay($0) } }
        guard skip("M") else { return number(0...365).map { .ofYear($0) } }
        guard let month = number(1...12), skip("."), let week = number(1...5), skip("."), let weekday = number(0...6)
        else { return nil }
        return .weekday(weekday, week: week, month: month)
    }
}
