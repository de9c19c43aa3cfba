// Follows the values of a legacy record to where the mapping puts them.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Puts the values of records beside those of the Interactions made from them.
struct SourceTrace: ~Copyable {
    private var source = JSONTape()
    private var writer: DiscreetWriter

    init(showsContent: Bool) { writer = DiscreetWriter(showsContent: showsContent) }

    /// The values of a record, each with its fate.
    ///
    /// - Parameters:
    ///   - text: The record in JSON.
    ///   - outcome: What became of it.
    ///   - interactions: What was made of it.
    ///   - isFolded: Whether other records are in them, so that positions in them say nothing.
    /// - Returns: The values in the record's order; none if it is no JSON of any kind.
    mutating func leaves(
        _ text: UnsafeRawBufferPointer,
        _ outcome: RecordOutcome,
        _ interactions: [[UInt8]],
        isFolded: Bool
    ) -> [SourceComparison.Leaf] {
        guard !text.isEmpty else { return [] }
        writer.reset()
        var padded = PaddedBytes(text)
        if (try? source.scan(padded.start, count: padded.count)) == nil {
            var json: [UInt8] = []
            guard (try? JSON5Normalizer.normalize(text, into: &json)) != nil else { return [] }
            padded = PaddedBytes(json)
            guard (try? source.scan(padded.start, count: padded.count)) != nil else { return [] }
        }
        let view = source.view(of: padded.start)
        let targets = TargetValues(interactions, tellsMessages: !isFolded)
        let known = Dictionary(grouping: outcome.fields, by: \.path)
        // A wrapper has no place in the ledger's paths, unless it has values of its own.
        let wrapper = ["payload", "inputs"].first { Self.isWrapped(in: $0, view, known) }
        var leaves: [SourceComparison.Leaf] = []
        collect(view, view.root, SourcePath(), &leaves) { view, node, path in
            var ledgerPath = path.pattern
            if let wrapper, ledgerPath.hasPrefix(wrapper + "."), known[ledgerPath] == nil {
                ledgerPath.removeFirst(wrapper.count + 1)
            }
            var fates = Self.narrowed(known[ledgerPath] ?? known[""] ?? [], view, node)
            fates = Self.narrowed(fates, path, outcome.repeated)
            return fates.count > 1 ? targets.narrowed(fates, view, node) : fates
        } result: { fate, path in
            targets.value(of: fate, from: path)
        }
        return leaves
    }

    private static func isWrapped(in key: String, _ view: JSONView, _ known: [String: [FieldFate]]) -> Bool {
        var isThere = false
        guard view.kind(view.root) == .object else { return false }
        view.forEachMember(view.root) { name, _ in
            if view.text(name).string == key { isThere = true }
        }
        return isThere
    }

    /// Goes through all values that have no members.
    private mutating func collect(
        _ view: JSONView,
        _ node: Int,
        _ path: SourcePath,
        _ leaves: inout [SourceComparison.Leaf],
        fates: (JSONView, Int, SourcePath) -> [FieldFate],
        result: (FieldFate, SourcePath) -> TargetValues.Value?
    ) {
        switch view.kind(node) {
        case .object where !view.isEmpty(node):
            var key = node + 1
            while key < view.next(node) {
                let value = key + 1
                if view[key].flags.contains(.superseded) {
                    let fate = SourceComparison.Leaf.Fate(disposition: .dropped, rule: "duplicate-key", count: 1)
                    let inner = path.member(view.text(key))
                    let json = writer.json(view, value, at: "")
                    leaves.append(SourceComparison.Leaf(path: inner.path, value: json, fates: [fate]))
                } else {
                    collect(view, value, path.member(view.text(key)), &leaves, fates: fates, result: result)
                }
                key = view.next(value)
            }
        case .array where !view.isEmpty(node):
            var element = node + 1
            var position = 0
            let count = view.elementCount(node)
            while element < view.next(node) {
                let inner = path.element(position, of: count)
                collect(view, element, inner, &leaves, fates: fates, result: result)
                element = view.next(element)
                position += 1
            }
        default:
            let found = fates(view, node, path)
            let target = found.count == 1 && found[0].disposition == .mapped ? found.first : nil
            let value = writer.json(view, node, at: target.map { TargetValues.pattern($0, from: path) } ?? "")
            var leaf = SourceComparison.Leaf(
                path: path.path,
                value: value,
                fates: found.map { .init(disposition: $0.disposition, rule: $0.note, count: $0.count) }
            )
            if let target, let there = result(target, path) {
                leaf.isChanged = !there.isSame(view, node)
                leaf.result = there.json(&writer)
            }
            leaves.append(leaf)
        }
    }

    /// What can have become of one of several values at a path: some rules are for values that one can tell.
    private static func narrowed(_ fates: [FieldFate], _ view: JSONView, _ node: Int) -> [FieldFate] {
        guard fates.count > 1 else { return fates }
        let isBlank = view.kind(node) == .string && view.text(node).isBlank
        let rule = view.kind(node) == .null ? "null" : isBlank ? "blank" : nil
        if let rule, let fate = fates.first(where: { $0.note == rule }) { return [fate] }
        return fates.filter { $0.note != "null" && $0.note != "blank" }
    }

    /// What can have become of a value in a message of a folded snapshot: a later one has the message, or it has not.
    private static func narrowed(_ fates: [FieldFate], _ path: SourcePath, _ repeated: [Bool]) -> [FieldFate] {
        guard fates.count > 1, let message = path.message, message.count == repeated.count else { return fates }
        let isRepeated = repeated[message.position]
        let found = fates.filter { ($0.disposition == .dropped && $0.note == "snapshot") == isRepeated }
        return found.isEmpty ? fates : found
    }
}

/// A place in a source record, with and without positions, as the field ledger writes paths.
struct SourcePath {
    private(set) var path = ""
    private(set) var pattern = ""
    /// The position in the outermost array, and how many elements that has.
    private(set) var entry: (position: Int, count: Int)?
    /// The same of the messages of the only conversation that has a list of them.
    private var said: (position: Int, count: Int)?
    /// The position among what was said, and how much that is, if the value is in a message.
    var message: (position: Int, count: Int)? { said ?? entry }

    func member(_ key: TextSlice) -> SourcePath {
        var inner = self
        inner.path += (path.isEmpty ? "" : ".") + key.string
        inner.pattern += (pattern.isEmpty ? "" : ".") + key.string
        return inner
    }

    func element(_ position: Int, of count: Int) -> SourcePath {
        var inner = self
        inner.path += "[\(position)]"
        inner.pattern += "[]"
        if pattern.hasSuffix("conversations[].messages"), entry?.count == 1 { inner.said = (position, count) }
        inner.entry = entry ?? (position, count)
        return inner
    }
}
