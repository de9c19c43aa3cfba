// Which messages have certainly not come up: so that new ones need not be looked for in the file.

/// A Bloom filter of 8 MiB over threads and requests.
///
/// All bits of a message are in one 64-byte block, which is one line of the cache. Of the third million messages one in
/// fifty thousand is taken for known, of the fifth one in a thousand; that costs a look, and nothing else.
package struct IdentityFilter {
    private static let blocks = 1 << 17
    private var words = [UInt64](repeating: 0, count: blocks * 8)
    /// Made of all blocks that were looked at, so that the look is not left out.
    private var touched: UInt64 = 0

    /// Makes a filter in which nothing has come up.
    package init() {}

    /// Adds messages.
    ///
    /// - Parameter hashes: Of each message, what ``hash(_:)`` makes of its thread and request.
    /// - Returns: Of each, whether it is certain that it was not there.
    package mutating func insert(_ hashes: [UInt64]) -> [Bool] {
        // Most blocks are in no cache. A loop of nothing else fetches them at the same time, not one by one.
        touched ^= words.withUnsafeBufferPointer { words in hashes.reduce(0) { $0 ^ words[Self.block($1)] } }
        return words.withUnsafeMutableBufferPointer { words in hashes.map { Self.insert($0, words) } }
    }

    /// Makes a number of a text; equal numbers of others cost a look.
    package static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = UInt64(truncatingIfNeeded: text.count) ^ factor
        var at = 0
        while at + 8 <= text.count {
            hash = mixed(hash ^ text.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        if text.count >= 8 {
            // Some bytes come twice, which is cheaper than one by one.
            rest = text.loadUnaligned(fromByteOffset: text.count - 8, as: UInt64.self)
        } else {
            for byte in text { rest = rest << 8 | UInt64(byte) }
        }
        return mixed(mixed(hash ^ rest))
    }

    /// The fractional part of the golden ratio, whose bits have no pattern.
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

    private static func mixed(_ number: UInt64) -> UInt64 {
        let product = number.multipliedFullWidth(by: factor)
        return product.high ^ product.low
    }

    private static func block(_ hash: UInt64) -> Int { Int(hash >> 47) * 8 }

    private static func insert(_ hash: UInt64, _ words: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        let block = block(hash)
        // The bits that choose the block say no more of the place in it.
        var places = (hash & 0x7FFF_FFFF_FFFF) &* factor
        var isNew = false
        for _ in 0..<8 {
            // The highest nine bits: a word and a bit in it.
            let (word, bit) = (block + Int(places >> 61), UInt64(1) << (places >> 55 & 63))
            places &*= factor
            if words[word] & bit == 0 { isNew = true }
            words[word] |= bit
        }
        return isNew
    }
}
