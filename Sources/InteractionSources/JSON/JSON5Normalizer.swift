// Turns one JSON5-like value, as documentation pages and configuration files hold it, into strict JSON.

/// Why a text is no JSON5 value.
package struct JSON5Error: Error, Sendable, Hashable {
    /// Where in the text the fault is, in bytes from its start.
    package let offset: Int
    /// What is wrong there and what would be right, without any content of the text.
    package let message: String
}

/// How often a text used what strict JSON does not have.
package struct JSON5Features: Sendable, Hashable {
    /// Comments of both kinds.
    package var comments = 0
    /// Keys without quotes.
    package var unquotedKeys = 0
    /// Strings and keys in single quotes.
    package var singleQuotedStrings = 0
    /// Commas before a closing bracket or brace.
    package var trailingCommas = 0
    /// Numbers that strict JSON writes differently.
    package var changedNumbers = 0
    /// Strings in double quotes with escapes or control characters that strict JSON does not have.
    package var changedStrings = 0
    /// White space characters that strict JSON does not have.
    package var unusualSpaces = 0

    /// Whether the text was strict JSON.
    package var isStrict: Bool { self == JSON5Features() }
}

extension JSON5Features: CustomStringConvertible {
    /// What was used, in words, such as `3 comments, 12 unquoted keys`.
    package var description: String {
        let counts = [
            (comments, "comments"), (unquotedKeys, "unquoted keys"), (singleQuotedStrings, "single-quoted strings"),
            (trailingCommas, "trailing commas"), (changedNumbers, "numbers"), (changedStrings, "strings"),
            (unusualSpaces, "unusual spaces"),
        ]
        return counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }
}

/// Rewrites JSON5 as strict JSON, so that one JSON reader serves both.
///
/// What is strict already keeps its bytes, except for white space between tokens, which is left out.
package enum JSON5Normalizer {
    /// How many arrays and objects may stand inside each other.
    package static let depthLimit = 512

    /// Rewrites one value, with white space and comments around it.
    ///
    /// - Complexity: O(*n*) in the bytes of the text; uses no recursion.
    /// - Parameters:
    ///   - text: The bytes of the value, UTF-8.
    ///   - output: What the strict JSON is appended to; unchanged if an error is thrown.
    /// - Returns: What had to be rewritten.
    /// - Throws: Where and why the text is not one JSON5 value.
    package static func normalize(
        _ text: UnsafeRawBufferPointer,
        into output: inout [UInt8]
    ) throws(JSON5Error) -> JSON5Features {
        let start = output.count
        var structure = JSON5Structure(text)
        // The scanner borrows the array, so that a large one is not copied.
        swap(&output, &structure.scanner.output)
        defer { swap(&output, &structure.scanner.output) }
        do {
            try structure.normalizeDocument()
        } catch {
            structure.scanner.output.removeLast(structure.scanner.output.count - start)
            throw error
        }
        return structure.scanner.features
    }
}

/// The grammar of arrays and objects, with their nesting kept in an array instead of on the stack.
private struct JSON5Structure {
    private enum Expectation {
        case value
        case firstElement
        case laterElement
        case firstKey
        case laterKey
        case separator
    }

    var scanner: JSON5Scanner
    /// The closing bytes that are awaited, innermost last.
    private var closers: [UInt8] = []

    init(_ text: UnsafeRawBufferPointer) {
        scanner = JSON5Scanner(text)
    }

    mutating func normalizeDocument() throws(JSON5Error) {
        var expectation = Expectation.value
        repeat {
            try scanner.skipSpace()
            guard let byte = scanner.peek() else {
                throw scanner.fault(closers.isEmpty ? "there is no value" : "the text ends inside an array or object")
            }
            expectation = try accept(byte, expectation)
        } while !(closers.isEmpty && expectation == .separator)
        try scanner.skipSpace()
        if scanner.peek() != nil { throw scanner.fault("something follows the value") }
    }

    private mutating func accept(_ byte: UInt8, _ expectation: Expectation) throws(JSON5Error) -> Expectation {
        switch expectation {
        case .value:
            return try acceptValue(byte)
        case .firstElement, .firstKey:
            if byte == closers.last { return close(byte) }
            return try expectation == .firstKey ? acceptKey(byte) : acceptValue(byte)
        case .laterElement, .laterKey:
            if byte == closers.last {
                scanner.features.trailingCommas += 1
                return close(byte)
            }
            scanner.output.append(UInt8(ascii: ","))
            return try expectation == .laterKey ? acceptKey(byte) : acceptValue(byte)
        case .separator:
            if byte == closers.last { return close(byte) }
            let isObject = closers.last == UInt8(ascii: "}")
            guard byte == UInt8(ascii: ",") else {
                throw scanner.fault("expected a comma or the closing \(isObject ? "brace" : "bracket")")
            }
            scanner.advance()
            return isObject ? .laterKey : .laterElement
        }
    }

    private mutating func acceptValue(_ byte: UInt8) throws(JSON5Error) -> Expectation {
        switch byte {
        case UInt8(ascii: "{"): return try open(byte, closer: UInt8(ascii: "}"), then: .firstKey)
        case UInt8(ascii: "["): return try open(byte, closer: UInt8(ascii: "]"), then: .firstElement)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try scanner.normalizeString(quote: byte)
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            try scanner.normalizeNumber()
        default: try scanner.normalizeWord()
        }
        return .separator
    }

    private mutating func acceptKey(_ byte: UInt8) throws(JSON5Error) -> Expectation {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            try scanner.normalizeString(quote: byte)
        } else {
            try scanner.normalizeUnquotedKey()
        }
        try scanner.skipSpace()
        guard scanner.peek() == UInt8(ascii: ":") else { throw scanner.fault("expected a colon after the key") }
        scanner.advance()
        scanner.output.append(UInt8(ascii: ":"))
        return .value
    }

    private mutating func open(
        _ byte: UInt8,
        closer: UInt8,
        then expectation: Expectation
    ) throws(JSON5Error) -> Expectation {
        guard closers.count < JSON5Normalizer.depthLimit else {
            throw scanner.fault("more than \(JSON5Normalizer.depthLimit) arrays and objects inside each other")
        }
        closers.append(closer)
        scanner.output.append(byte)
        scanner.advance()
        return expectation
    }

    private mutating func close(_ byte: UInt8) -> Expectation {
        closers.removeLast()
        scanner.output.append(byte)
        scanner.advance()
        return .separator
    }
}
