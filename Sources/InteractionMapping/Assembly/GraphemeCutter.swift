// Where a text may be cut without tearing what a person reads as one character.

internal import InteractionModel

/// Finds cuts in a canonical JSON text, between grapheme clusters.
struct GraphemeCutter {
    private let text: TextSlice

    init(_ text: TextSlice) { self.text = text }

    /// The last place to cut within some room.
    ///
    /// - Parameters:
    ///   - start: Where the piece begins, an offset into the spelled text.
    ///   - room: Bytes that the piece may have.
    /// - Returns: The offset of the cut, or nil if not even one character fits. A cluster that is larger than the
    ///   room is cut between its scalars.
    /// - Complexity: One step a byte of the room.
    func cut(from start: Int, within room: Int) -> Int? {
        // A cluster may reach beyond the room: look at a little more than fits.
        let limit = min(text.count, start + room)
        let horizon = min(text.count, limit + 4096)
        var scalars = String.UnicodeScalarView()
        var ends: [Int] = []
        var at = start
        while at < horizon {
            let (scalar, length) = scalar(at)
            scalars.append(scalar)
            at += length
            ends.append(at)
        }
        var best: Int?
        var lastScalar: Int?
        var index = 0
        for character in String(scalars) {
            index += character.unicodeScalars.count
            let end = ends[index - 1]
            guard end <= limit else { break }
            best = end
        }
        if best == nil { lastScalar = ends.last { $0 <= limit } }
        return best ?? lastScalar
    }

    /// The scalar spelled at an offset; lone surrogates count as the replacement character.
    private func scalar(_ at: Int) -> (Unicode.Scalar, Int) {
        let byte = text.start[at]
        if byte == UInt8(ascii: "\\"), text.form != .plain {
            let (value, length) = text.escape(at)
            return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
        }
        let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
        var value = length == 1 ? UInt32(byte) : UInt32(byte) & (0xFF >> (UInt32(length) + 1))
        for offset in 1..<max(1, length) { value = value << 6 | UInt32(text.start[at + offset] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}
