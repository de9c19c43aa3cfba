// `explain` shows of a record what its outcome line says, and nothing else.

import Foundation
import TestSupport
import Testing

@Suite struct ExplainCommandTests {
    /// Converts records of several fates and leaves their outcomes in the folder.
    private static func withOutcomes(_ body: (_ folder: String, _ lines: [String]) throws -> Void) throws {
        try TestFiles.withFolder { folder in
            let long = String(repeating: "all work and no play ", count: 15_000)
            let split =
                #"{"session":{"session_id":"s"},"request":{"connections":{"thread_id":"t-long"},"context":"#
                + #"{"organization_id":"o"},"scope":{"conversations":[{"role":"user","content":"\#(long)"}]}}}"#
            try Folder.write([Payload.complete(), "[]", split].joined(separator: "\n"), folder + "/a.ndjson")
            try Folder.write(Payload.complete() + "\n", folder + "/b.ndjson")
            let run = try CommandLineTool.run(
                ["convert", "a.ndjson", "b.ndjson", "--outcomes", "outcomes", "-q", "--max-findings", "0"],
                folder: folder
            )
            try #require(run.status == 1)
            try body(folder, try Folder.text(folder + "/outcomes").split(separator: "\n").map(String.init))
        }
    }

    private static func explain(_ arguments: [String], _ folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["explain", "--outcomes", "outcomes"] + arguments, folder: folder)
    }

    @Test func jsonIsTheOutcomeLine() throws {
        try Self.withOutcomes { folder, lines in
            try #require(lines.count == 4)
            for (arguments, expected) in [
                (["--record", "2"], [1]), (["--thread", "t-1"], [0, 3]), (["--request", "r-1"], [0, 3]),
                (["--record", "1", "--file", "b.ndjson"], [3]), (["--thread", "t-long"], [2]),
            ] {
                let run = try Self.explain(arguments + ["--format", "json"], folder)
                #expect(run.status == 0 && run.errors.isEmpty)
                #expect(run.text == expected.map { lines[$0] + "\n" }.joined(), "\(arguments)")
            }
        }
    }

    @Test func textTellsTheWholeLife() throws {
        try Self.withOutcomes { folder, lines in
            let converted = try Self.explain(["--request", "r-1", "--file", "a.ndjson"], folder)
            let size = try #require(try JSONText(lines[0]).number("outputs.0.bytes"))
            let expected = """
                record 1 of a.ndjson, bytes 0 to \(Payload.complete().utf8.count)
                  outcome        converted
                  read           as generation v3.1
                  thread         t-1
                  participants   user p-1, by given: the source's own id, as it is
                  interaction    request r-1, number 0 of the output, \(size) bytes

                """
            #expect(converted.text == expected)
            let rejected = try Self.explain(["--record", "2"], folder)
            #expect(rejected.text.contains("outcome        rejected\n"))
            #expect(rejected.text.contains("error not-an-object: a record must be a JSON object"))
            let split = try Self.explain(["--thread", "t-long"], folder)
            let parts = try #require(try JSONText(lines[2]).count("outputs"))
            #expect(parts > 2)
            #expect(split.text.contains("parts          1 of \(parts): request "))
            #expect(split.text.contains("               \(parts) of \(parts): request "))
            #expect(split.text.contains("note record-split"))
            #expect(!split.text.contains("all work"))
        }
    }

    @Test func everyOutcomeOfTheSamplesIsFoundAndReadBack() throws {
        try TestFiles.withFolder { folder in
            let run = try CommandLineTool.run(
                ["convert", TestFiles.package + "/samples/slack", TestFiles.package + "/samples/zendesk-support"]
                    + ["--outcomes", "outcomes", "--organization-id", "o", "-q", "--max-findings", "0"],
                folder: folder
            )
            try #require(run.status < 2)
            let lines = try Folder.text(folder + "/outcomes").split(separator: "\n")
            #expect(lines.count >= 4)
            for line in lines {
                let outcome = try JSONText(line)
                let record = try #require(outcome.number("record"))
                let file = try #require(outcome.text("file"))
                let found = try Self.explain(["--record", "\(record)", "--file", file, "--format", "json"], folder)
                #expect(found.text.split(separator: "\n").contains(line))
            }
        }
    }

    @Test func whatCannotBeFoundOrReadSaysSo() throws {
        try Self.withOutcomes { folder, lines in
            for (arguments, status, words) in [
                (["--thread", "nobody"], 1, "has the thread 'nobody'"), (["--record", "9"], 1, "the record number 9"),
                (["--record", "1", "--file", "c.ndjson"], 1, "the record number 1"), ([], 64, "Name one of"),
                (["--thread", "a", "--record", "1"], 64, "Name one of"),
            ] {
                let run = try Self.explain(arguments, folder)
                #expect(run.status == status && run.errors.contains(words), "\(arguments): \(run.errors)")
                #expect(run.output.isEmpty)
            }
            for text in ["{}", "not json", #"{"schemaVersion":2}"#, lines[0].replacing("v3.1\"", with: "v9\"")] {
                try Folder.write(text + "\n", folder + "/outcomes")
                let run = try Self.explain(["--record", "1"], folder)
                let isStillRead = text.hasPrefix("{\"schemaVersion\":1")
                #expect(run.status == (isStillRead ? 0 : 2), "\(text): \(run.errors)")
            }
            try Folder.write("", folder + "/outcomes")
            #expect(try Self.explain(["--record", "1"], folder).status == 1)
            #expect(try CommandLineTool.run(["explain", "--outcomes", "nothing", "--record", "1"]).status == 2)
        }
    }

    @Test func standardInputIsRead() throws {
        try Self.withOutcomes { folder, lines in
            let run = try CommandLineTool.run(
                ["explain", "--outcomes", "-", "--thread", "t-1", "--format", "json"],
                input: Array(lines.joined(separator: "\n").utf8)
            )
            #expect(run.text == lines[0] + "\n" + lines[3] + "\n")
        }
    }
}
