// A one-step backfill that is killed goes on where it was: nothing lost, and little converted twice.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ResumeTests {
    /// A source whose conversion is sent on the way.
    struct Source: CustomTestStringConvertible, Sendable {
        var name: String
        var text: String
        /// Records, and messages that they become.
        var records: Int
        var messages: Int
        var testDescription: String { name }

        static let legacy = Source(
            name: "legacy.ndjson",
            text: (1...1200).map { Payload.complete($0) + "\n" }.joined(),
            records: 1200,
            messages: 1200
        )
        /// The records of a conversation lie all over the file.
        static let table = Source(
            name: "chat.csv",
            text: "conversation_id,timestamp,author,role,message\n"
                + (0..<3000).map { number in
                    "c\(number % 1000),2024-05-01T10:\(10 + number / 1000):00Z,ann,customer,Hello \(number)\n"
                }.joined(),
            records: 3000,
            messages: 1000
        )
    }

    /// Every two of the first records are of different threads and bring the same key.
    private static let keyed = Source(
        name: "keyed.ndjson",
        text: (1...1200).map { number in
            let key = "0190a5b6-7c8d-7e9f-8a0b-0000000000\(10 + (number - 1) / 2)"
            let headers = number > 40 ? "" : "\"idempotencyKey\":\"\(key)\""
            return "{\"headers\":{\(headers)},\"payload\":\(Payload.complete(number))}\n"
        }.joined(),
        records: 1200,
        messages: 1200
    )

    private static func lines(_ path: String) -> Int {
        (FileManager.default.contents(atPath: path) ?? Data()).count { $0 == 10 }
    }

    @Test(arguments: [Source.legacy, .table], [["--jobs", "1"], ["--jobs", "3", "--transport", "websocket"]])
    func aKilledBackfillGoesOnWhereItWas(_ source: Source, _ options: [String]) throws {
        try TestFiles.withFolder { folder in
            let journal = folder + "/journal.ndjson"
            let sandbox = try SandboxSession(
                ["--journal", journal, "--fault", "429:1%", "--retry-after", "0"],
                in: folder
            )
            let tenant = Tenant(sandbox)
            try Folder.write(source.text, folder + "/" + source.name)
            let arguments =
                [source.name, "--ledger", "run.sqlite", "--organization-id", "org_1", "--format", "json"] + options
            var dice = SeededRandom(seed: 11)
            for round in 1...2 {
                let session = try tenant.session(arguments + ["--rate", "400/s"], in: folder)
                let moment = round * 350 + Int.random(in: 0..<50, using: &dice)
                try ToolSession.wait { Self.lines(journal) >= moment || !session.isRunning }
                try #require(session.isRunning, "\(session.errors)")
                session.send(SIGKILL)
                _ = try? session.status()
            }
            let last = try tenant.run(arguments, in: folder)
            #expect(last.status == 0, "\(last.errors)")
            let result = try SubmitResult(last)
            let finished = try #require(result["read.finishedEarlier"])
            #expect(finished >= source.records / 3 && finished < source.records)
            #expect(result["read.records"] == source.records && result["read.messages"] == source.messages)
            let delivered = try #require(result["read.delivered"])
            let accepted = try #require(result["accepted"])
            #expect(delivered + accepted == source.messages)
            let summary = try sandbox.summary()
            #expect(summary.distinctKeys == source.messages && summary.conflicts == 0)
            #expect(try status(of: "run.sqlite", in: folder).number("delivered") == source.messages)

            // Once more there is nothing to do, and nothing is converted.
            let again = try SubmitResult(try tenant.run(arguments, in: folder))
            #expect(again["read.finishedEarlier"] == source.records && again["read.delivered"] == source.messages)
            let after = try sandbox.summary()
            #expect(after.accepted == summary.accepted && after.repetitions == summary.repetitions)
        }
    }

    /// Each shard goes on from its own place, and what is the other's is the other's again.
    @Test(arguments: [keyed, Source.table])
    func killedShardsGoOnWhereTheyWere(_ source: Source) throws {
        try TestFiles.withFolder { folder in
            let journal = folder + "/journal.ndjson"
            let sandbox = try SandboxSession(["--journal", journal], in: folder)
            let tenant = Tenant(sandbox)
            try Folder.write(source.text, folder + "/" + source.name)
            func arguments(_ shard: Int) -> [String] {
                [source.name, "--ledger", "run.sqlite", "--shard", "\(shard)/2", "--organization-id", "org_1"]
                    + ["--format", "json"]
            }
            var dice = SeededRandom(seed: 12)
            for _ in 1...2 {
                for shard in 1...2 {
                    let session = try tenant.session(arguments(shard) + ["--rate", "600/s"], in: folder)
                    let moment = Self.lines(journal) + Int.random(in: 130..<180, using: &dice)
                    try ToolSession.wait { Self.lines(journal) >= moment || !session.isRunning }
                    try #require(session.isRunning, "\(session.errors)")
                    session.send(SIGKILL)
                    _ = try session.status()
                }
            }
            var messages = 0
            for shard in 1...2 {
                let last = try tenant.run(arguments(shard), in: folder)
                #expect(last.status == 0, "\(last.errors)")
                let result = try SubmitResult(last)
                let finished = try #require(result["read.finishedEarlier"])
                #expect(finished >= source.records / 4 && finished < source.records)
                #expect(result["read.records"] == source.records)
                let own = try #require(result["read.messages"])
                #expect(result["read.otherShards"] == source.messages - own)
                let delivered = try #require(result["read.delivered"])
                #expect(result["accepted"] == own - delivered && delivered > 0)
                messages += own
            }
            #expect(messages == source.messages)
            let summary = try sandbox.summary()
            #expect(summary.distinctKeys == source.messages && summary.conflicts == 0)

            // Once more there is nothing to do. What shares a key with a record of the other shard stays open.
            for shard in 1...2 {
                let again = try SubmitResult(try tenant.run(arguments(shard), in: folder))
                let open = source.records - (again["read.finishedEarlier"] ?? 0)
                #expect(source.name == "keyed.ndjson" ? (1..<40).contains(open) : open == 0)
                #expect(again["accepted"] == 0 && again["read.records"] == source.records)
                #expect(again["read.messages"] == again["read.delivered"])
            }
            #expect(try sandbox.summary().accepted == summary.accepted)
        }
    }

    /// When the reading is stopped, what was read of the last conversation is a part of it.
    @Test(arguments: ["1", "3"])
    func halfAConversationIsNotSent(_ jobs: String) throws {
        try TestFiles.withFolder { folder in
            let journal = folder + "/journal.ndjson"
            let sandbox = try SandboxSession(["--journal", journal], in: folder)
            let tenant = Tenant(sandbox)
            let header = "conversation_id,timestamp,author,role,message\n"
            let rows = (0..<1400).map { number in
                let text = "Hello \(number)" + String(repeating: " word", count: 200)
                return "c\(number / 4),2024-05-01T10:\(10 + number % 4):00Z,ann,customer,\(text)\n"
            }
            let options = ["--order", "clustered", "--organization-id", "org_1", "--jobs", jobs]
            try Folder.write(header + rows.joined(), folder + "/all.csv")
            let convert = ["convert", "all.csv", "--form", "websocket", "-o", "all.ndjson", "-q"] + options
            try #require(try CommandLineTool.run(convert, folder: folder).status == 0)
            let whole = Set(
                try JSONText.lines(Folder.text(folder + "/all.ndjson")).map { $0.text("headers.idempotencyKey") }
            )

            // The pipe stays open: nothing more comes, and nobody says that this was all.
            let pipe = OpenPipe(folder + "/feed.csv")
            let arguments = ["feed.csv", "--ledger", "run.sqlite"] + options
            let session = try tenant.session(arguments, in: folder)
            try pipe.write(header + rows.dropLast(2).joined())
            // The sender has to have nothing else to do, so that it would take what comes now.
            var counts: [Int] = []
            try ToolSession.wait {
                counts.append(Self.lines(journal))
                return counts.last ?? 0 >= 100 && Set(counts.suffix(50)).count == 1 || !session.isRunning
            }
            session.send(SIGINT)
            #expect(try session.status() == 130)
            let sent = try JSONText.lines(Folder.text(journal)).map { $0.text("idempotencyKey") }
            #expect(sent.count >= 100 && whole.isSuperset(of: sent))
            // Nor is a part registered, which would make the whole conversation look changed.
            let export = try CommandLineTool.run(["status", "run.sqlite", "--export", "-"], folder: folder).text
            let known = export.split(separator: "\r\n").dropFirst().map { String($0.split(separator: ",")[3]) }
            #expect(known.count >= sent.count && whole.isSuperset(of: known))
        }
    }

    @Test func whatHasChangedIsConvertedAgain() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            let arguments = ["in.ndjson", "--ledger", "run.sqlite", "--format", "json"]
            func text(_ numbers: ClosedRange<Int>) -> String {
                numbers.map { Payload.complete($0) + "\n" }.joined()
            }
            try Folder.write(text(1...100), folder + "/in.ndjson")
            #expect(try tenant.run(arguments, in: folder).status == 0)
            try Folder.write(text(1...101), folder + "/in.ndjson")
            let longer = try tenant.run(arguments, in: folder)
            #expect(longer.errors.contains("not as it was in the earlier run: input in.ndjson"), "\(longer.errors)")
            #expect(try SubmitResult(longer)["read.finishedEarlier"] == 0)
            #expect(try SubmitResult(longer)["accepted"] == 1)
            let other = try tenant.run(arguments + ["--timezone", "UTC"], in: folder)
            #expect(other.errors.contains("option --timezone"), "\(other.errors)")
            #expect(try SubmitResult(other)["read.finishedEarlier"] == 0)
            #expect(try sandbox.summary().distinctKeys == 101)
        }
    }

    /// What was refused, by the conversion or by the tenant, is looked at again and reported in every run.
    @Test func whatIsRefusedStaysOpen() throws {
        try TestFiles.withFolder { folder in
            let strict = try RefusingTenant("number 7.", in: folder)
            let lines = (1...100).map { Payload.complete($0, content: "number \($0).") + "\n" }
            try Folder.write(lines.joined() + "{}\n", folder + "/in.ndjson")
            let arguments = ["in.ndjson", "--ledger", "run.sqlite", "--format", "json", "--dead-letter", "dead.ndjson"]
            for round in 1...2 {
                let run = try strict.tenant.run(arguments, in: folder)
                #expect(run.status == 1, "\(run.errors)")
                let result = try SubmitResult(run)
                let open = 101 - (result["read.finishedEarlier"] ?? 0)
                #expect(result["read.messages"] == 100 && result["read.invalid"] == 1)
                #expect(round == 1 ? open == 101 : open < 20)
                #expect((result["rejected"] ?? 0) + (result["read.rejectedEarlier"] ?? 0) == open - 1 || round == 1)
                #expect(try Folder.text(folder + "/dead.ndjson").contains("\"record\":101"))
                #expect(try Folder.text(folder + "/dead.ndjson").contains("number 7."))
            }
            withExtendedLifetime(strict) {}
        }
    }

    @Test(arguments: ["raw.ndjson", "converted.ndjson"])
    func aPartIsSentAndSomeRefusalsAreAccepted(_ file: String) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            let raw = (1...50).map { Payload.complete($0) + "\n" }.joined()
            try Folder.write(raw, folder + "/raw.ndjson")
            let convert = ["convert", "raw.ndjson", "-o", "converted.ndjson", "-q"]
            try #require(try CommandLineTool.run(convert, folder: folder).status == 0)
            try Folder.write(try Folder.text(folder + "/" + file) + "{}\n{}\n", folder + "/" + file)
            let arguments = [file, "--ledger", "run.sqlite", "--format", "json"]
            let part = try tenant.run(arguments + ["--limit", "20"], in: folder)
            #expect(part.status == 0, "\(part.errors)")
            #expect(try sandbox.summary().accepted == 20)
            let look = try tenant.run(arguments + ["--dry-run", "--max-rejects", "1"], in: folder)
            #expect(look.status == 2, "\(look.errors)")
            let strict = try tenant.run(arguments + ["--max-rejects", "1"], in: folder)
            #expect(strict.status == 2 && strict.errors.contains("than is accepted"), "\(strict.errors)")
            let easy = try tenant.run(arguments + ["--max-rejects", "5%"], in: folder)
            #expect(easy.status == 0, "\(easy.errors)")
            #expect(try sandbox.summary().accepted == 50)
            let sample = try tenant.run(arguments + ["--sample", "5"], in: folder)
            // The other shape, which is none, is in every sample.
            #expect(sample.status == (file == "raw.ndjson" ? 1 : 2), "\(sample.errors)")
        }
    }

    /// What comes from a pipe is there once only.
    @Test func aPipeHasNoPlaceToGoOnFrom() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Folder.write(Payload.complete(1) + "\n", folder + "/in.ndjson")
            for _ in 0..<2 {
                let run = try sandbox.script(
                    """
                    OPTAVE_CLIENT_ID=sandbox OPTAVE_CLIENT_SECRET=sandbox "$TOOL" submit - --ledger run.sqlite \\
                        --format json --rest-url "$REST_URL" --token-url "$TOKEN_URL" <\(folder)/in.ndjson
                    """
                )
                #expect(run.status == 0, "\(run.errors)")
                #expect(run.text.contains("\"finishedEarlier\":0"))
            }
            #expect(try sandbox.summary().accepted == 1)
        }
    }
}
