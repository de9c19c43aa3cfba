// The text form of UUIDs, which is what messages hold.

extension UUIDValue: LosslessStringConvertible {
    /// The canonical text: 36 characters, lower case.
    public var description: String {
        withText { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads the canonical text form, in either case.
    ///
    /// - Parameter description: 8-4-4-4-12 hexadecimal digits, without braces or prefix; of any version.
    public init?(_ description: String) {
        var description = description
        // Safety: the buffer is only read inside the closure.
        guard let value = description.withUTF8({ UUIDValue(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = value
    }

    /// Reads the canonical text form, in either case.
    ///
    /// - Parameter utf8: 8-4-4-4-12 hexadecimal digits, without braces or prefix; of any version.
    package init?(utf8: UnsafeRawBufferPointer) {
        guard utf8.count == Self.textLength else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in utf8.enumerated() {
            if Self.isHyphen(at: index) {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = Self.hexadecimalValue(byte) else { return nil }
                halves.high = halves.high << 4 | halves.low >> 60
                halves.low = halves.low << 4 | digit
            }
        }
        self.init(high: halves.high, low: halves.low)
    }

    /// Lends the canonical text as 36 bytes of lower-case ASCII, without making a string.
    ///
    /// - Parameter body: Receives the text; the buffer must not leave it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    package func withText<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withUnsafeTemporaryAllocation(byteCount: Self.textLength, alignment: 8) { text in
            // Safety: every one of the 36 bytes is written before the body reads them.
            if let start = text.baseAddress { write(to: start) }
            return try body(UnsafeRawBufferPointer(text))
        }
    }

    /// Writes the canonical text.
    ///
    /// - Parameter text: Room for ``textLength`` bytes.
    package func write(to text: UnsafeMutableRawPointer) {
        let hyphen = UInt8(ascii: "-")
        text.storeBytes(of: hyphen, toByteOffset: 8, as: UInt8.self)
        text.storeBytes(of: hyphen, toByteOffset: 13, as: UInt8.self)
        text.storeBytes(of: hyphen, toByteOffset: 18, as: UInt8.self)
        text.storeBytes(of: hyphen, toByteOffset: 23, as: UInt8.self)
        Self.store(ByteWord.hexDigits(UInt32(truncatingIfNeeded: high >> 32)), to: text, 0, 4)
        Self.store(ByteWord.hexDigits(UInt32(truncatingIfNeeded: high)), to: text, 9, 14)
        Self.store(ByteWord.hexDigits(UInt32(truncatingIfNeeded: low >> 32)), to: text, 19, 24)
        Self.store(ByteWord.hexDigits(UInt32(truncatingIfNeeded: low)), to: text, 28, 32)
    }

    /// Writes eight digits in two groups of four.
    private static func store(_ digits: UInt64, to text: UnsafeMutableRawPointer, _ first: Int, _ second: Int) {
        text.storeBytes(of: UInt32(truncatingIfNeeded: digits).littleEndian, toByteOffset: first, as: UInt32.self)
        let rest = digits >> 32
        text.storeBytes(of: UInt32(truncatingIfNeeded: rest).littleEndian, toByteOffset: second, as: UInt32.self)
    }

    /// Whether a text is a UUID of version 7 and of the usual variant, as the target's header ids must be.
    ///
    /// - Parameter text: UTF-8, in either case.
    /// - Returns: Whether the whole text is one.
    package static func isV7(_ text: UnsafeRawBufferPointer) -> Bool {
        guard let value = UUIDValue(utf8: text) else { return false }
        return value.high >> 12 & 0xF == 7 && value.low >> 62 == 0b10
    }

    /// How many bytes the canonical text has.
    package static let textLength = 36

    /// Whether a place in the text is between two groups.
    private static func isHyphen(at index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    /// The value of one hexadecimal digit, or nil.
    private static func hexadecimalValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
