// Rows that are written many at a time: to begin a statement costs as much as some of its rows.

internal import GRDB

/// An insertion of rows into one table, within a transaction.
struct LedgerInsertion {
    /// Rows of one statement.
    static let rowCount = 16

    private let one: LedgerStatement
    private let many: LedgerStatement
    private let width: Int32

    /// Makes an insertion.
    ///
    /// - Parameters:
    ///   - head: The statement up to its values.
    ///   - columns: Parameters of a row.
    ///   - database: Where to.
    /// - Throws: What SQLite says to the statement.
    init(_ head: String, columns: Int, _ database: Database) throws {
        let row = "(" + [String](repeating: "?", count: columns).joined(separator: ", ") + ")"
        let rows = [String](repeating: row, count: Self.rowCount).joined(separator: ", ")
        one = try LedgerStatement("\(head) VALUES \(row)", database)
        many = try LedgerStatement("\(head) VALUES \(rows)", database)
        width = Int32(columns)
    }

    /// Writes rows in their order.
    ///
    /// - Parameters:
    ///   - elements: What the rows are made of.
    ///   - bind: Binds the parameters of an element, from the one after the given number on.
    /// - Throws: What SQLite says to a row, and what `bind` throws.
    func run<Element>(_ elements: [Element], bind: (LedgerStatement, Element, Int32) throws -> Void) throws {
        var rest = elements[...]
        while rest.count >= Self.rowCount {
            for (offset, element) in rest.prefix(Self.rowCount).enumerated() {
                try bind(many, element, Int32(offset) * width)
            }
            try many.run()
            rest = rest.dropFirst(Self.rowCount)
        }
        for element in rest {
            try bind(one, element, 0)
            try one.run()
        }
    }
}
