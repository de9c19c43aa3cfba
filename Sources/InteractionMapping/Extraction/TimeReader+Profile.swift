// Time formats and zones by the names that profiles give them.

internal import InteractionModel

extension TimeFormat {
    /// Finds a format.
    ///
    /// - Parameters:
    ///   - name: `automatic`, `seconds`, `milliseconds`, `microseconds`, `nanoseconds`, or a pattern.
    ///   - locale: The language of month and day names in a pattern.
    /// - Throws: What is wrong with a pattern.
    init(named name: String, locale: String) throws(TimePatternError) {
        switch name {
        case "automatic": self = .automatic
        case "seconds": self = .seconds
        case "milliseconds": self = .milliseconds
        case "microseconds": self = .microseconds
        case "nanoseconds": self = .nanoseconds
        default: self = .pattern(try TimePattern(name, locale: locale))
        }
    }
}

/// Time spans as people and programs write them.
enum TimeSpan {
    /// The seconds of `84`, `1m 24s` or `0:01:24`; nil for what is none.
    static func seconds(_ text: String) -> Int64? {
        let text = text.trimmed
        if text.contains(":") { return clock(text) }
        if let seconds = Int64(text) { return seconds < 0 ? nil : seconds }
        var rest = text
        var seconds: Int64 = 0
        // From the greatest unit to the smallest, each at most once.
        for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)] as [(Character, Int64)] {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let after = rest[digits.endIndex...].drop { $0 == " " }
            guard after.first == unit, let number = Int64(digits), number < 1_000_000 else { continue }
            seconds += number * size
            rest = after.dropFirst().drop { $0 == " " }
        }
        return rest.isEmpty && !text.isEmpty ? seconds : nil
    }

    private static func clock(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part in
            part.allSatisfy { $0.isASCII && $0.isNumber } && part.count <= 4 ? Int64(part) : nil
        }
        guard (2...3).contains(parts.count), numbers.count == parts.count, numbers.dropFirst().allSatisfy({ $0 < 60 })
        else { return nil }
        return numbers.reduce(0) { $0 * 60 + $1 }
    }
}

extension TimeReader {
    /// Makes a reader by names.
    ///
    /// - Parameters:
    ///   - format: As ``TimeFormat/init(named:locale:)`` takes it.
    ///   - locale: The language of month and day names.
    ///   - zone: A zone's name; nil leaves times that name none unread.
    /// - Throws: What is wrong with the format or the zone.
    init(format: String, locale: String, zone: String?) throws {
        self.init(
            format: try TimeFormat(named: format, locale: locale),
            zone: try zone.map { name throws(ZoneError) in try ZoneRules(named: name) }
        )
    }
}
