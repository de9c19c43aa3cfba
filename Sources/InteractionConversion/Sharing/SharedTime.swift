// Times of a shared record, moved by the same number of days.

internal import InteractionModel

/// Moves times in the forms that most sources use.
enum SharedTime {
    /// A text that begins with a date from the year down, with or without a time of day after it.
    ///
    /// - Returns: The same form; nil if it is no such time.
    static func shifted(_ text: String, days: Int64) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 10, bytes.count <= 40, let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), bytes[4] == bytes[7], "-/.".utf8.contains(bytes[4]),
            bytes[10...].allSatisfy({ isDigit($0) || ":.,+- TZUCGM".utf8.contains($0) })
        else { return epochText(text, days) ?? compact(text, days) ?? inAnotherYear(text) }
        let date = CivilDate(year: year, month: month, day: day)
        guard date.exists, year > 3 else { return nil }
        let moved = CivilDate(daysSince1970: date.daysSince1970 - days)
        let separator = String(UnicodeScalar(bytes[4]))
        return padded(moved.year, 4) + separator + padded(moved.month, 2) + separator + padded(moved.day, 2)
            + String(decoding: bytes[10...], as: UTF8.self)
    }

    /// A number of seconds, or of their thousandths to billionths, since 1970.
    static func shifted(epoch text: String, days: Int64) -> String? {
        let whole = text.prefix { $0 != "." }
        let units: [Int: Int64] = [10: 1, 13: 1000, 16: 1_000_000, 19: 1_000_000_000]
        guard let unit = units[whole.utf8.count], whole.utf8.allSatisfy(isDigit), let value = Int64(whole),
            text.dropFirst(whole.count + 1).utf8.allSatisfy(isDigit)
        else { return nil }
        let moved = String(value - days * 86400 * unit)
        return moved.utf8.count == whole.utf8.count ? moved + text.dropFirst(whole.count) : nil
    }

    /// A date without separators, such as `20240501T10:00:00`, which has a time of day after it.
    private static func compact(_ text: String, _ days: Int64) -> String? {
        guard let parts = text.wholeMatch(of: /(\d{4})(\d\d)(\d\d)(T\d\d:?\d\d.{0,20})/),
            let date = shifted("\(parts.1)-\(parts.2)-\(parts.3)", days: days)
        else { return nil }
        return date.replacing("-", with: "") + parts.4
    }

    /// A part of a time that has a column or an attribute of its own.
    ///
    /// - Parameters:
    ///   - text: Such as `10:00:00`, which stays, or the number of a month.
    ///   - key: Such as `time` or `month`.
    /// - Returns: Nil if it is no such part.
    static func part(_ text: String, of key: String) -> String? {
        if text.wholeMatch(of: /(\d\d? )?\d\d?:\d\d(:\d\d([.,]\d+)?)?( ?[aApP]\.?[mM]\.?)?/) != nil { return text }
        switch key.lowercased() {
        case "month", "day", "hour", "minute", "second": return text.wholeMatch(of: /\d\d?/).map { _ in text }
        case "year": return text.wholeMatch(of: /(19|20)\d\d/).flatMap { _ in inAnotherYear(text) }
        default: return nil
        }
    }

    /// A date in another form: 28 years back all days of the week are the same.
    private static func inAnotherYear(_ text: String) -> String? {
        // Two digits are known for the year after the name of a month only.
        if let parts = text.wholeMatch(of: /(\d\d?[- \/]([A-Za-z]{3})[- \/])(\d\d)( .*)?/),
            isOfTime(parts.2.lowercased()),
            let year = Int64(parts.3)
        {
            return parts.1 + padded((year + 72) % 100, 2) + (parts.4 ?? "")
        }
        guard text.utf8.count <= 40, let year = text.firstMatch(of: /\b(19|20)\d\d\b/) else { return nil }
        let words = text.split { !$0.isLetter }.map { $0.lowercased() }
        let numbers = text.split { !$0.isNumber }
        guard words.allSatisfy({ isOfTime($0) }), numbers.allSatisfy({ $0.utf8.count <= 6 }),
            numbers.count + words.count >= 3 || text.utf8.count == 4, let number = Int64(year.0)
        else { return nil }
        return text[..<year.range.lowerBound] + padded(number - 28, 4) + text[year.range.upperBound...]
    }

    private static func isOfTime(_ word: String) -> Bool {
        let names = [
            "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
        ]
        let marks = ["am", "pm", "t", "z", "utc", "gmt", "at", "sept"]
        return marks.contains(word) || names.contains { $0 == word || $0.prefix(3) == word }
    }

    private static func epochText(_ text: String, _ days: Int64) -> String? {
        // Ten digits are as likely a telephone number; what begins with 1 was a time since 2001.
        text.first == "1" ? shifted(epoch: text, days: days) : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
        bytes.allSatisfy(isDigit) ? bytes.reduce(0) { $0 * 10 + Int64($1 &- 0x30) } : nil
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
