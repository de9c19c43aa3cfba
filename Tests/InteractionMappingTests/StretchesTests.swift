// Silences that part a conversation, and entries of which nobody knows when they were written.

import InteractionModel
import Testing

@testable import InteractionMapping

@Suite("Stretches between silences")
struct StretchesTests {
    @Test(
        "Entries without a time go with the one before, the first ones with what comes next",
        arguments: [
            ([0, 10, 100, 105], [[0, 1], [2, 3]]), ([nil, 1_714_550_400, 1_714_550_500], [[0, 1], [2]]),
            ([nil, nil, -5, nil, 100], [[0, 1, 2, 3], [4]]), ([nil, nil], [[0, 1]]), ([100, nil, 0], [[2], [0, 1]]),
        ] as [([Int64?], [[Int]])]
    )
    func parts(seconds: [Int64?], expected: [[Int]]) {
        var gathered = GatheredConversation()
        for (index, second) in seconds.enumerated() {
            var entry = GatheredEntry(kind: .message, fragment: 0, ordinal: index)
            entry.time.instant = second.map { Instant(seconds: $0, attoseconds: 0) }
            gathered.entries.append(entry)
        }
        #expect(gathered.stretches(gap: 60) == expected)
    }
}
