// The compiled schema against an independent implementation of JSON Schema, on thousands of messages.

import Foundation
import InteractionModel
import Testing

@Suite struct SchemaDifferentialTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["INTERACTION_MIGRATE_PYTHON"]
    private static let isOnCI = environment["CI"] != nil
    private static let seed = environment["INTERACTION_MIGRATE_SEED"].flatMap { UInt64($0) } ?? 20_240_506

    /// A message as text, and the definition it was made for.
    private struct Sample {
        var text: [UInt8]
        var definition: InteractionSchema.Definition
    }

    @Test(
        .enabled(
            if: python != nil || isOnCI,
            "INTERACTION_MIGRATE_PYTHON must name a Python with the package jsonschema; Tests/run sets it"
        )
    )
    func verdictsAreThoseOfAnIndependentImplementation() throws {
        let python = try #require(Self.python, "CI must set INTERACTION_MIGRATE_PYTHON")
        let samples = Self.samples(count: 6400)
        let expected = try Self.verdicts(of: samples, python: python)
        try #require(expected.count == samples.count, "the script gave another number of verdicts")

        var intended = (accepted: 0, rejected: 0)
        var accepted = [Int](repeating: 0, count: InteractionSchema.Definition.allCases.count)
        for (number, (sample, verdicts)) in zip(samples, expected).enumerated() {
            for (index, (definition, verdict)) in zip(InteractionSchema.Definition.allCases, verdicts).enumerated() {
                let isAccepted = verdict == "1"
                let own = try Self.verdicts(of: sample.text, as: definition)
                if own.fast != isAccepted || own.full != isAccepted {
                    let text = String(decoding: sample.text, as: UTF8.self)
                    Issue.record("seed \(Self.seed), message \(number), \(definition), not \(isAccepted): \(text)")
                    return
                }
                if isAccepted { accepted[index] += 1 }
                if definition == sample.definition {
                    if isAccepted { intended.accepted += 1 } else { intended.rejected += 1 }
                }
            }
        }
        print("seed \(Self.seed): \(intended) as what they were made for, accepted by definition: \(accepted)")
        #expect(intended.accepted * 5 >= samples.count)
        #expect(intended.rejected * 5 >= samples.count)
        #expect(accepted.allSatisfy { $0 >= 50 && samples.count - $0 >= 50 })
    }

    private static func samples(count: Int) -> [Sample] {
        var generator = MessageGenerator(seed: seed)
        return (0..<count).map { _ in
            var (message, definition) = generator.message()
            for _ in 0..<generator.random.pick([0, 1, 1, 2, 2, 4, 8]) { generator.damage(&message) }
            var text = ""
            var spelling: SplitMix64? = SplitMix64(seed: generator.random.next())
            message.write(to: &text, random: &spelling)
            return Sample(text: Array(text.utf8), definition: definition)
        }
    }

    /// The verdict as such, and the one that a list of violations gives.
    private static func verdicts(
        of text: [UInt8],
        as definition: InteractionSchema.Definition
    ) throws -> (fast: Bool, full: Bool) {
        let source = PaddedBytes(text)
        var tape = JSONTape()
        try tape.scan(source.start, count: source.count)
        let view = tape.view(of: source.start)
        var isAccepted = true
        InteractionSchema.violations(of: definition, view: view, at: view.root) { _ in isAccepted = false }
        return (InteractionSchema.accepts(definition, view: view, at: view.root), isAccepted)
    }

    /// Asks the script for its verdicts: for each message one character a definition.
    private static func verdicts(of samples: [Sample], python: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let names = InteractionSchema.Definition.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
        var text = Array("[\(names)]\n".utf8)
        for sample in samples { text += sample.text + [UInt8(ascii: "\n")] }
        let messages = folder.appending(path: "messages.ndjson")
        try Data(text).write(to: messages)
        // A file, since a pipe that nobody drains would stop the script.
        let verdicts = folder.appending(path: "verdicts")
        try Data().write(to: verdicts)

        let project = URL(filePath: #filePath).appending(path: "../../../..").standardizedFileURL
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [
            project.appending(path: "Tests/Support/schema_verdicts.py").path,
            project.appending(path: "Sources/InteractionModel/Schema/interaction-v3.2.schema.json").path,
            messages.path,
        ]
        process.standardOutput = try FileHandle(forWritingTo: verdicts)
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "the script failed; its message is above")
        return try String(contentsOf: verdicts, encoding: .utf8).split(separator: "\n").map(String.init)
    }
}
