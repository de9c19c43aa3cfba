// Cells of CSV that a spreadsheet cannot take for a formula.

/// A cell of a table that people open in a spreadsheet.
enum SpreadsheetCell {
    private static let formulaStarts: [Unicode.Scalar] = ["=", "+", "-", "@", "\t", "\r", "'"]

    /// A cell as it is written: an apostrophe before what would be a formula, quotes where CSV needs them.
    static func written(_ text: String) -> String {
        let safe = isTakenForFormula(text) ? "'" + text : text
        guard safe.contains(where: { ",\"".contains($0) || $0.isNewline }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    /// A cell as it was meant: without the apostrophe that ``written(_:)`` puts before it.
    static func read(_ text: String) -> String {
        text.first == "'" && isTakenForFormula(text.dropFirst()) ? String(text.dropFirst()) : text
    }

    /// Whether a cell begins as a formula does, with any number of apostrophes before it.
    private static func isTakenForFormula(_ text: some StringProtocol) -> Bool {
        text.unicodeScalars.first.map { formulaStarts.contains($0) } ?? false
    }
}
