// Which messages have certainly not come up: so that new ones need not be looked for in the file.

/// A Bloom filter of 8 MiB over threads and requests.
///
/// All bits of a message are in one 64-byte block, which is one line of the cache. Of the third million messages one in
/// fifty thousand is taken for known, of the fifth one in a thousand; that costs a look, and nothing else.
package struct IdentityFilter {
    private static let blocks = 1 << 17
    private var words = [UInt64](repeating: 0, count: blocks * 8)

    /// Makes a filter in which nothing has come up.
    package init() {}

    /// Adds messages.
    ///
    /// - Parameter entries: The messages, in order.
    /// - Returns: Of each, whether it is certain that it was not there.
    package mutating func insert(_ entries: [LedgerEntry]) -> [Bool] {
        let hashes = entries.map { entry in
            var hasher = Hasher()
            hasher.combine(entry.threadId)
            hasher.combine(entry.requestId)
            return UInt64(bitPattern: Int64(hasher.finalize()))
        }
        return words.withUnsafeMutableBufferPointer { words in
            // Most blocks are in no cache. A loop of nothing else fetches them at the same time, not one by one.
            var touched: UInt64 = 0
            for hash in hashes { touched |= words[Self.block(hash)] }
            return withExtendedLifetime(touched) { hashes.map { Self.insert($0, words) } }
        }
    }

    private static func block(_ hash: UInt64) -> Int { Int(hash >> 47) * 8 }

    private static func insert(_ hash: UInt64, _ words: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        let block = block(hash)
        // The bits that choose the block say no more of the place in it.
        var places = (hash & 0x7FFF_FFFF_FFFF) &* 0x9E37_79B9_7F4A_7C15
        var isNew = false
        for _ in 0..<8 {
            // The highest nine bits: a word and a bit in it.
            let (word, bit) = (block + Int(places >> 61), UInt64(1) << (places >> 55 & 63))
            places &*= 0x9E37_79B9_7F4A_7C15
            if words[word] & bit == 0 { isNew = true }
            words[word] |= bit
        }
        return isNew
    }
}
