// Strings and numbers of JSON5 in their strict form.

extension JSON5Scanner {
    // MARK: Strings

    /// Writes the string at the position; its strict parts keep their bytes.
    ///
    /// - Parameter quote: The quotation mark that opens and closes it.
    /// - Throws: When the string has no end or an escape that is none.
    mutating func normalizeString(quote: UInt8) throws(JSON5Error) {
        let start = position
        var isChanged = false
        output.append(UInt8(ascii: "\""))
        advance()
        while true {
            let runStart = position
            while let byte = peek(), Self.isPlain(byte) { advance() }
            write(from: runStart)
            guard let byte = peek() else { throw fault("this string is never closed", at: start) }
            switch byte {
            case quote:
                advance()
                output.append(UInt8(ascii: "\""))
                if quote == UInt8(ascii: "'") {
                    features.singleQuotedStrings += 1
                } else if isChanged {
                    features.changedStrings += 1
                }
                return
            case UInt8(ascii: "\""):
                write(#"\""#)
                advance()
            case UInt8(ascii: "'"):
                output.append(byte)
                advance()
            case UInt8(ascii: "\\"):
                if try normalizeEscape() { isChanged = true }
            case 0x0A, 0x0D:
                throw fault("this string is not closed in its line; is a quotation mark missing?", at: start)
            case ..<0x20:
                writeEscape(UInt32(byte))
                advance()
                isChanged = true
            default:
                try copyScalar()
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "'")
            && byte != UInt8(ascii: "\\")
    }

    private mutating func copyScalar() throws(JSON5Error) {
        guard let (_, length) = try scalar() else { return }
        let start = position
        advance(length)
        write(from: start)
    }

    /// Writes the escape at the position.
    ///
    /// - Returns: Whether strict JSON writes it differently.
    /// - Throws: When it is no escape of JSON5.
    private mutating func normalizeEscape() throws(JSON5Error) -> Bool {
        let start = position
        guard let byte = peek(1) else { throw fault("this string is never closed") }
        advance(2)
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            write(from: start)
            return false
        case UInt8(ascii: "u"):
            guard hexadecimal(at: position, digits: 4) != nil else {
                throw fault("\\u needs four hexadecimal digits", at: start)
            }
            advance(4)
            write(from: start)
            return false
        case UInt8(ascii: "x"):
            guard let value = hexadecimal(at: position, digits: 2) else {
                throw fault("\\x needs two hexadecimal digits", at: start)
            }
            advance(2)
            writeEscape(value)
        case UInt8(ascii: "v"):
            writeEscape(0x0B)
        case UInt8(ascii: "0"):
            if let next = peek(), Self.isDigit(next) { throw fault("octal escapes are not allowed", at: start) }
            writeEscape(0)
        case UInt8(ascii: "1")...UInt8(ascii: "9"):
            throw fault("a backslash before a digit is no escape", at: start)
        case 0x0D:
            if peek() == 0x0A { advance() }
        case 0x0A:
            break
        case ..<0x20:
            writeEscape(UInt32(byte))
        default:
            position -= 1
            if isAtLineSeparator() { advance(3) } else { try copyScalar() }
        }
        return true
    }

    private mutating func writeEscape(_ unit: UInt32) {
        write(#"\u"#)
        for shift: UInt32 in [12, 8, 4, 0] {
            let digit = UInt8(unit >> shift & 0xF)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    // MARK: Numbers

    /// Writes the number at the position; a strict one keeps its bytes.
    ///
    /// - Throws: When it is no number of JSON5, or a hexadecimal one that does not fit in 64 bits.
    mutating func normalizeNumber() throws(JSON5Error) {
        let start = position
        var isChanged = false
        if peek() == UInt8(ascii: "-") {
            output.append(UInt8(ascii: "-"))
            advance()
        } else if peek() == UInt8(ascii: "+") {
            isChanged = true
            advance()
        }
        if peek() == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            try normalizeHexadecimal(start)
            isChanged = true
        } else if try normalizeDecimal(start) {
            isChanged = true
        }
        if let (scalar, _) = try scalar(), scalar == "." || Self.continuesName(scalar) {
            throw fault("this number is followed by something that is no part of one", at: start)
        }
        if isChanged { features.changedNumbers += 1 }
    }

    private mutating func normalizeHexadecimal(_ start: Int) throws(JSON5Error) {
        advance(2)
        let digitsStart = position
        var value: UInt64 = 0
        while let byte = peek(), let digit = Self.hexadecimalDigit(byte) {
            guard value >> 60 == 0 else { throw fault("this hexadecimal number needs more than 64 bits", at: start) }
            value = value << 4 | UInt64(digit)
            advance()
        }
        guard position > digitsStart else { throw fault("0x needs hexadecimal digits", at: start) }
        output.append(contentsOf: String(value).utf8)
    }

    private mutating func normalizeDecimal(_ start: Int) throws(JSON5Error) -> Bool {
        var isChanged = false
        let wholeStart = position
        let wholeCount = skipDigits()
        if wholeCount > 1, text[wholeStart] == UInt8(ascii: "0") {
            throw fault("a number does not start with a zero before another digit", at: start)
        }
        if wholeCount > 0 {
            write(from: wholeStart)
        } else if let next = peek(1), peek() == UInt8(ascii: "."), Self.isDigit(next) {
            output.append(UInt8(ascii: "0"))
            isChanged = true
        } else {
            while let (scalar, length) = try scalar(), Self.continuesName(scalar) { advance(length) }
            let word = text[wholeStart..<position]
            guard !word.isEmpty else { throw fault("this number has no digits", at: start) }
            throw Self.fault(forWord: word, at: start)
        }
        if peek() == UInt8(ascii: ".") {
            let pointStart = position
            advance()
            if skipDigits() > 0 { write(from: pointStart) } else { isChanged = true }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            let exponentStart = position
            advance()
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { advance() }
            guard skipDigits() > 0 else { throw fault("the exponent of this number has no digits", at: start) }
            write(from: exponentStart)
        }
        return isChanged
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), Self.isDigit(byte) { advance() }
        return position - start
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
