// Phone numbers as they are dialled from anywhere: E.164, where the region of a number is known.

/// How people of a region write their numbers among themselves.
public struct PhoneRegion: Sendable, Hashable {
    /// The region by its ISO 3166-1 code, such as `DE`.
    public let name: String
    /// What a number of the region begins with for callers from elsewhere.
    let countryCode: String
    /// What goes before a number of the region within it, and is not dialled from elsewhere.
    let trunkPrefix: String
    /// What goes before the country code of another region.
    let internationalPrefix: String

    /// Finds a region; nil for one that is not in the table.
    ///
    /// - Parameter name: An ISO 3166-1 code of two letters, in any letter case.
    public init?(named name: String) {
        guard let row = Self.table[name.uppercased()] else { return nil }
        self.name = name.uppercased()
        (countryCode, trunkPrefix, internationalPrefix) = row
    }

    /// The regions that are known, in order.
    public static var names: [String] { table.keys.sorted() }

    /// Country code, trunk prefix, international prefix; numbering plans where one rule holds for all numbers.
    private static let table: [String: (String, String, String)] = [
        "AE": ("971", "0", "00"), "AT": ("43", "0", "00"), "AU": ("61", "0", "0011"), "BE": ("32", "0", "00"),
        "BG": ("359", "0", "00"), "CA": ("1", "1", "011"), "CH": ("41", "0", "00"), "CY": ("357", "", "00"),
        "CZ": ("420", "", "00"), "DE": ("49", "0", "00"), "DK": ("45", "", "00"), "EE": ("372", "", "00"),
        "EG": ("20", "0", "00"), "ES": ("34", "", "00"), "FI": ("358", "0", "00"), "FR": ("33", "0", "00"),
        "GB": ("44", "0", "00"), "GR": ("30", "", "00"), "HR": ("385", "0", "00"), "HU": ("36", "06", "00"),
        "ID": ("62", "0", "00"), "IE": ("353", "0", "00"), "IL": ("972", "0", "00"), "IN": ("91", "0", "00"),
        "IS": ("354", "", "00"), "IT": ("39", "", "00"), "JP": ("81", "0", "010"), "KE": ("254", "0", "00"),
        "LU": ("352", "", "00"), "LV": ("371", "", "00"), "MA": ("212", "0", "00"), "MT": ("356", "", "00"),
        "MY": ("60", "0", "00"), "NG": ("234", "0", "00"), "NL": ("31", "0", "00"), "NO": ("47", "", "00"),
        "NZ": ("64", "0", "00"), "PH": ("63", "0", "00"), "PK": ("92", "0", "00"), "PL": ("48", "", "00"),
        "PT": ("351", "", "00"), "RO": ("40", "0", "00"), "RS": ("381", "0", "00"), "SA": ("966", "0", "00"),
        "SE": ("46", "0", "00"), "SI": ("386", "0", "00"), "SK": ("421", "0", "00"), "TH": ("66", "0", "001"),
        "TR": ("90", "0", "00"), "UA": ("380", "0", "00"), "US": ("1", "1", "011"), "VN": ("84", "0", "00"),
        "ZA": ("27", "0", "00"),
    ]

    /// A number in E.164.
    ///
    /// - Parameter text: The number as somebody of the region writes it, with what people put between digits.
    /// - Returns: `+` and 7 to 15 digits; nil for what is no whole number, such as a short code, a word, or a number
    ///   with an extension.
    func e164(_ text: String) -> String? {
        guard let (digits, isInternational) = Self.digits(text) else { return nil }
        var number = digits
        if !isInternational {
            if number.hasPrefix(internationalPrefix) {
                number.removeFirst(internationalPrefix.count)
            } else {
                if number.hasPrefix(trunkPrefix) { number.removeFirst(trunkPrefix.count) }
                // Shorter ones are dialled within a town or a network only.
                guard number.count >= 7 else { return nil }
                number = countryCode + number
            }
        }
        guard (7...15).contains(number.count), number.first != "0" else { return nil }
        return "+" + number
    }

    /// The digits of a number, and whether a `+` stands before them; nil if there is anything else in it.
    private static func digits(_ text: String) -> (digits: String, isInternational: Bool)? {
        var rest = Substring(text.trimmed)
        let isInternational = rest.hasPrefix("+")
        if isInternational {
            rest.removeFirst()
            // `+49 (0)30 …`: what is dialled from within.
            if let trunk = rest.firstRange(of: "(0)") { rest.removeSubrange(trunk) }
        }
        var digits = ""
        for character in rest.unicodeScalars {
            switch character {
            case "0"..."9": digits.unicodeScalars.append(character)
            case " ", "-", ".", "/", "(", ")", "\u{A0}", "\u{2009}", "\u{202F}", "\u{2010}", "\u{2011}", "\u{2012}",
                "\u{2013}":
                continue
            default: return nil
            }
        }
        return digits.isEmpty ? nil : (digits, isInternational)
    }
}

extension MappingOptions {
    /// A phone number as it is compared: in E.164 where the region is known and it is one, else as it is.
    func comparable(phone: String) -> String { phoneRegion?.e164(phone) ?? phone }
}
