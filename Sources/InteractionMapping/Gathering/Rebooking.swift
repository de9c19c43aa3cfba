// Why what records had already been booked with is booked otherwise once their conversation is known.

/// What became of a conversation whose records were booked before it was looked at.
package enum Rebooking: Sendable, Hashable, CaseIterable {
    /// It could not be converted.
    case rejected
    /// It lies beyond the first ones that were asked for.
    case limit
    /// It is none of the sample.
    case sample
    /// An earlier run has finished with it.
    case finishedEarlier

    /// What its leaves are booked as.
    package var disposition: Disposition { self == .rejected ? .rejected : .dropped }

    /// The rule's name in books and ledger.
    package var rule: StaticString {
        switch self {
        case .rejected: "record"
        case .limit: "limit"
        case .sample: "sample"
        case .finishedEarlier: "finished-earlier"
        }
    }
}

/// Ledger entries to be booked otherwise, by the worker that has made them.
package typealias RebookedFields = [Rebooking: [UInt32: [Int: Int]]]

extension RecordMapper {
    /// Books a conversation that nobody asked for.
    ///
    /// - Parameters:
    ///   - conversation: Its fragments.
    ///   - reason: Why it is left out.
    ///   - files: The names of the run's inputs.
    ///   - rebooked: Receives the field counts of its records.
    package mutating func leaveOut(
        _ conversation: ConversationFragments,
        for reason: Rebooking,
        files: [String],
        rebooked: inout RebookedFields
    ) {
        let gathered = gather(conversation, files)
        let rule = reason.rule.description
        books.records.dropped[rule, default: 0] += gathered.recordCount
        books.conversations.total += 1
        books.conversations.dropped[rule, default: 0] += 1
        books.messages.total += gathered.entries.count
        books.messages.dropped[rule, default: 0] += gathered.entries.count
        gathered.rebook(as: reason, &rebooked)
        self.gathered = consume gathered
    }
}

extension GatheredConversation {
    /// Tells what its records had counted.
    borrowing func rebook(as reason: Rebooking, _ rebooked: inout RebookedFields) {
        for index in origins.indices {
            FieldLedger.add(journals[index], to: &rebooked[reason, default: [:]][origins[index].worker, default: [:]])
        }
    }
}
