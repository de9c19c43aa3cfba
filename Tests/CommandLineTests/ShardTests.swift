// `submit --shard`: several processes send all of it together.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ShardTests {
    /// What a shard of three is sent, by `--dry-run`.
    private static func look(_ shard: String, in folder: String, _ more: [String] = []) throws -> JSONText {
        let arguments = ["submit", "in.ndjson", "--dry-run", "--format", "json", "--shard", shard] + more
        let run = try CommandLineTool.run(arguments, folder: folder)
        #expect(run.status <= 1, "\(run.errors)")
        return try JSONText(run.text)
    }

    @Test func everyThreadIsOfOneShardTheSameEverywhere() throws {
        try TestFiles.withFolder { folder in
            // By Python's hashlib: int.from_bytes(sha256(thread)[:8], "big") % 4 + 1.
            for (thread, shard) in [("t-1", 3), ("t-2", 3), ("t-3", 1), ("ünï", 4), ("a", 3)] {
                let text = Payload.interaction().replacing("\"t-1\"", with: "\"\(thread)\"") + "\n"
                try Folder.write(text, folder + "/in.ndjson")
                for number in 1...4 {
                    let counts = try Self.look("\(number)/4", in: folder)
                    #expect(counts.number("toSend") == (number == shard ? 1 : 0), "\(thread), \(number)")
                    #expect(counts.number("otherShards") == (number == shard ? 0 : 1))
                }
            }
        }
    }

    @Test func sharesAddUpAndEachWritesItsOwnFiles() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            // Five messages a thread; one record is none.
            let lines = (0..<120).map { number in
                Payload.interaction(request: "r-\(number)").replacing("\"t-1\"", with: "\"t-\(number / 5)\"") + "\n"
            }
            try Folder.write(lines.joined() + "{\"session\":1}\n", folder + "/in.ndjson")
            let job = """
                inputs: [in.ndjson]
                rest-url: \(sandbox.addresses.restUrl)
                token-url: \(sandbox.addresses.tokenUrl)
                ledger: run.sqlite
                dead-letter: dead.ndjson
                report: report.json
                rate: 300/s
                concurrency: 8
                shard: 1/3
                """
            try Folder.write(job, folder + "/job.yaml")
            var sent = 0
            for number in 1...3 {
                let looks = try Self.look("\(number)/3", in: folder, ["--rate", "3/s"])
                let count = try #require(looks.number("toSend"))
                #expect(count > 0 && looks.number("otherShards") == 120 - count)
                #expect(looks.number("seconds") == count, "a third of the rate")
                // What is no message is of no thread: the first shard has it.
                #expect(looks.number("invalid") == (number == 1 ? 1 : 0))
                let run = try CommandLineTool.run(
                    ["submit", "--job", "job.yaml", "--shard", "\(number)/3"],
                    environment: Tenant.credentials,
                    folder: folder
                )
                #expect(run.status == (number == 1 ? 1 : 0), "\(run.errors)")
                let report = try JSONText(try Folder.text(folder + "/report-\(number)-of-3.json"))
                #expect(report.number("accepted") == count)
                sent += count
                #expect(try status(of: "run-\(number)-of-3.sqlite", in: folder).number("delivered") == count)
                let options = try status(of: "run-\(number)-of-3.sqlite", in: folder).text("runs.0.options")
                #expect(
                    options?.contains("--concurrency 8") == true && options?.contains("--shard \(number)/3") == true
                )
                let dead = try Folder.text(folder + "/dead-\(number)-of-3.ndjson").split(separator: "\n").count
                #expect(dead == (number == 1 ? 1 : 0))
            }
            #expect(sent == 120)
            let summary = try sandbox.summary()
            #expect(summary.accepted == 120 && summary.repetitions == 0)
            #expect(!Folder.exists(folder + "/run.sqlite") && !Folder.exists(folder + "/dead.ndjson"))

            let ledgers = (1...3).map { "run-\($0)-of-3.sqlite" }
            let sum = try CommandLineTool.run(["status"] + ledgers + ["--format", "json"], folder: folder)
            #expect(sum.status == 0)
            let total = try JSONText(sum.text)
            #expect(total.number("messages") == 120 && total.number("delivered") == 120)
            #expect(total.count("ledgers") == 3 && total.count("runs") == 3)
            #expect(total.text("ledgers.1.ledger") == "run-2-of-3.sqlite")
            let text = try CommandLineTool.run(["status"] + ledgers, folder: folder)
            #expect(text.text.hasPrefix("120 messages to 127.0.0.1"))
            #expect(text.text.contains("  run-3-of-3.sqlite: "))
            let merge = try CommandLineTool.run(["ledger", "merge", "all.sqlite"] + ledgers, folder: folder)
            #expect(merge.status == 0, "\(merge.errors)")
            #expect(try status(of: "all.sqlite", in: folder).number("delivered") == 120)
            let export = ["status", "--export", "-"]
            let rows = try CommandLineTool.run(export + ledgers, folder: folder).text.split(separator: "\r\n").count
            #expect(rows == 121)
        }
    }

    /// In each ledger the reason that all share is rarer than the twenty that are shown; in the sum it is the first.
    @Test func reasonsOfAllLedgersAreAddedUp() throws {
        try TestFiles.withFolder { folder in
            let strict = try RefusingTenant("refused for ", in: folder)
            let ledgers = (1...3).map { "run-\($0).sqlite" }
            for (number, ledger) in zip(1..., ledgers) {
                let own = (1...25).flatMap { ["OWN_\(number)_\($0 + 10)", "OWN_\(number)_\($0 + 10)"] }
                let reasons = Array(repeating: nil, count: 20) + own + ["SHARED"]
                let lines = reasons.enumerated().map { index, reason in
                    Payload.complete(index, content: reason.map { "refused for \($0)" } ?? "welcome") + "\n"
                }
                try Folder.write(lines.joined(), folder + "/in.ndjson")
                let run = try strict.tenant.submit("in.ndjson", "--ledger", ledger, "-q", in: folder)
                #expect(run.status == 1, "\(run.errors)")
                let alone = try status(of: ledger, in: folder)
                #expect(alone.number("states.rejected") == 51 && alone.count("failures") == 20)
                #expect((0..<20).allSatisfy { alone.number("failures.\($0).count") == 2 })
            }
            let run = try CommandLineTool.run(["status"] + ledgers + ["--format", "json"], folder: folder)
            let sum = try JSONText(run.text)
            #expect(run.status == 1 && sum.number("states.rejected") == 153 && sum.count("failures") == 20)
            #expect(sum.number("failures.0.count") == 3 && sum.number("failures.1.count") == 2)
            #expect(sum.text("failures.0.reason") == "HTTP 422 (SHARED)")
            let text = try CommandLineTool.run(["status"] + ledgers, folder: folder).text
            #expect(text.contains("failures\n           3  rejected: 422 HTTP 422 (SHARED)\n"), "\(text)")
            withExtendedLifetime(strict) {}
        }
    }

    @Test func aKeyThatTwoSourcesGiveIsUsedOnce() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            // Two threads of different shards, whose envelopes bring the same key.
            try Folder.write(
                ["t-1", "t-3"].map { thread in
                    Payload.complete().replacing("\"t-1\"", with: "\"\(thread)\"") + "\n"
                }.joined(),
                folder + "/raw.ndjson"
            )
            let convert = ["convert", "raw.ndjson", "--form", "websocket", "-o", "in.ndjson", "-q"]
            try #require(try CommandLineTool.run(convert, folder: folder).status == 0)
            let key = "0190a5b6-7c8d-7e9f-8a0b-1c2d3e4f5a6b"
            let text = try Folder.text(folder + "/in.ndjson")
                .replacing(/"idempotencyKey":"[^"]*"/, with: "\"idempotencyKey\":\"\(key)\"")
            try Folder.write(text, folder + "/in.ndjson")
            for shard in ["3/4", "1/4"] {
                let run = try tenant.submit("in.ndjson", "--shard", shard, "--ledger", "run.sqlite", in: folder)
                #expect(run.status == 0, "\(run.errors)")
            }
            let summary = try sandbox.summary()
            #expect(summary.accepted == 2 && summary.distinctKeys == 2 && summary.repetitions == 0)
            let export = ["status", "run-3-of-4.sqlite", "--export", "-"]
            #expect(try CommandLineTool.run(export, folder: folder).text.contains(key), "the first has it")
        }
    }

    @Test(arguments: ["0/4", "5/4", "1/0", "4", "1/4/2", "a/b", "1/2000"])
    func whatIsNoShardIsRefused(_ shard: String) throws {
        let run = try CommandLineTool.run(["submit", "in.ndjson", "--shard", shard])
        #expect(run.status == 64 && run.errors.contains("--shard"), "\(run.errors)")
    }

    /// A small version of `Tests/Proofs/shards`: four shards at once, two of them killed and resumed.
    @Test(.enabled(if: Python.isThere, Python.whyNot))
    func killedShardsLoseNothing() throws {
        try TestFiles.withFolder { folder in
            let script = """
                TMPDIR=. '\(Python.path ?? "python3")' '\(TestFiles.package)/Tests/Support/shard_runs.py' \\
                    --binary "$(realpath "$TOOL")" --messages 600 --threads 100 --rate 400 --seed 3
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 0, "\(run.text)\(run.errors)")
            #expect(run.text.contains("held: 600 messages by 4 shards"), "\(run.text)")
            #expect(run.text.contains(", 2 killed, "))
        }
    }
}
