// Reads the inputs of a run one after the other and decodes them, batch by batch.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Pulls batches of decoded records out of planned inputs; one is open at a time.
final class DecodedInputs {
    /// A batch, and where it comes from.
    struct Batch {
        var decoded: DecodedBatch
        /// Which profile's records they are; -1 for legacy payloads.
        var profile: Int
        var rules: [Int] = []
        /// The side tables that have rows among the records.
        var besides: [Int] = []
        /// A side table's number, if the records are its rows.
        var table: Int?
        /// Whether the records are to be booked.
        var isBooked = true
        /// The input's index among those of the run.
        var file: Int
    }

    private static let chunk = 256 << 10
    /// More records than this are not worth holding at once: what becomes of a short one takes more than its bytes.
    private static let manyRecords = 1024

    private let inputs: [PlannedInput]
    private let profiles: [Profile]
    private let firstFile: Int
    private let options: ConversionOptions
    private let isCancelled: @Sendable () -> Bool
    private let shared: OpenedInput
    private var position = -1
    private var current: OpenedInput?
    private var decoder: AnyRecordDecoder?
    private var isFailed = false
    private var earlierBytes: Int64 = 0
    private var latestSize = DecodedBatchBuilder.Size()
    /// How much is read at once; less where records are short.
    private var piece = DecodedInputs.chunk
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: DecodedInputs.chunk, alignment: 16)

    /// What went wrong with inputs as a whole.
    private(set) var findings: [Finding] = []
    private(set) var books = Books.Level()
    private(set) var wasInterrupted = false

    /// Makes a reader of inputs.
    ///
    /// - Parameters:
    ///   - inputs: In order; each is the records or a side table of a profile.
    ///   - profiles: The plan's.
    ///   - firstFile: The index of the first of them among the inputs of the run.
    ///   - options: The choices of the run.
    ///   - isCancelled: Asked before each read.
    init(
        _ inputs: [PlannedInput],
        profiles: [Profile],
        firstFile: Int,
        options: ConversionOptions,
        isCancelled: @escaping @Sendable () -> Bool
    ) {
        self.inputs = inputs
        self.profiles = profiles
        self.firstFile = firstFile
        self.options = options
        self.isCancelled = isCancelled
        shared = OpenedInput(options, isCancelled: isCancelled)
    }

    // Safety: the buffer is allocated with the value and used by it alone.
    deinit { buffer.deallocate() }

    /// How many bytes have been read, for a progress bar.
    var bytesRead: Int64 { earlierBytes + (current?.totalBytesRead ?? 0) }

    /// How many of the inputs before a batch's are the same file, read for records at another place.
    func pass(of batch: Batch) -> Int {
        let position = batch.file - firstFile
        return inputs[..<position].count { $0.name == inputs[position].name }
    }

    /// The next batch that is not empty, or nil after the last input.
    func next() -> Batch? {
        while true {
            if isCancelled() {
                if current != nil, !wasInterrupted { books.dropped["interrupted", default: 0] += 1 }
                wasInterrupted = true
                return nil
            }
            if current == nil, !open() { return nil }
            // A decoder makes room for twice what it has been given.
            var builder = DecodedBatchBuilder(textCapacity: piece * 5 / 2, like: latestSize)
            let isAtEnd = read(into: &builder)
            let isEmpty = builder.isEmpty
            latestSize = builder.size
            if builder.records.count > Self.manyRecords {
                piece = max(piece / 2, Self.chunk / 16)
            } else if builder.records.count < Self.manyRecords / 4 {
                piece = min(piece * 2, Self.chunk)
            }
            let decoded = builder.seal()
            let batch = isEmpty ? nil : self.batch(decoded)
            if isAtEnd { close() }
            if let batch { return batch }
        }
    }

    /// Ends the reading: what has not been read yet is booked under the name of a rule.
    func leaveOutRest(by rule: StaticString) {
        if current != nil, !inputs[position].isAgain { books.dropped[rule.description, default: 0] += 1 }
        let rest = inputs.dropFirst(position + 1).count { !$0.isAgain }
        books.total += rest
        if rest > 0 { books.dropped[rule.description, default: 0] += rest }
        earlierBytes = bytesRead
        position = inputs.count
        current = nil
        decoder = nil
    }

    private func open() -> Bool {
        position += 1
        guard inputs.indices.contains(position) else { return false }
        let input = inputs[position]
        if !input.isAgain { books.total += 1 }
        isFailed = false
        let opened = input.opened ?? shared
        current = opened
        decoder = nil
        do {
            if input.opened == nil { try opened.open(input.member) }
        } catch {
            fail(error)
        }
        return true
    }

    /// Reads a piece and decodes it.
    ///
    /// - Returns: Whether the input is at its end.
    private func read(into builder: inout DecodedBatchBuilder) -> Bool {
        guard let current, !isFailed else { return true }
        var count = 0
        do {
            count = try current.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<piece]))
        } catch {
            if error.code == .interrupted { return false }
            fail(error)
        }
        // A record that the sample cuts is none of it.
        if count == 0, current.isCut { return true }
        if decoder == nil { makeDecoder(current) }
        decoder?.decode(UnsafeRawBufferPointer(rebasing: buffer[..<count]), isFinal: count == 0, into: &builder)
        return count == 0
    }

    private func makeDecoder(_ current: OpenedInput) {
        let isConverted = options.encoding != nil || current.encoding.map { $0 != .utf8 } ?? false
        let encoding = isConverted ? "UTF-8" : nil
        let largest = options.largestRecord
        switch inputs[position].format {
        case .legacyMarkup(let path):
            guard let path = try? MarkupPath(path) else { return }
            let made = MarkupDecoder(path: path, markup: [], encoding: encoding, largestRecord: largest)
            decoder = .markup(made)
        case .legacyTable:
            decoder = .delimited(DelimitedDecoder(dialect: DelimitedDialect(), largestRecord: largest))
        default:
            guard let (profile, at) = place(inputs[position]) else { return }
            decoder = .make(profile, at: at, encoding: encoding, largestRecord: largest)
        }
    }

    private func place(_ input: PlannedInput) -> (profile: Profile, at: String)? {
        switch input.format {
        case .records(let profile, let rules, _):
            let profile = profiles[profile]
            return rules.first.map { (profile, profile.records[$0].at) }
        case .table(let profile, let table, _):
            return (profiles[profile], profiles[profile].tables[table].at)
        default: return nil
        }
    }

    private func batch(_ decoded: DecodedBatch) -> Batch? {
        let file = firstFile + position
        return switch inputs[position].format {
        case .records(let profile, let rules, let tables):
            Batch(decoded: decoded, profile: profile, rules: rules, besides: tables, file: file)
        case .table(let profile, let table, let isBooked):
            Batch(decoded: decoded, profile: profile, table: table, isBooked: isBooked, file: file)
        case .legacyMarkup, .legacyTable: Batch(decoded: decoded, profile: -1, file: file)
        default: nil
        }
    }

    private func fail(_ error: SourceError) {
        isFailed = true
        // The caller asks again before it goes on, and books the file then.
        if error.code == .interrupted { return }
        findings.append(error.finding(file: inputs[position].name))
    }

    private func close() {
        earlierBytes += current?.totalBytesRead ?? 0
        if !inputs[position].isAgain {
            if isFailed { books.rejected += 1 } else { books.mapped += 1 }
        }
        current = nil
        decoder = nil
    }
}

extension DecodingFault {
    /// The fault as a finding about an input.
    func finding(file: String) -> Finding {
        Finding(
            code,
            severity,
            stage: .parse,
            place: Finding.Place(file: file, record: record, line: line, column: column, offset: offset),
            message: message,
            remedy: remedy
        )
    }

    /// The outcome of the record that was lost by it.
    func outcome(file: String) -> RecordOutcome {
        let start = offset ?? 0
        var outcome = RecordOutcome(file: file, record: record ?? 0, bytes: start..<start, kind: .rejected)
        outcome.findings = [finding(file: file)]
        return outcome
    }
}
