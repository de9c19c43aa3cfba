// Single messages and sums: attempts, comparison, several ledgers.

import InteractionLedger
import Testing

@Suite struct LedgerHistoryTests {
    @Test func everyAttemptIsTold() async throws {
        try await Fixture.withFolder { folder in
            let ledger = try await Fixture.open(folder + "/run.sqlite")
            _ = try await ledger.register(
                [Fixture.entry(1), Fixture.entry(2), Fixture.entry(1, thread: "u")],
                takesChanges: false
            )
            try await ledger.record([], willSend: [1, 2])
            try await ledger.record([
                Fixture.outcome(1, nil, status: 503, at: 10), Fixture.outcome(1, .accepted, status: 201, at: 20),
                Fixture.outcome(1, .completed, at: 20),
            ])
            try await ledger.endRun(result: "failed", time: 30)
            let first = try #require(try ledger.history(of: .request("r-1", thread: "t")).first)
            #expect(first.message.state == .completed && first.message.attempts == 2)
            // A completion is of the attempt that was accepted.
            #expect(first.attempts.map(\.state) == [nil, .completed])
            #expect(first.attempts.map(\.started) == [10, 20])
            #expect(first.attempts.map(\.status) == [503, nil])
            let second = try #require(try ledger.history(of: .record(2)).first)
            #expect(second.attempts.map(\.state) == [.unknown])
            #expect(second.attempts.map(\.started) == [nil])
            #expect(try ledger.history(of: .thread("t")).map(\.message.requestId) == ["r-1", "r-2"])
            #expect(try ledger.history(of: .request("r-1")).map(\.message.threadId) == ["t", "u"])
            #expect(try ledger.history(of: .record(1, file: "other")).isEmpty)
            #expect(try ledger.history(of: .record(1, file: "in.ndjson")).count == 2)
            try await ledger.close()
        }
    }

    @Test func aComparisonMeetsEveryVersion() async throws {
        try await Fixture.withFolder { folder in
            let ledger = try await Fixture.open(folder + "/run.sqlite")
            _ = try await ledger.register(
                [Fixture.entry(1), Fixture.entry(1, version: 2), Fixture.entry(2), Fixture.entry(3)],
                takesChanges: true
            )
            try await ledger.record([], willSend: [1, 2])
            try await ledger.record([Fixture.outcome(2, .accepted), Fixture.outcome(1, .rejected, status: 422)])
            var met = RowSet()
            let matches = try ledger.compare(
                [
                    Fixture.entry(1, version: 2), Fixture.entry(2, version: 9), Fixture.entry(4),
                    Fixture.entry(4, thread: "u"),
                ],
                met: &met
            )
            #expect(matches.map(\.state) == [.accepted, nil, nil, nil])
            #expect(matches.map(\.hasOthers) == [true, true, false, false])
            #expect(matches.map(\.isThreadKnown) == [true, true, true, false])
            var left: [String] = []
            try ledger.forEachMessage(notIn: met) { row, message in left.append("\(row) \(message.requestId)") }
            // The earlier version of the first is no message that is gone.
            #expect(left == ["4 r-3"])
            try await ledger.close()
        }
    }

    @Test func sumsAddUp() async throws {
        try await Fixture.withFolder { folder in
            var statuses: [LedgerStatus] = []
            for number in 1...3 {
                let ledger = try await Fixture.open("\(folder)/\(number).sqlite", time: Int64(number))
                _ = try await ledger.register(
                    (1...number).map { Fixture.entry($0, thread: "t-\(number)") },
                    takesChanges: false
                )
                try await ledger.record([], willSend: [1])
                try await ledger.record([Fixture.outcome(1, .rejected, status: 400 + number % 2)])
                statuses.append(try ledger.status())
                try await ledger.close()
            }
            let sum = LedgerStatus(sumOf: statuses)
            #expect(sum.messages == 6 && sum[.rejected] == 3 && sum[.planned] == 3)
            #expect(sum.failures.map(\.status) == [401, 400])
            #expect(sum.failures.map(\.count) == [2, 1])
            #expect(sum.runs.map(\.started) == [1, 2, 3])
            #expect(LedgerStatus(sumOf: [statuses[2]]) == statuses[2])
        }
    }
}
