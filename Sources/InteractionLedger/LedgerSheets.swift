// The sheets that a ledger has in memory, which a batch of messages or outcomes goes through without the file.

internal import InteractionModel

/// The sheets that are not in the file yet, and those before them that outcomes will come for.
struct LedgerSheets {
    /// Sheets that stay once they are written.
    private static let kept = 32

    /// In the order of their rows.
    private var list: [LedgerSheet] = []
    /// The first rows of sheets in the file that may have messages without an acceptance, of those that were here.
    private var left: Set<Int64> = []
    /// The sheet that was looked at last, which the next look is most likely for.
    private var last = 0
    /// The row of the next message that is registered.
    private(set) var nextRow: Int64
    /// How many messages are not in the file yet.
    private(set) var waiting = 0

    /// Makes a list without sheets.
    init(nextRow: Int64) { self.nextRow = nextRow }

    var indices: Range<Int> { list.indices }

    subscript(_ index: Int) -> LedgerSheet {
        get { list[index] }
        _modify { yield &list[index] }
    }

    // MARK: Registering

    /// Puts new messages on the last sheets.
    ///
    /// - Parameters:
    ///   - facts: What is written down of them and others.
    ///   - range: Which ones.
    /// - Returns: The row of the first; the others follow.
    mutating func append(_ facts: borrowing LedgerFacts, _ range: Range<Int>) -> Int64 {
        let first = nextRow
        var rest = range
        while !rest.isEmpty {
            if list.last?.takesMore != true || list[list.count - 1].end != nextRow {
                list.append(LedgerSheet(first: nextRow))
            }
            let count = list[list.count - 1].append(facts, rest)
            rest = rest.dropFirst(count)
            nextRow += Int64(count)
            waiting += count
        }
        return first
    }

    /// The row of a new message, which is on no sheet.
    mutating func takeRow() -> Int64 {
        defer { nextRow += 1 }
        return nextRow
    }

    // MARK: Sending

    /// Books which messages are about to be sent.
    ///
    /// - Returns: Those that are on none of these sheets, or have rows of their own.
    mutating func willSend(_ rows: [Int64]) -> [Int64] {
        var others: [Int64] = []
        for row in rows {
            if let place = place(of: row), list[place.sheet].willSend(place.slot) { continue }
            others.append(row)
        }
        return others
    }

    /// Books outcomes.
    ///
    /// - Returns: In their order, those that are on none of these sheets, or do not fit.
    mutating func take(_ outcomes: [LedgerOutcome]) -> [LedgerOutcome] {
        var others: [LedgerOutcome] = []
        var rows: Set<Int64> = []
        outcomes.withUnsafeBufferPointer { outcomes in
            for index in outcomes.indices {
                let outcome = outcomes[index].plain
                // What follows an outcome that does not fit has to wait for it.
                if rows.isEmpty || !rows.contains(outcome.row), let place = place(of: outcome.row),
                    list[place.sheet].take(outcome, place.slot)
                {
                    continue
                }
                others.append(outcomes[index])
                rows.insert(outcome.row)
            }
        }
        return others
    }

    // MARK: Places

    /// The sheet that a message is on, and its place there.
    mutating func place(of row: Int64) -> (sheet: Int, slot: Int)? {
        if last >= list.count || !list[last].has(row) {
            last = max(0, index(after: row) - 1)
            guard last < list.count, list[last].has(row) else { return nil }
        }
        return (last, Int(row - list[last].first))
    }

    /// The first sheet that begins after a row.
    private func index(after row: Int64) -> Int {
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle].first <= row { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Takes a sheet that was read from the file.
    mutating func insert(_ sheet: LedgerSheet) { list.insert(sheet, at: index(after: sheet.first)) }

    // MARK: The file

    /// All that was waiting is in the file.
    mutating func written() {
        waiting = 0
        let count = max(0, list.count - Self.kept)
        for sheet in list.prefix(count) where sheet.isOpen { left.insert(sheet.first) }
        list.removeFirst(count)
    }

    /// What the file does not have; the rest can be read from there again.
    var unstored: LedgerSheets {
        var unstored = self
        unstored.list = list.filter { !$0.isStored }
        return unstored
    }

    /// Returns to what was not stored before a transaction that has failed.
    mutating func restore(_ unstored: LedgerSheets) {
        let left = left.union(list.map(\.first))
        self = unstored
        self.left = left
    }

    /// The first rows of the sheets that may have messages without an acceptance.
    var open: [Int64] { (left.union(list.filter(\.isOpen).map(\.first))).sorted() }

    /// Forgets all sheets, which are in the file.
    mutating func removeAll() {
        list = []
        left = []
    }
}
