// Where the bytes that a parser got stand in the input they were made from.

/// A place in the text that the parser gets.
struct MarkupPlace: Equatable {
    var offset = 0
    var line = 1
    var column = 1

    /// Passes over bytes.
    mutating func advance(over bytes: Slice<UnsafeRawBufferPointer>) {
        offset += bytes.count
        line += bytes.count { $0 == 0x0A }
        if let feed = bytes.lastIndex(of: 0x0A) {
            column = bytes.endIndex - feed
        } else {
            column += bytes.count
        }
    }
}

/// Maps offsets of repaired text to those of the input.
struct MarkupOrigins {
    private var shifts: [(from: Int, distance: Int)] = []
    private var distance = 0

    /// Books that bytes were left out of the text, or put into it.
    ///
    /// - Parameters:
    ///   - count: Bytes left out; negative if more came in.
    ///   - offset: The first offset of the text after them.
    mutating func leaveOut(_ count: Int, at offset: Int) {
        guard count != 0 else { return }
        distance += count
        shifts.append((offset, distance))
    }

    /// The offset in the text before the repairs.
    ///
    /// - Parameters:
    ///   - offset: The offset of a byte, or of the end of some bytes.
    ///   - isEnd: Whether it is an end: then what was left out right there comes after it.
    /// - Returns: Where the byte stood, or where the bytes ended.
    func offset(of offset: Int, isEnd: Bool = false) -> Int {
        var shift = shifts.count
        while shift > 0, shifts[shift - 1].from + (isEnd ? 1 : 0) > offset { shift -= 1 }
        let own = offset + (shift > 0 ? shifts[shift - 1].distance : 0)
        // What was put in stands where its end does.
        return shift < shifts.count ? min(own, shifts[shift].from + shifts[shift].distance) : own
    }

    /// Forgets what only earlier offsets need.
    mutating func forget(before offset: Int) {
        guard let last = shifts.lastIndex(where: { $0.from <= offset }), last > 0 else { return }
        shifts.removeFirst(last)
    }
}
