// Payment card numbers (ISO/IEC 7812): issuer, length, check digit, and how they are divided.

extension DigitGroups {
    /// Where the card number ends that begins with the first group; nil if there is none.
    func cardEnd(_ scan: TextScan) -> Int? {
        guard !hasPlus, groups.first?.isEnclosed == false else { return nil }
        for count in stride(from: min(5, groups.count), to: 0, by: -1) where isDividedAsCard(count) {
            guard let end = end(scan, of: count) else { continue }
            let digits = digits(scan, of: count)
            if CardIssuer.has(digits), CardIssuer.isChecked(digits) { return end }
        }
        return nil
    }

    /// Whether the groups are of the sizes that are embossed: fours, or the middle one of six.
    private func isDividedAsCard(_ count: Int) -> Bool {
        if count == 1 { return (12...19).contains(groups[0].count) }
        let separator = groups[1].separator
        guard separator == UInt8(ascii: " ") || separator == UInt8(ascii: "-"),
            groups[1..<count].allSatisfy({ $0.separator == separator && !$0.isEnclosed })
        else { return false }
        let sizes = groups[..<count].map(\.count)
        return switch count {
        case 3: sizes == [4, 6, 5] || sizes == [4, 6, 4]
        case 4: sizes == [4, 4, 4, 4] || sizes == [4, 4, 4, 3] || sizes == [4, 4, 4, 2] || sizes == [4, 4, 4, 1]
        case 5: sizes == [4, 4, 4, 4, 3] || sizes == [4, 4, 4, 4, 2] || sizes == [4, 4, 4, 4, 1]
        default: false
        }
    }
}

/// Who issues cards, and how long their numbers are.
private enum CardIssuer {
    private struct Range {
        /// The first six digits.
        var first: ClosedRange<Int>
        /// How many digits there are.
        var count: ClosedRange<Int>

        init(_ first: ClosedRange<Int>, _ count: ClosedRange<Int>) {
            self.first = first
            self.count = count
        }
    }

    private static let ranges: [Range] = [
        // Visa
        Range(400000...499999, 13...13), Range(400000...499999, 16...16), Range(400000...499999, 19...19),
        // Mastercard
        Range(510000...559999, 16...16), Range(222100...272099, 16...16),
        // American Express
        Range(340000...349999, 15...15), Range(370000...379999, 15...15),
        // Diners Club
        Range(300000...305999, 14...14), Range(309500...309599, 14...14), Range(360000...369999, 14...14),
        Range(380000...399999, 14...14),
        // Discover
        Range(601100...601199, 16...16), Range(644000...659999, 16...16),
        // JCB, UnionPay
        Range(352800...358999, 16...19), Range(620000...629999, 16...19),
        // Maestro
        Range(501800...501899, 12...19), Range(502000...502099, 12...19), Range(503800...503899, 12...19),
        Range(589300...589399, 12...19), Range(630400...630499, 12...19), Range(675900...675999, 12...19),
        Range(676100...676399, 12...19),
    ]

    static func has(_ digits: [UInt8]) -> Bool {
        let first = digits.prefix(6).reduce(0) { $0 * 10 + Int($1) }
        return ranges.contains { $0.first.contains(first) && $0.count.contains(digits.count) }
    }

    /// Luhn's sum; a number of one digit repeated is nobody's.
    static func isChecked(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let doubled = place % 2 == 1 ? Int(digit) * 2 : Int(digit)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0 && digits.contains { $0 != digits[0] }
    }
}
