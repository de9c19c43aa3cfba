// One run of `convert` over lines, and what it made of each of them.

import Foundation
import TestSupport
import Testing

/// One line of an outcome file.
struct OutcomeLine: Decodable {
    struct Output: Decodable, Equatable {
        var index: Int
        var requestId: String
    }

    struct Participant: Decodable, Equatable {
        var participantId: String
        var rule: String
    }

    struct Finding: Decodable, Equatable {
        var code: String
        var severity: String
        var line: Int?
        var column: Int?
        var path: String?
        var message: String
        var remedy: String?
    }

    var record: Int
    var outcome: String
    var generation: String?
    var threadId: String?
    var outputs: [Output]
    var participants: [Participant]
    var findings: [Finding]

    var errors: [Finding] { findings.filter { $0.severity == "error" } }
}

/// The results of a run, by line of its input.
struct LegacyRun {
    /// What every run gives, so that lines which lack a thread or an organization are converted.
    static let standard = [
        "--organization-id", "org_default",
        "--thread-from", "trace_parent_ID,trace_session_ID,request_ID,derived",
    ]

    struct Record {
        var outcome: OutcomeLine
        /// The Interactions as they were written.
        var outputs: [[UInt8]]
    }

    /// A line of the report's field ledger.
    struct Field: Decodable {
        var path: String
        var disposition: String
    }

    private struct Report: Decodable {
        var interactions: Int
        var balanced: Bool
        var fields: [Field]
    }

    var status: Int32
    var records: [Record]
    var outputs: [[UInt8]]
    var fields: [Field]

    /// Converts a file, and checks what must hold for any input.
    init(_ path: String, _ options: [String] = standard, jobs: Int = 1) throws {
        let folder = NSTemporaryDirectory() + "legacy-run-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try CommandLineTool.run(
            ["convert", path, "--output-file", "\(folder)/out", "--outcomes", "\(folder)/outcomes"]
                + ["--report", "\(folder)/report", "--quiet", "--max-findings", "0", "--jobs", "\(jobs)"] + options
        )
        status = run.status
        try #require(run.status == 0 || run.status == 1, "exit \(run.status): \(run.errors.suffix(500))")
        let outputs = try LegacyCorpus.lines(of: "\(folder)/out")
        let report = try JSONDecoder()
            .decode(Report.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder)/report")))
        #expect(report.balanced)
        #expect(report.interactions == outputs.count)
        fields = report.fields
        self.outputs = outputs
        var taken = 0
        records = try LegacyCorpus.lines(of: "\(folder)/outcomes").map { line in
            let outcome = try JSONDecoder().decode(OutcomeLine.self, from: Data(line))
            let indices = outcome.outputs.map(\.index)
            // Every output belongs to exactly one record, in order.
            #expect(indices == Array(taken..<taken + indices.count))
            taken += indices.count
            return Record(
                outcome: outcome,
                outputs: indices.compactMap { outputs.indices.contains($0) ? outputs[$0] : nil }
            )
        }
        #expect(taken == outputs.count)
        #expect((run.status == 1) == records.contains { $0.outcome.outcome == "rejected" })
    }

    /// Converts lines as a file of their own.
    init(lines: [[UInt8]], _ options: [String] = standard, jobs: Int = 1) throws {
        self = try TestFiles.withFolder { folder in
            let path = folder + "/x.ndjson"
            try Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] }).write(to: URL(fileURLWithPath: path))
            return try LegacyRun(path, options, jobs: jobs)
        }
    }
}
