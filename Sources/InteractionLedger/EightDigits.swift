// Numbers as digits, eight at a time: rows of the ledger are full of them.

/// The digits of a number below a hundred million.
struct EightDigits {
    /// The digits as ASCII, the first one in the lowest byte, with leading zeros.
    let word: UInt64

    /// Writes a number; of a longer one, what it has below a hundred million.
    init(_ number: UInt64) {
        let (high, low) = (number / 10_000 % 10_000, number % 10_000)
        // Two numbers of four digits, four of two, eight of one: each is divided at the same time as the others.
        let fours = high | low << 32
        let hundreds = ((fours * 10_486) >> 20) & 0x7F_0000_007F
        let twos = hundreds | (fours - hundreds * 100) << 16
        let tens = ((twos * 103) >> 10) & 0x000F_000F_000F_000F
        word = (tens | (twos - tens * 10) << 8) | 0x3030_3030_3030_3030
    }

    /// How many zeros it begins with; seven for zero.
    var zeros: Int { min(7, (word ^ 0x3030_3030_3030_3030).trailingZeroBitCount / 8) }
}
