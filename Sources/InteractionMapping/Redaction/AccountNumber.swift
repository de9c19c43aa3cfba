// International bank account numbers (ISO 13616) in running text.

/// Recognises an IBAN by its country, length and check digits.
enum AccountNumber {
    /// The number that begins two letters before the digit at hand.
    ///
    /// - Parameter scan: At a digit.
    /// - Returns: Where it lies; nil if there is none.
    static func range(_ scan: TextScan) -> Range<Int>? {
        let start = scan.at - 2
        guard start >= scan.floor, scan.byte(start).isLetter, scan.byte(start + 1).isLetter,
            scan.byte(scan.at + 1).isDigit, scan.mayBegin(at: start),
            let length = length(of: scan.byte(start), scan.byte(start + 1))
        else { return nil }
        var remainder = 0
        var head = 0
        var at = start
        for position in 0..<length {
            // Written in fours, or without spaces.
            if position > 0, position % 4 == 0 { at += gap(scan, at) }
            let byte = scan.byte(at)
            guard byte.isDigit || byte.isLetter else { return nil }
            let value = byte.isDigit ? Int(byte - 0x30) : Int((byte | 0x20) - 0x61) + 10
            // The first four go last.
            if position < 4 {
                head = head * (value > 9 ? 100 : 10) + value
            } else {
                remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
            }
            at += 1
        }
        guard scan.mayEnd(at: at), (remainder * 1_000_000 + head) % 97 == 1 else { return nil }
        return start..<at
    }

    /// The bytes of a space at an offset, if there is one.
    private static func gap(_ scan: TextScan, _ at: Int) -> Int {
        if scan.byte(at) == UInt8(ascii: " ") || scan.byte(at) == UInt8(ascii: "-") { return 1 }
        return scan.byte(at) == 0xC2 && scan.byte(at + 1) == 0xA0 ? 2 : 0
    }

    private static func length(of first: UInt8, _ second: UInt8) -> Int? {
        lengths[UInt16(first & 0xDF) << 8 | UInt16(second & 0xDF)]
    }

    /// The lengths by country, as the registry has them (SWIFT IBAN Registry, release 99).
    private static let lengths: [UInt16: Int] = {
        let table: [Int: String] = [
            15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
            21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
            24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
            27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HN HU LB NI PL SV", 29: "BR EG PS QA UA",
            30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
        ]
        var result: [UInt16: Int] = [:]
        for (length, countries) in table {
            for country in countries.split(separator: " ") {
                let letters = Array(country.utf8)
                result[UInt16(letters[0]) << 8 | UInt16(letters[1])] = length
            }
        }
        return result
    }()
}
