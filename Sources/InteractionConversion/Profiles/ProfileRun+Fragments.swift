// The first half of the way of chat logs: decode and extract, for another run to group and assemble.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

extension ProfileRun {
    /// Extracts everything and delivers the fragments as lines, in the order of the input.
    ///
    /// - Parameters:
    ///   - report: Receives what happened; a record counts as mapped if its fragment is handed on.
    ///   - observe: Receives the decoded records.
    ///   - deliver: Receives each batch.
    /// - Throws: What `deliver` throws.
    func handOnFragments(
        _ report: inout ConversionReport,
        _ observe: (DecodedInputs.Batch) -> Void,
        _ deliver: (ConvertedBatch, Converter.Progress) async throws -> Void
    ) async throws {
        let window = workers.count == 1 ? 1 : workers.count + 1
        try await withThrowingTaskGroup(of: (Int, ConvertedBatch).self) { group in
            var begun = 0
            var delivered = 0
            var done: [Int: ConvertedBatch] = [:]
            while true {
                while begun - delivered < window, let batch = inputs.next() {
                    take(batch.decoded.faults, of: batch.file)
                    observe(batch)
                    let faults = gathering
                    gathering = ConversationBatch(capacity: 0)
                    let (number, worker) = (begun, workers[begun % workers.count])
                    let pass = inputs.pass(of: batch)
                    group.addTask { (number, await worker.extractLines(batch, pass: pass, faults)) }
                    begun += 1
                }
                guard delivered < begun, let (number, batch) = try await group.next() else { break }
                done[number] = batch
                while var ready = done.removeValue(forKey: delivered) {
                    delivered += 1
                    report.add(&ready)
                    let progress = Converter.Progress(bytesRead: inputs.bytesRead, records: report.recordCount)
                    try await deliver(ready, progress)
                }
            }
        }
    }
}
