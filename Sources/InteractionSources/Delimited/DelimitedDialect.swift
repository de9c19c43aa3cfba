// How a table of delimited text is written: what parts its cells, and what names its columns.

internal import InteractionModel

/// The dialect of a table, as far as somebody has said.
package struct DelimitedDialect: Sendable, Hashable {
    /// Where the names of the columns come from.
    package enum Header: Sendable, Hashable {
        /// The first row.
        case first
        /// There are none: columns are `#1`, `#2` and so on.
        case absent
        /// The caller, and every row is data.
        case names([String])
        /// The caller, by the list that is as long as the first row, or else the first list.
        case namesByWidth([[String]])
    }

    /// What parts the cells; nil to find out.
    package var delimiter: UInt8?
    package var header: Header
    /// Whether columns are called by their ``folded(_:)`` names.
    package var foldsNames: Bool

    package init(delimiter: UInt8? = nil, header: Header = .first, foldsNames: Bool = false) {
        self.delimiter = delimiter
        self.header = header
        self.foldsNames = foldsNames
    }

    /// The bytes that a delimiter is looked for in.
    static let sniffBytes = 64 << 10
    private static let candidates: [UInt8] = [
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
    ]

    /// Finds the delimiter by which the rows agree best with the first one.
    ///
    /// A first row of one cell under every candidate is a table of one column; then the candidate wins that the other
    /// rows hold least, so that commas in prose part nothing.
    ///
    /// - Parameters:
    ///   - bytes: The start of the table, readable 8 bytes beyond `range`.
    ///   - range: What to look at.
    ///   - isWhole: Whether the table ends with it.
    /// - Returns: One of the candidates; the comma where nothing speaks for another.
    static func sniff(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, isWhole: Bool) -> UInt8 {
        var best = (delimiter: candidates[0], columns: 0, agreement: -1.0)
        for delimiter in candidates {
            let widths = rowWidths(bytes, range, delimiter, isWhole: isWhole)
            func share(_ width: Int) -> Double {
                Double(widths.count { $0 == width }) / Double(max(1, widths.count))
            }
            // Less than half of the rows alike is no table, however many cells the first has.
            let first = widths.first ?? 1
            let columns = share(first) >= 0.5 ? first : 1
            let agreement = share(columns)
            let isMore =
                (columns > 1) == (best.columns > 1)
                ? (agreement, columns) > (best.agreement, best.columns) : columns > 1
            if isMore { best = (delimiter, columns, agreement) }
        }
        return best.delimiter
    }

    private static func rowWidths(
        _ bytes: UnsafePointer<UInt8>,
        _ range: Range<Int>,
        _ delimiter: UInt8,
        isWhole: Bool
    ) -> [Int] {
        var widths: [Int] = []
        var row = DelimitedRow(delimiter: delimiter)
        var at = range.lowerBound
        while at < range.upperBound, row.read(bytes, at..<range.upperBound, isFinal: isWhole) == .complete {
            if !row.isBlank(bytes) { widths.append(row.cells.count) }
            at = row.next
        }
        return widths
    }

    /// Reads the line `sep=;` with which spreadsheets announce a delimiter.
    ///
    /// - Parameters:
    ///   - bytes: The start of the table, readable 8 bytes beyond `range`.
    ///   - range: Where to look.
    /// - Returns: The delimiter and where the line's end begins, or nil if the table does not start so.
    static func announcedDelimiter(
        _ bytes: UnsafePointer<UInt8>,
        _ range: Range<Int>
    ) -> (delimiter: UInt8, end: Int)? {
        var at = range.lowerBound
        let isQuoted = bytes[at] == UInt8(ascii: "\"")
        if isQuoted { at += 1 }
        for letter in "sep=".utf8 {
            guard at < range.upperBound, bytes[at] | 0x20 == letter | 0x20 else { return nil }
            at += 1
        }
        let delimiter = bytes[at]
        guard at < range.upperBound, !DelimitedRow.isBreak(delimiter), delimiter != UInt8(ascii: "\"") else {
            return nil
        }
        at += 1
        if isQuoted {
            guard bytes[at] == UInt8(ascii: "\"") else { return nil }
            at += 1
        }
        guard at >= range.upperBound || DelimitedRow.isBreak(bytes[at]) else { return nil }
        return (delimiter, at)
    }

    /// A column's name as it is compared: its words in lower case, joined by `_`.
    ///
    /// - Parameter name: Such as `Chat ID`, `chat-id`, `CHAT_ID` or `chatId`.
    /// - Returns: Such as `chat_id`.
    package static func folded(_ name: String) -> String {
        var words = ""
        var last: Character = "_"
        for character in name {
            let isPart = character.isLetter || character.isNumber
            if last != "_", !isPart || last.isLowercase && character.isUppercase { words.append("_") }
            if isPart { words += character.lowercased() }
            last = isPart ? character : "_"
        }
        return words.hasSuffix("_") ? String(words.dropLast()) : words
    }

    /// Makes names usable as keys: trimmed, never empty, never twice the same.
    ///
    /// - Parameter names: The cells of the header.
    /// - Returns: As many names; an empty one becomes `#` and its column, a repeated one gets `_2`, `_3` and so on.
    func uniqueNames(_ names: [String]) -> [String] {
        var taken: Set<String> = []
        return names.enumerated().map { index, name in
            let trimmed = foldsNames ? Self.folded(Self.trim(name)) : Self.trim(name)
            let plain = trimmed.isEmpty ? "#\(index + 1)" : trimmed
            var unique = plain
            var count = 1
            while !taken.insert(unique).inserted {
                count += 1
                unique = "\(plain)_\(count)"
            }
            return unique
        }
    }

    private static func trim(_ name: String) -> String {
        let scalars = name.unicodeScalars
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace || scalar == "\u{FEFF}" }
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(scalars[first...last])
    }
}
