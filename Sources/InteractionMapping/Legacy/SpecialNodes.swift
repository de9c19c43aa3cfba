// Where a record's special values were found.

internal import InteractionModel

/// The node and path of each value that a table alone cannot place; -1 where the record has none.
struct SpecialNodes {
    private var nodes = [Int](repeating: -1, count: LegacyRule.Special.allCases.count)
    private var paths = [FieldLedger.Path](repeating: 0, count: LegacyRule.Special.allCases.count)

    mutating func reset() {
        for index in nodes.indices { nodes[index] = -1 }
    }

    mutating func set(_ special: LegacyRule.Special, _ node: Int, _ path: FieldLedger.Path) {
        nodes[special.rawValue] = node
        paths[special.rawValue] = path
    }

    /// The value's node and path, if the record has it.
    subscript(_ special: LegacyRule.Special) -> (node: Int, path: FieldLedger.Path)? {
        let node = nodes[special.rawValue]
        return node < 0 ? nil : (node, paths[special.rawValue])
    }
}
