// One row of delimited text, read with care: whatever people write is a row, or is said to be none.

internal import InteractionModel

/// Where the cells of a row lie, and what is odd about them.
///
/// This is the meaning of a row; ``DelimitedDecoder`` has a faster way for rows without any oddity.
struct DelimitedRow {
    /// What became of reading.
    enum Outcome: Equatable {
        case complete
        /// The bytes end before the row does; where a quote is open, its offset.
        case incomplete(openQuote: Int?)
    }

    struct Cell: Equatable {
        /// The content without the quotes around it.
        var content: Range<Int>
        /// Whether a doubled quote in it means one.
        var isQuoted: Bool
    }

    private enum Closing {
        case at(Int)
        case none
        case unknown
    }

    let delimiter: UInt8
    /// Whether a quote may enclose a cell.
    var knowsQuotes = true
    private(set) var cells: [Cell] = []
    private(set) var start = 0
    /// Where the row ends, without its line break.
    private(set) var end = 0
    /// Where the next row begins.
    private(set) var next = 0
    /// The first quote that stands where none may.
    private(set) var strayQuote: Int?

    init(delimiter: UInt8) { self.delimiter = delimiter }

    /// Makes places count from a row that could not be read.
    mutating func move(to start: Int) {
        self.start = start
        strayQuote = nil
    }

    /// The text of a cell.
    ///
    /// - Parameters:
    ///   - cell: One of ``cells``.
    ///   - bytes: What they were read from; 8 bytes beyond the row must be readable.
    /// - Returns: UTF-8, and the first byte that was not, where the cell had to be read as Windows-1252.
    func content(of cell: Cell, in bytes: UnsafePointer<UInt8>) -> (text: [UInt8], fault: Int?) {
        let raw = UnsafeRawBufferPointer(start: bytes + cell.content.lowerBound, count: cell.content.count)
        let fault = UTF8Check.firstFault(bytes + cell.content.lowerBound, bytes + cell.content.upperBound)
        var text = fault == nil ? [UInt8](raw) : Windows1252.utf8(raw)
        if cell.isQuoted, text.contains(UInt8(ascii: "\"")) {
            var single: [UInt8] = []
            var at = 0
            while at < text.count {
                single.append(text[at])
                let isDoubled = text[at] == UInt8(ascii: "\"") && at + 1 < text.count && text[at + 1] == text[at]
                at += isDoubled ? 2 : 1
            }
            text = single
        }
        return (text, fault.map { $0 - bytes })
    }

    static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// Whether there is nothing in the row, or white space where several cells are usual.
    func isBlank(_ bytes: UnsafePointer<UInt8>, columns: Int = 0) -> Bool {
        guard cells.count == 1, let cell = cells.first, !cell.isQuoted else { return false }
        return cell.content.isEmpty
            || columns != 1 && cell.content.allSatisfy { bytes[$0] == 0x20 || bytes[$0] == 0x09 }
    }

    /// Reads a row.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - range: From the row's first byte to where the text that is there ends.
    ///   - isFinal: Whether no text follows.
    /// - Returns: Whether the row is there with its end.
    /// - Complexity: One step a byte, at most two where quotes are stray.
    mutating func read(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, isFinal: Bool) -> Outcome {
        cells.removeAll(keepingCapacity: true)
        strayQuote = nil
        start = range.lowerBound
        let limit = range.upperBound
        var at = start
        while true {
            switch readCell(bytes, from: at, to: limit, isFinal: isFinal) {
            case .success(let after): at = after
            case .failure(let missing): return .incomplete(openQuote: missing.openQuote)
            }
            if at < limit, bytes[at] == delimiter {
                at += 1
                continue
            }
            end = at
            if at == limit { return finish(at, isFinal) }
            if bytes[at] == 0x0A { return finish(at + 1, true) }
            if at + 1 < limit { return finish(bytes[at + 1] == 0x0A ? at + 2 : at + 1, true) }
            return finish(at + 1, isFinal)
        }
    }

    private mutating func finish(_ next: Int, _ isComplete: Bool) -> Outcome {
        self.next = next
        return isComplete ? .complete : .incomplete(openQuote: nil)
    }

    private struct Missing: Error {
        var openQuote: Int?
    }

    /// Reads a cell.
    ///
    /// - Returns: What ends the cell: a delimiter, a line break or the end of the text.
    private mutating func readCell(
        _ bytes: UnsafePointer<UInt8>,
        from start: Int,
        to limit: Int,
        isFinal: Bool
    ) -> Result<Int, Missing> {
        let quote = skipSpaces(bytes, from: start, to: limit)
        guard knowsQuotes, quote < limit, bytes[quote] == UInt8(ascii: "\"") else {
            return readPlain(bytes, from: start, to: limit, isFinal: isFinal)
        }
        guard quote == start else {
            // Spaces and a quote begin a quoted cell only if the quote is closed on the same line.
            switch closing(bytes, from: quote + 1, to: limit, isFinal: isFinal) {
            case .at(let close): return .success(append(bytes, quote + 1, close, limit))
            case .none: return readPlain(bytes, from: start, to: limit, isFinal: isFinal)
            case .unknown: return .failure(Missing(openQuote: nil))
            }
        }
        var at = start + 1
        while at < limit {
            guard bytes[at] == UInt8(ascii: "\"") else {
                at += 1
                continue
            }
            if at + 1 < limit, bytes[at + 1] == UInt8(ascii: "\"") {
                at += 2
                continue
            }
            let after = skipSpaces(bytes, from: at + 1, to: limit)
            if after == limit {
                return isFinal
                    ? .success(append(bytes, start + 1, at, limit)) : .failure(Missing(openQuote: start))
            }
            if endsCell(bytes[after]) { return .success(append(bytes, start + 1, at, limit)) }
            // Text follows: the quote belongs to the text if another one closes the cell, else both do.
            strayQuote = strayQuote ?? at
            switch closing(bytes, from: at + 1, to: limit, isFinal: isFinal) {
            case .at(let close): return .success(append(bytes, start + 1, close, limit))
            case .none: return readPlain(bytes, from: start, scanningFrom: at, to: limit, isFinal: isFinal)
            case .unknown: return .failure(Missing(openQuote: start))
            }
        }
        return .failure(Missing(openQuote: start))
    }

    private func skipSpaces(_ bytes: UnsafePointer<UInt8>, from start: Int, to limit: Int) -> Int {
        var at = start
        while at < limit, bytes[at] == 0x20, delimiter != 0x20 { at += 1 }
        return at
    }

    private func endsCell(_ byte: UInt8) -> Bool { byte == delimiter || Self.isBreak(byte) }

    private mutating func append(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ close: Int, _ limit: Int) -> Int {
        cells.append(Cell(content: start..<close, isQuoted: true))
        return skipSpaces(bytes, from: close + 1, to: limit)
    }

    private mutating func readPlain(
        _ bytes: UnsafePointer<UInt8>,
        from start: Int,
        scanningFrom first: Int? = nil,
        to limit: Int,
        isFinal: Bool
    ) -> Result<Int, Missing> {
        var at = first ?? start
        while at < limit, !endsCell(bytes[at]) {
            if knowsQuotes, bytes[at] == UInt8(ascii: "\"") { strayQuote = strayQuote ?? at }
            at += 1
        }
        guard at < limit || isFinal else { return .failure(Missing(openQuote: nil)) }
        cells.append(Cell(content: start..<at, isQuoted: false))
        return .success(at)
    }

    /// Looks on the rest of the line for the quote that ends a quoted cell.
    private func closing(_ bytes: UnsafePointer<UInt8>, from start: Int, to limit: Int, isFinal: Bool) -> Closing {
        var at = start
        while at < limit {
            let byte = bytes[at]
            if Self.isBreak(byte) { return .none }
            let after = at + 1
            if byte == UInt8(ascii: "\"") {
                if after < limit, bytes[after] == UInt8(ascii: "\"") {
                    at += 2
                    continue
                }
                let end = skipSpaces(bytes, from: after, to: limit)
                if end == limit { return isFinal ? .at(at) : .unknown }
                if endsCell(bytes[end]) { return .at(at) }
            } else if byte == delimiter, after < limit, bytes[after] == UInt8(ascii: "\"") {
                // The next cell begins here.
                return .none
            }
            at += 1
        }
        return isFinal ? .none : .unknown
    }
}
