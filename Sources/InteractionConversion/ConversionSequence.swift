// Records one at a time, as an async sequence with back-pressure.

public import InteractionMapping
public import InteractionModel
internal import InteractionSources

/// A record's outcome with the Interactions made from it.
public struct ConvertedRecord: Sendable {
    /// What became of the record.
    public let outcome: RecordOutcome
    /// The Interactions as canonical JSON in UTF-8, in the order of `outcome.outputs`; empty unless converted.
    public let interactions: [[UInt8]]
}

extension Converter {
    /// Converts files, record by record.
    ///
    /// Nothing is read ahead beyond one batch of about 256 KiB; a consumer that is slow slows the reading. Cancelling
    /// the consuming task ends the sequence with `CancellationError`.
    ///
    /// - Parameter files: Paths; `-` is standard input.
    /// - Returns: The outcomes in input order. Iterating throws ``InputFailure`` at a file that cannot be read.
    public func records(ofFiles files: [String]) -> ConversionSequence<EmptyChunks> {
        ConversionSequence(options: options, origin: .files(files), chunks: nil)
    }

    /// Converts a text that is in memory, record by record.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 JSON in any of the layouts that files may have.
    ///   - name: What findings call it.
    /// - Returns: The outcomes in input order.
    public func records(of bytes: [UInt8], name: String = "memory") -> ConversionSequence<EmptyChunks> {
        ConversionSequence(options: options, origin: .bytes(bytes, name), chunks: nil)
    }

    /// Converts a stream of byte chunks, record by record.
    ///
    /// - Parameters:
    ///   - chunks: UTF-8 JSON in pieces of any size.
    ///   - name: What findings call it.
    /// - Returns: The outcomes in input order. Iterating throws what the stream throws.
    public func records<Chunks: AsyncSequence & Sendable>(
        of chunks: Chunks,
        name: String = "stream"
    ) -> ConversionSequence<Chunks> where Chunks.Element == [UInt8] {
        ConversionSequence(options: options, origin: .chunks(name), chunks: chunks)
    }
}

/// An input that could not be read to its end.
public struct InputFailure: Error, Sendable, Hashable {
    /// What happened, and where.
    public let finding: Finding
}

/// The chunks of an input that has none: files and memory are read without them.
public struct EmptyChunks: AsyncSequence, Sendable {
    /// Ends at once.
    public struct AsyncIterator: AsyncIteratorProtocol {
        /// Nothing.
        public mutating func next() async -> [UInt8]? { nil }
    }

    /// An iterator that ends at once.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

/// The outcomes of an input's records, in order.
public struct ConversionSequence<Chunks: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Chunks.Element == [UInt8] {
    enum Origin: Sendable {
        case files([String])
        case bytes([UInt8], String)
        case chunks(String)
    }

    let options: ConversionOptions
    let origin: Origin
    let chunks: Chunks?

    /// Starts reading from the beginning.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }

    /// Reads, maps and hands out one batch at a time.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let worker: MappingWorker
        private var feed: Feed
        private var batch: ConvertedBatch?
        private var position = 0
        private var outputs = 0

        init(_ sequence: ConversionSequence) {
            worker = MappingWorker(sequence.options.mapping)
            feed = Feed(sequence)
        }

        /// The next record, or nil after the last.
        public mutating func next() async throws -> ConvertedRecord? {
            try await next(isolation: nil)
        }

        /// The next record, or nil after the last, without leaving the caller's isolation for each of them.
        ///
        /// - Parameter actor: The caller's isolation.
        /// - Returns: The record, or nil at the end.
        /// - Throws: ``InputFailure``, `CancellationError`, or what the stream of chunks throws.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> ConvertedRecord? {
            while true {
                if let batch, position < batch.outcomes.count {
                    defer { position += 1 }
                    var outcome = batch.outcomes[position]
                    let interactions = outcome.outputs.map { batch.interaction($0) }
                    for index in outcome.outputs.indices { outcome.outputs[index].index += outputs }
                    return ConvertedRecord(outcome: outcome, interactions: interactions)
                }
                outputs += batch?.interactionCount ?? 0
                position = 0
                try Task.checkCancellation()
                guard let read = try await feed.next(isolation: actor) else {
                    batch = nil
                    return nil
                }
                batch = await worker.map(read.batch, file: read.file)
            }
        }
    }

    /// Where the bytes come from.
    private final class Feed {
        private var reader: BatchReader?
        private var framer: RecordFramer?
        private var iterator: Chunks.AsyncIterator?
        private var rest: ArraySlice<UInt8> = []
        private var name = ""
        private var reported = 0
        private var hasEnded = false

        init(_ sequence: ConversionSequence) {
            switch sequence.origin {
            case .files(let files):
                reader = BatchReader(files.map { PlannedInput(file: $0) }, options: sequence.options) {
                    Task.isCancelled
                }
            case .bytes(let bytes, let name):
                framer = Self.framer(sequence.options, name)
                rest = bytes[...]
                self.name = name
            case .chunks(let name):
                framer = Self.framer(sequence.options, name)
                iterator = sequence.chunks?.makeAsyncIterator()
                self.name = name
            }
        }

        private static func framer(_ options: ConversionOptions, _ name: String) -> RecordFramer {
            RecordFramer(layout: options.layout(for: name), largestRecord: options.largestRecord)
        }

        func next(isolation actor: isolated (any Actor)?) async throws -> ReadBatch? {
            guard framer != nil else { return try nextOfFiles() }
            while true {
                if let batch = framer?.nextBatch(isFinal: hasEnded) { return ReadBatch(batch: batch, file: name) }
                if hasEnded { return nil }
                if rest.isEmpty { rest = try await iterator?.next(isolation: actor)?[...] ?? [] }
                if rest.isEmpty { hasEnded = true } else { feed() }
            }
        }

        private func feed() {
            let pending = rest
            let count =
                framer?.withSpace { space in
                    pending.withUnsafeBytes { bytes in
                        let count = Swift.min(bytes.count, space.count)
                        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
                        return count
                    }
                } ?? 0
            rest = rest.dropFirst(count)
        }

        private func nextOfFiles() throws -> ReadBatch? {
            try throwFailure()
            if let batch = reader?.next() { return batch }
            try throwFailure()
            return nil
        }

        /// What was read before a failure has been handed out; then the failure shows.
        private func throwFailure() throws {
            guard let findings = reader?.findings, findings.count > reported else { return }
            reported = findings.count
            throw InputFailure(finding: findings[reported - 1])
        }
    }
}
