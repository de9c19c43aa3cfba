// Same input, same bytes: in every run, for every number of jobs, and however the input is cut into files.

import Foundation
import TestSupport
import Testing

@Suite struct DeterminismTests {
    private static let seed =
        ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_SEED"].flatMap { UInt64($0) } ?? 20_250_813

    /// Everything that a run writes, byte for byte.
    private struct Written: Equatable {
        var output: Data
        var outcomes: Data
        var report: Data
        var rejects: Data
        var status: Int32
    }

    private static func convert(_ path: String, _ options: [String], jobs: Int) throws -> Written {
        try TestFiles.withFolder { folder in
            let run = try CommandLineTool.run(
                ["convert", path, "-o", folder + "/out", "--outcomes", folder + "/outcomes", "--quiet"]
                    + ["--report", folder + "/report", "--rejects", folder + "/rejects", "--max-findings", "0"]
                    + ["--jobs", "\(jobs)"] + options
            )
            try #require(run.status == 0 || run.status == 1, "exit \(run.status): \(run.errors.suffix(300))")
            func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) }
            return Written(
                output: try data("out"),
                outcomes: try data("outcomes"),
                report: try data("report"),
                rejects: try data("rejects"),
                status: run.status
            )
        }
    }

    /// Runs one command again and with other numbers of jobs.
    private static func expectEqual(_ path: String, _ options: [String], _ what: String) throws {
        let first = try convert(path, options, jobs: 1)
        #expect(!first.output.isEmpty && !first.outcomes.isEmpty && !first.report.isEmpty, "\(what)")
        // An array is the same text with other separators: one more run is enough.
        for jobs in options.contains("json") ? [2] : [1, 2, 3] {
            let again = try convert(path, options, jobs: jobs)
            // Not the values themselves: a failure would print megabytes.
            let differs = [
                first.output == again.output ? nil : "output",
                first.outcomes == again.outcomes ? nil : "outcomes",
                first.report == again.report ? nil : "report",
                first.rejects == again.rejects ? nil : "rejects",
                first.status == again.status ? nil : "status",
            ].compactMap { $0 }
            #expect(differs.isEmpty, "\(what), \(jobs) jobs")
        }
    }

    private static let choices = [
        ["--form", "rest"], ["--form", "websocket"], ["--form", "rest", "--output", "json"],
        ["--form", "websocket", "--output", "json"],
    ]

    // MARK: Many batches

    /// Rows without a key, broken rows and conversations that are refused, among many others.
    @Test(arguments: ["any", "clustered"], [(rows: 12_000, text: 80), (rows: 480, text: 4000)])
    func whatIsRejectedOfATableStandsInOnePlace(order: String, size: (rows: Int, text: Int)) throws {
        try TestFiles.withFolder { folder in
            var rows = "conversation_id,timestamp,sender_id,role,text\n"
            for number in 0..<size.rows {
                if number % 97 == 13 { rows += ",2024-03-02T20:39:51Z,a,customer,no key\n" }
                if number % 611 == 13 { rows += "k,x,\"broken\n" }
                let role = number % 401 == 0 ? "who" : "customer"
                rows += "k-\(number / 4),2024-03-02T20:39:51Z,a,\(role),\(String(repeating: "x", count: size.text))\n"
            }
            try Folder.write(rows, folder + "/rows.csv")
            let options = ["--organization-id", "o", "--order", order]
            try Self.expectEqual(folder + "/rows.csv", options, "\(order), \(size)")
        }
    }

    @Test(arguments: choices)
    func manyBatchesAreTheSameBytesAtAnyNumberOfJobs(choice: [String]) throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/many.ndjson"
            var generator = LegacyPayloadGenerator(seed: Self.seed)
            let text = generator.lines(bytes: 6_000_000)
            // Batches are about 256 KiB: so many that every worker gets several.
            try #require(text.count > 20 * 262_144)
            try Data(text).write(to: URL(fileURLWithPath: path))
            try Self.expectEqual(
                path,
                ["--organization-id", "org_default"] + choice,
                "seed \(Self.seed), \(choice)"
            )
        }
    }

    @Test func cuttingManyBatchesIntoFilesChangesNoInteraction() throws {
        try TestFiles.withFolder { folder in
            var generator = LegacyPayloadGenerator(seed: Self.seed &+ 1)
            let text = generator.lines(bytes: 1_500_000)
            let lines = text.split(separator: UInt8(ascii: "\n")).map { [UInt8]($0) }
            try Self.expectUnion(of: lines, ["--organization-id", "org_default"], in: folder)
        }
    }

    // MARK: The corpus

    @Test(.enabled(if: LegacyCorpus.isThere, "the corpus of legacy payloads is not on this machine"))
    func theCorpusIsTheSameBytesAtAnyNumberOfJobs() throws {
        for file in try LegacyCorpus.all() {
            for choice in Self.choices {
                try Self.expectEqual(file.path, LegacyRun.standard + choice, "\(file.name), \(choice)")
            }
        }
    }

    @Test(.enabled(if: LegacyCorpus.isThere, "the corpus of legacy payloads is not on this machine"))
    func theCorpusInShuffledShardsGivesTheSameInteractions() throws {
        try TestFiles.withFolder { folder in
            let lines = try LegacyCorpus.all().flatMap { $0.lines.map(\.text) }
            try Self.expectUnion(of: lines, LegacyRun.standard, in: folder)
        }
    }

    /// Converts lines as a whole, and in seven shuffled shards: the sets of output lines must be equal.
    private static func expectUnion(of lines: [[UInt8]], _ options: [String], in folder: String) throws {
        let whole = try LegacyRun(lines: lines, options)
        #expect(whole.outputs.count * 2 > lines.count)
        var random = SeededRandom(seed: seed)
        let shuffled = lines.shuffled(using: &random)
        var united: [[UInt8]] = []
        for shard in 0..<7 {
            let part = stride(from: shard, to: shuffled.count, by: 7).map { shuffled[$0] }
            united += try LegacyRun(lines: part, options, jobs: 1 + shard % 3).outputs
        }
        #expect(united.count == whole.outputs.count, "seed \(seed)")
        let isSame = sorted(united) == sorted(whole.outputs)
        #expect(isSame, "seed \(seed): the shards' Interactions are not those of the whole")
    }

    private static func sorted(_ lines: [[UInt8]]) -> [[UInt8]] {
        lines.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

/// Payloads of several generations, varied in size, speakers, times and faults; equal seeds give equal bytes.
private struct LegacyPayloadGenerator {
    private var random: SeededRandom
    private static let words = [
        "order", "refund", "seat", "Straße", "مرحبا", "預約", "👩‍👩‍👧‍👦", #"\u0000"#, #"say \"no\""#, #"a\nb"#, "e\u{301}",
    ]

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func lines(bytes: Int) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes + 262_144)
        while text.count < bytes {
            text += Array(line().utf8)
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    private mutating func line() -> String {
        switch Int.random(in: 0..<100, using: &random) {
        case 0: return #"{"session":{"#
        case 1: return "[1,2]"
        case 2: return flat(messages: 0)
        case 3: return flat(messages: 900)
        case 4..<50: return modern(messages: count())
        default: return flat(messages: count())
        }
    }

    private mutating func count() -> Int {
        Int.random(in: 1...(Bool.random(using: &random) ? 6 : 60), using: &random)
    }

    private mutating func number() -> Int { Int.random(in: 1...999_999, using: &random) }

    private mutating func words() -> String {
        (0..<Int.random(in: 0...24, using: &random)).map { _ in Self.words.randomElement(using: &random) ?? "" }
            .joined(separator: " ")
    }

    private mutating func message(idKey: String, nameKey: String) -> String {
        let speaker = Int.random(in: 0..<3, using: &random)
        let role = ["EndUser", "agent", "BOT"][speaker]
        let seconds = 1_700_000_000 + Int.random(in: 0..<50_000_000, using: &random)
        let day = "2024-05-0\(1 + speaker)"
        let times = ["\(seconds)", #""\#(seconds)000""#, #""\#(day)T10:00:00.5+02:00""#, #""soon""#, "null"]
        let time = times.randomElement(using: &random) ?? "null"
        var members = [#""role":"\#(role)""#, #""content":"\#(words())""#, #""timestamp":\#(time)"#]
        if Bool.random(using: &random) { members.append(#""\#(idKey)":"p\#(speaker)""#) }
        if Bool.random(using: &random) { members.append(#""\#(nameKey)":"Name \#(speaker)""#) }
        if Int.random(in: 0..<10, using: &random) == 0 { members.append(#""mood":{"level":1.50}"#) }
        return "{" + members.shuffled(using: &random).joined(separator: ",") + "}"
    }

    /// v2.
    private mutating func flat(messages: Int) -> String {
        let list = (0..<messages).map { _ in message(idKey: "id", nameKey: "name") }.joined(separator: ",")
        let organization = Bool.random(using: &random) ? #""client":{"organization_ID":"org_\#(number())"},"# : ""
        return #"{"session":{"trace_parent_ID":"t\#(number())","user_perspective":[\#(list)]},\#(organization)"#
            + #""request":{"request_ID":"r\#(number())","medium":"chat","x_\#(number())":12345678901234567890}}"#
    }

    /// v3.1.
    private mutating func modern(messages: Int) -> String {
        let list = (0..<messages).map { _ in message(idKey: "participant_id", nameKey: "display_name") }
            .joined(separator: ",")
        let thread = Bool.random(using: &random) ? #""connections":{"thread_id":"th_\#(number())"},"# : ""
        return #"{"session":{"session_id":"s\#(number())"},"request":{\#(thread)"#
            + #""context":{"organization_id":"org_\#(number())"},"#
            + #""scope":{"conversations":[\#(list)],"orders":[{"id":\#(number()),"total":1.0e2}]}}}"#
    }
}
