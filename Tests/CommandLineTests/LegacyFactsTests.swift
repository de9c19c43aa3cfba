// The corpus of legacy payloads, made by the vendor's own SDKs, against the facts that any honest converter preserves.

import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: LegacyCorpus.isThere, "the corpus of legacy payloads is not on this machine"))
struct LegacyFactsTests {
    /// Files of ordinary payloads; those with hostile lines have tests of their own.
    private static func files() throws -> [LegacyCorpus] {
        let files = try LegacyCorpus.all().filter { $0.lines.allSatisfy { $0.facts.want == nil } }
        try #require(!files.isEmpty)
        return files
    }

    /// What the standard options of ``LegacyRun`` give.
    private static let given: Set<String> = ["threadId", "organizationId"]

    @Test func linesThatLackNothingAreConvertedAndTheOthersRefused() throws {
        var converted = 0
        var refused = 0
        for file in try Self.files() {
            let run = try LegacyRun(file.path)
            try #require(run.records.count == file.lines.count, "\(file.name)")
            for (number, (line, record)) in zip(file.lines, run.records).enumerated() {
                let id = line.facts.id
                let expectation = try #require(line.facts.expect, "\(id)")
                #expect(record.outcome.record == number + 1)
                if expectation.convertible, Self.given.isSuperset(of: expectation.needs) {
                    try Self.check(line, record, run)
                    converted += 1
                } else {
                    Self.expectRefusal(record, line: number + 1, of: id)
                    if expectation.needs.contains("roles"), expectation.convertible {
                        let remedies = record.outcome.errors.compactMap(\.remedy)
                        #expect(remedies.contains { $0.contains("--role ") }, "\(id): no remedy names --role")
                    }
                    refused += 1
                }
            }
        }
        #expect(converted > 0 && refused > 0)
        print("\(converted) lines converted with all their facts, \(refused) refused")
    }

    @Test func linesThatNeedRolesAreConvertedWithThem() throws {
        var converted = 0
        for file in try Self.files() {
            let roles = Self.roles(for: file)
            let run = try LegacyRun(file.path, LegacyRun.standard + Self.options(for: roles))
            try #require(run.records.count == file.lines.count, "\(file.name)")
            for (line, record) in zip(file.lines, run.records) {
                guard line.facts.expect?.convertible == true else {
                    #expect(record.outcome.outcome == "rejected", "\(line.facts.id)")
                    continue
                }
                try Self.check(line, record, run, roles: roles)
                converted += 1
            }
        }
        #expect(converted > 0)
    }

    @Test func anotherOptionNeverOverridesWhatARecordSays() throws {
        for file in try Self.files() {
            let options = ["--organization-id", "org_other", "--thread-from", "no_such_key,derived"]
            let run = try LegacyRun(file.path, options)
            for (line, record) in zip(file.lines, run.records) where record.outcome.outcome == "converted" {
                for output in record.outputs {
                    let payload = try JSONDecoder().decode(WrittenInteraction.self, from: Data(output)).request
                    #expect(payload.context.organizationId == line.facts.organizationId ?? "org_other")
                    if let thread = line.facts.threadId { #expect(payload.connections.threadId == thread) }
                }
                let isDerived = record.outcome.findings.contains { $0.code == "thread-derived" }
                #expect(isDerived == (line.facts.threadId == nil), "\(line.facts.id)")
            }
        }
    }

    @Test func recordsWithoutOrganizationAreRefusedByDefault() throws {
        var lacking = 0
        for file in try Self.files() {
            let run = try LegacyRun(file.path, ["--thread-from", "derived"])
            for (line, record) in zip(file.lines, run.records)
            where line.facts.expect?.convertible == true && line.facts.expect?.needs.contains("roles") == false {
                guard line.facts.organizationId == nil else {
                    #expect(record.outcome.outcome == "converted", "\(line.facts.id)")
                    continue
                }
                lacking += 1
                #expect(record.outcome.outcome == "rejected", "\(line.facts.id)")
                #expect(record.outcome.errors.contains { $0.remedy?.contains("--organization-id") == true })
            }
        }
        #expect(lacking > 0)
    }

    // MARK: Threads

    @Test func threadCandidatesAreTriedInTheOrderGiven() throws {
        var taken: [String: Int] = [:]
        for file in try Self.files() {
            let names = Set(
                file.lines.flatMap { line in (line.facts.threadCandidates ?? [:]).filter { $0.value.text != nil }.keys }
            ).sorted()
            for order in Self.orders(of: names) {
                let options = ["--organization-id", "o", "--thread-from", (order + ["derived"]).joined(separator: ",")]
                let run = try LegacyRun(file.path, options)
                for (line, record) in zip(file.lines, run.records) where record.outcome.outcome == "converted" {
                    guard line.facts.threadId == nil, let candidates = line.facts.threadCandidates else { continue }
                    let first = order.first {
                        candidates[$0]?.text?.contains { !$0.isWhitespace } == true
                    }
                    let isDerived = record.outcome.findings.contains { $0.code == "thread-derived" }
                    #expect(isDerived == (first == nil), "\(line.facts.id) with \(order)")
                    if let first {
                        #expect(record.outcome.threadId == candidates[first]?.text, "\(line.facts.id) with \(order)")
                        taken[first, default: 0] += 1
                    }
                    let written = try JSONDecoder().decode(WrittenInteraction.self, from: Data(record.outputs[0]))
                    #expect(written.request.connections.threadId == record.outcome.threadId)
                }
            }
        }
        #expect(!taken.isEmpty)
        print("threads taken from candidates: \(taken.sorted { $0.key < $1.key })")
    }

    /// Each one alone, all forwards, and all backwards.
    private static func orders(of names: [String]) -> [[String]] {
        names.count > 1 ? names.map { [$0] } + [names, names.reversed()] : names.map { [$0] }
    }

    // MARK: Sizes

    @Test(arguments: [1, 2, 3])
    func conversationsOverTheLimitAreSplitAndLoseNothing(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var lines: [LegacyCorpus.Line] = []
        for file in try Self.files() {
            let usable = file.lines.filter {
                $0.facts.expect?.convertible == true && Self.given.isSuperset(of: $0.facts.expect?.needs ?? [])
            }
            for line in usable.shuffled(using: &random).prefix(6) {
                let size = Int.random(in: 140_000...400_000, using: &random)
                if let large = try LegacyFactsOversize.enlarge(line, to: size) { lines.append(large) }
            }
        }
        try #require(lines.count >= 5, "seed \(seed)")
        let run = try LegacyRun(lines: lines.map(\.text))
        try #require(run.records.count == lines.count)
        var parts = 0
        for (line, record) in zip(lines, run.records) {
            try Self.check(line, record, run)
            #expect(record.outputs.allSatisfy { $0.count <= 131_072 })
            if record.outputs.count > 1 { parts += record.outputs.count }
        }
        #expect(parts > 0)
        try LegacyFactsVerdicts.expectValid(run.outputs, "oversize, seed \(seed)")
        print("seed \(seed): \(lines.count) oversize payloads, \(run.outputs.count) Interactions")
    }

    // MARK: Verdicts

    @Test(arguments: ["rest", "websocket"])
    func everyOutputIsValid(form: String) throws {
        try LegacyFactsVerdicts.expectValid(try Self.everything(form: form), form)
    }

    @Test(
        .enabled(if: LegacyFactsVerdicts.isAskedIndependently, LegacyFactsVerdicts.reason),
        arguments: ["rest": "InteractionPayload", "websocket": "InteractionEnvelope"]
    )
    func everyOutputIsValidForAnIndependentImplementation(form: String, definition: String) throws {
        try LegacyFactsVerdicts.expectIndependentlyValid(
            try Self.everything(form: form),
            as: definition,
            form
        )
    }

    /// All Interactions of all files in a form.
    private static func everything(form: String) throws -> [[UInt8]] {
        try LegacyCorpus.all().flatMap { file in
            let options = LegacyRun.standard + options(for: roles(for: file)) + ["--form", form]
            return try LegacyRun(file.path, options).outputs
        }
    }

    // MARK: Pieces

    private static func check(
        _ line: LegacyCorpus.Line,
        _ record: LegacyRun.Record,
        _ run: LegacyRun,
        roles: [String: String] = [:]
    ) throws {
        let id = line.facts.id
        let reasons = record.outcome.errors.map(\.message)
        guard record.outcome.outcome == "converted", !record.outputs.isEmpty else {
            Issue.record("\(id): \(record.outcome.outcome), \(reasons)")
            return
        }
        let check = try LegacyFactsCheck(line, outputs: record.outputs, roles: roles)
        for problem in check.problems { Issue.record("\(id): \(problem)") }
        if line.facts.threadId == nil { expectThread(of: record, line) }
        try expectDropped(check.missing, line, roles)
    }

    /// Without a thread of its own a record takes the first of the standard options' candidates that it has.
    private static func expectThread(of record: LegacyRun.Record, _ line: LegacyCorpus.Line) {
        guard let candidates = line.facts.threadCandidates, candidates["trace_parent_ID"] != nil else { return }
        let first = candidates["trace_parent_ID"]?.text ?? candidates["trace_session_ID"]?.text
        guard let first else { return }
        #expect(record.outcome.threadId == first, "\(line.facts.id)")
    }

    /// A value that is nowhere in the output must be dropped by a rule in the field ledger of that line alone.
    private static func expectDropped(
        _ values: [LegacyFacts.Value],
        _ line: LegacyCorpus.Line,
        _ roles: [String: String]
    ) throws {
        guard !values.isEmpty else { return }
        let alone = try LegacyRun(lines: [line.text], LegacyRun.standard + options(for: roles))
        let dropped = alone.fields.filter { $0.disposition == "dropped" }.map(\.path)
        for value in values {
            let path = value.path.replacing(#/\[\d+\]/#, with: "[]")
            let isReported = dropped.contains { $0 == path || $0.hasSuffix("." + path) }
            #expect(isReported, "\(line.facts.id): the value at \(value.path) is lost without a word")
        }
    }

    private static func expectRefusal(_ record: LegacyRun.Record, line: Int, of id: String) {
        #expect(record.outcome.outcome == "rejected", "\(id)")
        #expect(record.outputs.isEmpty, "\(id)")
        #expect(!record.outcome.errors.isEmpty, "\(id) is refused without a reason")
        for finding in record.outcome.errors {
            #expect(!finding.message.isEmpty && finding.line == line && (finding.column ?? 0) > 0, "\(id)")
        }
    }

    /// A role for every name that the facts cannot map, in lower case.
    private static func roles(for file: LegacyCorpus) -> [String: String] {
        var roles: [String: String] = [:]
        for facts in file.lines.map(\.facts) {
            for (name, mapped) in zip(facts.roles ?? [], facts.rolesMapped ?? []) where mapped == nil {
                let key = (name ?? "").trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
                if key != "system" { roles[key] = key.isEmpty ? "user" : "operator" }
            }
        }
        return roles
    }

    private static func options(for roles: [String: String]) -> [String] {
        roles.sorted { $0.key < $1.key }.flatMap { ["--role", "\($0.key)=\($0.value)"] }
    }
}
