// The report says what the output holds, and keeps to its schema.

import Foundation
import TestSupport
import Testing

@Suite struct ReportTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["INTERACTION_MIGRATE_PYTHON"]

    /// Inputs of many kinds: every folder of samples, and of real exports where they are.
    static let inputs: [String] = {
        let samples = TestFiles.package + "/samples"
        let corpus = TestFiles.shared.map { $0 + "/corpus" }
        return [samples, corpus].compactMap(\.self).flatMap { root in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            return names.sorted().map { root + "/" + $0 }.filter { path in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
                    && !["etl", "profiles"].contains(URL(fileURLWithPath: path).lastPathComponent)
            }
        }
    }()

    /// One conversion, with everything that it writes read back.
    struct Conversion {
        var report: [String: Any]
        var reportText: String
        var outcomes: [Substring]
        var interactions: [Substring]

        /// - Returns: Nil for a folder without anything to convert.
        init?(_ path: String, _ options: [String] = []) throws {
            let read = try TestFiles.withFolder { folder -> (Int32, String, String, String)? in
                let run = try CommandLineTool.run(
                    ["convert", path, "-o", "out", "--outcomes", "outcomes", "--report", "report", "--quiet"]
                        + ["--max-findings", "0", "--organization-id", "org_1"] + options,
                    folder: folder
                )
                guard Folder.exists(folder + "/report") else { return nil }
                return (
                    run.status, try Folder.text(folder + "/report"), try Folder.text(folder + "/outcomes"),
                    try Folder.text(folder + "/out")
                )
            }
            guard let read else { return nil }
            reportText = read.1
            report = try #require(try JSONSerialization.jsonObject(with: Data(read.1.utf8)) as? [String: Any])
            outcomes = read.2.split(separator: "\n")
            interactions = read.3.split(separator: "\n")
        }

        func value<Value>(_ path: String, _: Value.Type = Value.self) throws -> Value {
            var found: Any? = report
            for key in path.split(separator: ".") { found = (found as? [String: Any])?[String(key)] }
            return try #require(found as? Value, "\(path)")
        }
    }

    /// What is counted in the Interactions themselves.
    private struct Counted: Equatable {
        var messages = 0
        var days: [String: Int] = [:]
        var roles: [String: Int] = [:]
        var bytes = 0
        var largest = 0
        var sizes = [Int](repeating: 0, count: 9)

        init() {}

        /// Counts in output lines.
        init(_ lines: [Substring]) throws {
            let plain = ISO8601DateFormatter()
            plain.formatOptions = [.withInternetDateTime]
            for line in lines {
                let size = line.utf8.count
                bytes += size
                largest = max(largest, size)
                sizes[(0..<8).first { size <= 1024 << $0 } ?? 8] += 1
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                let request = object?["request"] as? [String: Any]
                let scope = request?["scope"] as? [String: Any]
                for conversation in scope?["conversations"] as? [[String: Any]] ?? [] {
                    for message in conversation["messages"] as? [[String: Any]] ?? [] {
                        messages += 1
                        guard let time = message["timestamp"] as? String else { continue }
                        // Fractions change no day; the formatter takes either all texts with one or all without.
                        let whole = time.replacing(/\.\d+/, with: "")
                        let date = try #require(plain.date(from: whole), "\(time)")
                        days[String(plain.string(from: date).prefix(10)), default: 0] += 1
                    }
                    for participant in conversation["participants"] as? [[String: Any]] ?? [] {
                        roles[participant["role"] as? String ?? "", default: 0] += 1
                    }
                }
            }
        }
    }

    @Test(arguments: inputs)
    func countsAreThoseOfTheOutput(_ input: String) throws {
        guard let conversion = try Conversion(input) else { return }
        var said = Counted()
        said.bytes = try conversion.value("sizes.bytes")
        said.largest = try conversion.value("sizes.largest")
        said.sizes = try conversion.value("sizes.buckets", [[String: Any]].self).map { $0["count"] as? Int ?? -1 }
        for entry in try conversion.value("participants", [[String: Any]].self) {
            said.roles[entry["role"] as? String ?? "", default: 0] += entry["count"] as? Int ?? -1
        }
        let buckets: [[String: Any]] = try conversion.value("timeline.buckets")
        said.messages = try conversion.value("timeline.withoutTime.messages")
        for bucket in buckets {
            said.messages += bucket["messages"] as? Int ?? -1
            said.days[bucket["start"] as? String ?? ""] = bucket["messages"] as? Int
        }
        said.days = said.days.filter { $0.value > 0 }
        var counted = try Counted(conversion.interactions)
        // Parts carry their participants again, and a text that is cut is a message in each part.
        if try conversion.value("split.records", Int.self) > 0 {
            (counted.roles, counted.messages, counted.days) = (said.roles, said.messages, said.days)
        }
        #expect(said == counted)
        #expect(try conversion.value("interactions", Int.self) == conversion.interactions.count)

        let conversations = buckets.reduce(0) { $0 + ($1["conversations"] as? Int ?? -1) }
        let untimed: Int = try conversion.value("timeline.withoutTime.conversations")
        #expect(try conversion.value("books.conversations.mapped", Int.self) == conversations + untimed)
        #expect(try conversion.value("books.messages.mapped", Int.self) == said.messages)
        let participants = said.roles.values.reduce(0, +)
        #expect(try conversion.value("books.participants.mapped", Int.self) == participants)
    }

    @Test func placesOfAFindingAreTheFirstThreeInOrder() throws {
        try TestFiles.withFolder { folder in
            let lines = (0..<9).map { $0 % 2 == 0 ? "[]" : "{" }
            try Folder.write(lines.joined(separator: "\n"), folder + "/in.ndjson")
            let conversion = try #require(try Conversion(folder + "/in.ndjson"))
            let findings: [[String: Any]] = try conversion.value("findings")
            for (code, records) in [("not-an-object", [1, 3, 5]), ("truncated", [2, 4, 6])] {
                let finding = try #require(findings.first { $0["code"] as? String == code }, "\(findings)")
                #expect(finding["count"] as? Int == (code == "truncated" ? 4 : 5))
                let first = finding["first"] as? [String: Any]
                let next = finding["next"] as? [[String: Any]]
                #expect(([first] + (next ?? [])).map { $0?["record"] as? Int } == records)
            }
        }
    }

    @Test func partsAreCounted() throws {
        try TestFiles.withFolder { folder in
            let text = String(repeating: "all work and no play ", count: 15_000)
            let messages = (1...3).map { number in
                #"{"role":"EndUser","content":"\#(text)","timestamp":"2024-05-0\#(number)T10:00:00Z"}"#
            }
            let record =
                #"{"session":{"session_id":"s"},"request":{"connections":{"thread_id":"t"},"scope":{"conversations":["#
                + messages.joined(separator: ",") + "]}}}"
            try Folder.write(record, folder + "/in.ndjson")
            let conversion = try #require(try Conversion(folder + "/in.ndjson"))
            #expect(try conversion.value("split.records", Int.self) == 1)
            #expect(try conversion.value("split.parts", Int.self) == conversion.interactions.count)
            #expect(conversion.interactions.count > 3)
            #expect(try conversion.value("sizes.largest", Int.self) <= 131_072)
        }
    }

    @Test(
        .enabled(
            if: python != nil || environment["CI"] != nil,
            "INTERACTION_MIGRATE_PYTHON must name a Python with the package jsonschema; Tests/run sets it"
        )
    )
    func everyReportAndOutcomeIsOfItsSchema() throws {
        var reports: [String] = []
        var outcomes: [Substring] = []
        for input in Self.inputs {
            guard let conversion = try Conversion(input) else { continue }
            reports.append(conversion.reportText.replacing("\n", with: " "))
            outcomes += conversion.outcomes
        }
        #expect(reports.count > 50 && outcomes.count > 100)
        // The schemas can refuse: what is none of these, and what has a member too many.
        try Self.expectVerdicts("report", reports.map { ($0, true) } + [("{}", false), (String(outcomes[0]), false)])
        let more = outcomes[0].dropLast() + #","more":1}"#
        try Self.expectVerdicts("outcome", outcomes.map { (String($0), true) } + [(String(more), false)])
    }

    static func expectVerdicts(_ name: String, _ lines: [(text: String, isValid: Bool)]) throws {
        let python = try #require(python)
        try TestFiles.withFolder { folder in
            try Folder.write(([#"["\#(name)"]"#] + lines.map(\.text)).joined(separator: "\n"), folder + "/lines")
            let script = TestFiles.package + "/Tests/Support/schema_verdicts.py"
            let schema = TestFiles.package + "/docs/schemas/\(name).schema.json"
            let run = try Shell.run("'\(python)' '\(script)' '\(schema)' lines", folder: folder)
            let verdicts = run.text.split(separator: "\n")
            try #require(run.status == 0 && verdicts.count == lines.count, "\(run.text.suffix(500))")
            for (line, verdict) in zip(lines, verdicts) where (verdict == "1") != line.isValid {
                Issue.record("\(name): \(verdict) for \(line.text.prefix(300))")
            }
        }
    }
}
