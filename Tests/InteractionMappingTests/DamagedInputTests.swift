// Damaged records of every generation: never a crash, always an outcome, balanced books, and valid output.

import Foundation
import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

@Suite
struct DamagedInputTests {
    /// A short record of each generation.
    static let samples: [(name: String, text: [UInt8])] = {
        var story = Story.small
        story.events = ["joined"]
        story.orders = ["order-1"]
        story.kept = [("mood", "good")]
        story.messages[0].spelled = #"caf\u00e9 \ud83d\ude00 日"#
        return Wrapping.allCases.map { ($0.rawValue, Array(story.source($0).utf8)) }
    }()

    @Test(arguments: samples.indices)
    func everyBeginningOfARecordHasAnOutcome(_ index: Int) throws {
        let (name, text) = Self.samples[index]
        #expect(try Mapped(text, .rest).outcome.kind == .converted, "\(name)")
        var bench = Bench()
        for length in 0..<text.count {
            let outcome = try bench.map(Array(text[..<length]))
            #expect(outcome.kind == .rejected, "\(name) cut at \(length)")
            #expect(outcome.findings.contains { $0.severity == .error }, "\(name) cut at \(length)")
        }
    }

    @Test(arguments: samples.indices)
    func everyMutationOfARecordHasAnOutcome(_ index: Int) throws {
        let (name, text) = Self.samples[index]
        var random = SeededRandom(seed: UInt64(index) + 100)
        var bench = Bench()
        var counts: [RecordOutcome.Kind: Int] = [:]
        for round in 0..<500 {
            let outcome = try bench.map(damaged(text, &random))
            counts[outcome.kind, default: 0] += 1
            #expect(outcome.kind != .rejected || !outcome.findings.isEmpty, "\(name), round \(round)")
        }
        #expect(counts[.converted, default: 0] > 20, "\(name): \(counts)")
        #expect(counts[.rejected, default: 0] > 20, "\(name): \(counts)")
    }

    @Test
    func randomBytesAreRejected() throws {
        var random = SeededRandom(seed: 1)
        var bench = Bench()
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect(try bench.map(bytes).kind == .rejected)
        }
    }

    @Test(.enabled(if: TestFiles.shared != nil, "needs the corpus of real payloads"))
    func everyBeginningOfRealSamplesHasAnOutcome() throws {
        let folder = try #require(TestFiles.shared) + "/corpus/legacy"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
            .sorted()
        #expect(names.count > 5)
        var bench = Bench()
        for name in names {
            let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
            let end = text.lastIndex { $0 > 0x20 } ?? 0
            for length in 0..<end {
                let outcome = try bench.map(Array(text[..<length]))
                #expect(outcome.kind == .rejected, "\(name) cut at \(length)")
            }
        }
    }

    /// Changes, removes, repeats or exchanges a few pieces, mostly whole tokens, so that much of it stays JSON.
    private func damaged(_ text: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        let tokens = [
            #""""#, "null", "true", "0", "-1e400", "[]", "{}", #""\ud800""#, #"["x"]"#, #"{"a":{}}"#, "1714000000",
        ]
        var text = text
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let place = Int.random(in: 0..<text.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: text[place] = UInt8.random(in: 0...255, using: &random)
            case 1: text.remove(at: place)
            default:
                // A value for a value: from a colon to the end of a plain string.
                guard let colon = text[place...].firstIndex(of: 0x3A), colon + 2 < text.count, text[colon + 1] == 0x22,
                    let quote = text[(colon + 2)...].firstIndex(of: 0x22)
                else { continue }
                text.replaceSubrange(colon + 1...quote, with: Array((tokens.randomElement(using: &random) ?? "0").utf8))
            }
        }
        return text
    }
}

/// One mapper for many records, with every output checked.
private struct Bench: ~Copyable {
    private var mapper: RecordMapper

    init() {
        var options = MappingOptions()
        options.organizationId = "org-1"
        options.form = .websocket
        mapper = RecordMapper(options: options)
    }

    mutating func map(_ source: [UInt8]) throws -> RecordOutcome {
        let text = PaddedBytes(source)
        mapper.books = Books()
        mapper.begin(RecordSource(file: "test", run: text.start, runOffset: 0, line: 1, lineOffset: 0))
        let outcome = mapper.map(
            UnsafeRawBufferPointer(start: text.start, count: text.count),
            start: 0,
            range: 0..<Int64(source.count),
            number: 1,
            rewrite: { _ in nil }
        )
        let spelled = String(decoding: source, as: UTF8.self)
        #expect(mapper.books.isBalanced, "\(mapper.books) for \(spelled)")
        let output = mapper.takeOutput().array
        #expect((outcome.kind == .converted) == !outcome.outputs.isEmpty)
        #expect((outcome.kind == .converted) == !output.isEmpty)
        for line in output.split(separator: 0x0A) {
            let padded = PaddedBytes(Array(line))
            var tape = JSONTape()
            try tape.scan(padded.start, count: padded.count)
            let view = tape.view(of: padded.start)
            #expect(InteractionValidator.isValid(view, root: view.root, form: .envelope), "not valid, from \(spelled)")
        }
        return outcome
    }
}
