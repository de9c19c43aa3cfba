// The submission machine, event by event.

import Testing

@testable import InteractionSubmission

@Suite struct SubmissionMachineTests {
    /// A machine to which things happen.
    private struct Bench {
        var machine: SubmissionMachine
        var now: Int64 = 1_000_000
        var flying: [Int64: Attempt] = [:]

        init(_ change: (inout SubmissionOptions) -> Void = { _ in }) {
            var options = SubmissionOptions()
            change(&options)
            machine = SubmissionMachine(limits: Limits(options), epoch: 0, seed: 1)
        }

        /// Takes messages of these threads, one for each.
        mutating func add(_ threads: [String], first: Int64 = 0, size: Int = 100) {
            machine.add(
                threads.enumerated().map { index, thread in
                    let row = first + Int64(index)
                    return OutgoingMessage(
                        row: row,
                        threadId: thread,
                        correlationId: "c\(row)",
                        idempotencyKey: "k\(row)",
                        envelope: [UInt8](repeating: 0x20, count: size),
                        payload: 0..<size
                    )
                }
            )
        }

        /// Claims, and sends all that may leave.
        mutating func send() -> [Int64] {
            var rows: [Int64] = []
            while true {
                let claim = machine.claim()
                if !claim.isEmpty { machine.claimed(claim) }
                guard case .send(let attempt) = machine.next(now) else { return rows }
                flying[attempt.row] = attempt
                rows.append(attempt.row)
            }
        }

        @discardableResult
        mutating func answer(_ row: Int64, _ verdict: Answer.Verdict, status: Int? = nil) -> DeadLetter? {
            let startedAt = flying.removeValue(forKey: row)?.startedAt ?? now
            return machine.answered(row, Answer(verdict: verdict, status: status), startedAt: startedAt, now: now)
        }
    }

    @Test func messagesOfAThreadGoOneAfterTheOther() {
        var bench = Bench()
        bench.add(["a", "a", "b", "a", "c"])
        #expect(bench.send() == [0, 2, 4])
        bench.answer(2, .accepted)
        #expect(bench.send() == [])
        bench.answer(0, .accepted)
        #expect(bench.send() == [1])
        #expect(bench.answer(1, .rejected)?.message.row == 1)
        #expect(bench.send() == [3], "a message that is refused for good lets the next one go")
        bench.answer(3, .accepted)
        bench.answer(4, .accepted)
        bench.machine.isSourceAtEnd = true
        guard case .finished = bench.machine.next(bench.now) else {
            Issue.record("not finished")
            return
        }
        #expect(bench.machine.entries.isEmpty && bench.machine.lanes.isEmpty && bench.machine.bytes == 0)
    }

    @Test func repetitionKeepsItsPlaceInTheThread() {
        var bench = Bench()
        bench.add(["a", "a", "b"])
        #expect(bench.send() == [0, 2])
        bench.answer(0, .retry(.server), status: 503)
        bench.answer(2, .accepted)
        #expect(bench.send() == [], "neither the next of the thread nor the same at once")
        bench.now += 500_000
        #expect(bench.send() == [0])
        #expect(bench.machine.events.map(\.state) == [nil, .accepted])
    }

    @Test func nothingLeavesBeforeTheRecorderKnows() {
        var bench = Bench()
        bench.add(["a", "b"])
        guard case .wait(nil) = bench.machine.next(bench.now) else {
            Issue.record("sent without a claim")
            return
        }
        let rows = bench.machine.claim()
        #expect(rows == [0, 1])
        #expect(bench.machine.claim() == [], "one claim at a time")
        guard case .wait(nil) = bench.machine.next(bench.now) else {
            Issue.record("sent before the claim was written")
            return
        }
        bench.machine.claimed(rows)
        #expect(bench.send() == [0, 1])
    }

    @Test func windowIsKept() {
        var bench = Bench { $0.concurrency = 3 }
        bench.add((0..<10).map { "t\($0)" })
        #expect(bench.send().count == 3)
        bench.answer(0, .accepted)
        #expect(bench.send().count == 1)
        #expect(bench.machine.inFlight == 3)
    }

    @Test func retryAfterPausesEverybody() {
        var bench = Bench()
        bench.add(["a", "b", "c"])
        #expect(bench.send() == [0, 1, 2])
        let answer = Answer(verdict: .retry(.throttled), status: 429, retryAfter: 10_000_000)
        _ = bench.machine.answered(0, answer, startedAt: bench.now, now: bench.now)
        bench.answer(1, .accepted)
        bench.add(["d"], first: 3)
        #expect(bench.send() == [])
        guard case .wait(let until?) = bench.machine.next(bench.now) else {
            Issue.record("no pause")
            return
        }
        #expect((11_000_000...12_000_000).contains(until))
        bench.now = until + 1_000_000
        #expect(bench.send().sorted() == [0, 3])
    }

    @Test func messageThatAlwaysFailsIsGivenUpWhileOthersGoThrough() {
        var bench = Bench { $0.attempts = 3 }
        bench.add(["bad", "bad", "ok0"])
        var row: Int64 = 3
        for _ in 0..<20 {
            for sent in bench.send() { bench.answer(sent, sent == 0 ? .retry(.server) : .accepted) }
            bench.add(["ok\(row)"], first: row)
            row += 1
            bench.now += 10_000_000
        }
        let events = bench.machine.events.filter { $0.row == 0 }
        #expect(events.map(\.state) == [nil, nil, .unknown])
        #expect(bench.machine.tally.progress.heldBack == 1, "what follows in its thread must not overtake it")
        bench.add(["bad"], first: 1000)
        #expect(bench.machine.tally.progress.heldBack == 2)
    }

    @Test func outageBlamesNoMessage() {
        var bench = Bench { $0.attempts = 3 }
        bench.add((0..<20).map { "t\($0)" })
        var attempts = 0
        let end = bench.now + 3600 * 1_000_000
        while bench.now < end {
            for row in bench.send() {
                attempts += 1
                bench.answer(row, .retry(.timeout))
            }
            guard case .wait(let until?) = bench.machine.next(bench.now) else {
                Issue.record("it would wait for ever")
                return
            }
            bench.now = max(until, bench.now + 1)
        }
        #expect(attempts < 300, "a probe now and then")
        #expect(!bench.machine.events.contains { $0.state != nil })
        for _ in 0..<100 {
            for row in bench.send() { bench.answer(row, .accepted) }
            bench.now += 1_000_000
        }
        #expect(bench.machine.tally.progress.accepted == 20)
    }

    @Test func outageThatIsTooLongEndsTheRun() {
        var bench = Bench { $0.patience = .seconds(600) }
        bench.add((0..<20).map { "t\($0)" })
        while bench.machine.failure == nil, bench.now < 3600 * 1_000_000 {
            for row in bench.send() { bench.answer(row, .retry(.unreachable)) }
            bench.now += 1_000_000
        }
        #expect(bench.machine.failure?.code == .outage)
        #expect(
            bench.machine.failure?.description.hasPrefix("the tenant has given no good answer for 10 minutes") == true
        )
    }

    @Test func conflictIsWaitedForOnce() {
        var bench = Bench()
        bench.add(["a"])
        #expect(bench.send() == [0])
        #expect(bench.answer(0, .retry(.conflict), status: 409) == nil)
        bench.now += 1_000_000
        #expect(bench.send() == [0])
        #expect(bench.answer(0, .retry(.conflict), status: 409)?.event.state == .rejected)
    }

    @Test func suspectsAreSentAlone() {
        var bench = Bench()
        bench.add(["a", "b", "c"])
        for _ in 0..<4 {
            for row in bench.send() { bench.answer(row, .retry(.sharedConnection), status: 1006) }
            bench.now += 1_000_000
        }
        for row in [0, 1, 2] as [Int64] {
            #expect(bench.send() == [row])
            bench.answer(row, .accepted)
        }
    }

    @Test func messageThatIsTooBigForTheTenantIsRefused() {
        var bench = Bench()
        bench.add(["a", "b"], size: 120_000)
        #expect(bench.send() == [0, 1])
        bench.answer(0, .retry(.sharedConnection), status: 1009)
        bench.answer(1, .retry(.sharedConnection), status: 1009)
        var letter: DeadLetter?
        for _ in 0..<3 {
            bench.now += 1_000_000
            let sent = bench.send()
            #expect(sent.count == 1)
            if sent == [1] {
                bench.answer(1, .accepted)
                bench.now += 1_000_000
                #expect(bench.send() == [0])
            }
            letter = bench.answer(0, .retry(.connection), status: 1009)
        }
        #expect(letter?.event.state == .rejected)
        #expect(letter?.event.status == 1009)
    }

    @Test func stopLetsOnlyAnswersIn() {
        var bench = Bench { $0.concurrency = 2 }
        bench.add(["a", "b", "c"])
        #expect(bench.send() == [0, 1])
        bench.machine.stop()
        #expect(!bench.machine.wantsMore)
        bench.answer(0, .accepted)
        #expect(bench.send() == [])
        #expect(!bench.machine.isFinished)
        bench.answer(1, .retry(.server))
        #expect(bench.machine.isFinished)
    }

    @Test func limitsOfFailures() {
        func exceeded(_ limit: FailureLimit?, accepted: Int, rejected: Int) -> Bool {
            var options = SubmissionOptions()
            options.failureLimit = limit
            var progress = SubmissionProgress()
            progress.accepted = accepted
            progress.rejected = rejected
            return Limits(options).exceeded(progress, lastReason: nil) != nil
        }
        #expect(!exceeded(nil, accepted: 0, rejected: 19))
        #expect(exceeded(nil, accepted: 0, rejected: 20))
        #expect(!exceeded(nil, accepted: 1, rejected: 1000))
        #expect(!exceeded(.count(5), accepted: 0, rejected: 5))
        #expect(exceeded(.count(5), accepted: 1000, rejected: 6))
        #expect(!exceeded(.percent(10), accepted: 9, rejected: 10))
        #expect(!exceeded(.percent(10), accepted: 90, rejected: 10))
        #expect(exceeded(.percent(10), accepted: 89, rejected: 11))
        #expect(exceeded(.percent(0), accepted: 30, rejected: 1))
    }

    @Test(arguments: [(100, 512...575), (4_000, 512...575), (60_000, 64...128), (131_000, 64...127)])
    func asManyMessagesWaitAsFillAClaimUnlessTheyAreLarge(size: Int, expected: ClosedRange<Int>) {
        var bench = Bench { $0.concurrency = 64 }
        var row: Int64 = 0
        func add(size: Int) {
            bench.add((row..<row + 64).map { "\($0)" }, first: row, size: size)
            row += 64
        }
        // The window opens with the answers.
        while bench.machine.pace.window < 64 {
            add(size: 100)
            while case let sent = bench.send(), !sent.isEmpty {
                for row in sent { bench.answer(row, .accepted) }
            }
            _ = bench.machine.takeEvents()
        }
        let first = row
        while bench.machine.wantsMore { add(size: size) }
        #expect(expected.contains(Int(row - first)))
    }

    @Test func oneLongThreadDoesNotFillTheMemory() {
        var bench = Bench()
        var row: Int64 = 0
        while bench.machine.wantsMore {
            bench.add([String](repeating: "long", count: 64), first: row)
            row += 64
        }
        #expect(row <= Int64(SubmissionMachine.waitingCount) + 64)
    }
}
