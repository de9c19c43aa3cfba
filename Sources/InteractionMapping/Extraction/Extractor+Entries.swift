// What a record says about its conversation, its people, and what they said.

internal import InteractionModel

extension Extractor {
    /// Writes everything that a rule finds in a record into the fragment at hand.
    mutating func extract(_ rule: RecordRule, _ scope: Scope) {
        for field in rule.conversation.fields { write(field.slot, field.value, scope) }
        for id in rule.conversation.ids {
            guard let value = text(id.value, scope, .field) else { continue }
            output.append(.item, detail: UInt8(Slot.referenceIds.rawValue)) { out in
                out.append("{\"name\":")
                out.append(quoted: id.name)
                out.append(",\"value\":")
                out.append(string: value)
                out.append("}")
            }
        }
        for member in rule.conversation.metadata {
            let found = values(member.value, scope, .metadata)
            guard !found.isEmpty else { continue }
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
        for people in rule.participants {
            for (position, person) in scope.items(people.each).enumerated() { write(people, person, position) }
        }
        for entries in rule.entries {
            guard let each = entries.each else {
                write(entries, scope)
                continue
            }
            for item in scope.items(each) { write(entries, item) }
        }
    }

    private mutating func write(_ slot: Slot, _ value: Expression, _ scope: Scope) {
        switch slot.shape {
        case .list, .objects:
            for item in values(value, scope, .field) {
                output.append(.item, detail: UInt8(slot.rawValue)) { $0.append(item) }
            }
        case .text, .medium, .boolean, .number:
            guard let text = text(value, scope, .field) else { return }
            output.append(.field, detail: UInt8(slot.rawValue), text: text)
        }
    }

    // MARK: People

    private mutating func write(_ rule: ParticipantRule, _ scope: Scope, _ position: Int) {
        let key = rule.keyIsPosition ? texts.keep(String(position)) : rule.key.flatMap { text($0, scope, .participantId) }
        output.append(.participant) { _ in }
        write(rule.sender, scope)
        if let key { output.append(.key, text: key) }
    }

    private mutating func write(_ sender: SenderRule, _ scope: Scope) {
        if let value = sender.participant.flatMap({ text($0, scope, .participantId) }) { output.append(.key, text: value) }
        if let value = sender.id.flatMap({ text($0, scope, .participantId) }) { output.append(.id, text: value) }
        if let value = sender.name.flatMap({ text($0, scope, .displayName) }) { output.append(.name, text: value) }
        if let value = sender.email.flatMap({ text($0, scope, .participantId) }) { output.append(.email, text: value) }
        if let value = sender.phone.flatMap({ text($0, scope, .participantId) }) { output.append(.phone, text: value) }
        if let value = sender.role.flatMap({ text($0, scope, .role) }) { output.append(.role, text: value) }
    }

    // MARK: Entries

    private mutating func write(_ rule: EntryRule, _ scope: Scope) {
        for kind in rule.kinds {
            if let condition = kind.condition {
                guard holds(condition, scope) else { continue }
                markDecided(condition, scope)
            }
            hits[kind.rule] += 1
            if kind.kind == .skip { skip(kind, scope) } else { write(kind, scope) }
            return
        }
    }

    private mutating func skip(_ kind: KindRule, _ scope: Scope) {
        output.append(.entry, detail: KindRule.Kind.skip.code) { $0.append(text: kind.reason) }
        entryCount += 1
        guard let item = scope.chain.first, item.space == .record else { return }
        let reason = dropMark(kind.reason)
        for node in item.node..<item.view.next(item.node) where marks[node] == 0 { marks[node] = reason }
    }

    private mutating func write(_ kind: KindRule, _ scope: Scope) {
        let time = time(kind.time, scope)
        var flags: EntryFlags = kind.isOpening ? .opening : []
        if time.instant != nil { flags.insert(.instant) }
        output.append(.entry, detail: kind.kind.code, flags: flags.rawValue) { out in
            guard let instant = time.instant else { return }
            out.reserve(16)
            let bytes = UnsafeMutableRawPointer(out.base + out.count)
            bytes.storeBytes(of: instant.seconds, as: Int64.self)
            bytes.storeBytes(of: instant.attoseconds, toByteOffset: 8, as: UInt64.self)
            out.count += 16
        }
        if let item = scope.chain.first, item.space == .record {
            let ordinal = Int32(truncatingIfNeeded: entryCount)
            for node in item.node..<item.view.next(item.node) { owners[node] = ordinal }
        }
        entryCount += 1
        if let text = time.text { output.append(.time, text: text) }
        let target: FieldTarget = kind.kind == .message || kind.kind == .deleted ? .content : .event
        if let text = kind.text.flatMap({ text($0, scope, target) }) { output.append(.text, text: text) }
        if let id = kind.id.flatMap({ text($0, scope, .metadata) }) { output.append(.messageId, text: id) }
        if let id = kind.replaces.flatMap({ text($0, scope, .decision) }) { output.append(.replaces, text: id) }
        write(kind.sender, scope)
        for attachment in kind.attachments {
            for item in scope.items(attachment.each) { write(attachment, item) }
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
            for (key, value) in [("id", id), ("label", name), ("type", type), ("url", url)] as [(StaticString, TextSlice?)] {
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
    private mutating func time(_ rules: [TimeRule], _ scope: Scope) -> EntryTime {
        for rule in rules {
            guard let text = text(rule.value, scope, .time) else { continue }
            var read = rule.since == nil ? absolute(text, rule) : relative(text, rule, scope)
            guard let instant = read.instant else {
                unmarkTimes()
                continue
            }
            previousInstant = instant
            if read.text == nil { read.text = text }
            return read
        }
        return EntryTime()
    }

    private mutating func absolute(_ text: TextSlice, _ rule: TimeRule) -> EntryTime {
        let zone = rule.zone ?? profile.zone ?? options.timezone
        let key = TimeKey(format: rule.format, locale: rule.locale, zone: zone)
        guard let reader = timeReader(key) else { return EntryTime() }
        timeBuffer.removeAll()
        let outcome =
            text.form == .plain
            ? reader.read(text.bytes, into: &timeBuffer)
            : text.unescaped().withUnsafeBytes { reader.read($0, into: &timeBuffer) }
        switch outcome.kind {
        case .asWritten: return EntryTime(instant: outcome.instant, text: text)
        case .ambiguous:
            noteTime(.timeAmbiguous, .note, "the clock showed this time twice; the earlier one was taken", nil)
        case .skipped:
            noteTime(.timeSkipped, .note, "the clock never showed this time; it was counted on from before the gap", nil)
        case .rewritten: break
        case .noZone:
            noteTime(
                .timeWithoutZone,
                .warning,
                "a time does not say in which zone; it is kept in the metadata",
                "name the zone with --timezone, such as Europe/Paris or UTC"
            )
            return EntryTime()
        case .unreadable, .dateOnly:
            noteTime(
                .timeUnreadable,
                .warning,
                "a time cannot be read; it is kept in the metadata",
                "declare its format in the profile"
            )
            return EntryTime()
        case .empty: return EntryTime()
        }
        return EntryTime(instant: outcome.instant, text: texts.keep(plain: timeBuffer.array), isRewritten: true)
    }

    /// A number of seconds since the entry before, or since the time that the rule names.
    private mutating func relative(_ text: TextSlice, _ rule: TimeRule, _ scope: Scope) -> EntryTime {
        guard let seconds = Int64(text.string), seconds >= 0 else {
            noteTime(.timeUnreadable, .warning, "a time offset is no number of seconds; it is kept in the metadata", nil)
            return EntryTime()
        }
        if previousInstant == nil, let since = rule.since.flatMap({ self.text($0, scope, .time) }) {
            previousInstant = absolute(since, TimeRule(value: rule.value, zone: rule.zone)).instant
        }
        guard let base = previousInstant, Instant.secondsRange.contains(base.seconds + seconds) else { return EntryTime() }
        let instant = Instant(seconds: base.seconds + seconds, attoseconds: base.attoseconds)
        return EntryTime(instant: instant, text: texts.keep(instant.description), isRewritten: true)
    }

    private mutating func timeReader(_ key: TimeKey) -> TimeReader? {
        if let known = times[key] { return known }
        guard let reader = try? TimeReader(format: key.format, locale: key.locale, zone: key.zone) else { return nil }
        times[key] = reader
        return reader
    }

    private mutating func noteTime(
        _ code: FindingCode,
        _ severity: Finding.Severity,
        _ message: String,
        _ remedy: String?
    ) {
        note(code, severity, path: nil, message: message, remedy: remedy)
    }

    /// What could not be read as a time has not been used: it stays what it is, and is kept.
    private mutating func unmarkTimes() {
        for node in marks.indices where marks[node] == FieldTarget.time.rawValue { marks[node] = 0 }
    }

    private mutating func dropMark(_ reason: String) -> UInt8 {
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

    init?(code: UInt8) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }
}
