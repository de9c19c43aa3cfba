// Maps one batch of records at a time; a run has as many workers as jobs.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One mapper and the isolation that keeps it to one batch at a time.
actor MappingWorker {
    private var mapper: RecordMapper

    init(_ options: MappingOptions) {
        mapper = RecordMapper(options: options)
    }

    /// Maps a batch.
    ///
    /// - Stage: 3 of 5 (map)
    func map(_ batch: RecordBatch, file: String) -> ConvertedBatch {
        mapper.books = Books()
        mapper.tally = Tally()
        mapper.begin(RecordSource(ReadBatch(batch: batch, file: file)))
        var outcomes: [RecordOutcome] = []
        outcomes.reserveCapacity(batch.records.count)
        for record in batch.records {
            outcomes.append(map(record, of: batch, file: file))
        }
        return ConvertedBatch(
            outcomes: outcomes,
            bytes: OutputBytes(mapper.takeOutput()),
            source: batch,
            books: mapper.books,
            tally: mapper.tally
        )
    }

    private func map(_ record: RecordSpan, of batch: RecordBatch, file: String) -> RecordOutcome {
        if let range = record.oversized {
            let finding = Finding(
                .recordTooLarge,
                .error,
                stage: .read,
                place: Finding.Place(file: file, record: record.number, offset: range.lowerBound),
                message: "the record has \(range.upperBound - range.lowerBound) bytes, more than is read into memory",
                remedy: "raise the limit with --max-record-bytes"
            )
            return mapper.reject(finding, range: range, number: record.number)
        }
        let text = batch.bytes(of: record)
        return mapper.map(
            text,
            start: record.start,
            range: batch.offset + Int64(record.start)..<batch.offset + Int64(record.end),
            number: record.number
        ) { fault in
            batch.layout == .document ? Self.rewrite(text, after: fault) : nil
        }
    }

    /// Tries a text that is no strict JSON as JSON5; of two faults the later one is where the trouble is.
    private static func rewrite(_ text: UnsafeRawBufferPointer, after fault: JSONError) -> RecordMapper.Rewriting? {
        var json: [UInt8] = []
        do {
            let features = try JSON5Normalizer.normalize(text, into: &json)
            return .strict(json, remark: features.description)
        } catch {
            guard error.offset > fault.offset else { return nil }
            return .fault(offset: error.offset, message: error.message)
        }
    }

    /// The field ledger of everything that this worker has mapped.
    func fields() -> [FieldTotal: Int] { mapper.ledger.totals() }
}
