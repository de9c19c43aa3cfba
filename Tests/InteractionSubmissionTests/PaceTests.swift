// The parts of the pace, event by event.

import Testing

@testable import InteractionSubmission

@Suite struct PaceTests {
    @Test(arguments: [
        ("0", 0), ("120", 120), (" 7 ", nil), ("7", 7), ("99999", 3600), ("-1", nil), ("1.5", nil), ("soon", nil),
        ("", nil),
        ("Sun, 06 Nov 1994 08:49:47 GMT", 10), ("Sunday, 06-Nov-94 08:49:47 GMT", 10),
        ("Sun Nov  6 08:49:47 1994", 10), ("Sun, 06 Nov 1994 08:49:36 GMT", 0), ("Sun, 06 Nov 1994 24:00:00 GMT", nil),
        ("Sun, 06 Nox 1994 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:49:47 CET", nil),
    ])
    func retryAfterInAllForms(_ text: String, _ seconds: Int64?) {
        #expect(RetryAfter.microseconds(text, now: 784_111_777) == seconds.map { $0 * 1_000_000 })
    }

    @Test func centuryOfShortYears() {
        let in2026: Int64 = 1_767_323_045
        #expect(HTTPDate.seconds("Sunday, 06-Nov-94 08:49:37 GMT", now: in2026) == 784_111_777)
        #expect(HTTPDate.seconds("Friday, 06-Nov-65 08:49:37 GMT", now: in2026).map { $0 > in2026 } == true)
    }

    @Test func rateIsKeptWithASmallBurst() throws {
        var limiter = RateLimiter(try #require(SendingRate("100/s")))
        var now: Int64 = 5_000_000
        var sent: [Int64] = []
        while now < 15_000_000 {
            if limiter.earliest <= now {
                limiter.take(now)
                sent.append(now)
            } else {
                now = limiter.earliest
            }
        }
        #expect((1000...1011).contains(sent.count))
        #expect(sent.prefix { $0 == 5_000_000 }.count == 10)
    }

    @Test func windowGrowsAndShrinks() {
        var window = AdaptiveWindow(cap: 64)
        var now: Int64 = 0
        for _ in 0..<100 {
            now += 1000
            window.answered(latency: 20_000, wasFull: true, now: now)
        }
        #expect(window.size == 64)
        window.shrink(now)
        window.shrink(now)
        #expect(window.size == 57, "once in a round trip")
        for _ in 0..<100 {
            now += 1_000_000
            window.shrink(now)
        }
        #expect(window.size == 1)
        for _ in 0..<50 {
            now += 1000
            window.answered(latency: 20_000, wasFull: true, now: now)
        }
        #expect((3...5).contains(window.size), "one more in each round trip")
    }

    @Test func windowShrinksWhenTheTenantSlowsDown() {
        var window = AdaptiveWindow(cap: 64)
        var now: Int64 = 0
        for step in 0..<200 {
            now += 1000
            window.answered(latency: 20_000 + Int64(step % 7) * 1000, wasFull: true, now: now)
        }
        #expect(window.size == 64)
        window.answered(latency: 400_000, wasFull: true, now: now)
        #expect(window.size < 64)
    }

    @Test func backoffHasFullJitterAndACap() {
        let backoff = Backoff(cap: 30_000_000)
        var dice = Dice(seed: 7)
        for failures in 1...100 {
            let limit = min(30_000_000, 500_000 << min(failures - 1, 20))
            for _ in 0..<20 {
                #expect((0...Int64(limit)).contains(backoff.wait(failures: failures, &dice)))
                #expect((Int64(limit) / 2...Int64(limit)).contains(backoff.calmWait(failures: failures, &dice)))
            }
        }
    }

    @Test func budgetIsEarnedBySuccess() {
        var budget = RetryBudget(cap: 10)
        for _ in 0..<10 {
            #expect(budget.earliest(0) == 0)
            budget.take(0)
        }
        #expect(budget.earliest(0) == 1_600_000)
        for _ in 0..<2 { budget.earn() }
        #expect(budget.earliest(0) == 0)
        budget.take(0)
        #expect(budget.earliest(800_000) == 1_600_000)
        #expect(budget.earliest(100_000_000) == 100_000_000)
    }

    @Test func breakerOpensProbesCloses() {
        var breaker = CircuitBreaker(backoff: Backoff(cap: 30_000_000))
        var dice = Dice(seed: 1)
        for _ in 0..<4 { breaker.failed(0, &dice) }
        breaker.succeeded()
        for _ in 0..<4 { breaker.failed(0, &dice) }
        #expect(breaker.state == .closed, "only failures in a row count")
        breaker.failed(0, &dice)
        guard case .open(let until) = breaker.state else {
            Issue.record("\(breaker.state)")
            return
        }
        #expect((250_000...500_000).contains(until))
        breaker.failed(0, &dice)
        #expect(breaker.state == .open(until: until), "what was on its way changes nothing")
        breaker.beginProbe()
        #expect(breaker.state == .probing)
        breaker.failed(until, &dice)
        guard case .open(let later) = breaker.state else {
            Issue.record("\(breaker.state)")
            return
        }
        #expect(later - until >= 500_000)
        #expect(breaker.openedAt == 0)
        breaker.beginProbe()
        breaker.succeeded()
        #expect(breaker.state == .closed)
        #expect(breaker.openedAt == nil)
    }

    @Test func percentilesAreWithinAnEighth() {
        var histogram = LatencyHistogram()
        #expect(histogram.percentile(0.5) == 0)
        for value in 1...10_000 as ClosedRange<Int64> { histogram.add(value * 100) }
        for part in [0.5, 0.95, 0.99] {
            let exact = part * 1_000_000
            #expect((exact...exact * 1.13).contains(Double(histogram.percentile(part))))
        }
        histogram.add(.max)
        #expect(histogram.percentile(1) > 1_000_000)
    }
}
