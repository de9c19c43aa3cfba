// Finds where one JSON value ends and the next begins, across reads.

internal import Glibc
internal import InteractionModel

/// The state between two looks at a document: how deep, in what kind of string or comment.
///
/// It counts brackets outside strings and knows nothing else of the grammar; a text that lies about its brackets is
/// cut wrongly and then refused by the parser, with its place.
struct ValueBoundary {
    enum Step {
        /// A whole record; its start is 0 if its first bytes have been taken off the front.
        case record(start: Int, end: Int)
        /// More bytes are needed; everything before the record's start is done with, and everything before the
        /// position has been looked at.
        case needsMore(recordStart: Int, position: Int)
        /// The input is used up.
        case end
    }

    private enum Mode {
        case between
        case value
        case scalar
        case string(quote: UInt8)
        case lineComment
        case blockComment
    }

    private var mode: Mode = .between
    private var depth = 0
    private var start = 0
    /// The first byte that has not been looked at.
    private var position = 0
    private(set) var insideArray = false
    /// Whether a string or comment lies inside a record rather than between two.
    private var inRecord = false
    private var inScalar = false
    /// What a comment interrupts.
    private var commented: Mode = .between

    /// Moves remembered positions after bytes were taken off the front.
    mutating func shift(by cut: Int) {
        start = max(0, start - cut)
        position = max(0, position - cut)
    }

    /// Looks at bytes until a record ends.
    ///
    /// - Parameters:
    ///   - bytes: The block.
    ///   - limit: End of what has been read.
    ///   - isFinal: Whether nothing more will come.
    /// - Returns: What was found; the next call goes on from there.
    mutating func advance(_ bytes: UnsafeMutablePointer<UInt8>, to limit: Int, isFinal: Bool) -> Step {
        while position < limit {
            let byte = bytes[position]
            switch mode {
            case .between:
                switch byte {
                case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","):
                    position += 1
                case UInt8(ascii: "[") where !insideArray:
                    insideArray = true
                    position += 1
                case UInt8(ascii: "]") where insideArray:
                    insideArray = false
                    position += 1
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    begin(.value)
                case UInt8(ascii: "/"):
                    guard position + 1 < limit || isFinal else {
                        return .needsMore(recordStart: position, position: position)
                    }
                    if !beginComment(bytes, limit) { begin(.scalar) }
                default:
                    begin(.scalar)
                }
            case .value:
                if let end = skipPlain(bytes, limit) {
                    position = end
                    return finish()
                }
                guard position < limit else { break }
                let byte = bytes[position]
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    mode = .string(quote: bytes[position])
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 {
                        position += 1
                        return finish()
                    }
                case UInt8(ascii: "/"):
                    guard position + 1 < limit || isFinal else {
                        return .needsMore(recordStart: start, position: position)
                    }
                    if beginComment(bytes, limit) { continue }
                default:
                    break
                }
                position += 1
            case .string(let quote):
                guard skipString(bytes, limit, quote) else { return atLimit(limit, isFinal: isFinal) }
                mode = inScalar ? .scalar : .value
            case .scalar:
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "'"):
                    inScalar = true
                    mode = .string(quote: byte)
                case UInt8(ascii: ","), 0x0A:
                    return finish()
                case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    // A stray closing bracket is a record of its own, which the parser refuses.
                    if position > start { return finish() }
                case UInt8(ascii: "/"):
                    guard position + 1 < limit || isFinal else {
                        return .needsMore(recordStart: start, position: position)
                    }
                    if beginComment(bytes, limit) { continue }
                default:
                    break
                }
                position += 1
            case .lineComment:
                if byte == 0x0A || byte == 0x0D {
                    // The line's end also ends a scalar.
                    mode = commented
                } else {
                    position += 1
                }
            case .blockComment:
                if byte == UInt8(ascii: "*") {
                    guard position + 1 < limit || isFinal else {
                        return .needsMore(recordStart: inRecord ? start : position, position: position)
                    }
                    if position + 1 < limit, bytes[position + 1] == UInt8(ascii: "/") {
                        mode = commented
                        position += 1
                    }
                }
                position += 1
            }
        }
        return atLimit(limit, isFinal: isFinal)
    }

    /// Skips what strict JSON has inside a value, strings included, in one tight loop.
    ///
    /// - Returns: The end of the value, or nil at a byte that needs more thought, which is at ``position`` then.
    private mutating func skipPlain(_ bytes: UnsafeMutablePointer<UInt8>, _ limit: Int) -> Int? {
        var at = position
        var depth = depth
        defer {
            position = at
            self.depth = depth
        }
        while at < limit {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                guard let end = endOfPlainString(bytes, at + 1, limit) else { return nil }
                at = end
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                at += 1
                if depth == 0 { return at }
            case UInt8(ascii: "'"), UInt8(ascii: "/"):
                return nil
            default:
                at += 1
            }
        }
        return nil
    }

    /// The byte after a string's closing quote, or nil if that is not there yet.
    @inline(__always)
    private func endOfPlainString(_ bytes: UnsafeMutablePointer<UInt8>, _ start: Int, _ limit: Int) -> Int? {
        // Keys and ids are short and end within a few words; texts are long, and there the library's search is faster.
        var at = start
        while at < limit, at < start + 24 {
            let stops = ByteWord.stringStops(UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self))
            if stops == 0 {
                at += 8
                continue
            }
            at += stops.trailingZeroBitCount >> 3
            guard at < limit else { return nil }
            switch bytes[at] {
            case UInt8(ascii: "\""): return at + 1
            case UInt8(ascii: "\\"): at += 2
            default: at += 1
            }
        }
        // From here on an escape never begins before `at`.
        let searched = at
        while at < limit, let found = memchr(bytes + at, 0x22, limit - at) {
            let quote = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(bytes)
            var backslashes = quote
            while backslashes > searched, bytes[backslashes - 1] == UInt8(ascii: "\\") { backslashes -= 1 }
            if (quote - backslashes) & 1 == 0 { return quote + 1 }
            at = quote + 1
        }
        return nil
    }

    private mutating func begin(_ mode: Mode) {
        self.mode = mode
        start = position
        depth = 0
        inScalar = false
        inRecord = true
    }

    /// Enters a comment if one begins here.
    private mutating func beginComment(_ bytes: UnsafeMutablePointer<UInt8>, _ limit: Int) -> Bool {
        guard position + 1 < limit else { return false }
        let comment: Mode
        switch bytes[position + 1] {
        case UInt8(ascii: "/"): comment = .lineComment
        case UInt8(ascii: "*"): comment = .blockComment
        default: return false
        }
        commented = mode
        mode = comment
        position += 2
        return true
    }

    private mutating func finish() -> Step {
        mode = .between
        inRecord = false
        return .record(start: start, end: position)
    }

    private mutating func atLimit(_ limit: Int, isFinal: Bool) -> Step {
        guard isFinal else { return .needsMore(recordStart: inRecord ? start : position, position: position) }
        position = limit
        return inRecord ? finish() : .end
    }

    /// Skips to the byte after the closing quote.
    ///
    /// - Returns: Whether the string ends before the limit.
    private mutating func skipString(_ bytes: UnsafeMutablePointer<UInt8>, _ limit: Int, _ quote: UInt8) -> Bool {
        while position < limit {
            if quote == UInt8(ascii: "\"") {
                let stops = ByteWord.stringStops(UnsafeRawPointer(bytes + position).loadUnaligned(as: UInt64.self))
                position += stops == 0 ? 8 : stops.trailingZeroBitCount >> 3
                guard position < limit else { break }
            }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\") {
                // What a backslash at the very end escapes is not here yet.
                guard position + 1 < limit else { return false }
                position += 2
            } else {
                position += 1
                if byte == quote { return true }
            }
        }
        position = min(position, limit)
        return false
    }
}
