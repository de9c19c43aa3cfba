// What an answer means for its message, its thread, the pace, and the run.

internal import NIOCore

extension SubmissionMachine {
    /// Learns what came of an attempt.
    ///
    /// - Parameters:
    ///   - row: The message; one that is not in flight is ignored.
    ///   - answer: What came of it.
    ///   - startedAt: When it was sent.
    ///   - now: The time.
    /// - Returns: The message, if it was refused for good.
    mutating func answered(_ row: Int64, _ answer: Answer, startedAt: Int64, now: Int64) -> DeadLetter? {
        guard var entry = entries[row], entry.isInFlight else { return nil }
        let wasFull = inFlight >= pace.window
        if let fatal = answer.fatal { fail(fatal) }
        entry.isInFlight = false
        inFlight -= 1
        if entry.isSuspect { isSuspectInFlight = false }
        var event = DeliveryEvent(
            row: row,
            state: nil,
            status: answer.status,
            reason: answer.reason.map { String($0.prefix(200)) },
            startedAt: (startedAt + tally.epoch) / 1000,
            latency: now - startedAt
        )
        switch answer.verdict {
        case .accepted, .completed:
            event.state = answer.verdict == .completed ? .completed : .accepted
            pace.succeeded(latency: event.latency, wasFull: wasFull, now: now)
            settle(entry, event, now)
        case .rejected:
            event.state = .rejected
            pace.answered(now)
            settle(entry, event, now)
            return DeadLetter(message: entry.message, event: event)
        case .retry(let cause):
            return failed(entry, cause, answer, event, now)
        }
        return nil
    }

    /// Learns that a message that was accepted before has been worked on.
    mutating func completed(_ row: Int64, startedAt: Int64, now: Int64) {
        tally.progress.completed += 1
        events.append(
            DeliveryEvent(
                row: row,
                state: .completed,
                startedAt: (startedAt + tally.epoch) / 1000,
                latency: now - startedAt
            )
        )
    }

    private mutating func failed(
        _ failedEntry: Entry,
        _ cause: RetryCause,
        _ answer: Answer,
        _ failedEvent: DeliveryEvent,
        _ now: Int64
    ) -> DeadLetter? {
        var entry = failedEntry
        var event = failedEvent
        let row = entry.message.row
        let isRepeated = cause != .unreachable && entry.firstFailedAt.map { $0 < pace.succeededAt } == true
        pace.failed(
            cause,
            isRepeated: isRepeated,
            retryAfter: answer.retryAfter,
            reason: answer.reason,
            now: now,
            &dice
        )
        entry.firstFailedAt = entry.firstFailedAt ?? now
        // What fails while everything fails is not held against a message, unless it is among the last ones.
        let isToBlame = pace.isTenantWell || isRepeated || (isNearlyAlone && cause != .unreachable)
        switch cause {
        case .server, .timeout, .connection: entry.failures += isToBlame ? 1 : 0
        case .throttled, .unauthorized, .unreachable: entry.delays += isToBlame ? 1 : 0
        case .conflict: entry.conflicts += 1
        case .sharedConnection: entry.losses += 1
        }
        if entry.losses >= limits.lossesBeforeSuspicion || answer.status == Self.tooBig { entry.isSuspect = true }
        if cause == .connection, answer.status == Self.tooBig, entry.message.envelope.count > Self.surelySmall {
            entry.oversizes += 1
        }
        if entry.conflicts > 1 || entry.oversizes >= limits.oversizes {
            event.state = .rejected
            settle(entry, event, now)
            return DeadLetter(message: entry.message, event: event)
        }
        let tries = max(1, entry.failures + entry.delays + entry.conflicts)
        // A connection that was lost has its own wait; the messages on it did nothing.
        let wait = cause == .sharedConnection ? 0 : limits.backoff.wait(failures: tries, &dice)
        if isToBlame, isTriedEnough(entry, now + wait) {
            event.state = .unknown
            settle(entry, event, now)
            return nil
        }
        tally.retried()
        entries[row] = entry
        events.append(event)
        rest(row, until: now + max(wait, answer.retryAfter ?? 0))
        return nil
    }

    /// Whether a message that has itself to blame is given up instead of being sent again at a time.
    private func isTriedEnough(_ entry: Entry, _ due: Int64) -> Bool {
        // The time in which nobody gets through is held against no message.
        let since = max(entry.startedAt ?? due, pace.recoveredAt)
        let isLate =
            (pace.isTenantWell || isNearlyAlone) && due - since > (limits.deadline ?? limits.patience)
        guard limits.deadline == nil else { return isLate }
        return isLate || entry.failures >= limits.attempts || entry.delays >= limits.attempts * 4
    }

    /// Whether there are too few others to tell an outage from messages that always fail.
    private var isNearlyAlone: Bool { inFlight + claimed.count + ready.count + resting.count < 3 }

    /// The close code for a message that is too big.
    private static let tooBig = 1009
    /// What no server takes for too big, so a close for it means something else.
    private static let surelySmall = 32_000

    private mutating func rest(_ row: Int64, until due: Int64) {
        var low = 0
        var high = resting.count
        while low < high {
            let middle = (low + high) / 2
            if resting[middle].due > due { low = middle + 1 } else { high = middle }
        }
        resting.insert(Resting(due: due, row: row), at: low)
    }

    private mutating func settle(_ entry: Entry, _ event: DeliveryEvent, _ now: Int64) {
        events.append(event)
        tally.settled(event, now)
        forget(entry)
        if event.state == .unknown {
            hold(entry)
        } else if let next = entry.follower {
            ready.append(next)
        } else {
            lanes[entry.lane] = nil
        }
        if let reason = limits.exceeded(tally.progress, lastReason: event.reason) { fail(reason) }
    }

    private mutating func hold(_ first: Entry) {
        heldLanes.insert(first.lane)
        lanes[first.lane] = nil
        var next = first.follower
        while let row = next, let entry = entries[row] {
            tally.progress.heldBack += 1
            next = entry.follower
            forget(entry)
        }
    }

    private mutating func forget(_ entry: Entry) {
        entries[entry.message.row] = nil
        bytes -= entry.message.envelope.count
    }
}
