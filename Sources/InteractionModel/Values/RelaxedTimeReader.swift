// Readable times that are not RFC 3339: relaxed ISO 8601 and RFC 2822, rewritten as RFC 3339.

/// Reads one time text from front to back, and builds its RFC 3339 form on the way.
///
/// It only knows shapes: whether the numbers are a real date and time is decided by reading the result back.
struct RelaxedTimeReader {
    /// Where a time's zone comes from.
    private enum Zone {
        /// The text ended without one.
        case missing
        /// RFC 3339 text, `Z` or `+hh:mm`.
        case known([UInt8])
        /// What follows the time is no zone.
        case invalid
    }

    // Safety: the caller's buffer must outlive this value, which is never stored.
    private let text: UnsafeRawBufferPointer
    private var position = 0
    private var output: [UInt8] = []

    /// Starts at the beginning of a text.
    ///
    /// - Parameter text: Trimmed; must stay valid while the reader is used.
    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// Reads `yyyy-mm-dd`, optionally followed by `T` or blanks, `hh:mm[:ss[.fraction]]` and a zone.
    ///
    /// - Returns: What the text says; `.noZone` for a bare date.
    mutating func readISO8601() -> TimeReading {
        guard copyDigits(4), copy("-"), copyDigits(2), copy("-"), copyDigits(2) else { return .unreadable }
        if position == text.count {
            output.append(contentsOf: "T00:00:00".utf8)
            return localReading()
        }
        guard skip("T") || skip("t") || skipBlanks() else { return .unreadable }
        output.append(UInt8(ascii: "T"))
        guard copyClock(withFraction: true) else { return .unreadable }
        switch readZone(names: ["Z": "Z", "UTC": "Z", "GMT": "Z"]) {
        case .missing:
            return localReading()
        case .known(let zone):
            return .rewriting(output + zone)
        case .invalid:
            return .unreadable
        }
    }

    /// Reads `[Mon, ]6 May 2024 17:40[:19] GMT` and its numeric offsets.
    ///
    /// - Returns: What the text says; a weekday that contradicts the date makes it unreadable.
    mutating func readRFC2822() -> TimeReading {
        let name = readLetters()
        var weekday: Int?
        if !name.isEmpty {
            weekday = Self.weekdays.firstIndex(of: name)
            guard weekday != nil, skip(",") else { return .unreadable }
            skipBlanks()
        }
        guard let day = readDay(), skipBlanks(),
            let month = Self.months.firstIndex(of: readLetters()), skipBlanks(),
            copyDigits(4), skipBlanks()
        else { return .unreadable }
        output.append(UInt8(ascii: "-"))
        output.appendDecimal(Int64(month + 1), digits: 2)
        output.append(UInt8(ascii: "-"))
        output.append(contentsOf: day)
        if let weekday, weekday != weekdayOfDate() { return .unreadable }
        output.append(UInt8(ascii: "T"))
        guard copyClock(withFraction: false) else { return .unreadable }
        switch readZone(names: Self.mailZones) {
        case .missing:
            return localReading()
        case .known(let zone):
            // RFC 2822's way to say that the moment is known but not the sender's offset.
            return .rewriting(output + (zone.elementsEqual("-00:00".utf8) ? Array("Z".utf8) : zone))
        case .invalid:
            return .unreadable
        }
    }

    private static let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    private static let months = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]

    /// The zone names of RFC 2822 that say an offset; its single military letters do not.
    private static let mailZones = [
        "GMT": "Z", "UTC": "Z", "UT": "Z", "Z": "Z",
        "EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00",
        "MST": "-07:00", "MDT": "-06:00", "PST": "-08:00", "PDT": "-07:00",
    ]
}

extension RelaxedTimeReader {
    /// Copies `hh:mm[:ss]`, and writes `:00` where there are no seconds.
    ///
    /// - Parameter withFraction: Whether seconds may have a fraction, after a point or a comma.
    /// - Returns: Whether the shape was right.
    private mutating func copyClock(withFraction: Bool) -> Bool {
        guard copyDigits(2), copy(":"), copyDigits(2) else { return false }
        guard copy(":") else {
            output.append(contentsOf: ":00".utf8)
            return true
        }
        guard copyDigits(2) else { return false }
        guard withFraction, skip(".") || skip(",") else { return true }
        output.append(UInt8(ascii: "."))
        let start = position
        while copyDigits(1) {}
        return position > start
    }

    /// Reads the rest of the text as a zone.
    ///
    /// - Parameter names: RFC 3339 text by upper-case zone name.
    /// - Returns: The zone; `.missing` at the end of the text.
    private mutating func readZone(names: [String: String]) -> Zone {
        skipBlanks()
        if position == text.count { return .missing }
        let name = readLetters()
        let zone: [UInt8]
        if name.isEmpty {
            guard let offset = readOffset() else { return .invalid }
            zone = offset
        } else {
            guard let meaning = names[name] else { return .invalid }
            zone = Array(meaning.utf8)
        }
        skipComment()
        return position == text.count ? .known(zone) : .invalid
    }

    /// Reads `+hh:mm`, `+hhmm` or `+hh`.
    private mutating func readOffset() -> [UInt8]? {
        let start = output.count
        guard copy("+") || copy("-"), copyDigits(2) else { return nil }
        output.append(UInt8(ascii: ":"))
        if skip(":") || (position < text.count && Instant.isDigit(text[position])) {
            guard copyDigits(2) else { return nil }
        } else {
            output.append(contentsOf: "00".utf8)
        }
        defer { output.removeSubrange(start...) }
        return Array(output[start...])
    }

    /// Skips the comment with the zone's name that mail programs put at the end, as in `+0000 (UTC)`.
    private mutating func skipComment() {
        let start = position
        skipBlanks()
        let closing = text[position...].firstIndex(of: UInt8(ascii: ")"))
        guard skip("("), closing == text.count - 1 else {
            position = start
            return
        }
        position = text.count
    }

    /// What the output says when there is no zone: `.noZone`, if date and time exist.
    private func localReading() -> TimeReading {
        if case .unreadable = TimeReading.rewriting(output + Array("Z".utf8)) { return .unreadable }
        return .noZone
    }

    /// The weekday of the date in the output: 0 for Sunday; nil when there is no such date.
    private func weekdayOfDate() -> Int? {
        let midnight = TimeReading.rewriting(output + Array("T00:00:00Z".utf8))
        guard let seconds = midnight.instant?.seconds else { return nil }
        // 1970-01-01 was a Thursday; a million weeks on top keep the remainder positive back to the year 1.
        return Int((seconds / Instant.secondsPerDay + 4 + 7_000_000) % 7)
    }

    /// Reads a day of one or two digits.
    private mutating func readDay() -> [UInt8]? {
        let digits = text[position...].prefix { Instant.isDigit($0) }
        guard digits.count == 1 || digits.count == 2 else { return nil }
        position += digits.count
        return digits.count == 1 ? [UInt8(ascii: "0")] + Array(digits) : Array(digits)
    }

    /// Reads ASCII letters.
    ///
    /// - Returns: They in upper case; empty when there are none, or more than any name has.
    private mutating func readLetters() -> String {
        let letters = text[position...].prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        guard letters.count <= 3 else { return "" }
        position += letters.count
        return String(decoding: letters.map { $0 & 0xDF }, as: UTF8.self)
    }

    /// Copies exactly as many digits to the output.
    private mutating func copyDigits(_ count: Int) -> Bool {
        let digits = text[position...].prefix(count)
        guard digits.count == count, digits.allSatisfy({ Instant.isDigit($0) }) else { return false }
        output.append(contentsOf: digits)
        position += count
        return true
    }

    /// Copies one character to the output, if it is the next one.
    private mutating func copy(_ character: Unicode.Scalar) -> Bool {
        guard skip(character) else { return false }
        output.append(UInt8(ascii: character))
        return true
    }

    /// Skips one character, if it is the next one.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Skips white space.
    ///
    /// - Returns: Whether there was any.
    @discardableResult
    private mutating func skipBlanks() -> Bool {
        let start = position
        while position < text.count, Instant.isWhiteSpace(text[position]) { position += 1 }
        return position > start
    }
}
