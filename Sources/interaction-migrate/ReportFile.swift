// Where a report goes: as JSON for machines, or as a page for people.

internal import InteractionConversion

/// One `--report`.
struct ReportFile {
    private let file: OutputFile
    private let isPage: Bool

    /// Opens the file, whose name says what goes into it.
    init(_ path: String) throws(OutputFailure) {
        file = try OutputFile(path: path)
        let name = path.lowercased()
        isPage = name.hasSuffix(".html") || name.hasSuffix(".htm")
    }

    /// Writes the report and completes the file.
    func write(_ report: ConversionReport, _ figures: RunFigures) throws(OutputFailure) {
        // JSON is the same in every run; how fast it was is for people only.
        try file.write(isPage ? report.html(version: Version.text, run: figures) : report.json(version: Version.text))
        try file.finish()
    }
}
