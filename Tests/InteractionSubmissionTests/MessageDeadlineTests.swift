// How long a message is tried, in a time that the test tells.

import Testing

@testable import InteractionSubmission

@Suite struct MessageDeadlineTests {
    /// What became of the message `bad` beside others that are accepted.
    private struct Fate {
        var attempts = 0
        var state: DeliveryState?
        /// Seconds after its first attempt.
        var seconds = 0
        var accepted = 0
        var heldBack = 0
    }

    /// Sends one message that fails again and again, and one that goes through every second.
    ///
    /// - Parameters:
    ///   - change: What is asked of the run.
    ///   - answer: What comes of an attempt at the message, so many seconds after the beginning; nil for nothing.
    ///   - isAway: Whether the tenant answers nobody at that second.
    /// - Returns: What became of the message.
    private static func fate(
        _ change: (inout SubmissionOptions) -> Void,
        answer: (Int) -> Answer?,
        isAway: (Int) -> Bool = { _ in false }
    ) -> Fate {
        var options = SubmissionOptions()
        change(&options)
        var machine = SubmissionMachine(limits: Limits(options), epoch: 0, seed: 1)
        var fate = Fate()
        machine.add([message(0, "bad"), message(1, "bad")])
        var flights: [(row: Int64, startedAt: Int64)] = []
        for second in 0..<6 * 3600 where fate.state == nil {
            let now = Int64(second) * 1_000_000
            machine.add([message(Int64(second) + 2, "t\(second)")])
            while true {
                let rows = machine.claim()
                if !rows.isEmpty { machine.claimed(rows) }
                guard case .send(let attempt) = machine.next(now) else { break }
                if attempt.row == 0 { fate.attempts += 1 }
                flights.append((attempt.row, now))
            }
            let pending = flights
            flights = []
            for flight in pending {
                let answer =
                    isAway(second)
                    ? Answer(verdict: .retry(.server), status: 503) : flight.row == 0 ? answer(second) : .accepted
                if let answer {
                    _ = machine.answered(flight.row, answer, startedAt: flight.startedAt, now: now)
                } else if now - flight.startedAt >= options.requestTimeout.microseconds {
                    // What a transport says of a reply that never comes.
                    let silence = Answer(verdict: .retry(.timeout), reason: "no reply in time")
                    _ = machine.answered(flight.row, silence, startedAt: flight.startedAt, now: now)
                } else {
                    flights.append(flight)
                }
            }
            if machine.failure != nil { break }
            if let event = machine.events.last(where: { $0.row == 0 && $0.state != nil }) {
                fate.state = event.state
                fate.seconds = second
            }
            machine.events.removeAll()
        }
        fate.accepted = machine.tally.progress.accepted
        fate.heldBack = machine.tally.progress.heldBack
        return fate
    }

    private static func message(_ row: Int64, _ thread: String) -> OutgoingMessage {
        OutgoingMessage(
            row: row,
            threadId: thread,
            correlationId: "c\(row)",
            idempotencyKey: "k\(row)",
            envelope: [0x20],
            payload: 0..<1
        )
    }

    @Test func aMessageIsTriedUntilItsDeadline() {
        let fate = Self.fate({ $0.deadline = .seconds(600) }, answer: { _ in Answer(verdict: .retry(.server)) })
        #expect(fate.state == .unknown)
        // No attempt after the deadline, and the last one not long before it.
        #expect((560...600).contains(fate.seconds), "\(fate)")
        #expect(fate.attempts > 20, "\(fate)")
        #expect(fate.accepted >= fate.seconds, "others go through meanwhile")
        #expect(fate.heldBack == 1, "what follows in its thread must not overtake it")
    }

    @Test(arguments: [60, 900])
    func aReplyThatNeverComesIsWaitedForUntilTheDeadline(_ deadline: Int) {
        let fate = Self.fate({ $0.deadline = .seconds(deadline) }, answer: { _ in nil })
        #expect(fate.state == .unknown)
        #expect((deadline - 60...deadline + 30).contains(fate.seconds), "\(fate)")
        // Each attempt waits for half a minute.
        #expect(fate.attempts <= deadline / 30 + 1, "\(fate)")
    }

    @Test func withoutADeadlineEightAttemptsAreEnough() {
        let never = Self.fate({ _ in }, answer: { _ in nil })
        #expect(never.state == .unknown && never.attempts == 8, "\(never)")
        let failing = Self.fate({ _ in }, answer: { _ in Answer(verdict: .retry(.server)) })
        #expect(failing.state == .unknown && failing.attempts == 8, "\(failing)")
    }

    @Test func whoGetsThroughInTimeIsAccepted() {
        let fate = Self.fate(
            { $0.deadline = .seconds(600) },
            answer: { $0 < 500 ? Answer(verdict: .retry(.server)) : .accepted }
        )
        #expect(fate.state == .accepted && (500...540).contains(fate.seconds), "\(fate)")
    }

    @Test func anOutageIsHeldAgainstNoMessage() {
        // The tenant is away for an hour, six times the deadline; the message then needs some more attempts.
        let fate = Self.fate(
            { $0.deadline = .seconds(600) },
            answer: { $0 < 60 + 3600 + 300 ? Answer(verdict: .retry(.server)) : .accepted },
            isAway: { (60..<60 + 3600).contains($0) }
        )
        #expect(fate.state == .accepted, "\(fate)")
    }

    @Test func patienceWithATenantThatIsAwayEndsTheRun() {
        let fate = Self.fate(
            {
                $0.patience = .seconds(1200)
                $0.deadline = .seconds(60)
            },
            answer: { _ in Answer(verdict: .retry(.server)) },
            isAway: { _ in true }
        )
        #expect(fate.state == nil, "given up for the run, not as a fault of its own: \(fate)")
    }
}
