// A short queue between whoever reads and whoever sends.

/// Hands values from one task to another, and holds the first back while the other is busy.
package actor Handover<Element: Sendable> {
    private let capacity: Int
    private var waiting: [Element] = []
    private var taker: CheckedContinuation<Void, Never>?
    private var putter: CheckedContinuation<Void, Never>?
    private var end: Result<Void, any Error>?
    private var isClosed = false

    /// Makes a queue.
    ///
    /// - Parameter capacity: Values that wait at most.
    package init(capacity: Int) { self.capacity = capacity }

    /// Adds a value, as soon as there is room.
    ///
    /// - Throws: `CancellationError` if nobody takes values any more.
    package func put(_ element: Element) async throws {
        while waiting.count >= capacity, !isClosed {
            await withCheckedContinuation { putter = $0 }
        }
        guard !isClosed else { throw CancellationError() }
        waiting.append(element)
        wake(&taker)
    }

    /// Says that no more values come, and why.
    package func finish(_ end: Result<Void, any Error>) {
        self.end = end
        wake(&taker)
    }

    /// The next value; nil after the last.
    ///
    /// - Throws: What the queue was finished with.
    package func take() async throws -> Element? {
        while waiting.isEmpty {
            if isClosed { return nil }
            if let end {
                try end.get()
                return nil
            }
            await withCheckedContinuation { taker = $0 }
        }
        defer { wake(&putter) }
        return waiting.removeFirst()
    }

    /// Takes nothing any more.
    package func close() {
        isClosed = true
        wake(&putter)
        wake(&taker)
    }

    private func wake(_ continuation: inout CheckedContinuation<Void, Never>?) {
        continuation?.resume()
        continuation = nil
    }
}
