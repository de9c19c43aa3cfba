// Conversations whose records follow one another: handed on at once, and keys that return are noticed, however late.

import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct GroupingClusteredTests {
    /// Groups neighbours, and says which conversations have a key that came before.
    private static func gatherNeighbours(_ fragments: [Fragment]) -> (conversations: [Gathered], reopened: [Int]) {
        var gathered: [Gathered] = []
        var keys: Set<[UInt8]> = []
        var reopened: [Int] = []
        for fragment in fragments {
            if let last = gathered.indices.last, gathered[last].key == fragment.key {
                gathered[last].fragments.append(fragment.bytes)
                continue
            }
            if !keys.insert(fragment.key).inserted { reopened.append(gathered.count) }
            gathered.append(Gathered(key: fragment.key, fragments: [fragment.bytes]))
        }
        return (gathered, reopened)
    }

    private static func group(_ fragments: [Fragment], _ budget: GroupingBudget) throws -> GroupingResult {
        try TestFiles.withFolder { folder in try GroupingResult(fragments, .clustered, budget, folder: folder) }
    }

    @Test func aConversationIsHandedOnWhenTheKeyChanges() throws {
        let keys = ["a", "a", "b", "", "", "a", "c"]
        let fragments = keys.enumerated().map { Fragment(key: Array($1.utf8), bytes: [UInt8($0)]) }
        let result = try Self.group(fragments, GroupingBudget(memory: 1 << 20))
        #expect(result.conversations.map { String(decoding: $0.key, as: UTF8.self) } == ["a", "b", "", "a", "c"])
        #expect(result.conversations.map(\.fragments) == [[[0], [1]], [[2]], [[3], [4]], [[5]], [[6]]])
        #expect(result.conversations.map(\.isReopened) == [false, false, false, true, false])
        #expect(result.early == 4)
        #expect(result.late.isEmpty)
    }

    @Test(arguments: [(1, 2000), (2, 9000), (3, 100_000), (4, 3)] as [(UInt64, Int)])
    func everyReturnIsNoticedOnce(seed: UInt64, conversations: Int) throws {
        // More conversations than the least memory holds, so that most go to disk.
        let fragments = Fragment.random(12_000, conversations: conversations, lengths: [0, 3, 20], seed: seed)
        let expected = Self.gatherNeighbours(fragments)
        for budget in [GroupingBudget.tiny, GroupingBudget(memory: 64 << 10), GroupingBudget(memory: 32 << 20)] {
            let result = try Self.group(fragments, budget)
            #expect(result.conversations.map(\.fragments) == expected.conversations.map(\.fragments))
            #expect(result.conversations.map(\.key) == expected.conversations.map(\.key))
            let early = result.conversations.indices.filter { result.conversations[$0].isReopened }
            #expect(result.late == result.late.sorted())
            #expect((early + result.late).sorted() == expected.reopened, "seed \(seed), \(budget)")
            if budget.memory == 32 << 20 { #expect(result.late.isEmpty) }
            if budget.memory < 1 << 20, conversations > 2000 { #expect(!result.late.isEmpty) }
        }
    }

    @Test func aFinishedGrouperKnowsNoKeys() throws {
        try TestFiles.withFolder { folder in
            var grouper = ConversationGrouper(order: .clustered, budget: .tiny, spillFolder: folder, seed: 1)
            let fragments = (0..<5000).map { Fragment(key: Array("\($0)".utf8), bytes: [1]) }
            for _ in 0..<3 {
                let result = try GroupingResult(fragments, &grouper)
                #expect(result.conversations == gather(fragments))
                #expect(result.late.isEmpty)
            }
        }
    }
}
