// The encoding of text whose encoding nobody has said and that is not UTF-8.

/// Windows-1252 as the web reads it.
enum Windows1252 {
    /// What the bytes 0x80 to 0x9F mean; those that the code page leaves undefined are C1 controls.
    private static let upper: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
    ]

    /// Reads text.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: The text in UTF-8.
    static func utf8(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            let scalar = 0x80..<0xA0 ~= byte ? upper[Int(byte - 0x80)] : UInt16(byte)
            switch scalar {
            case ..<0x80: text.append(UInt8(truncatingIfNeeded: scalar))
            case ..<0x800:
                text.append(UInt8(truncatingIfNeeded: 0xC0 | scalar &>> 6))
                text.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
            default:
                text.append(UInt8(truncatingIfNeeded: 0xE0 | scalar &>> 12))
                text.append(UInt8(truncatingIfNeeded: 0x80 | scalar &>> 6 & 0x3F))
                text.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
            }
        }
        return text
    }
}
