// Reads back NDJSON that this program has written: outcomes, replies.

package import InteractionModel

/// A file of JSON lines, read from its beginning to its end.
package struct WrittenLines: Sendable {
    private let path: String

    /// Names a file.
    ///
    /// - Parameter path: Plain or compressed; `-` is standard input.
    package init(_ path: String) { self.path = path }

    /// Hands out each line.
    ///
    /// - Parameters:
    ///   - isStopped: Asked before each read.
    ///   - line: Receives each line with its number, from 1; nil for one that is no JSON.
    /// - Returns: Whether the reading was stopped before the end, and what was wrong with the file as a whole.
    /// - Throws: What `line` throws.
    package func read(
        isStopped: @escaping @Sendable () -> Bool,
        line: (JSONView?, Int) throws -> Void
    ) rethrows -> (wasInterrupted: Bool, trouble: Finding?) {
        var options = ConversionOptions()
        options.input = .ndjson
        var reader = BatchReader([PlannedInput(file: path)], options: options, isCancelled: isStopped)
        var tape = JSONTape()
        while let read = reader.next() {
            for record in read.batch.records {
                let text = read.batch.bytes(of: record)
                guard record.oversized == nil, let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self),
                    (try? tape.scan(start, count: text.count)) != nil
                else {
                    try line(nil, record.number)
                    continue
                }
                try line(tape.view(of: start), record.number)
            }
            withExtendedLifetime(read) {}
        }
        return (reader.wasInterrupted, reader.findings.first)
    }
}
