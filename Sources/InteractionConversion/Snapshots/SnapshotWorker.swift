// Finds the threads of legacy payloads, and unites the snapshots of a thread, whichever is asked of it.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// The records of a batch by their threads.
struct ThreadedBatch: Sendable {
    /// Fragments in order, as ``ConversationGrouper/add(all:_:)`` takes them.
    let fragments: OutputBytes
    /// What became of the records that cannot be converted, with their bytes.
    let refused: ConvertedBatch
}

/// Threads on their way to be united, copied out of the grouping.
struct ThreadBatch: Sendable {
    struct Item: Sendable {
        /// Where its run of fragments lies in the batch's bytes.
        var range: Range<Int>
        var isReopened: Bool
    }

    var items: [Item] = []
    /// Runs of fragments, and room after them for the scanner.
    var bytes: [UInt8] = []
    var findings: [Finding] = []

    /// Makes an empty batch.
    ///
    /// - Parameter capacity: Bytes of fragments to reserve.
    init(capacity: Int) { bytes.reserveCapacity(capacity + capacity / 4) }

    var isEmpty: Bool { items.isEmpty && findings.isEmpty }
}

/// One mapper, and the isolation that keeps it to one batch at a time.
actor SnapshotWorker {
    private let files: [String]
    private var mapper: RecordMapper
    private var records = LegacyRecords()
    private let tellsFields: Bool

    init(_ options: MappingOptions, files: [String]) {
        self.files = files
        tellsFields = options.tellsFields
        mapper = RecordMapper(options: options)
    }

    /// Finds the threads of records in JSON.
    func findThreads(_ batch: RecordBatch, file: Int) -> ThreadedBatch {
        mapper.books = Books()
        mapper.begin(RecordSource(ReadBatch(batch: batch, file: files[file])))
        var fragments = OutputBuffer(capacity: batch.count + batch.count / 4)
        var outcomes: [RecordOutcome] = []
        var refused: [RecordSpan] = []
        for record in batch.records {
            let outcome = mapper.findThread(
                batch.bytes(of: record),
                file: file,
                form: batch.layout == .document ? .document : .line,
                into: &fragments
            ) { $0.map(record, of: batch, file: files[file]) }
            guard let outcome else { continue }
            outcomes.append(outcome)
            refused.append(record)
        }
        return threaded(
            fragments,
            ConvertedBatch(
                outcomes: outcomes,
                bytes: OutputBytes(mapper.takeOutput()),
                source: batch.keeping(refused),
                books: mapper.books,
                tally: Tally()
            )
        )
    }

    /// Finds the threads of records in XML and CSV.
    func findThreads(_ batch: DecodedBatch, as form: LegacyRecords.Form, file: Int) -> ThreadedBatch {
        var source = RecordSource.none
        source.file = files[file]
        mapper.books = Books()
        mapper.begin(source)
        var fragments = OutputBuffer(capacity: 256 << 10)
        var outcomes: [RecordOutcome] = []
        var told: [[UInt8]] = []
        for record in batch.records {
            let place = record.place(in: files[file])
            let json = records.read(batch.view(of: record), as: form)
            let outcome = mapper.findThread(json, file: file, form: .decoded, place: place, into: &fragments) {
                $0.map(json, from: place, range: record.bytes, number: record.number)
            }
            guard let outcome else { continue }
            outcomes.append(outcome)
            if tellsFields { told.append([UInt8](json)) }
        }
        let findings = mapper.reject(batch.faults, file: files[file], into: &outcomes)
        return threaded(
            fragments,
            ConvertedBatch(
                outcomes: outcomes,
                bytes: OutputBytes(mapper.takeOutput()),
                source: nil,
                books: mapper.books,
                tally: Tally(),
                findings: findings,
                payloads: told
            )
        )
    }

    private func threaded(_ fragments: consuming OutputBuffer, _ refused: ConvertedBatch) -> ThreadedBatch {
        ThreadedBatch(fragments: OutputBytes(fragments), refused: refused)
    }

    /// Unites the snapshots of each thread.
    func unite(_ batch: ThreadBatch) -> ConvertedBatch {
        mapper.books = Books()
        mapper.tally = Tally()
        mapper.begin(RecordSource.none)
        var outcomes: [RecordOutcome] = []
        let (rejected, told) = batch.bytes.withUnsafeBytes { bytes in
            for item in batch.items {
                mapper.fold(
                    UnsafeRawBufferPointer(rebasing: bytes[item.range]),
                    files: files,
                    isReopened: item.isReopened,
                    rewrite: MappingWorker.rewrite,
                    into: &outcomes
                )
            }
            let runs = batch.items.map { FragmentRun(bytes: UnsafeRawBufferPointer(rebasing: bytes[$0.range])) }
            let records = runs.joined().lazy.map { SnapshotFragment($0) }
            return (Self.rejected(outcomes, records), tellsFields ? records.map { [UInt8]($0.text) } : [])
        }
        return ConvertedBatch(
            outcomes: outcomes,
            bytes: OutputBytes(mapper.takeOutput()),
            source: rejected,
            books: mapper.books,
            tally: mapper.tally,
            findings: batch.findings,
            payloads: told
        )
    }

    /// The bytes of rejected records in JSON, each at the place of its outcome.
    private static func rejected(
        _ outcomes: [RecordOutcome],
        _ records: some Sequence<SnapshotFragment>
    ) -> RecordBatch? {
        guard outcomes.contains(where: { $0.kind == .rejected }) else { return nil }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        let texts = zip(outcomes, records).map { outcome, record in
            outcome.kind == .rejected && record.form != .decoded ? record.text : nothing
        }
        return RecordBatch.copying(texts)
    }

    /// The field ledger of everything that this worker has mapped.
    func fields() -> [FieldTotal: Int] { mapper.ledger.totals() }
}
