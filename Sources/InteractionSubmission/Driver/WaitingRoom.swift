// Where tasks wait for something to change, each until it is woken, cancelled, or out of time.

internal import NIOCore
internal import Synchronization

/// Waiting tasks.
final class WaitingRoom: Sendable {
    private struct State {
        var next = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Cancelled before they came to wait.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Waits.
    ///
    /// Whoever is woken looks again at what it waits for: it may be woken for nothing.
    ///
    /// - Parameters:
    ///   - loop: Keeps the time.
    ///   - microseconds: How long at most; nil for no limit.
    ///   - isDue: Asked when a wake-up cannot be missed any more; false to return at once.
    func wait(on loop: any EventLoop, _ microseconds: Int64? = nil, while isDue: () -> Bool) async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = microseconds.map { time in
            loop.scheduleTask(in: .microseconds(max(time, 0))) { self.wake(number) }
        }
        defer { timer?.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayWait = state.withLock { state in
                    guard state.cancelled.remove(number) == nil else { return false }
                    state.waiting[number] = continuation
                    return true
                }
                if !mayWait {
                    continuation.resume()
                } else if !isDue() {
                    wake(number)
                }
            }
        } onCancel: {
            wake(number, orRemember: true)
        }
        state.withLock { state in _ = state.cancelled.remove(number) }
    }

    /// Wakes everybody.
    func wakeAll() {
        let waiting = state.withLock { state in
            defer { state.waiting.removeAll(keepingCapacity: true) }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.resume() }
    }

    private func wake(_ number: Int, orRemember: Bool = false) {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            if let waiting = state.waiting.removeValue(forKey: number) { return waiting }
            if orRemember { state.cancelled.insert(number) }
            return nil
        }
        continuation?.resume()
    }
}
