// `profiles`: list, show, propose and test, as a person uses them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ProfilesCommandTests {
    private static let samples = TestFiles.package + "/samples/profiles"
    private static let sampleNames = ["csv-call-centre", "json-dialogues", "xml-support-tickets"]

    /// A folder with a copy of a sample, which a test may change.
    private static func withSample(_ name: String, _ body: (String) throws -> Void) throws {
        try TestFiles.withFolder { folder in
            try FileManager.default.copyItem(atPath: "\(samples)/\(name)", toPath: folder + "/copy")
            try body(folder + "/copy")
        }
    }

    // MARK: list, show

    @Test func listAndShowAgree() throws {
        let list = try CommandLineTool.run(["profiles", "list", "--format", "json"])
        #expect(list.status == 0)
        let names = try JSONText.lines(list.text).map { try #require($0.text("name")) }
        #expect(names.contains("telegram"))
        let text = try CommandLineTool.run(["profiles", "list"]).text
        for name in names {
            #expect(text.contains("\(name) "))
            let shown = try CommandLineTool.run(["profiles", "show", name])
            #expect(shown.status == 0)
            #expect(shown.text.contains("profile: \(name)\n"))
        }
    }

    @Test func anUnknownNameIsWrongUsage() throws {
        let run = try CommandLineTool.run(["profiles", "show", "telegramm"])
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("Did you mean telegram?"))
        let test = try CommandLineTool.run(["profiles", "test", "telegramm", "--cases", "."])
        #expect(test.status == 64)
        #expect(test.errors.contains("did you mean telegram?"))
    }

    // MARK: new

    @Test func aProposalConvertsItsSample() throws {
        try TestFiles.withFolder { folder in
            let rows = (0..<20).map { row in
                let role = row % 2 == 0 ? "agent" : "customer"
                return "t\(row / 5),2024-05-06T10:00:\(row + 10)Z,\(role),We are at line \(row)\n"
            }
            try Folder.write("ticket_id,created,role,text\n" + rows.joined(), folder + "/export.csv")
            let new = try CommandLineTool.run(["profiles", "new", "export.csv", "-o", "p.yaml"], folder: folder)
            #expect(new.status == 0, "\(new.errors)")
            #expect(new.output.isEmpty)
            #expect(new.errors.contains("20 messages in 20 records looked at"))
            let arguments = ["convert", "export.csv", "--profile", "p.yaml", "--organization-id", "o"]
            let run = try CommandLineTool.run(arguments, folder: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.text.split(separator: "\n").count == 4)
            let piped = try CommandLineTool.run(
                ["profiles", "new", "-", "--name", "export"],
                input: Array(try Folder.text(folder + "/export.csv").utf8)
            )
            #expect(piped.text == (try Folder.text(folder + "/p.yaml")))
        }
    }

    @Test func whatIsNoSampleIsRefused() throws {
        #expect(try CommandLineTool.run(["profiles", "new", "missing.json"]).status == 2)
        #expect(try CommandLineTool.run(["profiles", "new", "-"], input: Array("prose".utf8)).status == 2)
        #expect(try CommandLineTool.run(["profiles", "new", "-", "--name", "A B"]).status == 64)
    }

    // MARK: test

    @Test(arguments: sampleNames)
    func samplesPassAndReachEveryRule(name: String) throws {
        let profile = "\(Self.samples)/\(name)/profile.yaml"
        let run = try CommandLineTool.run(["profiles", "test", profile, "--min-coverage", "100"])
        #expect(run.status == 0, "\(run.text)\(run.errors)")
        #expect(run.text.contains("pass/"))
        #expect(run.text.contains("fail/"))
        #expect(!run.text.contains("no case reaches"))
        let lines = try Folder.text(profile).split(separator: "\n")
        #expect(lines.count < 40, "a new user needs \(lines.count) lines")
        for pass in try FileManager.default.contentsOfDirectory(atPath: "\(Self.samples)/\(name)/pass") {
            let expected = "\(Self.samples)/\(name)/pass/\(pass)/expected.ndjson"
            #expect(try CommandLineTool.run(["validate", expected]).status == 0)
        }
    }

    @Test func theResultDoesNotDependOnThePlace() throws {
        try Self.withSample("xml-support-tickets") { folder in
            let there = try CommandLineTool.run(["profiles", "test", folder + "/profile.yaml"])
            #expect(there.status == 0, "\(there.text)")
            let here = try CommandLineTool.run(["profiles", "test", "profile.yaml"], folder: folder)
            #expect(here.status == 0, "\(here.text)")
        }
    }

    @Test func aDifferenceIsShownWithBothSides() throws {
        try Self.withSample("json-dialogues") { folder in
            let expected = folder + "/pass/booking/expected.ndjson"
            let text = try Folder.text(expected)
            try Folder.write(text.replacing("It is on its way.", with: "It is late."), expected)
            let run = try CommandLineTool.run(["profiles", "test", folder + "/profile.yaml"])
            #expect(run.status == 1)
            let lines = run.text.split(separator: "\n")
            try #require(lines.count > 2)
            #expect(lines[0] == "pass/booking: fails: line 2 of expected.ndjson differs")
            #expect(lines[1].hasPrefix("  - …") && lines[1].contains("It is late."))
            #expect(lines[2].hasPrefix("  + …") && lines[2].contains("It is on its way."))
            #expect(lines.allSatisfy { $0.count < 200 })
            #expect(run.errors.contains("2 cases: 1 pass, 1 fail"))
            let json = try CommandLineTool.run(["profiles", "test", folder + "/profile.yaml", "--format", "json"])
            let first = try #require(try JSONText.lines(json.text).first)
            #expect(first.text("case") == "pass/booking")
            #expect(first.text("result") == "failed")
            let record = try CommandLineTool.run(["profiles", "test", folder + "/profile.yaml", "--record"])
            #expect(record.status == 0)
            #expect(record.errors.contains("written anew"))
            #expect(try Folder.text(expected) == text)
        }
    }

    @Test func rulesThatNoCaseReachesAreNamed() throws {
        try Self.withSample("csv-call-centre") { folder in
            let profile = folder + "/profile.yaml"
            let text = try Folder.text(profile)
            let kind = "          - {as: note, when: {author: Coach}}\n"
            try Folder.write(text.replacing("        kinds:\n", with: "        kinds:\n" + kind), profile)
            let run = try CommandLineTool.run(["profiles", "test", profile])
            #expect(run.status == 0)
            let lines = try Folder.text(profile).split(separator: "\n")
            let line = try #require(lines.firstIndex { $0.contains("as: note") })
            let place = "\(profile):\(line + 1):13: no case reaches records.line.entries[0].kinds[0]\n"
            #expect(run.text.contains(place), "\(run.text)")
            #expect(run.errors.contains("7 of 8 rules are reached (87%)"), "\(run.errors)")
            let strict = try CommandLineTool.run(["profiles", "test", profile, "--min-coverage", "88"])
            #expect(strict.status == 1)
        }
    }

    @Test func wrongProfilesAndFoldersAreTold() throws {
        try Self.withSample("csv-call-centre") { folder in
            let profile = folder + "/profile.yaml"
            let text = try Folder.text(profile)
            try Folder.write(text.replacing("text: message", with: "texd: message"), profile)
            let wrong = try CommandLineTool.run(["profiles", "test", profile])
            #expect(wrong.status == 64)
            #expect(wrong.errors.contains("did you mean `text`?"))
            try Folder.write(text, profile)
            try Folder.write("--timezone Nowhere/Else\n", folder + "/pass/two-calls/options")
            let option = try CommandLineTool.run(["profiles", "test", profile])
            #expect(option.status == 64)
            #expect(option.errors.contains("pass/two-calls/options"))
            try FileManager.default.removeItem(atPath: folder + "/pass")
            try FileManager.default.removeItem(atPath: folder + "/fail")
            let none = try CommandLineTool.run(["profiles", "test", profile])
            #expect(none.status == 2)
            #expect(none.errors.contains("there are no cases"))
        }
        #expect(try CommandLineTool.run(["profiles", "test", "telegram"]).status == 64)
        #expect(try CommandLineTool.run(["profiles", "test", "missing.yaml"]).status == 64)
    }

    // MARK: Real exports

    @Test(
        .enabled(if: TestFiles.shared != nil, "there are no real exports beside the package"),
        arguments: [
            ("csv-call-centre", "agentune-callcenter/messages.csv", 101, 16_823),
            ("json-dialogues", "taskmaster/sample.json", 1, 20),
        ]
    )
    func theSamplesReadRealExports(name: String, file: String, conversations: Int, messages: Int) throws {
        let input = try #require(TestFiles.shared) + "/corpus/" + file
        let profile = "\(Self.samples)/\(name)/profile.yaml"
        let options = ["--profile", profile, "--organization-id", "o", "--timezone", "UTC"]
        let run = try CommandLineTool.run(["convert", input] + options)
        #expect(run.status == 0, "\(run.errors)")
        var threads: Set<String> = []
        var count = 0
        for line in run.text.split(separator: "\n") {
            let interaction = try JSONText(line)
            threads.insert(try #require(interaction.text("request.connections.threadId")))
            count += try #require(interaction.count("request.scope.conversations.0.messages"))
        }
        #expect(threads.count == conversations)
        #expect(count == messages)
    }
}
