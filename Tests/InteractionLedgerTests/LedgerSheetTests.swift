// Messages that share a row of the file: nothing shows that they do.

import GRDB
import InteractionLedger
import InteractionModel
import TestSupport
import Testing

@Suite struct LedgerSheetTests {
    /// An acceptance of the usual kind, which fits on a sheet.
    private static func acceptance(_ row: Int64, _ state: MessageState = .accepted, at time: Int64) -> LedgerOutcome {
        LedgerOutcome(row: row, state: state, status: 201, reason: nil, startedAt: time, latency: 70 + row)
    }

    private static func counts(_ path: String) throws -> [String: Int] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { database in
            var counts: [String: Int] = [:]
            for table in ["sheet", "message", "attempt", "sheet_key"] {
                counts[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)")
            }
            return counts
        }
    }

    @Test func whatTakesTheUsualWayHasNoRowOfItsOwn() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            for batch in 0..<4 {
                let entries = (batch * 50 + 1...batch * 50 + 50).map { Fixture.entry($0, thread: "t-\($0)") }
                _ = try await ledger.register(entries, takesChanges: false)
            }
            let rows = (1...200).map { Int64($0) }
            try await ledger.record([], willSend: rows)
            try await ledger.record(rows.map { Self.acceptance($0, at: 1000) })
            try await ledger.endRun(result: "finished", time: 2)
            try await ledger.close()
            #expect(try Self.counts(path) == ["sheet": 4, "message": 0, "attempt": 0, "sheet_key": 0])

            // Who may only read finds them all the same, and writes nothing.
            let reader = try Ledger(path, .reading)
            let entries = [
                Fixture.entry(7, thread: "t-7"), Fixture.entry(8, thread: "t-8", version: 1), Fixture.entry(300),
            ]
            #expect(try reader.look(entries).map(\.kind) == [.known, .changed, .new])
            #expect(try reader.look(entries).map(\.row) == [7, 0, 0])
            #expect(try reader.history(of: .thread("t-7")).first?.attempts.map(\.latency) == [77])
            #expect(try reader.status().runs.map(\.attempts) == [200])
            try await reader.close()
            #expect(try Self.counts(path)["sheet_key"] == 0)

            // Another run enters their keys, once.
            let again = try await Fixture.open(path, time: 3)
            let standings = try await again.register(entries, takesChanges: true)
            #expect(standings.map(\.kind) == [.known, .changed, .new])
            #expect(standings.map(\.row) == [7, 201, 202])
            #expect(standings[0].state == .accepted && standings[0].attempts == 1 && standings[0].status == 201)
            try await again.close()
            #expect(try Self.counts(path) == ["sheet": 5, "message": 0, "attempt": 0, "sheet_key": 200])
        }
    }

    /// The same story twice: of messages on sheets, and of messages with rows of their own, since the source gives keys.
    @Test func sheetsAndRowsTellTheSame() async throws {
        for seed in 1...2 {
            try await Fixture.withFolder { folder in
                let sheets = try await Self.story("\(folder)/sheets.sqlite", UInt64(seed), isKeyGiven: false)
                let rows = try await Self.story("\(folder)/rows.sqlite", UInt64(seed), isKeyGiven: true)
                #expect(sheets.count == rows.count, "seed \(seed)")
                for (line, pair) in zip(sheets, rows).enumerated() where pair.0 != pair.1 {
                    Issue.record("seed \(seed), line \(line): \(pair)")
                    break
                }
                #expect(try Self.counts("\(folder)/sheets.sqlite")["sheet"] ?? 0 > 5)
                #expect(try Self.counts("\(folder)/rows.sqlite")["sheet"] == 0)
                for name in ["sheets", "rows"] {
                    let path = "\(folder)/\(name).sqlite"
                    _ = try await LedgerMerge.merge([path], into: "\(folder)/merged-\(name).sqlite")
                    _ = try await LedgerRecovery.recover(path, into: "\(folder)/recovered-\(name).sqlite")
                }
                for way in ["merged", "recovered"] {
                    let told = try await Self.told("\(folder)/\(way)-sheets.sqlite")
                    #expect(told == (try await Self.told("\(folder)/\(way)-rows.sqlite")), "seed \(seed), \(way)")
                }
            }
        }
    }

    /// Registers, claims and books at random, over several runs of which some are killed.
    ///
    /// - Returns: All that can be asked of the ledger.
    private static func story(_ path: String, _ seed: UInt64, isKeyGiven: Bool) async throws -> [String] {
        var random = SeededRandom(seed: seed)
        var told: [String] = []
        for run in 1...3 {
            let ledger = try await Fixture.open(path, time: Int64(run))
            var (planned, sent, accepted): ([Int64], [Int64], [Int64]) = ([], [], [])
            for step in 0..<25 {
                let numbers = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                    Int.random(in: 1...run * 500, using: &random)
                }
                let entries = numbers.map { (number: Int) in
                    let version: UInt64 = Int.random(in: 0..<15, using: &random) == 0 ? 1 : 0
                    return Fixture.entry(
                        number,
                        thread: "t-\(number % 23)",
                        version: version,
                        key: isKeyGiven ? "key \(number)" : nil,
                        input: "\(number % 3)"
                    )
                }
                let standings = try await ledger.register(entries, takesChanges: Bool.random(using: &random))
                told += standings.map { "\($0.kind) \($0.row) \($0.state) \($0.attempts) \($0.status ?? 0)" }
                for standing in standings where standing.row > 0 && standing.kind != .duplicate {
                    if standing.state.rawValue < MessageState.rejected.rawValue { planned.append(standing.row) }
                }
                planned.shuffle(using: &random)
                let claim = Array(planned.prefix(Int.random(in: 0...30, using: &random)))
                planned.removeFirst(claim.count)
                var outcomes: [LedgerOutcome] = []
                for _ in 0..<min(sent.count, Int.random(in: 0...40, using: &random)) {
                    let row = sent.remove(at: Int.random(in: 0..<sent.count, using: &random))
                    let time = Int64(1_700_000_000_000 + step)
                    switch Int.random(in: 0..<20, using: &random) {
                    case 0:
                        outcomes.append(Fixture.outcome(row, nil, status: 503, at: time))
                        sent.append(row)
                    case 1: outcomes.append(Fixture.outcome(row, .rejected, status: 422, at: time))
                    case 2: outcomes.append(Fixture.outcome(row, .unknown, at: time))
                    case 3: outcomes.append(Fixture.outcome(row, .accepted, status: 200, at: time))
                    case 4: outcomes.append(Fixture.outcome(row, .completed, at: time))
                    default:
                        outcomes.append(acceptance(row, at: time))
                        accepted.append(row)
                    }
                }
                if let row = accepted.randomElement(using: &random) {
                    let state = [MessageState.completed, .unknown, .rejected].randomElement(using: &random) ?? .unknown
                    outcomes.append(acceptance(row, state, at: 5))
                }
                try await ledger.record(outcomes, willSend: claim)
                sent += claim
                let row = Int64.random(in: 1...900, using: &random)
                if let origin = try await ledger.origin(of: row) { told.append("\(row) \(origin)") }
            }
            if run == 2 { try await ledger.endRun(result: "stopped", time: 9) }
            told.append(summary(try ledger.status()))
            try await ledger.close()
        }
        return try await told + self.told(path)
    }

    /// Every message with its attempts, and the sums.
    private static func told(_ path: String) async throws -> [String] {
        let ledger = try Ledger(path, .reading)
        let status = try ledger.status()
        var told = [summary(status)]
        var counts: [MessageState: Int] = [:]
        for thread in 0..<23 {
            for history in try ledger.history(of: .thread("t-\(thread)")) {
                var message = history.message
                message.idempotencyKey = ""
                told.append("\(message) \(history.attempts)")
            }
        }
        try ledger.forEachMessage { message in
            told.append("\(message.requestId) \(message.state) \(message.lastAttempt ?? 0)")
            counts[message.state, default: 0] += 1
        }
        #expect(counts == status.counts)
        try await ledger.close()
        return told
    }

    private static func summary(_ status: LedgerStatus) -> String {
        let counts = MessageState.allCases.map { "\($0) \(status[$0])" }
        return "\(counts) \(status.failures) \(status.runs.map { "\($0.number) \($0.result ?? "") \($0.attempts)" })"
    }

    @Test func anyIdComesBackAsItWas() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let ledger = try await Fixture.open(path)
            let threads = ["a\"b", "a\\b", "a\nb", "ä ☎ 😀", "\u{7F}", "", "[1]", "'", "\"", "a", "a\u{0}b", "a\u{0}c"]
            let entries = threads.enumerated().map { Fixture.entry($0 + 1, thread: $1) }
            #expect(try await ledger.register(entries, takesChanges: false).map(\.row) == (1...12).map { Int64($0) })
            try await ledger.record([], willSend: (1...12).map { Int64($0) })
            try await ledger.record((1...12).map { Self.acceptance($0, at: 1) })
            for (index, thread) in threads.dropLast(2).enumerated() {
                let found = try ledger.history(of: .thread(thread))
                #expect(found.map(\.message.record) == [index + 1], "\(thread.debugDescription)")
                #expect(found.first?.message.threadId == thread)
                #expect(try await ledger.origin(of: Int64(index + 1))?.threadId == thread)
            }
            #expect(try ledger.look(entries).map(\.kind) == threads.map { _ in .known })
            try await ledger.close()
            #expect(try Self.counts(path)["message"] == 2)
        }
    }

    @Test func aSheetThatDoesNotFitTogetherIsDamage() async throws {
        try await Fixture.withFolder { folder in
            for change in [
                "count = count + 1", "states = 'x' || substr(states, 2)", "outcomes = x'20'", "digests = x''",
                "facts = substr(facts, 2)", "facts = json_remove(facts, '$[0]')",
            ] {
                let path = "\(folder)/\(change.hashValue).sqlite"
                let ledger = try await Fixture.open(path)
                for first in [1, 65] {
                    let entries = (first..<first + 64).map { Fixture.entry($0) }
                    _ = try await ledger.register(entries, takesChanges: false)
                }
                try await ledger.close()
                let queue = try DatabaseQueue(path: path)
                try await queue.write { database in
                    try database.execute(
                        sql: "PRAGMA ignore_check_constraints = ON; UPDATE sheet SET \(change) WHERE first = 1"
                    )
                }
                try queue.close()
                #expect(Fixture.error(path)?.code == .damaged, "\(change)")
                #expect(Fixture.error(path, .writing)?.code == .damaged, "\(change)")
                let report = try await LedgerRecovery.recover(path, into: path + ".new")
                #expect(report.messages == 64, "\(change)")
            }
        }
    }

    @Test func anEarlierVersionsLedgerGoesOn() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: Self.earlierVersion) }
            try queue.close()
            #expect(Fixture.error(path)?.description.contains("older version") == true)
            let recovered = try await LedgerRecovery.recover(path, into: folder + "/recovered.sqlite")
            #expect(recovered.messages == 2 && recovered.attempts == 1 && recovered.gaps == 0)
            let ledger = try await Fixture.open(path, time: 5)
            let standings = try await ledger.register((1...3).map { Fixture.entry($0) }, takesChanges: false)
            #expect(standings.map(\.kind) == [.known, .known, .new])
            #expect(standings.map(\.state) == [.accepted, .unknown, .planned])
            #expect(standings.map(\.row) == [1, 2, 3])
            try await ledger.record([], willSend: [2, 3])
            try await ledger.record([2, 3].map { Self.acceptance($0, at: 7) })
            try await ledger.close()
            let messages = try await Fixture.messages(path)
            #expect(messages.map(\.attempts) == [1, 2, 1])
            #expect(messages.map(\.lastAttempt) == [4, 7, 7])
        }
    }

    private static let earlierVersion = """
        PRAGMA application_id = 1229802567;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        INSERT INTO grdb_migrations VALUES ('1 runs, messages, attempts'), ('3 checkpoints of sources');
        CREATE TABLE run(id INTEGER PRIMARY KEY, tool TEXT NOT NULL, target TEXT NOT NULL, options TEXT NOT NULL,
          started INTEGER NOT NULL, ended INTEGER, result TEXT) STRICT;
        CREATE TABLE input(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE message(id INTEGER PRIMARY KEY, thread TEXT NOT NULL, request TEXT NOT NULL, part INTEGER NOT NULL,
          digest BLOB NOT NULL, key TEXT, input INTEGER NOT NULL REFERENCES input(id), record INTEGER NOT NULL,
          run INTEGER NOT NULL REFERENCES run(id), state INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
          status INTEGER, reason TEXT) STRICT;
        CREATE UNIQUE INDEX message_identity ON message(thread, request, digest);
        CREATE INDEX message_key ON message(key) WHERE key IS NOT NULL;
        CREATE TABLE attempt(message INTEGER NOT NULL REFERENCES message(id), number INTEGER NOT NULL,
          run INTEGER NOT NULL REFERENCES run(id), started INTEGER, latency INTEGER, state INTEGER, status INTEGER,
          reason TEXT, PRIMARY KEY (message, number)) STRICT, WITHOUT ROWID;
        CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, basis TEXT NOT NULL) STRICT;
        CREATE TABLE checkpoint(source INTEGER PRIMARY KEY REFERENCES source(id), position INTEGER NOT NULL,
          open TEXT NOT NULL, messages INTEGER NOT NULL, other_shards INTEGER NOT NULL, records INTEGER) STRICT;
        INSERT INTO run VALUES (1, '1', 'acme', '', 1, NULL, NULL);
        INSERT INTO input VALUES (1, 'in.ndjson');
        INSERT INTO message VALUES
          (1, 't', 'r-1', 1, x'00000000000000010000000000000000', NULL, 1, 1, 1, 4, 1, 201, NULL),
          (2, 't', 'r-2', 1, x'00000000000000020000000000000000', NULL, 1, 2, 1, 1, 0, NULL, NULL);
        INSERT INTO attempt VALUES (1, 1, 1, 4, 9, 4, 201, NULL);
        """
}
