// The library as an ETL calls it: outcomes one at a time, from files, memory and streams.

import Foundation
import InteractionConversion
import InteractionModel
import Synchronization
import TestSupport
import Testing

@Suite struct ConversionSequenceTests {
    private static func record(_ number: Int) -> String {
        """
        {"session":{"session_id":"s\(number)"},"request":{"request_id":"r\(number)","connections":{"thread_id":"t\(number)"},\
        "context":{"organization_id":"o"},"scope":{"conversations":[{"participant_id":"p","display_name":"Ann",\
        "role":"EndUser","content":"text \(number)","timestamp":"2025-01-01T00:00:00Z"}]}}}
        """
    }

    private static func lines(_ count: Int) -> [UInt8] {
        Array((0..<count).map { record($0) + "\n" }.joined().utf8)
    }

    /// A stream that says how many of its chunks have been asked for.
    private struct CountedChunks: AsyncSequence, Sendable {
        final class Counter: Sendable {
            let asked = Atomic<Int>(0)
        }

        let bytes: [UInt8]
        let size: Int
        let counter = Counter()

        struct AsyncIterator: AsyncIteratorProtocol {
            var rest: ArraySlice<UInt8>
            let size: Int
            let counter: Counter

            mutating func next() async -> [UInt8]? {
                guard !rest.isEmpty else { return nil }
                counter.asked.add(1, ordering: .relaxed)
                defer { rest = rest.dropFirst(size) }
                return Array(rest.prefix(size))
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: bytes[...], size: size, counter: counter) }
    }

    private func requestIds(_ sequence: ConversionSequence<some AsyncSequence & Sendable>) async throws -> [String] {
        var ids: [String] = []
        for try await record in sequence {
            #expect(record.outcome.kind == .converted)
            for (output, bytes) in zip(record.outcome.outputs, record.interactions) {
                #expect(output.index == ids.count)
                ids.append(try InteractionPayload(parsing: bytes).requestId)
            }
        }
        return ids
    }

    @Test func filesMemoryAndStreamsGiveTheSame() async throws {
        let bytes = Self.lines(3000)
        let expected = (0..<3000).map { "r\($0)" }
        #expect(try await requestIds(Converter().records(of: bytes)) == expected)
        for (size, count) in [(1, 20), (7, 500), (4096, 3000), (bytes.count, 3000)] {
            let chunks = CountedChunks(bytes: Self.lines(count), size: size)
            #expect(try await requestIds(Converter().records(of: chunks)) == Array(expected.prefix(count)))
        }
        let path = NSTemporaryDirectory() + "sequence-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try await requestIds(Converter().records(ofFiles: [path])) == expected)
    }

    @Test func aSlowConsumerSlowsTheReading() async throws {
        let chunks = CountedChunks(bytes: Self.lines(20_000), size: 64 * 1024)
        var iterator = Converter().records(of: chunks).makeAsyncIterator()
        _ = try await iterator.next()
        // One batch of about 256 KiB, not the whole stream of several megabytes.
        #expect(chunks.counter.asked.load(ordering: .relaxed) <= 9)
    }

    @Test func cancellingEndsTheSequence() async throws {
        let bytes = Self.lines(5000)
        let task = Task {
            var count = 0
            for try await _ in Converter().records(of: bytes) {
                count += 1
                if count == 10 { withUnsafeCurrentTask { $0?.cancel() } }
            }
            return count
        }
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test func anUnreadableFileIsThrownAfterWhatWasRead() async throws {
        let path = NSTemporaryDirectory() + "sequence-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(Self.lines(3)).write(to: URL(fileURLWithPath: path))
        var count = 0
        do {
            for try await _ in Converter().records(ofFiles: [path, path + ".missing"]) { count += 1 }
            Issue.record("a missing file went unnoticed")
        } catch let failure as InputFailure {
            #expect(failure.finding.code == .inputUnreadable)
            #expect(failure.finding.place.file == path + ".missing")
        }
        #expect(count == 3)
    }

    @Test func aRunReportsBalancedBooksAndStopsWhenAsked() async throws {
        let path = NSTemporaryDirectory() + "sequence-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(Self.lines(4000)).write(to: URL(fileURLWithPath: path))
        var options = ConversionOptions()
        options.jobs = 2
        var seen = 0
        let whole = try await Converter(options).run(files: [path]) { batch, _ in seen += batch.outcomes.count }
        #expect(whole.isBalanced && seen == 4000 && whole.interactions == 4000 && !whole.wasInterrupted)
        let stop = Atomic<Bool>(false)
        var part = 0
        let interrupted = try await Converter(options).run(
            files: [path],
            isStopped: { stop.load(ordering: .relaxed) },
            deliver: { batch, _ in
                part += batch.outcomes.count
                stop.store(true, ordering: .relaxed)
            }
        )
        #expect(interrupted.wasInterrupted && interrupted.isBalanced)
        #expect(part > 0 && part < 4000 && part == interrupted.books.records.total)
    }
}
