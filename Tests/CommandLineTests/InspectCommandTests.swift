// `inspect`: what an input is, what a conversion would make of it, and the command to run.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct InspectCommandTests {
    private static let table = """
        conversation,time,sender,role,text
        c1,2025-03-30 09:15,Ann,customer,Where is my parcel?
        c1,2025-03-30 09:17,Bob,agent,On its way to 10115 Berlin.
        c2,2025-03-31 09:17,Cem,customer,

        """

    /// Inspects a text under a name.
    private static func inspect(_ text: String, _ arguments: [String] = [], name: String = "input") throws -> JSONText {
        try TestFiles.withFolder { folder in
            try Folder.write(text, "\(folder)/\(name)")
            let run = try CommandLineTool.run(["inspect", name, "--format", "json"] + arguments, folder: folder)
            return try JSONText(run.text)
        }
    }

    private static func inspect(sample: String, _ arguments: [String] = []) throws -> JSONText {
        let path = "\(TestFiles.package)/samples/\(sample)"
        return try JSONText(CommandLineTool.run(["inspect", path, "--format", "json"] + arguments).text)
    }

    private static func paths(_ json: JSONText, _ list: String) -> [String] {
        (0..<(json.count(list) ?? 0)).compactMap { (json["\(list).\($0).paths"] as? [String])?.joined(separator: "|") }
    }

    // MARK: Kinds of input

    @Test func aTable() throws {
        let json = try Self.inspect(Self.table)
        #expect(json["formats"] as? [String] == ["generic-csv"])
        #expect(json["known"] as? Bool == true)
        #expect(json.text("container") == "file")
        #expect(json.text("files.0.syntax") == "table")
        #expect(json.text("files.0.encoding") == "UTF-8")
        #expect(json.text("files.0.dialect.delimiter") == ",")
        #expect(json.number("files.0.dialect.columns") == 5)
        #expect(json["files.0.dialect.header"] as? Bool == true)
        #expect(Self.paths(json, "files.0.evidence") == ["text", "role|sender", "conversation", "time"])
        #expect(json.number("records") == 3)
        #expect(json.number("conversations") == 2)
        #expect(json.number("messages") == 3)
        #expect(json["times"] is NSNull)
        // An empty cell is nothing, which makes two shapes of three rows.
        #expect(json.count("shapes") == 2)
        #expect(json.number("shapes.0.records") == 2)
        #expect(
            json.text("shapes.0.structure") == "{conversation: text, time: text, sender: text, role: text, text: text}"
        )
        #expect(json.text("shapes.0.example.text") == "xxxxx xx xx xxxxxx?")
        #expect(json.text("shapes.0.example.time") == "9999-99-99 99:99")
        #expect(json.text("shapes.1.structure") == "{conversation: text, time: text, sender: text, role: text}")
    }

    @Test func optionsAreTakenAndProposed() throws {
        let asked = try Self.inspect(Self.table, name: "my chats.csv")
        #expect(
            asked.text("command")
                == "interaction-migrate convert 'my chats.csv' --organization-id ID --timezone ZONE -o interactions.ndjson"
        )
        #expect((0..<2).map { asked.text("advice.\($0).option") } == ["--organization-id", "--timezone"])
        let given = try Self.inspect(Self.table, ["--organization-id", "o", "--timezone", "Europe/Berlin"])
        #expect(given.count("advice") == 0)
        #expect(given.text("times.first") == "2025-03-30T07:15:00Z")
        #expect(given.text("times.last") == "2025-03-31T07:17:00Z")
        #expect(
            given.text("command") == "interaction-migrate convert input --organization-id o --timezone Europe/Berlin"
                + " -o interactions.ndjson"
        )
        let roles = (0..<(given.count("senders") ?? 0)).compactMap { given.text("senders.\($0).role") }
        #expect(roles == ["operator", "user"])
        #expect(given.number("senders.1.people") == 2)
    }

    @Test func aDialect() throws {
        let json = try Self.inspect(Self.table.replacingOccurrences(of: ",", with: ";"))
        #expect(json.text("files.0.dialect.delimiter") == ";")
        let latin = Array("conversation\ttime\tsender\ttext\nc\t2025-03-30T09:15:00Z\tJ".utf8) + [0xF6]
        let bytes = latin + Array("rg\tHi\n".utf8)
        let run = try CommandLineTool.run(["inspect", "--format", "json"], input: bytes)
        let other = try JSONText(run.text)
        #expect(other.text("container") == "standard-input")
        #expect(other.text("files.0.encoding") == "Windows-1252")
        #expect(other.text("files.0.dialect.delimiter") == "\t")
    }

    @Test func markup() throws {
        let json = try Self.inspect(sample: "adium/pass/chat/input.xml")
        #expect(json["formats"] as? [String] == ["adium"])
        #expect(json.text("files.0.syntax") == "xml")
        #expect(Self.paths(json, "files.0.evidence").contains("@sender"))
        #expect(json.text("times.first") == "2008-01-15T09:00:00Z")
        #expect((json.number("messages") ?? 0) > 0)
    }

    @Test func legacyPayloads() throws {
        let line = """
            {"session":{"user_perspective":[{"role":"EndUser","content":"Hi"},{"role":"Concierge","content":"Ho"}]}}

            """
        let json = try Self.inspect(line + line + #"{"extra":1}"# + "\n")
        #expect(json["formats"] as? [String] == ["v2.0"])
        #expect(Self.paths(json, "files.0.evidence") == ["session.user_perspective"])
        #expect(json.number("records") == 3)
        #expect(json.number("rejected") == 3)
        #expect(json.number("shapes.0.records") == 2)
        #expect(json.text("shapes.0.structure") == "{session: {user_perspective: [{role: text, content: text}]}}")
        #expect(json.text("command")?.contains(" --role Concierge=ROLE ") == true)
        let structured = try Self.inspect(sample: "v3.1/pass/ticket/input.json")
        #expect(structured["formats"] as? [String] == ["v3.1"])
        #expect((structured.count("dropped") ?? 0) > 0)
        #expect(structured.text("dropped.0.rule") != nil)
    }

    @Test func aFolderAndItsArchiveAreTheSame() throws {
        let folder = try Self.inspect(sample: "slack/pass/workspace/input")
        #expect(folder["formats"] as? [String] == ["slack"])
        #expect(folder.text("container") == "folder")
        #expect(folder.number("conversations") == 2)
        #expect((folder.number("files.0.count") ?? 0) > 5)
        #expect(folder.count("unknown") ?? 0 > 0)
        try TestFiles.withFolder { scratch in
            let source = "\(TestFiles.package)/samples/slack/pass/workspace"
            #expect(try ShellScript.run("tar -czf export.tar.gz -C '\(source)' input", in: scratch).status == 0)
            let run = try CommandLineTool.run(["inspect", "export.tar.gz", "--format", "json"], folder: scratch)
            #expect(run.status == 0)
            let archive = try JSONText(run.text)
            #expect(archive.text("container") == "archive")
            for member in ["records", "conversations", "messages", "participants"] {
                #expect(archive.number(member) == folder.number(member), "\(member)")
            }
        }
    }

    // MARK: What is of no format, or of several

    @Test func aNearMiss() throws {
        let message = #"[{"type":"message","user":"U1","text":"Hello"},{"type":"message","user":"U2","text":"Hi"}]"#
        let json = try Self.inspect(message)
        #expect(json["known"] as? Bool == false)
        #expect(json.count("formats") == 0)
        #expect(json.text("files.0.nearMisses.0.format") == "slack")
        #expect(json.text("files.0.nearMisses.0.message") == "it looks like slack, but `ts` is missing")
        #expect(Self.paths(json, "files.0.nearMisses.0.missing") == ["ts"])
        #expect(json.text("command") == "interaction-migrate profiles new input -o profile.yaml")
    }

    @Test func convertNamesTheNearMiss() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(#"[{"type":"message","user":"U1","text":"Hello"}]"#, folder + "/a.json")
            let run = try CommandLineTool.run(["convert", "a.json"], folder: folder)
            #expect(run.status == 1)
            #expect(run.errors.contains("it looks like slack, but `ts` is missing [format-unknown]"))
            let named = try CommandLineTool.run(["convert", "a.json", "--from", "slack"], folder: folder)
            #expect(named.errors.contains("it does not look like slack: `ts` is missing [format-unknown]"))
            try Folder.write(
                "conversation_id,body,author_id,author_type,created_at\n1,Hi,2,user,3\n",
                folder + "/b.csv"
            )
            let csv = try CommandLineTool.run(["convert", "b.csv", "--from", "intercom-csv"], folder: folder)
            #expect(csv.errors.contains("it looks like intercom-csv, but `part_type` is missing [format-unknown]"))
        }
    }

    @Test func ambiguityIsAskedAbout() throws {
        try TestFiles.withFolder { folder in
            // Two records of two formats for which equally much speaks.
            let first = #"{"convo_id":1,"original":[["agent","Hi"]],"scenario":{"flow":"a"},"delexed":[]}"#
            let second = #"{"dialogue_id":"d","turns":[{"sender":"customer","text":"Hi"}]}"#
            try Folder.write(first + "\n" + second + "\n", folder + "/both.json")
            let run = try CommandLineTool.run(["inspect", "both.json", "--format", "json"], folder: folder)
            #expect(run.status == 1)
            let json = try JSONText(run.text)
            #expect(json["known"] as? Bool == false)
            #expect(json["files.0.candidates"] as? [String] == ["abcd", "agentune"])
            #expect(json.text("command")?.contains("--from NAME") == true)
            let text = try CommandLineTool.run(["inspect", "both.json"], folder: folder).text
            #expect(text.contains("ambiguous: it could be any of abcd, agentune"))
        }
    }

    @Test func whatIsNoneOfThis() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("let answer = 42\n", folder + "/code.swift")
            try Data([0x89, 0x50, 0x4E, 0x47, 0, 0, 0]).write(to: URL(fileURLWithPath: folder + "/image.png"))
            try Folder.write("", folder + "/empty.json")
            let run = try CommandLineTool.run(["inspect", "code.swift", "image.png", "empty.json"], folder: folder)
            #expect(run.status == 1)
            #expect(run.text.contains("unknown: it is neither JSON nor XML nor a table with a header"))
            #expect(try CommandLineTool.run(["inspect", "empty.json"], folder: folder).status == 0)
            let missing = try CommandLineTool.run(["inspect", "missing.json", "empty.json"], folder: folder)
            #expect(missing.status == 2)
            #expect(missing.errors.contains("[input-unreadable]"))
            #expect(missing.text.contains("none: there is nothing in it"))
            #expect(try CommandLineTool.run(["inspect", "*.nothing"], folder: folder).status == 2)
            try Folder.write(" [ ]\n", folder + "/none.json")
            let none = try JSONText(
                CommandLineTool.run(["inspect", "none.json", "--format", "json"], folder: folder).text
            )
            #expect(none["known"] as? Bool == true)
            #expect(none.text("files.0.syntax") == "empty")
        }
    }

    // MARK: Options

    @Test func aSampleEndsWithAWholeRecord() throws {
        let rows = (0..<40000).map { "c\($0 / 10),2025-03-30T09:15:00Z,Ann,customer,This is row number \($0)" }
        let text = "conversation,time,sender,role,text\n" + rows.joined(separator: "\n") + "\n"
        let json = try Self.inspect(text, ["--sample", "--sample-size", "1M"])
        #expect(json.number("sample") == 1 << 20)
        // Without the header, and the row that is cut.
        let whole = text.utf8.prefix(1 << 20).split(separator: UInt8(ascii: "\n")).count - 2
        #expect(json.number("records") == whole)
        #expect(json.number("rejected") == 0)
        #expect(json.count("findings") == 0)
        let all = try Self.inspect(text, ["--sample"])
        #expect(all.number("records") == 40000)
        let payloads = (0..<30000).map { #"{"history":[{"role":"user","content":"\#($0)"}]}"# }
        let array = "[" + payloads.joined(separator: ",\n") + "]"
        let legacy = try Self.inspect(array, ["--sample", "--sample-size", "1M", "--organization-id", "o"])
        #expect((20000..<30000).contains(legacy.number("records") ?? 0))
        #expect(legacy.number("rejected") == 0)
    }

    @Test func contentIsShownOnlyOnDemand() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.table, folder + "/chats.csv")
            for format in ["text", "json"] {
                let masked = try CommandLineTool.run(["inspect", "chats.csv", "--format", format], folder: folder).text
                #expect(!masked.contains("parcel") && !masked.contains("10115") && !masked.contains("Ann"))
                let arguments = ["inspect", "chats.csv", "--format", format, "--show-content"]
                let shown = try CommandLineTool.run(arguments, folder: folder).text
                #expect(shown.contains("Where is my parcel?"))
            }
        }
    }

    @Test func recordsThatAreAllDifferentAreCountedTogether() throws {
        let payload = { (number: Int) in
            #"{"session":{"user_perspective":[{"role":"user","content":"Hi"}]},"client":{"key\#(number)":1}}"#
        }
        let json = try Self.inspect((0..<300).map(payload).joined(separator: "\n") + "\n")
        #expect(json.count("shapes") == 256)
        #expect(json.number("otherRecords") == 44)
    }

    @Test func theScreen() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.table, folder + "/chats.csv")
            let run = try CommandLineTool.run(["inspect", "chats.csv", "--organization-id", "o"], folder: folder)
            #expect(run.status == 0)
            #expect(run.errors.isEmpty)
            let lines = run.text.split(separator: "\n").map(String.init)
            #expect(lines.first == "chats.csv")
            #expect(lines.contains("  format         generic-csv (Messages in a table (CSV))"))
            #expect(lines.contains("  files          table, UTF-8, 5 columns parted by `,`"))
            #expect(lines.contains("                   told by `text`, `role` or `sender`, `conversation`, `time`"))
            #expect(lines.contains("  conversations  2"))
            #expect(lines.contains("                 user: 2 people, 2 messages"))
            #expect(lines.contains("                   --timezone ZONE: times name no zone"))
            #expect(lines.allSatisfy { $0 == "chats.csv" || $0.hasPrefix("  ") })
        }
    }

    @Test func everyMemberIsDocumented() throws {
        let json = try Self.inspect(sample: "adium/pass/chat/input.xml")
        let text = try Folder.text(TestFiles.package + "/docs/CLI.md")
        for key in json.keys("") { #expect(text.contains("| `\(key)` |"), "\(key)") }
        for key in json.keys("files.0") { #expect(text.contains("`\(key)`"), "\(key)") }
    }

    @Test func wrongUsage() throws {
        for arguments in [["--sample-size", "64K"], ["--format", "yaml"], ["--from", "nothing"], ["-", "-"]] {
            let run = try CommandLineTool.run(["inspect"] + arguments)
            #expect(run.status == 64)
            #expect(run.errors.contains("Usage: interaction-migrate inspect"))
        }
    }
}
