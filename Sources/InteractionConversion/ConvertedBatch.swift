// What a run of records became.

public import InteractionMapping
public import InteractionModel
internal import InteractionSources

/// The outcomes of some consecutive records, with the bytes of their Interactions.
public struct ConvertedBatch: Sendable {
    /// One outcome for each record, in input order.
    public internal(set) var outcomes: [RecordOutcome]
    let bytes: OutputBytes
    /// The records as they were read; nil where outcomes are of conversations.
    let source: RecordBatch?
    let books: Books
    let tally: Tally
    /// What concerns no single record or conversation.
    public internal(set) var findings: [Finding] = []

    /// The JSON of records in other formats, and of snapshots that were folded, by outcome; empty unless somebody asks
    /// what became of their values.
    var payloads: [[UInt8]] = []

    /// Where in the run the outcomes are; those of folded snapshots are nowhere.
    var positions = RunPositions()

    /// The shape of each conversation that was assembled, if somebody asked.
    var shapes: [UInt64] = []

    /// How many Interactions there are.
    public var interactionCount: Int { outcomes.reduce(0) { $0 + $1.outputs.count } }

    /// Lends the Interactions' bytes: each followed by a line feed, in order.
    ///
    /// - Parameter body: Receives the bytes, which are valid until it returns.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(bytes.buffer.bytes)
    }

    /// A copy of one Interaction's bytes.
    ///
    /// - Parameter output: One of the outputs of ``outcomes``.
    /// - Returns: Canonical JSON without a line feed.
    public func interaction(_ output: RecordOutcome.Output) -> [UInt8] {
        [UInt8](bytes.buffer.bytes[output.range])
    }

    /// Whether the records' own bytes are still there.
    var hasSource: Bool { source != nil }

    /// Lends a record's own bytes, as they were read.
    ///
    /// - Parameters:
    ///   - index: The outcome's position in the batch.
    ///   - body: Receives the bytes; none for a record that was too large to be kept, or that a profile has read.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    public func withSource<Result>(
        ofRecordAt index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        guard let source, source.records.indices.contains(index) else {
            return try body(UnsafeRawBufferPointer(start: nil, count: 0))
        }
        return try withExtendedLifetime(source) { try body(source.bytes(of: source.records[index])) }
    }
}

extension ConvertedBatch {
    /// Lends a legacy record's JSON, whatever it was read from; nothing where there is none.
    func withPayload<Result>(
        ofRecordAt index: Int,
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        guard payloads.indices.contains(index) else { return try withSource(ofRecordAt: index, body) }
        return try payloads[index].withUnsafeBytes(body)
    }
}

/// The bytes of a batch's Interactions, shared by whoever still writes them.
final class OutputBytes: Sendable {
    let buffer: OutputBuffer

    init(_ buffer: consuming OutputBuffer) { self.buffer = buffer }

    /// Where some bytes lie here; nil if they lie elsewhere.
    func range(of bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        guard let start = bytes.baseAddress, let own = buffer.bytes.baseAddress, start >= own,
            start + bytes.count <= own + buffer.count
        else { return nil }
        let first = start - own
        return first..<first + bytes.count
    }
}
