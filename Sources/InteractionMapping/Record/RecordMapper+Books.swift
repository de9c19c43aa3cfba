// Closing a record's books: every leaf of it has been counted once, or is counted now.

internal import InteractionModel

extension RecordMapper {
    /// Settles the counts of a record that was recognised.
    ///
    /// A rejected record's leaves are all rejected, whatever had been decided about them; for that, the counts of a
    /// record are taken back to the mark that was set before it.
    mutating func account(_ view: JSONView, _ root: FieldLedger.Path, isMapped: Bool) {
        if isMapped, snapshot.purpose == .finding {
            ledger.rollBack()
            return
        }
        if isMapped, snapshot.purpose == .gathering {
            countSuperseded(view, root)
            // What became of it is known when all snapshots of the thread are.
            snapshot.fields = ledger.takeJournal()
            return
        }
        books.conversations.total += 1
        books.messages.total += messageCount
        books.participants.total += participantCount
        guard isMapped else {
            ledger.rollBack()
            ledger.count(all: root, view, view.root, .rejected, "record")
            for key in outermostSuperseded(view) {
                ledger.count(root, .rejected, "record", view.leafCount(key + 1))
            }
            books.sourceFields += ledger.commit()
            books.conversations.rejected += 1
            books.messages.rejected += messageCount
            books.participants.rejected += participantCount
            return
        }
        countSuperseded(view, root)
        books.sourceFields += ledger.commit()
        books.conversations.mapped += 1
        books.add(redacted: redacted)
        books.messages.mapped += messageCount - movedCount
        books.messages.moved += movedCount
        books.participants.mapped += participantCount
        tally.add(conversationTally)
    }

    private mutating func countSuperseded(_ view: JSONView, _ root: FieldLedger.Path) {
        for key in outermostSuperseded(view) {
            ledger.count(root, .dropped, "duplicate-key", view.leafCount(key + 1))
        }
    }
}
