// The tokens of JSON5 except strings and numbers: white space, comments, words, unquoted keys.

/// Reads tokens from a text and writes their strict form.
struct JSON5Scanner {
    // Safety: the caller's bytes; they outlive the scanner, which never leaves `JSON5Normalizer.normalize`.
    let text: UnsafeRawBufferPointer
    var position = 0
    var output: [UInt8] = []
    var features = JSON5Features()

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    func peek(_ distance: Int = 0) -> UInt8? {
        position + distance < text.count ? text[position + distance] : nil
    }

    mutating func advance(_ distance: Int = 1) {
        position += distance
    }

    func fault(_ message: String, at offset: Int? = nil) -> JSON5Error {
        JSON5Error(offset: offset ?? position, message: message)
    }

    mutating func write(_ ascii: StaticString) {
        ascii.withUTF8Buffer { output.append(contentsOf: $0) }
    }

    mutating func write(from start: Int) {
        output.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[start..<position]))
    }

    /// Decodes the character at the position without passing it.
    ///
    /// - Returns: The character and its length in bytes; `nil` at the end.
    /// - Throws: When the bytes are not UTF-8, which also excludes the three-byte form of a lone surrogate.
    func scalar() throws(JSON5Error) -> (scalar: Unicode.Scalar, length: Int)? {
        guard let first = peek() else { return nil }
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        let minimum: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        var value = UInt32(first) & (0x7F >> UInt32(length))
        var isValid = (0xC2...0xF4).contains(first)
        for distance in 1..<length {
            let next = peek(distance) ?? 0
            isValid = isValid && next & 0xC0 == 0x80
            value = value << 6 | UInt32(next & 0x3F)
        }
        guard isValid, value >= minimum, let scalar = Unicode.Scalar(value) else {
            throw fault("these bytes are not valid UTF-8")
        }
        return (scalar, length)
    }

    // MARK: White space and comments

    mutating func skipSpace() throws(JSON5Error) {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D:
                advance()
            case UInt8(ascii: "/"):
                try skipComment()
            case 0x0B, 0x0C:
                features.unusualSpaces += 1
                advance()
            case 0x80...:
                guard let (scalar, length) = try scalar(), Self.isSpace(scalar) else { return }
                features.unusualSpaces += 1
                advance(length)
            default:
                return
            }
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\u{FEFF}" || scalar == "\u{2028}" || scalar == "\u{2029}" { return true }
        return scalar.properties.generalCategory == .spaceSeparator
    }

    private mutating func skipComment() throws(JSON5Error) {
        let start = position
        switch peek(1) {
        case UInt8(ascii: "/"):
            while let byte = peek(), byte != 0x0A, byte != 0x0D, !isAtLineSeparator() { advance() }
        case UInt8(ascii: "*"):
            advance(2)
            while peek() != UInt8(ascii: "*") || peek(1) != UInt8(ascii: "/") {
                guard peek() != nil else { throw fault("this comment is never closed", at: start) }
                advance()
            }
            advance(2)
        default:
            throw fault("a comment starts with // or /*")
        }
        features.comments += 1
    }

    /// Whether U+2028 or U+2029, which end a line in JavaScript, is at the position.
    func isAtLineSeparator() -> Bool {
        guard peek() == 0xE2, peek(1) == 0x80, let last = peek(2) else { return false }
        return last == 0xA8 || last == 0xA9
    }

    // MARK: Words and keys

    mutating func normalizeWord() throws(JSON5Error) {
        let start = position
        while let (scalar, length) = try scalar(), Self.continuesName(scalar) { advance(length) }
        let word = text[start..<position]
        if word.elementsEqual("true".utf8) || word.elementsEqual("false".utf8) || word.elementsEqual("null".utf8) {
            output.append(contentsOf: word)
            return
        }
        throw Self.fault(forWord: word, at: start)
    }

    /// Names the values that JavaScript has and JSON has not.
    static func fault(forWord word: Slice<UnsafeRawBufferPointer>, at offset: Int) -> JSON5Error {
        for name in ["Infinity", "NaN", "undefined"] where word.elementsEqual(name.utf8) {
            return JSON5Error(offset: offset, message: "\(name) has no form in JSON; use null or a number")
        }
        let message = word.isEmpty ? "expected a value" : "this word is no JSON value; put text in quotes"
        return JSON5Error(offset: offset, message: message)
    }

    mutating func normalizeUnquotedKey() throws(JSON5Error) {
        let start = position
        output.append(UInt8(ascii: "\""))
        while let (scalar, length) = try scalar() {
            let isFirst = position == start
            if scalar == "\\" {
                let offset = position
                guard peek(1) == UInt8(ascii: "u"), let unit = hexadecimal(at: position + 2, digits: 4) else {
                    throw fault("outside quotes a key may only have escapes of the form \\uXXXX")
                }
                guard let escaped = Unicode.Scalar(unit), Self.isNameCharacter(escaped, isFirst: isFirst) else {
                    throw fault("this escaped character needs a key in quotes", at: offset)
                }
                output.append(contentsOf: UTF8.encode(escaped) ?? UTF8.encodedReplacementCharacter)
                advance(6)
            } else if Self.isNameCharacter(scalar, isFirst: isFirst) {
                output.append(contentsOf: text[position..<position + length])
                advance(length)
            } else {
                break
            }
        }
        guard position > start else { throw fault("expected a key; put it in quotes unless it is a plain name") }
        output.append(UInt8(ascii: "\""))
        features.unquotedKeys += 1
    }

    static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        isNameCharacter(scalar, isFirst: false)
    }

    private static func isNameCharacter(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "$", "_": return true
        case "0"..."9": return !isFirst
        // The Unicode tables take long to ask, and most keys are ASCII.
        case "\0"..."\u{7F}": return false
        default: break
        }
        if scalar.properties.isIDStart { return true }
        // Joiners are part of words in some scripts.
        return !isFirst && (scalar.properties.isIDContinue || scalar == "\u{200C}" || scalar == "\u{200D}")
    }

    /// Reads a fixed number of hexadecimal digits.
    ///
    /// - Parameters:
    ///   - start: Where the first digit is.
    ///   - digits: How many there must be, at most eight.
    /// - Returns: The number, or `nil` if a digit is missing.
    func hexadecimal(at start: Int, digits: Int) -> UInt32? {
        guard start + digits <= text.count else { return nil }
        var value: UInt32 = 0
        for offset in start..<start + digits {
            guard let digit = Self.hexadecimalDigit(text[offset]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
