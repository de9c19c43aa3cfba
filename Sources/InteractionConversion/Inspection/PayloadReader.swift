// The records of legacy payloads in JSON, read once more to see their structure.

internal import InteractionModel
internal import InteractionSources

/// Reads the records of legacy payloads in JSON once more, since the mapping has kept nothing of them.
struct PayloadReader: ~Copyable {
    private var tape = JSONTape()
    private var strict: [UInt8] = []

    /// Lends the values of each record that a batch was made from, if its records are of this kind.
    mutating func forEach(in batch: ConvertedBatch, _ body: (JSONView) -> Void) {
        guard batch.hasSource else { return }
        for index in batch.outcomes.indices { batch.withSource(ofRecordAt: index) { read($0, body) } }
    }

    /// Lends a record's values; not called for what is no JSON of any kind.
    ///
    /// - Parameters:
    ///   - source: The record's bytes, with the padding that the scanner needs.
    ///   - body: Receives the values.
    mutating func read(_ source: UnsafeRawBufferPointer, _ body: (JSONView) -> Void) {
        guard let start = source.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
        if (try? tape.scan(start, count: source.count)) != nil { return body(tape.view(of: start)) }
        strict.removeAll(keepingCapacity: true)
        guard (try? JSON5Normalizer.normalize(source, into: &strict)) != nil else { return }
        let copy = PaddedBytes(strict)
        if (try? tape.scan(copy.start, count: copy.count)) != nil { body(tape.view(of: copy.start)) }
    }
}
