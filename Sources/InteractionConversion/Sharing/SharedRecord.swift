// One record to show to others.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// A record's scrambled copy.
public struct SharedRecord: Sendable {
    /// One value of JSON in UTF-8: the record's structure and keys, other letters, digits, times and ids.
    public let json: [UInt8]

    /// Copies one record of a file, cut as legacy payloads are: a line, a value, or an element of the one array.
    ///
    /// The same record gives the same copy; equal texts in it become equal texts.
    ///
    /// - Parameters:
    ///   - number: The record's number, from 1.
    ///   - path: The file; `-` is standard input.
    ///   - input: How the file is cut into records.
    /// - Throws: ``ShareFailure``.
    public init(
        _ number: Int,
        of path: String,
        input: ConversionOptions.Input = .auto
    ) throws(ShareFailure) {
        var options = ConversionOptions()
        options.input = input
        var reader = BatchReader([PlannedInput(file: path)], options: options, isCancelled: { Task.isCancelled })
        var payloads = PayloadReader()
        while let read = reader.next() {
            guard let record = read.batch.records.first(where: { $0.number == number }) else { continue }
            guard record.oversized == nil else {
                throw ShareFailure(description: "record \(number) of \(path) is too large to be read")
            }
            let bytes = read.batch.bytes(of: record)
            var out = OutputBuffer(capacity: bytes.count + 1024)
            payloads.read(bytes) { RecordScrambler(bytes).write($0, $0.root, to: &out) }
            guard out.count > 0 else {
                throw ShareFailure(
                    description: "record \(number) of \(path) is no JSON, which is all that can be shared"
                )
            }
            json = out.array
            return
        }
        if let finding = reader.findings.first { throw ShareFailure(description: finding.message) }
        throw ShareFailure(description: "\(path) has no record \(number)")
    }
}

/// A record that cannot be shared.
public struct ShareFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why not.
    public let description: String
}
