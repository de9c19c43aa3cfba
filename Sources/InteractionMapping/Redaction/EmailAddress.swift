// E-mail addresses in running text.

/// Recognises an address by its sign.
enum EmailAddress {
    /// The address around the sign at hand.
    ///
    /// - Parameter scan: At an `@`.
    /// - Returns: Where it lies; nil if there is none.
    static func range(_ scan: TextScan) -> Range<Int>? {
        guard let end = end(scan) else { return nil }
        var start = scan.at
        while start > scan.floor, isLocal(scan, start - 1) {
            // Two dots belong to the sentence before.
            if scan.text[start - 1] == UInt8(ascii: "."), scan.byte(start) == UInt8(ascii: ".") || start == scan.at {
                break
            }
            start -= 1
        }
        while start < scan.at, !isEdge(scan, start) { start += 1 }
        return start < scan.at ? start..<end : nil
    }

    /// Where the domain ends that follows the sign.
    private static func end(_ scan: TextScan) -> Int? {
        var at = scan.at + 1
        var labelStart = at
        var hasLetters = true
        var labels = 0
        var end: Int?
        while true {
            let byte = scan.byte(at)
            if byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") {
                if !isPunycode(scan, labelStart) { hasLetters = false }
                at += 1
            } else if byte.isLetter || isWideLetter(scan, at) {
                at += 1
            } else {
                let isLabel = at > labelStart && scan.byte(labelStart) != UInt8(ascii: "-")
                guard isLabel else { return end }
                labels += 1
                // The last label of a domain has letters only.
                if labels > 1, hasLetters, at - labelStart > 1 { end = at }
                guard byte == UInt8(ascii: ".") else { return end }
                at += 1
                labelStart = at
                hasLetters = true
            }
        }
    }

    private static func isPunycode(_ scan: TextScan, _ start: Int) -> Bool {
        scan.byte(start) | 0x20 == UInt8(ascii: "x") && scan.byte(start + 1) | 0x20 == UInt8(ascii: "n")
            && scan.byte(start + 2) == UInt8(ascii: "-") && scan.byte(start + 3) == UInt8(ascii: "-")
    }

    private static func isLocal(_ scan: TextScan, _ at: Int) -> Bool {
        switch scan.byte(at) {
        case UInt8(ascii: "."), UInt8(ascii: "%"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "'"),
            UInt8(ascii: "&"), UInt8(ascii: "~"):
            true
        default: isEdge(scan, at)
        }
    }

    /// Whether an address may begin with it; a quotation mark before it does not belong to it.
    private static func isEdge(_ scan: TextScan, _ at: Int) -> Bool {
        scan.byte(at).isWord || isWideLetter(scan, at)
    }

    /// Whether a byte is of a letter of two bytes in UTF-8: scripts that put spaces between words.
    private static func isWideLetter(_ scan: TextScan, _ at: Int) -> Bool {
        let lead = scan.byte(at) & 0xC0 == 0x80 ? scan.byte(at - 1) : scan.byte(at)
        return lead >= 0xC3 && lead <= 0xDF
    }
}
