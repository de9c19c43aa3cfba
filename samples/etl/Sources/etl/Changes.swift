// What a new conversion changes beside an old one, grouped by cause.

import InteractionConversion

/// Two conversions of the same source.
struct Changes {
    let old: String
    let new: String

    /// Prints the counts, and a line for each cause.
    func show() throws {
        var summary = DiffSummary()
        let report = try ConversionDiff().run(old: old, new: new) { summary.add($0) }
        print("\(report.equal) equal, \(report.changed) changed, \(report.added) added, \(report.removed) removed")
        for group in summary.groups {
            print("\(group.kind.rawValue) \(group.pattern): \(group.cause ?? "") in \(group.interactions) Interactions")
        }
    }
}
