// What the ledger writes down of messages when it registers them.

internal import InteractionModel

/// Messages that are registered together, in the order in which sheets hold them: what is made here is only copied there.
struct LedgerFacts: ~Copyable {
    private struct Place {
        var end: Int
        var input: Int64
        var isForSheet: Bool
    }

    /// An array of `[thread, request, part, input, record]` in JSON and a comma, for each.
    private var text: OutputBuffer
    /// 16 bytes for each.
    private var digestBytes: OutputBuffer
    private var places: [Place] = []
    /// What an ``IdentityFilter`` knows each of them by.
    private(set) var hashes: [UInt64] = []
    /// Whether all of them can be on a sheet.
    private(set) var areForSheets = true

    /// Makes room for the facts of some messages.
    init(count: Int) {
        text = OutputBuffer(capacity: count * 128)
        digestBytes = OutputBuffer(capacity: count * 16)
        places.reserveCapacity(count)
        hashes.reserveCapacity(count)
    }

    /// Adds a message.
    ///
    /// - Parameters:
    ///   - entry: The message.
    ///   - input: The number of its input.
    mutating func append(_ entry: LedgerEntry, input: Int64) {
        let start = text.count
        text.append(UInt8(ascii: "["))
        text.append(quoted: entry.threadId)
        text.append(UInt8(ascii: ","))
        text.append(quoted: entry.requestId)
        hashes.append(IdentityFilter.hash(UnsafeRawBufferPointer(rebasing: text.bytes[start...])))
        // A NUL would have been escaped.
        let isPlain = text.count - start == entry.threadId.utf8.count + entry.requestId.utf8.count + 6
        let isForSheet = entry.givenKey == nil && (isPlain || !entry.hasNUL)
        if !isForSheet { areForSheets = false }
        text.append(UInt8(ascii: ","))
        append(entry.part)
        text.append(UInt8(ascii: ","))
        append(Int(input))
        text.append(UInt8(ascii: ","))
        append(entry.record)
        text.append("],")
        withUnsafeBytes(of: (entry.digest.high.bigEndian, entry.digest.low.bigEndian)) { digestBytes.append($0) }
        places.append(Place(end: text.count, input: input, isForSheet: isForSheet))
    }

    private mutating func append(_ number: Int) {
        guard 0..<100_000_000 ~= number else { return text.append(number: number) }
        let digits = EightDigits(UInt64(number))
        text.reserve(8)
        let place = UnsafeMutableRawPointer(text.base + text.count)
        place.storeBytes(of: (digits.word >> UInt64(8 * digits.zeros)).littleEndian, as: UInt64.self)
        text.count += 8 - digits.zeros
    }

    /// The arrays of some messages, each with a comma after it, until others are added.
    func text(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text.bytes[start(range.lowerBound)..<start(range.upperBound)])
    }

    /// The digests of some messages, until others are added.
    func digests(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: digestBytes.bytes[range.lowerBound * 16..<range.upperBound * 16])
    }

    /// Where the array of a message begins.
    func start(_ index: Int) -> Int { index == 0 ? 0 : places[index - 1].end }

    /// The number of a message's input.
    func input(_ index: Int) -> Int64 { places[index].input }

    /// Whether a message can be on a sheet.
    func isForSheet(_ index: Int) -> Bool { places[index].isForSheet }
}

extension LedgerEntry {
    /// Whether it has the character that ends a text of JSON for SQLite.
    fileprivate var hasNUL: Bool { threadId.utf8.contains(0) || requestId.utf8.contains(0) }
}
