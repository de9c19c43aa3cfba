// Paths into an Interaction, in the three ways in which they are written.

internal import InteractionModel

/// The place at which a comparison is: for people, without positions, and as a JSON Pointer (RFC 6901).
struct PathText {
    private(set) var path = ""
    private(set) var pattern = ""
    /// As it stands inside a JSON string.
    private(set) var pointer: [UInt8] = []

    /// The place of a member.
    ///
    /// - Parameters:
    ///   - key: Its name.
    ///   - isPayload: Whether it is an envelope's payload, at which paths for people start.
    /// - Returns: The place.
    func member(_ key: TextSlice, isPayload: Bool = false) -> PathText {
        var inner = self
        inner.pointer.append(UInt8(ascii: "/"))
        var name = OutputBuffer(capacity: key.count + 16)
        name.append(content: key)
        for byte in name.bytes {
            switch byte {
            case UInt8(ascii: "~"): inner.pointer += [UInt8(ascii: "~"), UInt8(ascii: "0")]
            case UInt8(ascii: "/"): inner.pointer += [UInt8(ascii: "~"), UInt8(ascii: "1")]
            default: inner.pointer.append(byte)
            }
        }
        if isPayload { return inner }
        inner.path = Self.pattern(path, key)
        inner.pattern = Self.pattern(pattern, key)
        return inner
    }

    /// The place of an element.
    func element(_ position: Int) -> PathText {
        var inner = self
        inner.pointer += "/\(position)".utf8
        inner.path += "[\(position)]"
        inner.pattern += "[]"
        return inner
    }

    /// A path with a member's name added; names with unusual characters are in quotes.
    static func pattern(_ path: String, _ key: TextSlice) -> String {
        let isUsual =
            !key.isEmpty
            && key.bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard !isUsual else { return path.isEmpty ? key.string : path + "." + key.string }
        var quoted = OutputBuffer(capacity: key.count + 16)
        quoted.append(string: key)
        return path + "[" + String(decoding: quoted.bytes, as: UTF8.self) + "]"
    }
}
