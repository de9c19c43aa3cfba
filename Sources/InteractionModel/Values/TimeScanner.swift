// The pieces that times are written in, read from front to back.

/// Reads one time text piece by piece, without allocation.
///
/// Each method moves on when it succeeds; after a failure the place is undefined, for the text is then no time.
struct TimeScanner {
    // Safety: the caller's buffer outlives this value, which is never stored; every index is compared with its end.
    let text: UnsafeRawBufferPointer

    var position = 0

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    var isAtEnd: Bool { position == text.count }

    /// The next byte, or 0 at the end, which no time contains.
    var next: UInt8 {
        @inline(__always) get { position < text.count ? text[position] : 0 }
    }

    /// Skips one byte, if it is the next one.
    @inline(__always)
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte, !isAtEnd else { return false }
        position &+= 1
        return true
    }

    /// Skips a letter in either case, if it is the next byte.
    mutating func skip(letter: Unicode.Scalar) -> Bool {
        guard next | 0x20 == UInt8(ascii: letter) else { return false }
        position &+= 1
        return true
    }

    /// Skips white space, no-break spaces included, which locales put before AM and PM.
    ///
    /// - Returns: Whether there was any.
    @discardableResult
    mutating func skipBlanks() -> Bool {
        let start = position
        while position < text.count {
            let length = blankLength()
            if length == 0 { break }
            position &+= length
        }
        return position > start
    }

    /// The length of the white space at the position: 0 for anything else.
    private func blankLength() -> Int {
        let rest = text.count &- position
        if Instant.isWhiteSpace(text[position]) { return 1 }
        if rest >= 2, text[position] == 0xC2, text[position &+ 1] == 0xA0 { return 2 }
        let isNarrow =
            rest >= 3 && text[position] == 0xE2 && text[position &+ 1] == 0x80 && text[position &+ 2] == 0xAF
        return isNarrow ? 3 : 0
    }

    /// Reads a number of two digits.
    @inline(__always)
    mutating func twoDigits() -> Int64? {
        guard position &+ 2 <= text.count else { return nil }
        let tens = text[position] &- UInt8(ascii: "0")
        let ones = text[position &+ 1] &- UInt8(ascii: "0")
        guard tens <= 9, ones <= 9 else { return nil }
        position &+= 2
        return Int64(tens &* 10 &+ ones)
    }

    /// Reads a number of four digits.
    @inline(__always)
    mutating func fourDigits() -> Int64? {
        guard let high = twoDigits(), let low = twoDigits() else { return nil }
        return high &* 100 &+ low
    }

    /// Reads a number of one or two digits.
    mutating func oneOrTwoDigits() -> Int64? {
        if let number = twoDigits() { return number }
        let digit = next &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        position &+= 1
        return Int64(digit)
    }

    /// Reads as many digits as there are.
    ///
    /// - Returns: A part of the text.
    mutating func digits() -> UnsafeRawBufferPointer {
        let start = position
        while position < text.count, Instant.isDigit(text[position]) { position &+= 1 }
        return UnsafeRawBufferPointer(rebasing: text[start..<position])
    }

    /// Reads `+hh:mm`, `+hhmm` or `+hh`.
    mutating func offset() -> WrittenOffset? {
        let sign = next
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        position &+= 1
        guard let hours = twoDigits(), hours < 24 else { return nil }
        var minutes: Int64 = 0
        if skip(UInt8(ascii: ":")) || Instant.isDigit(next) {
            guard let number = twoDigits(), number < 60 else { return nil }
            minutes = number
        }
        let seconds = hours &* 3600 &+ minutes &* 60
        return WrittenOffset(seconds: sign == UInt8(ascii: "-") ? 0 &- seconds : seconds, sign: sign)
    }

    /// Reads `Z`, `UT`, `UTC` or `GMT`, in either case.
    ///
    /// - Returns: Whether it was there.
    mutating func skipUniversalTime() -> Bool {
        if skip(letter: "z") { return true }
        if skip(letter: "g") { return skip(letter: "m") && skip(letter: "t") }
        guard skip(letter: "u"), skip(letter: "t") else { return false }
        _ = skip(letter: "c")
        return true
    }

    /// Reads `AM` or `PM`, in either case, with points and a space between or without.
    ///
    /// - Returns: The hour it begins with, 0 or 12.
    mutating func halfDay() -> Int64? {
        let isAfternoon = skip(letter: "p")
        guard isAfternoon || skip(letter: "a") else { return nil }
        let hasDots = skip(UInt8(ascii: "."))
        if hasDots { skipBlanks() }
        guard skip(letter: "m") else { return nil }
        if hasDots { _ = skip(UInt8(ascii: ".")) }
        return isAfternoon ? 12 : 0
    }

    /// Reads the longest name of a list that is there, in either case, and a point that shortens it.
    ///
    /// - Parameters:
    ///   - names: Longest first.
    ///   - takesPoint: Whether a point after the name belongs to it.
    /// - Returns: The number of the name.
    mutating func name(from names: [TimeName], takesPoint: Bool) -> Int64? {
        let head = TimeName.Letters(folding: UnsafeRawBufferPointer(rebasing: text[position...]))
        guard let name = names.first(where: { head.starts(with: $0) }) else { return nil }
        position &+= name.length
        if takesPoint { _ = skip(UInt8(ascii: ".")) }
        return name.number
    }
}

extension CivilTime {
    /// Reads ISO 8601: `yyyy-mm-dd` or `yyyymmdd`, `T` or white space, `hh:mm[:ss[.fraction]]` or `hhmm[ss]`, a zone.
    ///
    /// RFC 3339 allows less: white space, times without seconds, a comma in the fraction, offsets without colon or
    /// minutes, zone names and times without a zone are common all the same.
    ///
    /// - Parameter text: Without white space around it; nil comes of any other form.
    @inline(__always)
    init?(iso8601 text: UnsafeRawBufferPointer) {
        var scanner = TimeScanner(text)
        // Nearly all have this form, and its digits can be read all at once.
        let isUsual = text.count >= 19 && (text[10] == UInt8(ascii: " ") || text[10] | 0x20 == UInt8(ascii: "t"))
        if isUsual, let time = CivilTime(wholeSeconds: text) {
            self = time
            scanner.position = 19
            guard readFraction(&scanner) else { return nil }
        } else {
            self.init()
            guard readDate(&scanner) else { return nil }
            if scanner.isAtEnd { return }
            guard readTime(&scanner) else { return nil }
        }
        if scanner.isAtEnd { return }
        scanner.skipBlanks()
        offset = scanner.offset() ?? (scanner.skipUniversalTime() ? .utc : nil)
        if offset == nil || !scanner.isAtEnd { return nil }
    }

    /// Reads a date that has no time, or a separator behind it.
    private mutating func readDate(_ scanner: inout TimeScanner) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard let year = scanner.fourDigits() else { return false }
        let hasHyphens = scanner.skip(hyphen)
        guard let month = scanner.twoDigits(), scanner.skip(hyphen) == hasHyphens, let day = scanner.twoDigits() else {
            return false
        }
        date = CivilDate(year: year, month: month, day: day)
        // Digits alone may be anything.
        return scanner.skip(letter: "t") ? !scanner.isAtEnd : hasHyphens && (scanner.isAtEnd || scanner.skipBlanks())
    }

    /// Reads a time of day.
    private mutating func readTime(_ scanner: inout TimeScanner) -> Bool {
        let colon = UInt8(ascii: ":")
        guard let hour = scanner.twoDigits() else { return false }
        self.hour = hour
        let hasColons = scanner.skip(colon)
        guard let minute = scanner.twoDigits() else { return false }
        self.minute = minute
        guard hasColons ? scanner.skip(colon) : Instant.isDigit(scanner.next) else { return true }
        guard let second = scanner.twoDigits() else { return false }
        self.second = second
        return readFraction(&scanner)
    }

    /// Reads a fraction, if there is one.
    ///
    /// - Returns: False for a point without digits.
    @inline(__always)
    private mutating func readFraction(_ scanner: inout TimeScanner) -> Bool {
        guard scanner.skip(UInt8(ascii: ".")) || scanner.skip(UInt8(ascii: ",")) else { return true }
        fraction = scanner.digits()
        return !fraction.isEmpty
    }
}
