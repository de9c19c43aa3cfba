// What has been decided about one payload before a byte of it is written.

internal import InteractionModel

/// The values of one payload by slot: mostly nodes of the record, copied when the payload is written.
///
/// Reused from record to record, so that its arrays stop growing after the first few.
struct PayloadDraft: ~Copyable {
    /// One contribution to a slot.
    enum Piece {
        /// A value of the record; an item, if the slot is a list.
        case node(Int)
        /// All items of an array of the record that pass the draft's check.
        case items(Int)
        /// JSON that was made up from the record, in the scratch buffer.
        case scratch(Int, Int)
        /// A text that is written as a JSON string.
        case text(TextSlice)
        /// A literal of the target format.
        case literal(StaticString)
    }

    private var heads: [Int32]
    private var tails: [Int32]
    private var pieces: [(piece: Piece, next: Int32)] = []
    /// JSON texts that pieces and metadata entries point into.
    var scratch = OutputBuffer(capacity: 1024)
    /// Members of the conversation's metadata.
    var metadata: [(name: TextSlice, piece: Piece)] = []
    /// What holds that which the target has no place for.
    var keptName: StaticString = "legacy"
    /// What the target has no place for: the path in the source, and the value.
    var kept: [(path: String, piece: Piece)] = []
    /// Items of the record's arrays that are left out: placeholders, and items that the schema refuses.
    var excludedItems: Set<Int> = []

    init() {
        heads = Array(repeating: -1, count: Slot.allCases.count)
        tails = heads
    }

    mutating func reset() {
        if !pieces.isEmpty {
            for index in heads.indices { heads[index] = -1 }
            pieces.removeAll(keepingCapacity: true)
        }
        scratch.removeAll()
        if !metadata.isEmpty { metadata.removeAll(keepingCapacity: true) }
        keptName = "legacy"
        if !kept.isEmpty { kept.removeAll(keepingCapacity: true) }
        if !excludedItems.isEmpty { excludedItems.removeAll(keepingCapacity: true) }
    }

    func isEmpty(_ slot: Slot) -> Bool { heads[slot.rawValue] < 0 }

    /// Adds a contribution; a slot that is no list shows its last one.
    mutating func add(_ slot: Slot, _ piece: Piece) {
        let index = Int32(pieces.count)
        pieces.append((piece, -1))
        if heads[slot.rawValue] < 0 {
            heads[slot.rawValue] = index
        } else {
            pieces[Int(tails[slot.rawValue])].next = index
        }
        tails[slot.rawValue] = index
    }

    /// Replaces whatever a slot holds with a text.
    mutating func set(_ slot: Slot, text: TextSlice) {
        heads[slot.rawValue] = -1
        add(slot, .text(text))
    }

    /// Writes JSON into the scratch buffer and returns the piece that points to it.
    mutating func made(_ write: (inout OutputBuffer) -> Void) -> Piece {
        let start = scratch.count
        write(&scratch)
        return .scratch(start, scratch.count)
    }

    /// Adds an item `{"name":…,"value":…}` to `reference.ids`.
    mutating func addIdentifier(_ name: StaticString, _ value: TextSlice) {
        let piece = made { out in
            out.append("{\"name\":\"")
            out.append(name)
            out.append("\",\"value\":")
            out.append(string: value)
            out.append("}")
        }
        add(.referenceIds, piece)
    }

    /// Keeps a value under its source path.
    mutating func keep(_ path: String, _ node: Int) { kept.append((path, .node(node))) }

    // MARK: Writing

    func write(_ piece: Piece, _ view: JSONView, to out: inout OutputBuffer) {
        switch piece {
        case .node(let node): out.append(value: view, node)
        case .items(let array):
            let mark = out.count
            view.forEachElement(array) { item in
                guard excludedItems.isEmpty || !excludedItems.contains(item) else { return }
                out.append(value: view, item)
                out.append(UInt8(ascii: ","))
            }
            if out.count > mark { out.removeTrailing(UInt8(ascii: ",")) }
        case .scratch(let start, let end):
            out.append(UnsafeRawBufferPointer(rebasing: scratch.bytes[start..<end]))
        case .text(let text): out.append(string: text)
        case .literal(let text): out.append(text)
        }
    }

    /// Writes `"key":value,` for each slot of a range that holds something.
    func write(_ slots: ClosedRange<Int>, _ view: JSONView, to out: inout OutputBuffer) {
        for raw in slots where heads[raw] >= 0 {
            guard let slot = Slot(rawValue: raw) else { continue }
            out.append(UInt8(ascii: "\""))
            out.append(slot.key)
            switch slot.shape {
            case .list, .objects:
                out.append("\":[")
                writeItems(slot, view, to: &out)
                out.append("],")
            default:
                out.append("\":")
                write(pieces[Int(tails[raw])].piece, view, to: &out)
                out.append(UInt8(ascii: ","))
            }
        }
    }

    /// Writes a list's items with commas between them.
    func writeItems(_ slot: Slot, _ view: JSONView, to out: inout OutputBuffer) {
        let start = out.count
        var index = heads[slot.rawValue]
        while index >= 0 {
            let mark = out.count
            write(pieces[Int(index)].piece, view, to: &out)
            if out.count > mark { out.append(UInt8(ascii: ",")) }
            index = pieces[Int(index)].next
        }
        if out.count > start { out.removeTrailing(UInt8(ascii: ",")) }
    }

    /// Writes `"name":{…},` unless every slot of the range is empty.
    func writeGroup(
        _ name: StaticString,
        _ first: Slot,
        _ last: Slot,
        _ view: JSONView,
        to out: inout OutputBuffer
    ) {
        let mark = out.count
        out.append(UInt8(ascii: "\""))
        out.append(name)
        out.append("\":{")
        let inner = out.count
        write(first.rawValue...last.rawValue, view, to: &out)
        if out.count == inner {
            out.truncate(to: mark)
            return
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("},")
    }

    /// Writes `"metadata":{…}` if there is any, what is kept in a member of its own.
    func writeMetadata(_ view: JSONView, to out: inout OutputBuffer) {
        guard !kept.isEmpty || !metadata.isEmpty else { return }
        out.append(",\"metadata\":{")
        for member in metadata {
            out.append(string: member.name)
            out.append(":")
            write(member.piece, view, to: &out)
            out.append(",")
        }
        if kept.isEmpty {
            out.removeTrailing(UInt8(ascii: ","))
        } else {
            out.append("\"")
            out.append(keptName)
            out.append("\":")
            writeLegacy(view, to: &out)
        }
        out.append("}")
    }

    /// Writes what is kept as one object, keyed by source path.
    func writeLegacy(_ view: JSONView, to out: inout OutputBuffer) {
        out.append(UInt8(ascii: "{"))
        for entry in kept {
            out.append(quoted: entry.path)
            out.append(UInt8(ascii: ":"))
            write(entry.piece, view, to: &out)
            out.append(UInt8(ascii: ","))
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append(UInt8(ascii: "}"))
    }
}
