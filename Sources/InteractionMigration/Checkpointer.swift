// How far a run has come with what it converts: kept in the ledger, for the next run to go on from there.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionSubmission

/// What of a run is delivered, by the positions of legacy records and conversations.
///
/// One is finished once the ledger has the acceptance of all its messages. Everything else that came up is open: the
/// next run converts it again, to send it or to say again why it cannot.
struct DeliveredItems: Sendable {
    /// A legacy record or conversation.
    private struct Item {
        /// Messages without an outcome.
        var waiting = 0
        var messages = 0
        var others = 0
        /// Whether something of it stays open in this run.
        var isOpen = false
    }

    private(set) var checkpoint: LedgerCheckpoint
    /// Open ones of the earlier run that have not come up yet.
    private var earlier: ArraySlice<Int>
    private var open: [Int] = []
    private var items: [Int: Item] = [:]
    /// What has messages on their way, by the messages' rows.
    private var waiting: [Int64: [Int]] = [:]
    /// Finished ones since the last look.
    private var news = 0

    init(_ earlier: LedgerCheckpoint) {
        checkpoint = earlier
        self.earlier = earlier.open[...]
    }

    /// Whether so many were finished that it is worth the while to write them down.
    var isWorthKeeping: Bool { news >= max(64, open.count / 8) }

    /// Takes a batch that was registered.
    ///
    /// - Parameters:
    ///   - batch: What was read.
    ///   - fates: What the ledger says to each of its messages, and what was decided.
    mutating func take(_ batch: ReadyBatch, _ fates: [(standing: LedgerStanding, decision: Triage.Decision)]) {
        guard batch.endPosition > 0 else { return }
        var fresh: [Int: Item] = [:]
        for position in batch.openPositions { fresh[position, default: Item()].isOpen = true }
        for position in batch.foreignPositions { fresh[position, default: Item()].others += 1 }
        for (ready, fate) in zip(batch.messages, fates) {
            guard let position = ready.position else { continue }
            var item = fresh[position] ?? Item()
            item.messages += 1
            switch fate.decision {
            case .send:
                item.waiting += 1
                waiting[fate.standing.row, default: []].append(position)
            case .skip:
                if fate.standing.state == .accepted || fate.standing.state == .completed { break }
                // A duplicate of what is on its way.
                if waiting[fate.standing.row] == nil {
                    item.isOpen = true
                } else {
                    item.waiting += 1
                    waiting[fate.standing.row, default: []].append(position)
                }
            case .refusedEarlier, .changed: item.isOpen = true
            }
            fresh[position] = item
        }
        for (position, item) in fresh { settle(position, item) }
        earlier = earlier.drop { $0 < batch.endPosition }
        checkpoint.end = max(checkpoint.end, batch.endPosition)
    }

    /// Takes outcomes that the ledger has.
    mutating func take(_ events: [DeliveryEvent]) {
        for event in events {
            guard let state = event.state, let positions = waiting.removeValue(forKey: event.row) else { continue }
            for position in positions {
                guard var item = items.removeValue(forKey: position) else { continue }
                item.waiting -= 1
                if state == .rejected || state == .unknown { item.isOpen = true }
                settle(position, item)
            }
        }
    }

    private mutating func settle(_ position: Int, _ item: Item) {
        if item.isOpen {
            open.append(position)
        } else if item.waiting > 0 {
            items[position] = item
        } else {
            checkpoint.messages += item.messages
            checkpoint.otherShards += item.others
            news += 1
        }
    }

    /// What may be written down now.
    ///
    /// - Parameter records: The records of all inputs, if they were read to their end and none was lost.
    /// - Returns: How far it is.
    mutating func look(records: Int?) -> LedgerCheckpoint {
        news = 0
        checkpoint.open = (open + items.keys + earlier).sorted()
        checkpoint.records = checkpoint.open.isEmpty ? records : nil
        return checkpoint
    }
}

/// Keeps in the ledger what is delivered, after the outcomes that say so.
actor Checkpointer {
    private let ledger: Ledger
    /// The inputs as they were named, and which share of them.
    private let source: String
    private let notice: @Sendable (String) -> Void
    /// Nil until it is known what there was, and where nothing is to be kept.
    private var items: DeliveredItems?
    private var records: Int?
    /// How far an earlier run had come.
    private(set) var earlier = LedgerCheckpoint()

    /// Makes one that keeps nothing yet.
    ///
    /// - Parameters:
    ///   - ledger: Where to.
    ///   - files: The inputs as they were named.
    ///   - shard: The share of this process.
    ///   - notice: Receives what a person should know.
    init(_ ledger: Ledger, _ files: [String], _ shard: Shard?, notice: @escaping @Sendable (String) -> Void) {
        self.ledger = ledger
        source = (files + [shard.map { "shard \($0)" } ?? "all"]).joined(separator: "\n")
        self.notice = notice
    }

    /// Says what an earlier run has done, if everything is as it was then.
    func resume(_ basis: ConversionBasis) async throws -> EarlierRun {
        if let known = try ledger.checkpoint(of: source) {
            if let change = basis.change(since: known.basis) {
                notice("everything is converted again, for this is not as it was in the earlier run: \(change)")
            } else {
                earlier = known.checkpoint
            }
        }
        // Of an earlier run that was stopped before its first batch, the basis alone is there.
        if earlier == LedgerCheckpoint() { try await ledger.beginCheckpoint(of: source, basis: basis.text) }
        if let records = earlier.records { return .complete(records: records) }
        items = DeliveredItems(earlier)
        return .unfinished(FinishedItems(end: earlier.end, open: earlier.open))
    }

    func take(_ batch: ReadyBatch, _ fates: [(standing: LedgerStanding, decision: Triage.Decision)]) {
        items?.take(batch, fates)
    }

    func take(_ events: [DeliveryEvent]) async throws {
        items?.take(events)
        if items?.isWorthKeeping ?? false { try await keep() }
    }

    /// Takes what the reading came to.
    ///
    /// Where an input could not be read to its end, positions may be others next time.
    func end(_ report: ReadyReport) async throws {
        guard items != nil, let conversion = report.conversion, !report.wasInterrupted else { return }
        if report.hasUnreadableInput || conversion.hasInputError {
            items = nil
            try await ledger.beginCheckpoint(of: source, basis: nil)
        } else if conversion.books.records.rejected == 0 {
            records = conversion.books.records.total
        }
    }

    /// Writes down what is delivered.
    func keep() async throws {
        guard let checkpoint = items?.look(records: records) else { return }
        try await ledger.keep(checkpoint, of: source)
    }
}
