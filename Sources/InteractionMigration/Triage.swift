// Which of the messages that were read are to be sent, by what the ledger says to them.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMapping
internal import InteractionModel
internal import InteractionSubmission

extension LedgerEntry {
    init(_ ready: ReadyMessage) {
        // Field by field: a copy of the whole message costs more than what the ledger does with it.
        self.init(
            threadId: ready.message.threadId,
            requestId: ready.message.requestId,
            part: ready.message.part,
            digest: ready.message.digest,
            givenKey: ready.isKeyTaken ? nil : ready.message.givenKey,
            input: ready.file,
            record: ready.record
        )
    }
}

/// Decides and counts.
struct Triage: Sendable {
    enum Decision: Sendable {
        case send
        case skip
        /// An earlier run was refused; the dead-letter file gets it again.
        case refusedEarlier
        /// It waits for somebody to say that the change may be sent.
        case changed
    }

    let resubmitsChanged: Bool
    let retriesRejected: Bool
    var counts = MigrationCounts()

    init(_ options: MigrationOptions) {
        resubmitsChanged = options.resubmitsChanged
        retriesRejected = options.retriesRejected
    }

    /// Books a message and says what is to be done with it.
    mutating func decide(_ ready: ReadyMessage, _ standing: LedgerStanding) -> Decision {
        counts.messages += 1
        switch standing.kind {
        case .duplicate:
            counts.duplicates += 1
            return .skip
        case .changed:
            counts.changed += 1
            guard resubmitsChanged else {
                counts.heldChanges += 1
                return .changed
            }
        case .new:
            counts.new += 1
            if standing.isThreadKnown { counts.newInKnownThreads += 1 }
        case .known:
            switch standing.state {
            case .accepted, .completed:
                counts.delivered += 1
                return .skip
            case .rejected:
                counts.rejectedEarlier += retriesRejected || ready.isDeadLetter ? 0 : 1
                guard retriesRejected || ready.isDeadLetter else { return .refusedEarlier }
                counts.pending += 1
            case .planned, .sent, .unknown: counts.pending += 1
            }
        }
        counts.toSend += 1
        return .send
    }
}
