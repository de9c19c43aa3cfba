// `share`: a copy that says nothing, and is converted as the record is.

import Foundation
import TestSupport
import Testing

@Suite struct ShareTests {
    private static func share(_ record: String, _ folder: String, _ number: Int = 1) throws -> CommandLineTool.Run {
        try Folder.write(record, folder + "/in.json")
        return try CommandLineTool.run(["share", "in.json", "--record", String(number)], folder: folder)
    }

    @Test func nothingThatWasSaidIsLeft() throws {
        let record = """
            {"session":{"session_id":"s-4711"},"request":{"request_id":"b7e23ec2-9af0-4c7f-8a1b-2f1d7c6e5a40",\
            "context":{"organization_id":"org_4711","big":12345678901234567890,"kind":7,"flag":true,"none":null},\
            "connections":{"thread_id":"s-4711"},"scope":{"conversations":[\
            {"participant_id":"p-1","display_name":"Ada Lovelace","role":"EndUser","content":"Grüße, call +49 30 123456 \
            <br>now","timestamp":"2024-05-01T10:00:00Z"},\
            {"participant_id":"p-2","display_name":"Bob","role":"agent","content":"user",\
            "timestamp":"2024-05-02T10:00:00.5+02:00"}]}}}
            """
        try TestFiles.withFolder { folder in
            let run = try Self.share(record, folder)
            try #require(run.status == 0, "\(run.errors)")
            let words = ["4711", "Ada", "Lovelace", "Bob", "Gr", "call", "123456", "1234567890", "b7e23ec2", "2024"]
            for word in words {
                #expect(!run.text.contains(word), "\(word) is in \(run.text)")
            }
            let copy = try JSONText(run.text)
            let old = try JSONText(record)
            let talk = "request.scope.conversations"
            #expect(copy.text("session.session_id") == copy.text("request.connections.thread_id"))
            #expect(copy.text("\(talk).0.role") == "EndUser")
            #expect(copy.text("\(talk).1.role") == "agent")
            #expect(copy.text("\(talk).1.content") != "user", "what somebody said is not kept, whatever it is")
            #expect(copy.number("request.context.kind") == 7)
            #expect(copy["request.context.flag"] as? Bool == true)
            let said = try #require(copy.text("\(talk).0.content"))
            #expect(said.utf8.count == old.text("\(talk).0.content")?.utf8.count)
            #expect(said.contains(" <br>"))
            #expect(said.contains("+"))
            let id = try #require(copy.text("request.request_id"))
            #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/) != nil, "\(id)")
            let times = try (0...1).map { try #require(copy.text("\(talk).\($0).timestamp")) }
            #expect(times[0].hasSuffix("T10:00:00Z"))
            #expect(times[1].hasSuffix("T10:00:00.5+02:00"))
            let days = try times.map { try #require(ISO8601DateFormatter().date(from: $0.prefix(10) + "T00:00:00Z")) }
            #expect(days[1].timeIntervalSince(days[0]) == 86400)
            #expect(try Self.share(record, folder).output == run.output, "the same record gives the same copy")
            #expect(run.text.utf8.count == record.utf8.count + 1)
        }
    }

    /// Copies of real records are recognised, and converted or refused, as the records are.
    @Test func copiesAreConvertedAsTheRecordsAre() throws {
        let records = [Payload.complete(), Payload.old(), Payload.interaction(), "{}", #"{"history":[]}"#]
        try TestFiles.withFolder { folder in
            try Folder.write(records.joined(separator: "\n"), folder + "/all.ndjson")
            for number in 1...records.count {
                let copy = try CommandLineTool.run(["share", "all.ndjson", "--record", String(number)], folder: folder)
                try Folder.write(copy.text, folder + "/copy.ndjson")
                try Folder.write(records[number - 1], folder + "/record.ndjson")
                let outcomes = try ["record", "copy"].map { name in
                    let arguments = ["convert", "\(name).ndjson", "-o", "/dev/null", "--organization-id", "o"]
                    let run = try CommandLineTool.run(arguments + ["--outcomes", "-"], folder: folder)
                    return try #require(JSONText.lines(run.text).first)
                }
                for member in ["outcome", "generation"] {
                    #expect(outcomes[0].text(member) == outcomes[1].text(member), "record \(number)")
                }
                #expect(outcomes[0].codes == outcomes[1].codes)
                #expect(outcomes[0].count("participants") == outcomes[1].count("participants"))
            }
        }
    }

    @Test func whatCannotBeShared() throws {
        try TestFiles.withFolder { folder in
            let missing = try Self.share("{}", folder, 2)
            #expect(missing.status == 2)
            #expect(missing.errors.contains("in.json has no record 2"), "\(missing.errors)")
            let table = try Self.share("a,b\n1,2\n", folder)
            #expect(table.status == 2, "a file that is called JSON is none: \(table.errors)")
            #expect(try Self.share("{}", folder, 0).status == 64)
            #expect(try CommandLineTool.run(["share", "nothing.json", "--record", "1"], folder: folder).status == 2)
        }
    }

    // MARK: Tables and documents

    /// A flattened payload with everything that a table may be written with.
    private static func table(_ delimiter: String, _ end: String) -> String {
        let entry = "session.user_perspective"
        let columns = ["role", "name", "content", "timestamp"].flatMap { name in
            (0...1).map { "\(entry)[\($0)].\(name)" }
        }
        let rows = [
            [
                "EndUser", "Agent", "Ada Lovelace", "Bob", "Where, is; my\tparcel?", "There.", "1715017115",
                "1715017116",
            ],
            [
                "\"EndUser\"", "Agent", "\"Eve \"\"the\"\" Second\"", " Mallory ", "\"Grüße,\(end)call; me\"", "later",
                "2024-05-01T10:00:00Z", "05/02/2024 11:30 PM",
            ],
        ]
        let header = (columns + ["client.organization_ID", "ticket.priority"]).joined(separator: delimiter)
        let lines = rows.map { row in
            let cells = row.map { cell in
                cell.contains(delimiter) && !cell.hasPrefix("\"") ? "\"\(cell)\"" : cell
            }
            return (cells + ["org_4711", "7"]).joined(separator: delimiter)
        }
        return ([header] + lines).map { $0 + end }.joined()
    }

    private static let document = """
        <?xml version="1.0" encoding="ISO-8859-1"?>
        <!DOCTYPE export>
        <export xmlns="urn:example:export" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" by="Somebody Else">
          <!-- written by Somebody -->
          <head><office>Rotterdam</office></head>
          <record id="rec-9001"><session><user_perspective>
            <content>Where &amp; when &#233;t&#xE9;?</content><role>EndUser</role><name>Ada Lovelace</name>
            <timestamp>2024-05-01T10:00:00Z</timestamp></user_perspective></session>
            <client organization_ID='org_4711'/></record>
          <record id="rec-9002"><session><user_perspective><item>
            <content><![CDATA[There <b>now</b>.]]></content><role>Agent</role><name x:nil="true"/>
            <timestamp>2024-05-01T10:01:00Z</timestamp></item></user_perspective></session>
            <client><organization_ID>org_4711</organization_ID></client></record>
        </export>
        """

    /// Words of four letters or digits and more, but for those that say what something is.
    private static func words(_ texts: [String]) -> [String] {
        texts.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }.map(String.init).filter { $0.count >= 4 }
    }

    /// What becomes of each record: how it ended, its generation, findings and participants.
    private static func outcomes(_ file: String, _ folder: String) throws -> [[String]] {
        let arguments = ["convert", file, "-o", "/dev/null", "--organization-id", "o", "--timezone", "UTC"]
        let run = try CommandLineTool.run(arguments + ["--outcomes", "-"], folder: folder)
        return try JSONText.lines(run.text).map { outcome in
            [outcome.text("outcome") ?? "", outcome.text("generation") ?? "", "\(outcome.count("participants") ?? 0)"]
                + outcome.codes
        }
    }

    @Test(arguments: [",", ";", "\t", "|"], ["\n", "\r\n"])
    func rowsAreCopiedWithTheirHeader(delimiter: String, end: String) throws {
        let table = Self.table(delimiter, end)
        try TestFiles.withFolder { folder in
            try Folder.write(table, folder + "/in.csv")
            let whole = try Self.outcomes("in.csv", folder)
            #expect(whole.map { $0[0] } == ["converted", "converted"])
            for number in 1...2 {
                let arguments = ["share", "in.csv", "--record", String(number), "-o", "copy.csv"]
                let run = try CommandLineTool.run(arguments, folder: folder)
                try #require(run.status == 0, "\(run.errors)")
                let copy = try Folder.text(folder + "/copy.csv")
                let header = try #require(table.split(separator: "\(end)").first)
                #expect(copy.contains(header + end), "\(copy)")
                for word in Self.words([
                    "Lovelace parcel Where There Second Grüße call later Mallory 4711 1715017115"
                ]) {
                    #expect(!copy.contains(word), "\(word) is in \(copy)")
                }
                #expect(!copy.contains("2024-05-01") && !copy.contains("05/02/2024"), "\(copy)")
                #expect(copy.contains(delimiter + "7" + end), "one digit is a kind of something: \(copy)")
                if number == 2 { #expect(copy.contains("\"\"") && copy.contains(",\(end)"), "\(copy)") }
                #expect(try Self.outcomes("copy.csv", folder) == [whole[number - 1]], "\(copy)")
            }
        }
    }

    @Test func elementsAreCopiedWithWhatSurroundsThem() throws {
        try TestFiles.withFolder { folder in
            let latin = try #require(Self.document.data(using: .isoLatin1))
            try latin.write(to: URL(filePath: folder + "/in.xml"))
            let whole = try Self.outcomes("in.xml", folder)
            #expect(whole.map { $0[0] } == ["converted", "converted"])
            for number in 1...2 {
                let arguments = ["share", "in.xml", "--record", String(number), "-o", "copy.xml"]
                let run = try CommandLineTool.run(arguments, folder: folder)
                try #require(run.status == 0, "\(run.errors)")
                let copy = try Folder.text(folder + "/copy.xml")
                for word in Self.words(["Somebody Else Rotterdam Where when Lovelace There 4711 9001 9002"]) {
                    #expect(!copy.contains(word), "\(word) is in \(copy)")
                }
                #expect(!copy.contains("2024-05-01"), "\(copy)")
                #expect(copy.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>"))
                #expect(copy.contains("<export xmlns=\"urn:example:export\" xmlns:x="), "\(copy)")
                #expect(copy.contains("<head><office>") && copy.contains("</export>"))
                #expect(copy.split(separator: "<record id=").count == 2, "there are other records in \(copy)")
                #expect(copy.contains(number == 1 ? " &amp; " : "<![CDATA["), "\(copy)")
                #expect(try Self.outcomes("copy.xml", folder) == [whole[number - 1]], "\(copy)")
            }
        }
    }

    private static let samples = SamplesTests.cases("pass").filter {
        ["csv", "xml"].contains(URL(filePath: $0.input).pathExtension) && !$0.arguments.contains("--grain")
    }

    /// Copies of records of every format are of the format, and nothing is wrong with them that was not before.
    @Test(arguments: samples)
    func copiesAreOfTheirFormat(sample: SamplesTests.Case) throws {
        try TestFiles.withFolder { folder in
            var share = ["share", sample.input, "--record", "2", "-o", folder + "/copy"]
            for option in ["--profile", "--encoding"] {
                guard let place = sample.arguments.firstIndex(of: option) else { continue }
                share += [option, sample.arguments[place + 1]]
            }
            var run = try CommandLineTool.run(share, folder: sample.folder)
            if run.errors.contains("has no record") {
                run = try CommandLineTool.run(share.map { $0 == "2" ? "1" : $0 }, folder: sample.folder)
            }
            try #require(run.status == 0, "\(run.errors)")
            let reports = try [sample.input, folder + "/copy"].map { input in
                let arguments = ["convert", input, "-o", "/dev/null", "--max-findings", "0", "--report", folder + "/r"]
                _ = try CommandLineTool.run(arguments + sample.arguments, folder: sample.folder)
                return try JSONText(Folder.text(folder + "/r"))
            }
            let formats = reports.map { Set(($0["generations"] as? [String: Any] ?? [:]).keys) }
            #expect(!formats[1].isEmpty && formats[1].isSubset(of: formats[0]), "\(formats)")
            let codes = reports.map { report in
                Set((0..<(report.count("findings") ?? 0)).compactMap { report.text("findings.\($0).code") })
            }
            let copy = try Folder.text(folder + "/copy")
            // One record of a conversation may be none of its messages.
            let added = codes[1].subtracting(codes[0]).subtracting(["no-messages"])
            #expect(added.isEmpty, "\(added): \(copy)")
        }
    }
}
