// The long tables of the page: the field ledger and the shapes of records.

internal import InteractionMapping

extension ReportPage {
    /// Lines of the field ledger, characters of a path, and bytes of the whole table that are shown at most.
    private static let (largestFieldCount, largestPath, largestTable) = (4000, 160, 1_500_000)
    private static let (largestShapeCount, largestStructure) = (100, 1500)

    /// The field ledger, which the page's script makes searchable.
    var fields: Section {
        let sorted = report.fields.enumerated()
            .sorted { (-$0.element.count, $0.offset) < (-$1.element.count, $1.offset) }.map(\.element)
        var rows: [HTML] = []
        var size = 0
        for field in sorted.prefix(Self.largestFieldCount) {
            let row = Self.row(field)
            size += row.text.utf8.count
            guard size <= Self.largestTable else { break }
            rows.append(row)
        }
        let rest = sorted.dropFirst(rows.count)
        let more: HTML =
            rest.isEmpty
            ? ""
            : """
            <p>These are the \(rows.count) lines with the most values; \(rest.count) more lines with \
            \(rest.reduce(0) { $0 + $1.count }) values are in the report in JSON.</p>
            """
        let head = [
            Self.head("Generation or profile"), Self.head("Source path"), Self.head("What became of it"),
            Self.head("Target or rule"), Self.head("Values", isNumber: true),
        ]
        let title = "Source paths and where their values went"
        let table = Self.table(title, class: "sortable searchable", head: head, rows: rows)
        return Section(
            id: "fields",
            title: "Field ledger",
            content: """
                <p>Every path of the source, and where its values went. <code>[]</code> stands for any element, \
                <code>*</code> for keys that are data.</p>
                \(more)
                \(table)
                """
        )
    }

    private static func row(_ field: ConversionReport.Field) -> HTML {
        """
        <tr><td>\(HTML.clipped(field.generation, to: largestPath))</td>\
        <td><code>\(HTML.clipped(field.path, to: largestPath))</code></td>\
        <td><span class="key \(field.disposition.rawValue)"></span>\(field.disposition.rawValue)</td>\
        <td><code>\(HTML.clipped(field.note, to: largestPath))</code></td><td class="number">\(field.count)</td></tr>

        """
    }

    /// The structures of records.
    var shapes: Section? {
        guard !report.shapes.isEmpty else { return nil }
        let most = report.shapes.map(\.records).max() ?? 0
        let rows = report.shapes.prefix(Self.largestShapeCount).map { shape -> HTML in
            """
            <tr><td class="number">\(shape.records)</td>\
            <td class="narrow">\(Self.bar([("size", shape.records)], of: most))</td>\
            <td><code class="structure">\(HTML.clipped(shape.structure, to: Self.largestStructure))</code></td></tr>

            """
        }
        let rest = report.shapes.dropFirst(rows.count)
        let records = rest.reduce(0) { $0 + $1.records } + report.otherRecords
        let more: HTML =
            records == 0
            ? ""
            : """
            <p>\(records) more records are of \(report.otherRecords > 0 ? "at least " : "")\
            \(rest.count + (report.otherRecords > 0 ? 1 : 0)) rarer shapes.</p>
            """
        let head = [Self.head("Records", isNumber: true), Self.head("Bar"), Self.head("Structure")]
        return Section(
            id: "shapes",
            title: "Shapes of records",
            content: """
                <p>Which paths records have, and what kind of value is at each; elements of an array are brought \
                together.</p>
                \(Self.table("Records by structure", head: head, rows: rows))
                \(more)
                """
        )
    }
}
