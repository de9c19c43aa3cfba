// Keeps workers busy with one kind of work, and hands out what they make in the order in which it was begun.

/// One reader, N workers, one ordered consumer: what comes out is the same at any number of workers.
struct OrderedWork {
    /// How many workers there are.
    let workers: Int

    /// Does all the work there is.
    ///
    /// - Parameters:
    ///   - next: Reads what is next and says how a worker, by its number, converts it; nil at the end.
    ///   - deliver: Receives each batch in order.
    /// - Throws: What the two throw.
    func run(
        next: (_ worker: Int) throws -> (@Sendable () async -> ConvertedBatch)?,
        deliver: (consuming ConvertedBatch) async throws -> Void
    ) async throws {
        guard workers > 1 else {
            while let work = try next(0) { try await deliver(await work()) }
            return
        }
        // One batch more than workers: it waits for whoever is done first.
        let window = workers + 1
        try await withThrowingTaskGroup(of: (Int, Int, ConvertedBatch).self) { tasks in
            var idle = Array(0..<workers)
            var begun = 0
            var delivered = 0
            var inFlight = 0
            var done: [Int: ConvertedBatch] = [:]
            var isAtEnd = false
            while true {
                while !isAtEnd, inFlight < window, begun - delivered < window * 2 {
                    let number = begun
                    // Workers are actors: two batches given to one of them simply queue.
                    let worker = idle.popLast() ?? number % workers
                    guard let work = try next(worker) else {
                        isAtEnd = true
                        break
                    }
                    tasks.addTask { (number, worker, await work()) }
                    begun += 1
                    inFlight += 1
                }
                guard inFlight > 0, let (number, worker, batch) = try await tasks.next() else { break }
                inFlight -= 1
                if !idle.contains(worker) { idle.append(worker) }
                done[number] = batch
                while let ready = done.removeValue(forKey: delivered) {
                    delivered += 1
                    try await deliver(ready)
                }
            }
        }
    }
}
