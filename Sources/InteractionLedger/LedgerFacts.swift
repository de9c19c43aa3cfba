// What the ledger writes down of messages when it registers them.

internal import InteractionModel

/// Messages that are registered together, each as an array of `[thread, request, part, input, record]` in JSON.
struct LedgerFacts: ~Copyable {
    private struct Place {
        var end: Int
        var input: Int64
        var isForSheet: Bool
    }

    private var text: OutputBuffer
    private var places: [Place] = []
    /// What an ``IdentityFilter`` knows each of them by.
    private(set) var hashes: [UInt64] = []
    /// Whether all of them can be on a sheet.
    private(set) var areForSheets = true

    /// Makes room for the facts of some messages.
    init(count: Int) {
        text = OutputBuffer(capacity: count * 128)
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
        text.append(number: entry.part)
        text.append(UInt8(ascii: ","))
        text.append(number: Int(input))
        text.append(UInt8(ascii: ","))
        text.append(number: entry.record)
        text.append(UInt8(ascii: "]"))
        places.append(Place(end: text.count, input: input, isForSheet: isForSheet))
    }

    /// A message's array, until others are added.
    subscript(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text.bytes[(index == 0 ? 0 : places[index - 1].end)..<places[index].end])
    }

    /// The number of a message's input.
    func input(_ index: Int) -> Int64 { places[index].input }

    /// Whether a message can be on a sheet.
    func isForSheet(_ index: Int) -> Bool { places[index].isForSheet }
}

extension LedgerEntry {
    /// Whether it has the character that ends a text of JSON for SQLite.
    fileprivate var hasNUL: Bool { threadId.utf8.contains(0) || requestId.utf8.contains(0) }
}
