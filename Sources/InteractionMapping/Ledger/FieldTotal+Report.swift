// The field ledger as a report shows it: data used as keys is folded, the order is fixed.

extension FieldTotal {
    /// Sums totals up by their path in words.
    ///
    /// An object with more different keys than field names are likely to be has them counted as `*`. Whether it has
    /// is seen from all workers' totals together, so a report does not depend on who counted what.
    ///
    /// - Parameter totals: The totals of all workers.
    /// - Returns: Lines sorted by generation, path, disposition and note.
    package static func report(
        _ totals: [FieldTotal: Int]
    ) -> [(generation: String, path: String, disposition: Disposition, note: String, count: Int)] {
        var children: [[String]: Set<String>] = [:]
        for total in totals.keys {
            for depth in total.path.indices {
                children[[total.generation] + total.path[..<depth], default: []].insert(total.path[depth])
            }
        }
        let folded = Set(children.filter { $0.value.count > FieldLedger.distinctKeys }.keys)
        var sums: [FieldTotal: Int] = [:]
        for (total, count) in totals {
            var folding = total
            for depth in total.path.indices where folded.contains([total.generation] + total.path[..<depth]) {
                folding.path[depth] = "*"
            }
            sums[folding, default: 0] += count
        }
        return
            sums
            .map { ($0.key.generation, $0.key.text, $0.key.disposition, $0.key.note, $0.value) }
            .sorted { ($0.0, $0.1, $0.2.rawValue, $0.3) < ($1.0, $1.1, $1.2.rawValue, $1.3) }
    }

    private var text: String {
        path.reduce(into: "") { text, key in
            if !text.isEmpty, key != "[]" { text += "." }
            text += key
        }
    }
}
