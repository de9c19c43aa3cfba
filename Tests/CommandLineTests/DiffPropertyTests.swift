// `diff` finds what was changed, and its patches do what they say.

import Foundation
import InteractionModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DiffPropertyTests {
    /// A change that `diff` told of.
    private struct Told {
        var kind: String
        var path: String
    }

    /// Two conversions that differ in what is known.
    private struct Pair {
        var old: [JSONValue] = []
        var new: [JSONValue] = []
        /// What must be said of an Interaction, by its thread; nil where several changes meet.
        var expected: [String: DiffMutation.Expectation] = [:]
    }

    private static let outputs: [JSONValue] = {
        let files = SamplesTests.cases("pass").map { $0.folder + "/expected.ndjson" }
        let lines = files.flatMap { file in ((try? Folder.text(file)) ?? "").split(separator: "\n") }
        // What is larger than some kilobytes is no better an example, and slow.
        return lines.filter { $0.utf8.count < 20_000 }.compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }()

    /// Makes conversions of so many Interactions, each an output of the samples under an id of its own.
    private static func pair(seed: UInt64, count: Int) throws -> Pair {
        var random = SeededRandom(seed: seed)
        var pair = Pair()
        for number in 0..<count {
            var original = try #require(outputs.randomElement(using: &random))
            let thread = "thread-\(number)"
            original[DiffMutation.request(original) + [.member("connections"), .member("threadId")]] = .string(thread)
            original[DiffMutation.request(original) + [.member("requestId")]] = .string("request-\(number)")
            var changed = original
            let times = Int.random(in: 1...3, using: &random)
            var expectation: DiffMutation.Expectation?
            for time in 0..<times {
                expectation = DiffMutation.apply(to: &changed, &random, number: 1_000_000 + number * 10 + time)
            }
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                pair.old.append(original)
                pair.expected[thread] = .one("removed", [""])
            case 1:
                pair.new.append(original)
                pair.expected[thread] = .one("added", [""])
            default:
                pair.old.append(original)
                pair.new.append(changed)
                pair.expected[thread] = times == 1 ? expectation ?? .nothing : nil
            }
        }
        pair.new.shuffle(using: &random)
        return pair
    }

    private static func write(_ values: [JSONValue], _ path: String) throws {
        try Folder.write(values.map { String(decoding: $0.json, as: UTF8.self) + "\n" }.joined(), path)
    }

    @Test(arguments: SamplesTests.cases("pass"))
    func nothingDiffersFromItself(sample: SamplesTests.Case) throws {
        let run = try CommandLineTool.run(["diff", "expected.ndjson", "expected.ndjson"], folder: sample.folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func exactlyTheChangedPlacesAreFound(seed: UInt64) throws {
        let pair = try Self.pair(seed: seed, count: 300)
        try TestFiles.withFolder { folder in
            try Self.write(pair.old, folder + "/old.ndjson")
            try Self.write(pair.new, folder + "/new.ndjson")
            let run = try CommandLineTool.run(["diff", "old.ndjson", "new.ndjson", "--format", "json"], folder: folder)
            #expect(run.status == 1, "\(run.errors)")
            var told: [String: [Told]] = [:]
            for line in run.text.split(separator: "\n") {
                let value = try JSONValue(parsing: Array(line.utf8))
                let change = Told(kind: value["change"]?.text ?? "", path: value["path"]?.text ?? "")
                told[value["threadId"]?.text ?? "", default: []].append(change)
            }
            for (id, expectation) in pair.expected {
                Self.expect(told[id] ?? [], expectation, "seed \(seed), \(id): \(told[id] ?? [])")
            }
        }
    }

    private static func expect(_ told: [Told], _ expectation: DiffMutation.Expectation, _ comment: String) {
        switch expectation {
        case .nothing: #expect(told.isEmpty, "\(comment)")
        case .one(let kind, let paths):
            #expect(told.count == 1 && told[0].kind == kind && paths.contains(told[0].path), "\(comment), not \(paths)")
        case .inside(let array):
            #expect(!told.isEmpty && told.allSatisfy { $0.path.hasPrefix(array + "[") }, "\(comment), not in \(array)")
        }
    }

    @Test(
        .enabled(
            if: ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"] != nil,
            "Tests/run makes a Python environment and names it in INTERACTION_MIGRATE_PYTHON"
        ),
        arguments: [11, 12] as [UInt64]
    )
    func patchesMakeTheNewSide(seed: UInt64) throws {
        let python = try #require(ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"])
        let pair = try Self.pair(seed: seed, count: 400)
        try TestFiles.withFolder { folder in
            try Self.write(pair.old, folder + "/old.ndjson")
            try Self.write(pair.new, folder + "/new.ndjson")
            let script = """
                "$TOOL" diff old.ndjson new.ndjson --format json-patch --show-content > patches.ndjson
                [ $? = 1 ] && '\(python)' '\(TestFiles.package)/Tests/Support/apply_patches.py' \
                old.ndjson new.ndjson patches.ndjson
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.status == 0, "seed \(seed): \(run.errors)")
            let counts = run.text.split(separator: " ").compactMap { Int($0.filter(\.isNumber)) }
            #expect(counts.count == 2 && counts[0] > 200, "\(run.text)")
        }
    }
}
