// Reading a time by a pattern.

extension TimePattern {
    /// Reads a time.
    ///
    /// - Parameter text: UTF-8 without white space around it.
    /// - Returns: What the text says, which may be no real date; nil when it does not fit the pattern, or when its
    ///   weekday is not that of its date.
    /// - Complexity: O(length), without allocation.
    func read(_ text: UnsafeRawBufferPointer) -> CivilTime? {
        var scanner = TimeScanner(text)
        var time = CivilTime()
        var weekday: Int64?
        var halfDay: Int64?
        for element in elements {
            switch element {
            case .byte(let byte):
                guard scanner.skip(byte) else { return nil }
            case .blank:
                guard scanner.skipBlanks() else { return nil }
            case .fourDigitYear:
                guard let number = scanner.fourDigits() else { return nil }
                time.date.year = number
            case .twoDigitYear:
                guard let number = scanner.twoDigits() else { return nil }
                time.date.year = number < 70 ? 2000 + number : 1900 + number
            case .twoDigits(let part):
                guard let number = scanner.twoDigits() else { return nil }
                time.set(part, to: number)
            case .oneOrTwoDigits(let part):
                guard let number = scanner.oneOrTwoDigits() else { return nil }
                time.set(part, to: number)
            case .fraction(let count):
                time.fraction = scanner.digits()
                guard !time.fraction.isEmpty, time.fraction.count == count ?? time.fraction.count else { return nil }
            case .monthName(let takesPoint):
                guard let number = scanner.name(from: months, takesPoint: takesPoint) else { return nil }
                time.date.month = number
            case .weekday(let takesPoint):
                guard let number = scanner.name(from: weekdays, takesPoint: takesPoint) else { return nil }
                weekday = number
            case .halfDay:
                guard let hour = scanner.halfDay() else { return nil }
                halfDay = hour
            case .offset:
                guard let offset = scanner.skip(letter: "z") ? .utc : scanner.offset() else { return nil }
                time.offset = offset
            case .zoneName:
                guard scanner.skipUniversalTime() else { return nil }
                time.offset = scanner.isAtEnd ? .utc : scanner.offset() ?? .utc
            }
        }
        guard scanner.isAtEnd else { return nil }
        if let halfDay, let hour = time.hour {
            guard (1...12).contains(hour) else { return nil }
            time.hour = hour % 12 + halfDay
        }
        if let weekday, !time.date.exists || time.date.weekday != weekday { return nil }
        return time
    }
}

extension CivilTime {
    /// Sets what a number in a text stands for.
    fileprivate mutating func set(_ part: TimePattern.Part, to number: Int64) {
        switch part {
        case .month: date.month = number
        case .day: date.day = number
        case .hour, .hourOfHalfDay: hour = number
        case .minute: minute = number
        case .second: second = number
        case .year, .weekday, .fraction, .zone, .halfDay: break
        }
    }
}
