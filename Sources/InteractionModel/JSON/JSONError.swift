// Why a text is not JSON, and where.

/// The first fault in a text that should have been JSON.
public struct JSONError: Error, Hashable, Sendable {
    /// What was expected or found.
    public enum Fault: String, Hashable, Sendable {
        case endOfText = "the text ends inside a value"
        case openString = "a string is never closed"
        case afterValue = "something follows the value"
        case value = "expected a value"
        case key = "expected a key in double quotes"
        case colon = "expected ':' after a key"
        case commaOrBrace = "expected ',' or '}'"
        case commaOrBracket = "expected ',' or ']'"
        case digit = "expected a digit"
        case escape = "an escape that JSON does not have"
        case controlCharacter = "a control character in a string must be escaped"
        case invalidUTF8 = "not valid UTF-8"
        case tooDeep = "nested too deeply"
        case tooLong = "longer than 4 GiB"
    }

    /// What is wrong.
    public let fault: Fault
    /// The byte at which it shows, counted from the start of the text.
    public let offset: Int

    init(_ fault: Fault, offset: Int) {
        self.fault = fault
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    /// The fault in words, with its byte offset.
    public var description: String { "\(fault.rawValue) (byte \(offset))" }
}
