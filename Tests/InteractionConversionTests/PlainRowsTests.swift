// Rows of a table that are like the one before take a short way, which must give what the long way gives.

import InteractionMapping
import InteractionModel
import InteractionSources
import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct PlainRowsTests {
    private static let plain = """
        profile: rows
        title: Rows
        system: test
        kind: csv
        records:
          row:
            detect: {all: [conversation]}
            conversation:
              key: conversation
              medium: {path: channel, map: {mail: email}, default: chat}
              language: language
              metadata: {channel: channel}
            entries:
              - time: time
                id: number
                sender:
                  id: sender
                  name: name
                  role: {path: role, map: {customer: user, agent: operator, bot: bot}}
                text: text
        """

    /// Conversations of few rows, in which now and then something is not as in the others.
    private static func table(_ random: inout SeededRandom, oddities: Int) -> String {
        let texts = [
            "Hello", "\"a, b\"", "\"line\nand \"\"line\"\"\"", "Grüße 😀", "back\\slash", "  spaces first", "tab\there",
        ]
        let roles = ["customer", "agent", "bot"]
        var rows = ["conversation,time,number,sender,name,role,channel,language,text,remark"]
        var number = 0
        for conversation in 0..<60 {
            var channel = ["web", "mail", "sms"].randomElement(using: &random) ?? ""
            let language = ["en", "de", ""].randomElement(using: &random) ?? ""
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                number += 1
                let role = Int.random(in: 0..<3, using: &random)
                let second = String(number % 60 + 100).dropFirst()
                var cells = [
                    "c\(conversation)", "2024-05-01T10:00:\(second)Z", "m\(number)", "s\(role)", "Name \(role)",
                    roles[role],
                    channel, language, texts.randomElement(using: &random) ?? "", "",
                ]
                if Int.random(in: 0..<100, using: &random) < oddities {
                    switch Int.random(in: 0..<12, using: &random) {
                    case 0:
                        cells[1] =
                            ["", "yesterday", "2024-05-01 10:00:00", "2024-05-01T10:00:00.5+02:00"]
                            .randomElement(using: &random) ?? ""
                    case 1: cells[8] = ["", "  "].randomElement(using: &random) ?? ""
                    case 2: cells[4] = ""
                    case 3: cells[5] = ["", "visitor", "CUSTOMER"].randomElement(using: &random) ?? ""
                    case 4: cells[6] = ""
                    case 5: channel = "mail"
                    case 6: cells[0] = ""
                    case 7: cells.removeLast(4)
                    case 8: cells += ["more", "cells"]
                    case 9: cells[9] = "a remark"
                    case 10: cells[2] = ["", "m1"].randomElement(using: &random) ?? ""
                    default: cells[3] = ""
                    }
                }
                rows.append(cells.joined(separator: ","))
            }
        }
        return rows.joined(separator: "\n") + "\n"
    }

    private static func decode(_ table: String, _ profile: Profile) -> DecodedBatch {
        var batch = DecodedBatchBuilder()
        var decoder = AnyRecordDecoder.make(profile, at: "", encoding: nil, largestRecord: 1 << 20)
        Array(table.utf8).withUnsafeBytes { decoder?.decode($0, isFinal: true, into: &batch) }
        return batch.seal()
    }

    /// What a conversion gives, with all there is to compare.
    private struct Result: Equatable {
        var output: [UInt8] = []
        var findings: [String] = []
        var participants: [String] = []
        var books = Books()
        var fields: [FieldTotal: Int] = [:]
        var hits: [Int] = []
    }

    /// Converts rows that come in batches of so many.
    private static func convert(_ rows: DecodedBatch, _ profile: Profile, batch size: Int) throws -> Result {
        var options = MappingOptions()
        options.organizationId = "org"
        let file = FileFacts(index: 0, path: "rows.csv", inner: "rows.csv")
        var extractor = Extractor(profile: profile, options: options, worker: 0, tables: [:])
        var grouper = ConversationGrouper(order: .any, spillFolder: "/tmp")
        var result = Result()
        var outcomes: [RecordOutcome] = []
        for start in stride(from: 0, to: rows.records.count, by: size) {
            extractor.begin(file: file, rules: Array(profile.records.indices))
            for record in rows.records[start..<min(start + size, rows.records.count)] {
                let origin = FragmentOrigin(
                    file: 0,
                    record: record.number,
                    line: record.line,
                    column: record.column,
                    bytes: record.bytes
                )
                extractor.extract(rows.view(of: record), context: nil, origin: origin)
            }
            let fragments = extractor.takeOutput()
            try grouper.add(all: fragments.bytes) { _ in }
            result.books += extractor.books
            outcomes += extractor.rejections
        }
        var mapper = RecordMapper(options: options)
        mapper.books = result.books
        mapper.begin(RecordSource.none)
        var rebooked: RebookedFields = [:]
        while try grouper.handOn(
            atLeast: 1 << 20,
            { conversation in
                mapper.map(
                    ConversationFragments(
                        key: UnsafeRawBufferPointer(rebasing: conversation.key.dropFirst()),
                        run: conversation.fragments.bytes,
                        isReopened: false
                    ),
                    profile: GatheringRules(profile),
                    files: ["rows.csv"],
                    rebooked: &rebooked,
                    into: &outcomes
                )
            },
            reopened: { _ in }
        ) {}
        result.books = mapper.books
        result.books.sourceFields += extractor.rebook(rebooked[.rejected]?[0] ?? [:], as: .rejected)
        result.output = mapper.takeOutput().array
        result.findings = outcomes.flatMap(\.findings).map(\.description)
        result.participants = outcomes.flatMap(\.participants).map { "\($0.participantId) \($0.role) \($0.rule)" }
        result.fields = extractor.ledger.totals()
        result.hits = extractor.hits
        return result
    }

    @Test(arguments: [0, 5, 30], 1...8 as ClosedRange<UInt64>)
    func rowsTogetherGiveWhatEachGivesAlone(oddities: Int, seed: UInt64) throws {
        let profile = try #require(Profile.read(Self.plain, file: "rows.yaml").profile)
        var random = SeededRandom(seed: seed)
        let rows = Self.decode(Self.table(&random, oddities: oddities), profile)
        #expect(rows.records.count > 100)
        let alone = try Self.convert(rows, profile, batch: 1)
        #expect(alone.books.isBalanced)
        #expect(!alone.output.isEmpty)
        for size in [2, 7, rows.records.count] {
            let together = try Self.convert(rows, profile, batch: size)
            #expect(String(decoding: together.output, as: UTF8.self) == String(decoding: alone.output, as: UTF8.self))
            #expect(together == alone)
        }
    }
}
