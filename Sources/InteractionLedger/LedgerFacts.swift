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
    ///   - entries: The message and others.
    ///   - index: Which one.
    ///   - input: The number of its input.
    mutating func append(_ entries: UnsafeBufferPointer<LedgerEntry>, _ index: Int, input: Int64) {
        let start = text.count
        text.append(UInt8(ascii: "["))
        let threadCount = append(entries[index].threadId)
        let requestCount = append(entries[index].requestId)
        text.count -= 1
        hashes.append(IdentityFilter.hash(UnsafeRawBufferPointer(rebasing: text.bytes[start...])))
        // A NUL would have been escaped.
        let isPlain = text.count - start == threadCount + requestCount + 6
        let isForSheet = entries[index].givenKey == nil && (isPlain || !entries[index].hasNUL)
        if !isForSheet { areForSheets = false }
        text.append(UInt8(ascii: ","))
        append(entries[index].part)
        text.append(UInt8(ascii: ","))
        append(Int(input))
        text.append(UInt8(ascii: ","))
        append(entries[index].record)
        text.append("],")
        let digest = entries[index].digest
        withUnsafeBytes(of: (digest.high.bigEndian, digest.low.bigEndian)) { digestBytes.append($0) }
        places.append(Place(end: text.count, input: input, isForSheet: isForSheet))
    }

    /// Appends a text and a comma.
    ///
    /// - Returns: The bytes of the text as it is.
    private mutating func append(_ string: String) -> Int {
        var string = string
        return string.withUTF8 { bytes in
            text.append(UInt8(ascii: "\""))
            text.append(content: UnsafeRawBufferPointer(bytes))
            text.append("\",")
            return bytes.count
        }
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
