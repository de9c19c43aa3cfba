// Fragments to be grouped, and what grouping them must give, computed the simple way.

import TestSupport

@testable import InteractionConversion

/// One fragment and the key of its conversation.
struct Fragment: Equatable {
    var key: [UInt8]
    var bytes: [UInt8]

    /// Fragments of every length, most of them short, of conversations of which some are far larger than others.
    static func random(_ count: Int, conversations: Int, lengths: [Int], seed: UInt64) -> [Fragment] {
        var random = SeededRandom(seed: seed)
        return (0..<count).map { number in
            let widest = Int.random(in: 1...conversations, using: &random)
            let conversation = Int.random(in: 0..<widest, using: &random)
            // The first conversation has no key at all, the next ones have keys on both sides of eight bytes.
            let key = String(repeating: "k", count: conversation % 20) + (conversation == 0 ? "" : "\(conversation)")
            let length = lengths.randomElement(using: &random) ?? 0
            return Fragment(key: Array(key.utf8), bytes: (0..<length).map { UInt8(truncatingIfNeeded: $0 ^ number) })
        }
    }
}

/// A conversation as it came out of grouping.
struct Gathered: Equatable {
    var key: [UInt8]
    var fragments: [[UInt8]]
    var isReopened = false

    /// What it counts for when conversations are handed on bit by bit.
    var bytesHandedOn: Int { fragments.reduce(0) { $0 + FragmentRun.lengthBytes + $1.count } }
}

/// What a grouping gave.
struct GroupingResult: Equatable {
    var conversations: [Gathered] = []
    var late: [Int] = []
    /// How many conversations had been handed on before the end.
    var early = 0

    /// Groups fragments.
    init(
        _ fragments: [Fragment],
        _ order: ConversationGrouper.Order,
        _ budget: GroupingBudget,
        folder: String,
        seed: UInt64 = 7
    ) throws {
        var grouper = ConversationGrouper(order: order, budget: budget, spillFolder: folder, seed: seed)
        try self.init(fragments, &grouper)
    }

    /// Groups fragments with a grouper that holds nothing.
    init(_ fragments: [Fragment], _ grouper: inout ConversationGrouper, handingOn bytes: Int = 1000) throws {
        var gathered: [Gathered] = []
        var isOrdered = true
        func take(_ conversation: GroupedConversation) {
            isOrdered = isOrdered && conversation.ordinal == gathered.count
            gathered.append(
                Gathered(
                    key: [UInt8](conversation.key),
                    fragments: conversation.fragments.map { [UInt8]($0) },
                    isReopened: conversation.isReopened
                )
            )
        }
        for fragment in fragments { try grouper.add(fragment, take) }
        early = gathered.count
        var late: [Int] = []
        var isMore = true
        while isMore {
            let before = gathered.count
            isMore = try grouper.handOn(atLeast: bytes, take) { late.append($0) }
            let sizes = gathered[before...].map(\.bytesHandedOn)
            if isMore {
                // Enough, and no more than that.
                let all = sizes.reduce(0, +)
                guard all >= bytes, let last = sizes.last, all - last < bytes else { throw WrongPortion() }
            }
        }
        guard isOrdered else { throw WrongOrdinal() }
        conversations = gathered
        self.late = late
    }

    struct WrongOrdinal: Error {}
    struct WrongPortion: Error {}
}

extension ConversationGrouper {
    /// Adds a fragment.
    mutating func add(_ fragment: Fragment, _ emit: (GroupedConversation) throws -> Void) throws {
        try fragment.key.withUnsafeBytes { key in
            try fragment.bytes.withUnsafeBytes { bytes in try add(key: key, fragment: bytes, emit) }
        }
    }
}

extension GroupingBudget {
    /// The least memory, divided as little as possible, so that everything is divided and merged many times.
    static var tiny: GroupingBudget {
        var budget = GroupingBudget(memory: 0)
        budget.partitions = 2
        budget.fanIn = 2
        return budget
    }
}

/// Groups in the simple way, by first appearance.
func gather(_ fragments: [Fragment]) -> [Gathered] {
    var positions: [[UInt8]: Int] = [:]
    var gathered: [Gathered] = []
    for fragment in fragments {
        if let position = positions[fragment.key] {
            gathered[position].fragments.append(fragment.bytes)
        } else {
            positions[fragment.key] = gathered.count
            gathered.append(Gathered(key: fragment.key, fragments: [fragment.bytes]))
        }
    }
    return gathered
}
