// Many texts in little memory: each distinct one once, in one run of bytes.

/// Texts by number.
struct TextPool {
    private var bytes: [UInt8] = []
    /// Where each text begins; one more than there are texts.
    private var starts: [Int] = [0]
    /// Numbers by hash, each plus one; 0 where there is none.
    ///
    /// At least twice as many as texts.
    private var slots: [UInt32] = Array(repeating: 0, count: 1024)

    /// How many texts there are.
    var count: Int { starts.count - 1 }

    /// A text by its number.
    subscript(number: UInt32) -> String {
        String(decoding: bytes[range(number)], as: UTF8.self)
    }

    /// The number of a text, which is added if it is new.
    mutating func number(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { utf8 in
            let slot = slot(of: utf8)
            if slots[slot] > 0 { return slots[slot] - 1 }
            bytes.append(contentsOf: utf8)
            starts.append(bytes.count)
            slots[slot] = UInt32(count)
            if count * 2 > slots.count { grow() }
            return UInt32(count - 1)
        }
    }

    /// Whether a text's bytes come before another's.
    func isOrdered(_ left: UInt32, before right: UInt32) -> Bool {
        left != right && bytes[range(left)].lexicographicallyPrecedes(bytes[range(right)])
    }

    private func range(_ number: UInt32) -> Range<Int> { starts[Int(number)]..<starts[Int(number) + 1] }

    private func slot(of text: UnsafeBufferPointer<UInt8>) -> Int {
        var slot = Self.hash(UnsafeRawBufferPointer(text)) & (slots.count - 1)
        while slots[slot] > 0, !bytes[range(slots[slot] - 1)].elementsEqual(text) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        bytes.withUnsafeBytes { bytes in
            for number in 0..<count {
                var slot = Self.hash(UnsafeRawBufferPointer(rebasing: bytes[range(UInt32(number))])) & (slots.count - 1)
                while slots[slot] > 0 { slot = (slot + 1) & (slots.count - 1) }
                slots[slot] = UInt32(number + 1)
            }
        }
    }

    private static func hash(_ text: UnsafeRawBufferPointer) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes: text)
        return hasher.finalize()
    }
}
