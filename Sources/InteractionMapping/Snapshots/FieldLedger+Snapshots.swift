// Values of snapshots: what they count for is known when all snapshots of their thread are.

internal import InteractionModel

extension FieldLedger {
    /// Ends a record whose counts may still change; they stay counted.
    ///
    /// - Returns: What it has counted, by entry number.
    mutating func takeJournal() -> [(entry: Int, count: Int)] {
        var counts: [Int: Int] = [:]
        for added in journal { counts[added.entry, default: 0] += added.count }
        journal.removeAll(keepingCapacity: true)
        return counts.filter { $0.value != 0 }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// Turns to a record again.
    ///
    /// - Parameter counts: What ``takeJournal()`` gave for it.
    mutating func resume(_ counts: [(entry: Int, count: Int)]) { journal = counts }

    /// Books values of the record at hand as something else than they were counted as.
    mutating func turn(_ entry: Int, _ count: Int, _ disposition: Disposition, _ note: StaticString) {
        entries[entry].count -= count
        journal.append((entry, -count))
        self.count(entries[entry].path, disposition, note, count)
    }

    /// Lists the paths of a value's leaves, one for each leaf.
    mutating func collectLeaves(_ path: Path, _ view: JSONView, _ node: Int, into leaves: inout [Path]) {
        switch view.kind(node) {
        case .object where !view.isEmpty(node):
            view.forEachMember(node) { key, value in
                collectLeaves(child(path, view.text(key)), view, value, into: &leaves)
            }
        case .array where !view.isEmpty(node):
            let inner = elements(path)
            view.forEachElement(node) { collectLeaves(inner, view, $0, into: &leaves) }
        default:
            leaves.append(path)
        }
    }

    /// The field of the payload that values count for, or what they are kept under.
    func target(of entry: Int) -> String {
        let known = entries[entry]
        let own = text(known.path)
        if known.disposition == .kept { return own }
        guard known.note.description == "unchanged" else { return known.note.description }
        return own.hasPrefix("payload.") ? String(own.dropFirst("payload.".count)) : own
    }
}
