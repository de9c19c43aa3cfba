// One row of a table written anew with other texts in its cells.

internal import InteractionModel

/// Copies the beginning of a table and one of its rows: whatever parts and encloses cells stays as it is.
package struct DelimitedCopy {
    private let dialect: DelimitedDialect
    private let delimiter: UInt8
    /// The names of the columns as the header spells them.
    private var names: [String] = []
    private var text: [UInt8] = []

    /// Makes a copy of nothing.
    ///
    /// - Parameter dialect: That of the table, with its delimiter.
    package init(_ dialect: DelimitedDialect) {
        self.dialect = dialect
        delimiter = dialect.delimiter ?? UInt8(ascii: ",")
        switch dialect.header {
        case .names(let list): names = list
        case .namesByWidth(let lists): names = lists.first ?? []
        case .first, .absent: break
        }
    }

    /// Copies what announces the delimiter, and the header if there is one.
    ///
    /// - Parameter bytes: The table up to its first record.
    package mutating func add(beginning bytes: [UInt8]) {
        let padded = PaddedBytes(bytes)
        let start = UnsafePointer(padded.start)
        var at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if at < bytes.count, let announced = DelimitedDialect.announcedDelimiter(start, at..<bytes.count) {
            text += bytes[at..<announced.end] + [0x0A]
            at = announced.end
        }
        guard dialect.header == .first else { return }
        var row = DelimitedRow(delimiter: delimiter)
        while at < bytes.count, row.read(start, at..<bytes.count, isFinal: true) == .complete {
            guard row.isBlank(start) else {
                names = row.cells.map { String(decoding: row.content(of: $0, in: start).text, as: UTF8.self) }
                copy(row, bytes, start) { _, text in text }
                return
            }
            at = row.next
        }
    }

    /// Copies a row.
    ///
    /// - Parameters:
    ///   - bytes: The row.
    ///   - content: Gives the new text of a cell from its column's name and its text.
    package mutating func add(row bytes: [UInt8], _ content: (String, String) -> String) {
        let padded = PaddedBytes(bytes)
        var row = DelimitedRow(delimiter: delimiter)
        guard row.read(UnsafePointer(padded.start), 0..<bytes.count, isFinal: true) == .complete else { return }
        copy(row, bytes, UnsafePointer(padded.start), content)
    }

    private mutating func copy(
        _ row: DelimitedRow,
        _ bytes: [UInt8],
        _ start: UnsafePointer<UInt8>,
        _ content: (String, String) -> String
    ) {
        var at = row.start
        for (column, cell) in row.cells.enumerated() {
            text += bytes[at..<cell.content.lowerBound]
            at = cell.content.upperBound
            let name = names.indices.contains(column) ? names[column] : ""
            // Where a quote stands astray, the cell's spelling is its meaning.
            let isSpelled = row.strayQuote != nil
            let raw = DelimitedRow.Cell(content: cell.content, isQuoted: cell.isQuoted && !isSpelled)
            let new = content(name, String(decoding: row.content(of: raw, in: start).text, as: UTF8.self))
            text += raw.isQuoted ? Array(new.replacing("\"", with: "\"\"").utf8) : Array(new.utf8)
        }
        text += bytes[at..<row.next]
        if row.next == row.end { text.append(0x0A) }
    }

    /// The copy in UTF-8, which announces its delimiter where so few rows would not tell it.
    package var bytes: [UInt8] {
        let padded = PaddedBytes(text)
        let start = UnsafePointer(padded.start)
        let isTold =
            DelimitedDialect.announcedDelimiter(start, 0..<text.count) != nil
            || DelimitedDialect.sniff(start, 0..<text.count, isWhole: true) == delimiter
        return isTold ? text : Array("sep=".utf8) + [delimiter, 0x0A] + text
    }
}
