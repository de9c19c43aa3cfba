// Records of any format after decoding: tapes with their places, sealed for whoever maps them.

package import InteractionModel

/// One record of a batch.
package struct DecodedRecord: Sendable {
    /// The record's first node in the batch.
    package var firstNode: Int
    /// Where its texts begin in the batch.
    package var textStart: Int
    /// What surrounds the record in its document, as an index into ``DecodedBatch/contexts``; nil where nothing does.
    package var context: Int?
    /// The record's number in its input, from 1.
    package var number: Int
    /// Its bytes in the input, after decompression; for what libraries decode, as near as they say.
    package var bytes: Range<Int64>
    /// Its line, from 1.
    package var line: Int
    /// Its column in bytes, from 1.
    package var column: Int
    /// Which of the paths that were asked for it was found at.
    package var path = 0

    package init(firstNode: Int, textStart: Int, number: Int, bytes: Range<Int64>, line: Int, column: Int) {
        self.firstNode = firstNode
        self.textStart = textStart
        self.number = number
        self.bytes = bytes
        self.line = line
        self.column = column
    }
}

/// Something wrong, or decided, about a piece of the input.
package struct DecodingFault: Error, Sendable, Hashable {
    package var code: FindingCode
    package var severity: Finding.Severity
    /// The record concerned, from 1; nil when it is the input.
    package var record: Int?
    package var line: Int?
    package var column: Int?
    /// Offset in the input after decompression.
    package var offset: Int64?
    package var message: String
    package var remedy: String?
    /// Whether a record was lost by it, which is booked as rejected.
    package var losesRecord: Bool

    package init(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        record: Int? = nil,
        line: Int? = nil,
        column: Int? = nil,
        offset: Int64? = nil,
        message: String,
        remedy: String? = nil,
        losesRecord: Bool = false
    ) {
        self.code = code
        self.severity = severity
        self.record = record
        self.line = line
        self.column = column
        self.offset = offset
        self.message = message
        self.remedy = remedy
        self.losesRecord = losesRecord
    }
}

/// What a decoder fills: records, what surrounds them, and what was wrong.
package struct DecodedBatchBuilder: ~Copyable {
    /// The tapes of records and contexts.
    package var tape: RecordTape
    package var records: [DecodedRecord] = []
    /// Tapes of what surrounds records: first node and start of text.
    package var contexts: [(firstNode: Int, textStart: Int)] = []
    package var faults: [DecodingFault] = []

    /// Makes an empty builder.
    ///
    /// - Parameters:
    ///   - textCapacity: Bytes of text to reserve.
    ///   - other: A batch of the same size as this one is going to be.
    package init(textCapacity: Int = 64 << 10, like other: Size = Size()) {
        tape = RecordTape(textCapacity: textCapacity, nodeCapacity: other.nodes + other.nodes / 8)
        records.reserveCapacity(other.records + other.records / 8)
    }

    /// How much a batch holds.
    package struct Size {
        var nodes = 0
        var records = 0

        package init() {}
    }

    package var size: Size {
        var size = Size()
        size.nodes = tape.nodeCount
        size.records = records.count
        return size
    }

    /// Whether there is nothing to hand on.
    package var isEmpty: Bool { records.isEmpty && faults.isEmpty }

    /// Seals what has been collected.
    package consuming func seal() -> DecodedBatch {
        DecodedBatch(tape: tape, records: records, contexts: contexts, faults: faults)
    }
}

/// Decoded records of one input, in order.
package final class DecodedBatch: Sendable {
    private let tape: RecordTape
    package let records: [DecodedRecord]
    private let contexts: [(firstNode: Int, textStart: Int)]
    package let faults: [DecodingFault]

    init(
        tape: consuming RecordTape,
        records: [DecodedRecord],
        contexts: [(firstNode: Int, textStart: Int)],
        faults: [DecodingFault]
    ) {
        self.tape = tape
        self.records = records
        self.contexts = contexts
        self.faults = faults
    }

    /// A record's values; valid as long as the batch is.
    package func view(of record: DecodedRecord) -> JSONView {
        tape.view(firstNode: record.firstNode, textStart: record.textStart)
    }

    /// What surrounds a record: an object of its ancestor's members so far, the next ancestor's under `^`.
    package func context(of record: DecodedRecord) -> JSONView? {
        record.context.map { tape.view(firstNode: contexts[$0].firstNode, textStart: contexts[$0].textStart) }
    }
}

/// Turns the bytes of one input into records, whatever the cuts between the pieces it gets.
///
/// Pure: no I/O, no clock. What cannot be decoded is a fault in the builder; the decoder goes on where it can.
package protocol RecordDecoder: ~Copyable {
    /// Takes the next piece of the input and appends every record that is complete.
    ///
    /// - Parameters:
    ///   - bytes: The next bytes, in order; none if there are none left.
    ///   - isFinal: Whether the input ends with them.
    ///   - batch: Receives records, contexts and faults.
    mutating func decode(_ bytes: UnsafeRawBufferPointer, isFinal: Bool, into batch: inout DecodedBatchBuilder)
}
