// The columns of a table, read from its first bytes.

internal import InteractionModel

/// Reads the skeleton of delimited text that may be cut off anywhere.
package enum DelimitedSkeleton {
    /// So many rows say what thousands would.
    private static let manyRows = 1000
    /// Where that many are mostly found.
    private static let beginning = 256 << 10

    /// Collects the columns and some of their cells.
    ///
    /// - Parameters:
    ///   - head: The beginning of the input in UTF-8; no more than ``Skeleton/headSize`` bytes are looked at.
    ///   - dialect: What is known about the table.
    /// - Returns: The columns by name; nil if this is no table: one column, rows that disagree, or no text.
    /// - Complexity: One step a byte.
    package static func read(
        _ head: UnsafeRawBufferPointer,
        dialect: DelimitedDialect = DelimitedDialect()
    ) -> Skeleton? {
        if head.count > beginning, let read = read(rowsOf: wholeLines(head, upTo: beginning), dialect),
            read.rows >= manyRows
        {
            return read.skeleton
        }
        return read(rowsOf: wholeLines(head, upTo: Skeleton.headSize), dialect)?.skeleton
    }

    private static func read(
        rowsOf text: UnsafeRawBufferPointer,
        _ dialect: DelimitedDialect
    ) -> (skeleton: Skeleton, rows: Int)? {
        guard !ContentKind.isBinary(text[...]) else { return nil }
        var decoder = DelimitedDecoder(dialect: dialect, largestRecord: Skeleton.headSize)
        var builder = DecodedBatchBuilder()
        decoder.decode(text, isFinal: true, into: &builder)
        let columns = decoder.columns
        let batch = builder.seal()
        let raggedCount = batch.faults.count { $0.code == .rowRagged }
        let brokenCount = batch.faults.count { $0.code == .rowBroken }
        guard columns.count > 1, raggedCount * 2 <= batch.records.count, brokenCount <= batch.records.count else {
            return nil
        }
        var skeleton = Skeleton(kind: .delimited)
        skeleton.delimiter = decoder.dialect.delimiter
        for column in columns { skeleton.mention(column) }
        for (index, column) in columns.enumerated() {
            skeleton.withFacts(of: column) { facts in
                let value = 2 + 2 * index
                for record in batch.records {
                    let view = batch.view(of: record)
                    if view.kind(value) == .string { facts.add(view.text(value)) }
                }
            }
        }
        for record in batch.records { add(cellsBeyond: columns.count, batch.view(of: record), to: &skeleton) }
        withExtendedLifetime(batch) {}
        return (skeleton, batch.records.count)
    }

    private static func add(cellsBeyond columns: Int, _ row: JSONView, to skeleton: inout Skeleton) {
        var key = 1 + 2 * columns
        while key < row.next(row.root) {
            skeleton.withFacts(of: row.text(key).string) { $0.add(row.text(key + 1)) }
            key += 2
        }
    }

    /// Leaves out a last line that may be cut, unless there is no other.
    private static func wholeLines(_ head: UnsafeRawBufferPointer, upTo size: Int) -> UnsafeRawBufferPointer {
        let text = head.prefix(size)
        let isCut = text.count < head.count || text.count == Skeleton.headSize
        guard isCut, let feed = text.lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return UnsafeRawBufferPointer(rebasing: text)
        }
        return UnsafeRawBufferPointer(rebasing: text[...feed])
    }
}
