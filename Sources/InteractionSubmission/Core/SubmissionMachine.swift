// Which message leaves when: threads in order, window, rate, pauses, repetitions, limits. No I/O, no clock.

internal import NIOCore

/// The sans-I/O core of a run.
///
/// Times are microseconds of a clock that never goes back. A message goes through `waiting` (behind another of its
/// thread), `ready`, `claimed` (the recorder knows), `in flight`, perhaps `resting` until its next attempt, and is
/// forgotten as soon as it has an outcome, so what the machine holds is bounded by what it asks for.
struct SubmissionMachine: Sendable {
    enum Step: Sendable {
        /// Send this.
        case send(Attempt)
        /// Nothing to do before the time; nil: before something else happens.
        case wait(until: Int64?)
        /// Nothing to do any more.
        case finished
    }

    struct Entry: Sendable {
        var message: OutgoingMessage
        var lane: Int
        /// The next message of its thread, which waits for it.
        var follower: Int64?
        var isInFlight = false
        /// Attempts in this run.
        var attempts = 0
        /// When the first of them began.
        var startedAt: Int64?
        /// Attempts that count against the message.
        var failures = 0
        /// Attempts that it could not help: no connection, throttled, token not taken.
        var delays = 0
        var conflicts = 0
        /// When it has failed for the first time.
        var firstFailedAt: Int64?
        /// Connections that were lost with it on its way.
        var losses = 0
        /// Connections that were closed for too big a message while it was alone.
        var oversizes = 0
        /// To be sent with nothing else in flight, to find out whether it is to blame.
        var isSuspect = false
    }

    struct Resting: Sendable {
        var due: Int64
        var row: Int64
    }

    /// Messages that are claimed ahead at most; more are claimed when half of them have left.
    static let claimSize = 512
    /// Bytes of messages for which more are taken ahead than are needed to keep sending.
    static let claimBytes = 4 << 20
    /// Events that the recorder is told of at once, at most.
    static let recordSize = 512
    /// Events that wait for the recorder at most before sending pauses.
    static let eventLimit = 2048
    /// Bytes of messages that wait at most, so that one long thread does not stop the others.
    static let waitingBytes = 16 << 20
    static let waitingCount = 16_384

    let limits: Limits
    var pace: Pace
    var dice: Dice
    var tally: Tally

    var entries: [Int64: Entry] = [:]
    /// By the hash of a thread: its last message.
    var lanes: [Int: Int64] = [:]
    /// Threads of which a message has no known outcome; what follows must not overtake it.
    var heldLanes: Set<Int> = []
    var ready = CircularBuffer<Int64>()
    var claimed = CircularBuffer<Int64>()
    /// The latest first.
    var resting: [Resting] = []
    var inFlight = 0
    var isSuspectInFlight = false
    var bytes = 0

    var events: [DeliveryEvent] = []
    var isSourceAtEnd = false
    var isStopping = false
    /// Claims that the recorder is being told of.
    var claiming = 0
    private(set) var failure: SubmissionError?

    /// Makes a machine.
    ///
    /// - Parameters:
    ///   - limits: What a run may do.
    ///   - epoch: What the clock shows at its 0, in microseconds since 1970.
    ///   - seed: For jitter.
    init(limits: Limits, epoch: Int64, seed: UInt64) {
        self.limits = limits
        pace = Pace(limits: limits)
        tally = Tally(epoch: epoch)
        dice = Dice(seed: seed)
    }

    // MARK: Taking messages

    /// Whether there is room for more messages.
    var wantsMore: Bool {
        guard !isSourceAtEnd, !isEnding else { return false }
        let ahead = ready.count + claimed.count + claiming
        return (ahead < max(64, limits.concurrency) || ahead < claimSize && bytes < Self.claimBytes)
            && bytes < Self.waitingBytes && entries.count < Self.waitingCount
    }

    /// Takes messages of the source, in its order.
    mutating func add(_ messages: [OutgoingMessage]) {
        for message in messages {
            let lane = message.threadId.hashValue
            if heldLanes.contains(lane) {
                tally.progress.heldBack += 1
                continue
            }
            entries[message.row] = Entry(message: message, lane: lane)
            bytes += message.envelope.count
            if let last = lanes.updateValue(message.row, forKey: lane) {
                entries[last]?.follower = message.row
            } else {
                ready.append(message.row)
            }
        }
    }

    /// Takes from the ready ones those that the recorder is to be told of next.
    mutating func claim() -> [Int64] {
        guard canClaim else { return [] }
        let rows = Array(ready.prefix(claimSize - claimed.count))
        ready.removeFirst(rows.count)
        claiming = rows.count
        return rows
    }

    /// Whether there is something to claim.
    ///
    /// Not one by one, for each claim is a transaction; and nothing for a tenant that does not answer, but for a probe.
    var canClaim: Bool {
        guard !isEnding, claiming == 0, !ready.isEmpty else { return false }
        if claimed.isEmpty { return !pace.isPaused || resting.isEmpty }
        return (claimSize - claimed.count) * 2 >= claimSize && !pace.isPaused
    }

    /// Whether a claim would be as large as claims get.
    var hasFullClaim: Bool { ready.count * 2 >= claimSize }

    private var claimSize: Int { min(Self.claimSize, 8 * pace.window) }

    /// The recorder knows: these may leave.
    mutating func claimed(_ rows: [Int64]) {
        claiming = 0
        claimed.append(contentsOf: rows)
    }

    // MARK: Sending

    /// What to do now.
    mutating func next(_ now: Int64) -> Step {
        if isFinished { return .finished }
        if isEnding || entries.isEmpty { return .wait(until: nil) }
        guard events.count < Self.eventLimit, inFlight < pace.window, !isSuspectInFlight else {
            return .wait(until: nil)
        }
        if let outage = pace.outage(now) {
            fail(outage)
            return next(now)
        }
        if let until = pace.blockedUntil(now) { return .wait(until: until) }
        guard pace.mayProceed else { return .wait(until: nil) }
        var due: Int64?
        if let first = resting.last {
            due = max(first.due, pace.budget.earliest(now))
            if let due, due <= now {
                guard mayFly(first.row) else { return .wait(until: nil) }
                resting.removeLast()
                pace.budget.take(now)
                return launch(first.row, now)
            }
        }
        if let row = claimed.first {
            guard mayFly(row) else { return .wait(until: nil) }
            claimed.removeFirst()
            return launch(row, now)
        }
        return .wait(until: due)
    }

    private func mayFly(_ row: Int64) -> Bool { entries[row]?.isSuspect != true || inFlight == 0 }

    private mutating func launch(_ row: Int64, _ now: Int64) -> Step {
        guard var entry = entries[row] else { return .wait(until: now) }
        entry.isInFlight = true
        entry.attempts += 1
        entry.startedAt = entry.startedAt ?? now
        isSuspectInFlight = entry.isSuspect
        entries[row] = entry
        inFlight += 1
        pace.sent(now)
        tally.sent(isFirst: entry.attempts == 1)
        return .send(Attempt(message: entry.message, startedAt: now))
    }

    // MARK: Ending

    /// Whether nothing new is sent any more.
    var isEnding: Bool { isStopping || failure != nil }

    /// Whether there is nothing left to do.
    var isFinished: Bool { inFlight == 0 && (isEnding || (isSourceAtEnd && entries.isEmpty)) }

    /// Takes nothing new; what is in flight may still be answered.
    mutating func stop() { isStopping = true }

    /// Ends the run for a reason; the first one counts.
    mutating func fail(_ error: SubmissionError) {
        if failure == nil { failure = error }
    }

    /// Events for the recorder, oldest first.
    mutating func takeEvents() -> [DeliveryEvent] {
        let taken = Array(events.prefix(Self.recordSize))
        events.removeFirst(taken.count)
        return taken
    }

    /// Counts at this moment.
    func progress(_ now: Int64) -> SubmissionProgress {
        var progress = tally.snapshot(now)
        progress.inFlight = inFlight
        progress.window = pace.window
        if let until = pace.blockedUntil(now), until > now + 100_000 {
            progress.pausedUntil = (until + tally.epoch) / 1000
        }
        return progress
    }
}
