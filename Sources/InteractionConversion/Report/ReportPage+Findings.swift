// The findings on the page, by code, with the first places and what to do.

internal import InteractionModel

extension ReportPage {
    /// Characters of a path, a message or a file's name that are shown.
    private static let largestText = 300

    /// Findings by code: what costs records first, then what came up most.
    var findings: Section {
        let order: [Finding.Severity] = [.error, .warning, .note]
        let sorted = report.findings.sorted { left, right in
            let ranks = [left, right].map { order.firstIndex(of: $0.severity) ?? 0 }
            return (ranks[0], right.count, left.code.rawValue) < (ranks[1], left.count, right.code.rawValue)
        }
        let all = report.findings.reduce(0) { $0 + $1.count }
        let counts = order.map { severity in
            let count = report.findings.count { $0.severity == severity }
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        return Section(
            id: "findings",
            title: "Findings",
            content: sorted.isEmpty
                ? "<p>There are none.</p>"
                : """
                <p>\(all) findings, of \(sorted.count) kinds: \(counts.joined(separator: ", ")). The outcome file \
                (<code>--outcomes</code>) has each of them.</p>
                <ol class="findings">
                \(sorted.map(Self.item))</ol>
                """
        )
    }

    private static func item(_ finding: ConversionReport.FindingCount) -> HTML {
        let first = finding.first
        let rest = finding.count - finding.examples.count
        let remedies = finding.examples.compactMap(\.remedy)
        let remedy: HTML =
            remedies.first.map { "<p class=\"remedy\"><strong>What to do:</strong> \(clip($0)).</p>\n" } ?? ""
        return """
            <li class="\(finding.severity.rawValue)">
            <h3><code>\(finding.code.rawValue)</code> <span class="severity">\(finding.severity.rawValue)</span> \
            <span class="times">\(finding.count)×</span></h3>
            <p>\(clip(first.message))</p>
            \(remedy)<ul class="places">
            \(finding.examples.map { place($0, besides: first) })\
            \(rest > 0 ? "<li class=\"muted\">and \(rest) more</li>" as HTML : "")</ul>
            </li>

            """
    }

    private static func place(_ finding: Finding, besides first: Finding) -> HTML {
        var text: HTML = "<li><bdi>\(clip(finding.place.file))</bdi>"
        if let record = finding.place.record { text += ", record \(record)" }
        if let line = finding.place.line {
            text += ", line \(line)"
            if let column = finding.place.column { text += ", column \(column)" }
        } else if let offset = finding.place.offset {
            text += ", byte \(Int(offset))"
        }
        if let path = finding.path { text += " <code>\(clip(path))</code>" }
        if finding.message != first.message { text += " <span class=\"muted\">\(clip(finding.message))</span>" }
        text += "</li>\n"
        return text
    }

    private static func clip(_ text: String) -> String { HTML.clipped(text, to: largestText) }
}
