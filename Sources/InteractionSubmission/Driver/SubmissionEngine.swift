// The machine of a run behind a lock, and everybody who waits for it: the driver, the recorder's task, the source's.

internal import Logging
internal import NIOCore
internal import Synchronization

/// Drives the submission machine.
final class SubmissionEngine: Sendable {
    /// What the recorder is to be told next.
    struct Entry: Sendable {
        var events: [DeliveryEvent] = []
        var claim: [Int64] = []
    }

    private struct State {
        var machine: SubmissionMachine
        /// Called once when there may be something to send again.
        var onReady: (@Sendable () -> Void)?
        var isReadyWanted = false
        /// It has just been asked in vain, so the call is wanted from the next change on.
        var asksForReady = false
        var timer: Scheduled<Void>?
        var timerDue: Int64?
        var oldestEvent: Int64?
        /// When the last claim was made.
        var claimedAt: Int64 = 0
        var isRecorderWaiting = false
        var isSourceWaiting = false
        /// Nobody gets anything any more.
        var isClosed = false
        /// What has been found out under the lock and is done after it.
        var effects = Effects()
    }

    private struct Effects {
        var ready: (@Sendable () -> Void)?
        var wakesRecorder = false
        var wakesSource = false
        var wakesEnd = false
    }

    /// Events are written down after so long at the latest, in microseconds.
    static let recordDelay: Int64 = 200_000
    /// A claim waits so long for a source that is still reading, in microseconds: a transaction for a few messages
    /// costs as much as one for hundreds.
    static let claimDelay: Int64 = 10_000

    private let state: Mutex<State>
    private let recorderRoom = WaitingRoom()
    private let sourceRoom = WaitingRoom()
    private let endRoom = WaitingRoom()
    private let loop: any EventLoop
    private let listener: SubmissionListener
    private let metrics: SubmissionMetrics
    private let logger: Logger

    init(
        machine: SubmissionMachine,
        loop: any EventLoop,
        listener: SubmissionListener,
        metrics: SubmissionMetrics,
        logger: Logger
    ) {
        state = Mutex(State(machine: machine))
        self.logger = logger
        self.loop = loop
        self.listener = listener
        self.metrics = metrics
    }

    // MARK: Sending

    /// The next message to send, if one may leave now.
    ///
    /// Otherwise the callback of `onReady` is called once when it is worth asking again.
    func nextNow() -> Attempt? {
        change { state, now in
            guard !state.isClosed else { return nil }
            switch state.machine.next(now) {
            case .send(let attempt): return attempt
            case .wait(let time):
                state.asksForReady = true
                if let time { self.schedule(&state, time, now) }
            case .finished: break
            }
            return nil
        }
    }

    /// Says whom to call when there may be something for `nextNow()`; nil for nobody any more.
    func onReady(_ callback: (@Sendable () -> Void)?) {
        change { state, _ in
            state.onReady = callback
            state.isReadyWanted = false
            state.asksForReady = false
        }
    }

    /// What came of an attempt.
    func answered(_ attempt: Attempt, _ answer: Answer, startedAt: Int64) {
        let (letter, event) = change { state, now in
            let letter = state.machine.answered(attempt.row, answer, startedAt: startedAt, now: now)
            return (letter, state.machine.events.last.flatMap { $0.row == attempt.row ? $0 : nil })
        }
        if let event { metrics.answered(event) }
        if case .retry(let cause) = answer.verdict {
            metrics.retried(cause)
            logger.debug("attempt failed", metadata: Self.metadata(attempt, answer, cause.rawValue))
        }
        if event?.state == .rejected || event?.state == .unknown {
            logger.info("message \(event?.state?.rawValue ?? "")", metadata: Self.metadata(attempt, answer))
        }
        if let letter { listener.deadLetter?(letter) }
    }

    private static func metadata(_ attempt: Attempt, _ answer: Answer, _ cause: String? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["correlationId": "\(attempt.message.correlationId)"]
        if let status = answer.status { metadata["status"] = "\(status)" }
        if let reason = answer.reason { metadata["reason"] = "\(reason)" }
        if let cause { metadata["cause"] = "\(cause)" }
        return metadata
    }

    /// A message that was accepted before has been worked on.
    func completed(_ row: Int64, startedAt: Int64) {
        change { state, now in state.machine.completed(row, startedAt: startedAt, now: now) }
    }

    /// A reply that belongs to nothing.
    func strayReply() { change { state, _ in state.machine.tally.progress.strayReplies += 1 } }

    // MARK: Source and recorder

    /// Waits until there is room for more messages.
    ///
    /// - Returns: False when no more are wanted at all.
    func wantsMore() async -> Bool {
        while true {
            let answer: Bool? = change { state, _ in
                if state.machine.wantsMore { return true }
                if state.isClosed || state.machine.isEnding || state.machine.isSourceAtEnd { return false }
                state.isSourceWaiting = true
                return nil
            }
            if let answer { return answer && !Task.isCancelled }
            if Task.isCancelled { return false }
            await sourceRoom.wait(on: loop) { state.withLock { $0.isSourceWaiting } }
        }
    }

    /// Takes messages of the source; nil is its end.
    func add(_ messages: [OutgoingMessage]?) {
        change { state, _ in
            if let messages { state.machine.add(messages) } else { state.machine.isSourceAtEnd = true }
        }
    }

    /// Waits for something that the recorder must be told.
    ///
    /// - Returns: Nil when the run is over.
    func nextEntry() async -> Entry? {
        while !Task.isCancelled {
            let entry: Entry? = change { state, now in
                if let entry = Self.entry(&state, now) { return entry }
                state.isRecorderWaiting = true
                return nil
            }
            if let entry { return entry }
            if state.withLock({ $0.isClosed }) { return nil }
            let gathering = state.withLock { $0.claimedAt + Self.claimDelay } - MachineClock.now
            await recorderRoom.wait(on: loop, gathering > 0 ? gathering : Self.recordDelay) {
                state.withLock { $0.isRecorderWaiting }
            }
        }
        return nil
    }

    /// The recorder knows of these messages: they may leave.
    func claimed(_ rows: [Int64]) { change { state, _ in state.machine.claimed(rows) } }

    /// Events that are left at the end.
    func remainingEvents() -> [DeliveryEvent] {
        state.withLock { $0.machine.takeEvents() }
    }

    private static func entry(_ state: inout State, _ now: Int64) -> Entry? {
        let claim = isClaimDue(state, now) ? state.machine.claim() : []
        if !claim.isEmpty { state.claimedAt = now }
        guard !claim.isEmpty || isRecordDue(state, now) else { return nil }
        // Outcomes go along with a claim: a transaction costs more than its rows.
        let events = state.machine.takeEvents()
        state.oldestEvent = state.machine.events.isEmpty ? nil : now
        return claim.isEmpty && events.isEmpty ? nil : Entry(events: events, claim: claim)
    }

    private static func isClaimDue(_ state: State, _ now: Int64) -> Bool {
        guard state.machine.canClaim else { return false }
        return state.machine.hasFullClaim || !state.machine.wantsMore || now - state.claimedAt >= claimDelay
    }

    private static func isRecordDue(_ state: State, _ now: Int64) -> Bool {
        if state.machine.events.count >= SubmissionMachine.recordSize || state.isClosed { return true }
        guard let oldest = state.oldestEvent else { return false }
        return now - oldest >= recordDelay
    }

    // MARK: Ending

    /// Takes nothing new.
    func stop() { change { state, _ in state.machine.stop() } }

    /// Ends the run for a reason.
    func fail(_ error: SubmissionError) { change { state, _ in state.machine.fail(error) } }

    /// Waits until everything has an outcome, or what is in flight at a stop.
    ///
    /// - Parameter drain: How long a run that is to end waits for what is in flight, in microseconds.
    func waitForEnd(drain: Int64) async {
        var deadline: Int64?
        while !Task.isCancelled {
            let (isOver, isEnding) = state.withLock { ($0.isClosed, $0.machine.isEnding) }
            if isOver { return }
            let now = MachineClock.now
            if isEnding, deadline == nil { deadline = now + drain }
            if let deadline, now >= deadline { return }
            await endRoom.wait(on: loop, deadline.map { $0 - now }) {
                state.withLock { !$0.isClosed && $0.machine.isEnding == isEnding }
            }
        }
    }

    /// Whether the run takes nothing new any more.
    var isEnding: Bool { state.withLock { $0.isClosed || $0.machine.isEnding } }

    /// Sends everybody home.
    func close() { change { state, _ in state.isClosed = true } }

    /// Why the run could not go on, and whether it was asked to stop.
    var ending: SubmissionSummary.Ending {
        state.withLock { state in
            if let failure = state.machine.failure { return .failed(failure) }
            return state.machine.isStopping ? .stopped : .finished
        }
    }

    /// Counts at this moment.
    var progress: SubmissionProgress {
        let progress = state.withLock { $0.machine.progress(MachineClock.now) }
        metrics.measured(inFlight: progress.inFlight, window: progress.window)
        return progress
    }

    // MARK: Reacting

    /// Changes the machine, and wakes whoever has something to do because of that.
    private func change<Result: Sendable>(_ body: (inout State, Int64) -> Result) -> Result {
        let (result, effects) = state.withLock { state in
            let now = MachineClock.now
            let result = body(&state, now)
            self.react(&state, now)
            if state.asksForReady { state.isReadyWanted = true }
            state.asksForReady = false
            let effects = state.effects
            state.effects = Effects()
            return (result, effects)
        }
        effects.ready?()
        if effects.wakesRecorder { recorderRoom.wakeAll() }
        if effects.wakesSource { sourceRoom.wakeAll() }
        if effects.wakesEnd { endRoom.wakeAll() }
        return result
    }

    private func react(_ state: inout State, _ now: Int64) {
        if state.machine.isFinished { state.isClosed = true }
        if state.isReadyWanted, let onReady = state.onReady {
            state.isReadyWanted = false
            state.effects.ready = onReady
        }
        if state.isClosed {
            state.timer?.cancel()
            state.timer = nil
        }
        if !state.machine.events.isEmpty, state.oldestEvent == nil { state.oldestEvent = now }
        if state.isRecorderWaiting, Self.isRecordDue(state, now) || Self.isClaimDue(state, now) || state.isClosed {
            state.isRecorderWaiting = false
            state.effects.wakesRecorder = true
        }
        if state.isSourceWaiting, state.machine.wantsMore || state.machine.isEnding || state.isClosed {
            state.isSourceWaiting = false
            state.effects.wakesSource = true
        }
        if state.isClosed || state.machine.isEnding { state.effects.wakesEnd = true }
    }

    private func schedule(_ state: inout State, _ due: Int64, _ now: Int64) {
        if let planned = state.timerDue, planned > now, planned <= due { return }
        state.timer?.cancel()
        state.timerDue = due
        state.timer = loop.scheduleTask(in: .microseconds(max(due - now, 0) + 1)) {
            self.change { state, _ in state.timerDue = nil }
        }
    }
}
