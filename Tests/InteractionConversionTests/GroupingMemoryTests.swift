// The parts of grouping: what memory holds, how it is shared out, and disks that fail.

import Foundation
import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct GroupingMemoryTests {
    @Test(arguments: [0, 64 << 10, 100_000, 1 << 20, 8 << 20, 128 << 20, 1 << 40])
    func everythingFitsIntoTheBudgetTogether(memory: Int) {
        let budget = GroupingBudget(memory: memory)
        #expect(budget.memory == max(memory, 64 << 10))
        #expect(budget.partitions >= 2 && budget.partitions.nonzeroBitCount == 1)
        #expect(budget.fanIn >= 2)
        // While gathering spills, a reader and a writer are at work; while merging, only the writer of a merged run.
        #expect(budget.gatheringBytes + (budget.partitions + 2) * budget.transferBytes <= budget.memory)
        #expect(budget.gatheringBytes >= budget.memory / 2)
        #expect((budget.fanIn + 1) * budget.transferBytes <= budget.memory / 2)
        for bytes in [1, Int64(memory), .max / 4] as [Int64] {
            let partitions = budget.partitions(for: bytes)
            #expect(partitions.nonzeroBitCount == 1 && (2...budget.partitions).contains(partitions))
        }
    }

    @Test(arguments: [(0, 1), (8, 100), (200, 10), (200, 1_000_000), (3000, 50), (100_000, 4)])
    func aTableIsFullJustBelowItsLimit(length: Int, conversations: Int) {
        for limit in [56 << 10, 1 << 20, 4 << 20] {
            var table = ConversationTable(limit: limit, hash: KeyHash(seed: 1))
            let fragment = [UInt8](repeating: 0, count: length)
            var added = 0
            var isFull = false
            while !isFull {
                isFull = fragment.withUnsafeBytes { fragment in
                    withUnsafeBytes(of: added % conversations) { key in
                        !table.add(fragment, to: key, sequence: UInt64(added))
                    }
                }
                #expect(table.heldBytes <= limit, "\(added) fragments")
                added += 1
                if added > 1_000_000 { break }
            }
            #expect(isFull)
            // Growing doubles what finds conversations, for which three eighths must be free.
            #expect(table.heldBytes > limit / 2 - 4 * length, "\(added) fragments in \(limit)")
            table.removeAll()
            #expect(fragment.isEmpty || table.isEmpty)
        }
    }

    @Test func aCopiedRunReadsTheSame() throws {
        let fragments = [[1, 2, 3], [], [4]].map { Fragment(key: [9], bytes: $0) }
        var grouper = ConversationGrouper(order: .any, spillFolder: "/nowhere")
        var copies: [[UInt8]] = []
        for fragment in fragments { try grouper.add(fragment) { _ in } }
        let isMore = try grouper.handOn(atLeast: .max) {
            copies.append([UInt8]($0.fragments.bytes))
        } reopened: { _ in
        }
        #expect(!isMore)
        let read = try #require(copies.first).withUnsafeBytes { FragmentRun(bytes: $0).map { [UInt8]($0) } }
        #expect(copies.count == 1)
        #expect(read == fragments.map(\.bytes))
    }

    @Test(arguments: [ConversationGrouper.Order.any, .clustered])
    func aMissingFolderIsAnErrorThatNamesIt(order: ConversationGrouper.Order) throws {
        try TestFiles.withFolder { folder in
            let missing = folder + "/missing"
            let fragments = Fragment.random(5000, conversations: 100_000, lengths: [100], seed: 1)
            let failure = #expect(throws: SpillFailure.self) {
                try GroupingResult(fragments, order, .tiny, folder: missing)
            }
            #expect(failure == SpillFailure(folder: missing, code: ENOENT))
            #expect(failure?.description.contains(missing) ?? false)
        }
    }

    @Test func aFullDiskIsAnErrorThatSaysWhatToDo() {
        let memory = Pages.take(512)
        defer { Pages.giveBack(memory) }
        let full = open("/dev/full", O_WRONLY)
        let file = SpillFile(folder: "/spill", buffer: memory, descriptor: full)
        let failure = #expect(throws: SpillFailure.self) {
            for number in 0..<4096 { try file.append(value: number) }
        }
        #expect(failure?.code == ENOSPC)
        #expect(failure?.description.contains("free some space") ?? false)
    }
}
