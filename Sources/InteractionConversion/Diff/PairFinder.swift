// Finds for each Interaction its counterpart in the other conversion, however far apart they are.

internal import InteractionModel

/// Puts Interactions side by side: those of one thread, part and request id, then those that are alike.
struct PairFinder: ~Copyable {
    private var waiting: SortedRecords
    private let options: DiffOptions

    init(_ options: DiffOptions) {
        self.options = options
        waiting = SortedRecords(memory: options.memory / 2, folder: options.spillFolder)
    }

    /// Adds an Interaction of either side.
    ///
    /// - Throws: ``SpillFailure``.
    mutating func add(
        _ interaction: ComparedInteraction,
        _ identity: InteractionIdentity
    ) throws(SpillFailure) {
        try waiting.add(order: identity.threadHash) { interaction.write(to: &$0) }
    }

    /// Gives all pairs: in the order of the old conversion, then what only the new one has in its own order.
    ///
    /// - Parameters:
    ///   - keepsIdentical: Whether pairs of the same bytes come too.
    ///   - identical: Called for pairs that do not come.
    ///   - body: Receives the old and the new Interaction, valid until it returns.
    /// - Throws: ``SpillFailure``, and what `body` throws.
    consuming func forEachPair(
        keepsIdentical: Bool = false,
        identical: () -> Void,
        _ body: (ComparedInteraction?, ComparedInteraction?) throws -> Void
    ) throws {
        var pairs = SortedRecords(memory: options.memory / 2, folder: options.spillFolder)
        var group = ThreadGroup()
        var hash: UInt64?
        func settle(_ group: inout ThreadGroup, _ pairs: inout SortedRecords) throws {
            for (old, new) in group.pairs() {
                if !keepsIdentical, let old, let new, group.isIdentical(old, new) {
                    identical()
                    continue
                }
                let isOldThere: UInt64 = old == nil ? 1 << 63 : 0
                let record = (old ?? new).map { group.record($0) } ?? 0
                try pairs.add(order: isOldThere | UInt64(record)) { out in
                    for index in [old, new] {
                        if let index { group.write(index, to: &out) }
                    }
                }
            }
            group.removeAll()
        }
        try waiting.handOut { order, bytes in
            if order != hash { try settle(&group, &pairs) }
            hash = order
            group.add(bytes)
        }
        try settle(&group, &pairs)
        try pairs.handOut { _, bytes in
            var position = 0
            let first = ComparedInteraction(bytes, at: &position)
            if position < bytes.count {
                try body(first, ComparedInteraction(bytes, at: &position))
            } else {
                try first.side == .old ? body(first, nil) : body(nil, first)
            }
        }
    }
}
