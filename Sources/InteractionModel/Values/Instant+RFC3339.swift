// The fast reader of RFC 3339 times, which nearly every message has.

extension Instant {
    /// Reads an RFC 3339 date and time, and nothing else.
    ///
    /// `T` and `Z` may be lower case, there may be any number of fraction digits (18 of them count), and a leap
    /// second, which can only be the last second of a UTC day, is taken for the second after it.
    ///
    /// - Parameter utf8: The whole text, without white space around it.
    /// - Returns: The instant, or nil when the text is another form or names a moment that does not exist.
    /// - Complexity: O(length), without allocation.
    package static func rfc3339(_ utf8: UnsafeRawBufferPointer) -> Instant? {
        // Safety: the count is checked before the fixed part is read; every index after it is compared with it.
        let count = utf8.count
        guard count >= 20, utf8[10] | 0x20 == UInt8(ascii: "t"), let time = CivilTime(wholeSeconds: utf8), time.exists
        else { return nil }

        var index = 19
        var attoseconds: UInt64 = 0
        if utf8[index] == UInt8(ascii: ".") {
            index &+= 1
            let start = index
            // Falls to 0 after the eighteenth digit, from where on digits change nothing.
            var place = attosecondsPerSecond / 10
            while index < count {
                let digit = utf8[index] &- UInt8(ascii: "0")
                guard digit <= 9 else { break }
                attoseconds &+= UInt64(digit) &* place
                place /= 10
                index &+= 1
            }
            guard index > start, index < count else { return nil }
        }

        guard let offset = offset(utf8, at: index) else { return nil }
        let seconds = time.localSeconds &- offset
        guard time.second < 60 || seconds % secondsPerDay == 0 else { return nil }
        return Instant(unchecked: seconds, attoseconds: attoseconds)
    }

    /// Reads the offset that ends an RFC 3339 time.
    ///
    /// - Parameters:
    ///   - utf8: The whole text.
    ///   - index: Where the offset starts; less than the count.
    /// - Returns: Seconds east of UTC, or nil.
    @inline(__always)
    private static func offset(_ utf8: UnsafeRawBufferPointer, at index: Int) -> Int64? {
        // Safety: `index` is inside the text, and the six bytes are there when the count says so.
        let sign = utf8[index]
        if sign | 0x20 == UInt8(ascii: "z") {
            return index &+ 1 == utf8.count ? 0 : nil
        }
        guard index &+ 6 == utf8.count, utf8[index &+ 3] == UInt8(ascii: ":"),
            let hours = twoDigits(utf8, at: index &+ 1), hours < 24,
            let minutes = twoDigits(utf8, at: index &+ 4), minutes < 60
        else { return nil }
        let seconds = hours &* 3600 &+ minutes &* 60
        switch sign {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return 0 &- seconds
        default: return nil
        }
    }

    /// Reads a number of two digits.
    ///
    /// - Parameters:
    ///   - utf8: The whole text.
    ///   - index: Where the first digit is; two bytes must be there.
    /// - Returns: 0 to 99, or nil when there is anything but digits.
    @inline(__always)
    fileprivate static func twoDigits(_ utf8: UnsafeRawBufferPointer, at index: Int) -> Int64? {
        // Safety: callers have compared `index + 1` with the count.
        let tens = utf8[index] &- UInt8(ascii: "0")
        let ones = utf8[index &+ 1] &- UInt8(ascii: "0")
        guard tens <= 9, ones <= 9 else { return nil }
        return Int64(tens &* 10 &+ ones)
    }
}

extension CivilTime {
    /// Reads `yyyy-mm-dd`, any one byte, and `hh:mm:ss`.
    ///
    /// - Parameter utf8: At least 19 bytes; nil comes of any other form.
    @inline(__always)
    init?(wholeSeconds utf8: UnsafeRawBufferPointer) {
        guard let yearAndMonth = Self.pairs(utf8, at: 0, of: Self.datePattern),
            let day = Instant.twoDigits(utf8, at: 8),
            let clock = Self.pairs(utf8, at: 11, of: Self.clockPattern)
        else { return nil }
        date = CivilDate(
            year: Self.pair(0, of: yearAndMonth) &* 100 &+ Self.pair(2, of: yearAndMonth),
            month: Self.pair(5, of: yearAndMonth),
            day: day
        )
        hour = Self.pair(0, of: clock)
        minute = Self.pair(3, of: clock)
        second = Self.pair(6, of: clock)
    }

    /// Eight characters that are compared at once, first character lowest.
    private typealias Pattern = (text: UInt64, slack: UInt64)

    /// The pattern `0000-00-`, with what each byte may differ from it as the distance of `slack` from 0x7F.
    private static var datePattern: Pattern { (0x2D30_302D_3030_3030, 0x7F76_767F_7676_7676) }

    /// The pattern `00:00:00`.
    private static var clockPattern: Pattern { (0x3030_3A30_303A_3030, 0x7676_7F76_767F_7676) }

    /// Reads eight characters at once, which saves a quarter of the whole parse over reading one by one.
    ///
    /// - Parameters:
    ///   - utf8: The whole text.
    ///   - index: Where the eight characters start; all must be there.
    ///   - pattern: What they must look like.
    /// - Returns: A word for `pair(_:of:)`, or nil when the text does not fit the pattern.
    @inline(__always)
    private static func pairs(_ utf8: UnsafeRawBufferPointer, at index: Int, of pattern: Pattern) -> UInt64? {
        // Safety: callers have compared `index + 7` with the count.
        let word = UInt64(littleEndian: utf8.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        // Digits become their values and separators 0. Adding the slack sets the top bit of what is too large;
        // a carry into the next byte needs a byte above 0x80, which has its top bit set already.
        let values = word ^ pattern.text
        guard (values | (values &+ pattern.slack)) & 0x8080_8080_8080_8080 == 0 else { return nil }
        return values &* 10 &+ values >> 8
    }

    /// The number of the two digits that start at one place of a word from `pairs(_:at:of:)`.
    @inline(__always)
    private static func pair(_ place: UInt64, of pairs: UInt64) -> Int64 {
        Int64(truncatingIfNeeded: pairs &>> (place &* 8) & 0xFF)
    }
}
