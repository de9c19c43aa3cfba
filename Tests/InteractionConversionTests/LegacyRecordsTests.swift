// Legacy payloads written as XML or CSV: the same Interactions as from the JSON that they were made from.

import InteractionMapping
import InteractionModel
import InteractionSources
import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct LegacyRecordsTests {
    static let generations = ["v1", "v2.0", "v3.0", "v3.1", "v3.2-customerinteraction"]

    /// What is compared of an Interaction: all of it, in the words that a form without kinds can say.
    private static func essence(_ json: [UInt8], _ form: LegacyPayloadForm) throws -> JSONValue {
        let value = try JSONValue(parsing: json).withoutKinds.withoutDerivedIds
        return form == .repeatedElements ? value.withoutSingleItems : value
    }

    @Test(arguments: generations, LegacyPayloadForm.allCases)
    func everyRecordOfTheCorpusBecomesTheSame(generation: String, form: LegacyPayloadForm) async throws {
        guard let shared = TestFiles.shared else {
            print("skipped: there is no ../shared/corpus")
            return
        }
        let lines = try TestFiles.lines(shared + "/corpus/legacy/\(generation).ndjson")
        let records = try lines.map { try JSONValue(parsing: $0) }
        var options = MappingOptions()
        options.organizationId = "org"
        let expected = try await LegacyPayloadForm.json(lines, options)
        let converted = try await form.convert(records, options)
        try #require(converted.count == expected.count)
        for (number, (actual, wanted)) in zip(converted, expected).enumerated() {
            #expect(actual.outcome.kind == wanted.outcome.kind, "record \(number + 1): \(actual.outcome.findings)")
            #expect(actual.outcome.record == number + 1)
            #expect(actual.outcome.threadId == wanted.outcome.threadId)
            try #require(actual.interactions.count == wanted.interactions.count, "record \(number + 1)")
            for (left, right) in zip(actual.interactions, wanted.interactions) {
                let difference = try Self.essence(left, form).difference(from: Self.essence(right, form))
                #expect(difference == nil, "record \(number + 1)")
            }
        }
        #expect(converted.count { $0.outcome.kind == .converted } > 50)
    }

    @Test(arguments: generations, LegacyPayloadForm.allCases)
    func everyGenerationIsRecognised(generation: String, form: LegacyPayloadForm) throws {
        guard let shared = TestFiles.shared else {
            print("skipped: there is no ../shared/corpus")
            return
        }
        let lines = try TestFiles.lines(shared + "/corpus/legacy/\(generation).ndjson")
        let detector = FormatDetector(only: nil)
        let text = form.write(try lines.map { try JSONValue(parsing: $0) })
        let format = text.utf8.withContiguousStorageIfAvailable { detector.format(of: UnsafeRawBufferPointer($0)) }
        #expect(format == (form == .columns ? .legacyTable : .legacyMarkup(path: "records/record")))
    }

    private func convert(xml: String) async throws -> ConvertedRecord {
        var options = MappingOptions()
        options.organizationId = "org"
        let batch = try LegacyPayloadForm.decode(xml: xml, at: "r/p")
        let worker = LegacyRecordsWorker(options)
        return try #require(await worker.map(batch, as: .elements, file: "f.xml").records.first)
    }

    private func convert(csv: String) async throws -> ConvertedRecord {
        var options = MappingOptions()
        options.organizationId = "org"
        let worker = LegacyRecordsWorker(options)
        let batch = LegacyPayloadForm.decode(csv: csv)
        return try #require(await worker.map(batch, as: .columns, file: "f.csv").records.first)
    }

    private func payload(_ record: ConvertedRecord) throws -> InteractionPayload {
        try InteractionPayload(parsing: try #require(record.interactions.first, "\(record.outcome.findings)"))
    }

    /// The spellings of an array that serialisers have, each of one entry and of two.
    @Test(arguments: [
        "<conversations>E</conversations>",
        "<conversations><item>E</item></conversations>",
        "<conversations><conversation>E</conversation></conversations>",
        "<conversations><conversations>E</conversations></conversations>",
        #"<conversations type="list"><entry type="dict">E</entry></conversations>"#,
        #"<conversations participant_id="p" role="EndUser" content="hello"/>"#,
    ])
    func arraysAreReadHoweverTheyAreSpelled(spelling: String) async throws {
        let entry = "<participant_id>p</participant_id><role>EndUser</role><content>hello</content>"
        let one = spelling.replacing("E<", with: entry + "<")
        for list in [one, one + one] where list == one || !spelling.contains("><") {
            let record = try await convert(
                xml: """
                    <r><p><session><session_id>s</session_id></session><request>
                    <connections><thread_id>t</thread_id></connections><scope>\(list)</scope>
                    <reference><tags>vip</tags></reference><settings><max_response_length>7</max_response_length>
                    <disable_search>True</disable_search><disable_tools/></settings></request></p></r>
                    """
            )
            let payload = try payload(record)
            let count = list == one ? 1 : 2
            #expect(payload.conversations[0].messages.map(\.content) == Array(repeating: "hello", count: count))
            #expect(payload.conversations[0].participants.map(\.participantId) == ["p"])
            #expect(payload.threadId == "t")
            let request = try #require(payload.json["request"])
            #expect(request["reference"]?["tags"] == .array([.string("vip")]))
            #expect(request["settings"]?["maxResponseLength"] == .number("7"))
            #expect(request["settings"]?["disableSearch"] == .bool(true))
            #expect(request["settings"]?["disableTools"] == nil)
            #expect(payload.conversations[0].metadata == nil)
        }
    }

    @Test(arguments: ["session.user_perspective[N].", "session.user_perspective.N.", "session[user_perspective][N]."])
    func columnsAreReadHoweverTheyAreSpelled(spelling: String) async throws {
        // Entry 10 comes after entry 9 whatever the order of the columns.
        let columns = [10, 9].flatMap { number in
            ["role", "content"].map { spelling.replacing("N", with: "\(number)") + $0 }
        }
        let record = try await convert(
            csv: """
                \(columns.joined(separator: ",")),session.tags[0],session.tags[1],request.settings.disable_search
                Agent,later,EndUser,"first, 1",,b,TRUE
                """
        )
        let payload = try payload(record)
        #expect(payload.conversations[0].messages.map(\.content) == ["first, 1", "later"])
        #expect(payload.json["request"]?["reference"]?["tags"] == .array([.string("b")]))
        #expect(payload.json["request"]?["settings"]?["disableSearch"] == .bool(true))
    }

    @Test func whatSerialisersAddIsNoDataAndEverythingElseIsKept() async throws {
        let record = try await convert(
            xml: """
                <r><p xmlns="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
                <actionType>customerinteraction</actionType><inputs type="dict">
                <history><role type="str">EndUser</role><content xsi:type="xs:string">hi</content>
                <timestamp xsi:nil="true"/><mood level="3">good</mood><score type="int">12</score></history>
                </inputs></p></r>
                """
        )
        let payload = try payload(record)
        #expect(payload.conversations[0].messages.map(\.content) == ["hi"])
        #expect(payload.conversations[0].messages[0].timestamp == nil)
        let legacy = try #require(payload.conversations[0].metadata?["legacy"])
        let mood = JSONValue.object([.init("level", .string("3")), .init("#text", .string("good"))])
        let score = JSONValue.Member("inputs.history[0].score", .number("12"))
        #expect(legacy == .object([.init("inputs.history[0].mood", mood), score]))
    }

    @Test func columnsOfOnePathAreBothKept() async throws {
        let record = try await convert(csv: "history[0].role,history[0].content,history.0.content\nEndUser,a,b\n")
        let payload = try payload(record)
        #expect(payload.conversations[0].messages.map(\.content) == ["a"])
        #expect(payload.conversations[0].metadata?["legacy"]?["history.0.content"] == .string("b"))
    }

    @Test(arguments: ["", ".", "[", "]", "a..b", "a[[1]]", "[0]", "0", "history", "history[99999999999999999999]"])
    func oddColumnsAreKeptOrLeftAlone(column: String) async throws {
        let record = try await convert(csv: "history[0].role,history[0].content,\(column)\nEndUser,a,odd\n")
        // What is no entry of a transcript rejects the record.
        let isRejected = column.hasPrefix("history")
        #expect(record.outcome.kind == (isRejected ? .rejected : .converted))
        let text = record.interactions.map { String(decoding: $0, as: UTF8.self) }.joined()
        #expect(isRejected || text.contains("odd"))
    }

    @Test func aPathOfAThousandStepsIsCutShort() async throws {
        let column = Array(repeating: "a", count: 1000).joined(separator: ".")
        let record = try await convert(csv: "history[0].role,history[0].content,\(column)\nEndUser,a,deep\n")
        #expect(record.outcome.kind == .converted)
        #expect(record.interactions.map { String(decoding: $0, as: UTF8.self) }.joined().contains("deep"))
    }

    @Test func recordsThatTheDecoderHasLostAreBooked() async throws {
        let rows = "EndUser,a\nEndUser,\"b\nc,d\n"
        let batch = LegacyPayloadForm.decode(csv: "history[0].role,history[0].content\n" + rows)
        let converted = await LegacyRecordsWorker(MappingOptions()).map(batch, as: .columns, file: "f.csv")
        let lost = batch.faults.count { $0.losesRecord }
        #expect(lost > 0)
        #expect(converted.outcomes.count == batch.records.count + lost)
        #expect(converted.books.records.total == converted.outcomes.count)
        #expect(converted.books.isBalanced)
        #expect(converted.outcomes.last?.findings.first?.place.line != nil)
    }

    @Test func aCellMayHoldTheArrayAsJSON() async throws {
        let record = try await convert(
            csv: """
                session.user_perspective;session.tags
                "[{""role"":""EndUser"",""content"":""a; b""}]";[]
                """
        )
        #expect(try payload(record).conversations[0].messages.map(\.content) == ["a; b"])
    }

    @Test func findingsSayWhereTheRecordIs() async throws {
        let xml = try await convert(xml: "<r>\n <p><history><role>Ghost</role><content>x</content></history></p></r>")
        #expect(xml.outcome.kind == .rejected)
        #expect(xml.outcome.findings.map(\.code) == [.roleUnknown])
        #expect(xml.outcome.findings.first?.place.file == "f.xml")
        #expect(xml.outcome.findings.first?.place.line == 2)
        let csv = try await convert(csv: "history[0].role,history[0].content\nGhost,x\n")
        #expect(csv.outcome.findings.first?.place.record == 1)
        #expect(csv.outcome.findings.first?.place.line == 2)
        #expect(csv.outcome.findings.first?.path == "history[].role")
    }

    @Test func legacyTablesAreRecognisedByTheirTranscript() {
        func isLegacy(_ columns: [String]) -> Bool {
            var skeleton = Skeleton(kind: .delimited)
            for column in columns { skeleton.mention(column) }
            return LegacyShape.isFlattened(skeleton)
        }
        #expect(isLegacy(["action", "inputs.history[0].content"]))
        #expect(isLegacy(["session.user_perspective.0.content", "request.medium"]))
        #expect(isLegacy(["payload.request.scope.conversations[0].messages[0].content"]))
        #expect(!isLegacy(["session", "request", "content"]))
        #expect(!isLegacy(["history", "role"].map { "my." + $0 }))
    }

    @Test func legacyDocumentsAreRecognisedByTheirTranscript() {
        func path(_ paths: [String]) -> String? {
            var skeleton = Skeleton(kind: .markup)
            for path in paths { skeleton.mention(path) }
            return LegacyShape.path(in: skeleton)
        }
        let entry = ["/role", "/content"]
        func all(_ base: String) -> [String] { [base] + entry.map { base + $0 } }
        #expect(path(all("a/b/session/user_perspective")) == "a/b")
        #expect(path(all("a/payload/request/scope/other/item")) == nil)
        let wrapped = "a/payload/request/scope/conversations"
        #expect(path([wrapped] + all(wrapped + "/item")) == "a")
        #expect(path(all("a/m/inputs/history")) == "a/m")
        #expect(path(all("message/history")) == "message")
        #expect(path(["a/history", "a/history/content"]) == nil)
        #expect(path(["a/session", "a/request"]) == nil)
    }
}
