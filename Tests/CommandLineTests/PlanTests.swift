// Plans: what holds is converted, what has changed is refused and named.

import Foundation
import TestSupport
import Testing

@Suite struct PlanTests {
    /// A folder with an input, a table of people and a profile, and what converts it.
    private static let arguments = [
        "convert", "in.ndjson", "--organization-id", "org_1", "--participants", "people.csv",
    ]

    private static func prepare(_ folder: String) throws {
        let records = (1...30).map { Payload.complete($0) } + ["{}", Payload.large()]
        try Folder.write(records.joined(separator: "\n") + "\n", folder + "/in.ndjson")
        try Folder.write("sourceKey,displayName\np-1,Ada L.\n", folder + "/people.csv")
    }

    private static func run(_ arguments: [String], _ folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(arguments + ["--max-findings", "0"], folder: folder)
    }

    @Test func aPlanThatHoldsIsConverted() throws {
        try TestFiles.withFolder { folder in
            try Self.prepare(folder)
            #expect(try Self.run(Self.arguments + ["--dry-run", "--plan", "plan"], folder).status == 1)
            let run = try Self.run(Self.arguments + ["--plan", "plan", "--check", "-o", "out.ndjson"], folder)
            #expect(run.status == 1, "one record is rejected, as in the plan")
            let planned = try JSONText.lines(Folder.text(folder + "/plan"))
            let outcomes = planned.filter { $0["outcome"] != nil }
            #expect(outcomes.count == 32)
            let ids = outcomes.flatMap { $0["requestIds"] as? [String] ?? [] }
            let written = try JSONText.lines(Folder.text(folder + "/out.ndjson"))
            #expect(written.map { $0.text("request.requestId") } == ids)
            let check = Self.arguments + ["--plan", "plan", "--check", "--dry-run", "--jobs", "1"]
            #expect(try Self.run(check, folder).text.contains("nothing differs from the plan"))
            let text = try Folder.text(folder + "/plan")
            for word in ["Hello", "word", "Ada"] { #expect(!text.contains(word), "\(word) is in the plan") }
        }
    }

    /// Each change is refused, nothing is written, and exactly what has changed is named.
    @Test(
        arguments: [
            ("input", "input in.ndjson: it has changed", true),
            ("crosswalk", "participants (--participants): they have changed", true),
            ("option", "option --oversize: split in the plan, reject now", true),
            ("tool", "tool version: 0.0.1 in the plan, ", false),
            ("touched", "input in.ndjson: it has changed", false),
        ]
    )
    func whatHasChangedIsRefused(change: String, message: String, changesOutput: Bool) throws {
        try TestFiles.withFolder { folder in
            try Self.prepare(folder)
            _ = try Self.run(Self.arguments + ["--dry-run", "--plan", "plan"], folder)
            var arguments = Self.arguments
            switch change {
            case "input":
                let text = try Folder.text(folder + "/in.ndjson").replacing("t-7\"", with: "t-seven\"")
                try Folder.write(text, folder + "/in.ndjson")
            case "touched": try Folder.write(try Folder.text(folder + "/in.ndjson") + "\n", folder + "/in.ndjson")
            case "crosswalk": try Folder.write("sourceKey,displayName\np-1,A. L.\n", folder + "/people.csv")
            case "option": arguments += ["--oversize", "reject"]
            default:
                let text = try Folder.text(folder + "/plan").replacing(/"tool":"[^"]+"/, with: "\"tool\":\"0.0.1\"")
                try Folder.write(text, folder + "/plan")
                // A plan of another version has another digest at its end; that is not what is looked at here.
                try Self.reseal(folder + "/plan")
            }
            let run = try Self.run(arguments + ["--plan", "plan", "--check", "-o", "out.ndjson"], folder)
            #expect(run.status == 1, "\(run.errors)")
            let lines = run.errors.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(lines.filter { $0.hasPrefix(message) }.count == 1, "\(run.errors)")
            let others = lines.dropFirst().filter { !$0.hasPrefix(message) }
            #expect(others.count == (changesOutput ? 1 : 0), "\(run.errors)")
            if change == "input" {
                let records = "records: the outputs of 1 differ from the plan, the first one of in.ndjson, record 7"
                #expect(others.first == records, "\(run.errors)")
            }
            #expect(!Folder.exists(folder + "/out.ndjson"))
            #expect(try Folder.partials(folder).isEmpty)
        }
    }

    @Test func aProfileThatHasChangedIsRefused() throws {
        try TestFiles.withFolder { folder in
            let shown = try CommandLineTool.run(["profiles", "show", "generic-csv"]).text
            try Folder.write(shown, folder + "/ours.yaml")
            let sample = TestFiles.package + "/samples/generic-csv/pass/common-names/input.csv"
            let arguments =
                ["convert", sample, "--organization-id", "o", "--timezone", "UTC"] + ["--profile", "ours.yaml"]
            let plan = try Self.run(arguments + ["--dry-run", "--plan", "plan"], folder)
            try #require(plan.status == 0, "\(plan.errors)")
            try Folder.write(shown + "\n# changed\n", folder + "/ours.yaml")
            let run = try Self.run(arguments + ["--plan", "plan", "--check", "-o", "out.ndjson"], folder)
            #expect(run.status == 1)
            #expect(run.errors.contains("  profile generic-csv: it has changed\n"), "\(run.errors)")
            #expect(!Folder.exists(folder + "/out.ndjson"))
        }
    }

    @Test func inputsThatCameOrWent() throws {
        try TestFiles.withFolder { folder in
            let inputs = folder + "/in"
            try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: true)
            try Folder.write(Payload.complete(1), inputs + "/a.ndjson")
            try Folder.write(Payload.complete(2), inputs + "/b.ndjson")
            _ = try Self.run(["convert", "in", "--dry-run", "--plan", "plan"], folder)
            try FileManager.default.moveItem(atPath: inputs + "/b.ndjson", toPath: inputs + "/c.ndjson")
            let run = try Self.run(["convert", "in", "--plan", "plan", "--check", "--dry-run"], folder)
            #expect(run.status == 1)
            #expect(run.text.contains("input in/b.ndjson: it is in the plan and not here"), "\(run.text)")
            #expect(run.text.contains("input in/c.ndjson: it is not in the plan"), "\(run.text)")
        }
    }

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"] != nil,
            "INTERACTION_MIGRATE_PYTHON must name a Python with the package jsonschema; Tests/run sets it"
        )
    )
    func everyLineIsOfTheSchema() throws {
        try TestFiles.withFolder { folder in
            try Self.prepare(folder)
            let more = ["--redact", "cards", "--limit", "40"]
            _ = try Self.run(Self.arguments + ["--dry-run", "--plan", "plan"] + more, folder)
            let lines = try Folder.text(folder + "/plan").split(separator: "\n").map(String.init)
            try #require(lines.count == 35)
            let unnamed = lines[0].replacing("\"crosswalk\"", with: "\"people\"")
            let broken = [unnamed, lines[1].dropLast() + ",\"text\":\"x\"}"]
            try ReportTests.expectVerdicts("plan", lines.map { ($0, true) } + broken.map { ($0, false) })
        }
    }

    @Test func plansThatCannotBeUsed() throws {
        try TestFiles.withFolder { folder in
            try Self.prepare(folder)
            _ = try Self.run(Self.arguments + ["--dry-run", "--plan", "plan"], folder)
            let text = try Folder.text(folder + "/plan")
            let check = Self.arguments + ["--plan", "broken", "--check", "-o", "out.ndjson"]
            for (broken, reason) in [
                (String(text.dropLast(40)), "is not complete"), ("{}\n", "is no plan"), ("", "is not complete"),
                (text.replacing("\"plan\":1", with: "\"plan\":2"), "is a plan of form 2"),
                (
                    text.replacing("\"threadId\":\"t-3\"", with: "\"threadId\":\"t-9\""),
                    "was changed after it was written"
                ),
            ] {
                try Folder.write(broken, folder + "/broken")
                let run = try Self.run(check, folder)
                #expect(run.status == 2, "\(run.errors)")
                #expect(run.errors.contains(reason), "\(run.errors)")
                #expect(!Folder.exists(folder + "/out.ndjson"))
            }
            let pipe = try CommandLineTool.run(["convert", "--dry-run", "--plan", "p"], folder: folder)
            #expect(pipe.status == 2)
            #expect(pipe.errors.contains("can be read only once"))
        }
    }

    /// Gives a changed plan the digest that it would have had.
    private static func reseal(_ path: String) throws {
        let script = """
            import hashlib, json, sys
            lines = open(sys.argv[1], "rb").read().splitlines(keepends=True)
            end = json.loads(lines[-1])
            end["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
            lines[-1] = (json.dumps(end, separators=(",", ":")) + "\\n").encode()
            open(sys.argv[1], "wb").write(b"".join(lines))
            """
        let run = try Shell.run("/usr/bin/python3 -c '\(script)' '\(path)'", folder: "/tmp")
        try #require(run.status == 0, "\(run.text)")
    }
}
