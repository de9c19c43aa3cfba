// Any bytes through framing and mapping: outputs must be valid, books must balance, a second run must be the same.

@testable import FuzzSupport
@testable import InteractionMapping
@testable import InteractionModel
@testable import InteractionSources

/// One run of the fuzzer; the first byte chooses options, the rest is the input.
///
/// - Parameters:
///   - start: The first byte of the input.
///   - count: How many there are.
/// - Returns: 0, as libFuzzer asks; a fault stops the process.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConvert(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let choices = input.first else { return 0 }
    for form in [MappingOptions.Form.rest, .websocket] {
        var options = MappingOptions()
        options.form = form
        options.organizationId = "org_default"
        if choices & 1 != 0 { options.tenantId = "tenant_default" }
        if choices & 2 != 0 { options.isStrict = true }
        if choices & 4 != 0 { options.roles = ["": .user, "visitor": .user] }
        if choices & 8 != 0 {
            options.threadFrom = [.field("trace_parent_ID"), .field("session.trace_session_ID"), .derived]
        }
        let layout: RecordLayout? = choices & 16 != 0 ? .lines : choices & 32 != 0 ? .document : nil
        let step = choices & 64 != 0 ? 7 : Int.max
        // One worker has seen many inputs and the other few: what was mapped before must not matter.
        let first = Worker.kept(0, lasting: 5000, form, choices, options).run(input.dropFirst(), layout, step: step)
        let second = Worker.kept(1, lasting: 100, form, choices, options).run(input.dropFirst(), layout, step: .max)
        precondition(first == second, "two runs differ")
        checkInteractions(
            first,
            form == .rest ? .payload : .envelope,
            tenantLength: options.tenantId?.utf8.count ?? 0
        )
    }
    return 0
}

/// The conversion of inputs one after the other, without files and tasks.
private final class Worker {
    private var framer = RecordFramer(layout: nil, largestRecord: 0)
    private var mapper: RecordMapper
    private var output: [UInt8] = []
    private var end: Int64 = 0
    private var number = 0
    private var runs = 0

    /// Workers by number, form and choice of options: making one takes longer than using it.
    // Safety: libFuzzer calls from one thread.
    nonisolated(unsafe) private static var workers: [String: Worker] = [:]

    /// A worker that has been used fewer times than `lasting`.
    static func kept(
        _ number: Int,
        lasting: Int,
        _ form: MappingOptions.Form,
        _ choices: UInt8,
        _ options: MappingOptions
    ) -> Worker {
        let key = "\(number) \(form) \(choices & 15)"
        if let worker = workers[key], worker.runs < lasting { return worker }
        let worker = Worker(options)
        workers[key] = worker
        return worker
    }

    private init(_ options: MappingOptions) {
        mapper = RecordMapper(options: options)
    }

    func run(_ input: ArraySlice<UInt8>, _ layout: RecordLayout?, step: Int) -> [UInt8] {
        framer = RecordFramer(layout: layout, largestRecord: 1 << 16)
        output = []
        end = 0
        number = 0
        runs += 1
        var left = input
        while !left.isEmpty {
            let taken = framer.withSpace { space in
                let count = min(left.count, space.count, step)
                left.prefix(count).withUnsafeBytes { space.copyMemory(from: $0) }
                return count
            }
            left = left.dropFirst(taken)
            while let batch = framer.nextBatch(isFinal: false) { map(batch) }
        }
        while let batch = framer.nextBatch(isFinal: true) { map(batch) }
        return output
    }

    private func map(_ batch: RecordBatch) {
        mapper.books = Books()
        mapper.begin(
            RecordSource(
                file: "fuzz",
                run: batch.block.start,
                runOffset: batch.offset,
                line: batch.line,
                lineOffset: batch.lineOffset
            )
        )
        for record in batch.records {
            number += 1
            precondition(record.number == number, "records are not numbered in order")
            guard record.oversized == nil else { continue }
            let range = batch.offset + Int64(record.start)..<batch.offset + Int64(record.end)
            precondition(range.lowerBound >= end, "records overlap")
            end = range.upperBound
            let text = batch.bytes(of: record)
            let outcome = mapper.map(text, start: record.start, range: range, number: record.number) { fault in
                batch.layout == .document ? Self.rewrite(text, after: fault) : nil
            }
            precondition(outcome.kind != .rejected || !outcome.findings.isEmpty, "a rejection without a reason")
            precondition(outcome.kind != .converted || !outcome.outputs.isEmpty, "a conversion without an output")
        }
        precondition(mapper.books.isBalanced, "the books do not balance: \(mapper.books)")
        output.append(contentsOf: mapper.takeOutput().array)
    }

    private static func rewrite(_ text: UnsafeRawBufferPointer, after fault: JSONError) -> RecordMapper.Rewriting? {
        var json: [UInt8] = []
        do throws(JSON5Error) {
            let features = try JSON5Normalizer.normalize(text, into: &json)
            return .strict(json, remark: features.description)
        } catch {
            return error.offset > fault.offset ? .fault(offset: error.offset, message: error.message) : nil
        }
    }
}
