// What rows of a table have in common with the row before is not worked out again.

internal import Glibc
internal import InteractionModel

/// What rows of a table come to in the books, as long as they are alike.
struct RowBooks {
    /// What became of each node of the rows that are counted; 0 where nothing was used.
    var marks: [UInt8] = []
    /// The values that nothing used, which are blank.
    var blanks: [Int] = []
    /// What one of them adds to the books, and to the ledger as ``FieldLedger/pack(into:)`` packs it.
    var level = Books.Level()
    var journal: [UInt8] = []
    /// How many of them are not in the books yet.
    var repetitions = 0
    /// Whether the row at hand is one of them.
    var isCounted = false
    /// Whether the row at hand is the first of its kind.
    var learns = false
    /// The number of the kind, from 1.
    var pattern = 0
}

/// The fragment before the one at hand, which its conversation has as well if the keys are the same.
struct PreviousFragment {
    /// Where the key of its group lies in the output.
    var key = 0..<0
    /// Whether the fragment at hand belongs to the same group.
    var hasSameKey = false
    /// Where that lies which it, or one before it, says of the conversation.
    var conversation = 0..<0
    /// The row, if it is one that the next can be compared with.
    var row: JSONView?
    var rule = -1
    /// What that row's key and conversation used of it.
    var marks: [UInt8] = []
    /// Whether the fragment at hand has the same key and says the same of the conversation.
    var isRepeated = false
    /// Whether it has the journal that the fragment at hand would have.
    var hasJournal = false
    /// The entries of its conversation since the key was another, this fragment's included.
    var entryCount = 0
    /// Who spoke in rows of the same key, the latest last.
    var senders: [RowSender] = []
    /// The kind of the plain rows that say the same of the conversation, by ``RowBooks/pattern``; 0 if there are none.
    var pattern = 0
}

/// Somebody who spoke in a row.
struct RowSender {
    /// Which of the plan's kinds of entry it was.
    var kind: Int
    var row: JSONView
    /// The number of the entry, by ``PreviousFragment/entryCount``.
    var entry: Int
    /// The kind of the plain rows in which they spoke, by ``RowBooks/pattern``; 0 if there are none.
    var pattern = 0
    /// What was marked of the row before the sender was written, and after.
    var before: [UInt8]
    var after: [UInt8]
}

extension Extractor {
    // MARK: The conversation

    /// Whether the row has the same values as the row before wherever key and conversation come from.
    ///
    /// Marks what they used, as they would have done themselves.
    mutating func repeatsConversation(_ rule: Int, _ row: JSONView) -> Bool {
        guard let other = previous.row, previous.rule == rule, previous.marks.count == nodeCount,
            let watched = plan.rules[rule].watched
        else { return false }
        for index in watched {
            let key = Int(plan.choices[Int(plan.watched[index])].hint)
            guard key < 0 || row.isSame(key + 1, other) else { return false }
        }
        previous.row = row
        previous.marks.withUnsafeBufferPointer { known in
            if let start = known.baseAddress { marks.base.update(from: start, count: nodeCount) }
        }
        return true
    }

    /// Takes back what the fragment before has said of the conversation already.
    mutating func leaveOutIfSaidBefore(_ rule: Int, _ row: JSONView, _ said: Range<Int>) {
        let isSame =
            previous.hasSameKey && said.count == previous.conversation.count
            && memcmp(output.base + said.lowerBound, output.base + previous.conversation.lowerBound, said.count) == 0
        if isSame { output.truncate(to: said.lowerBound) }
        if !isSame { previous.conversation = said }
        if !isSame || !isTable { forgetSenders() }
        // What told the conversation was spelled in another way, and may have used other cells.
        previous.pattern = 0
        for index in previous.senders.indices { previous.senders[index].pattern = 0 }
        previous.isRepeated = isSame
        guard isTable, plan.rules[rule].watched != nil, findings.isEmpty else {
            previous.row = nil
            return
        }
        previous.row = row
        previous.rule = rule
        if previous.marks.count == nodeCount {
            for node in 0..<nodeCount { previous.marks[node] = marks[node] }
        } else {
            previous.marks = (0..<nodeCount).map { marks[$0] }
        }
    }

    mutating func forgetSenders() {
        previous.entryCount = 0
        previous.senders.removeAll(keepingCapacity: true)
    }

    // MARK: Senders

    /// Writes who speaks, or which entry before it has the same sender.
    mutating func writeSender(
        _ sender: ExtractionPlan.Sender,
        _ watched: Range<Int>,
        _ kind: Int,
        _ item: inout Item
    ) {
        for index in previous.senders.indices.reversed() where isSender(index, watched, kind, item.view) {
            let distance = previous.entryCount - previous.senders[index].entry
            guard distance <= UInt8.max else { break }
            appendSame(index)
            previous.senders[index].after.withUnsafeBufferPointer { after in
                if let start = after.baseAddress { marks.base.update(from: start, count: nodeCount) }
            }
            return
        }
        let before = (0..<nodeCount).map { marks[$0] }
        write(sender, &item)
        let after = (0..<nodeCount).map { marks[$0] }
        add(RowSender(kind: kind, row: item.view, entry: previous.entryCount, before: before, after: after))
    }

    /// Remembers who has spoken.
    mutating func add(_ sender: RowSender) {
        if previous.senders.count == Self.sendersInTurn { previous.senders.removeFirst() }
        previous.senders.append(sender)
    }

    private static let sendersInTurn = 3

    @inline(__always)
    private func isSender(_ index: Int, _ watched: Range<Int>, _ kind: Int, _ row: JSONView) -> Bool {
        guard previous.senders[index].kind == kind, previous.senders[index].before.count == nodeCount else {
            return false
        }
        let other = previous.senders[index].row
        for choice in watched {
            let key = Int(plan.choices[Int(plan.watched[choice])].hint)
            guard key < 0 || row.isSame(key + 1, other) else { return false }
        }
        // Only from the same state do the same values leave the same marks.
        return previous.senders[index].before.withUnsafeBufferPointer { before in
            before.baseAddress.map { ByteWord.isSame($0, marks.base, nodeCount) } ?? false
        }
    }

    // MARK: The books

    /// Rows of a table mostly come to the same in the books: then they are only counted.
    ///
    /// - Returns: False if the row has to be looked at cell by cell.
    mutating func countRow(_ row: JSONView) -> Bool {
        let isLikeOthers =
            rowBooks.marks.count == nodeCount
            && rowBooks.marks.withUnsafeBufferPointer { known in
                known.baseAddress.map { ByteWord.isSame($0, marks.base, nodeCount) } ?? false
            }
        if isLikeOthers {
            // What nothing used may have been blank in the others only.
            guard rowBooks.blanks.allSatisfy({ row.isBlank($0) }) else { return false }
            rowBooks.repetitions += 1
            rowBooks.isCounted = true
            return true
        }
        let blanks = stride(from: 2, to: nodeCount, by: 2).filter { marks[$0] == 0 }
        guard blanks.allSatisfy({ row.isBlank($0) }) else { return false }
        settleRows()
        rowBooks.learns = true
        rowBooks.pattern += 1
        rowBooks.blanks = blanks
        rowBooks.marks = (0..<nodeCount).map { marks[$0] }
        return false
    }

    /// Ends the record in the ledger and appends what it counted, so that it can be taken back.
    ///
    /// - Returns: The bytes appended; nil if it is what the fragment before counted.
    mutating func appendJournal() -> Int? {
        if rowBooks.isCounted {
            if previous.isRepeated, previous.hasJournal { return nil }
            previous.hasJournal = true
            output.append(rowBooks.journal)
            return rowBooks.journal.count
        }
        let start = output.count
        let level = ledger.pack(into: &output)
        books.sourceFields += level
        previous.hasJournal = rowBooks.learns
        if rowBooks.learns {
            rowBooks.learns = false
            rowBooks.level = level
            rowBooks.journal = [UInt8](output.bytes[start...])
        }
        return output.count - start
    }

    /// Books the rows that were only counted.
    mutating func settleRows() {
        guard rowBooks.repetitions > 0 else { return }
        ledger.repeatPacked(rowBooks.journal, times: rowBooks.repetitions)
        books.sourceFields += rowBooks.level.multiplied(by: rowBooks.repetitions)
        rowBooks.repetitions = 0
    }
}

extension JSONView {
    /// Whether a value is spelled as the same value of another record.
    @inline(__always)
    func isSame(_ node: Int, _ other: JSONView) -> Bool {
        let (left, right) = (self[node], other[node])
        let count = left.end &- left.start
        return left.kind == right.kind && count == right.end &- right.start
            && ByteWord.isSame(source + Int(left.start), other.source + Int(right.start), Int(count))
    }
}
