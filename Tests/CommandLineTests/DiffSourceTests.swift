// `diff --against-source`: a record beside what was made of it.

import Foundation
import InteractionModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DiffSourceTests {
    private static let records = #"""
        {"session":{"user_perspective":[{"role":"EndUser","name":"Ann","content":"Where?","timestamp":1715017115,"mood":"sad"},{"role":"Agent","name":"Bob","content":"There.","timestamp":""}]},"client":{"organization_ID":"org_1"}}
        {"session":{"user_perspective":[{"role":"Concierge","content":"Your room is ready."}]},"client":{"organization_ID":"org_1"}}

        """#

    /// Converts the records, changes the result, and compares.
    private static func diff(
        _ options: [String] = [],
        change: (String) -> String = { $0 }
    ) throws -> CommandLineTool.Run {
        try TestFiles.withFolder { folder in
            try Folder.write(records, folder + "/old.ndjson")
            let converted = try CommandLineTool.run(["convert", "old.ndjson", "-q"], folder: folder)
            try Folder.write(change(converted.text), folder + "/new.ndjson")
            let arguments = ["diff", "--against-source", "old.ndjson", "new.ndjson"] + options
            return try CommandLineTool.run(arguments, folder: folder)
        }
    }

    @Test func eachValueHasItsFate() throws {
        let run = try Self.diff()
        #expect(run.status == 0, "\(run.errors)")
        for line in [
            #"~ session.user_perspective[0].role: "EndUser" → participants[].role: "user""#,
            #"  session.user_perspective[0].content: "‹6 characters #2›" → messages[].content"#,
            #"~ session.user_perspective[0].timestamp: "‹10 digits #3›" → messages[].timestamp: "2024-05-06T17:38:35Z""#,
            #"  session.user_perspective[0].mood: "‹3 characters #4›" → kept in metadata.legacy"#,
            #"- session.user_perspective[1].timestamp: "‹0 characters #7›" → dropped by the rule blank"#,
            #"  client.organization_ID: "org_1" → request.context.organizationId"#,
            #"- session.user_perspective[0].content: "‹19 characters #2›" → rejected with its record"#,
        ] {
            #expect(run.text.split(separator: "\n").contains(line[...]), "\(line) is not in \(run.text)")
        }
        #expect(run.text.contains("record 1 (v2.0) → thread ") && run.text.contains(": as the mapping makes it now =="))
        #expect(run.text.contains("record 2 (v2.0): is not converted =="))
    }

    @Test func whatTheMappingWouldNotGiveIsShown() throws {
        let run = try Self.diff(["--context", "0"]) { $0.replacing("\"role\":\"user\"", with: "\"role\":\"bot\"") }
        #expect(run.status == 1)
        #expect(run.text.contains(": differs from what the mapping makes now =="))
        let path = "request.scope.conversations[0].participants[0].role"
        #expect(run.text.contains("- \(path): \"user\"\n+ \(path): \"bot\"\n"))
        let missing = try Self.diff { _ in "" }
        #expect(missing.status == 1 && missing.text.contains(": is not in the conversion =="))
        let summary = try Self.diff(["--summary"]) { $0.replacing("\"role\":\"user\"", with: "\"role\":\"bot\"") }
        #expect(summary.text.contains("session.user_perspective[].timestamp: dropped by blank"))
        #expect(summary.text.contains("participants[].role: \"user\" → \"bot\""))
    }

    /// What several records were folded into has no source of its own to stand beside.
    private static let cases = SamplesTests.cases("pass").filter { !$0.arguments.contains("--snapshots") }

    /// As many values as the books count in the record, and each of them with a fate.
    @Test(arguments: cases.filter { $0.testDescription.prefixMatch(of: /v\d/) != nil })
    func noValueIsWithoutFate(sample: SamplesTests.Case) throws {
        let arguments = ["diff", "--against-source", sample.input, "expected.ndjson", "--format", "json"]
        let options = sample.arguments.filter { !$0.hasPrefix("--form") && $0 != "websocket" }
        let run = try CommandLineTool.run(arguments + options, folder: sample.folder)
        #expect(run.status == 0, "\(run.text) \(run.errors)")
        try TestFiles.withFolder { folder in
            let report = folder + "/report.json"
            let convert = ["convert", sample.input, "-o", "/dev/null", "--report", report] + sample.arguments
            _ = try CommandLineTool.run(convert, folder: sample.folder)
            let books = try JSONValue(parsing: Array(Folder.text(report).utf8))["books"]?["sourceFields"]
            let lines = try run.text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
            let leaves = lines.flatMap { $0["leaves"]?.elements ?? [] }
            let count = books?["in"]
            #expect(count == .number("\(leaves.count)"))
            let astray = leaves.filter { ($0["fates"]?.elements.count ?? 0) == 0 }.map { $0["path"]?.text ?? "" }
            #expect(astray.isEmpty, "\(astray)")
            #expect(lines.allSatisfy { $0["status"]?.text == "same" })
        }
    }

    /// Every format's sample is what the mapping makes of it, also where records and Interactions are not one to one.
    @Test(arguments: cases)
    func samplesAreWhatTheMappingMakes(sample: SamplesTests.Case) throws {
        let options = sample.arguments.filter { !$0.hasPrefix("--form") && $0 != "websocket" && $0 != "rest" }
        let arguments = ["diff", "--against-source", sample.input, "expected.ndjson", "--summary", "--memory", "1M"]
        let run = try CommandLineTool.run(arguments + options, folder: sample.folder)
        #expect(run.status == 0, "\(run.text) \(run.errors)")
    }
}
