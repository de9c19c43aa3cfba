// One record of a table or document as it is written, with what stands before it outside other records.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// The text that makes one record of an input.
struct RecordExcerpt {
    /// Stands in ``before`` where another record was; no text has it.
    static let gap: UInt8 = 0

    /// What stands before the record: a table's header, open elements; other records are left out.
    private(set) var before: [UInt8] = []
    /// The record.
    private(set) var record: [UInt8] = []
    /// What parts the cells of a table.
    private(set) var dialect: DelimitedDialect?

    /// Reads an input up to a record.
    ///
    /// - Parameters:
    ///   - number: The record's number, from 1.
    ///   - opened: The input, in UTF-8.
    ///   - path: What it is called.
    ///   - decoder: Finds the records.
    /// - Throws: ``SourceError``, ``ShareFailure``.
    init(_ number: Int, of opened: OpenedInput, _ path: String, _ decoder: consuming AnyRecordDecoder) throws {
        var decoder = decoder
        /// The text after the last record that has been seen, and where in the input it begins.
        var tail: [UInt8] = []
        var tailStart: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try opened.read(into: buffer)
            let chunk = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            tail += chunk
            var builder = DecodedBatchBuilder()
            decoder.decode(chunk, isFinal: count == 0, into: &builder)
            let batch = builder.seal()
            if let fault = batch.faults.first(where: { $0.losesRecord && $0.record == number }) {
                throw ShareFailure(description: "record \(number) of \(path) cannot be read: \(fault.message)")
            }
            var at = 0
            for found in batch.records where found.number <= number {
                let (start, end) = (Int(found.bytes.lowerBound - tailStart), Int(found.bytes.upperBound - tailStart))
                guard start >= at, end >= start, end <= tail.count else {
                    let reason = "cannot be cut out of what surrounds it"
                    throw ShareFailure(description: "record \(number) of \(path) \(reason)")
                }
                before += tail[at..<start]
                if found.number == number {
                    record = Array(tail[start..<end])
                    dialect = decoder.dialect
                    return
                }
                before.append(Self.gap)
                at = end
            }
            tail.removeFirst(at)
            tailStart += Int64(at)
            if count == 0 { throw ShareFailure(description: "\(path) has no record \(number)") }
        }
    }
}
