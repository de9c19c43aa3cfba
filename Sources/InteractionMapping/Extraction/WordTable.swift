// A map of words, as it is looked up for every record.

internal import InteractionModel

/// Words and what they stand for, found without letter case and without a `String`.
struct WordTable {
    private var slots: [Int16]
    private var keys: [Range<Int>] = []
    /// The words of ``keys``, in small letters.
    private var letters: [UInt8] = []
    private var values: [TextSlice] = []
    private let otherwise: TextStep.MapDefault
    private let defaultValue: TextSlice?

    /// Makes a table; nil if a word is not ASCII, whose letter case only `String` knows.
    init?(_ words: [String: String], _ otherwise: TextStep.MapDefault, _ memory: inout TextArena) {
        var capacity = 16
        while capacity < words.count * 2 { capacity *= 2 }
        slots = Array(repeating: -1, count: capacity)
        self.otherwise = otherwise
        if case .value(let text) = otherwise { defaultValue = memory.keep(text) } else { defaultValue = nil }
        for (word, value) in words.sorted(by: { $0.key < $1.key }) {
            guard word.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
            let key = Array(word.lowercased().utf8)
            var slot = key.withUnsafeBufferPointer { Self.hash($0) } & (capacity - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Int16(keys.count)
            keys.append(letters.count..<letters.count + key.count)
            letters += key
            values.append(memory.keep(value))
        }
    }

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in bytes { hash = (hash ^ UInt64(lower(byte))) &* 1_099_511_628_211 }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
    }

    @inline(__always)
    private static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// What a text stands for.
    ///
    /// - Parameter text: ASCII without escapes.
    /// - Returns: The word's text, the default, the text itself, or nil for nothing.
    func value(of text: TextSlice) -> TextSlice? {
        let bytes = UnsafeBufferPointer(start: text.start, count: text.count)
        var slot = Self.hash(bytes) & (slots.count - 1)
        while slots[slot] >= 0 {
            let known = Int(slots[slot])
            if matches(known, bytes) { return values[known] }
            slot = (slot + 1) & (slots.count - 1)
        }
        switch otherwise {
        case .absent: return nil
        case .same: return text
        case .value: return defaultValue
        }
    }

    private func matches(_ known: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let key = keys[known]
        guard key.count == bytes.count else { return false }
        for index in 0..<bytes.count where letters[key.lowerBound + index] != Self.lower(bytes[index]) { return false }
        return true
    }
}
