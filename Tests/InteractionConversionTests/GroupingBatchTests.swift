// Fragments in batches, as extractors write them, are grouped like fragments that come one by one.

import InteractionMapping
import TestSupport
import Testing

@testable import InteractionConversion

@Suite struct GroupingBatchTests {
    /// Fragments in groups of those that follow each other and have one key.
    private static func groups(_ fragments: ArraySlice<Fragment>) -> [UInt8] {
        var result: [UInt8] = []
        for group in fragments.chunked() {
            let run = group.flatMap { bytes(UInt32($0.bytes.count)) + $0.bytes }
            let key = group.first?.key ?? []
            result += bytes(UInt32(key.count)) + bytes(UInt32(run.count)) + key + run
        }
        return result
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number) { [UInt8]($0) } }

    private static func group(
        _ fragments: [Fragment],
        _ order: ConversationGrouper.Order,
        batches: Int,
        folder: String
    ) throws -> [Gathered] {
        var grouper = ConversationGrouper(order: order, memory: 1 << 20, spillFolder: folder)
        var gathered: [Gathered] = []
        func take(_ conversation: GroupedConversation) {
            let fragments = conversation.fragments.map { [UInt8]($0) }
            gathered.append(
                Gathered(key: [UInt8](conversation.key), fragments: fragments, isReopened: conversation.isReopened)
            )
        }
        let size = max(1, fragments.count / batches)
        for start in stride(from: 0, to: fragments.count, by: size) {
            // What is lent from a batch must not be used after it.
            var batch = groups(fragments[start..<min(start + size, fragments.count)])
            try batch.withUnsafeBytes { try grouper.add(all: $0, take) }
            for index in batch.indices { batch[index] = 0xAA }
        }
        while try grouper.handOn(atLeast: 1 << 16, take, reopened: { _ in }) {}
        return gathered
    }

    @Test(arguments: [ConversationGrouper.Order.any, .clustered], [1, 3, 50, 100_000])
    func batchesAreGroupedLikeTheirFragments(order: ConversationGrouper.Order, batches: Int) throws {
        try TestFiles.withFolder { folder in
            let scattered = Fragment.random(3000, conversations: 40, lengths: [0, 3, 20, 300], seed: 11)
            // Long runs of one key as well.
            let fragments = scattered + scattered.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            var grouper = ConversationGrouper(order: order, memory: 1 << 20, spillFolder: folder)
            let expected = try GroupingResult(fragments, &grouper)
            #expect(expected.late.isEmpty)
            let gathered = try Self.group(fragments, order, batches: batches, folder: folder)
            #expect(gathered == expected.conversations)
        }
    }
}

extension ArraySlice<Fragment> {
    /// Neighbours of one key.
    fileprivate func chunked() -> [ArraySlice<Fragment>] {
        var result: [ArraySlice<Fragment>] = []
        var start = startIndex
        while start < endIndex {
            let end = self[start...].firstIndex { $0.key != self[start].key } ?? endIndex
            result.append(self[start..<end])
            start = end
        }
        return result
    }
}
