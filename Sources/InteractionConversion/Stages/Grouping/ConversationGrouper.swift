// Brings together what the records of one conversation say, wherever in the inputs they lie.

internal import InteractionMapping

/// Groups fragments by conversation, within a budget of memory whatever the size of the input.
///
/// A fragment is what one record says about one conversation; grouping does not look into it. After an error is thrown
/// a grouper is of no more use. What it writes to disk is gone when the process ends, in whatever way.
package struct ConversationGrouper: ~Copyable {
    /// How the records of a conversation may lie in the inputs.
    package enum Order: Sendable, Hashable {
        /// Anywhere: conversations are handed on at the end, by first appearance, the same whatever the memory.
        case any
        /// One after another: a conversation is handed on when the key changes, and a key that returns begins another.
        case clustered
    }

    /// What is held in memory unless told otherwise.
    package static let defaultMemory = 256 << 20
    /// More is of no use in clustered order, where only hashes of keys and one conversation are held.
    private static let clusteredMemory = 4 << 20

    private var scattered: ScatteredConversations?
    private var clustered: ClusteredConversations?

    /// Makes a grouper that holds nothing.
    ///
    /// - Parameters:
    ///   - order: How the records lie.
    ///   - memory: How much it may hold, in bytes; 64 KiB at least. Only a conversation that is larger by itself
    ///     exceeds it, while it is handed on.
    ///   - spillFolder: Where it keeps what exceeds that.
    package init(order: Order, memory: Int = Self.defaultMemory, spillFolder: String) {
        let seed = UInt64.random(in: .min ... .max)
        let budget = GroupingBudget(memory: order == .any ? memory : min(memory, Self.clusteredMemory))
        self.init(order: order, budget: budget, spillFolder: spillFolder, seed: seed)
    }

    /// Makes a grouper for a run.
    ///
    /// - Parameter options: What was asked for; an eighth of the memory is left to what is on its way to and from it.
    init(_ options: ConversionOptions) {
        self.init(
            order: options.order == .any ? .any : .clustered,
            memory: options.memory - options.memory / 8,
            spillFolder: options.spillFolder
        )
    }

    /// Makes a grouper of which every size is given, and the seed of the hash of keys, which the result never shows.
    init(order: Order, budget: GroupingBudget, spillFolder: String, seed: UInt64) {
        let hash = KeyHash(seed: seed)
        switch order {
        case .any: scattered = ScatteredConversations(budget: budget, folder: spillFolder, hash: hash)
        case .clustered: clustered = ClusteredConversations(budget: budget, folder: spillFolder, hash: hash)
        }
    }

    /// Adds a fragment.
    ///
    /// - Parameters:
    ///   - key: What the record calls its conversation, less than 4 GiB as is the fragment.
    ///   - fragment: What it says.
    ///   - emit: Receives a conversation that is complete.
    /// - Throws: ``SpillFailure``, and what `emit` throws.
    package mutating func add(
        key: UnsafeRawBufferPointer,
        fragment: UnsafeRawBufferPointer,
        _ emit: (GroupedConversation) throws -> Void
    ) throws {
        try scattered?.add(fragment, to: key)
        try clustered?.add(fragment, to: key, emit)
    }

    /// Adds fragments as an extractor writes them.
    ///
    /// - Parameters:
    ///   - batch: What ``FragmentGroups`` reads.
    ///   - emit: Receives conversations that are complete; the fragments of one that begins and ends in the batch are
    ///     lent from there.
    /// - Throws: ``SpillFailure``, and what `emit` throws.
    package mutating func add(
        all batch: UnsafeRawBufferPointer,
        _ emit: (GroupedConversation) throws -> Void
    ) throws {
        if scattered != nil {
            for (key, run) in FragmentGroups(batch) {
                for fragment in FragmentRun(bytes: run) { try scattered?.add(fragment, to: key) }
            }
        } else {
            for (key, run) in FragmentGroups(batch) { try clustered?.add(run: run, to: key, emit) }
            clustered?.keepLent()
        }
    }

    /// Hands on some of the conversations that are left after the last fragment.
    ///
    /// To be called until none are left; only then may fragments be added again.
    ///
    /// - Parameters:
    ///   - bytes: How much to hand on at least, in bytes of fragments; more than 0.
    ///   - emit: Receives the conversations in order.
    ///   - reopened: Receives, in ascending order, the ordinals of conversations that were handed on as new because
    ///     their key had come so long before that it was no longer in memory. There are none in any order, nor with
    ///     fewer than some ten thousand conversations.
    /// - Returns: Whether there may be more; if not, the grouper is empty again.
    /// - Throws: ``SpillFailure``, and what the receivers throw.
    package mutating func handOn(
        atLeast bytes: Int,
        _ emit: (GroupedConversation) throws -> Void,
        reopened: (Int) throws -> Void
    ) throws -> Bool {
        try clustered?.handOn(emit, reopened: reopened)
        return try scattered?.handOn(atLeast: bytes, emit) ?? false
    }
}
