// Numbers as people write them: groups of digits with single separators.

/// The groups of digits that begin at one place of a text.
struct DigitGroups {
    struct Group {
        var start: Int
        var end: Int
        /// The separator before it; 0 for the first, a space also for one that does not break.
        var separator: UInt8
        /// Whether it is in parentheses.
        var isEnclosed = false

        var count: Int { end - start }
    }

    /// As many digits as any number has that is recognised.
    private static let largestCount = 20

    private(set) var groups: [Group] = []
    private(set) var hasPlus = false

    /// Reads the groups that begin at the place at hand, with a plus sign or a parenthesis before them.
    mutating func read(_ scan: TextScan) {
        groups.removeAll(keepingCapacity: true)
        var at = scan.at
        hasPlus = scan.byte(at) == UInt8(ascii: "+")
        if hasPlus { at += 1 }
        var digits = 0
        var separator: UInt8 = 0
        while digits <= Self.largestCount {
            let isEnclosed = scan.byte(at) == UInt8(ascii: "(")
            if isEnclosed { at += 1 }
            let start = at
            while scan.byte(at).isDigit { at += 1 }
            guard at > start, !isEnclosed || scan.byte(at) == UInt8(ascii: ")") else { return }
            digits += at - start
            groups.append(Group(start: start, end: at, separator: separator, isEnclosed: isEnclosed))
            if isEnclosed { at += 1 }
            (separator, at) = Self.separator(scan, at)
            if separator == 0, !isEnclosed, scan.byte(at) != UInt8(ascii: "(") { return }
        }
    }

    private static func separator(_ scan: TextScan, _ at: Int) -> (UInt8, Int) {
        switch scan.byte(at) {
        case let byte
        where byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "/"):
            return (byte, at + 1)
        case 0xC2 where scan.byte(at + 1) == 0xA0: return (UInt8(ascii: " "), at + 2)
        // The hyphen that does not break.
        case 0xE2 where scan.byte(at + 1) == 0x80 && scan.byte(at + 2) == 0x91: return (UInt8(ascii: "-"), at + 3)
        default: return (0, at)
        }
    }

    /// The digits of the first groups as values.
    func digits(_ scan: TextScan, of count: Int) -> [UInt8] {
        groups[..<count].flatMap { scan.text[$0.start..<$0.end].map { $0 - 0x30 } }
    }

    /// How many digits the first groups have.
    func digitCount(of count: Int) -> Int { groups[..<count].reduce(0) { $0 + $1.count } }

    /// Where a number of the first groups ends; nil if something follows that belongs to it.
    func end(_ scan: TextScan, of count: Int) -> Int? {
        let last = groups[count - 1]
        let end = last.isEnclosed ? last.end + 1 : last.end
        return scan.mayEnd(at: end) ? end : nil
    }
}
