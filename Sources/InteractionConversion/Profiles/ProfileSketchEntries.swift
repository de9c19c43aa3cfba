// The entries of a proposed profile: who said what, and when.

internal import InteractionMapping

extension SketchProposal {
    // MARK: The first message outside the list

    mutating func writeOpening() {
        guard let openingText else { return }
        let outer = sample.outer.filter { $0.names.count <= 2 }
        out.beginItem()
        out.ask(4, "opening: true", "the conversation has a text of its own; is it the first message?")
        if let time = SketchGuesses.best(outer, score: SketchGuesses.time) { writeTime(time) }
        if let openingSender {
            let id = "id: \(SketchText.scalar(openingSender.path))"
            let name = SketchGuesses.best(outer, score: SketchGuesses.senderName)
            let more = name.map { ", name: \(SketchText.scalar($0.path))" } ?? ""
            let reason = "whoever begins is the user" + sampleOf(openingSender)
            out.add(4, "sender: {\(id)\(more), role: {value: user}}", reason)
        } else {
            out.add(4, "sender: {role: {value: user}}", "whoever begins is the user")
        }
        writeText(openingText)
    }

    // MARK: The messages

    mutating func writeEntry() {
        let id = SketchGuesses.best(sample.inner, score: SketchGuesses.id)
        out.beginItem()
        if let each = sample.structure.each {
            let reason = "the list whose items look most like messages"
            out.add(4, "each: \(SketchText.scalar(SketchPath.text(each)))", reason)
        }
        if let id {
            out.add(4, "id: \(SketchText.scalar(id.path))", "all \(id.values.count) values differ" + sampleOf(id))
        }
        if let time {
            writeTime(time)
        } else if let splitTime {
            let paths = SketchText.list(splitTime.fields.map(\.path))
            let line = "time: {join: \(paths), format: \(SketchText.scalar(splitTime.times.format))}"
            let reason = "\(splitTime.times.readable) of \(splitTime.fields[0].values.count) are of this form together"
            if splitTime.times.isAmbiguous {
                out.ask(4, line, "day and month could be the other way round")
            } else {
                out.add(4, line, reason)
            }
        } else {
            out.ask(4, "say where the times are; none were recognised")
        }
        writeSender()
        if let text { writeText(text) } else { out.ask(4, "text: TODO", "say where the texts are") }
        writeAttachments()
        writeKinds()
    }

    private mutating func writeTime(_ field: SketchField) {
        guard let times = SketchTimes(field.values) else { return }
        let path = SketchText.scalar(field.path)
        let count = "\(times.readable) of \(field.values.count) values are"
        if times.format == "automatic", !times.isNumeric {
            return out.add(4, "time: \(path)", "\(count) ISO or mail times" + sampleOf(field))
        }
        let digits = field.values.first?.prefix { $0.isNumber }.count ?? 0
        let units = [13: "milliseconds", 16: "microseconds", 19: "nanoseconds"]
        let format = times.isNumeric ? units[digits] ?? "seconds" : times.format
        let line = "time: {path: \(path), format: \(SketchText.scalar(format))}"
        let reason = times.isNumeric ? "\(count) \(format) since 1970" : "\(count) of this form"
        if times.isAmbiguous {
            out.ask(4, line, "day and month could be the other way round")
        } else {
            out.add(4, line, reason + sampleOf(field))
        }
    }

    private mutating func writeText(_ field: SketchField) {
        let path = SketchText.scalar(field.path)
        let tags = field.tagCount
        if tags > 0 {
            let reason = "\(tags) of \(field.values.count) values have tags"
            out.add(4, "text: {path: \(path), as: html}", reason + sampleOf(field))
        } else {
            let prose = field.values.count { $0.split(whereSeparator: \.isWhitespace).count >= 3 }
            let reason = "\(prose) of \(field.values.count) values have three words or more"
            out.add(4, "text: \(path)", reason + sampleOf(field))
        }
    }

    // MARK: Who

    private mutating func writeSender() {
        out.add(4, "sender:")
        let people = sample.inner.filter { $0.names != role?.names }
        if let senderID { writePerson("id", senderID) }
        if let name = SketchGuesses.best(people, score: SketchGuesses.senderName) { writePerson("name", name) }
        if let email = SketchGuesses.best(people, score: SketchGuesses.email) { writePerson("email", email) }
        if let role, let flag = SketchGuesses.roleFlag(role) {
            let words = role.distinct.map { value in
                let isSet = ["true", "1"].contains(value.lowercased())
                return "\(SketchText.scalar(value.lowercased())): \((isSet ? flag.set : flag.unset).rawValue)"
            }
            let map = Set(words).sorted().joined(separator: ", ")
            out.add(5, "role: {path: \(SketchText.scalar(role.path)), map: {\(map)}}", "by its name")
        } else if let role {
            writeRoles(role)
        } else if let senderID, let openingSender, !Set(senderID.values).isDisjoint(with: openingSender.values) {
            let levels = sample.structure.each.map { $0.count { $0 != SketchField.element } } ?? 0
            let opener = String(repeating: "^.", count: levels) + openingSender.path
            let same = "{\(SketchText.scalar(senderID.path)): {same: \(SketchText.scalar(opener))}}"
            let line = "role: [{value: user, when: \(same)}, {value: operator}]"
            out.add(5, line, "whoever begins the conversation also answers in it")
        } else {
            out.ask(5, "role: {value: user}", "nothing says who is who; name what does, or give a `map` of ids")
        }
    }

    private mutating func writePerson(_ key: String, _ field: SketchField) {
        let reason = "\(field.distinct.count) different of \(field.values.count) values" + sampleOf(field)
        out.add(5, "\(key): \(SketchText.scalar(field.path))", reason)
    }

    private mutating func writeRoles(_ role: SketchField) {
        let known = role.values.count { SketchWords.role($0) != nil }
        out.add(5, "role:", "\(known) of \(role.values.count) values are known words for roles")
        out.add(6, "path: \(SketchText.scalar(role.path))")
        out.add(6, "map:")
        var seen: Set<String> = []
        for word in role.distinct where seen.insert(word.lowercased()).inserted {
            let key = SketchText.scalar(word.lowercased())
            if let role = SketchWords.role(word) {
                out.add(7, "\(key): \(role.rawValue)")
            } else {
                out.ask(7, "\(key): operator", "say who this is")
            }
        }
    }

    // MARK: What else an item is

    /// The list of files of a message, and what each file has.
    private var attachments: (list: [String], fields: [SketchField])? {
        let lists: Set = ["attachments", "attachment", "files", "file", "media", "uploads", "images"]
        let fields = sample.inner.filter { field in
            guard let end = field.names.firstIndex(of: SketchField.element) else { return false }
            return field.names[..<end].contains { lists.contains(SketchPath.words($0).joined()) }
        }
        guard let first = fields.first, let end = first.names.firstIndex(of: SketchField.element) else { return nil }
        return (Array(first.names[...end]), fields)
    }

    private mutating func writeAttachments() {
        guard let (list, fields) = attachments else { return }
        let parts: [(key: String, words: Set<String>)] = [
            ("url", ["url", "href", "link", "uri", "src"]), ("name", ["name", "filename", "title"]),
            ("type", ["type", "mimetype", "contenttype"]), ("id", ["id"]),
        ]
        var members: [String] = []
        for (key, words) in parts {
            let found = fields.first { $0.names.count == list.count + 1 && words.contains($0.words.joined()) }
            guard let name = found?.names.last else { continue }
            members.append("\(key): \(SketchText.scalar(SketchPath.text([name])))")
        }
        if members.isEmpty, fields[0].names.count == list.count { members = ["url: ."] }
        guard members.contains(where: { !$0.hasPrefix("type") }) else { return }
        out.add(4, "attachments:", "by their names")
        let each = SketchText.scalar(SketchPath.text(list))
        out.add(5, "- {each: \(each), \(members.joined(separator: ", "))}")
    }

    private mutating func writeKinds() {
        var lines: [(content: String, reason: String, isOpen: Bool)] = []
        for field in sample.inner {
            let path = SketchText.scalar(field.path)
            if let note = SketchGuesses.noteFlag(field) {
                lines.append((Self.note(path, SketchText.scalar(note)), Self.noteReason, false))
            } else if case let words = SketchGuesses.noteWords(field), !words.isEmpty {
                lines.append((Self.note(path, SketchText.list(words)), Self.noteReason, false))
            } else if SketchGuesses.isDeletion(field) {
                let isTime = SketchTimes(field.values) != nil && !field.isFlag
                let condition = isTime ? "{exists: true}" : SketchText.list(["true", "1"])
                lines.append(("{as: deleted, when: {\(path): \(condition)}}", "by its name", false))
            }
        }
        if let kind {
            let path = SketchText.scalar(kind.path)
            let groups = Dictionary(grouping: kind.distinct) { Self.kind(of: $0) }
            if let words = groups["note"] {
                lines.append((Self.note(path, SketchText.list(words)), Self.noteReason, false))
            }
            if let words = groups["event"] {
                let event = "{as: event, when: {\(path): \(SketchText.list(words))}, text: \(path)}"
                lines.append((event, "known words", false))
            }
            if let words = groups["unknown"] {
                lines.append(("{as: message, when: {\(path): \(SketchText.list(words))}}", "say what these are", true))
            }
        }
        if let text, text.values.count < sample.messageCount {
            let lack = sample.messageCount - text.values.count
            let reason = "\(lack) of \(sample.messageCount) have no text; say what they are"
            let paths = [text.path] + (attachments.map { [SketchPath.text($0.list.dropLast())] } ?? [])
            let tests = paths.map { SketchText.scalar($0) + ": null" }.joined(separator: ", ")
            lines.append(("{as: skip, when: {\(tests)}, reason: no-text}", reason, true))
        }
        guard !lines.isEmpty else { return }
        out.add(4, "kinds:")
        for line in lines {
            let item = "- " + line.content
            if line.isOpen { out.ask(5, item, line.reason) } else { out.add(5, item, line.reason) }
        }
        out.add(5, "- as: message")
    }

    private static let noteReason = "internal notes never become messages"

    private static func note(_ path: String, _ condition: String) -> String {
        "{as: note, when: {\(path): \(condition)}}"
    }

    private static func kind(of word: String) -> String {
        let folded = SketchWords.folded(word)
        if SketchWords.notes.contains(folded) { return "note" }
        if SketchWords.messages.contains(folded) { return "message" }
        return SketchWords.events.contains(folded) ? "event" : "unknown"
    }
}
