// Finds the end of a value, key or comment without parsing it, across pieces.

internal import Glibc
internal import InteractionModel

extension JSONRecordDecoder {
    /// The state between two looks at one value: how deep, in what kind of string or comment.
    ///
    /// It counts brackets outside strings, whatever their kind, and knows the quotes and comments of JSON5.
    struct Extent {
        private enum Mode: Equatable {
            case container
            case string(quote: UInt8)
            case scalar
            case lineComment
            case blockComment
        }

        private var mode: Mode
        private var depth = 0

        /// Begins at a value's, key's or comment's first byte.
        init(_ byte: UInt8, comment kind: UInt8? = nil) {
            switch (byte, kind) {
            case (_, UInt8(ascii: "/")?): mode = .lineComment
            case (_, _?): mode = .blockComment
            case (UInt8(ascii: "{"), _), (UInt8(ascii: "["), _): mode = .container
            case (UInt8(ascii: "\""), _), (UInt8(ascii: "'"), _): mode = .string(quote: byte)
            default: mode = .scalar
            }
        }

        /// How many bytes the beginning takes that must not be looked at again.
        var headCount: Int {
            switch mode {
            case .string: 1
            case .lineComment, .blockComment: 2
            case .container, .scalar: 0
            }
        }

        /// Looks at bytes until the end comes.
        ///
        /// - Parameters:
        ///   - bytes: The first byte of the run; eight bytes after `limit` must be readable.
        ///   - position: The first byte that has not been looked at; moves on.
        ///   - limit: The end of what is there.
        ///   - isFinal: Whether the end of what is there ends a word or a line.
        /// - Returns: Whether the end was found; the position is behind it then.
        mutating func advance(
            _ bytes: UnsafePointer<UInt8>,
            _ position: inout Int,
            _ limit: Int,
            isFinal: Bool
        ) -> Bool {
            while position < limit {
                switch mode {
                case .container:
                    if skipContainer(bytes, &position, limit) { return true }
                    if mode == .container { return false }
                case .string(let quote):
                    guard Self.skipString(bytes, &position, limit, quote) else { return false }
                    if depth == 0 { return true }
                    mode = .container
                case .scalar:
                    while position < limit, !Self.endsScalar(bytes[position]) { position += 1 }
                    return position < limit || isFinal
                case .lineComment:
                    guard let feed = memchr(bytes + position, 0x0A, limit - position) else {
                        position = limit
                        return isFinal && depth == 0
                    }
                    position = UnsafeRawPointer(feed) - UnsafeRawPointer(bytes)
                    if depth == 0 { return true }
                    mode = .container
                case .blockComment:
                    guard Self.skipBlockComment(bytes, &position, limit) else { return false }
                    if depth == 0 { return true }
                    mode = .container
                }
            }
            return isFinal && depth == 0 && (mode == .scalar || mode == .lineComment)
        }

        /// Goes on inside arrays and objects, to the end or to a string or comment that is not complete.
        @inline(__always)
        private mutating func skipContainer(
            _ bytes: UnsafePointer<UInt8>,
            _ position: inout Int,
            _ limit: Int
        ) -> Bool {
            var at = position
            var depth = depth
            defer {
                position = at
                self.depth = depth
            }
            while at < limit {
                switch bytes[at] {
                case UInt8(ascii: "\""):
                    at += 1
                    guard Self.skipString(bytes, &at, limit, UInt8(ascii: "\"")) else {
                        mode = .string(quote: UInt8(ascii: "\""))
                        return false
                    }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth &+= 1
                    at &+= 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth &-= 1
                    at &+= 1
                    if depth == 0 { return true }
                case UInt8(ascii: "'"):
                    mode = .string(quote: UInt8(ascii: "'"))
                    at += 1
                    return false
                case UInt8(ascii: "/"):
                    // Whether it opens a comment says the next byte.
                    guard at + 1 < limit else { return false }
                    at += 1
                    guard bytes[at] == UInt8(ascii: "/") || bytes[at] == UInt8(ascii: "*") else { continue }
                    mode = bytes[at] == UInt8(ascii: "/") ? .lineComment : .blockComment
                    at += 1
                    return false
                default:
                    at &+= 1
                }
            }
            return false
        }

        /// Skips to the byte after the closing quote.
        ///
        /// - Returns: Whether the quote is there; if not, an escape whose second byte is not there is left over.
        @inline(__always)
        private static func skipString(
            _ bytes: UnsafePointer<UInt8>,
            _ position: inout Int,
            _ limit: Int,
            _ quote: UInt8
        ) -> Bool {
            var at = position
            defer { position = min(at, limit) }
            while at < limit {
                if quote == UInt8(ascii: "\"") {
                    let stops = ByteWord.stringStops(UnsafeRawPointer(bytes + at).loadUnaligned(as: UInt64.self))
                    guard stops != 0 else {
                        at &+= 8
                        continue
                    }
                    at &+= stops.trailingZeroBitCount &>> 3
                    guard at < limit else { return false }
                }
                let byte = bytes[at]
                if byte == UInt8(ascii: "\\") {
                    guard at + 1 < limit else { return false }
                    at &+= 2
                } else {
                    at &+= 1
                    if byte == quote { return true }
                }
            }
            return false
        }

        private static func skipBlockComment(
            _ bytes: UnsafePointer<UInt8>,
            _ position: inout Int,
            _ limit: Int
        ) -> Bool {
            while position < limit {
                guard bytes[position] == UInt8(ascii: "*") else {
                    position += 1
                    continue
                }
                guard position + 1 < limit else { return false }
                position += 1
                if bytes[position] == UInt8(ascii: "/") {
                    position += 1
                    return true
                }
            }
            return false
        }

        static func endsScalar(_ byte: UInt8) -> Bool {
            switch byte {
            case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "{"), UInt8(ascii: "}"),
                UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
