// What `convert` shows on standard error: findings, progress, summary.

internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// Shows a run to a person, or to a machine.
struct ConvertDisplay {
    private let terminal: Terminal
    private let limit: Int
    private let showsWarnings: Bool
    private var line: ProgressLine
    private var shown = 0
    private var withheld = 0

    init(_ terminal: Terminal, limit: Int, total: Int64?, showsWarnings: Bool) {
        self.terminal = terminal
        self.limit = limit
        self.showsWarnings = showsWarnings
        line = ProgressLine(terminal, total: total)
    }

    /// Shows errors and warnings up to the limit; notes are in the outcome file.
    mutating func show(_ findings: [Finding]) {
        for finding in findings where finding.severity == .error || finding.severity == .warning && showsWarnings {
            guard shown < limit else {
                withheld += 1
                continue
            }
            shown += 1
            terminal.say(finding)
        }
    }

    /// Draws how far the run has come.
    mutating func progress(_ progress: Converter.Progress) { line.draw(progress) }

    /// Shows what the run did.
    func summarize(_ report: ConversionReport, isQuiet: Bool) {
        showRest(report, "--outcomes FILE has all of them")
        guard !isQuiet else { return }
        switch terminal.format {
        case .json: terminal.say(Self.json(report))
        case .text: terminal.say(Self.text(report))
        }
    }

    /// Shows how many findings there are beyond the limit, and what concerns whole inputs.
    func showRest(_ report: ConversionReport, _ hint: String) {
        if withheld > 0, terminal.format == .text { terminal.say("… and \(withheld) more findings; \(hint)") }
        for finding in report.findings where finding.code == .inputUnreadable || finding.first.place.record == nil {
            if finding.first.stage == .read { terminal.say(finding.first) }
        }
    }

    private static func text(_ report: ConversionReport) -> String {
        let records = report.books.records
        var parts = ["\(records.mapped) converted", "\(records.rejected) rejected"]
        let folded = records.dropped["snapshot"] ?? 0
        let skipped = records.dropped.values.reduce(0, +) - folded
        if folded > 0 { parts.append("\(folded) folded") }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        var text =
            "\(records.total) records: \(parts.joined(separator: ", ")); \(report.interactions) Interactions written"
        for finding in report.findings.sorted(by: { ($1.count, $0.code.rawValue) < ($0.count, $1.code.rawValue) }) {
            text += "\n  \(finding.count) × \(finding.code.rawValue) (\(finding.severity.rawValue))"
        }
        return text
    }

    private static func json(_ report: ConversionReport) -> String {
        let records = report.books.records
        let folded = records.dropped["snapshot"] ?? 0
        let skipped = records.dropped.values.reduce(0, +) - folded
        return """
            {"records":\(records.total),"converted":\(records.mapped),"rejected":\(records.rejected),\
            \(folded > 0 ? "\"folded\":\(folded)," : "")"skipped":\(skipped),"interactions":\(report.interactions),"balanced":\(report.isBalanced)}
            """
    }
}
