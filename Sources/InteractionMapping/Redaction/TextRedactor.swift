// Masks addresses and numbers in one pass over the bytes of a text.

internal import InteractionModel

/// Finds what is to be masked, and writes texts without it.
struct TextRedactor {
    private let redaction: Redaction
    /// Bytes at which something may begin, or be recognised.
    private let isTrigger: [Bool]
    private var number = DigitGroups()

    init(_ redaction: Redaction) {
        self.redaction = redaction
        var table = [Bool](repeating: false, count: 256)
        table[Int(UInt8(ascii: "\\"))] = true
        if redaction.kinds.contains(.emails) { table[Int(UInt8(ascii: "@"))] = true }
        if !redaction.kinds.isDisjoint(with: [.phones, .cards, .ibans]) {
            for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { table[Int(byte)] = true }
        }
        if redaction.kinds.contains(.phones) {
            table[Int(UInt8(ascii: "+"))] = true
            table[Int(UInt8(ascii: "("))] = true
        }
        isTrigger = table
    }

    /// Writes a text with everything masked that is to be.
    ///
    /// - Parameters:
    ///   - text: What stands between the quotes of a JSON string.
    ///   - out: Where to.
    ///   - found: Called for each thing that was masked.
    mutating func write(_ text: UnsafeRawBufferPointer, to out: inout OutputBuffer, _ found: (Redaction.Kind) -> Void) {
        guard let base = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        var scan = TextScan(text: text)
        var copied = 0
        while scan.at < text.count {
            guard isTrigger[Int(text[scan.at])] else {
                scan.at += 1
                continue
            }
            if text[scan.at] == UInt8(ascii: "\\") {
                scan.skipEscape()
            } else if let (kind, range) = match(scan) {
                out.append(base + copied, range.lowerBound - copied)
                mask(kind, text, range, &out)
                found(kind)
                scan.at = range.upperBound
                scan.floor = range.upperBound
                copied = range.upperBound
            } else {
                scan.at += 1
            }
        }
        out.append(base + copied, text.count - copied)
    }

    private mutating func match(_ scan: TextScan) -> (Redaction.Kind, Range<Int>)? {
        if scan.text[scan.at] == UInt8(ascii: "@") { return EmailAddress.range(scan).map { (.emails, $0) } }
        if redaction.kinds.contains(.ibans), let range = AccountNumber.range(scan) { return (.ibans, range) }
        guard scan.mayBegin(at: scan.at) else { return nil }
        number.read(scan)
        if redaction.kinds.contains(.cards), let end = number.cardEnd(scan) { return (.cards, scan.at..<end) }
        if redaction.kinds.contains(.phones), let end = number.phoneEnd(scan) { return (.phones, scan.at..<end) }
        return nil
    }

    private func mask(
        _ kind: Redaction.Kind,
        _ text: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        _ out: inout OutputBuffer
    ) {
        guard redaction.keepsLength else {
            out.append(kind.mask)
            return
        }
        // A character of several bytes is one character.
        for byte in text[range] where byte & 0xC0 != 0x80 { out.append(UInt8(ascii: "*")) }
    }
}

/// A place in a text, and how far back one may look from there.
struct TextScan {
    let text: UnsafeRawBufferPointer
    var at = 0
    /// The first byte that belongs to nothing yet: after an escape, or after what was masked.
    var floor = 0

    init(text: UnsafeRawBufferPointer) { self.text = text }

    /// Passes over an escape, which divides words as white space does.
    mutating func skipEscape() {
        at += at + 1 < text.count && text[at + 1] == UInt8(ascii: "u") ? 6 : 2
        floor = at
    }

    /// The byte at an offset; 0 beyond the text.
    func byte(_ at: Int) -> UInt8 { at >= floor && at < text.count ? text[at] : 0 }

    /// Whether a number may begin at an offset: not inside a word, a longer number, or a name such as `ORD-1`.
    func mayBegin(at start: Int) -> Bool {
        let before = byte(start - 1)
        if before.isWord { return false }
        switch before {
        case UInt8(ascii: "#"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: "@"): return false
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"): return !byte(start - 2).isDigit
        default: return true
        }
    }

    /// Whether a number may end before an offset.
    func mayEnd(at end: Int) -> Bool {
        let after = byte(end)
        if after.isWord { return false }
        switch after {
        case UInt8(ascii: "%"), UInt8(ascii: "@"): return false
        case UInt8(ascii: "-"), UInt8(ascii: "/"): return !byte(end + 1).isWord
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ":"): return !byte(end + 1).isDigit
        default: return true
        }
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
    /// Whether it is part of an ASCII word; scripts without spaces put numbers beside letters.
    var isWord: Bool { isDigit || isLetter || self == UInt8(ascii: "_") }
}
