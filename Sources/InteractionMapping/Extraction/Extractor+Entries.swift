// What a record says about its conversation, its people, and what they said.

internal import Glibc
internal import InteractionModel

extension Extractor {
    /// Writes what a rule finds in a record about its conversation into the fragment at hand.
    mutating func writeConversation(_ rule: Int, _ record: inout Item) {
        for (number, index) in plan.rules[rule].fields.enumerated() {
            write(plan.fields[index], rule, number, &record)
        }
        for id in plan.rules[rule].ids { writeIdentifier(plan.ids[id], &record) }
        for (number, index) in plan.rules[rule].metadata.enumerated() {
            let member = plan.metadata[index]
            if member.isText {
                guard let text = text(member.value, &record, .metadata) else { continue }
                output.append(.metadata) { out in
                    out.append(name: { $0.append(content: member.name) })
                    out.append(string: text)
                }
            } else {
                writeMetadata(rules[rule].conversation.metadata[number], &record)
            }
        }
    }

    /// Writes the people whom a record lists, and what it tells.
    mutating func writeEntries(_ rule: Int, _ record: inout Item) {
        for index in plan.rules[rule].people {
            let people = plan.people[index]
            let general = rules[rule].participants[people.rule]
            if let name = people.member, !general.keyIsPosition {
                var last = record.node
                while let node = memberNode(name, record, after: &last) {
                    var item = Item(view: record.view, node: node, context: record.context, key: node - 1)
                    write(people, &item)
                }
                continue
            }
            for (position, person) in record.scope().items(general.each).enumerated() {
                write(general, person, position)
            }
        }
        isNewestFirst = plan.rules[rule].isNewestFirst
        isSoleEntry = plan.rules[rule].entries.count == 1 && plan.rules[rule].people.isEmpty
        for index in plan.rules[rule].entries {
            let entries = plan.entries[index]
            toldInstant = nil
            guard !entries.each.isEmpty else {
                write(entries, &record)
                continue
            }
            if let name = entries.member {
                var last = record.node
                while let node = memberNode(name, record, after: &last) {
                    if writePlain(index, record.view, node) { continue }
                    var item = Item(view: record.view, node: node, context: record.context, key: node - 1)
                    write(entries, &item)
                    learnPlain(index, record.view, node)
                }
                continue
            }
            let scope = record.scope()
            if entries.isNewestFirst || entries.each.count > 1 {
                let found = scope.found(Array(plan.paths[entries.each]))
                for found in entries.isNewestFirst ? found.reversed() : found {
                    var item = Item(found, in: scope)
                    write(entries, &item)
                }
                continue
            }
            scope.visit(plan.paths[entries.each.lowerBound]) { found in
                guard found.kind != .null else { return true }
                var item = Item(found, in: scope)
                write(entries, &item)
                return true
            }
        }
    }

    /// The record's next member of a name that is not null.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - record: The record.
    ///   - last: The record's node at first, then the last node of what was found before; learns that of the result.
    /// - Returns: The member's value; nil if there are no more.
    private func memberNode(_ name: TextSlice, _ record: Item, after last: inout Int) -> Int? {
        let view = record.view
        guard view.kind(record.node) == .object else { return nil }
        let end = view.next(record.node)
        var key = last + 1
        while key < end {
            let value = key + 1
            let next = view.next(value)
            if view.text(key).equals(name), view.kind(value) != .null, !view[key].flags.contains(.superseded) {
                last = next - 1
                return value
            }
            key = next
        }
        return nil
    }

    private mutating func write(_ field: ExtractionPlan.Field, _ rule: Int, _ number: Int, _ item: inout Item) {
        guard field.isList else {
            if let text = text(field.value, &item, .field) {
                output.append(.field, detail: UInt8(field.slot.rawValue), text: text)
            }
            return
        }
        guard mayGive(field.value, item) else { return }
        for json in values(rules[rule].conversation.fields[number].value, item.scope(), .field) {
            output.append(.item, detail: UInt8(field.slot.rawValue)) { $0.append(json) }
        }
    }

    private mutating func writeIdentifier(_ id: (name: String, value: PlannedValue), _ item: inout Item) {
        guard let value = text(id.value, &item, .field) else { return }
        output.append(.item, detail: UInt8(Slot.referenceIds.rawValue)) { out in
            out.append("{\"name\":")
            out.append(quoted: id.name)
            out.append(",\"value\":")
            out.append(string: value)
            out.append("}")
        }
    }

    private mutating func writeMetadata(_ member: (name: String, value: Expression), _ item: inout Item) {
        let found = values(member.value, item.scope(), .metadata)
        guard !found.isEmpty else { return }
        output.append(.metadata) { out in
            out.append(name: { $0.append(text: member.name) })
            if found.count > 1 { out.append("[") }
            for value in found {
                out.append(value)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            if found.count > 1 { out.append("]") }
        }
    }

    // MARK: People

    private mutating func write(_ people: ExtractionPlan.People, _ item: inout Item) {
        let key = text(people.key, &item, .participantId)
        output.append(.participant) { _ in }
        write(people.sender, &item)
        if let key { output.append(.key, text: key) }
    }

    private mutating func write(_ rule: ParticipantRule, _ scope: Scope, _ position: Int) {
        let key =
            rule.keyIsPosition ? texts.keep(String(position)) : rule.key.flatMap { text($0, scope, .participantId) }
        output.append(.participant) { _ in }
        let sender = rule.sender
        for (tag, value, target) in [
            (.id, sender.id, .participantId), (.name, sender.name, .displayName),
            (.email, sender.email, .participantId),
            (.phone, sender.phone, .participantId), (.role, sender.role, .role),
        ] as [(FragmentTag, Expression?, FieldTarget)] {
            if let found = value.flatMap({ text($0, scope, target) }) { output.append(tag, text: found) }
        }
        if let key { output.append(.key, text: key) }
    }

    mutating func write(_ sender: ExtractionPlan.Sender, _ item: inout Item) {
        if let value = text(sender.participant, &item, .participantId) { output.append(.key, text: value) }
        if let value = text(sender.id, &item, .participantId) { output.append(.id, text: value) }
        if let value = text(sender.name, &item, .displayName) { output.append(.name, text: value) }
        if let value = text(sender.email, &item, .participantId) { output.append(.email, text: value) }
        if let value = text(sender.phone, &item, .participantId) { output.append(.phone, text: value) }
        if let value = text(sender.role, &item, .role) { output.append(.role, text: value) }
    }

    // MARK: Entries

    private mutating func write(_ entries: ExtractionPlan.Entries, _ item: inout Item) {
        for index in entries.kinds {
            guard holds(plan.kinds[index].condition, &item) else { continue }
            let kind = plan.kinds[index]
            let rule = Int(kind.rule)
            if kind.condition >= 0, let condition = plan.kindRules[rule].condition {
                markDecided(condition, item.scope())
            }
            reached[kind.reached] = true
            if kind.kind == .skip { skip(plan.kindRules[rule], item) } else { write(kind, index, &item) }
            return
        }
    }

    private mutating func skip(_ kind: KindRule, _ item: Item) {
        output.append(.entry, detail: KindRule.Kind.skip.code) { $0.append(text: kind.reason) }
        entryCount += 1
        previous.entryCount += 1
        // What no rule uses of a record goes with its only entry; other entries may have more to say of it.
        guard item.isOfRecord, item.node != 0 || isSoleEntry else { return }
        let reason = dropMark(kind.reason)
        for node in item.node..<item.view.next(item.node) where marks[node] == 0 { marks[node] = reason }
    }

    private mutating func write(_ kind: ExtractionPlan.Kind, _ number: Int, _ item: inout Item) {
        let time = time(kind.times, &item)
        var flags: EntryFlags = kind.isOpening ? .opening : []
        if time.instant != nil { flags.insert(.instant) }
        if isNewestFirst { flags.insert(.newestFirst) }
        output.append(entry: kind.kind.code, flags, at: time.instant)
        if item.isOfRecord { own(item.node..<item.view.next(item.node)) }
        entryCount += 1
        previous.entryCount += 1
        if let text = time.text { output.append(.time, text: text) }
        let target: FieldTarget = kind.kind == .message || kind.kind == .deleted ? .content : .event
        if let text = text(kind.text, &item, target) { output.append(.text, text: text) }
        if let id = text(kind.id, &item, .metadata) { output.append(.messageId, text: id) }
        if let id = text(kind.replaces, &item, .decision) { output.append(.replaces, text: id) }
        if isTable, let watched = kind.watched {
            writeSender(kind.sender, watched, number, &item)
        } else {
            write(kind.sender, &item)
        }
        guard kind.hasAttachments else { return }
        for attachment in plan.kindRules[Int(kind.rule)].attachments {
            for found in item.scope().items(attachment.each) { write(attachment, found) }
        }
    }

    private mutating func write(_ rule: AttachmentRule, _ scope: Scope) {
        let url = rule.url.flatMap { text($0, scope, .link) }
        let name = rule.name.flatMap { text($0, scope, .link) }
        let type = rule.type.flatMap { text($0, scope, .link) }
        let id = rule.id.flatMap { text($0, scope, .link) }
        guard url != nil || name != nil || id != nil else { return }
        output.append(.link) { out in
            out.append("{")
            for (key, value) in [("id", id), ("label", name), ("type", type), ("url", url)]
                as [(StaticString, TextSlice?)]
            {
                guard let value else { continue }
                out.append("\"")
                out.append(key)
                out.append("\":")
                out.append(string: value)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        }
        if let shown = name ?? url ?? id { output.append(.placeholder, text: shown) }
    }

    // MARK: Times

    /// The first time that can be read, in RFC 3339.
    private mutating func time(_ times: Range<Int>, _ item: inout Item) -> EntryTime {
        var failure: FindingCode?
        for index in times {
            let time = plan.times[index]
            let start = trail.count
            guard let text = text(time.value, &item, .time) else { continue }
            if time.isAutomatic, text.form == .plain, let instant = Instant.rfc3339(text.bytes) {
                previousInstant = instant
                toldInstant = instant
                return EntryTime(instant: instant, text: text)
            }
            let rule = Int(time.rule)
            let isSpan = plan.timeRules[rule].isSpan
            let read = isSpan ? relative(text, rule, item.scope()) : absolute(text, rule)
            if let instant = read.time.instant {
                previousInstant = instant
                if !isSpan { toldInstant = instant }
                return read.time
            }
            // It has not been used: it stays what it is, and is kept.
            takeBack(to: start)
            failure = failure ?? read.failure
        }
        if let failure { noteTime(failure) }
        return EntryTime()
    }

    private mutating func absolute(_ text: TextSlice, _ rule: Int) -> (time: EntryTime, failure: FindingCode?) {
        guard let reader = timeReaders[rule] else { return (EntryTime(), nil) }
        timeBuffer.removeAll()
        let outcome =
            text.form == .plain
            ? reader.read(text.bytes, into: &timeBuffer)
            : text.unescaped().withUnsafeBytes { reader.read($0, into: &timeBuffer) }
        switch outcome.kind {
        case .asWritten: return (EntryTime(instant: outcome.instant, text: text), nil)
        case .ambiguous: noteTime(.timeAmbiguous)
        case .skipped: noteTime(.timeSkipped)
        case .rewritten: break
        case .noZone: return (EntryTime(), .timeWithoutZone)
        case .unreadable, .dateOnly: return (EntryTime(), .timeUnreadable)
        case .empty: return (EntryTime(), nil)
        }
        let written = texts.keep(plain: timeBuffer.bytes)
        return (EntryTime(instant: outcome.instant, text: written, isRewritten: true), nil)
    }

    /// A time span since the entry before, since the last one that told its own time, or since the rule's time.
    private mutating func relative(
        _ text: TextSlice,
        _ rule: Int,
        _ scope: Scope
    ) -> (time: EntryTime, failure: FindingCode?) {
        guard let seconds = TimeSpan.seconds(text.string) else { return (EntryTime(), .timeUnreadable) }
        var base = previousInstant
        if let after = plan.timeRules[rule].after {
            base = toldInstant ?? self.text(after, scope, .time).flatMap { absolute($0, rule).time.instant }
        } else if base == nil, let since = plan.timeRules[rule].since, let start = self.text(since, scope, .time) {
            base = absolute(start, rule).time.instant
            previousInstant = base
        }
        guard let base, Instant.secondsRange.contains(base.seconds + seconds) else {
            return (EntryTime(), nil)
        }
        let instant = Instant(seconds: base.seconds + seconds, attoseconds: base.attoseconds)
        return (EntryTime(instant: instant, text: texts.keep(instant.description), isRewritten: true), nil)
    }

    private mutating func noteTime(_ code: FindingCode) {
        switch code {
        case .timeAmbiguous:
            note(code, .note, path: nil, message: "the clock showed this time twice; the earlier one was taken")
        case .timeSkipped:
            let message = "the clock never showed this time; it was counted on from before the gap"
            note(code, .note, path: nil, message: message)
        case .timeWithoutZone:
            note(
                code,
                .warning,
                path: nil,
                message: "a time does not say in which zone; it is kept in the metadata",
                remedy: "name the zone with --timezone, such as Europe/Paris or UTC"
            )
        default:
            note(
                code,
                .warning,
                path: nil,
                message: "a time cannot be read; it is kept in the metadata",
                remedy: "declare its format in the profile"
            )
        }
    }

    mutating func dropMark(_ reason: String) -> UInt8 {
        let number = ledger.define(reason: reason)
        return Self.firstDrop &+ UInt8(min(Int(number), 126))
    }

    /// Marks from here on are drop reasons.
    static var firstDrop: UInt8 { 128 }
}

extension KindRule.Kind {
    /// The kind in a fragment.
    var code: UInt8 {
        switch self {
        case .message: 0
        case .event: 1
        case .note: 2
        case .deleted: 3
        case .skip: 4
        }
    }

    init(code: UInt8) {
        switch code {
        case 1: self = .event
        case 2: self = .note
        case 3: self = .deleted
        case 4: self = .skip
        default: self = .message
        }
    }
}
