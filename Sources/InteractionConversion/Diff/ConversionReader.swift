// Reads the Interactions of a conversion one after the other.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One conversion, read from start to end.
final class ConversionReader {
    private let side: DiffSide
    private let file: String
    private var reader: BatchReader
    private var batch: ReadBatch?
    private var position = 0
    private var tape = JSONTape()
    /// What was wrong with it.
    private(set) var findings: [Finding] = []
    /// Interactions read.
    private(set) var count = 0
    /// Whether all Interactions are in envelopes; nil while there are none.
    private(set) var hasEnvelopes: Bool?

    init(_ side: DiffSide, file: String, _ options: DiffOptions, isStopped: @escaping @Sendable () -> Bool) {
        self.side = side
        self.file = file
        reader = BatchReader([PlannedInput(file: file)], options: options.reading, isCancelled: isStopped)
    }

    var wasInterrupted: Bool { reader.wasInterrupted }

    /// Bytes read, as stored.
    var bytesRead: Int64 { reader.bytesRead }

    /// The next Interaction, valid until the next call; nil after the last.
    func next() -> (interaction: ComparedInteraction, identity: InteractionIdentity, view: JSONView)? {
        while true {
            while let batch, position < batch.batch.records.count {
                position += 1
                if let found = read(batch, batch.batch.records[position - 1]) { return found }
            }
            guard let next = reader.next() else {
                batch = nil
                return nil
            }
            batch = next
            position = 0
        }
    }

    /// What was wrong with the file as a whole, once there is no next Interaction.
    var fileFindings: [Finding] { reader.findings }

    private func read(
        _ read: ReadBatch,
        _ record: RecordSpan
    ) -> (interaction: ComparedInteraction, identity: InteractionIdentity, view: JSONView)? {
        if let range = record.oversized {
            let place = Finding.Place(file: file, record: record.number, offset: range.lowerBound)
            let message = "the Interaction has \(range.upperBound - range.lowerBound) bytes, more than is read"
            findings.append(Finding(.recordTooLarge, .error, stage: .read, place: place, message: message))
            return nil
        }
        var source = RecordSource(read)
        source.start = record.start
        source.number = record.number
        let text = read.batch.bytes(of: record)
        let interaction = ComparedInteraction(side, record: record.number, text)
        let start = read.batch.block.start + record.start
        do {
            try tape.scan(start, count: text.count)
        } catch {
            let place = source.place(error.offset)
            findings.append(Finding(.invalidJSON, .error, stage: .parse, place: place, message: error.fault.rawValue))
            return nil
        }
        let view = tape.view(of: start)
        guard let identity = InteractionIdentity(view) else {
            findings.append(
                Finding(
                    .unknownShape,
                    .error,
                    stage: .parse,
                    place: source.place(0),
                    message: "no Interaction: it has no request.connections.threadId",
                    remedy: "compare what `convert` wrote"
                )
            )
            return nil
        }
        count += 1
        let isEnvelope = InteractionIdentity.payload(view) != view.root
        hasEnvelopes = (hasEnvelopes ?? true) && isEnvelope
        return (interaction, identity, view)
    }
}
