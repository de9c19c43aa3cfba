// Maps one batch of legacy payloads in XML or CSV at a time; a run has as many workers as jobs.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// One mapper, what turns records into JSON for it, and the isolation that keeps both to one batch at a time.
actor LegacyRecordsWorker {
    private var mapper: RecordMapper
    private var payloads = LegacyRecords()
    private let tellsFields: Bool

    init(_ options: MappingOptions) {
        tellsFields = options.tellsFields
        mapper = RecordMapper(options: options)
    }

    /// Maps a batch.
    ///
    /// - Parameters:
    ///   - batch: Records as they were decoded, each a payload or its envelope.
    ///   - records: Those of the batch that are wanted; nil for all.
    ///   - form: How the payloads were written.
    ///   - file: The input's name.
    /// - Returns: An outcome for each record in order, then one for each that the decoder has lost.
    /// - Stage: 3 of 5 (map)
    func map(
        _ batch: DecodedBatch,
        taking records: RecordSelection.Taken<DecodedRecord>? = nil,
        as form: LegacyRecords.Form,
        file: String
    ) -> ConvertedBatch {
        var source = RecordSource.none
        source.file = file
        mapper.books = Books()
        mapper.tally = Tally()
        mapper.begin(source)
        var outcomes: [RecordOutcome] = []
        let wanted = records?.records ?? batch.records
        outcomes.reserveCapacity(wanted.count)
        var told: [[UInt8]] = []
        for record in wanted {
            let place = record.place(in: file)
            let json = payloads.read(batch.view(of: record), as: form)
            outcomes.append(mapper.map(json, from: place, range: record.bytes, number: record.number))
            if tellsFields { told.append([UInt8](json)) }
        }
        // Beyond a limit nothing is read, and so nothing can be wrong.
        let isCut = records?.isCut ?? false
        let findings = isCut ? [] : mapper.reject(batch.faults, file: file, into: &outcomes)
        return ConvertedBatch(
            outcomes: outcomes,
            bytes: OutputBytes(mapper.takeOutput()),
            source: nil,
            books: mapper.books,
            tally: mapper.tally,
            findings: findings,
            payloads: told,
            positions: records?.positions ?? RunPositions()
        )
    }

    /// The field ledger of everything that this worker has mapped.
    func fields() -> [FieldTotal: Int] { mapper.ledger.totals() }
}

extension DecodedRecord {
    /// Where the record lies, for findings.
    func place(in file: String) -> Finding.Place {
        Finding.Place(file: file, record: number, line: line, column: column, offset: bytes.lowerBound)
    }
}

extension RecordMapper {
    /// Books the records that a decoder has lost.
    ///
    /// - Returns: Findings that cost no record.
    mutating func reject(
        _ faults: [DecodingFault],
        file: String,
        into outcomes: inout [RecordOutcome]
    ) -> [Finding] {
        var findings: [Finding] = []
        for fault in faults {
            let finding = fault.finding(file: file)
            guard fault.losesRecord else {
                findings.append(finding)
                continue
            }
            let start = fault.offset ?? 0
            outcomes.append(reject(finding, range: start..<start, number: fault.record ?? 0))
        }
        return findings
    }
}
