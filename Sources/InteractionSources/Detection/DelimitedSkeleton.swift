// The columns of a table, read from its first bytes.

internal import InteractionModel

/// Reads the skeleton of delimited text that may be cut off anywhere.
package enum DelimitedSkeleton {
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
        let text = wholeLines(head)
        guard !ContentKind.isBinary(text[...]) else { return nil }
        var decoder = DelimitedDecoder(dialect: dialect, largestRecord: Skeleton.headSize)
        var builder = DecodedBatchBuilder()
        decoder.decode(text, isFinal: true, into: &builder)
        let columns = decoder.columns
        let batch = builder.seal()
        let oddCount = batch.faults.count { $0.code == .rowRagged || $0.code == .rowBroken }
        guard columns.count > 1, oddCount * 2 <= batch.records.count else { return nil }
        var skeleton = Skeleton(kind: .delimited)
        for column in columns { skeleton.mention(column) }
        for record in batch.records {
            let view = batch.view(of: record)
            view.forEachMember(view.root) { key, value in
                guard view.kind(value) == .string else { return }
                _ = skeleton.add(view.text(key).string, .string, sample: view.text(value).string)
            }
        }
        return skeleton
    }

    /// Leaves out a last line that may be cut, unless there is no other.
    private static func wholeLines(_ head: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let text = head.prefix(Skeleton.headSize)
        let isCut = text.count < head.count || text.count == Skeleton.headSize
        guard isCut, let feed = text.lastIndex(where: { $0 == 0x0A || $0 == 0x0D }) else {
            return UnsafeRawBufferPointer(rebasing: text)
        }
        return UnsafeRawBufferPointer(rebasing: text[...feed])
    }
}
