// A point in time as integers, and the calendar arithmetic it needs.

/// A point in time, exact to the attosecond, for the years 1 to 9999.
///
/// `Date` is a binary fraction and moves milliseconds; an instant keeps what the source said, so that two
/// times are equal exactly when their texts mean the same moment.
public struct Instant: Comparable, Hashable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
    public let seconds: Int64

    /// What comes on top of `seconds`, in units of 10⁻¹⁸ s: 0 to 10¹⁸ - 1.
    public let attoseconds: UInt64

    /// The `seconds` an instant can have.
    ///
    /// One day wider than the years 1 to 9999, because an offset can move the first and the last day of
    /// that time over its edges.
    package static let secondsRange: ClosedRange<Int64> = -62_135_683_200...253_402_387_199

    /// Makes an instant from its two parts.
    ///
    /// - Parameters:
    ///   - seconds: Seconds since 1970-01-01T00:00:00Z, in the years 1 to 9999 (with a day of grace at both ends).
    ///   - attoseconds: The fraction of a second in units of 10⁻¹⁸ s, less than 10¹⁸.
    public init(seconds: Int64, attoseconds: UInt64 = 0) {
        precondition(Self.secondsRange.contains(seconds) && attoseconds < Self.attosecondsPerSecond)
        self.init(unchecked: seconds, attoseconds: attoseconds)
    }

    /// Makes an instant that is known to be in range, for readers that have checked the calendar already.
    init(unchecked seconds: Int64, attoseconds: UInt64) {
        self.seconds = seconds
        self.attoseconds = attoseconds
    }

    /// Milliseconds since 1970-01-01T00:00:00Z, rounded towards the past.
    public var milliseconds: Int64 {
        seconds * 1000 + Int64(attoseconds / 1_000_000_000_000_000)
    }

    /// Orders instants by time.
    ///
    /// - Parameters:
    ///   - left: One instant.
    ///   - right: Another instant.
    /// - Returns: Whether `left` is before `right`.
    public static func < (left: Instant, right: Instant) -> Bool {
        left.seconds == right.seconds ? left.attoseconds < right.attoseconds : left.seconds < right.seconds
    }

    /// The day in UTC, counted from 1970-01-01.
    package var dayNumber: Int {
        let days = seconds / Self.secondsPerDay
        return Int(seconds % Self.secondsPerDay < 0 ? days - 1 : days)
    }

    /// Whether it is on a day, which is told as ``dayNumber`` tells it.
    package func isOn(day: Int) -> Bool { 0..<Self.secondsPerDay ~= seconds - Int64(day) * Self.secondsPerDay }

    static let attosecondsPerSecond: UInt64 = 1_000_000_000_000_000_000
    static let secondsPerDay: Int64 = 86_400
}

extension Instant: CustomStringConvertible {
    /// The instant as RFC 3339 text in UTC, with as many fraction digits as it needs.
    public var description: String {
        var text: [UInt8] = []
        appendWholeSeconds(to: &text)
        if attoseconds > 0 {
            text.append(UInt8(ascii: "."))
            var rest = attoseconds
            var place = Self.attosecondsPerSecond / 10
            while rest > 0 {
                text.append(UInt8(ascii: "0") + UInt8(rest / place))
                rest %= place
                place /= 10
            }
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends `yyyy-mm-ddThh:mm:ss` in UTC, leaving fraction and zone to the caller.
    ///
    /// - Parameter text: The UTF-8 text to continue.
    func appendWholeSeconds(to text: inout [UInt8]) {
        var day = seconds / Self.secondsPerDay
        var rest = seconds % Self.secondsPerDay
        if rest < 0 {
            rest += Self.secondsPerDay
            day -= 1
        }
        let date = CivilDate(daysSince1970: day)
        text.appendDecimal(date.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(date.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        text.appendDecimal(rest / 3600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(rest / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(rest % 60, digits: 2)
    }
}

/// A day of the proleptic Gregorian calendar, which RFC 3339 uses for all years.
///
/// Both directions count years from March, so that the leap day is the last day of its year and month lengths
/// follow one linear formula. Years before 0 are not needed and not handled.
package struct CivilDate {
    package var year: Int64
    package var month: Int64
    package var day: Int64

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Finds the date of a day number.
    ///
    /// - Parameter daysSince1970: 0 for 1970-01-01; not before the year 0.
    package init(daysSince1970: Int64) {
        // 719,468 days from 0000-03-01 to 1970-01-01; one more period of 400 years keeps January 0000 positive.
        let days = daysSince1970 + 719_468 + Self.daysPerPeriod
        let period = days / Self.daysPerPeriod
        let dayOfPeriod = days % Self.daysPerPeriod
        let yearOfPeriod = (dayOfPeriod - dayOfPeriod / 1460 + dayOfPeriod / 36_524 - dayOfPeriod / 146_096) / 365
        let dayOfYear = dayOfPeriod - (365 * yearOfPeriod + yearOfPeriod / 4 - yearOfPeriod / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        year = (period - 1) * 400 + yearOfPeriod + (month <= 2 ? 1 : 0)
    }

    /// The day number: 0 for 1970-01-01.
    package var daysSince1970: Int64 {
        // Unsigned and wrapping, because every message time goes through here; years start at 1.
        let marchYear = UInt64(truncatingIfNeeded: year &- (month <= 2 ? 1 : 0))
        let monthFromMarch = UInt64(truncatingIfNeeded: month > 2 ? month &- 3 : month &+ 9)
        let leapDays = marchYear / 4 &- marchYear / 100 &+ marchYear / 400
        let dayOfYear = (153 &* monthFromMarch &+ 2) / 5
        return Int64(truncatingIfNeeded: marchYear &* 365 &+ leapDays &+ dayOfYear) &+ day &- 1 &- 719_468
    }

    /// Whether the month and the day exist.
    package var exists: Bool {
        guard month >= 1, month <= 12, day >= 1 else { return false }
        if day <= 28 { return true }
        switch month {
        case 2: return day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        case 4, 6, 9, 11: return day <= 30
        default: return day <= 31
        }
    }

    private static let daysPerPeriod: Int64 = 146_097
}

extension [UInt8] {
    /// Appends a number padded with zeros.
    ///
    /// - Parameters:
    ///   - value: Not negative.
    ///   - digits: How many digits at least.
    mutating func appendDecimal(_ value: Int64, digits: Int) {
        let text = String(value)
        append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(0, digits - text.utf8.count)))
        append(contentsOf: text.utf8)
    }
}
