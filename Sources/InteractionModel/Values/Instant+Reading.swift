// What a source's time field says: RFC 3339, another readable form, or none.

/// What became of the text of a time.
package enum TimeReading: Sendable, Equatable {
    /// Valid RFC 3339: the source text goes out unchanged.
    case rfc3339(Instant)

    /// Another form that says one moment; `text` is the same as RFC 3339, UTF-8, with the precision it had.
    case rewritten(Instant, text: [UInt8])

    /// A readable date or date and time that does not say in which zone; guessing one would invent a moment.
    case noZone

    /// Anything else, a date that no calendar has included.
    case unreadable

    /// Nothing, or only white space.
    case empty

    /// The moment, where there is one.
    package var instant: Instant? {
        switch self {
        case .rfc3339(let instant), .rewritten(let instant, _): instant
        case .noZone, .unreadable, .empty: nil
        }
    }
}

extension Instant {
    /// Reads a time given as text.
    ///
    /// Readable are RFC 3339, its relaxed relatives (`2024-04-29 17:38:35 UTC`, `2024-04-29T17:38+0200`), RFC 2822,
    /// and epoch numbers whose length says their unit; ASCII white space around them is no harm.
    ///
    /// - Parameter utf8: The unescaped content of a JSON string, a CSV cell or the like; any bytes.
    /// - Returns: The moment and the text to emit, or why there is none.
    /// - Complexity: O(length); RFC 3339 without allocation.
    package static func read(_ utf8: UnsafeRawBufferPointer) -> TimeReading {
        if let instant = rfc3339(utf8) { return .rfc3339(instant) }
        let text = trimmed(utf8)
        if text.isEmpty { return .empty }
        if text.count < utf8.count, let instant = rfc3339(text) {
            return .rewritten(instant, text: Array(text))
        }
        let epoch = readNumber(text)
        if epoch != .unreadable { return epoch }
        var relaxed = RelaxedTimeReader(text)
        let reading = relaxed.readISO8601()
        if reading != .unreadable { return reading }
        var mail = RelaxedTimeReader(text)
        return mail.readRFC2822()
    }

    /// Reads a time given as a number since 1970.
    ///
    /// The number of integer digits says the unit: 10 seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds,
    /// which is unambiguous from 2001 to 2286. Digits after a point stay fraction digits. Signs, exponents and
    /// other lengths are not read, because they could mean anything.
    ///
    /// - Parameter text: The source text of a JSON number; any bytes.
    /// - Returns: `.rewritten` or `.unreadable`; `.empty` for no text at all.
    package static func readNumber(_ text: UnsafeRawBufferPointer) -> TimeReading {
        if text.isEmpty { return .empty }
        let digits = text.prefix { isDigit($0) }.count
        let fraction = text.dropFirst(digits)
        let fractionIsValid = fraction.isEmpty || isFraction(fraction)
        guard digits == 10 || digits == 13 || digits == 16 || digits == 19, fractionIsValid else {
            return .unreadable
        }

        var seconds: Int64 = 0
        for byte in text.prefix(10) { seconds = seconds * 10 + Int64(byte - UInt8(ascii: "0")) }
        var rewritten: [UInt8] = []
        rewritten.reserveCapacity(text.count + 12)
        Instant(seconds: seconds).appendWholeSeconds(to: &rewritten)
        let hasFraction = digits > 10 || !fraction.isEmpty
        if hasFraction { rewritten.append(UInt8(ascii: ".")) }
        rewritten.append(contentsOf: text[10..<digits])
        rewritten.append(contentsOf: fraction.dropFirst())
        rewritten.append(UInt8(ascii: "Z"))
        return .rewriting(rewritten)
    }

    /// Drops ASCII white space at both ends.
    static func trimmed(_ utf8: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        // Safety: the result is a part of the caller's buffer and lives no longer than the call.
        let rest = utf8.drop { isWhiteSpace($0) }
        var end = rest.endIndex
        while end > rest.startIndex, isWhiteSpace(rest[end - 1]) { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }

    /// Whether the bytes are a point and at least one digit.
    private static func isFraction(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        bytes.count > 1 && bytes.first == UInt8(ascii: ".") && bytes.dropFirst().allSatisfy { isDigit($0) }
    }

    /// Whether a byte is an ASCII digit.
    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") <= 9
    }

    /// Whether a byte is ASCII white space, vertical tab and form feed included.
    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
    }
}

extension TimeReading {
    /// Wraps a text that was rewritten, if it is RFC 3339.
    ///
    /// Reading the result back checks the calendar in one place for all forms, and makes sure that what is emitted
    /// says the moment that is compared.
    ///
    /// - Parameter text: A candidate of the right shape.
    /// - Returns: `.rewritten`, or `.unreadable` for a moment that does not exist.
    static func rewriting(_ text: [UInt8]) -> TimeReading {
        // Safety: the buffer is only used inside the closure.
        guard let instant = text.withUnsafeBytes({ Instant.rfc3339($0) }) else { return .unreadable }
        return .rewritten(instant, text: text)
    }
}
