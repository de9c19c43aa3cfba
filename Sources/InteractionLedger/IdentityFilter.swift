// Which messages have certainly not come up: so that new ones need not be looked for in the file.

/// A Bloom filter of constant size over threads and requests.
///
/// All bits of a message are in one 64-byte block, which is one line of the cache. With a million messages one in ten
/// thousand is taken for known, with ten million one in three; that costs a query, and nothing else.
package struct IdentityFilter {
    private static let blocks = 1 << 16
    private var words = [UInt64](repeating: 0, count: blocks * 8)

    /// Makes a filter in which nothing has come up.
    package init() {}

    /// Adds a message.
    ///
    /// - Returns: Whether it is certain that it was not there.
    package mutating func insert(_ thread: String, _ request: String) -> Bool {
        var hasher = Hasher()
        hasher.combine(thread)
        hasher.combine(request)
        let hash = UInt64(bitPattern: Int64(hasher.finalize()))
        let block = Int(hash >> 48) * 8
        var isNew = false
        // Five times a word and a bit in it.
        for shift in stride(from: 0, to: 45, by: 9) {
            let place = hash >> UInt64(shift)
            let (word, bit) = (block + Int(place >> 6 & 7), UInt64(1) << (place & 63))
            if words[word] & bit == 0 { isNew = true }
            words[word] |= bit
        }
        return isNew
    }
}
