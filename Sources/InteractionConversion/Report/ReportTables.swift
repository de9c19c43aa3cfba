// The report's tables as CSV, for spreadsheets and databases.

internal import InteractionMapping
internal import InteractionModel

/// A folder with one CSV file for each table of a report.
///
/// A cell that a spreadsheet would take for a formula begins with an apostrophe, which is no part of it.
public final class ReportTables {
    private static let columns = [
        ("books", ["level", "in", "mapped", "moved", "kept", "dropped", "rejected", "balanced"]),
        ("dropped", ["level", "rule", "count"]),
        ("participants", ["role", "rule", "count"]),
        ("timeline", ["start", "unit", "conversations", "messages"]),
        ("sizes", ["upTo", "count"]),
        (
            "findings",
            [
                "code", "severity", "count", "example", "file", "record", "line", "column", "offset", "path", "message",
                "remedy",
            ]
        ),
        ("fields", ["generation", "path", "disposition", "note", "count"]),
        ("shapes", ["records", "structure"]),
    ]

    private let files: [(name: String, columns: [String], file: OutputFile)]

    /// Opens the files.
    ///
    /// - Parameter folder: Where to; made if it is missing.
    /// - Throws: ``OutputFailure``.
    public init(folder: String) throws(OutputFailure) {
        try OutputFolder.make(folder)
        var files: [(String, [String], OutputFile)] = []
        for (name, columns) in Self.columns {
            files.append((name, columns, try OutputFile(path: "\(folder)/\(name).csv")))
        }
        self.files = files
    }

    /// Writes a report's tables and completes the files.
    ///
    /// - Parameter report: The report.
    /// - Throws: ``OutputFailure``.
    public func write(_ report: ConversionReport) throws(OutputFailure) {
        for (name, columns, file) in files {
            for row in [columns] + report.rows(ofTable: name) {
                try file.write(row.map(SpreadsheetCell.written).joined(separator: ",") + "\n")
            }
            try file.finish()
        }
    }
}

extension ConversionReport {
    fileprivate func rows(ofTable name: String) -> [[String]] {
        switch name {
        case "books":
            books.levels.map { name, counts in
                let dropped = counts.dropped.values.reduce(0, +)
                let numbers = [counts.total, counts.mapped, counts.moved, counts.kept, dropped, counts.rejected]
                return [name] + numbers.map(String.init) + [String(counts.isBalanced)]
            }
        case "dropped":
            books.levels.flatMap { name, counts in
                counts.dropped.sorted { $0.key < $1.key }.map { [name, $0.key, String($0.value)] }
            }
        case "participants": participants.map { [$0.role.rawValue, $0.rule, String($0.count)] }
        case "timeline":
            timeline.buckets.map { row($0.start, timeline.unit.rawValue, $0.counts) }
                + [row("", "", timeline.withoutTime)]
        case "sizes":
            sizes.counts.enumerated().map { place, count in
                [place < MessageSizes.bounds.count ? String(MessageSizes.bounds[place]) : "", String(count)]
            }
        case "findings": findings.flatMap(rows)
        case "fields": fields.map { [$0.generation, $0.path, $0.disposition.rawValue, $0.note, String($0.count)] }
        default: shapes.map { [String($0.records), $0.structure] }
        }
    }

    private func row(_ start: String, _ unit: String, _ counts: Timeline.Counts) -> [String] {
        [start, unit, String(counts.conversations), String(counts.messages)]
    }

    private func rows(_ finding: FindingCount) -> [[String]] {
        finding.examples.enumerated().map { number, example in
            let place = example.place
            let numbers = [place.record, place.line, place.column, place.offset.map { Int($0) }]
            return [finding.code.rawValue, finding.severity.rawValue, String(finding.count), String(number + 1)]
                + [place.file] + numbers.map { $0.map(String.init) ?? "" }
                + [example.path ?? "", example.message, example.remedy ?? ""]
        }
    }
}
