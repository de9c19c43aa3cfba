// Conversations whose fragments follow one another: each is complete when the next begins.

internal import InteractionModel

/// Holds one conversation at a time and notices keys that return.
struct ClusteredConversations: ~Copyable {
    private let hash: KeyHash
    private var returning: ReturningKeys
    private var key: [UInt8] = []
    /// Whether there is a conversation at hand.
    private var isBegun = false
    /// What is kept of the conversation at hand.
    private var run = OutputBuffer(capacity: 64 << 10)
    /// What follows it, where it was added; it lasts until ``keepLent()``.
    private var lent = UnsafeRawBufferPointer(start: nil, count: 0)
    private var ordinal = 0

    init(budget: GroupingBudget, folder: String, hash: KeyHash) {
        self.hash = hash
        returning = ReturningKeys(budget: budget, folder: folder)
    }

    /// Adds a fragment, after handing on the conversation before if this begins another.
    ///
    /// - Parameters:
    ///   - fragment: What a record said.
    ///   - key: The conversation's key.
    ///   - emit: Receives a conversation that is complete.
    /// - Throws: ``SpillFailure``, and what `emit` throws.
    mutating func add(
        _ fragment: UnsafeRawBufferPointer,
        to key: UnsafeRawBufferPointer,
        _ emit: (GroupedConversation) throws -> Void
    ) throws {
        try turn(to: key, emit)
        keepLent()
        withUnsafeBytes(of: UInt32(fragment.count)) { run.append($0) }
        run.append(fragment)
    }

    /// Adds fragments that need not be copied if the conversation ends before ``keepLent()`` is called.
    ///
    /// - Parameters:
    ///   - run: What records said one after another; it must last until then.
    ///   - key: The conversation's key.
    ///   - emit: Receives a conversation that is complete.
    /// - Throws: ``SpillFailure``, and what `emit` throws.
    mutating func add(
        run: UnsafeRawBufferPointer,
        to key: UnsafeRawBufferPointer,
        _ emit: (GroupedConversation) throws -> Void
    ) throws {
        try turn(to: key, emit)
        keepLent()
        lent = run
    }

    /// Copies what was only lent.
    mutating func keepLent() {
        run.append(lent)
        lent = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private mutating func turn(
        to key: UnsafeRawBufferPointer,
        _ emit: (GroupedConversation) throws -> Void
    ) throws {
        if isCurrent(key) { return }
        try handOnCurrent(emit)
        self.key.removeAll(keepingCapacity: true)
        self.key += key
        isBegun = true
    }

    private func isCurrent(_ key: UnsafeRawBufferPointer) -> Bool {
        isBegun && self.key.withUnsafeBytes { $0.holdsSame(as: key) }
    }

    private mutating func handOnCurrent(_ emit: (GroupedConversation) throws -> Void) throws {
        guard isBegun else { return }
        if run.count > 0 { keepLent() }
        try key.withUnsafeBytes { key in
            let isReopened = try returning.insert(hash(key), ordinal: ordinal)
            let fragments = FragmentRun(bytes: run.count > 0 ? run.bytes : lent)
            try emit(GroupedConversation(key: key, fragments: fragments, ordinal: ordinal, isReopened: isReopened))
        }
        ordinal += 1
        run.removeAll()
        lent = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Hands on the last conversation, and is empty again.
    ///
    /// - Parameters:
    ///   - emit: Receives it.
    ///   - reopened: Receives the ordinals of those whose return was not known when they were handed on.
    /// - Throws: ``SpillFailure``, and what the receivers throw.
    mutating func handOn(
        _ emit: (GroupedConversation) throws -> Void,
        reopened: (Int) throws -> Void
    ) throws {
        try handOnCurrent(emit)
        try returning.finish(reopened)
        isBegun = false
        ordinal = 0
    }
}
