// What a corrected table of people means for what was submitted: which Interactions must be sent again.

public import InteractionConversion
public import InteractionLedger
internal import InteractionMapping
internal import InteractionModel

/// What is to be done with an Interaction that changes.
public enum Resubmission: String, Sendable, Hashable {
    /// The tenant has it as it was, or may have it: it must be sent again.
    case sendAgain = "send-again"
    /// Nothing of it was sent: whoever sends it first sends it as it is to be.
    case notSent = "not-sent"
    /// The tenant has it as it is to be.
    case sent
    /// It is not there any more; what the tenant has of it stays.
    case gone
}

/// A ledger that says which changes concern the tenant.
public struct SubmittedInteractions: Sendable {
    private let ledger: Ledger

    /// Opens a ledger to read.
    ///
    /// - Parameter path: The ledger's file.
    /// - Throws: `LedgerError`.
    public init(ledger path: String) throws(LedgerError) { ledger = try Ledger(path, .reading) }

    /// What is to be done with an Interaction that changes.
    ///
    /// - Parameter change: What `Reassignment` has found.
    /// - Returns: Whether it must be sent again.
    /// - Throws: `LedgerError`.
    public func resubmission(of change: ReassignedInteraction) throws(LedgerError) -> Resubmission {
        let old = try match(change.oldBytes)
        guard change.newBytes != nil else { return old.map(Self.isSent) == true ? .gone : .notSent }
        let new = try match(change.newBytes)
        if new?.state == .accepted || new?.state == .completed { return .sent }
        return [old, new].compactMap(\.self).contains(where: Self.isSent) ? .sendAgain : .notSent
    }

    /// Whether the tenant has a version of it, or may have one.
    private static func isSent(_ match: LedgerMatch) -> Bool {
        switch match.state {
        case .sent, .unknown, .accepted, .completed: true
        case .planned, .rejected, nil: match.hasOthers
        }
    }

    private func match(_ interaction: [UInt8]?) throws(LedgerError) -> LedgerMatch? {
        guard let interaction else { return nil }
        let bytes = PaddedBytes(interaction)
        var tape = JSONTape()
        guard (try? tape.scan(bytes.start, count: bytes.count)) != nil else { return nil }
        let view = tape.view(of: bytes.start)
        let form = InteractionValidator.Form(detecting: view, root: view.root)
        var scratch = OutputBuffer(capacity: interaction.count)
        guard let message = FinishedMessage(view, root: view.root, form: form, &scratch) else { return nil }
        let entry = LedgerEntry(
            threadId: message.threadId,
            requestId: message.requestId,
            part: message.part,
            digest: message.digest,
            givenKey: nil,
            input: "",
            record: 0
        )
        var met = RowSet()
        return try ledger.compare([entry], met: &met).first
    }
}
