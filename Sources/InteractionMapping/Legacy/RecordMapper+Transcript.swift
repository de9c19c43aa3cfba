// Reads the flat transcript of the generations before v3.2: one entry for each message.

internal import InteractionModel

/// What the generations call the members of a transcript's entries.
struct EntryKeys {
    var id: StaticString
    var name: StaticString

    init(_ generation: Generation) {
        (id, name) = generation == .v31 ? ("participant_id", "display_name") : ("id", "name")
    }
}

extension RecordMapper {
    /// Reads the transcript into ``entries``; what an entry has beyond the known five members is kept.
    ///
    /// - Returns: False if the record cannot be converted; the findings say why.
    mutating func readTranscript(_ view: JSONView, _ array: Int, _ path: FieldLedger.Path, _ keys: EntryKeys) -> Bool {
        conversationPath = path
        guard view.kind(array) == .array else {
            note(
                .transcriptShape,
                .error,
                stage: .map,
                at: Int(view[array].start),
                path: ledger.text(path),
                message: "the transcript must be an array of entries",
                remedy: "put the entries into an array"
            )
            return false
        }
        let elements = ledger.elements(path)
        var counts = EntryCounts()
        var isReadable = true
        var index = 0
        view.forEachElement(array) { element in
            if view.kind(element) != .object {
                isReadable = false
                note(
                    .transcriptShape,
                    .error,
                    stage: .map,
                    at: Int(view[element].start),
                    path: "\(ledger.text(path))[\(index)]",
                    message: "an entry of the transcript must be an object"
                )
            } else if isSDKTraffic, view.isPlaceholder(element) {
                ledger.count(all: elements, view, element, .dropped, "sdk-placeholder")
            } else {
                var entry = TranscriptEntry()
                entry.index = index
                if !read(view, element, elements, keys, &entry, &counts) { isReadable = false }
                entries.append(entry)
            }
            index += 1
        }
        counts.settle(&ledger, elements, keys)
        messageCount = entries.count
        return isReadable
    }

    private mutating func read(
        _ view: JSONView,
        _ element: Int,
        _ elements: FieldLedger.Path,
        _ keys: EntryKeys,
        _ entry: inout TranscriptEntry,
        _ counts: inout EntryCounts
    ) -> Bool {
        let end = view.next(element)
        var key = element + 1
        while key < end {
            let value = key + 1
            let name = view.text(key)
            let kind = view.kind(value)
            if view[key].flags.contains(.superseded) {
                // Accounted for with the record.
            } else if name.equals("content") {
                if kind == .string || kind == .number {
                    entry.content = kind == .string ? view.text(value) : view.numberText(value)
                } else if kind != .null {
                    return refuseContent(view, value, "\(ledger.text(conversationPath))[\(entry.index)].content")
                }
                counts.content += 1
            } else if name.equals(keys.id), let text = view.textOrNumber(value) {
                entry.id = text.isBlank ? nil : text
                counts.id += 1
            } else if name.equals("role"), kind == .string || kind == .null {
                if kind == .string { entry.roleName = view.text(value) }
                counts.role += 1
            } else if name.equals(keys.name), let text = view.textOrNumber(value) {
                entry.name = text.isBlank ? nil : text
                counts.name += 1
            } else if name.equals("timestamp"), kind == .string || kind == .number {
                readTime(view, value, elements, &entry, &counts)
            } else if kind == .null, name.equals("timestamp") || name.equals(keys.id) || name.equals(keys.name) {
                ledger.count(ledger.child(elements, name), .dropped, "null")
            } else {
                let path = ledger.child(elements, name)
                draft.keep(entryPath(entry.index, name), value)
                ledger.count(all: path, view, value, .kept, "metadata.legacy")
            }
            key = view.next(value)
        }
        if entry.content == nil || entry.content?.isEmpty == true {
            noteMissingContent(view, element, "\(ledger.text(conversationPath))[\(entry.index)].content")
        }
        return true
    }

    private mutating func readTime(
        _ view: JSONView,
        _ value: Int,
        _ elements: FieldLedger.Path,
        _ entry: inout TranscriptEntry,
        _ counts: inout EntryCounts
    ) {
        let isNumber = view.kind(value) == .number
        let text = isNumber ? view.numberText(value) : view.text(value)
        let (time, fault) = EntryTime.read(text, isNumber: isNumber, &texts)
        entry.time = time
        guard let fault else {
            if time.instant == nil { counts.blankTime += 1 } else { counts.time += 1 }
            return
        }
        counts.keptTime += 1
        let path = "\(ledger.text(conversationPath))[\(entry.index)].timestamp"
        draft.keep(path, value)
        noteTime(view, value, fault, path)
    }

    /// Says that a time is no instant.
    mutating func noteTime(_ view: JSONView, _ value: Int, _ fault: FindingCode, _ path: String) {
        note(
            fault,
            .warning,
            stage: .map,
            at: Int(view[value].start),
            path: path,
            message: fault == .timeWithoutZone
                ? "the time has no zone, so it is no instant; it is kept in the metadata"
                : "not a readable time; it is kept in the metadata"
        )
    }

    /// Says that a message has no text.
    mutating func noteMissingContent(_ view: JSONView, _ message: Int, _ path: String) {
        note(
            .contentMissing,
            .warning,
            stage: .map,
            at: Int(view[message].start),
            path: path,
            message: "the message has no text; it is kept as an empty message"
        )
    }

    /// Refuses the record for a content that is no text.
    mutating func refuseContent(_ view: JSONView, _ value: Int, _ path: String) -> Bool {
        note(
            .contentNotText,
            .error,
            stage: .map,
            at: Int(view[value].start),
            path: path,
            message: "the content is no text, and has no honest form as one",
            remedy: "give the text itself as a string"
        )
        return false
    }

    /// `session.user_perspective[3].mood`.
    func entryPath(_ index: Int, _ key: TextSlice) -> String {
        "\(ledger.text(conversationPath))[\(index)].\(key.string)"
    }

    // MARK: Roles

    /// Gives each entry its role; unknown ones reject the record, with the option that would settle it.
    mutating func readRoles(_ view: JSONView) -> Bool {
        var unknown: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        let isPlain = options.roles.isEmpty && options.crosswalk.isEmpty
        for index in entries.indices {
            if isPlain, let name = entries[index].roleName, name.form == .plain,
                let known = ParticipantRole(known: name.bytes)
            {
                entries[index].role = known
                continue
            }
            if let role = role(named: entries[index].roleName, key: entries[index]) {
                entries[index].role = role
                continue
            }
            let name = entries[index].roleName?.unescaped() ?? []
            if seen.insert(name).inserted { unknown.append(name) }
        }
        for name in unknown { refuseRole(name, path: ledger.text(conversationPath) + "[].role") }
        return unknown.isEmpty
    }

    /// The role that a name stands for, by option, by the generations' own names, or by the crosswalk.
    mutating func role(named name: TextSlice?, key entry: TranscriptEntry? = nil) -> ParticipantRole? {
        if let entry, !options.crosswalk.isEmpty {
            let keys = [entry.id?.string, entry.name.map { "name:" + $0.string }]
            for key in keys.compactMap({ $0 }) {
                if let role = options.crosswalk.entry(for: key, of: Self.legacySystem)?.role { return role }
            }
        }
        if options.roles.isEmpty, let name, name.form != .escaped { return ParticipantRole(known: name.bytes) }
        let text = name.map { $0.isBlank ? "" : $0.string } ?? ""
        if let role = options.roles[text.lowercased()] { return role }
        return name.flatMap { name in name.unescaped().withUnsafeBytes { ParticipantRole(known: $0) } }
    }

    mutating func refuseRole(_ name: [UInt8], path: String) {
        let text = String(decoding: name.prefix(60), as: UTF8.self)
        let isMissing = text.allSatisfy(\.isWhitespace)
        note(
            isMissing ? .roleMissing : .roleUnknown,
            .error,
            stage: .resolve,
            path: path,
            message: isMissing ? "an entry says no role" : "the role '\(text)' is not known",
            remedy: "say who that is with --role \(Self.shellWord(isMissing ? "" : text))=user|operator|bot|system"
        )
    }
}

extension RecordMapper {
    /// A word as a shell takes it.
    private static func shellWord(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F || byte == 0x2D
                || (0x61...0x7A).contains(byte)
        }
        return isPlain
            ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}

/// How many values of each member went the usual way; one entry in the ledger instead of one a message.
struct EntryCounts {
    var content = 0
    var id = 0
    var role = 0
    var name = 0
    var time = 0
    var blankTime = 0
    var keptTime = 0

    func settle(_ ledger: inout FieldLedger, _ elements: FieldLedger.Path, _ keys: EntryKeys) {
        func path(_ key: StaticString) -> FieldLedger.Path { ledger.child(elements, TextSlice(literal: key)) }
        ledger.count(path("content"), .mapped, "messages[].content", content)
        ledger.count(path(keys.name), .mapped, "participants[].displayName", name)
        ledger.count(path(keys.id), .mapped, "participants[].participantId", id)
        ledger.count(path("role"), .mapped, "participants[].role", role)
        let times = path("timestamp")
        ledger.count(times, .mapped, "messages[].timestamp", time)
        ledger.count(times, .dropped, "blank", blankTime)
        ledger.count(times, .kept, "metadata.legacy", keptTime)
    }
}
