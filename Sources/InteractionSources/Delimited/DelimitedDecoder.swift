// Decodes delimited text: each row a record, each cell a member under its column's name.

internal import InteractionModel

/// Turns CSV and its relatives into records.
///
/// A record is an object of fixed layout: node 0 is the object, the value of column `c` is node `2 + 2 * c` after its
/// key; cells beyond the last column follow as members named `#` and their column. A row that is as it should be takes
/// the fast way (``OrdinaryRow``), any other the careful one (``DelimitedRow``), which gives the same for both.
package struct DelimitedDecoder: ~Copyable, RecordDecoder {
    /// Input is taken in portions of this size, so that a piece of any size costs constant memory.
    private static let portion = 256 << 10

    /// The dialect: what was asked for, and the delimiter once the start has been seen.
    package internal(set) var dialect: DelimitedDialect
    /// The names of the columns, once they are known.
    package private(set) var columns: [String] = []
    /// The line of the header, from 1; nil where there is none, or it has not been seen.
    package internal(set) var headerLine: Int?

    let largest: Int
    private(set) var template = RecordTape.template(keys: [])
    var row = DelimitedRow(delimiter: UInt8(ascii: ","))
    var carried = CarriedBytes()
    /// How many bytes must be carried before it pays to look at them again.
    private var awaited = DelimitedDialect.sniffBytes + 1
    private var hasStarted = false
    var hasColumns = false
    /// Whether the rest of a line is being passed over.
    var isSkipping = false
    /// Where the first carried byte is in the input.
    var offset: Int64 = 0
    var line = 1
    var number = 0
    /// How many of the carried bytes are well-formed UTF-8 for certain.
    private var soundCount = 0

    /// Makes a decoder for one input.
    ///
    /// - Parameters:
    ///   - dialect: What is known about the table.
    ///   - largestRecord: Bytes of the largest row that is kept in memory.
    package init(dialect: DelimitedDialect = DelimitedDialect(), largestRecord: Int = 64 << 20) {
        self.dialect = dialect
        largest = largestRecord
    }

    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        into batch: inout DecodedBatchBuilder
    ) {
        var taken = 0
        repeat {
            let end = min(bytes.count, taken + Self.portion)
            carried.append(UnsafeRawBufferPointer(rebasing: bytes[taken..<end]))
            taken = end
            let isLast = isFinal && taken == bytes.count
            if isLast || carried.count >= awaited { decodeCarried(isFinal: isLast, into: &batch) }
        } while taken < bytes.count
    }

    private mutating func decodeCarried(isFinal: Bool, into batch: inout DecodedBatchBuilder) {
        let bytes = UnsafePointer(carried.start)
        soundCount = UTF8Check.soundEnd(bytes, bytes + carried.count) - bytes
        var at = hasStarted ? 0 : start(isFinal: isFinal)
        while at < carried.count {
            at = decodeOrdinaryRows(from: at, into: &batch)
            guard at < carried.count, let next = decodeOddRow(from: at, isFinal: isFinal, into: &batch) else { break }
            at = next
        }
        carried.removeFirst(at)
        offset += Int64(at)
        // A long row that is not complete yet is not looked at for each small piece of it.
        awaited = carried.count < DelimitedDialect.sniffBytes ? 0 : min(carried.count * 2, largest + 2)
    }

    /// Finds out the dialect.
    ///
    /// - Returns: Where the first row begins.
    private mutating func start(isFinal: Bool) -> Int {
        hasStarted = true
        let bytes = carried.start
        var at = 0
        if carried.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        let range = at..<min(carried.count, DelimitedDialect.sniffBytes)
        if let announced = DelimitedDialect.announcedDelimiter(bytes, range) {
            dialect.delimiter = dialect.delimiter ?? announced.delimiter
            at = announced.end
        }
        let delimiter =
            dialect.delimiter
            ?? DelimitedDialect.sniff(bytes, range, isWhole: carried.count <= DelimitedDialect.sniffBytes)
        dialect.delimiter = delimiter
        row = DelimitedRow(delimiter: delimiter)
        switch dialect.header {
        case .names(let names): setColumns(names)
        case .namesByWidth(let lists): setColumns(names(among: lists, from: at, isFinal: isFinal))
        case .first, .absent: break
        }
        return at
    }

    /// The names that fit the first row which is not blank.
    private mutating func names(among lists: [[String]], from start: Int, isFinal: Bool) -> [String] {
        let first = lists.first ?? []
        var at = start
        while at < carried.count, row.read(carried.start, at..<carried.count, isFinal: isFinal) == .complete {
            if !row.isBlank(carried.start) { return lists.first { $0.count == row.cells.count } ?? first }
            at = row.next
        }
        return first
    }

    mutating func setColumns(_ names: [String]) {
        columns = dialect.uniqueNames(names)
        template = RecordTape.template(keys: columns)
        hasColumns = true
    }

    // MARK: Ordinary rows

    /// Decodes rows until one is not ordinary.
    ///
    /// - Returns: Where that one begins.
    private mutating func decodeOrdinaryRows(from start: Int, into batch: inout DecodedBatchBuilder) -> Int {
        guard !columns.isEmpty, !isSkipping, let delimiter = dialect.delimiter else { return start }
        let bytes = UnsafePointer(carried.start)
        let end = bytes + carried.count
        let sound = bytes + soundCount
        let shape = OrdinaryRow.Shape(delimiter: delimiter, columns: columns.count)
        var at = bytes + start
        let names = batch.tape.beginRows(template)
        while at < end, !DelimitedRow.isBreak(at.pointee) {
            let record = batch.tape.beginRow(template, names, room: 2 * (end - at) + 32)
            guard let row = OrdinaryRow.read(at, end, shape, into: record), row.next - at <= largest,
                row.next <= sound || UTF8Check.firstFault(at, row.next) == nil
            else {
                batch.tape.cancelRow()
                break
            }
            let first = batch.tape.recordStart
            batch.tape.endRecord(written: row.textEnd - record.text)
            number += 1
            let lower = offset + Int64(at - bytes)
            batch.records.append(
                DecodedRecord(
                    firstNode: first,
                    textStart: names,
                    number: number,
                    bytes: lower..<lower + Int64(row.next - at),
                    line: line,
                    column: 1
                )
            )
            line += 1 + row.innerBreaks
            at = row.next
        }
        return at - bytes
    }
}
