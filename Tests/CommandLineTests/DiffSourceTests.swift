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

    private static let cases = SamplesTests.cases("pass")

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
            #expect(lines.allSatisfy { ["same", "folded"].contains($0["status"]?.text) })
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

    // MARK: Other forms of a record

    /// The same record as XML and as a row: every value has the fate and the result that it has in JSON.
    @Test(arguments: ["json", "xml", "csv"])
    func formsDoNotChangeFates(form: String) throws {
        let entry = "session.user_perspective[0]."
        let texts = [
            "json": """
            {"session":{"user_perspective":[{"role":"EndUser","name":"Ann","content":"Where <b>?","mood":"sad",\
            "timestamp":"1715017115"}]},"client":{"organization_ID":"org_1"}}
            """,
            "xml": """
            <export><record><session><user_perspective><role>EndUser</role><name>Ann</name>\
            <content>Where &lt;b&gt;?</content><mood>sad</mood><timestamp>1715017115</timestamp></user_perspective>\
            </session><client organization_ID="org_1"/></record></export>
            """,
            "csv": """
            \(entry)role;\(entry)name;\(entry)content;\(entry)mood;\(entry)timestamp;client.organization_ID
            EndUser;Ann;Where <b>?;sad;1715017115;org_1

            """,
        ]
        try TestFiles.withFolder { folder in
            let source = "in.\(form)"
            try Folder.write(#require(texts[form]), folder + "/" + source)
            let converted = try CommandLineTool.run(["convert", source, "-o", "new.ndjson", "-q"], folder: folder)
            #expect(converted.status == 0, "\(converted.errors)")
            let run = try CommandLineTool.run(
                ["diff", "--against-source", source, "new.ndjson", "--show-content"],
                folder: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.text.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("  #") }.map(String.init)
            #expect(
                lines == [
                    #"~ session.user_perspective[0].role: "EndUser" → participants[].role: "user""#,
                    #"  session.user_perspective[0].name: "Ann" → participants[].displayName"#,
                    #"  session.user_perspective[0].content: "Where <b>?" → messages[].content"#,
                    #"  session.user_perspective[0].mood: "sad" → kept in metadata.legacy"#,
                    #"~ session.user_perspective[0].timestamp: "1715017115" → messages[].timestamp: "2024-05-06T17:38:35Z""#,
                    #"  client.organization_ID: "org_1" → request.context.organizationId"#,
                ],
                "\(run.text)"
            )
        }
    }

    /// Rejected records in XML and CSV are told value by value as well.
    @Test func whatIsRejectedIsToldInEveryForm() throws {
        try TestFiles.withFolder { folder in
            let column = "session.user_perspective[0]"
            try Folder.write("\(column).content,\(column).role\nHello,Concierge\n", folder + "/in.csv")
            try Folder.write("", folder + "/new.ndjson")
            let arguments = ["diff", "--against-source", "in.csv", "new.ndjson", "--organization-id", "o"]
            let run = try CommandLineTool.run(arguments, folder: folder)
            #expect(run.text.contains("in.csv, record 1 (v2.0): is not converted =="), "\(run.text)")
            #expect(run.text.contains("- \(column).content: \"‹5 characters #1›\" → rejected with its record"))
        }
    }

    // MARK: Folded snapshots

    /// Each record stands beside the Interaction of its thread, and all its values add up to the books.
    @Test(arguments: GrowingThread.Form.allCases)
    func snapshotsStandBesideTheirThread(form: GrowingThread.Form) throws {
        var random = SeededRandom(seed: 5)
        var payloads: [String] = []
        for number in 0..<8 {
            let thread = GrowingThread(form: form, thread: "t-\(number)", isTimed: true, count: 9, using: &random)
            payloads += try [2, 5, 9].map { try thread.payload($0, request: "r-\(number)-\($0)") }
        }
        payloads.shuffle(using: &random)
        try TestFiles.withFolder { folder in
            try Folder.write(payloads.joined(separator: "\n"), folder + "/in.ndjson")
            let fold = try FoldRun(["in.ndjson"], folder: folder)
            let arguments = ["diff", "--against-source", "in.ndjson", "out", "--organization-id", "org_1"]
            let options = ["--snapshots", "fold", "--format", "json"]
            let run = try CommandLineTool.run(arguments + options, folder: folder)
            #expect(run.status == 0, "\(run.errors)")
            let records = try JSONText.lines(run.text)
            #expect(records.map { $0.text("status") }.filter { $0 == "folded" }.count == 16)
            #expect(records.map { $0.text("status") }.filter { $0 == "same" }.count == 8)
            for record in records {
                let outcome = try #require(fold.outcomes.first { $0.number("record") == record.number("record") })
                #expect(record.text("threadId") == outcome.text("threadId"))
                #expect(record.text("requestId") == outcome.text("outputs.0.requestId"))
            }
            // Every value has one fate, and together they are what the books count.
            var counts: [String: Int] = [:]
            for line in try run.text.split(separator: "\n").map({ try JSONValue(parsing: Array($0.utf8)) }) {
                for leaf in line["leaves"]?.elements ?? [] {
                    let fates = leaf["fates"]?.elements ?? []
                    #expect(fates.count == 1, "\(leaf["path"]?.text ?? "")")
                    counts[fates.first?["disposition"]?.text ?? "", default: 0] += 1
                }
            }
            for disposition in ["mapped", "moved", "kept"] {
                let booked = fold.report.number("books.sourceFields.\(disposition)")
                #expect(counts[disposition] ?? 0 == booked, "\(disposition)")
            }
            #expect(counts.values.reduce(0, +) == fold.report.number("books.sourceFields.in"))
            // Without folding the conversion is another one.
            let keep = try CommandLineTool.run(arguments + ["--summary"], folder: folder)
            #expect(keep.status == 1)
        }
    }

    /// A conversion with masked texts is compared with what masking gives now.
    @Test func maskedTextsAreComparedAsMasked() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(content: "ann@example.org"), folder + "/in.json")
            let convert = ["convert", "in.json", "-o", "new.ndjson", "-q", "--redact", "emails"]
            _ = try CommandLineTool.run(convert, folder: folder)
            let arguments = ["diff", "--against-source", "in.json", "new.ndjson"]
            #expect(try CommandLineTool.run(arguments + ["--redact", "emails"], folder: folder).status == 0)
            #expect(try CommandLineTool.run(arguments, folder: folder).status == 1)
            let conversions = ["diff", "new.ndjson", "new.ndjson"]
            for option in [["--redact", "emails"], ["--snapshots", "fold"]] {
                #expect(try CommandLineTool.run(conversions + option, folder: folder).status == 64)
            }
        }
    }
}
