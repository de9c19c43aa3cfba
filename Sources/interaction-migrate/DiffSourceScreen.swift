// A source record for people: each of its values, and where it went.

internal import InteractionConversion
internal import InteractionMapping

extension Screen {
    /// Which record it is, and what became of it.
    func title(_ comparison: SourceComparison) -> String {
        guard let file = comparison.file, let record = comparison.record else { return "" }
        let format = comparison.format.map { " (\(Self.safe($0)))" } ?? ""
        let status =
            switch comparison.status {
            case "same": "as the mapping makes it now"
            case "differs": "differs from what the mapping makes now"
            case "missing": "is not in the conversion"
            case "folded": "is folded into it with later ones"
            default: "is not converted"
            }
        let colour: Colour = ["same", "folded"].contains(comparison.status) ? .cyan : .red
        var text = "== \(Self.safe(file)), record \(record)\(format)"
        if let place = comparison.difference?.place ?? comparison.foldedInto {
            text += " → thread \(Self.safe(place.threadId))"
            if let part = place.part { text += ", part \(part)" }
            text += ", request \(Self.safe(place.requestId))"
        }
        return paint("\(text): \(status) ==", colour) + "\n"
    }

    /// A value and its fate.
    func line(_ leaf: SourceComparison.Leaf, isSideBySide: Bool) -> String {
        let source = "\(Self.safe(leaf.path)): \(Self.safe(leaf.value))"
        let fate = leaf.fates.map { words($0, of: leaf) }.joined(separator: " or ")
        let isDropped = leaf.fates.allSatisfy { $0.disposition == .dropped || $0.disposition == .rejected }
        let isChanged = leaf.isChanged ?? false
        let colour: Colour? = isDropped ? .red : isChanged ? .yellow : nil
        let mark = isDropped ? "-" : isChanged ? "~" : " "
        if isSideBySide { return paint(row(source, mark == " " ? "=" : mark, fate), colour) + "\n" }
        return paint("\(mark) \(source) → \(fate)", colour) + "\n"
    }

    private func words(_ fate: SourceComparison.Leaf.Fate, of leaf: SourceComparison.Leaf) -> String {
        let rule = Self.safe(fate.rule)
        // Where several fates are possible, the books say how many values had each.
        let count = leaf.fates.count > 1 ? " (\(fate.count) of these values)" : ""
        switch fate.disposition {
        case .mapped, .moved:
            let result = leaf.isChanged ?? false ? leaf.result.map { ": \(Self.safe($0))" } ?? "" : ""
            return (fate.disposition == .moved ? "moved to " : "") + rule + result + count
        case .kept: return "kept in \(rule)\(count)"
        case .dropped: return "dropped by the rule \(rule)\(count)"
        case .rejected: return "rejected with its \(rule)\(count)"
        }
    }

    /// A line of the field ledger.
    func line(_ field: ConversionReport.Field) -> String {
        let path = Self.safe(field.path.isEmpty ? "(record)" : field.path)
        let isDropped = field.disposition == .dropped || field.disposition == .rejected
        let what = "\(path): \(field.disposition.rawValue) \(isDropped ? "by" : "→") \(Self.safe(field.note))"
        return "\(Self.number(field.count, 12))  \(Self.safe(field.generation))  \(what)\n"
    }
}
