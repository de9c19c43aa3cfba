// Files that are torn, corrupted, foreign or newer; and what a power cut leaves.

import Foundation
import GRDB
import InteractionLedger
import TestSupport
import Testing

@Suite struct LedgerDamageTests {
    /// A ledger of so many messages in batches of 64, accepted one batch after the other.
    private func ledger(_ path: String, batches: Int) async throws -> Ledger {
        let ledger = try await Fixture.open(path)
        for batch in 0..<batches {
            let numbers = batch * 64 + 1...batch * 64 + 64
            _ = try await ledger.register(numbers.map { Fixture.entry($0, thread: "t-\($0)") }, takesChanges: false)
        }
        for batch in 0..<batches {
            let rows = (batch * 64 + 1...batch * 64 + 64).map { Int64($0) }
            try await ledger.record([], willSend: rows)
            try await ledger.record(rows.map { Fixture.outcome($0, .accepted, status: 200) })
        }
        return ledger
    }

    @Test func aCutLogLosesTheLastBatchesAndNothingElse() async throws {
        try await Fixture.withFolder { folder in
            let original = try await ledger(folder + "/run.sqlite", batches: 8)
            let main = try Data(contentsOf: URL(fileURLWithPath: folder + "/run.sqlite"))
            let log = try Data(contentsOf: URL(fileURLWithPath: folder + "/run.sqlite-wal"))
            try #require(log.count > 100_000)
            var random = SeededRandom(seed: 11)
            var sizes: Set<Int> = []
            for trial in 0..<40 {
                var cut = log.prefix(Int.random(in: 0...log.count, using: &random))
                // A disk may also have written some of the last sectors only.
                if trial.isMultiple(of: 2), cut.count > 8192 {
                    for _ in 0..<64 { cut[cut.count - 1 - Int.random(in: 0..<4096, using: &random)] ^= 0x5A }
                }
                let copy = "\(folder)/cut-\(trial).sqlite"
                try main.write(to: URL(fileURLWithPath: copy))
                try cut.write(to: URL(fileURLWithPath: copy + "-wal"))
                let opened = try Ledger(copy, .writing)
                var accepted: [Int] = []
                try opened.forEachMessage { if $0.state == .accepted { accepted.append($0.record) } }
                try await opened.close()
                #expect(accepted == Array(1..<accepted.count + 1), "trial \(trial)")
                #expect(accepted.count.isMultiple(of: 64), "trial \(trial)")
                sizes.insert(accepted.count)
            }
            #expect(sizes.count > 3)
            try await original.close()
        }
    }

    @Test func foreignFilesAreRefused() async throws {
        try await Fixture.withFolder { folder in
            let text = folder + "/notes.txt"
            try Data("{\"session\":{}}\n".utf8).write(to: URL(fileURLWithPath: text))
            #expect(Fixture.error(text)?.code == .foreign)
            #expect(Fixture.error(text, .writing)?.code == .foreign)
            #expect(try String(contentsOfFile: text, encoding: .utf8) == "{\"session\":{}}\n")

            let other = folder + "/other.sqlite"
            let queue = try DatabaseQueue(path: other)
            try await queue.write { try $0.execute(sql: "CREATE TABLE album(id INTEGER)") }
            try queue.close()
            #expect(Fixture.error(other)?.code == .foreign)
            #expect(Fixture.error(other, .writing)?.code == .foreign)

            #expect(Fixture.error(folder + "/none.sqlite")?.code == .unavailable)
            #expect(Fixture.error(folder)?.code == .foreign)
        }
    }

    @Test func aNewerLedgerIsRefused() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            try await Fixture.open(path).close()
            let queue = try DatabaseQueue(path: path)
            try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 something new')") }
            try queue.close()
            for access in [Ledger.Access.reading, .writing] {
                let error = try #require(Fixture.error(path, access))
                #expect(error.code == .newer)
                #expect(error.description.contains("newer version"))
            }
        }
    }

    @Test func anEmptyFileBecomesALedger() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            // What a process leaves that is killed before its first page.
            try Data().write(to: URL(fileURLWithPath: path))
            #expect(Fixture.error(path)?.code == .foreign)
            let ledger = try await Fixture.open(path)
            _ = try await ledger.register([Fixture.entry(1)], takesChanges: false)
            try await ledger.close()
            #expect(try await Fixture.messages(path).count == 1)
        }
    }

    @Test func damageIsNamedAndWhatCanBeReadIsRecovered() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            try await ledger(path, batches: 20).close()
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try #require(whole.count > 200_000)
            // As its header says, high byte first.
            let pageSize = Int(whole[16]) << 8 | Int(whole[17])
            var random = SeededRandom(seed: 5)
            var (named, mostlyWhole) = (0, 0)
            for trial in 0..<12 {
                var damaged = whole
                // Not the first page, without which there is no schema.
                for _ in 0..<2 {
                    let start = Int.random(in: 1..<whole.count / pageSize, using: &random) * pageSize
                    for at in start..<start + 64 { damaged[at] = UInt8.random(in: 0...255, using: &random) }
                }
                let broken = "\(folder)/broken-\(trial).sqlite"
                try damaged.write(to: URL(fileURLWithPath: broken))
                if let error = Fixture.error(broken) {
                    #expect(error.code == .damaged)
                    #expect(error.description.contains("ledger recover \(broken)"))
                    named += 1
                }
                let recovered = "\(folder)/recovered-\(trial).sqlite"
                let report = try await LedgerRecovery.recover(broken, into: recovered)
                let messages = try await Fixture.messages(recovered)
                #expect(messages.count == report.messages, "trial \(trial)")
                // What hangs below a broken page of the tree is lost, which is seldom more than a few rows.
                if messages.count > 600 { mostlyWhole += 1 }
                for message in messages {
                    #expect(message.requestId == "r-\(message.record)", "trial \(trial)")
                    #expect(message.threadId == "t-\(message.record)", "trial \(trial)")
                }
                #expect(try Data(contentsOf: URL(fileURLWithPath: broken)) == damaged)
            }
            #expect(named == 12)
            #expect(mostlyWhole >= 8)
        }
    }

    @Test func aTornFileIsNamed() async throws {
        try await Fixture.withFolder { folder in
            let path = folder + "/run.sqlite"
            try await ledger(path, batches: 20).close()
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
            #expect(Fixture.error(path)?.code == .damaged)
            let report = try await LedgerRecovery.recover(path, into: folder + "/new.sqlite")
            #expect(report.messages > 100)
            #expect(try await Fixture.messages(folder + "/new.sqlite").count == report.messages)
        }
    }
}
