// Where the messages of a sample are, and what is a record of it.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Where the records lie in a sample's document, and where the messages in a record.
struct SketchStructure {
    /// The names from the top of the document to a record; none for a row, or for each document.
    var record: [String] = []
    /// The names from a record to its messages; nil where the record is the message.
    var each: [String]?
    /// Elements beside the messages that are not read.
    var siblings: [String] = []

    /// A place that holds fields: a list's element, an XML element, a document.
    private struct Holder {
        var names: [String]
        var count: Int
        var fields: [SketchField] = []
        var score = 0
        /// Whether there are more of it than of what surrounds it.
        var isRepeated: Bool

        /// Whether this is more likely the message than one that lies no deeper.
        func isBetter(than leader: Holder) -> Bool {
            if score > leader.score { return true }
            // What has a text, and a time or a person, inside of the like is the message, and that the conversation.
            let isInside = names.count > leader.names.count && names.starts(with: leader.names)
            if isInside { return score >= 5 && count >= leader.count }
            return score == leader.score && count > leader.count
        }
    }

    /// Finds the list that looks most like messages.
    ///
    /// - Parameters:
    ///   - skeleton: What the first bytes hold.
    ///   - kind: How they are written.
    ///   - isWhole: Whether that is all of the sample.
    init(_ skeleton: Skeleton, _ kind: Profile.Kind, isWhole: Bool) {
        guard kind != .csv else { return }
        let holders = Self.holders(skeleton, kind)
        var best: Holder?
        for holder in holders.sorted(by: { $0.names.count < $1.names.count }) {
            if best.map({ holder.isBetter(than: $0) }) ?? true { best = holder }
        }
        guard let best else { return }
        let names = best.names
        let around = holders.filter { $0.names.count < names.count && names.starts(with: $0.names) }
        if SketchGuesses.key(ofMessages: best.fields, isExplicit: true) != nil, best.isRepeated || names.isEmpty {
            record = names
        } else if let list = around.last(where: { Self.isConversation($0, kind) }) {
            record = list.names
            each = Array(names.dropFirst(list.names.count))
        } else if kind == .json, isWhole, !names.isEmpty, names != [SketchField.element] {
            each = names
        } else {
            record = names
        }
        if kind == .xml, each == nil, names.count > 1 {
            siblings = Self.siblings(of: names, holders).sorted()
        }
    }

    private static func isConversation(_ holder: Holder, _ kind: Profile.Kind) -> Bool {
        if kind == .json { return holder.names.last == SketchField.element }
        return holder.names.count > 1
            && (holder.isRepeated || SketchGuesses.key(ofConversations: holder.fields) != nil)
    }

    private static func siblings(of names: [String], _ holders: [Holder]) -> Set<String> {
        let parent = names.dropLast()
        return Set(
            holders.filter { $0.names.count == names.count && $0.names.dropLast() == parent && $0.names != names }
                .compactMap(\.names.last)
        )
    }

    private static func holders(_ skeleton: Skeleton, _ kind: Profile.Kind) -> [Holder] {
        let listing = skeleton.listing.map { (names: SketchPath.names($0.path, kind), facts: $0.facts) }
        var counts: [[String]: Int] = [:]
        for (names, facts) in listing { counts[names, default: 0] += facts.count }
        var holders = kind == .json ? [Holder(names: [], count: 1, isRepeated: false)] : []
        for (names, facts) in listing where facts.kinds.contains(.object) {
            if kind == .json, names.last != SketchField.element { continue }
            let isRepeated = facts.count > counts[Array(names.dropLast())] ?? 0
            holders.append(Holder(names: names, count: facts.count, isRepeated: kind == .json || isRepeated))
        }
        for index in holders.indices {
            let own = holders[index].names
            for (names, facts) in listing where names.count > own.count && names.starts(with: own) {
                let inner = Array(names.dropFirst(own.count))
                let isNested = holders.contains {
                    $0.isRepeated && $0.names.count > own.count && names.starts(with: $0.names)
                }
                guard !isNested, !facts.samples.isEmpty || facts.kinds.contains(.string) else { continue }
                var field = SketchField(inner)
                for sample in facts.samples { field.add(sample) }
                holders[index].fields.append(field)
            }
            // An element's own text is a field as well, though the skeleton has it under the element's path.
            if kind == .xml, let facts = skeleton.paths[own.joined(separator: "/")], facts.kinds.contains(.string) {
                var field = SketchField(["#text"])
                for sample in facts.samples { field.add(sample) }
                holders[index].fields.append(field)
            }
            holders[index].score = SketchGuesses.likeness(holders[index].fields)
        }
        return holders
    }

    /// The place of the records as a profile has it.
    func at(_ kind: Profile.Kind) -> String {
        switch kind {
        case .csv: return ""
        case .xml: return record.joined(separator: "/")
        case .json: break
        }
        // The elements of an array that is the whole document are documents.
        let names = record.first == SketchField.element ? record.dropFirst() : record[...]
        return names.reduce(into: "$") { text, name in
            if name == SketchField.element {
                text += name
            } else {
                let isPlain = name.wholeMatch(of: /[\p{L}_][\p{L}\w-]*/) != nil
                text += isPlain ? "." + name : "['\(name)']"
            }
        }
    }
}
