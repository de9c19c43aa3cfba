// Small tables in CSV, as people edit them.

/// Reads RFC 4180 text: commas, doubled quotes, line breaks inside quotes.
package enum DelimitedLines {
    /// Why a table cannot be read.
    package struct Fault: Error, Hashable, Sendable {
        /// The line on which the faulty cell begins, from 1.
        package let line: Int
        /// What is wrong.
        package let message: String
    }

    /// Splits a text into rows of cells; blank lines are left out.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: Each row with the line it begins on, from 1.
    /// - Throws: A quote that is never closed, or text after a closing quote.
    package static func rows(_ text: [UInt8]) throws(Fault) -> [(line: Int, cells: [String])] {
        var rows: [(line: Int, cells: [String])] = []
        var cells: [String] = []
        var cell: [UInt8] = []
        var line = 1
        var rowLine = 1
        var index = 0
        func endRow() {
            cells.append(String(decoding: cell, as: UTF8.self))
            cell = []
            if cells != [""] { rows.append((rowLine, cells)) }
            cells = []
        }
        while index < text.count {
            let byte = text[index]
            switch byte {
            case UInt8(ascii: "\"") where cell.isEmpty:
                let opened = line
                index += 1
                while true {
                    guard index < text.count else { throw Fault(line: opened, message: "a quote is never closed") }
                    if text[index] == UInt8(ascii: "\"") {
                        guard index + 1 < text.count, text[index + 1] == UInt8(ascii: "\"") else {
                            break
                        }
                        index += 1
                    }
                    if text[index] == 0x0A { line += 1 }
                    cell.append(text[index])
                    index += 1
                }
                if index + 1 < text.count, ![0x2C, 0x0A, 0x0D].contains(text[index + 1]) {
                    throw Fault(line: line, message: "text follows a closing quote")
                }
                index += 1
                if index < text.count, text[index] == 0x2C {
                    cells.append(String(decoding: cell, as: UTF8.self))
                    cell = []
                    index += 1
                }
                continue
            case 0x2C:
                cells.append(String(decoding: cell, as: UTF8.self))
                cell = []
            case 0x0D where index + 1 < text.count && text[index + 1] == 0x0A:
                break
            case 0x0A, 0x0D:
                endRow()
                line += 1
                rowLine = line
            default:
                cell.append(byte)
            }
            index += 1
        }
        if !cell.isEmpty || !cells.isEmpty { endRow() }
        return rows
    }
}
