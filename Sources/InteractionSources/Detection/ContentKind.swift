// What an input is made of, told from its first bytes alone.

/// The syntax of an input, as far as its beginning shows it.
package enum ContentKind: String, Sendable, Hashable {
    case json
    case markup
    case delimited
    /// Text of no syntax that is read here.
    case otherText = "text"
    case binary

    /// How many bytes are enough to tell.
    package static let headSize = 64 << 10

    /// Tells the syntax.
    ///
    /// - Parameter head: The input's first bytes, decompressed and in UTF-8.
    /// - Returns: The syntax that fits; text that is empty is ``otherText``.
    package static func of(_ head: UnsafeRawBufferPointer) -> ContentKind {
        var text = head.prefix(headSize)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        guard !isBinary(text) else { return .binary }
        text = text.drop { $0 <= 0x20 }
        if text.first == UInt8(ascii: "<") {
            guard let next = text.dropFirst().first else { return .markup }
            let isMarkup = next == UInt8(ascii: "?") || next == UInt8(ascii: "!") || next >= 0x80 || isLetter(next)
            return isMarkup ? .markup : .otherText
        }
        if JSONSkeleton.read(UnsafeRawBufferPointer(rebasing: text)) != nil { return .json }
        return isTable(text) ? .delimited : .otherText
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
    }

    /// Texts of logs hold stray control characters; a NUL, or many of the others, is no text.
    static func isBinary(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        let controls = text.count { $0 < 0x20 && !(0x08...0x0D).contains($0) && $0 != 0x1B }
        return text.contains(0) || controls > 8 + text.count / 100
    }

    // MARK: Tables

    /// Whether the first rows have the same number of cells under one of the usual delimiters.
    private static func isTable(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        if text.starts(with: "sep=".utf8) { return true }
        return ",;\t|".utf8.contains { delimiter in
            let counts = delimiterCounts(text, delimiter)
            guard let first = counts.first, first > 0 else { return false }
            return counts.count { $0 == first } * 2 > counts.count
        }
    }

    /// How often the delimiter stands outside quotes in each of the first rows; the last one may be cut.
    private static func delimiterCounts(_ text: Slice<UnsafeRawBufferPointer>, _ delimiter: UInt8) -> [Int] {
        var counts: [Int] = []
        var count = 0
        var isQuoted = false
        var isBlank = true
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case 0x0A where !isQuoted, 0x0D where !isQuoted:
                if !isBlank { counts.append(count) }
                if counts.count == 20 { return counts }
                count = 0
                isBlank = true
                continue
            case delimiter where !isQuoted: count += 1
            default: break
            }
            isBlank = false
        }
        if counts.isEmpty, !isBlank { counts.append(count) }
        return counts
    }
}
