// Lines that are broken, misleading or another message: each is refused with a place, or comes out whole.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: LegacyCorpus.isThere, "the corpus of legacy payloads is not on this machine"))
struct HostileTests {
    private static func files() throws -> [LegacyCorpus] {
        let files = try LegacyCorpus.all().filter { $0.lines.contains { $0.facts.want != nil } }
        try #require(!files.isEmpty)
        return files
    }

    @Test func everyLineBecomesWhatItMust() throws {
        for file in try Self.files() {
            let run = try LegacyRun(file.path)
            try #require(run.records.count == file.lines.count)
            for (number, (line, record)) in zip(file.lines, run.records).enumerated() {
                let id = line.facts.id
                let isConverted = record.outcome.outcome == "converted"
                switch try #require(line.facts.want, "\(id)") {
                case "reject": #expect(record.outcome.outcome == "rejected", "\(id)")
                case "other-message": #expect(!isConverted, "\(id)")
                case "either": break
                case "convert": #expect(isConverted, "\(id): \(record.outcome.errors.map(\.message))")
                case "passthrough":
                    #expect(isConverted, "\(id): \(record.outcome.errors.map(\.message))")
                    try Self.expectEqualValues(line.text, record.outputs)
                case let other: Issue.record("\(id): the test does not know what \(other) means")
                }
                if isConverted {
                    let check = try LegacyFactsCheck(line, outputs: record.outputs)
                    for problem in check.problems where Self.isKnown(problem, line.facts) {
                        Issue.record("\(id): \(problem)")
                    }
                } else {
                    Self.expectReason(record.outcome, line: number + 1, of: id)
                }
            }
            try LegacyFactsVerdicts.expectValid(run.outputs, file.name)
        }
    }

    @Test func everyRotationGivesEveryLineTheSameOutcome() throws {
        for file in try Self.files() {
            let lines = file.lines.map(\.text)
            let straight = try LegacyRun(lines: lines)
            try #require(straight.records.count == lines.count)
            for shift in 1..<lines.count {
                let run = try LegacyRun(lines: Array(lines[shift...] + lines[..<shift]))
                guard run.records.count == lines.count else {
                    Issue.record("rotated by \(shift): \(run.records.count) outcomes of \(lines.count) lines")
                    continue
                }
                for (index, record) in run.records.enumerated() {
                    let original = straight.records[(index + shift) % lines.count]
                    let id = file.lines[(index + shift) % lines.count].facts.id
                    #expect(record.outcome.outcome == original.outcome.outcome, "\(id), rotated by \(shift)")
                    #expect(record.outcome.generation == original.outcome.generation, "\(id), rotated by \(shift)")
                    #expect(record.outcome.participants == original.outcome.participants, "\(id), rotated by \(shift)")
                    #expect(record.outputs == original.outputs, "\(id), rotated by \(shift)")
                    let findings = record.outcome.findings.map { "\($0.code) \($0.column ?? 0) \($0.message)" }
                    let others = original.outcome.findings.map { "\($0.code) \($0.column ?? 0) \($0.message)" }
                    #expect(findings == others, "\(id), rotated by \(shift)")
                    for finding in record.outcome.findings { #expect(finding.line == index + 1) }
                }
            }
        }
    }

    @Test func blankLinesAndBlankEndsAreNoRecords() throws {
        for file in try Self.files() {
            let spaced = file.lines.flatMap { line -> [[UInt8]] in [[], line.text + [0x0D], [0x20, 0x09]] }
            let run = try LegacyRun(lines: spaced)
            let plain = try LegacyRun(lines: file.lines.map(\.text))
            #expect(run.records.map(\.outcome.outcome) == plain.records.map(\.outcome.outcome))
            #expect(run.outputs == plain.outputs)
        }
    }

    private static func expectReason(_ outcome: OutcomeLine, line: Int, of id: String) {
        #expect(!outcome.findings.isEmpty, "\(id) is not converted, without a reason")
        for finding in outcome.outcome == "rejected" ? outcome.errors : outcome.findings {
            #expect(finding.line == line && (finding.column ?? 0) > 0, "\(id): \(finding)")
            #expect(!finding.message.isEmpty, "\(id)")
        }
        if outcome.outcome == "rejected" { #expect(!outcome.errors.isEmpty, "\(id) is rejected without an error") }
    }

    private static func expectEqualValues(_ source: [UInt8], _ outputs: [[UInt8]]) throws {
        try #require(outputs.count == 1)
        let values = try [source, outputs[0]].map { try JSONSerialization.jsonObject(with: Data($0)) as? NSDictionary }
        #expect(values[0] != nil && values[0] == values[1])
    }

    /// The facts of hostile lines say less than those of others: without a thread or texts there is nothing to compare.
    private static func isKnown(_ problem: String, _ facts: LegacyFacts) -> Bool {
        if problem.contains("organization") { return facts.organizationId != nil }
        return facts.texts != nil
    }
}
