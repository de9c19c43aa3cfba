// Conversations whose records lie anywhere: the same result whatever the memory, and none left on disk.

import Foundation
import TestSupport
import Testing

@testable import InteractionConversion

@Suite(.timeLimit(.minutes(30)))
struct GroupingScatteredTests {
    private static let budgets: [GroupingBudget] = [
        .tiny, GroupingBudget(memory: 64 << 10), GroupingBudget(memory: 1 << 20), GroupingBudget(memory: 256 << 20),
    ]

    private static func expectSame(_ fragments: [Fragment], _ budgets: [GroupingBudget], _ comment: Comment) throws {
        let expected = gather(fragments)
        try TestFiles.withFolder { folder in
            for budget in budgets {
                let result = try GroupingResult(fragments, .any, budget, folder: folder)
                #expect(result.conversations == expected, "\(comment), \(budget)")
                #expect(result.early == 0 && result.late.isEmpty)
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func theResultIsTheSameWhateverTheMemory(seed: UInt64) throws {
        let fragments = Fragment.random(
            3000,
            conversations: seed.isMultiple(of: 2) ? 40 : 2000,
            lengths: [0, 1, 7, 8, 30, 200, 200, 200, 900],
            seed: seed
        )
        try Self.expectSame(fragments, Self.budgets, "seed \(seed)")
    }

    @Test func fragmentsLargerThanTheMemoryAreKept() throws {
        let fragments = Fragment.random(60, conversations: 8, lengths: [10, 511, 512, 513, 5000, 100_000], seed: 3)
        try Self.expectSame(fragments, Self.budgets, "large fragments")
    }

    @Test func aConversationLargerThanTheMemoryIsKeptWhole() throws {
        let large = (0..<1200).map { Fragment(key: Array("large".utf8), bytes: [UInt8](repeating: 1, count: $0 % 300)) }
        try Self.expectSame(large, Self.budgets, "alone")
        let small = Fragment.random(1200, conversations: 300, lengths: [20, 90], seed: 5)
        try Self.expectSame(zip(large, small).flatMap { [$0, $1] }, Self.budgets, "among others")
    }

    @Test(arguments: [1, 5000, 1 << 20, .max])
    func theResultIsTheSameWhateverIsHandedOnAtOnce(bytes: Int) throws {
        let fragments = Fragment.random(3000, conversations: 700, lengths: [0, 8, 200, 900], seed: 9)
        try TestFiles.withFolder { folder in
            for budget in Self.budgets {
                var grouper = ConversationGrouper(order: .any, budget: budget, spillFolder: folder, seed: 1)
                // Twice, for what the first time may leave behind.
                for _ in 0..<2 {
                    let result = try GroupingResult(fragments, &grouper, handingOn: bytes)
                    #expect(result.conversations == gather(fragments), "\(bytes) at once, \(budget)")
                }
            }
        }
    }

    @Test func nothingGivesNothing() throws {
        try Self.expectSame([], Self.budgets, "nothing")
    }

    @Test func keysOfTheSameHashAreToldApart() throws {
        // With the seed known, a second word that undoes the first makes hashes the same.
        let seed: UInt64 = 7
        func word(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) } }
        let keys = (0..<40 as Range<UInt64>).map { number in
            let state = seed ^ 24 &* KeyHash.second
            return word(number) + word(KeyHash.fold(state ^ number, KeyHash.first)) + word(0)
        }
        let hashes = Set(keys.map { $0.withUnsafeBytes { KeyHash(seed: seed)($0) } })
        try #require(hashes.count == 1)
        let fragments = (0..<600).map { Fragment(key: keys[$0 * 7 % 40], bytes: [UInt8](repeating: 2, count: 200)) }
        try Self.expectSame(fragments, [.tiny, GroupingBudget(memory: 64 << 10)], "same hashes")
    }

    @Test func theSeedShowsNowhere() throws {
        let fragments = Fragment.random(2000, conversations: 500, lengths: [100, 300], seed: 11)
        let expected = gather(fragments)
        try TestFiles.withFolder { folder in
            for seed in [0, 1, .max, 0x1234_5678_9ABC_DEF0] as [UInt64] {
                let result = try GroupingResult(fragments, .any, .tiny, folder: folder, seed: seed)
                #expect(result.conversations == expected)
            }
        }
    }

    @Test func aFinishedGrouperIsEmpty() throws {
        try TestFiles.withFolder { folder in
            var grouper = ConversationGrouper(order: .any, budget: .tiny, spillFolder: folder, seed: 1)
            for (count, seed) in [(2000, 1), (10, 2), (2000, 3)] as [(Int, UInt64)] {
                let fragments = Fragment.random(count, conversations: 100, lengths: [150], seed: seed)
                let result = try GroupingResult(fragments, &grouper)
                #expect(result.conversations == gather(fragments))
            }
        }
    }

    @Test func spilledFilesHaveNoName() throws {
        try TestFiles.withFolder { folder in
            var grouper = ConversationGrouper(order: .any, memory: 0, spillFolder: folder)
            for fragment in Fragment.random(3000, conversations: 100, lengths: [200], seed: 1) {
                try grouper.add(fragment) { _ in }
            }
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
                .compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
            #expect(open.contains { $0.hasPrefix(folder) && $0.hasSuffix("(deleted)") })
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }

    @Test func whatTheReceiverThrowsEndsTheGrouping() throws {
        struct Enough: Error {}
        try TestFiles.withFolder { folder in
            for budget in [GroupingBudget.tiny, GroupingBudget(memory: 256 << 20)] {
                var grouper = ConversationGrouper(order: .any, budget: budget, spillFolder: folder, seed: 1)
                for fragment in Fragment.random(3000, conversations: 100, lengths: [200], seed: 1) {
                    try grouper.add(fragment) { _ in }
                }
                var received = 0
                #expect(throws: Enough.self) {
                    _ = try grouper.handOn(atLeast: .max) {
                        received = $0.ordinal + 1
                        if received == 5 { throw Enough() }
                    } reopened: { _ in
                    }
                }
                #expect(received == 5)
            }
        }
    }
}
