// Times: where they are, and how to read them.

internal import InteractionModel

extension ProfileReader {
    private static let timeKeys = ["format", "locale", "zone", "since", "after"]
    private static let units = ["automatic", "seconds", "milliseconds", "microseconds", "nanoseconds"]

    /// Reads a time: an expression of which each alternative may have a format, a zone and a beginning.
    mutating func times(_ value: YAMLValue, _ origin: String) -> [TimeRule] {
        if case .list = value.content {
            return list(value, of: "a time").enumerated().flatMap { times($1, "\(origin)[\($0)]") }
        }
        let alternatives = expression(value, origin, extraKeys: Self.timeKeys)?.alternatives ?? []
        var format: YAMLValue?
        var locale: YAMLValue?
        var zone: String?
        var since: Expression?
        var after: Expression?
        if case .map(let members) = value.content {
            for member in members {
                switch member.key {
                case "format": format = member.value
                case "locale": locale = member.value
                case "zone": zone = self.zone(member.value)
                case "since": since = expression(member.value, origin + ".since")
                case "after":
                    after = expression(member.value, origin + ".after")
                    if members.contains(where: { $0.key == "since" }) {
                        report(.error, member.place, "a time span counts either `since` or `after`", "leave one out")
                    }
                default: break
                }
            }
        }
        let language = locale.flatMap { word($0, "`locale`") } ?? "en"
        let name = format.flatMap { self.format($0, language, locale?.place) } ?? "automatic"
        if let locale, Self.units.contains(name), format?.text.map(Self.units.contains) ?? true {
            report(.error, locale.place, "`locale` is for the names in a pattern, and there is none", "give a `format`")
        }
        return alternatives.map {
            TimeRule(value: $0, format: name, locale: language, zone: zone, since: since, after: after)
        }
    }

    private mutating func format(_ value: YAMLValue, _ locale: String, _ localePlace: YAMLPlace?) -> String? {
        guard let format = word(value, "`format`") else { return nil }
        if Self.units.contains(format) { return format }
        do {
            _ = try TimePattern(format, locale: locale)
            return format
        } catch {
            if case .unknownLocale = error.problem {
                report(.error, localePlace ?? value.place, "\(error)")
            } else if let unit = NearestWord.among(Self.units, to: format) {
                report(.error, value.place, "unknown format `\(format)`", "did you mean `\(unit)`?")
            } else {
                let before = String(String.UnicodeScalarView(format.unicodeScalars.prefix(error.position)))
                report(.error, value.place(offset: before.utf8.count), "not a time pattern: \(error)")
            }
            return nil
        }
    }

    mutating func zone(_ value: YAMLValue) -> String? {
        guard let zone = word(value, "`zone`") else { return nil }
        do {
            _ = try ZoneRules(named: zone)
        } catch {
            switch error {
            case .unknown, .leapSeconds: report(.error, value.place, "\(error)")
            // The profile is right; it is this machine that cannot read such times.
            case .noData, .damaged: report(.warning, value.place, "\(error)")
            }
        }
        return zone
    }
}
