// Grouping past one machine: records to fragments on some, fragments to conversations on others, as on one.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct GrainTests {
    private static let common = ["--organization-id", "org_1", "--timezone", "Europe/Paris", "--quiet"]

    /// Messages of many conversations, all mixed: some people and times repeat, some rows are of no use.
    private static func table(_ count: Int) -> (header: String, rows: [String]) {
        var random = SeededRandom(seed: 7)
        let rows = (0..<count).map { number in
            let conversation = Int.random(in: 0..<40, using: &random)
            let isUser = Int.random(in: 0..<2, using: &random) == 0
            let minute = Int.random(in: 0..<60, using: &random)
            let body = ["Hello", "\"quoted, \"\"twice\"\"\"", "two\u{2028}lines", "caf\u{E9} \\ \u{1F600}", ""][
                number % 5
            ]
            let key = number % 97 == 50 ? "" : "c\(conversation)"
            // A conversation that nobody speaks in is rejected.
            let role = conversation == 13 ? "system" : isUser ? "customer" : "agent"
            return "\(key),2024-05-02T08:\(minute < 10 ? "0" : "")\(minute):00Z,u\(conversation)\(isUser),"
                + "\(isUser ? "Kim" : "Ana"),\(role),Subject \(conversation),\(body)"
        }
        return ("conversation_id,timestamp,sender_id,sender_name,sender_role,subject,body", rows)
    }

    private static func lines(_ path: String) throws -> [String] {
        try Folder.text(path).split(separator: "\n").map(String.init).sorted()
    }

    @Test(arguments: [1, 3, 8])
    func anyPartitioningGivesTheConversationsOfOneRun(partitions: Int) throws {
        let table = Self.table(1500)
        try TestFiles.withFolder { folder in
            // The order of the whole is that of the parts, which their names give.
            let size = (table.rows.count + partitions - 1) / partitions
            var order: [String] = []
            try FileManager.default.createDirectory(atPath: folder + "/parts", withIntermediateDirectories: false)
            for part in 0..<partitions {
                let rows = table.rows[part * size..<min((part + 1) * size, table.rows.count)]
                order.append("part-\(part).csv")
                let text = ([table.header] + rows).joined(separator: "\n") + "\n"
                try Folder.write(text, folder + "/parts/" + order[part])
            }
            let options = Self.common.joined(separator: " ")
            let script = """
                $TOOL convert parts \(options) -o plain --outcomes plain.outcomes --report plain.json; echo $?
                cd parts
                for part in \(order.reversed().joined(separator: " ")); do
                  $TOOL convert $part --grain messages \(options) --outcomes ../$part.outcomes --report ../$part.json
                  echo $? >&2
                done >../fragments
                cd ..
                LC_ALL=C sort fragments >sorted
                # Two machines share the keys; the second one takes the lines in another order.
                $TOOL convert - --grain conversations --order clustered \(options) -o a --outcomes a.outcomes \
                  --report a.json < <(awk -F'"' 'length($4) % 2' sorted)
                awk -F'"' '!(length($4) % 2)' fragments | tac |
                  $TOOL convert --grain conversations --memory 1M \(options) -o b --outcomes b.outcomes --report b.json
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.text == "1\n", "\(run.errors)")
            let plain = try Self.lines(folder + "/plain")
            #expect(plain.count > 30)
            #expect(try plain == (Self.lines(folder + "/a") + Self.lines(folder + "/b")).sorted())

            // The books of all parts add up to those of one run.
            let first = try order.map { try JSONText(Folder.text(folder + "/\($0).json")) }
            let second = try ["a", "b"].map { try JSONText(Folder.text(folder + "/\($0).json")) }
            let whole = try JSONText(Folder.text(folder + "/plain.json"))
            func sum(_ reports: [JSONText], _ path: String) -> Int { reports.reduce(0) { $0 + ($1.number(path) ?? 0) } }
            for report in first + second { #expect(report["balanced"] as? Bool == true) }
            #expect(sum(first, "books.records.in") == 1500)
            #expect(sum(first, "books.records.mapped") == sum(second, "books.records.in"))
            #expect(sum(second, "books.records.mapped") == whole.number("books.records.mapped"))
            #expect(
                sum(first, "books.records.rejected") + sum(second, "books.records.rejected")
                    == whole.number("books.records.rejected")
            )
            #expect(sum(first, "books.sourceFields.in") == whole.number("books.sourceFields.in"))
            for level in ["conversations", "messages", "participants"] {
                for part in ["in", "mapped", "moved", "rejected"] {
                    let path = "books.\(level).\(part)"
                    #expect(sum(second, path) == whole.number(path), "\(path)")
                }
            }
            let outcomes = try (order + ["a", "b"]).map { try Self.lines(folder + "/\($0).outcomes").count }
            #expect(try outcomes.reduce(0, +) == Self.lines(folder + "/plain.outcomes").count)
        }
    }

    /// Chat logs of every kind: lists of people, events, edits, attachments, several places in a file, made-up keys.
    private static let samples: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: TestFiles.package + "/samples")) ?? []
        return names.sorted().filter { name in
            !["array", "concatenated", "etl", "json5", "ndjson", "profiles", "quickstart"].contains(name)
                && !name.hasPrefix("v1") && !name.hasPrefix("v2.") && !name.hasPrefix("v3.")
                && FileManager.default.fileExists(atPath: TestFiles.package + "/samples/\(name)/pass")
        }
    }()

    @Test(arguments: samples)
    func everyFormatComesThrough(sample: String) throws {
        let folder = TestFiles.package + "/samples/\(sample)/pass"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)")
            let input = try #require(files.first { $0 == "input" || $0.hasPrefix("input.") })
            let options = (try? Folder.text("\(folder)/\(name)/options")) ?? ""
            let words = options.split(whereSeparator: \.isNewline).flatMap {
                $0.split(separator: " ", maxSplits: 1).map(String.init)
            }
            let paths = "\(folder)/\(name)"
            let expected = try Folder.text("\(paths)/expected.ndjson").split(separator: "\n").sorted()
            let fragments = try CommandLineTool.run(
                ["convert", input, "--grain", "messages", "--jobs", "2"] + words,
                folder: paths
            )
            #expect(fragments.status == 0, "\(sample)/\(name): \(fragments.errors)")
            let again = try CommandLineTool.run(
                ["convert", input, "--grain", "messages", "--jobs", "1"] + words,
                folder: paths
            )
            #expect(fragments.output == again.output)
            let converted = try CommandLineTool.run(
                ["convert", "--grain", "conversations"] + words,
                input: fragments.output
            )
            #expect(converted.status == 0, "\(sample)/\(name): \(converted.errors)")
            #expect(converted.text.split(separator: "\n").sorted() == expected, "\(sample)/\(name)")
        }
    }

    /// The form is a promise: a change to it must change its version, and docs/SCALE-OUT.md.
    @Test
    func theFormOfFragmentsIsThatOfItsVersion() throws {
        let table = """
            conversation_id,timestamp,sender_id,sender_name,sender_role,channel,subject,extra,body
            c1,2024-05-02T08:00:00Z,u1,Kim,customer,whatsapp,Late,x,"Where?"
            c1,2024-05-02T08:00:01Z,u1,Kim,customer,whatsapp,Late,x,And when?

            """
        let run = try CommandLineTool.run(
            ["convert", "--grain", "messages", "--stdin-name", "part-1.csv"],
            input: Array(table.utf8)
        )
        let described = try Markdown("docs/SCALE-OUT.md").blocks("json")
        #expect(described.contains(run.text), "docs/SCALE-OUT.md shows another line than \(run.text)")
    }

    @Test
    func engineMayWriteTheJSONAnew() throws {
        let folder = TestFiles.package + "/samples/generic-csv/pass/common-names"
        let options = ["--organization-id", "org_demo"]
        let fragments = try CommandLineTool.run(["convert", "input.csv", "--grain", "messages"], folder: folder)
        let rewritten = try fragments.text.split(separator: "\n").map { line in
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
            return String(decoding: data, as: UTF8.self)
        }
        let run = try CommandLineTool.run(
            ["convert", "--grain", "conversations"] + options,
            input: Array(rewritten.joined(separator: "\n").utf8)
        )
        let plain = try CommandLineTool.run(["convert", "input.csv"] + options, folder: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.text.split(separator: "\n").sorted() == plain.text.split(separator: "\n").sorted())
    }

    @Test
    func damagedFragmentsAreRejected() throws {
        let folder = TestFiles.package + "/samples/generic-csv/pass/common-names"
        let fragments = try CommandLineTool.run(["convert", "input.csv", "--grain", "messages"], folder: folder).text
        let line = try #require(fragments.split(separator: "\n").first).description
        var damaged = [
            "{", "{}", "[]", "7", Payload.complete(), line.replacing("\"fragments\":1", with: "\"fragments\":2"),
            line.replacing("\"fields\":", with: "\"field\":"), line.replacing("\"entry\"", with: "\"entries\""),
            line.replacing("[\"kept\",", with: "[\"kept\",7,"), line.replacing("\"bytes\":[", with: "\"bytes\":[-"),
        ]
        // Everything but the whole line is either refused or read without harm.
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            var bytes = Array(line.utf8)
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x20..<0x7F, using: &random)
            damaged.append(String(decoding: bytes, as: UTF8.self))
        }
        let input = damaged.joined(separator: "\n")
        let run = try CommandLineTool.run(
            ["convert", "--grain", "conversations", "--organization-id", "o", "--rejects-inline"],
            input: Array(input.utf8)
        )
        #expect(run.status == 1, "\(run.errors)")
        let lines = try JSONText.lines(run.text)
        #expect(lines.count { $0.text("_rejected.findings.0.code") == "fragments-unreadable" } >= 10)
        #expect(run.errors.contains("form 2"))
    }

    @Test
    func legacyPayloadsAreWholeConversations() throws {
        let run = try CommandLineTool.run(["convert", "--grain", "messages"], input: Array(Payload.complete().utf8))
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("without --grain"))
        #expect(try CommandLineTool.run(["convert", "--grain", "messages", "--from", "legacy"]).status == 64)
    }

    // MARK: Options

    /// Rows without a key, or lines of no fragments, at the beginning of more than one batch.
    private static func parts(_ folder: String) throws -> [(grain: String, input: String)] {
        let table = table(20000)
        let unkeyed = ",2024-05-02T08:00:00Z,u1,Kim,customer,Late,Hello"
        let rows = [table.header] + Array(repeating: unkeyed, count: 5) + table.rows
        try Folder.write(rows.joined(separator: "\n") + "\n", folder + "/in.csv")
        let arguments = ["convert", "in.csv", "--grain", "messages", "-o", "good.ndjson"]
        _ = try CommandLineTool.run(arguments + common, folder: folder)
        let lines = try Folder.text(folder + "/good.ndjson")
        try Folder.write(String(repeating: "{}\n", count: 5) + lines, folder + "/in.ndjson")
        return [("messages", "in.csv"), ("conversations", "in.ndjson")]
    }

    @Test
    func tooManyRejectsEndTheSecondHalfEarly() throws {
        try TestFiles.withFolder { folder in
            for (grain, input) in try Self.parts(folder).suffix(1) {
                for jobs in ["1", "3"] {
                    let arguments = ["convert", input, "--grain", grain, "--order", "clustered", "--jobs", jobs]
                    let options = Self.common + ["--report", "report.json"]
                    let whole = try CommandLineTool.run(
                        arguments + options + ["--max-rejects", "100%"],
                        folder: folder
                    )
                    #expect(whole.status == 0, "\(whole.errors)")
                    let report = try JSONText(Folder.text(folder + "/report.json"))
                    let rejected = try #require(report.number("books.records.rejected"))
                    #expect(rejected >= 5)
                    let limits = [String(rejected), String(rejected - 1), "4"]
                    let runs = try limits.map {
                        try CommandLineTool.run(arguments + options + ["--max-rejects", $0], folder: folder)
                    }
                    #expect(runs.map(\.status) == [0, 1, 1], "\(grain)")
                    #expect(runs[2].output.count < whole.output.count / 2, "\(grain): it went on to the end")
                    #expect(runs[2].errors.contains("more than --max-rejects"), "\(runs[2].errors)")
                }
            }
        }
    }

    /// The half that makes Interactions is planned and checked as a whole run is.
    @Test
    func theSecondHalfKeepsToItsPlan() throws {
        try TestFiles.withFolder { folder in
            let input = try #require(Self.parts(folder).last).input
            let arguments = ["convert", input, "--grain", "conversations"] + Self.common
            let plan = try CommandLineTool.run(arguments + ["--dry-run", "--plan", "plan"], folder: folder)
            #expect(plan.status == 1, "what would be rejected is told: \(plan.errors)")
            let planned = try JSONText.lines(Folder.text(folder + "/plan"))
            let check = ["--plan", "plan", "--check", "--max-rejects", "100%", "-o"]
            let same = try CommandLineTool.run(arguments + check + ["out"], folder: folder)
            #expect(same.status == 0, "\(same.errors)")
            #expect(try planned.last?.number("interactions") == Self.lines(folder + "/out").count)
            let text = try Folder.text(folder + "/" + input)
            try Folder.write(text.replacing("Hello", with: "Hullo"), folder + "/" + input)
            let other = try CommandLineTool.run(arguments + check + ["other"], folder: folder)
            #expect(other.status == 1)
            #expect(other.errors.contains("input \(input): it has changed"), "\(other.errors)")
            #expect(other.errors.contains("records: the outputs of"), "\(other.errors)")
            #expect(!Folder.exists(folder + "/other"))
        }
        let first = ["convert", "in.csv", "--grain", "messages", "--dry-run", "--plan", "plan"]
        let refused = try CommandLineTool.run(first)
        #expect(refused.status == 64 && refused.errors.contains("--plan"), "\(refused.errors)")
    }

    @Test(arguments: [["--limit", "1"], ["--sample", "1"], ["--snapshots", "fold"]], ["messages", "conversations"])
    func whatNeedsTheWholeIsRefused(options: [String], grain: String) throws {
        let run = try CommandLineTool.run(["convert", "--grain", grain] + options)
        #expect(run.status == 64)
        #expect(run.errors.contains("--grain"), "\(run.errors)")
    }
}
