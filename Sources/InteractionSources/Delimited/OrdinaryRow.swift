// The fast way through rows that are as RFC 4180 wants them, sixteen bytes at a time.

internal import InteractionModel

/// A row of exactly as many cells as there are columns, without anything to report.
struct OrdinaryRow {
    /// The byte after the row's line break.
    var next: UnsafePointer<UInt8>
    /// The byte after the row's text.
    var textEnd: UnsafeMutablePointer<UInt8>
    /// Line breaks inside cells.
    var innerBreaks: Int

    /// What the rows of a table have in common.
    struct Shape {
        let delimiter: UInt8
        let columns: Int
    }

    /// Reads a row, and writes its cells as the canonical writer spells them while it looks at them.
    ///
    /// - Parameters:
    ///   - row: The row's first byte.
    ///   - end: The byte after the last one that is there; it and 15 more are readable, and zero.
    ///   - shape: What an ordinary row looks like.
    ///   - target: Receives the values; holds rubbish if the answer is nil. There must be room for twice the row's bytes
    ///     and 16 more.
    /// - Returns: The row, or nil if it is not ordinary or not complete.
    /// - Complexity: One step for sixteen bytes, and for each byte that ends or escapes something.
    @inline(__always)
    static func read(
        _ row: UnsafePointer<UInt8>,
        _ end: UnsafePointer<UInt8>,
        _ shape: Shape,
        into target: RowMemory
    ) -> OrdinaryRow? {
        let delimiter = shape.delimiter
        var at = row
        var text = target.text
        var innerBreaks = 0
        var column = 0
        while true {
            let start = text
            let isQuoted = at.pointee == 0x22
            if isQuoted { at += 1 }
            let closing = isQuoted ? 0x22 : delimiter
            var flags: JSONNode.Flags = []
            while true {
                // Safety: `at` never passes `end`, where a zero stops it; each byte that is read writes at most two.
                let next = ByteVector(at)
                UnsafeMutableRawPointer(text).storeBytes(of: next.bytes, as: SIMD16<UInt8>.self)
                let stops = next.stringStops | next.isEqual(to: closing)
                if stops.isNone {
                    at += 16
                    text += 16
                    continue
                }
                let plain = stops.first
                at += plain
                text += plain
                let byte = at.pointee
                let escape: UInt8
                if isQuoted {
                    if byte == 0x22 {
                        at += 1
                        guard at.pointee == 0x22 else { break }
                    }
                } else if byte == delimiter || DelimitedRow.isBreak(byte) {
                    break
                } else if byte == 0x22 {
                    return nil
                }
                switch byte {
                case 0x22, 0x5C: escape = byte
                case 0x09: escape = UInt8(ascii: "t")
                case 0x0A:
                    escape = UInt8(ascii: "n")
                    innerBreaks &+= 1
                case 0x0D:
                    escape = UInt8(ascii: "r")
                    if at[1] != 0x0A { innerBreaks &+= 1 }
                default: return nil
                }
                text[0] = 0x5C
                text[1] = escape
                text += 2
                at += 1
                flags = .escaped
            }
            column &+= 1
            let value = target.nodes + 2 &* column
            value.pointee.start = UInt32(truncatingIfNeeded: start - target.origin)
            value.pointee.end = UInt32(truncatingIfNeeded: text - target.origin)
            value.pointee.kind = .string
            value.pointee.flags = flags
            if at.pointee == delimiter, column < shape.columns {
                at += 1
                continue
            }
            guard column == shape.columns else { return nil }
            if at.pointee == 0x0A {
                at += 1
            } else {
                // Whether a line feed follows the carriage return, only the next byte tells.
                guard at.pointee == 0x0D, at + 1 < end else { return nil }
                at += at[1] == 0x0A ? 2 : 1
            }
            return OrdinaryRow(next: at, textEnd: text, innerBreaks: innerBreaks)
        }
    }
}
