// How a source writes its times, as a Unicode date format pattern: `EEE, dd MMM yyyy 'at' h:mm a`.

/// A date format pattern of Unicode TR35, compiled to be read with.
///
/// Letters stand for parts of a time; everything else, and what is in single quotes, for itself; two single quotes
/// for one. Numbers of one letter may have one digit or two, numbers of two letters have two. Names may be long or
/// short, in English or the language of the pattern, in either case. White space stands for any of it.
package struct TimePattern: Sendable {
    /// One step of reading.
    enum Element: Sendable, Equatable {
        case byte(UInt8)
        case blank
        /// `yyyy`
        case fourDigitYear
        /// `yy`: 1970 to 2069.
        case twoDigitYear
        /// `MM`, `dd`, `HH`, `hh`, `mm`, `ss`
        case twoDigits(Part)
        /// `M`, `d`, `H`, `h`, `m`, `s`
        case oneOrTwoDigits(Part)
        /// `S` for any number of digits, more letters for as many digits as letters.
        case fraction(digits: Int?)
        /// `MMM`, `MMMM`
        case monthName(takesPoint: Bool)
        /// `E` to `EEEE`
        case weekday(takesPoint: Bool)
        /// `a`
        case halfDay
        /// `Z`, `X` and their longer forms.
        case offset
        /// `z`
        case zoneName
    }

    /// The parts of a time; a pattern may have each once.
    enum Part: String, Sendable {
        case year, month, day, weekday, hour, minute, second, fraction, zone
        case halfDay = "half of the day"
        case hourOfHalfDay = "hour of half a day"
    }

    let elements: [Element]
    let months: [TimeName]
    let weekdays: [TimeName]

    /// Compiles a pattern.
    ///
    /// - Parameters:
    ///   - pattern: It must have year, month and day. Without an hour it is read, but what it reads is no moment.
    ///   - locale: Whose names of months and weekdays are understood beside the English ones: `en`, `de`, `fr`, `es`,
    ///     `it`, `nl` or `pt`, perhaps with a region.
    /// - Throws: What is wrong with the pattern, and where.
    package init(_ pattern: String, locale: String = "en") throws(TimePatternError) {
        let code = locale.prefix { $0 != "-" && $0 != "_" }.lowercased()
        guard let english = TimeLanguage.all["en"], let language = TimeLanguage.all[code] else {
            throw TimePatternError(position: 0, problem: .unknownLocale(locale))
        }
        var compiler = PatternCompiler(pattern)
        elements = try compiler.compile()
        months = TimeName.names([language.months, english.months], from: 1)
        weekdays = TimeName.names([language.weekdays, english.weekdays], from: 0)
    }
}

/// What is wrong with a time pattern.
package struct TimePatternError: Error, Sendable, Hashable {
    /// The kinds of mistakes.
    package enum Problem: Sendable, Hashable {
        /// A letter, perhaps too often in a row, that stands for nothing, and what may have been meant.
        case unknownField(String, meant: String)
        /// A quote that is not closed.
        case openQuote
        /// A part of the time is there twice.
        case repeated(String)
        /// A part of the time is needed and not there.
        case missing(String, because: String)
        /// `H` and `a` say the same thing twice.
        case needlessHalfDay
        /// Names of months and weekdays are not known in this language.
        case unknownLocale(String)
    }

    /// How many characters (Unicode scalars) of the pattern are before the mistake.
    package let position: Int

    /// The mistake.
    package let problem: Problem
}

extension TimePatternError: CustomStringConvertible {
    /// What is wrong, and what to do.
    package var description: String {
        switch problem {
        case .unknownField(let letters, let meant):
            "'\(letters)' is no part of a time pattern; write \(meant)"
        case .openQuote:
            "a quote is opened here and not closed; a quote itself is written as ''"
        case .repeated(let part):
            "the \(part) is in the pattern twice; minutes are 'mm' and months 'MM'"
        case .missing(let part, let reason):
            "the pattern has no \(part), \(reason)"
        case .needlessHalfDay:
            "'a' needs the hour of half a day, 'h' or 'hh'; 'H' is the hour of the whole day"
        case .unknownLocale(let locale):
            "the names of months in '\(locale)' are not known; known are "
                + TimeLanguage.all.keys.sorted().joined(separator: ", ")
        }
    }
}

/// Turns a pattern into elements.
private struct PatternCompiler {
    private let pattern: [Unicode.Scalar]
    private var position = 0
    private var elements: [TimePattern.Element] = []
    /// Where each part was found.
    private var places: [TimePattern.Part: Int] = [:]

    init(_ pattern: String) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    mutating func compile() throws(TimePatternError) -> [TimePattern.Element] {
        while position < pattern.count {
            let scalar = pattern[position]
            if scalar == "'" {
                try compileQuote()
            } else if ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) {
                try compileField(scalar)
            } else {
                position += 1
                append(literal: scalar)
            }
        }
        try check()
        return elements
    }

    /// Whether the parts make a time together.
    private func check() throws(TimePatternError) {
        for part in [.year, .month, .day] as [TimePattern.Part] where places[part] == nil {
            throw missing(part, "without which there is no date; join it in front of the time if it is elsewhere")
        }
        if let place = places[.halfDay], places[.hourOfHalfDay] == nil {
            throw TimePatternError(position: place, problem: .needlessHalfDay)
        }
        if places[.hourOfHalfDay] != nil, places[.halfDay] == nil {
            throw missing(.halfDay, "'a', which 'h' needs; the hour of the whole day is 'H'")
        }
        if places[.hour] != nil, let place = places[.hourOfHalfDay] {
            throw TimePatternError(position: place, problem: .repeated(TimePattern.Part.hour.rawValue))
        }
        let hasHour = places[.hour] != nil || places[.hourOfHalfDay] != nil
        if places[.minute] != nil, !hasHour { throw missing(.hour, "but minutes") }
        if places[.second] != nil, places[.minute] == nil { throw missing(.minute, "but seconds") }
        if places[.fraction] != nil, places[.second] == nil { throw missing(.second, "but a fraction of one") }
    }

    private func missing(_ part: TimePattern.Part, _ reason: String) -> TimePatternError {
        TimePatternError(position: pattern.count, problem: .missing(part.rawValue, because: reason))
    }

    private mutating func append(literal scalar: Unicode.Scalar) {
        if scalar.properties.isWhitespace {
            if elements.last != .blank { elements.append(.blank) }
            return
        }
        for byte in UTF8.encode(scalar) ?? .init() { elements.append(.byte(byte)) }
    }

    private mutating func compileQuote() throws(TimePatternError) {
        let start = position
        position += 1
        if position < pattern.count, pattern[position] == "'" {
            position += 1
            append(literal: "'")
            return
        }
        while position < pattern.count {
            let scalar = pattern[position]
            position += 1
            if scalar != "'" {
                append(literal: scalar)
            } else if position < pattern.count, pattern[position] == "'" {
                position += 1
                append(literal: "'")
            } else {
                return
            }
        }
        throw TimePatternError(position: start, problem: .openQuote)
    }

    private mutating func compileField(_ letter: Unicode.Scalar) throws(TimePatternError) {
        let start = position
        while position < pattern.count, pattern[position] == letter { position += 1 }
        let count = position - start
        // A point after a name is the pattern's if it has one there, and else may shorten the name.
        let takesPoint = position == pattern.count || pattern[position] != "."
        let field: (part: TimePattern.Part, element: TimePattern.Element)? =
            switch (letter, count) {
            case ("y", 4): (.year, .fourDigitYear)
            case ("y", 2): (.year, .twoDigitYear)
            case ("M", 3...4): (.month, .monthName(takesPoint: takesPoint))
            case ("M", 1...2): (.month, number(.month, count))
            case ("d", 1...2): (.day, number(.day, count))
            case ("E", 1...4): (.weekday, .weekday(takesPoint: takesPoint))
            case ("H", 1...2): (.hour, number(.hour, count))
            case ("h", 1...2): (.hourOfHalfDay, number(.hourOfHalfDay, count))
            case ("m", 1...2): (.minute, number(.minute, count))
            case ("s", 1...2): (.second, number(.second, count))
            case ("S", _): (.fraction, .fraction(digits: count == 1 ? nil : count))
            case ("a", 1): (.halfDay, .halfDay)
            case ("Z", 1...5), ("X", 1...3): (.zone, .offset)
            case ("z", 1): (.zone, .zoneName)
            default: nil
            }
        guard let field else {
            let letters = String(repeating: String(Character(letter)), count: count)
            let meant = Self.likelyFields[letter].map { "'\($0)'" } ?? "text in quotes"
            throw TimePatternError(position: start, problem: .unknownField(letters, meant: meant))
        }
        if places.updateValue(start, forKey: field.part) != nil {
            throw TimePatternError(position: start, problem: .repeated(field.part.rawValue))
        }
        elements.append(field.element)
    }

    private func number(_ part: TimePattern.Part, _ letters: Int) -> TimePattern.Element {
        letters == 1 ? .oneOrTwoDigits(part) : .twoDigits(part)
    }

    /// What people mean who know other pattern languages, or count letters wrongly.
    private static let likelyFields: [Unicode.Scalar: String] = [
        "y": "yyyy", "Y": "yyyy", "u": "yyyy", "M": "MM", "L": "MMMM", "d": "dd", "D": "dd", "E": "EEE", "c": "EEE",
        "H": "HH", "k": "HH", "h": "hh", "K": "hh", "m": "mm", "s": "ss", "a": "a", "p": "a", "Z": "XXX", "X": "XXX",
        "x": "XXX", "V": "z", "O": "z", "z": "z",
    ]
}
