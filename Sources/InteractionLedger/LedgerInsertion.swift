// Rows that are written many at a time: to begin a statement costs as much as some of its rows.

internal import GRDB

/// An insertion of rows into one table, within a transaction.
struct LedgerInsertion {
    /// Rows of one statement, the most first.
    private static let sizes = [64, 8, 1]

    private let statements: [(rows: Int, statement: LedgerStatement)]

    /// Makes an insertion.
    ///
    /// - Parameters:
    ///   - head: The statement up to its values.
    ///   - columns: Parameters of a row.
    ///   - database: Where to.
    /// - Throws: What SQLite says to the statement.
    init(_ head: String, columns: Int, _ database: Database) throws {
        let row = "(?" + String(repeating: ", ?", count: columns - 1) + ")"
        statements = try Self.sizes.map { rows in
            let values = row + String(repeating: ", " + row, count: rows - 1)
            return (rows, try LedgerStatement("\(head) VALUES \(values)", database))
        }
    }

    /// Writes rows in their order.
    ///
    /// - Parameters:
    ///   - elements: What the rows are made of.
    ///   - bind: Binds the parameters of an element, one after the other.
    /// - Throws: What SQLite says to a row, and what `bind` throws.
    func run<Element>(_ elements: [Element], bind: (inout LedgerValues, Element) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { room in
            var rest = elements[...]
            for (rows, statement) in statements {
                while rest.count >= rows {
                    var values = LedgerValues(statement, room)
                    for element in rest.prefix(rows) { try bind(&values, element) }
                    try statement.run()
                    rest = rest.dropFirst(rows)
                }
            }
        }
    }
}
