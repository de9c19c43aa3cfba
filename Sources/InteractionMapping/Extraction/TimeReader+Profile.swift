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
