// Keeps workers busy with what goes into a grouping and what comes out of it.

/// One reader, N workers, one grouping, one ordered consumer: what comes out is the same at any number of workers.
struct GroupingPipeline {
    private enum Work<Extracted: Sendable>: Sendable {
        case extracted(Int, Extracted)
        case converted(Int, ConvertedBatch)
    }

    /// How many workers there are.
    let workers: Int

    /// Reads everything, groups it and delivers it in order.
    ///
    /// - Parameters:
    ///   - read: Reads a batch and says how a worker, by its number, extracts from it; nil at the end.
    ///   - group: Receives what was extracted, in the order of reading.
    ///   - handOn: Asks the grouping for more of what it holds after the last batch; false when it is empty.
    ///   - assemble: Says how a worker converts what the grouping has handed on, if that is enough or there will be no
    ///     more; nil to wait for more.
    ///   - deliver: Receives each batch in order.
    /// - Throws: What the last four throw.
    func run<Extracted: Sendable>(
        read: (Int) -> (@Sendable () async -> Extracted)?,
        group: (Extracted) throws -> Void,
        handOn: () throws -> Bool,
        assemble: (_ worker: Int, _ isLast: Bool) -> (@Sendable () async -> ConvertedBatch)?,
        deliver: (consuming ConvertedBatch) async throws -> Void
    ) async throws {
        guard workers > 1 else {
            // Without tasks, each of which would wake another thread.
            var (isRead, isGrouped) = (false, false)
            while true {
                if let work = assemble(0, isGrouped) {
                    try await deliver(await work())
                } else if !isRead {
                    if let work = read(0) { try group(await work()) } else { isRead = true }
                } else if !isGrouped {
                    isGrouped = try !handOn()
                } else {
                    return
                }
            }
        }
        // One batch more than workers: it waits for whoever is done first.
        let window = workers + 1
        try await withThrowingTaskGroup(of: Work<Extracted>.self) { tasks in
            var extracting = 0
            var extracted = 0
            var assembling = 0
            var assembled = 0
            var inFlight = 0
            var turn = 0
            var fragments: [Int: Extracted] = [:]
            var done: [Int: ConvertedBatch] = [:]
            var isRead = false
            var isGrouped = false
            while true {
                while inFlight < window {
                    if let work = assemble(turn % workers, isGrouped) {
                        let number = assembling
                        tasks.addTask { .converted(number, await work()) }
                        assembling += 1
                    } else if !isRead, done.count < window * 2, fragments.count < window * 2 {
                        guard let work = read(turn % workers) else {
                            isRead = true
                            continue
                        }
                        let number = extracting
                        tasks.addTask { .extracted(number, await work()) }
                        extracting += 1
                    } else if isRead, extracted == extracting, !isGrouped, done.count < window * 2 {
                        isGrouped = try !handOn()
                        continue
                    } else {
                        break
                    }
                    turn += 1
                    inFlight += 1
                }
                guard inFlight > 0, let work = try await tasks.next() else { break }
                inFlight -= 1
                switch work {
                case .extracted(let number, let batch):
                    fragments[number] = batch
                    while let ready = fragments.removeValue(forKey: extracted) {
                        extracted += 1
                        try group(ready)
                    }
                case .converted(let number, let batch):
                    done[number] = batch
                    while let ready = done.removeValue(forKey: assembled) {
                        assembled += 1
                        try await deliver(ready)
                    }
                }
            }
        }
    }
}
