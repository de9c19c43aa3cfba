// The messages of most records of XML: elements of the same shape, told by members that stand for nothing but themselves.

internal import InteractionModel

/// Which members of a record's items say what, as long as one item after the other has the same names in the same order.
///
/// Such an item is read by position: its names were looked up for an item before it in the record. It must be flat, have
/// its names where that item has them, and be of a rule without conditions.
struct PlainItems: ~Copyable {
    /// What an item says.
    struct Part {
        let tag: FragmentTag
        let target: FieldTarget
        /// Where its node lies, counted from the item's.
        let offset: Int
        /// The map of words, or -1.
        let words: Int
        /// The rule that is reached by it.
        let rule: Int
    }

    /// Shapes that are learnt of one record: where they take turns, looking each item's names up costs less.
    private static let shapesPerRecord = 8

    /// Which of the plan's entries may be plain; -1 for none.
    private(set) var entries = -1
    /// The code of ``KindRule/Kind``.
    private(set) var kind: UInt8 = 0
    private(set) var flags: EntryFlags = .instant
    /// All that may be said, in the order in which a fragment has it, the time first.
    private(set) var values: [(tag: FragmentTag, target: FieldTarget, value: PlannedValue)] = []
    /// An item of the record at hand that is plain; -1 if none is known.
    fileprivate(set) var model = -1
    /// What such an item says, the time first.
    fileprivate var parts = Cells<Part>()
    private var shapeCount = 0

    /// No such items.
    init() {}

    /// Looks which items of a plan may be plain.
    init(_ plan: borrowing ExtractionPlan) {
        for index in plan.entries.indices {
            guard plan.entries[index].member != nil, let first = plan.entries[index].kinds.first else { continue }
            let kind = plan.kinds[first]
            guard kind.kind != .skip, kind.condition < 0, !kind.hasAttachments, kind.times.count == 1,
                plan.times[kind.times.lowerBound].isAutomatic
            else { continue }
            entries = index
            self.kind = kind.kind.code
            if kind.isOpening { flags.insert(.opening) }
            let content: FieldTarget = kind.kind == .message || kind.kind == .deleted ? .content : .event
            values = [
                (.time, .time, plan.times[kind.times.lowerBound].value), (.text, content, kind.text),
                (.messageId, .metadata, kind.id), (.replaces, .decision, kind.replaces),
            ]
            values += kind.sender.parts
            return
        }
    }

    /// Turns to another record.
    @inline(__always)
    mutating func beginRecord() {
        model = -1
        shapeCount = 0
    }

    /// Whether another shape of the record at hand may be learnt.
    fileprivate mutating func mayLearn() -> Bool {
        shapeCount += 1
        return shapeCount <= Self.shapesPerRecord
    }
}

extension Extractor {
    /// Writes an item that has the shape of one before it.
    ///
    /// - Parameters:
    ///   - entries: Which of the plan's entries it is of.
    ///   - view: The record.
    ///   - node: The item.
    /// - Returns: False if its members have to be looked up; then nothing was written.
    mutating func writePlain(_ entries: Int, _ view: JSONView, _ node: Int) -> Bool {
        guard items.model >= 0, items.entries == entries, view.hasShape(of: items.model, node) else { return false }
        let time = view.text(node &+ items.parts[0].offset)
        guard time.form == .plain, let instant = Instant.rfc3339(time.bytes) else { return false }
        let start = output.count
        var flags = items.flags
        if isNewestFirst { flags.insert(.newestFirst) }
        output.append(entry: items.kind, flags, at: instant)
        for index in items.parts.indices {
            guard let text = plainText(items.parts[index], view, node) else {
                output.truncate(to: start)
                return false
            }
            output.append(items.parts[index].tag, text: text)
        }
        for index in items.parts.indices {
            mark(node &+ items.parts[index].offset, items.parts[index].target)
            reached[items.parts[index].rule] = true
        }
        previousInstant = instant
        toldInstant = instant
        own(node..<view.next(node))
        entryCount += 1
        previous.entryCount += 1
        return true
    }

    /// What a part of an item says; nil if that is not all there is to it.
    @inline(__always)
    private func plainText(_ part: PlainItems.Part, _ view: JSONView, _ node: Int) -> TextSlice? {
        let text = view.text(node &+ part.offset)
        guard !text.startsBlank else { return nil }
        guard part.words >= 0 else { return text }
        guard text.form == .plain, let word = plan.words[part.words].value(of: text), !word.isBlank else { return nil }
        return word
    }

    /// Learns from an item that was written where others of its shape have what they say.
    mutating func learnPlain(_ entries: Int, _ view: JSONView, _ node: Int) {
        guard items.entries == entries, !isTable, items.mayLearn(), view.hasShape(of: node, node) else { return }
        items.model = -1
        items.parts.removeAll()
        let item = Item(view: view, node: node, context: nil)
        for (tag, target, value) in items.values where value >= 0 {
            for index in plan.values[Int(value)] {
                let choice = plan.choices[Int(index)]
                guard choice.kind == .member, choice.condition < 0 else { return }
                guard let found = member(Int(index), item) else { continue }
                items.parts.append(
                    PlainItems.Part(
                        tag: tag,
                        target: target,
                        offset: found - node,
                        words: Int(choice.words),
                        rule: Int(choice.rule)
                    )
                )
                break
            }
        }
        guard !items.parts.isEmpty, items.parts[0].tag == .time else { return }
        items.model = node
    }
}

extension JSONView {
    /// Whether an object has the names of another in the same order and places, and a string for each.
    @inline(__always)
    fileprivate func hasShape(of model: Int, _ node: Int) -> Bool {
        let count = next(node) &- node
        guard kind(node) == .object, kind(model) == .object, next(model) &- model == count else { return false }
        var key = 1
        while key < count {
            let (name, other) = (self[node &+ key], self[model &+ key])
            guard name.start == other.start, name.end == other.end, name.flags == other.flags,
                key &+ 1 < count, kind(node &+ key &+ 1) == .string
            else { return false }
            key &+= 2
        }
        return true
    }
}
