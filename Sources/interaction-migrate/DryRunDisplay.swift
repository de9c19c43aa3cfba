// What `convert --dry-run` shows on standard output.

internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// Shows what a conversion would do.
struct DryRunDisplay {
    let report: ConversionReport
    let rate: SubmissionRate?
    /// What is not as planned; nil if nothing was compared.
    let differences: [ConversionPlan.Difference]?

    /// One object over several lines, with the report in it as `--report` writes it.
    func json(version: String) -> String {
        let time = rate.map { "{\"rate\":\(Self.quoted("\($0)")),\"seconds\":\($0.time(for: report.interactions))}" }
        let list = differences.map { "[\($0.map { Self.quoted($0.description) }.joined(separator: ","))]" }
        return """
            {
            "dryRun": 1,
            "submission": \(time ?? "null"),
            "differences": \(list ?? "null"),
            "report": \(String(decoding: report.json(version: version), as: UTF8.self))}

            """
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(text).json, as: UTF8.self)
    }

    /// A screen for people.
    var text: String {
        var lines = ["Dry run: nothing was written.", ""]
        lines += Self.rows(counts)
        if !report.participants.isEmpty {
            lines += ["", "participants by role and rule"]
            lines += Self.rows(report.participants.map { ($0.role.rawValue + " by " + $0.rule, String($0.count)) })
        }
        if !report.findings.isEmpty {
            lines += ["", "findings"]
            for finding in report.findings { lines += Self.lines(finding) }
        }
        lines += ["", "books: in = mapped + moved + kept + dropped + rejected"]
        lines += Self.rows(report.books.levels.map { ($0.name, Self.equation($0.counts)) })
        lines.append(report.isBalanced ? "  the books balance" : "  the books do not balance")
        if let differences {
            lines += ["", differences.isEmpty ? "nothing differs from the plan" : "differences from the plan"]
            lines += differences.map { "  \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var counts: [(String, String)] {
        let books = report.books
        var rows = [
            ("inputs", Self.words(books.files, "read")),
            ("records", Self.words(books.records, "converted")),
            ("conversations", Self.words(books.conversations, "converted")),
            ("messages", Self.words(books.messages, "converted")),
            ("participants", Self.words(books.participants, "converted")),
        ]
        var created = "\(report.interactions) to create"
        if report.parts > 0 {
            created += ", \(report.parts) of them parts of \(report.splitRecords) that are too large"
        }
        rows.append(("Interactions", created))
        let sizes = report.sizes
        rows.append(("bytes", "\(sizes.bytes), the largest \(sizes.largest) of at most \(MessageSizes.limit)"))
        if !books.redacted.isEmpty {
            let counts = books.redacted.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
            rows.append(("masked", counts.joined(separator: ", ")))
        }
        if let rate { rows.append(("submission", "\(Self.duration(rate.time(for: report.interactions))) at \(rate)")) }
        return rows
    }

    private static func rows(_ rows: [(String, String)]) -> [String] {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 2) + $0.1 }
    }

    /// Such as `12: 10 converted, 1 dropped (limit), 1 rejected`.
    private static func words(_ level: Books.Level, _ mapped: String) -> String {
        guard level.total > 0 else { return "0" }
        var parts = level.mapped > 0 ? ["\(level.mapped) \(mapped)"] : []
        if level.moved > 0 { parts.append("\(level.moved) moved") }
        if level.kept > 0 { parts.append("\(level.kept) kept") }
        for (rule, count) in level.dropped.sorted(by: { $0.key < $1.key }) where count > 0 {
            parts.append("\(count) left out (\(rule))")
        }
        if level.rejected > 0 { parts.append("\(level.rejected) rejected") }
        return "\(level.total): \(parts.joined(separator: ", "))"
    }

    private static func equation(_ level: Books.Level) -> String {
        let dropped = level.dropped.values.reduce(0, +)
        return "\(level.total) = \(level.mapped) + \(level.moved) + \(level.kept) + \(dropped) + \(level.rejected)"
    }

    private static func lines(_ finding: ConversionReport.FindingCount) -> [String] {
        var lines = ["  \(finding.count) × \(finding.code.rawValue) (\(finding.severity.rawValue))"]
        for example in finding.examples {
            lines.append("    \(example.place): \(example.message)\(example.path.map { " at \($0)" } ?? "")")
        }
        if let remedy = finding.first.remedy { lines.append("    → \(remedy)") }
        return lines
    }

    /// Such as `2 h 5 min 1 s`.
    private static func duration(_ seconds: Int) -> String {
        var parts: [String] = []
        if seconds >= 86400 { parts.append("\(seconds / 86400) d") }
        if seconds >= 3600 { parts.append("\(seconds / 3600 % 24) h") }
        if seconds >= 60 { parts.append("\(seconds / 60 % 60) min") }
        return (parts + ["\(seconds % 60) s"]).joined(separator: " ")
    }
}
