// A date and a time of day as people write them, and its RFC 3339 form.

/// An offset from UTC in the spelling that RFC 3339 gives it.
struct WrittenOffset: Equatable {
    /// Seconds east of UTC.
    let seconds: Int64

    /// `Z`, or `+` or `-` before the digits; a source may write an offset of 0 in all three ways.
    let sign: UInt8

    /// Keeps the spelling of a source.
    ///
    /// - Parameters:
    ///   - seconds: Seconds east of UTC.
    ///   - sign: `+` or `-`.
    init(seconds: Int64, sign: UInt8) {
        self.seconds = seconds
        self.sign = sign
    }

    /// Chooses the spelling: an offset of 0 is `Z`.
    ///
    /// - Parameter seconds: Seconds east of UTC.
    init(seconds: Int64) {
        self.seconds = seconds
        sign = seconds == 0 ? UInt8(ascii: "Z") : seconds < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
    }

    static let utc = WrittenOffset(seconds: 0)
}

/// A date, and perhaps a time of day and an offset, whether or not they exist.
struct CivilTime {
    var date = CivilDate(year: 0, month: 0, day: 0)

    /// Nil when there is only a date.
    var hour: Int64?

    var minute: Int64 = 0

    /// 60 in a leap second.
    var second: Int64 = 0

    // Safety: a part of the text that is read; used only while that is valid.
    /// The digits after the point.
    var fraction = UnsafeRawBufferPointer(start: nil, count: 0)

    /// Nil when the text says none.
    var offset: WrittenOffset?

    /// Whether date and time of day exist, leap seconds apart.
    var exists: Bool {
        date.exists && date.year >= 1 && date.year <= 9999 && (hour ?? 0) < 24 && minute < 60 && second <= 60
    }

    /// The date and time as if they were UTC, in seconds since 1970; the second after it for a leap second.
    var localSeconds: Int64 {
        date.daysSince1970 &* Instant.secondsPerDay &+ (hour ?? 0) &* 3600 &+ minute &* 60 &+ second
    }

    /// Writes the time as RFC 3339, with the precision it has.
    ///
    /// - Parameters:
    ///   - local: Its `localSeconds`, which callers have at hand.
    ///   - offset: Its offset from UTC. RFC 3339 has no seconds in offsets, as some were before 1972, so such a time is
    ///     written in UTC.
    ///   - out: Where the text is appended.
    /// - Returns: The moment, or nil when there is none, and nothing is written: a second 60 that is not the last one
    ///   of a UTC day, or a moment before the year 1.
    func write(local: Int64, _ offset: WrittenOffset, into out: inout OutputBuffer) -> Instant? {
        let seconds = local &- offset.seconds
        guard second < 60 || seconds % Instant.secondsPerDay == 0 else { return nil }
        if offset.seconds % 60 != 0 || offset.seconds.magnitude >= Instant.secondsPerDay {
            return CivilTime(utc: seconds, fraction: fraction)?.write(local: seconds, .utc, into: &out)
        }
        // Safety: the fixed part has 19 bytes, the offset up to 6, and the point 1; 32 are reserved.
        out.reserve(fraction.count &+ 32)
        var text = out.base + out.count
        let century = UInt64(bitPattern: date.year) / 100
        Self.put(Int64(century), at: text)
        Self.put(date.year &- Int64(century &* 100), at: text + 2)
        text[4] = UInt8(ascii: "-")
        Self.put(date.month, at: text + 5)
        text[7] = UInt8(ascii: "-")
        Self.put(date.day, at: text + 8)
        text[10] = UInt8(ascii: "T")
        Self.put(hour ?? 0, at: text + 11)
        text[13] = UInt8(ascii: ":")
        Self.put(minute, at: text + 14)
        text[16] = UInt8(ascii: ":")
        Self.put(second, at: text + 17)
        text += 19
        if let digits = fraction.baseAddress, !fraction.isEmpty {
            text[0] = UInt8(ascii: ".")
            OutputBuffer.copy(digits.assumingMemoryBound(to: UInt8.self), to: text + 1, fraction.count)
            text += 1 &+ fraction.count
        }
        text[0] = offset.sign
        text += 1
        if offset.sign != UInt8(ascii: "Z") {
            let minutes = offset.seconds.magnitude / 60
            Self.put(Int64(minutes / 60), at: text)
            text[2] = UInt8(ascii: ":")
            Self.put(Int64(minutes % 60), at: text + 3)
            text += 5
        }
        out.count = text - out.base
        return Instant(unchecked: seconds, attoseconds: fraction.isEmpty ? 0 : Self.attoseconds(fraction))
    }

    /// Writes a number of two digits.
    @inline(__always)
    private static func put(_ number: Int64, at text: UnsafeMutablePointer<UInt8>) {
        // A tenth by multiplication is right up to 99.
        let value = UInt16(truncatingIfNeeded: number)
        let tens = (value &* 103) &>> 10
        let digits = 0x3030 &+ tens &+ (value &- tens &* 10) &<< 8
        // Safety: the caller has reserved the two bytes.
        UnsafeMutableRawPointer(text).storeBytes(of: digits.littleEndian, as: UInt16.self)
    }

    /// What the digits after a point are worth; the first 18 count.
    ///
    /// - Parameter digits: ASCII digits.
    /// - Returns: Less than 10¹⁸.
    static func attoseconds(_ digits: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0
        var place = Instant.attosecondsPerSecond / 10
        for digit in digits.prefix(18) {
            sum &+= UInt64(digit &- UInt8(ascii: "0")) &* place
            place /= 10
        }
        return sum
    }
}

extension CivilTime {
    /// The date and time of a moment in UTC.
    ///
    /// - Parameters:
    ///   - seconds: Since 1970.
    ///   - fraction: Digits after the point, to be written behind it; nil comes of years other than 1 to 9999.
    init?(utc seconds: Int64, fraction: UnsafeRawBufferPointer) {
        guard Self.utcRange.contains(seconds) else { return nil }
        // Counted from the year 1, so that nothing is negative.
        let time = UInt64(bitPattern: seconds &- Self.utcRange.lowerBound)
        let secondOfDay = Int64(bitPattern: time % 86_400)
        let day = Int64(bitPattern: time / 86_400) &+ Self.utcRange.lowerBound / Instant.secondsPerDay
        date = CivilDate(daysSince1970: day)
        hour = secondOfDay / 3600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        self.fraction = fraction
    }

    /// The seconds since 1970 that are in the years 1 to 9999 in UTC.
    static let utcRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
}
