// What plain rows say of their conversation, besides its key, is much the same for many conversations.

internal import InteractionModel

/// What was said of conversations lately, by the cells that told it.
struct ToldConversations: ~Copyable {
    private struct Entry {
        /// The cells besides the key, each behind its length.
        var cells: [UInt8]
        /// What they say, as a fragment has it, without the field that is the key.
        var said: [UInt8]
        /// Where that field stands.
        var keyAt: Int
        /// What key and conversation used of the row.
        var marks: [UInt8]
        /// The kind of the rows, by ``RowBooks/pattern``.
        var pattern: Int
    }

    /// So many are remembered, some hundred languages of some channels; another with the same place takes it.
    private static let most = 256
    private var entries: [Entry?] = []
    /// The cells of the row at hand.
    private var cells = OutputBuffer(capacity: 256)

    /// The place of what a row says of its conversation, by all cells but the key.
    ///
    /// - Returns: The place, and whether it holds just that.
    mutating func find(_ row: JSONView, _ nodes: borrowing Cells<Int>, pattern: Int) -> (place: Int, isKnown: Bool) {
        cells.removeAll()
        for index in nodes.indices { cells.append(cell: row, nodes[index]) }
        var hasher = Hasher()
        hasher.combine(bytes: cells.bytes)
        let place = Int(UInt(bitPattern: hasher.finalize()) % UInt(Self.most))
        guard place < entries.count, let entry = entries[place], entry.pattern == pattern else { return (place, false) }
        return (place, entry.cells.elementsEqual(cells.bytes))
    }

    /// Remembers what the row that was looked for last says of its conversation.
    ///
    /// - Parameters:
    ///   - place: Where it was looked for.
    ///   - said: What it says, as a fragment has it.
    ///   - slot: The field of it that is the key, if one is.
    ///   - marks: What key and conversation used of the row.
    ///   - pattern: The kind of the row.
    mutating func set(
        _ place: Int,
        _ said: UnsafeRawBufferPointer,
        slot: UInt8?,
        marks: [UInt8],
        pattern: Int
    ) {
        let key = slot.flatMap { FragmentReader.field($0, in: said) } ?? said.count..<said.count
        if entries.isEmpty { entries = Array(repeating: nil, count: Self.most) }
        entries[place] = Entry(
            cells: cells.array,
            said: [UInt8](said[..<key.lowerBound]) + [UInt8](said[key.upperBound...]),
            keyAt: key.lowerBound,
            marks: marks,
            pattern: pattern
        )
    }

    /// Appends what is known to be said, with another key.
    func append(_ place: Int, slot: UInt8?, key: TextSlice, to out: inout OutputBuffer) {
        guard let entry = entries[place] else { return }
        entry.said.withUnsafeBytes { out.append(UnsafeRawBufferPointer(rebasing: $0[..<entry.keyAt])) }
        if let slot { out.append(.field, detail: slot, text: key) }
        entry.said.withUnsafeBytes { out.append(UnsafeRawBufferPointer(rebasing: $0[entry.keyAt...])) }
    }

    func marks(_ place: Int) -> [UInt8] { entries[place]?.marks ?? [] }

    mutating func removeAll() { entries.removeAll() }
}

extension Extractor {
    /// Where a plain row that begins another conversation says nothing new of it but its key; nil if it may.
    mutating func toldBefore(_ row: JSONView, after other: JSONView) -> Int? {
        let key = plan.plain.key
        guard key > 0, row.kind(key) == .string, !row.text(key).startsBlank, !row.isSame(key, other) else { return nil }
        let (place, isKnown) = told.find(row, plan.plain.told, pattern: rowBooks.pattern)
        return isKnown ? place : nil
    }

    /// Begins the group of a conversation of which such a row says what was said of another.
    mutating func beginToldConversation(_ index: Int, _ row: JSONView) {
        output.reserveGroupHeader()
        let start = output.count
        output.append(keyPrefix)
        output.append(content: row.text(plan.plain.key))
        previous.key = start..<output.count
        previous.hasSameKey = false
        previous.isRepeated = false
        previous.row = row
        previous.marks = told.marks(index)
        previous.pattern = rowBooks.pattern
        forgetSenders()
    }

    /// Appends to the fragment at hand what was said of another conversation.
    mutating func appendSaid(_ index: Int, _ row: JSONView) {
        let start = output.count
        told.append(index, slot: plan.plain.keySlot, key: row.text(plan.plain.key), to: &output)
        previous.conversation = start..<output.count
    }

    /// Remembers what the row at hand has said of its conversation, if the row is plain.
    mutating func learnConversation(_ row: JSONView) {
        guard plan.plain.key > 0, !previous.isRepeated, previous.pattern == rowBooks.pattern, previous.pattern > 0,
            previous.row != nil
        else { return }
        let (place, isKnown) = told.find(row, plan.plain.told, pattern: previous.pattern)
        if isKnown { return }
        let said = UnsafeRawBufferPointer(rebasing: output.bytes[previous.conversation])
        told.set(place, said, slot: plan.plain.keySlot, marks: previous.marks, pattern: previous.pattern)
    }
}

extension OutputBuffer {
    /// Appends a cell as another row's is compared with it.
    fileprivate mutating func append(cell row: JSONView, _ node: Int) {
        let bytes = row.bytes(node)
        append(ordinal: UInt32(truncatingIfNeeded: bytes.count) << 3 | UInt32(row.kind(node).rawValue))
        append(bytes)
    }
}
