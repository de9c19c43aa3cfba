// Reads inputs one after the other and cuts them into batches of records.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// A batch, and the input that it comes from.
struct ReadBatch: Sendable {
    var batch: RecordBatch
    var file: String
    /// Where the records are in the run, if they are numbered there.
    var positions = RunPositions()
}

extension RecordSource {
    /// The origin of a batch's records.
    init(_ read: ReadBatch) {
        self.init(
            file: read.file,
            run: read.batch.block.start,
            runOffset: read.batch.offset,
            line: read.batch.line,
            lineOffset: read.batch.lineOffset
        )
    }
}

extension SourceError {
    /// The error as a finding about an input.
    func finding(file: String) -> Finding {
        Finding(
            .inputUnreadable,
            .error,
            stage: .read,
            place: Finding.Place(file: file, offset: offset),
            message: description
        )
    }
}

/// Pulls batches out of files; one is open at a time.
///
/// - Stage: 1 and 2 of 5 (read, cut)
struct BatchReader: ~Copyable {
    private let options: ConversionOptions
    private let isCancelled: @Sendable () -> Bool
    private var waiting: ArraySlice<PlannedInput>
    private var file = ""
    private let shared: OpenedInput
    private var reader: OpenedInput?
    private var framer: RecordFramer?
    private var hasStarted = false
    private var hasEnded = false
    private var earlierBytes: Int64 = 0
    /// What went wrong with inputs as a whole.
    private(set) var findings: [Finding] = []
    private(set) var books = Books.Level()
    private(set) var wasInterrupted = false

    /// How many bytes have been read as stored, for a progress bar.
    private(set) var bytesRead: Int64 = 0

    init(_ inputs: [PlannedInput], options: ConversionOptions, isCancelled: @escaping @Sendable () -> Bool) {
        self.options = options
        self.isCancelled = isCancelled
        shared = OpenedInput(options, isCancelled: isCancelled)
        waiting = inputs[...]
    }

    /// The next batch, or nil after the last input.
    mutating func next() -> ReadBatch? {
        while true {
            if isCancelled() {
                // Asked once more after the end, the file must not be booked twice.
                if framer != nil, !wasInterrupted { books.dropped["interrupted", default: 0] += 1 }
                wasInterrupted = true
                return nil
            }
            if framer == nil, !open() { return nil }
            // A record that the sample cuts is none of it.
            let isCut = hasEnded && reader?.isCut ?? false
            if !isCut, let batch = framer?.nextBatch(isFinal: hasEnded) { return ReadBatch(batch: batch, file: file) }
            if hasEnded {
                close()
            } else {
                read()
            }
        }
    }

    /// Ends the reading: what has not been read yet is booked under the name of a rule.
    mutating func leaveOutRest(by rule: StaticString) {
        let rest = waiting.count + (framer == nil ? 0 : 1)
        books.total += waiting.count
        if rest > 0 { books.dropped[rule.description, default: 0] += rest }
        waiting = []
        reader = nil
        framer = nil
    }

    private mutating func open() -> Bool {
        guard let input = waiting.popFirst() else { return false }
        file = input.name
        books.total += 1
        hasEnded = false
        hasStarted = false
        framer = RecordFramer(layout: options.layout(for: file), largestRecord: options.largestRecord)
        do {
            reader = input.opened ?? shared
            if input.opened == nil { try shared.open(input.member) }
        } catch {
            fail(error)
        }
        return true
    }

    private mutating func read() {
        do {
            guard let reader else { return }
            let count = try framer?.withSpace { (space) throws(SourceError) in try reader.read(into: space) } ?? 0
            if !hasStarted, reader.encoding == .utf8 { framer?.startOffset(reader.leadingBytesDropped) }
            hasStarted = true
            bytesRead = earlierBytes + reader.totalBytesRead
            if count == 0 { hasEnded = true }
        } catch {
            fail(error)
        }
    }

    private mutating func fail(_ error: SourceError) {
        hasEnded = true
        // The caller asks again before it goes on, and books the file then.
        if error.code == .interrupted { return }
        findings.append(error.finding(file: file))
    }

    private mutating func close() {
        let isBroken = findings.contains { $0.place.file == file && $0.code == .inputUnreadable }
        if framer?.endsInsideArray ?? false, !(reader?.isCut ?? false) {
            findings.append(
                Finding(
                    .truncated,
                    .error,
                    stage: .read,
                    place: Finding.Place(file: file),
                    message: "the array that holds the records is never closed",
                    remedy: "records after the last complete one are missing; restore the file from its source"
                )
            )
        }
        if isBroken { books.rejected += 1 } else { books.mapped += 1 }
        earlierBytes = bytesRead
        reader = nil
        framer = nil
    }
}
