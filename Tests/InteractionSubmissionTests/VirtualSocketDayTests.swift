// The same day over connections that the tenant ends after two hours, and cuts when it likes.

import Testing

@testable import InteractionSubmission

@Suite struct VirtualSocketDayTests {
    private enum Event {
        case connect
        case token(Bool)
        case upgraded(AccessToken)
        case tick(Int)
        case reply(Int, CorrelationKey)
    }

    @Test func everythingIsAcceptedOverConnections() async {
        var day = Day()
        await day.run()
        VirtualDayTests.check(day.machine, day.tenant, day.feed, day.now)
        #expect(day.longest > 0 && day.longest < 2 * VirtualTenant.hour, "no connection got as old as two hours")
        #expect(day.retired > 3)
        #expect(day.cuts > 3)
        #expect(day.largestRouter <= ReplyRouter.memory + 64)
    }

    private struct Day {
        var machine = SubmissionMachine(limits: VirtualDayTests.limits, epoch: 0, seed: 1)
        var connections = ConnectionMachine(limits: VirtualDayTests.limits)
        var tokens = TokenMachine(limits: VirtualDayTests.limits)
        var dice = Dice(seed: 2)
        var tenant = VirtualTenant(seed: 4)
        var feed = VirtualFeed(total: VirtualDayTests.total)
        var router = ReplyRouter()
        var now: Int64 = 0
        var longest: Int64 = 0
        var retired = 0
        var cuts = 0
        var largestRouter = 0
        private var agenda = Agenda<Event>()
        /// Counts connections, so that events of an old one are known.
        private var number = 0
        private var openedAt: Int64?
        private var isRetiring = false

        mutating func run() async {
            agenda.add(0, .connect)
            while true {
                await Task.yield()
                while let event = agenda.next(now) { handle(event) }
                feed.serve(&machine)
                largestRouter = max(largestRouter, router.inFlight.count + router.incomplete)
                var until: Int64?
                if openedAt != nil, !isRetiring {
                    switch machine.next(now) {
                    case .send(let attempt):
                        send(attempt)
                        continue
                    case .finished: return feed.record(&machine)
                    case .wait(let time): until = time
                    }
                }
                let time = min(until ?? .max, agenda.nextTime ?? .max)
                guard time < .max else {
                    Issue.record("nothing would ever happen again")
                    return
                }
                now = max(now, time)
            }
        }

        private mutating func send(_ attempt: Attempt) {
            let isAdded = router.add(attempt, now)
            #expect(isAdded)
            if tenant.outage(now) == .fails || tenant.roll() < 2 { return }  // No reply will come.
            tenant.take(attempt.message)
            agenda.add(now + tenant.latency(), .reply(number, CorrelationKey(attempt.message.correlationId)))
        }

        private mutating func handle(_ event: Event) {
            switch event {
            case .connect: connect()
            case .token(let isThere):
                if isThere {
                    tokens.fetched(tenant.issueToken(now), lifetime: VirtualTenant.tokenLife, now: now)
                } else {
                    tokens.failed(TokenFailure(isPermanent: false, reason: "HTTP 503"), now: now, &dice)
                }
                connect()
            case .upgraded(let token): upgraded(token)
            case .tick(let connection) where connection == number: tick()
            case .reply(let connection, let key) where connection == number: reply(key)
            case .tick, .reply: break
            }
        }

        private mutating func connect() {
            switch tokens.needUnspent(now) {
            case .use(let token): agenda.add(now + 30_000, .upgraded(token))
            case .fetch: agenda.add(now + 50_000, .token(tenant.outage(now) != .refuses))
            case .waitUntil(let time): agenda.add(time, .connect)
            case .wait: break
            case .failed(let error): Issue.record("\(error)")
            }
        }

        private mutating func upgraded(_ token: AccessToken) {
            switch tenant.outage(now) {
            case .refuses: return lost(.unreachable(TransportFailure(.unreachable, "no connection")))
            case .hangs: return lost(.unreachable(TransportFailure(.timeout, "no answer to the upgrade in time")))
            case .fails, nil: break
            }
            let isUnspent = tenant.spend(token)
            #expect(isUnspent, "a token opens one connection")
            guard tenant.isValid(token, now) else {
                tokens.refused(token.generation)
                return lost(.refused(401, retryAfter: nil))
            }
            tokens.worked()
            connections.opened(now)
            number += 1
            openedAt = now
            isRetiring = false
            agenda.add(now + 1_000_000, .tick(number))
        }

        private mutating func tick() {
            guard let openedAt else { return }
            longest = max(longest, now - openedAt)
            if tenant.outage(now) == .hangs || tenant.outage(now) == .refuses { return lost(.closed(1006)) }
            if tenant.roll() == 0, tenant.roll() < 100 {
                cuts += 1
                return lost(.closed(cuts % 2 == 0 ? 1006 : 1011))
            }
            for flight in router.overdue(now - 30_000_000) {
                let answer = Answer(verdict: .retry(.timeout))
                _ = machine.answered(flight.attempt.row, answer, startedAt: flight.startedAt, now: now)
            }
            if isRetiring, router.inFlight.isEmpty { return lost(.closed(1000)) }
            switch connections.care(now) {
            case .retire:
                retired += 1
                isRetiring = true
            case .ping: connections.heard(now)
            case .abandon: return lost(.silent)
            case .nothing: break
            }
            agenda.add(now + 1_000_000, .tick(number))
        }

        private mutating func reply(_ key: CorrelationKey) {
            connections.heard(now)
            guard let flight = router.flight(key) else { return }
            connections.worked()
            router.settle(key, isAccepted: true, isCompleted: false)
            _ = machine.answered(flight.attempt.row, .accepted, startedAt: flight.startedAt, now: now)
        }

        private mutating func lost(_ loss: ConnectionLoss) {
            openedAt = nil
            number += 1
            let flights = router.abandonAll()
            for flight in flights {
                let answer = Answer(
                    verdict: .retry(flights.count == 1 ? .connection : .sharedConnection),
                    status: loss.status
                )
                _ = machine.answered(flight.attempt.row, answer, startedAt: flight.startedAt, now: now)
            }
            switch connections.lost(loss, now, &dice) {
            case .connect(let time): agenda.add(time, .connect)
            case .giveUp(let error): Issue.record("\(error)")
            }
        }
    }
}
