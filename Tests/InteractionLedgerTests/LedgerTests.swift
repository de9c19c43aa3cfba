// What a ledger says to messages, and how states follow each other.

import GRDB
import InteractionLedger
import InteractionModel
import Testing

@Suite struct LedgerTests {
    @Test func saysNewKnownChangedAndDuplicate() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            var ledger = try await Fixture.open(path)
            let first = try await ledger.register(
                [Fixture.entry(1), Fixture.entry(2), Fixture.entry(1), Fixture.entry(2, version: 1)],
                takesChanges: false
            )
            #expect(first.map(\.kind) == [.new, .new, .duplicate, .changed])
            #expect(first.map(\.row) == [1, 2, 1, 0])
            try await ledger.close()

            ledger = try await Fixture.open(path)
            let entries = [Fixture.entry(2), Fixture.entry(2), Fixture.entry(1, version: 1), Fixture.entry(3)]
            #expect(try ledger.look(entries).map(\.kind) == [.known, .known, .changed, .new])
            #expect(try ledger.look(entries).map(\.isThreadKnown) == [false, false, true, true])
            let second = try await ledger.register(entries, takesChanges: true)
            #expect(second.map(\.kind) == [.known, .duplicate, .changed, .new])
            #expect(second.map(\.row) == [2, 2, 3, 4])
            // Both versions are known from now on.
            try await ledger.record([])
            #expect(try ledger.look([Fixture.entry(1), Fixture.entry(1, version: 1)]).map(\.row) == [1, 3])
            try await ledger.close()
        }
    }

    @Test func newMessagesGoIntoTheFileWithTheFirstThatIsSent() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            var standings = try await ledger.register([1, 2].map { Fixture.entry($0) }, takesChanges: false)
            standings += try await ledger.register([Fixture.entry(3)], takesChanges: false)
            #expect(standings.map(\.kind) == [.new, .new, .new])
            #expect(standings.map(\.row) == [1, 2, 3])
            #expect(try await Fixture.messages(path).isEmpty)
            try await ledger.record([], willSend: [2])
            #expect(try await Fixture.messages(path).map(\.state) == [.planned, .sent, .planned])

            // What came up is known, whether it is in the file or not yet.
            let again = [Fixture.entry(4), Fixture.entry(2), Fixture.entry(4), Fixture.entry(3, version: 1)]
            standings = try await ledger.register(again, takesChanges: true)
            #expect(standings.map(\.kind) == [.new, .duplicate, .duplicate, .changed])
            #expect(standings.map(\.row) == [4, 2, 4, 5])
            try await ledger.record([Fixture.outcome(2, nil, status: 503)], willSend: [1, 4])
            try await ledger.record([Fixture.outcome(2, .accepted, status: 201)])
            try await ledger.close()
            let messages = try await Fixture.messages(path)
            #expect(messages.map(\.state) == [.sent, .accepted, .planned, .sent, .planned])
            #expect(messages.map(\.attempts) == [0, 2, 0, 0, 0])
        }
    }

    @Test func whatNobodySendsDoesNotWaitForever() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            for first in stride(from: 0, to: 5000, by: 100) {
                let entries = (first..<first + 100).map { Fixture.entry($0) }
                #expect(try await ledger.register(entries, takesChanges: false).map(\.kind).allSatisfy { $0 == .new })
            }
            #expect(try await Fixture.messages(path).count >= 3000)
            try await ledger.close()
            let messages = try await Fixture.messages(path)
            #expect(messages.map(\.requestId) == (0..<5000).map { "r-\($0)" })
        }
    }

    @Test func identitiesThatCameUpAreNeverTakenForNew() {
        func hashes(_ texts: some Sequence<String>) -> [UInt64] {
            texts.map { Array($0.utf8).withUnsafeBytes { IdentityFilter.hash($0) } }
        }
        var filter = IdentityFilter()
        let known = hashes((0..<100_000).map { "[\"t-\($0)\",\"r-\($0)\"" })
        #expect(Set(known).count == known.count)
        let taken = filter.insert(known).count { !$0 }
        #expect(taken < 1000)
        #expect(filter.insert(known).allSatisfy { !$0 })
        #expect(filter.insert(hashes(["[\"other\",\"r-0\"", "[\"another\",\"r-0\""])).contains(true))
        #expect(filter.insert(hashes(["", ""])).last == false)
    }

    @Test func aKeyOfTheSourceIsKeptUnlessAnotherMessageHasIt() async throws {
        try await Fixture.withFolder { folder in
            let ledger = try await Fixture.open(folder + "/run.sqlite")
            let key = "018f5136-bd48-7b8e-a57e-0e7a70d40bb1"
            let standings = try await ledger.register(
                [Fixture.entry(1, key: key), Fixture.entry(2, key: key), Fixture.entry(3), Fixture.entry(1, key: nil)],
                takesChanges: false
            )
            let derived = [2, 3].map { UUIDValue(high: $0, low: 0).description }
            #expect(standings.map(\.key) == [key, derived[0], derived[1], key])
            try await ledger.close()
        }
    }

    @Test func anAcceptanceIsNeverTakenBack() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            _ = try await ledger.register((1...5).map { Fixture.entry($0) }, takesChanges: false)
            try await ledger.record([], willSend: [1, 2, 3, 4])
            try await ledger.record([
                Fixture.outcome(1, nil, status: 503), Fixture.outcome(1, .accepted, status: 200),
                Fixture.outcome(1, .completed, status: 200), Fixture.outcome(1, .rejected, status: 400),
                Fixture.outcome(2, .accepted, status: 200), Fixture.outcome(2, .unknown),
                Fixture.outcome(3, .rejected, status: 422), Fixture.outcome(4, .unknown),
            ])
            try await ledger.record([], willSend: [1, 3])
            try await ledger.record([Fixture.outcome(3, .accepted, status: 201)])
            try await ledger.close()
            let messages = try await Fixture.messages(path)
            #expect(messages.map(\.state) == [.completed, .accepted, .accepted, .unknown, .planned])
            #expect(messages.map(\.attempts) == [2, 1, 2, 1, 0])
            #expect(messages.map(\.status) == [200, 200, 201, nil, nil])
        }
    }

    @Test func outcomesOfOneTransactionAreBookedInTheirOrder() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            _ = try await ledger.register((1...9).map { Fixture.entry($0) }, takesChanges: false)
            try await ledger.record([], willSend: [9, 2, 1, 3, 5])
            // Not in the order of their numbers, with gaps, repetitions, and messages that were accepted and completed.
            try await ledger.record(
                [
                    Fixture.outcome(5, .accepted, status: 201), Fixture.outcome(1, .accepted, status: 201),
                    Fixture.outcome(2, nil, status: 503), Fixture.outcome(2, nil, status: 503),
                    Fixture.outcome(3, nil, status: 429), Fixture.outcome(2, .accepted, status: 201),
                    Fixture.outcome(3, .accepted, status: 200), Fixture.outcome(3, .completed, status: 200),
                    Fixture.outcome(9, .accepted, status: 201),
                ],
                willSend: [4, 6, 7]
            )
            try await ledger.record([Fixture.outcome(1, .completed, status: 201)])
            try await ledger.close()
            let messages = try await Fixture.messages(path)
            let states: [MessageState] = [
                .completed, .accepted, .completed, .sent, .accepted, .sent, .sent, .planned, .accepted,
            ]
            #expect(messages.map(\.state) == states)
            #expect(messages.map(\.attempts) == [1, 3, 2, 0, 1, 0, 0, 0, 1])
            #expect(messages.map(\.status) == [201, 201, 200, nil, 201, nil, nil, nil, 201])
            let queue = try DatabaseQueue(path: path)
            let attempts = try await queue.read { database in
                try Row.fetchAll(database, sql: "SELECT message, number, state, status FROM attempt ORDER BY 1, 2")
                    .map { row in (0..<4).map { row[$0] as Int? } }
            }
            #expect(
                attempts == [
                    [1, 1, 5, 201], [2, 1, nil, 503], [2, 2, nil, 503], [2, 3, 4, 201], [3, 1, nil, 429],
                    [3, 2, 5, 200], [5, 1, 4, 201], [9, 1, 4, 201],
                ]
            )
        }
    }

    @Test func whatWasOnItsWayIsInDoubtAfterTheEnd() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            var ledger = try await Fixture.open(path)
            _ = try await ledger.register((1...3).map { Fixture.entry($0) }, takesChanges: false)
            try await ledger.record([], willSend: [1, 2])
            try await ledger.record([Fixture.outcome(1, .accepted, status: 200)])
            // No endRun(): the process is gone.
            try await ledger.close()
            #expect(try await Fixture.messages(path).map(\.state) == [.accepted, .sent, .planned])
            ledger = try await Fixture.open(path, time: 2)
            let status = try ledger.status()
            try await ledger.close()
            #expect(status.counts == [.accepted: 1, .unknown: 1, .planned: 1])
            #expect(status.pending == 2 && status.delivered == 1)
            #expect(status.failures.map(\.reason) == ["the run ended before an answer came"])
            #expect(status.runs.map(\.attempts) == [2, 0])
            let messages = try await Fixture.messages(path)
            #expect(messages[1].attempts == 1)
            #expect(messages[1].idempotencyKey == UUIDValue(high: 2, low: 0).description)
        }
    }

    @Test func oneProcessWritesAndOthersRead() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            _ = try await ledger.register([Fixture.entry(1)], takesChanges: false)
            try await ledger.record([], willSend: [1])
            let error = try #require(Fixture.error(path, .writing))
            #expect(error.code == .inUse)
            #expect(error.description.contains(path))
            #expect(try await Fixture.messages(path).count == 1)
            try await ledger.close()
        }
    }

    @Test func aLedgerIsOfOneTenant() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            await #expect(throws: LedgerError.self) {
                try await ledger.beginRun(tool: "1", target: "other", options: "", time: 2)
            }
            try await ledger.close()
        }
    }
}
