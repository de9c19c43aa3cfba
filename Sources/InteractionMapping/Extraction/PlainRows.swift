// The rows of most tables: one entry each, told by cells that stand for nothing but themselves.

internal import InteractionModel

/// Which cells of a table's rows say what, where each row is one entry and no condition decides about it.
///
/// Such a row is like one before it but for what was said and when, if the cells that tell the conversation and the
/// sender are the same; then nothing else of the profile has to be looked at. Nodes are those of values.
struct PlainRows: ~Copyable {
    /// Whether the table's rows are of this kind at all.
    private(set) var areUsable = false
    /// The cells that decide which conversation a row belongs to and what it says of it.
    private(set) var conversation = Cells<Int>()
    /// The cell of the conversation's key; 0 if it is none, or stands for more than a field besides, ``keySlot``.
    private(set) var key = 0
    private(set) var keySlot: UInt8?
    /// The cells of ``conversation`` besides the key, if there is one.
    private(set) var told = Cells<Int>()
    /// The cells that decide who speaks.
    private(set) var sender = Cells<Int>()
    /// What is said of whoever speaks, in the order in which a fragment has it; nothing unless each is one cell.
    private(set) var senderTexts = Cells<(tag: FragmentTag, node: Int, words: Int)>()
    /// The cell of the entry's time.
    private(set) var time = 0
    /// The cells of the entry's texts, in the order in which a fragment has them.
    private(set) var texts = Cells<(tag: FragmentTag, node: Int)>()
    /// The code of ``KindRule/Kind``.
    private(set) var kind: UInt8 = 0
    private(set) var flags: EntryFlags = .instant

    /// No such rows.
    init() {}

    /// Looks whether a plan whose members are bound to a table's columns makes its rows plain.
    init(_ plan: borrowing ExtractionPlan) {
        guard plan.rules.count == 1, let rule = plan.rules.first, rule.condition < 0, rule.drops.isEmpty,
            rule.people.isEmpty, let told = rule.watched, rule.entries.count == 1
        else { return }
        let entries = plan.entries[rule.entries.lowerBound]
        guard entries.each.isEmpty, entries.kinds.count == 1 else { return }
        let kind = plan.kinds[entries.kinds.lowerBound]
        guard kind.kind != .skip, kind.condition < 0, !kind.hasAttachments, let spoken = kind.watched,
            kind.times.count == 1, plan.times[kind.times.lowerBound].isAutomatic,
            let time = plan.cell(plan.times[kind.times.lowerBound].value), time > 0
        else { return }
        for (tag, value) in [(.text, kind.text), (.messageId, kind.id), (.replaces, kind.replaces)]
            as [(FragmentTag, PlannedValue)]
        {
            guard let node = plan.cell(value) else { return }
            if node > 0 { texts.append((tag, node)) }
        }
        for index in told { conversation.append(cellOf: plan.watched[index], plan) }
        addKey(rule, plan)
        for index in spoken { sender.append(cellOf: plan.watched[index], plan) }
        addSenderTexts(kind.sender, plan)
        self.time = time
        self.kind = kind.kind.code
        if kind.isOpening { flags.insert(.opening) }
        if rule.isNewestFirst { flags.insert(.newestFirst) }
        areUsable = true
    }

    private mutating func addKey(_ rule: ExtractionPlan.Rule, _ plan: borrowing ExtractionPlan) {
        guard let key = plan.cell(rule.key) else { return }
        let slots = rule.fields.filter { plan.cell(plan.fields[$0].value) == key && !plan.fields[$0].isList }
        guard conversation.indices.count(where: { conversation[$0] == key }) == 1 + slots.count, slots.count < 2 else {
            return
        }
        self.key = key
        keySlot = slots.first.map { UInt8(plan.fields[$0].slot.rawValue) }
        for index in conversation.indices where conversation[index] != key { told.append(conversation[index]) }
    }

    private mutating func addSenderTexts(_ sender: ExtractionPlan.Sender, _ plan: borrowing ExtractionPlan) {
        for (tag, _, value) in sender.parts {
            guard let cell = plan.mappedCell(value) else {
                senderTexts.removeAll()
                return
            }
            if cell.node > 0 { senderTexts.append((tag, cell.node, cell.words)) }
        }
    }
}

extension ExtractionPlan {
    /// The cell that a value is, and nothing else; 0 if there is no such column or no value, nil if it is more than that.
    fileprivate func cell(_ value: PlannedValue) -> Int? {
        guard let cell = mappedCell(value), cell.words < 0 else { return nil }
        return cell.node
    }

    /// The same, where the cell may go through a map of words.
    fileprivate func mappedCell(_ value: PlannedValue) -> (node: Int, words: Int)? {
        guard value >= 0 else { return (0, -1) }
        let range = values[Int(value)]
        guard range.count == 1 else { return nil }
        let choice = choices[Int(range.lowerBound)]
        guard choice.kind == .member, choice.condition < 0 else { return nil }
        return (choice.hint > 0 ? Int(choice.hint) + 1 : 0, Int(choice.words))
    }
}

extension Cells<Int> {
    /// Adds the cell of a choice, if the table has it.
    fileprivate mutating func append(cellOf choice: Int32, _ plan: borrowing ExtractionPlan) {
        let key = Int(plan.choices[Int(choice)].hint)
        if key > 0 { append(key + 1) }
    }
}

extension Extractor {
    /// Writes the fragment of a row that is plain and like one before it.
    ///
    /// - Returns: False if the row has to be looked at cell by cell; then nothing was written.
    mutating func extractPlain(_ row: JSONView, _ origin: FragmentOrigin) -> Bool {
        guard plan.plain.areUsable, row.next(row.root) == rowBooks.marks.count, previous.hasJournal,
            let other = previous.row
        else { return false }
        let isRepeated = row.isSame(plan.plain.conversation, other)
        let told = isRepeated ? nil : toldBefore(row, after: other)
        guard isRepeated || told != nil else { return false }
        let sender = isRepeated ? plainSender(row) : nil
        guard sender != nil || hasPlainSender(row, isKnown: told != nil) else { return false }
        let time = row.text(plan.plain.time)
        guard row.kind(plan.plain.time) == .string, time.form == .plain, let instant = Instant.rfc3339(time.bytes)
        else { return false }
        for index in plan.plain.texts.indices where !row.isSpelledOut(plan.plain.texts[index].node) { return false }
        for node in rowBooks.blanks where !row.isBlank(node) { return false }

        books.records.total += 1
        books.sourceFields.total += (rowBooks.marks.count - 1) / 2
        rowBooks.repetitions += 1
        if let told { beginToldConversation(told, row) }
        let start = beginFragment()
        if let told { appendSaid(told, row) }
        output.append(entry: plan.plain.kind, plan.plain.flags, at: instant)
        previous.entryCount += 1
        output.append(.time, text: time)
        for index in plan.plain.texts.indices {
            output.append(plan.plain.texts[index].tag, text: row.text(plan.plain.texts[index].node))
        }
        if let sender { appendSame(sender) } else { appendPlainSender(row) }
        self.origin = origin
        self.origin.worker = worker
        if isRepeated {
            endFragment(start, journal: nil)
        } else {
            output.append(rowBooks.journal)
            endFragment(start, journal: rowBooks.journal.count)
        }
        return true
    }

    /// The sender of a row before, who speaks in this one as well.
    private mutating func plainSender(_ row: JSONView) -> Int? {
        for index in previous.senders.indices.reversed() {
            guard previous.senders[index].pattern == rowBooks.pattern,
                previous.entryCount + 1 - previous.senders[index].entry <= UInt8.max,
                row.isSame(plan.plain.sender, previous.senders[index].row)
            else { continue }
            return index
        }
        return nil
    }

    /// Whether rows of the conversation are known to be plain, or have been, and this one says of its sender all that
    /// they say of theirs.
    private mutating func hasPlainSender(_ row: JSONView, isKnown: Bool) -> Bool {
        guard isKnown || previous.pattern == rowBooks.pattern, !plan.plain.senderTexts.isEmpty else { return false }
        for index in plan.plain.senderTexts.indices {
            guard let text = plan.plainText(index, row), !text.startsBlank else { return false }
        }
        return true
    }

    private mutating func appendPlainSender(_ row: JSONView) {
        for index in plan.plain.senderTexts.indices {
            if let text = plan.plainText(index, row) { output.append(plan.plain.senderTexts[index].tag, text: text) }
        }
        var sender = RowSender(kind: -1, row: row, entry: previous.entryCount, before: [], after: [])
        sender.pattern = rowBooks.pattern
        add(sender)
    }

    /// Says which entry before the one at hand has the same sender.
    mutating func appendSame(_ sender: Int) {
        let distance = previous.entryCount - previous.senders[sender].entry
        output.append(.sameSender, detail: UInt8(distance), text: TextSlice(literal: ""))
        previous.senders[sender].entry = previous.entryCount
    }

    /// Notes that rows like the one at hand come to the same in the books, if the row at hand is plain.
    mutating func learnPlain(_ row: JSONView) {
        guard plan.plain.areUsable, findings.isEmpty, rowBooks.isCounted || rowBooks.learns,
            let last = previous.senders.indices.last(where: { previous.senders[$0].entry == previous.entryCount }),
            row.kind(plan.plain.time) == .string, row.text(plan.plain.time).form == .plain,
            Instant.rfc3339(row.text(plan.plain.time).bytes) != nil
        else { return }
        for index in plan.plain.texts.indices where !row.isSpelledOut(plan.plain.texts[index].node) { return }
        previous.senders[last].pattern = rowBooks.pattern
        for index in plan.plain.senderTexts.indices {
            guard let text = plan.plainText(index, row), !text.startsBlank else { return }
        }
        previous.pattern = rowBooks.pattern
    }
}

extension ExtractionPlan {
    /// One of the texts that plain rows say of their sender; nil if this row does not.
    fileprivate func plainText(_ index: Int, _ row: JSONView) -> TextSlice? {
        let (_, node, table) = plain.senderTexts[index]
        guard row.isSpelledOut(node) else { return nil }
        let text = row.text(node)
        guard table >= 0 else { return text }
        return text.form == .plain ? words[table].value(of: text) : nil
    }
}

extension JSONView {
    /// Whether some cells are spelled as they are in another row.
    @inline(__always)
    fileprivate func isSame(_ cells: borrowing Cells<Int>, _ other: JSONView) -> Bool {
        for index in cells.indices where !isSame(cells[index], other) { return false }
        return true
    }

    /// Whether a cell is certainly a text that is not blank.
    @inline(__always)
    fileprivate func isSpelledOut(_ node: Int) -> Bool { kind(node) == .string && !text(node).startsBlank }
}
