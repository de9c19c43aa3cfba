// The sample that calls the library, built as its own package and run on a real file.

import Foundation
import TestSupport
import Testing

@Suite struct EtlSampleTests {
    private static let sample = TestFiles.package + "/.build/debug/etl"

    /// Built once for all tests, with what the package's own build has compiled; no other build runs beside tests.
    private static let build = Result {
        try Shell.run(
            "swift build --package-path samples/etl --scratch-path .build --ignore-lock",
            folder: TestFiles.package
        )
    }

    private static func requireSample() throws {
        let run = try build.get()
        try #require(run.status == 0, "\(run.text)")
    }

    /// Every way to read gives the counts that the command line gives, and cancelling ends the reading early.
    @Test(.timeLimit(.minutes(30)))
    func theSampleDoesWhatTheCommandDoes() throws {
        try Self.requireSample()
        try TestFiles.withFolder { folder in
            let archive = Self.archive(records: 4000)
            try archive.write(toFile: folder + "/archive.ndjson", atomically: true, encoding: .utf8)
            let arguments = ["convert", "archive.ndjson", "--organization-id", "org_1", "--form", "websocket"]
            let command = try CommandLineTool.run(arguments + ["--max-findings", "0"], folder: folder)
            try #require(command.status == 1, "\(command.errors)")
            let summary = "4002 records: 4000 converted, 1 rejected, 1 skipped; 4000 Interactions written"
            #expect(command.errors.contains(summary), "\(command.errors)")

            let run = try Shell.run("'\(Self.sample)' archive.ndjson org_1", folder: folder)
            try #require(run.status == 0, "\(run.text)")
            let lines = run.text.split(separator: "\n").map(String.init)
            try #require(lines.count == 4, "\(run.text)")
            // Each Interaction is a line of the command's output, without its line feed.
            let bytes = command.output.count - 4000
            let counts = "4000 converted, 1 rejected, 1 skipped, 4000 Interactions of \(bytes) bytes role-unknown=1"
            #expect(Array(lines[..<3]) == ["file: \(counts)", "memory: \(counts)", "stream: \(counts)"])

            let cancelled = try #require(lines[3].firstMatch(of: /cancelled after (\d+) records/))
            let seen = try #require(Int(cancelled.1))
            #expect(seen > 0 && seen < 2000, "a batch is about 256 KiB of \(archive.utf8.count) bytes")
        }
    }

    /// Dry run, plan and report of the library: the counts of the command, and a plan that holds until something changes.
    @Test(.timeLimit(.minutes(30)))
    func theSampleLooksFirst() throws {
        try Self.requireSample()
        try TestFiles.withFolder { folder in
            try Self.archive(records: 50).write(toFile: folder + "/a.ndjson", atomically: true, encoding: .utf8)
            let preview = "'\(Self.sample)' --preview plan a.ndjson org_1"
            let made = try Shell.run(preview, folder: folder)
            let lines = made.text.split(separator: "\n").map(String.init)
            try #require(made.status == 0 && lines.count == 4, "\(made.text)")
            #expect(lines[0] == "dry run: 50 of 52 records, 50 Interactions")
            #expect(lines[1].contains("role-unknown=1"))
            #expect(lines[2] == "report: balanced true, as JSON")
            let bytes = try #require(lines[3].wholeMatch(of: /bytes: (\d+) of (\d+)/))
            #expect(bytes.1 == bytes.2)
            #expect(try Shell.run(preview, folder: folder).text == "the plan holds for 50 Interactions\n")
            let other = try Shell.run("'\(Self.sample)' --preview plan a.ndjson org_2", folder: folder)
            #expect(other.text.contains("option --organization-id: org_1 in the plan, org_2 now"), "\(other.text)")
        }
    }

    /// The library's comparison counts what the command counts.
    @Test(.timeLimit(.minutes(30)))
    func theSampleComparesConversions() throws {
        try Self.requireSample()
        try TestFiles.withFolder { folder in
            try Self.archive(records: 50).write(toFile: folder + "/a.ndjson", atomically: true, encoding: .utf8)
            for (organization, output) in [("org_1", "old"), ("org_2", "new")] {
                let arguments = ["convert", "a.ndjson", "--organization-id", organization, "-o", output + ".ndjson"]
                try #require(CommandLineTool.run(arguments, folder: folder).status == 1)
            }
            let run = try Shell.run("'\(Self.sample)' --changes old.ndjson new.ndjson", folder: folder)
            try #require(run.status == 0, "\(run.text)")
            let lines = run.text.split(separator: "\n").map(String.init)
            #expect(lines.first == "0 equal, 50 changed, 0 added, 0 removed", "\(run.text)")
            #expect(
                lines.contains { $0.contains("request.context.organizationId") && $0.hasSuffix("in 50 Interactions") },
                "\(run.text)"
            )
            let same = try Shell.run("'\(Self.sample)' --changes old.ndjson old.ndjson", folder: folder)
            #expect(same.text == "50 equal, 0 changed, 0 added, 0 removed\n", "\(same.text)")
        }
    }

    /// The sample says so when a file is not there, instead of counting nothing.
    @Test(.timeLimit(.minutes(30)))
    func aMissingFileIsAFailure() throws {
        try Self.requireSample()
        try TestFiles.withFolder { folder in
            let missing = try Shell.run("'\(Self.sample)' nothing-here.ndjson", folder: folder)
            #expect(missing.status == 2)
            #expect(missing.text.contains("nothing-here.ndjson"), "\(missing.text)")
            let usage = try Shell.run("'\(Self.sample)'", folder: folder)
            #expect(usage.status == 64)
        }
    }

    /// Convertible records of v3.1, with one that is refused and one that is another message among them.
    private static func archive(records: Int) -> String {
        var lines = (0..<records).map { number in
            """
            {"session":{"session_id":"s\(number)"},"request":{"request_id":"r\(number)","connections":{"thread_id":\
            "t\(number)"},"scope":{"conversations":[{"participant_id":"p\(number % 17)","display_name":"Ann","role":\
            "EndUser","content":"Grüße \(number) 👋","timestamp":"2025-08-05T10:00:00Z"}]}}}
            """
        }
        lines.insert(#"{"session":{"user_perspective":[{"role":"Concierge","content":"?"}]}}"#, at: 7)
        lines.insert(#"{"session":{"trace_session_ID":"x"},"request":{"action":"feedback"}}"#, at: min(99, lines.count))
        return lines.joined(separator: "\n") + "\n"
    }
}
