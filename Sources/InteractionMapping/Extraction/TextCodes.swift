// Texts that are wrapped in another code: percent, base64, MIME, mojibake.

/// Pure decoders of text codes; bytes that do not fit a code stay as they are.
enum TextCodes {
    /// `%41` becomes `A`; what is no escape stays.
    static func percentDecoded(_ text: [UInt8]) -> [UInt8] {
        let result = percentBytes(text)
        return valid(result) ? result : text
    }

    /// The bytes that `%41` and its like stand for, in whatever encoding.
    static func percentBytes(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            if text[at] == UInt8(ascii: "%"), at + 2 < text.count, let high = hex(text[at + 1]),
                let low = hex(text[at + 2])
            {
                result.append(high << 4 | low)
                at += 3
            } else {
                result.append(text[at])
                at += 1
            }
        }
        return result
    }

    /// What a base64 text says, in either alphabet, with or without padding; nil if it is none, or no UTF-8.
    static func base64Decoded(_ text: [UInt8]) -> [UInt8]? {
        base64Bytes(text).flatMap { valid($0) ? $0 : nil }
    }

    /// The bytes of a base64 text, in whatever encoding.
    static func base64Bytes(_ text: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in text {
            let value: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = UInt32(byte - UInt8(ascii: "A"))
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = UInt32(byte - UInt8(ascii: "a") + 26)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = UInt32(byte - UInt8(ascii: "0") + 52)
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="), 0x0A, 0x0D, 0x20, 0x09: continue
            default: return nil
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return result
    }

    /// UTF-8 that was read as Latin-1 and written again, such as `Ã©` for `é`, put right.
    static func mojibakeRepaired(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            // A character beyond Latin-1 says that the text is no such thing.
            guard let byte = UInt8(exactly: scalar.value) else { return text }
            bytes.append(byte)
        }
        return valid(bytes) ? bytes : text
    }

    /// The three entities that Slack writes.
    static func slackEntitiesDecoded(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "&")) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.first {
            let known: (name: String, character: Unicode.Scalar)? = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
                .first { rest.starts(with: $0.name.utf8) }
            if let known {
                result.append(UInt8(ascii: known.character))
                rest = rest.dropFirst(known.name.utf8.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func valid(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
