// Ledgers of several workers become one.

import InteractionLedger
import Testing

@Suite struct LedgerMergeTests {
    /// Two workers that share some messages.
    private func workers(_ folder: String) async throws -> [String] {
        let paths = ["a", "b"].map { "\(folder)/\($0).sqlite" }
        let first = try await Fixture.open(paths[0], time: 1)
        _ = try await first.register((1...4).map { Fixture.entry($0, input: "a.ndjson") }, takesChanges: false)
        try await first.record([], willSend: [1, 2, 3])
        try await first.record([
            Fixture.outcome(1, .accepted, status: 200, at: 10), Fixture.outcome(2, .rejected, status: 422, at: 11),
        ])
        try await first.close()
        let second = try await Fixture.open(paths[1], time: 2)
        _ = try await second.register((2...5).map { Fixture.entry($0, input: "b.ndjson") }, takesChanges: false)
        try await second.record([], willSend: [1, 2])
        try await second.record([
            Fixture.outcome(1, nil, status: 503, at: 20), Fixture.outcome(1, .completed, status: 201, at: 21),
        ])
        try await second.close()
        return paths
    }

    @Test func theBestThatAnyKnowsCounts() async throws {
        try await Fixture.withFolder { folder in
            let paths = try await workers(folder)
            let status = try await LedgerMerge.merge(paths, into: folder + "/all.sqlite")
            #expect(status.messages == 5)
            #expect(status.runs.map(\.started) == [1, 2])
            let messages = try await Fixture.messages(folder + "/all.sqlite")
            #expect(messages.map(\.requestId) == ["r-1", "r-2", "r-3", "r-4", "r-5"])
            #expect(messages.map(\.state) == [.accepted, .completed, .unknown, .planned, .planned])
            #expect(messages.map(\.attempts) == [1, 3, 0, 0, 0])
            #expect(messages.map(\.status) == [200, 201, nil, nil, nil])
            #expect(messages.map(\.input) == ["a.ndjson", "a.ndjson", "a.ndjson", "a.ndjson", "b.ndjson"])
        }
    }

    @Test func theOrderOfTheLedgersDecidesNoState() async throws {
        try await Fixture.withFolder { folder in
            let paths = try await workers(folder)
            _ = try await LedgerMerge.merge(paths, into: folder + "/ab.sqlite")
            _ = try await LedgerMerge.merge(paths.reversed(), into: folder + "/ba.sqlite")
            // What was merged before changes nothing.
            _ = try await LedgerMerge.merge(["\(folder)/ab.sqlite"] + paths, into: folder + "/again.sqlite")
            func facts(_ name: String) async throws -> [String] {
                try await Fixture.messages("\(folder)/\(name).sqlite")
                    .map { "\($0.requestId) \($0.state) \($0.attempts) \($0.status ?? 0)" }.sorted()
            }
            #expect(try await facts("ab") == facts("ba"))
            #expect(try await facts("ab") == facts("again"))
        }
    }

    @Test func nothingIsOverwritten() async throws {
        try await Fixture.withFolder { folder in
            let paths = try await workers(folder)
            await #expect(throws: LedgerError.self) { try await LedgerMerge.merge([paths[0]], into: paths[1]) }
            #expect(try await Fixture.messages(paths[1]).count == 4)
        }
    }
}
