// What entries say of others: repetitions, edits and withdrawals, in whatever order they were read.

internal import InteractionModel

extension RecordMapper {
    /// Finds out which entries are repetitions, edits or withdrawals of others.
    mutating func settleEntries(_ gathered: inout GatheredConversation, _ files: [String]) {
        guard !gathered.has.isDisjoint(with: [.id, .deletion]) else { return }
        var known = KnownEntries()
        for index in gathered.entries.indices where gathered.entries[index].kind != .skip {
            if gathered.entries[index].replaces != nil {
                known.references.append(index)
            } else {
                settleById(&gathered, index, &known, files)
            }
        }
        // An edit may have been read before what it changes.
        for index in known.references { settleReference(&gathered, index, &known, files) }
        for index in gathered.entries.indices where gathered.entries[index].isDeleted && options.deleted == .drop {
            if gathered.entries[index].dropped == nil { gathered.entries[index].dropped = "deleted" }
        }
    }

    /// The entries of a conversation as others refer to them.
    private struct KnownEntries {
        var byId: [[UInt8]: Int] = [:]
        /// Entries that say which other one they replace.
        var references: [Int] = []
        /// When the wording was written that an entry has from an edit.
        var edits: [Int: Instant] = [:]
    }

    private func settleReference(
        _ gathered: inout GatheredConversation,
        _ index: Int,
        _ known: inout KnownEntries,
        _ files: [String]
    ) {
        let entry = gathered.entries[index]
        guard let target = entry.replaces.flatMap({ known.byId[$0.unescaped()] }), target != index else {
            settleById(&gathered, index, &known, files)
            return
        }
        // Whoever changes the change means the same entry.
        if let id = entry.messageId?.unescaped(), known.byId[id] == nil { known.byId[id] = target }
        if entry.isDeleted {
            gathered.withdraw(target, by: index)
            return
        }
        gathered.entries[index].dropped = "edit"
        if let last = known.edits[target], let instant = entry.time.instant, instant < last { return }
        gathered.entries[target].text = entry.text
        known.edits[target] = entry.time.instant ?? known.edits[target]
    }

    /// Decides about an entry whose id may have come before.
    private func settleById(
        _ gathered: inout GatheredConversation,
        _ index: Int,
        _ known: inout KnownEntries,
        _ files: [String]
    ) {
        let entry = gathered.entries[index]
        guard let id = entry.messageId?.unescaped() else { return }
        guard let earlier = known.byId[id] else {
            known.byId[id] = index
            return
        }
        let first = gathered.entries[earlier]
        if entry.isDeleted {
            gathered.withdraw(earlier, by: index)
        } else if first.kind == .deleted, entry.kind == .message {
            gathered.withdraw(index, by: earlier)
            known.byId[id] = index
        } else if entry.kind == first.kind, TextSlice.isSame(entry.text, first.text),
            entry.time.instant == first.time.instant
        {
            gathered.entries[index].dropped = "repeated"
        } else {
            gathered.findings.append(
                Finding(
                    .messageRepeated,
                    .warning,
                    stage: .map,
                    place: gathered.origins[entry.fragment].place(files),
                    message: "a message id comes again with another content; both are kept"
                )
            )
        }
    }
}

extension GatheredConversation {
    /// Makes an entry one that was taken back, as another entry says; its own words stay.
    fileprivate mutating func withdraw(_ target: Int, by index: Int) {
        entries[target].isDeleted = true
        if entries[target].text == nil { entries[target].text = entries[index].text }
        entries[index].dropped = "withdrawal"
    }

    /// Some entries in the order in which they were written, as far as their source tells it by the order of records.
    func written(_ stretch: [Int]) -> [Int] {
        guard has.contains(.newestFirst) else { return stretch }
        let places = stretch.indices.filter { entries[stretch[$0]].isNewestFirst }
        // What one record says stays in its order.
        let turned = places.map { stretch[$0] }.sorted { left, right in
            let (first, second) = (entries[left].fragment, entries[right].fragment)
            return first == second ? left < right : first > second
        }
        var result = stretch
        for (place, index) in zip(places, turned) { result[place] = index }
        return result
    }
}

extension TextSlice {
    /// Whether two texts are the same, or neither is there.
    static func isSame(_ left: TextSlice?, _ right: TextSlice?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.equals(right)
    }
}
