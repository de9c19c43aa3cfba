// Which known word somebody may have meant.

/// Finds the known word that is the fewest typing mistakes away.
enum NearestWord {
    /// The nearest of some words.
    ///
    /// - Parameters:
    ///   - words: What could have been meant; the first of equally near ones counts.
    ///   - word: What was written.
    /// - Returns: The word, or nil if none is near.
    static func among<Words: Sequence<String>>(_ words: Words, to word: String) -> String? {
        guard word.utf8.count <= 80 else { return nil }
        let written = Array(word.lowercased().utf8)
        var nearest: (word: String, distance: Int)?
        for known in words {
            let distance = distance(written, Array(known.lowercased().utf8))
            guard distance <= max(1, known.utf8.count / 3), distance < nearest?.distance ?? .max else { continue }
            nearest = (known, distance)
        }
        return nearest?.word
    }

    /// The number of bytes to insert, delete, replace, or swap with their neighbour.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(row[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
