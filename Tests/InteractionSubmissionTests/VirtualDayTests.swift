// A day in virtual time, with the real machines: tokens for 15 minutes, connections for two hours, outages of an hour.

import Foundation
import Testing

@testable import InteractionSubmission

@Suite struct VirtualDayTests {
    static let total = 7200

    static var limits: Limits {
        var options = SubmissionOptions()
        options.rate = SendingRate("5/m")
        return Limits(options)
    }

    private enum Event {
        case token(Bool)
        case answer(Attempt, Int64, Answer)
        case unauthorized(Attempt, Int64, AccessToken)
        case arrival(Attempt, Int64, AccessToken)
    }

    @Test(arguments: [true, false])
    func everythingIsAcceptedOverREST(tokenSaysItsLife: Bool) async {
        var machine = SubmissionMachine(limits: Self.limits, epoch: 0, seed: 1)
        var tokens = TokenMachine(limits: Self.limits)
        var dice = Dice(seed: 2)
        var tenant = VirtualTenant(seed: 3)
        var feed = VirtualFeed(total: Self.total)
        var agenda = Agenda<Event>()
        var waiting: [Attempt] = []
        var now: Int64 = 0
        var refusedTokens = 0

        /// Sends a message if there is a token, or asks for one.
        func send(_ attempt: Attempt) {
            switch tokens.need(now) {
            case .use(let token): agenda.add(now + 5000, .arrival(attempt, now, token))
            case .fetch:
                let isOut = tenant.outage(now) != nil
                agenda.add(now + 50_000, .token(!isOut))
                waiting.append(attempt)
            case .wait, .waitUntil: waiting.append(attempt)
            case .failed(let error): Issue.record("\(error)")
            }
        }

        run: while true {
            await Task.yield()
            while let event = agenda.next(now) {
                switch event {
                case .token(let isThere):
                    if isThere {
                        let life = tokenSaysItsLife ? VirtualTenant.tokenLife : nil
                        tokens.fetched(tenant.issueToken(now), lifetime: life, now: now)
                    } else {
                        tokens.failed(TokenFailure(isPermanent: false, reason: "HTTP 503"), now: now, &dice)
                    }
                case .arrival(let attempt, let startedAt, let token):
                    let (delay, answer) = Self.reaction(&tenant, attempt, token, now)
                    agenda.add(
                        now + delay,
                        answer.map { .answer(attempt, startedAt, $0) } ?? .unauthorized(attempt, startedAt, token)
                    )
                case .answer(let attempt, let startedAt, let answer):
                    if answer.verdict == .accepted { tokens.worked() }
                    _ = machine.answered(attempt.row, answer, startedAt: startedAt, now: now)
                case .unauthorized(let attempt, let startedAt, let token):
                    refusedTokens += 1
                    tokens.refused(token.generation)
                    let answer = Answer(verdict: .retry(.unauthorized), status: 401)
                    _ = machine.answered(attempt.row, answer, startedAt: startedAt, now: now)
                }
            }
            let retried = waiting
            waiting = []
            for attempt in retried { send(attempt) }
            feed.serve(&machine)
            switch machine.next(now) {
            case .send(let attempt): send(attempt)
            case .finished: break run
            case .wait(let until):
                var time = min(until ?? .max, agenda.nextTime ?? .max)
                if !waiting.isEmpty { time = min(time, now + 1_000_000) }
                guard time < .max else {
                    Issue.record("nothing would ever happen again")
                    break run
                }
                now = max(now, time)
            }
        }
        feed.record(&machine)
        Self.check(machine, tenant, feed, now)
        // With a life of its own word the token is renewed before anybody refuses it.
        #expect(tokenSaysItsLife ? refusedTokens == 0 : refusedTokens > 50)
        #expect(tenant.tokens >= 24 * 4 - 12)
    }

    /// What the tenant does with a request; nil for a token that it does not take.
    private static func reaction(
        _ tenant: inout VirtualTenant,
        _ attempt: Attempt,
        _ token: AccessToken,
        _ now: Int64
    ) -> (Int64, Answer?) {
        switch tenant.outage(now) {
        case .refuses: return (1000, Answer(verdict: .retry(.unreachable), reason: "no connection"))
        case .fails: return (50_000, Answer(verdict: .retry(.server), status: 503))
        case .hangs: return (30_000_000, Answer(verdict: .retry(.timeout)))
        case nil: break
        }
        let latency = tenant.latency()
        guard tenant.isValid(token, now) else { return (latency, nil) }
        switch tenant.roll() {
        case 0..<10: return (latency, Answer(verdict: .retry(.server), status: 503))
        case 10..<15:
            return (latency, Answer(verdict: .retry(.throttled), status: 429, retryAfter: 2_000_000))
        case 15..<18:
            // Taken, and the answer is lost.
            tenant.take(attempt.message)
            return (latency, Answer(verdict: .retry(.connection)))
        default:
            tenant.take(attempt.message)
            return (latency, .accepted)
        }
    }

    static func check(_ machine: SubmissionMachine, _ tenant: VirtualTenant, _ feed: VirtualFeed, _ now: Int64) {
        let progress = machine.progress(now)
        #expect(machine.failure == nil)
        #expect(progress.accepted == total)
        #expect(progress.rejected + progress.unknown + progress.heldBack == 0)
        #expect(feed.accepted == total)
        #expect(tenant.taken.count == total)
        #expect(tenant.outOfOrder == 0)
        #expect(now >= 24 * VirtualTenant.hour)
        // Flat: what is held depends on the window, not on the day, and in the end there is nothing.
        #expect(feed.largest < 1000)
        #expect(machine.entries.isEmpty && machine.lanes.isEmpty && machine.resting.isEmpty && machine.bytes == 0)
        #expect(machine.heldLanes.isEmpty)
    }
}
