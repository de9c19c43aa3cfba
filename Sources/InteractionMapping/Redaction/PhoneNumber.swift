// Telephone numbers: international (E.164), North American, and national ones with a trunk zero.

extension DigitGroups {
    /// Where the telephone number ends that begins with the first group; nil if there is none.
    ///
    /// A number in one piece without a sign of where it belongs could be any number, and stays.
    func phoneEnd(_ scan: TextScan) -> Int? {
        guard !groups.isEmpty else { return nil }
        if hasPlus { return longest(scan, digits: 8...15) { isInternational(scan, $0, skipping: 0) } }
        if let end = northAmericanEnd(scan) { return end }
        guard scan.byte(groups[0].start) == UInt8(ascii: "0") else { return nil }
        if groups[0].count >= 2, scan.byte(groups[0].start + 1) == UInt8(ascii: "0") {
            return longest(scan, digits: 11...17) { isInternational(scan, $0, skipping: 2) }
        }
        return longest(scan, digits: 9...12) { isNational(scan, $0) }
    }

    /// The end of the longest number that satisfies a condition.
    private func longest(_ scan: TextScan, digits: ClosedRange<Int>, _ isNumber: (Int) -> Bool) -> Int? {
        for count in stride(from: groups.count, to: 0, by: -1) where digits.contains(digitCount(of: count)) {
            if let end = end(scan, of: count), isNumber(count) { return end }
        }
        return nil
    }

    private func isInternational(_ scan: TextScan, _ count: Int, skipping zeros: Int) -> Bool {
        let digits = digits(scan, of: count).dropFirst(zeros)
        return CountryCodes.begins(Array(digits.prefix(3)))
    }

    /// `415-555-2671`, `(415) 555-2671`, `1 415.555.2671`.
    private func northAmericanEnd(_ scan: TextScan) -> Int? {
        let first = groups[0].count == 1 && scan.byte(groups[0].start) == UInt8(ascii: "1") ? 1 : 0
        guard groups.count >= first + 3 else { return nil }
        let parts = groups[first..<first + 3]
        guard parts.map(\.count) == [3, 3, 4], !parts[first + 1].isEnclosed, !parts[first + 2].isEnclosed,
            parts.dropFirst().allSatisfy({ $0.separator != UInt8(ascii: "/") })
        else { return nil }
        // Neither an area nor an exchange begins with 0 or 1.
        guard scan.byte(parts[first].start) > UInt8(ascii: "1"), scan.byte(parts[first + 1].start) > UInt8(ascii: "1")
        else { return nil }
        return end(scan, of: first + 3)
    }

    /// `030 1234567`, `06 12 34 56 78`, `0171/123 45 67`, `(020) 7946 0958`.
    private func isNational(_ scan: TextScan, _ count: Int) -> Bool {
        guard count >= 2, count <= 6, groups[0].count <= 5 else { return false }
        let digits = digits(scan, of: count)
        guard digits[1] != 0 else { return false }
        let rest = groups[1..<count]
        guard rest.allSatisfy({ $0.count > 1 && !$0.isEnclosed }) else { return false }
        // A fraction, an address of a network, a date.
        if groups[0].count == 1, groups[1].separator == UInt8(ascii: ".") { return false }
        let areDotted = rest.allSatisfy { $0.separator == UInt8(ascii: ".") }
        if areDotted, groups[..<count].allSatisfy({ $0.count <= 3 }), count == 4 { return false }
        return !isDate(count)
    }

    private func isDate(_ count: Int) -> Bool {
        guard count >= 3, groups[0].count == 2, groups[1].count == 2, groups[2].count == 4 else { return false }
        return groups[1].separator == groups[2].separator && groups[1].separator != UInt8(ascii: " ")
    }
}

/// The country codes of E.164.
private enum CountryCodes {
    private static let ranges: [ClosedRange<Int>] = [
        1...1, 7...7, 20...20, 27...27, 30...34, 36...36, 39...41, 43...49, 51...58, 60...66, 81...82, 84...84, 86...86,
        90...95, 98...98, 211...213, 216...216, 218...218, 220...269, 290...291, 297...299, 350...359, 370...389,
        420...423, 500...509, 590...599, 670...692, 800...800, 808...808, 850...850, 852...853, 855...856, 870...870,
        878...878, 880...883, 886...886, 888...888, 960...979, 992...998,
    ]
    private static let codes = Set(ranges.joined())

    static func begins(_ digits: [UInt8]) -> Bool {
        var code = 0
        for digit in digits {
            code = code * 10 + Int(digit)
            if codes.contains(code) { return true }
        }
        return false
    }
}
