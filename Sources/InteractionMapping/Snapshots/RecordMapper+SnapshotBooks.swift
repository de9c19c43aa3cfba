// The books of snapshots: what a later snapshot has as well is dropped by the rule `snapshot`.

internal import InteractionModel

extension RecordMapper {
    /// Settles the counts of a snapshot.
    ///
    /// - Parameters:
    ///   - known: The snapshot.
    ///   - merge: What came of it when it was united with later ones; nil for the last.
    ///   - isConverted: Whether there is an Interaction.
    /// - Returns: What became of its values, if somebody asks.
    mutating func account(_ known: Snapshot, _ merge: SnapshotMerge?, isConverted: Bool) -> [FieldFate] {
        books.conversations.total += 1
        books.messages.total += known.messageCount
        books.participants.total += known.participantCount
        ledger.resume(known.facts.fields)
        if !isConverted {
            reject(known)
        } else if let merge {
            drop(known, merge)
        } else {
            settleFields(known, given: [], kept: [], isLast: true)
            books.conversations.mapped += 1
            books.messages.mapped += known.messageCount - known.movedCount
            books.messages.moved += known.movedCount
            books.participants.mapped += known.participantCount
        }
        let fates = ledger.takeTurnedTrail()
        books.sourceFields += ledger.commit()
        return fates
    }

    private mutating func reject(_ known: Snapshot) {
        for field in known.facts.fields { ledger.turn(field.entry, field.count, .rejected, "record") }
        books.records.mapped -= 1
        books.records.rejected += 1
        books.conversations.rejected += 1
        books.messages.rejected += known.messageCount
        books.participants.rejected += known.participantCount
    }

    private mutating func drop(_ known: Snapshot, _ merge: SnapshotMerge) {
        books.records.mapped -= 1
        books.records.dropped["snapshot", default: 0] += 1
        books.conversations.dropped["snapshot", default: 0] += 1
        let mapped = merge.newMessages.count { $0 }
        let moved = merge.newEvents.suffix(known.movedCount).count { $0 }
        books.messages.mapped += mapped
        books.messages.moved += moved
        let repeated = known.messageCount - mapped - moved
        if repeated > 0 { books.messages.dropped["snapshot", default: 0] += repeated }
        let people = min(merge.newPeople, known.participantCount)
        books.participants.mapped += people
        if known.participantCount > people {
            books.participants.dropped["snapshot", default: 0] += known.participantCount - people
        }
        settleSpoken(known, merge)
        settleFields(known, given: merge.given, kept: merge.kept, isLast: false)
    }

    /// Values of messages and events that a later snapshot has as well.
    private mutating func settleSpoken(_ known: Snapshot, _ merge: SnapshotMerge) {
        var repeated: [FieldLedger.Path: Int] = [:]
        let messages = zip(known.facts.messages, merge.newMessages)
        let events = zip(known.facts.events, merge.newEvents.suffix(known.movedCount))
        for (shape, isNew) in Array(messages) + Array(events) where !isNew {
            for path in shapes.paths[Int(shape)] { repeated[path, default: 0] += 1 }
        }
        for field in known.facts.fields {
            let entry = ledger.entries[field.entry]
            guard entry.disposition == .mapped || entry.disposition == .moved,
                let count = repeated[entry.path], min(count, field.count) > 0
            else { continue }
            repeated[entry.path] = count - min(count, field.count)
            ledger.turn(field.entry, min(count, field.count), .dropped, "snapshot")
        }
    }

    /// Values beside the messages: at their place, kept, or said again by a later snapshot.
    private mutating func settleFields(_ known: Snapshot, given: [String], kept: [String], isLast: Bool) {
        let spoken = Set((known.facts.messages + known.facts.events).flatMap { shapes.paths[Int($0)] })
        let given = given.map(Self.withoutNumbers)
        var kept = kept.map(Self.withoutNumbers)
        if known.facts.hasOwnRequest { kept.append("request.requestId") }
        for field in known.facts.fields where field.count > 0 {
            let entry = ledger.entries[field.entry]
            guard entry.disposition != .dropped, entry.disposition != .rejected,
                entry.disposition == .kept || !spoken.contains(entry.path)
            else { continue }
            let target = targets[field.entry] ?? ledger.target(of: field.entry)
            targets[field.entry] = target
            if kept.contains(where: { Self.isSame(target, $0) }) {
                if entry.disposition != .kept { ledger.turn(field.entry, field.count, .kept, "metadata.legacy") }
            } else if !isLast, !given.contains(where: { Self.isSame(target, $0) }) {
                ledger.turn(field.entry, field.count, .dropped, "snapshot")
            }
        }
    }

    /// A path as the ledger has it: `messages[].mood` for `messages[3].mood`.
    private static func withoutNumbers(_ path: String) -> String {
        path.contains("[") ? path.replacing(/\[\d+\]/, with: "[]") : path
    }

    /// Whether one path is the other, or below it.
    private static func isSame(_ target: String, _ path: String) -> Bool {
        let (short, long) = target.utf8.count < path.utf8.count ? (target, path) : (path, target)
        guard long.utf8.starts(with: short.utf8) else { return false }
        let next = long.utf8.dropFirst(short.utf8.count).first
        return next == nil || next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }
}
