// `--limit`, `--sample`, `--max-rejects`: how much is converted, and what the books say of the rest.

import Foundation
import TestSupport
import Testing

@Suite struct SelectionTests {
    /// The report of a run, and its output.
    private static func convert(_ arguments: [String], _ folder: String) throws -> (report: JSONText, output: [UInt8]) {
        let all = ["convert"] + arguments + ["--organization-id", "o", "--timezone", "UTC", "--report", "report.json"]
        let run = try CommandLineTool.run(all + ["--max-findings", "0"], folder: folder)
        try #require(run.status < 2, "\(run.errors)")
        let report = try JSONText(Folder.text(folder + "/report.json"))
        #expect(report["balanced"] as? Bool == true, "\(arguments)")
        return (report, run.output)
    }

    private static func lines(_ output: [UInt8]) -> [String] {
        String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func theFirstRecordsOfSeveralFiles() throws {
        try TestFiles.withFolder { folder in
            for name in ["a", "b", "c"] {
                let records = (1...10).map { Payload.complete($0, content: "\(name)\($0)") }
                try Folder.write(records.joined(separator: "\n"), folder + "/\(name).ndjson")
            }
            let files = ["a.ndjson", "b.ndjson", "c.ndjson"]
            let whole = try Self.convert(files, folder)
            for limit in [1, 10, 13, 30, 99] {
                for jobs in ["1", "4"] {
                    let part = try Self.convert(files + ["--limit", String(limit), "--jobs", jobs], folder)
                    #expect(Self.lines(part.output) == Array(Self.lines(whole.output).prefix(limit)), "\(limit)")
                    let unread = limit >= 30 ? 0 : limit == 10 ? 2 : limit == 1 ? 3 : 2
                    #expect(part.report.number("books.files.dropped.limit") ?? 0 == unread, "\(limit)")
                }
            }
        }
    }

    /// Chat logs: the first conversations are whole, and the books know what became of the others.
    @Test(arguments: ["any", "clustered"])
    func theFirstConversations(order: String) throws {
        let sample = TestFiles.package + "/samples/slack/pass"
        let inputs = try FileManager.default.contentsOfDirectory(atPath: sample).sorted().map { "\(sample)/\($0)" }
        try TestFiles.withFolder { folder in
            for input in inputs {
                let name = try FileManager.default.contentsOfDirectory(atPath: input).first { $0.hasPrefix("input") }
                let path = input + "/" + (try #require(name))
                let whole = try Self.convert([path, "--order", order], folder)
                let outputs = Self.lines(whole.output)
                for limit in 1...max(1, outputs.count) {
                    let arguments = [path, "--order", order, "--limit", String(limit)]
                    let part = try Self.convert(arguments + ["--jobs", "1"], folder)
                    let same = try Self.convert(arguments + ["--jobs", "4"], folder)
                    #expect(part.output == same.output)
                    #expect(part.report[""] as? NSDictionary == same.report[""] as? NSDictionary, "\(arguments)")
                    let isPrefix = outputs.starts(with: Self.lines(part.output))
                    #expect(isPrefix, "\(path) \(limit)")
                }
            }
        }
    }

    /// Rare shapes are in the sample, which depends on the seed and on nothing else.
    @Test func theSampleHasAllShapes() throws {
        try TestFiles.withFolder { folder in
            var records = (1...500).map { Payload.complete($0) }
            records[250] = Payload.old()
            records[17] = "{\"a\":"
            records[400] = Payload.complete(401).replacing("\"session\":{", with: "\"session\":{\"rare\":1,")
            try Folder.write(records.joined(separator: "\n"), folder + "/in.ndjson")
            let arguments = ["in.ndjson", "--sample", "10"]
            let sample = try Self.convert(arguments, folder)
            #expect(sample.report.number("books.records.in") == 500)
            #expect(sample.report.number("books.records.dropped.sample") == 490)
            #expect(sample.report.number("books.records.rejected") == 1)
            let text = String(decoding: sample.output, as: UTF8.self)
            #expect(text.contains("rare"))
            #expect(text.contains("\"r-401\""))
            let generations = sample.report["generations"] as? [String: Int]
            #expect(generations == ["unrecognized": 1, "v2.0": 1, "v3.1": 8])
            for jobs in ["1", "5"] {
                #expect(try Self.convert(arguments + ["--jobs", jobs], folder).output == sample.output)
            }
            let other = try Self.convert(arguments + ["--seed", "7"], folder)
            #expect(other.output != sample.output)
            #expect(other.report.number("books.records.dropped.sample") == 490)
            let all = try Self.convert(["in.ndjson", "--sample", "1000"], folder)
            #expect(all.report.number("books.records.mapped") == 499)
        }
    }

    @Test func aSampleOfConversations() throws {
        try TestFiles.withFolder { folder in
            var rows = ["conversation_id,timestamp,sender,role,message,extra"]
            for chat in 1...60 {
                for entry in 1...3 {
                    let extra = chat == 31 ? "x" : ""
                    rows.append("c\(chat),2024-05-01T10:0\(entry):00Z,Ada,customer,Hello \(chat) \(entry),\(extra)")
                }
            }
            try Folder.write(rows.joined(separator: "\n"), folder + "/in.csv")
            let whole = try Self.convert(["in.csv"], folder)
            try #require(Self.lines(whole.output).count == 60)
            let sample = try Self.convert(["in.csv", "--sample", "5", "--jobs", "3"], folder)
            let lines = Self.lines(sample.output)
            #expect(lines.count == 5)
            #expect(lines.contains { $0.contains("\"c31\"") }, "the one with another shape")
            #expect(Set(lines).isSubset(of: Set(Self.lines(whole.output))))
            #expect(sample.report.number("books.records.dropped.sample") == 165)
            #expect(sample.report.number("books.conversations.dropped.sample") == 55)
            let fields = sample.report["fields"] as? [[String: Any]] ?? []
            #expect(fields.contains { $0["rule"] as? String == "sample" })
            #expect(try Self.convert(["in.csv", "--sample", "5", "--jobs", "1"], folder).output == sample.output)
        }
    }

    @Test func aSampleTakesTwoReadings() throws {
        let run = try CommandLineTool.run(["convert", "--sample", "3"], input: Array(Payload.complete().utf8))
        #expect(run.status == 2)
        #expect(run.errors.contains("can be read only once"), "\(run.errors)")
    }

    // MARK: Acceptable rejects

    private static func archive(_ count: Int, rejected: Set<Int>, _ folder: String) throws {
        let records = (0..<count).map { rejected.contains($0) ? "{}" : Payload.complete($0) }
        try Folder.write(records.joined(separator: "\n"), folder + "/in.ndjson")
    }

    @Test(
        arguments: [
            ("3", Int32(0)), ("2", 1), ("0", 1), ("0.3%", 0), ("0.2%", 1), ("100%", 0),
        ]
    )
    func whatIsAcceptable(limit: String, status: Int32) throws {
        try TestFiles.withFolder { folder in
            try Self.archive(1000, rejected: [5, 500, 999], folder)
            for jobs in ["1", "3"] {
                let arguments = ["convert", "in.ndjson", "-o", "out.ndjson", "--outcomes", "outcomes", "--jobs", jobs]
                let run = try CommandLineTool.run(arguments + ["--max-rejects", limit], folder: folder)
                #expect(run.status == status, "\(limit): \(run.errors)")
                #expect(Folder.exists(folder + "/out.ndjson") == (status == 0))
                #expect(Folder.exists(folder + "/outcomes") == (status == 0))
                #expect(try Folder.partials(folder).isEmpty)
                if status == 1 { #expect(run.errors.contains("more than --max-rejects; nothing was written")) }
                for name in ["/out.ndjson", "/outcomes"] { try? FileManager.default.removeItem(atPath: folder + name) }
            }
        }
    }

    /// Beyond it the run ends before the input does; a share is not judged by the first few records.
    @Test func theRunStopsEarly() throws {
        try TestFiles.withFolder { folder in
            try Self.archive(20000, rejected: Set(0..<5), folder)
            let early = try CommandLineTool.run(["convert", "in.ndjson", "--max-rejects", "4"], folder: folder)
            #expect(early.status == 1)
            #expect(Self.lines(early.output).count < 10000)
            #expect(early.errors.contains("the output is not complete"), "\(early.errors)")
            let late = try CommandLineTool.run(["convert", "in.ndjson", "--max-rejects", "1%"], folder: folder)
            #expect(late.status == 0)
            #expect(Self.lines(late.output).count == 19995)
        }
    }

    /// An input that cannot be converted as a whole is no rejected record.
    @Test func whatNoLimitAccepts() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.complete(), folder + "/in.json")
            let arguments = ["convert", "in.json", "--from", "slack", "--max-rejects", "100%"]
            let run = try CommandLineTool.run(arguments, folder: folder)
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains("format-unknown"))
            let missing = try CommandLineTool.run(["convert", "nothing", "--max-rejects", "100%"], folder: folder)
            #expect(missing.status == 2)
        }
    }
}
