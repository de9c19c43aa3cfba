// `convert` as its users meet it: what it prints, what it writes, how it ends.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ConvertCommandTests {
    /// One record that is converted, one that is not, one that is something else.
    private static let mixed = """
        \(Payload.complete())
        {"no":"payload"}
        {"action":"message","headers":{"action":"feedback"},"payload":{"session":{},"request":{}}}

        """

    @Test
    func anEmptyInputIsFine() throws {
        try TestFiles.withFolder { folder in
            for text in ["", "\n \n"] {
                let piped = try CommandLineTool.run(["convert"], input: Array(text.utf8))
                #expect(piped.status == 0)
                #expect(piped.output.isEmpty)
                for name in ["empty.json", "empty.ndjson", "empty.txt"] {
                    try Folder.write(text, "\(folder)/\(name)")
                    let run = try CommandLineTool.run(["convert", name, "-o", "result"], folder: folder)
                    #expect(run.status == 0)
                    #expect(run.output.isEmpty)
                    #expect(run.errors.hasPrefix("0 records: 0 converted, 0 rejected"))
                    #expect(try Folder.text(folder + "/result").isEmpty)
                }
            }
        }
    }

    @Test(arguments: ["convert", "validate"])
    func aFolderOrPatternWithoutFilesIsAnError(command: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write("irrelevant", folder + "/notes.txt")
            for name in [".", "*.json"] {
                let run = try CommandLineTool.run([command, name], folder: folder)
                #expect(run.status == 2)
                #expect(run.errors.hasPrefix("error: '\(name)' matches no file"))
                #expect(run.output.isEmpty)
            }
        }
    }

    @Test
    func filesThatCannotBeReadLeaveTheOthers() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(1), folder + "/a.json")
            try Folder.write(Payload.complete(2), folder + "/c.json")
            let run = try CommandLineTool.run(["convert", "a.json", "b.json", "c.json"], folder: folder)
            #expect(run.status == 2)
            #expect(try JSONText.lines(run.text).map { $0.text("request.requestId") } == ["r-1", "r-2"])
            #expect(run.errors.contains("'b.json' cannot be opened (No such file or directory)"))
            #expect(run.errors.contains("2 records: 2 converted, 0 rejected"))
            let check = try CommandLineTool.run(["validate", "b.json"], folder: folder)
            #expect(check.status == 2)
            #expect(check.text.contains("'b.json' cannot be opened (No such file or directory)"))
        }
    }

    private static let mayRunAsNobody = getuid() != 0 || FileManager.default.fileExists(atPath: "/usr/bin/setpriv")

    @Test(.enabled(if: mayRunAsNobody, "root reads everything, and setpriv, which would make it nobody, is not there"))
    func aFileThatMayNotBeReadLeavesTheOthers() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(1), folder + "/a.json")
            try Folder.write(Payload.complete(2), folder + "/b.json")
            chmod(folder + "/a.json", 0)
            chmod(folder, 0o755)
            // Where nobody may run it, wherever the build lies.
            try FileManager.default.copyItem(atPath: CommandLineTool.path, toPath: folder + "/tool")
            let nobody = getuid() == 0 ? "setpriv --reuid=65534 --clear-groups " : ""
            let run = try ShellScript.run("\(nobody)./tool convert .", in: folder)
            #expect(run.status == 2)
            #expect(run.errors.contains("'./a.json' cannot be opened (Permission denied); check the path"))
            #expect(try JSONText.lines(run.text).map { $0.text("request.requestId") } == ["r-2"])
        }
    }

    @Test
    func oneOutcomeForEachRecord() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.mixed, folder + "/in.ndjson")
            let run = try CommandLineTool.run(
                ["convert", "in.ndjson", "--outcomes", "outcomes", "--rejects", "rejects"],
                folder: folder
            )
            #expect(run.status == 1)
            let lines = try Folder.text(folder + "/outcomes").split(separator: "\n")
            try #require(lines.count == 3)
            let end = Payload.complete().utf8.count
            let size = run.text.split(separator: "\n")[0].utf8.count
            let first = """
                {"schemaVersion":1,"file":"in.ndjson","record":1,"bytes":[0,\(end)],"outcome":"converted",\
                "generation":"v3.1","profile":null,"records":1,"threadId":"t-1",\
                "outputs":[{"index":0,"requestId":"r-1","bytes":\(size)}],\
                "participants":[{"participantId":"p-1","role":"user","rule":"given"}],"findings":[]}
                """
            #expect(lines[0] == first)
            let second = try JSONText(lines[1])
            #expect(second.number("bytes.0") == end + 1)
            #expect(second.number("bytes.1") == end + 17)
            #expect(second.text("outcome") == "rejected")
            #expect(second["generation"] is NSNull)
            #expect(second["threadId"] is NSNull)
            #expect(second.count("outputs") == 0)
            #expect(second.codes == ["unknown-shape"])
            #expect(
                second.keys("findings.0") == [
                    "code", "column", "file", "line", "message", "offset", "path", "record", "remedy", "severity",
                    "stage",
                ]
            )
            #expect(second.number("findings.0.line") == 2)
            let third = try JSONText(lines[2])
            #expect(third.text("outcome") == "skipped")
            #expect(third.codes == ["other-message"])
            #expect(try Folder.text(folder + "/rejects") == "{\"no\":\"payload\"}\n")
        }
    }

    @Test
    func rejectedBytesStayAsTheyAre() throws {
        let odd = Array("{\"a\": 1.0,   \"\\u0041\":\"\u{0}\"} \r\n [1 ,2]\t\nbro\u{FEFF}ken".utf8) + [0xFF, 0x0A]
        try TestFiles.withFolder { folder in
            try Data(odd).write(to: URL(fileURLWithPath: folder + "/odd.ndjson"))
            let run = try CommandLineTool.run(["convert", "odd.ndjson", "--rejects", "rejects"], folder: folder)
            #expect(run.status == 1)
            #expect(run.output.isEmpty)
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/rejects"))) == odd)
        }
    }

    @Test
    func theReportBalances() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.mixed, folder + "/in.ndjson")
            _ = try CommandLineTool.run(["convert", "in.ndjson", "missing", "--report", "r.json"], folder: folder)
            let report = try JSONText(Folder.text(folder + "/r.json"))
            #expect(report["balanced"] as? Bool == true)
            #expect(report.number("interactions") == 1)
            #expect(report.number("generations.unrecognized") == 2)
            #expect(report.number("books.records.dropped.other-message") == 1)
            let levels = report.keys("books")
            #expect(levels == ["conversations", "files", "messages", "participants", "records", "sourceFields"])
            for level in levels {
                let parts = ["mapped", "moved", "kept", "rejected"].map { report.number("books.\(level).\($0)") ?? -99 }
                let rules = report.keys("books.\(level).dropped")
                let dropped = rules.map { report.number("books.\(level).dropped.\($0)") ?? -99 }
                #expect(report.number("books.\(level).in") == (parts + dropped).reduce(0, +), "\(level)")
            }
            #expect(report.number("books.records.in") == 3)
            #expect(report.number("books.files.rejected") == 1)
            // The field ledger counts every leaf of the source once.
            let fields = (0..<(report.count("fields") ?? 0)).map { report.number("fields.\($0).count") ?? -99 }
            #expect(report.number("books.sourceFields.in") == fields.reduce(0, +))
        }
    }

    @Test
    func findingsForMachines() throws {
        let run = try CommandLineTool.run(["convert", "--format", "json"], input: Array(Self.mixed.utf8))
        let lines = try JSONText.lines(run.errors)
        #expect(lines.map { $0.text("code") } == ["unknown-shape", "other-message", nil])
        #expect(lines[0].text("file") == "-")
        #expect(lines[2].number("records") == 3)
        #expect(lines[2].number("converted") == 1)
        #expect(lines[2].number("rejected") == 1)
        #expect(lines[2].number("skipped") == 1)
        #expect(lines[2]["balanced"] as? Bool == true)
    }

    @Test
    func quietMeansErrorsOnly() throws {
        let derived = Payload.old(#","client":{"organization_ID":"org_1"}"#)
        let loud = try CommandLineTool.run(["convert"], input: Array(derived.utf8))
        #expect(loud.errors.contains("warning:"))
        #expect(loud.errors.contains("1 × thread-derived"))
        let quiet = try CommandLineTool.run(["convert", "-q"], input: Array(derived.utf8))
        #expect(quiet.errors.isEmpty)
        #expect(quiet.output == loud.output)
        let rejected = try CommandLineTool.run(["convert", "-q"], input: Array(Self.mixed.utf8))
        #expect(rejected.errors.split(separator: "\n").count == 1)
        #expect(rejected.errors.hasPrefix("-:2:1: error: "))
    }

    @Test
    func onlySoManyFindingsAreShown() throws {
        let broken = Array(String(repeating: "x\n", count: 50).utf8)
        let run = try CommandLineTool.run(["convert", "--input", "ndjson", "--max-findings", "3"], input: broken)
        #expect(run.errors.split(separator: "\n").filter { $0.contains("[invalid-json]") }.count == 3)
        #expect(run.errors.contains("… and 47 more findings; --outcomes FILE has all of them"))
    }

    @Test(arguments: [
        ["--jobs", "0"], ["--jobs", "two"], ["--bogus"], ["--output", "files"], ["--output-dir", "x"],
        ["--output", "xml"], ["--form", "soap"], ["--input", "xml"], ["--role", "Boss"], ["--role", "Boss=chief"],
        ["--thread-from", "derived,a"], ["--thread-from", "a,,b"], ["--organization-id", " "], ["--tenant-id", "\t"],
        ["--outcomes", "-"], ["-o", "f", "--rejects", "./f"], ["-", "-"], ["--max-record-bytes", "10"],
        ["--max-findings", "-1"], ["--oversize", "shrink"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let run = try CommandLineTool.run(["convert"] + arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("Error: "))
        #expect(run.errors.contains("Usage: interaction-migrate convert"))
    }

    @Test
    func coloursOnlyWhereTheyHelp() throws {
        let escape = "\u{1B}["
        try TestFiles.withFolder { folder in
            try Folder.write(Self.mixed, folder + "/in.ndjson")
            let plain = try CommandLineTool.run(["convert", "in.ndjson"], folder: folder)
            #expect(!plain.errors.contains(escape))
            guard FileManager.default.fileExists(atPath: "/usr/bin/script") else { return }
            // A terminal of its own; what the tool draws comes out on standard output.
            let drawn = { (setting: String, options: String) in
                try ShellScript.run(
                    "\(setting) script -qec '$TOOL convert \(options) in.ndjson > /dev/null' /dev/null",
                    in: folder
                ).text
            }
            #expect(try drawn("env -u NO_COLOR TERM=xterm", "").contains(escape + "31merror:"))
            #expect(try !drawn("NO_COLOR=1 TERM=xterm", "-q").contains(escape))
            #expect(try !drawn("env -u NO_COLOR TERM=dumb", "-q").contains(escape))
            #expect(try !drawn("NO_COLOR=1 TERM=xterm", "").contains(escape + "31m"))
        }
    }

    @Test
    func jobsDoNotChangeTheBytes() throws {
        try TestFiles.withFolder { folder in
            let text = (1...3000).map { ($0 % 7 == 0 ? "{\"broken\":" : Payload.complete($0)) + "\n" }.joined()
            try Folder.write(text, folder + "/in.ndjson")
            for jobs in ["1", "4"] {
                let files = "-o out\(jobs) --outcomes outcomes\(jobs) --rejects rejects\(jobs) --report report\(jobs)"
                let run = try ShellScript.run("$TOOL convert in.ndjson --jobs \(jobs) \(files)", in: folder)
                #expect(run.status == 1)
            }
            for name in ["out", "outcomes", "rejects", "report"] {
                #expect(try Folder.text("\(folder)/\(name)1") == Folder.text("\(folder)/\(name)4"), "\(name)")
                #expect(Folder.size("\(folder)/\(name)1") > 0)
            }
        }
    }
}
