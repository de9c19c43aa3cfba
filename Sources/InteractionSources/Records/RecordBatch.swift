// A run of whole records, cut from one input, small enough to stay in cache and large enough to be worth a task.

internal import InteractionModel

/// Memory that one reader fills and everybody else only reads.
///
/// Safety of `@unchecked Sendable`: `RecordFramer` is the only writer and writes only while the block is in its own
/// hands; once a ``RecordBatch`` holds the block it is never written again, and it is freed with its last holder.
package final class ByteBlock: @unchecked Sendable {
    package let start: UnsafeMutablePointer<UInt8>
    package let capacity: Int

    /// Allocates a block, with the padding that the JSON scanner needs after it.
    ///
    /// - Parameter capacity: Usable bytes.
    package init(capacity: Int) {
        self.capacity = capacity
        start = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + JSONTape.padding)
        (start + capacity).initialize(repeating: 0, count: JSONTape.padding)
    }

    deinit { start.deallocate() }
}

/// One record's place in its batch and in its file.
package struct RecordSpan: Sendable {
    /// Offset of the first byte in the batch.
    package var start: Int
    /// Offset after the last byte in the batch.
    package var end: Int
    /// The record's number in its file, from 1.
    package var number: Int
    /// Where a record lies in the input that was too large to be kept; such a record has no bytes in the batch.
    package var oversized: Range<Int64>?
}

/// Whole records of one input, in order.
package struct RecordBatch: Sendable {
    /// The bytes; the first `count` are filled.
    package let block: ByteBlock
    package let count: Int
    /// Offset of the first byte in the input, after decompression.
    package let offset: Int64
    /// The line of the first byte, from 1.
    package let line: Int
    /// The offset in the input at which that line begins.
    package let lineOffset: Int64
    /// The records; bytes between them are separators.
    package let records: [RecordSpan]
    /// How the input is cut into records.
    package let layout: RecordLayout

    /// The same bytes with some of the records.
    package func keeping(_ records: [RecordSpan]) -> RecordBatch {
        RecordBatch(
            block: block,
            count: count,
            offset: offset,
            line: line,
            lineOffset: lineOffset,
            records: records,
            layout: layout
        )
    }

    /// Records that come from several places, copied.
    ///
    /// - Parameter texts: The records' bytes.
    /// - Returns: A batch whose records have no place in an input.
    package static func copying(_ texts: [UnsafeRawBufferPointer]) -> RecordBatch {
        let block = ByteBlock(capacity: texts.reduce(0) { $0 + $1.count })
        var end = 0
        let records = texts.map { text in
            UnsafeMutableRawBufferPointer(start: block.start + end, count: text.count).copyMemory(from: text)
            defer { end += text.count }
            return RecordSpan(start: end, end: end + text.count, number: 0)
        }
        return RecordBatch(
            block: block,
            count: end,
            offset: 0,
            line: 1,
            lineOffset: 0,
            records: records,
            layout: .lines
        )
    }

    /// A record's bytes.
    ///
    /// - Parameter record: One of ``records``.
    /// - Returns: The bytes, followed by readable padding.
    package func bytes(of record: RecordSpan) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: block.start + record.start, count: record.end - record.start)
    }
}

/// How an input is cut into records.
package enum RecordLayout: Sendable {
    /// Each non-blank line is one record, whatever it holds.
    case lines
    /// JSON values one after the other, or the elements of one array.
    case document
}
