// `explain --ledger`: a record's life goes on after its conversion.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ExplainLedgerTests {
    /// Converts and submits, with every third answer an error that passes.
    private static func withSubmission(_ body: (_ folder: String) throws -> Void) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(
                ["--fault", "503:30%", "--retry-after", "0", "--seed", "5", "--reply", "mixed"],
                in: folder
            )
            try Folder.write((1...30).map { Payload.complete($0) + "\n" }.joined(), folder + "/in.ndjson")
            let convert = try CommandLineTool.run(
                ["convert", "in.ndjson", "-o", "out.ndjson", "--outcomes", "outcomes", "-q"],
                folder: folder
            )
            try #require(convert.status == 0)
            let submit = try Tenant(sandbox).submit(
                "out.ndjson",
                "--ledger=run.sqlite",
                "--replies=replies.ndjson",
                "--transport=websocket",
                "--ack=completed",
                in: folder
            )
            try #require(submit.status == 0, "\(submit.errors)")
            try body(folder)
        }
    }

    private static func explain(_ arguments: String, in folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["explain"] + arguments.split(separator: " ").map(String.init), folder: folder)
    }

    @Test func attemptsAndRepliesAreTold() throws {
        try Self.withSubmission { folder in
            let everything = "--outcomes outcomes --ledger run.sqlite --replies replies.ndjson"
            var repeated = 0
            for number in 1...30 {
                let run = try Self.explain("\(everything) --thread t-\(number) --format json", in: folder)
                #expect(run.status == 0 && run.errors.isEmpty)
                let outcome = try JSONText(run.text)
                #expect(outcome.text("outcome") == "converted" && outcome.count("submission") == 1)
                let life = "submission.0."
                #expect(outcome.text(life + "state") == "completed" && outcome.text(life + "file") == "out.ndjson")
                let attempts = try #require(outcome.count(life + "attempts"))
                for index in 0..<attempts {
                    let attempt = "\(life)attempts.\(index)."
                    #expect(outcome.number(attempt + "number") == index + 1)
                    #expect(outcome.text(attempt + "startedAt")?.hasSuffix("Z") == true)
                    #expect(outcome.text(attempt + "state") == (index + 1 == attempts ? "completed" : nil))
                }
                if attempts > 1 {
                    repeated += 1
                    #expect(outcome.text(life + "attempts.0.reason")?.isEmpty == false)
                }
                let replies = try #require(outcome.count(life + "replies"))
                #expect(outcome.text("\(life)replies.\(replies - 1).state") == "completed")
                #expect(outcome[life + "replies.0.content"] == nil)
                let text = try Self.explain("\(everything) --request r-\(number)", in: folder)
                #expect(text.text.contains("  submission     request r-\(number): completed, key "))
                #expect(text.text.contains("  attempts       1 in run 1, 20"))
                #expect(text.text.ranges(of: "in run 1, ").count == attempts)
                #expect(text.text.contains(", completed\n"))
            }
            #expect(repeated > 0, "a fault must have struck")
        }
    }

    @Test func aLedgerAloneTellsOfWhatWasSent() throws {
        try Self.withSubmission { folder in
            let both = try Self.explain("--ledger run.sqlite --outcomes outcomes --record 7 --format json", in: folder)
            for subject in [["--record", "7"], ["--thread", "t-7"], ["--request", "r-7"]] {
                let run = try CommandLineTool.run(
                    ["explain", "--ledger", "run.sqlite", "--file", "out.ndjson", "--format", "json"] + subject,
                    folder: folder
                )
                #expect(run.status == 0)
                #expect(both.text.contains("\"submission\":[\(run.text.dropLast())]}"))
            }
            let shown = try Self.explain(
                "--ledger run.sqlite --replies replies.ndjson --show-content --thread t-7",
                in: folder
            )
            #expect(
                shown.text.hasPrefix("record 7 of out.ndjson\n  thread         t-7\n  submission     request r-7: ")
            )
            #expect(shown.text.contains("completed: "))
            #expect(try Self.explain("--ledger run.sqlite --thread nobody", in: folder).status == 1)
            #expect(try Self.explain("--ledger none.sqlite --thread t-7", in: folder).status == 2)
            #expect(try Self.explain("--thread t-7", in: folder).status == 64)
            let wrong = try Self.explain("--ledger run.sqlite --replies out.ndjson --thread t-7", in: folder)
            #expect(wrong.status == 2 && wrong.errors.contains("line 1 of out.ndjson is no reply"))
        }
    }

    @Test func whatWasNeverSubmittedIsSaid() throws {
        try Self.withSubmission { folder in
            try Folder.write(Payload.complete(99) + "\n", folder + "/more.ndjson")
            _ = try CommandLineTool.run(
                ["convert", "more.ndjson", "-o", "/dev/null", "--outcomes", "more", "-q"],
                folder: folder
            )
            let run = try Self.explain("--outcomes more --ledger run.sqlite --record 1", in: folder)
            #expect(run.status == 0)
            #expect(run.text.contains("  submission     the ledger does not know it\n"))
        }
    }
}
