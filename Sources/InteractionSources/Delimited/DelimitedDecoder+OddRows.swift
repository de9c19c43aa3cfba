// The careful way: rows with something to report, rows that are none, and the header.

internal import InteractionModel

extension DelimitedDecoder {
    /// Decodes a row of any kind, or passes over what is none.
    ///
    /// - Parameters:
    ///   - start: Where the row begins among the carried bytes.
    ///   - isFinal: Whether the input ends with them.
    ///   - batch: Receives the record and what is to be reported.
    /// - Returns: Where the next row begins, or nil if more bytes are needed.
    mutating func decodeOddRow(
        from start: Int,
        isFinal: Bool,
        into batch: inout DecodedBatchBuilder
    ) -> Int? {
        if isSkipping { return skipLine(from: start, isFinal: isFinal) }
        let bytes = UnsafePointer(carried.start)
        // With two bytes more than a row may have it is known to be too large, whatever follows.
        let limit = min(carried.count, start + largest + 2)
        let isFull = limit - start == largest + 2
        let isLast = isFinal && limit == carried.count && !isFull
        let outcome = row.read(bytes, start..<limit, isFinal: isLast)
        if outcome == .complete, row.end - start <= largest {
            if !row.isBlank(bytes, columns: columns.count) { decodeRow(into: &batch) }
            line += lineBreaks(start..<row.next)
            return row.next
        }
        guard isLast || isFull else { return nil }
        if case .incomplete(.some(let quote)) = outcome {
            if let next = lineEnd(from: quote, to: isLast ? limit : limit - 1) {
                return loseRow(start..<next, openQuote: quote, into: &batch)
            }
            if isLast { return loseRow(start..<limit, openQuote: quote, into: &batch) }
        }
        return loseLongRow(start, into: &batch)
    }

    // MARK: Rows

    /// Takes the row that has just been read for the header or for a record.
    private mutating func decodeRow(into batch: inout DecodedBatchBuilder) {
        if !hasColumns {
            guard dialect.header != .first else { return decodeHeader(into: &batch) }
            setColumns(row.cells.map { _ in "" })
        }
        number += 1
        batch.tape.beginRecord(from: template)
        var reencoded: Int?
        for (column, cell) in row.cells.enumerated() {
            let content = row.content(of: cell, in: carried.start)
            reencoded = reencoded ?? content.fault
            content.text.withUnsafeBytes { text in
                if column < columns.count {
                    batch.tape.setString(2 + 2 * column, text)
                } else {
                    var key = surplusName(column)
                    key.withUTF8 { batch.tape.string(UnsafeRawBufferPointer($0)) }
                    batch.tape.string(text)
                }
            }
        }
        batch.records.append(
            DecodedRecord(
                firstNode: batch.tape.recordStart,
                textStart: batch.tape.textStart,
                number: number,
                bytes: offset + Int64(row.start)..<offset + Int64(row.next),
                line: line,
                column: 1
            )
        )
        batch.tape.endRecord()
        report(reencoded: reencoded, record: number, into: &batch)
        guard row.cells.count != columns.count else { return }
        let model = headerLine == nil ? "table" : "header"
        let lastCell = row.cells[min(row.cells.count, columns.count + 1) - 1]
        let fault = fault(
            .rowRagged,
            .warning,
            at: row.cells.count > columns.count ? lastCell.content.lowerBound : row.end,
            record: number,
            message: "\(row.cells.count) cells where the \(model) has \(columns.count)"
        )
        batch.faults.append(fault)
    }

    /// The name of a cell beyond the columns: `#` and its number, and more where the header has a column of that name.
    private func surplusName(_ column: Int) -> String {
        let plain = "#\(column + 1)"
        var name = plain
        var count = 1
        while columns.contains(name) {
            count += 1
            name = "\(plain)_\(count)"
        }
        return name
    }

    private mutating func decodeHeader(into batch: inout DecodedBatchBuilder) {
        var reencoded: Int?
        let names = row.cells.map { cell in
            let content = row.content(of: cell, in: carried.start)
            reencoded = reencoded ?? content.fault
            return String(decoding: content.text, as: UTF8.self)
        }
        setColumns(names)
        headerLine = line
        report(reencoded: reencoded, record: nil, into: &batch)
    }

    private func report(reencoded: Int?, record: Int?, into batch: inout DecodedBatchBuilder) {
        if let reencoded {
            let fault = fault(
                .textReencoded,
                .warning,
                at: reencoded,
                record: record,
                message: "a cell is not UTF-8 and was read as Windows-1252",
                remedy: "name the encoding of the file if it is another one"
            )
            batch.faults.append(fault)
        }
        if let quote = row.strayQuote {
            let message = "a quote stands inside a cell without being doubled, and was taken literally"
            batch.faults.append(fault(.rowBroken, .warning, at: quote, record: record, message: message))
        }
    }

    // MARK: What is lost

    /// Gives up a row whose quote is never closed; what follows on the next line is read as rows.
    private mutating func loseRow(
        _ range: Range<Int>,
        openQuote: Int,
        into batch: inout DecodedBatchBuilder
    ) -> Int {
        row.move(to: range.lowerBound)
        let isHeader = !hasColumns && dialect.header == .first
        if !isHeader { number += 1 }
        var fault = fault(
            .rowBroken,
            .error,
            at: openQuote,
            record: isHeader ? nil : number,
            message: "a quote is never closed",
            remedy: "close the quote, or double it if it belongs to the text"
        )
        fault.losesRecord = !isHeader
        batch.faults.append(fault)
        if isHeader {
            // Names with quotes in them are better than none.
            row.knowsQuotes = false
            if row.read(carried.start, range, isFinal: true) == .complete { decodeHeader(into: &batch) }
            row.knowsQuotes = true
        }
        line += lineBreaks(range)
        return range.upperBound
    }

    /// Gives up a row that does not fit; the next line is the next row.
    private mutating func loseLongRow(_ start: Int, into batch: inout DecodedBatchBuilder) -> Int {
        row.move(to: start)
        let isHeader = !hasColumns && dialect.header == .first
        if isHeader { dialect.header = .absent } else { number += 1 }
        var fault = fault(
            isHeader ? .headerMissing : .recordTooLarge,
            .error,
            at: start,
            record: isHeader ? nil : number,
            message: "the \(isHeader ? "header" : "row") is larger than \(largest) bytes"
        )
        fault.losesRecord = !isHeader
        batch.faults.append(fault)
        isSkipping = true
        line += lineBreaks(start..<start + largest)
        return start + largest
    }

    /// Passes over the rest of a row that does not fit.
    private mutating func skipLine(from start: Int, isFinal: Bool) -> Int? {
        var at = start
        while at < carried.count, !DelimitedRow.isBreak(carried.start[at]) { at += 1 }
        if at == carried.count { return at }
        if carried.start[at] == 0x0D, at + 1 == carried.count, !isFinal { return at > start ? at : nil }
        isSkipping = false
        line += 1
        return lineEnd(from: at, to: carried.count)
    }

    // MARK: Places

    /// Where the line ends that a byte lies in, after its break.
    private func lineEnd(from start: Int, to limit: Int) -> Int? {
        guard let found = (start..<limit).first(where: { DelimitedRow.isBreak(carried.start[$0]) }) else { return nil }
        let isPair = carried.start[found] == 0x0D && found + 1 < carried.count && carried.start[found + 1] == 0x0A
        return isPair ? found + 2 : found + 1
    }

    private func lineBreaks(_ range: Range<Int>) -> Int {
        let bytes = carried.start
        // The bytes after the carried ones are zero.
        return range.count { bytes[$0] == 0x0A || bytes[$0] == 0x0D && bytes[$0 + 1] != 0x0A }
    }

    private func fault(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        at position: Int,
        record: Int?,
        message: String,
        remedy: String? = nil
    ) -> DecodingFault {
        let before = row.start..<position
        let lineStart = before.last { DelimitedRow.isBreak(carried.start[$0]) }.map { $0 + 1 } ?? row.start
        return DecodingFault(
            code,
            severity,
            record: record,
            line: line + lineBreaks(before),
            column: position - lineStart + 1,
            offset: offset + Int64(position),
            message: message,
            remedy: remedy
        )
    }
}
