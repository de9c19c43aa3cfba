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
            #expect(table.status == 2, "\(table.errors)")
            #expect(try Self.share("{}", folder, 0).status == 64)
            #expect(try CommandLineTool.run(["share", "nothing.json", "--record", "1"], folder: folder).status == 2)
        }
    }
}
