// Puts the guesses about a sample together to a profile.

internal import InteractionMapping

/// Writes a profile for a sample, from its top to its last entry.
struct SketchProposal {
    let sample: SketchSample
    let name: String
    let showsContent: Bool
    var out = SketchText()

    let time: SketchField?
    /// Date and time of day, where they stand apart.
    let splitTime: SplitTime?
    let text: SketchField?
    let senderID: SketchField?
    let role: SketchField?
    /// The field that says what an item is.
    let kind: SketchField?
    /// The person of the conversation's first message, if that stands outside the list.
    let openingSender: SketchField?
    let openingText: SketchField?
    private let key: SketchField?

    init(_ sample: SketchSample, name: String, showsContent: Bool) {
        self.sample = sample
        self.name = name
        self.showsContent = showsContent
        let inner = sample.inner
        time = SketchGuesses.best(inner, score: SketchGuesses.time)
        text = SketchGuesses.best(inner, score: SketchGuesses.text)
        splitTime = time == nil ? SplitTime(inner) : nil
        // What only some messages have says something else of them.
        let common = inner.filter { $0.values.count * 2 >= sample.messageCount }
        let role = SketchGuesses.best(common, score: SketchGuesses.role)
        self.role = role
        kind = SketchGuesses.best(inner.filter { $0.names != role?.names }, score: SketchGuesses.kind)
        let isOfConversations = sample.structure.each != nil
        let messageKey = isOfConversations ? nil : SketchGuesses.key(ofMessages: inner)
        key = messageKey ?? SketchGuesses.key(ofConversations: sample.outer)
        let people = inner.filter { $0.names != messageKey?.names && $0.names != role?.names }
        senderID = SketchGuesses.best(people, score: SketchGuesses.senderID)
        let outer = isOfConversations ? sample.outer.filter { $0.names.count <= 2 } : []
        openingText = SketchGuesses.best(outer) { $0.isVocabulary ? 0 : SketchGuesses.text($0) }
        openingSender = SketchGuesses.best(outer, score: SketchGuesses.senderID)
    }

    // MARK: The top

    mutating func write() {
        let counts = "\(sample.messageCount) messages in \(sample.recordCount) records"
        out.add(0, "# Proposed from \(counts) of a sample: each line says why. Settle what is marked TODO.")
        out.add(0, "profile: \(name)")
        out.ask(0, "title: \(name) (\(sample.kind.rawValue.uppercased()))", "say what it reads")
        out.add(0, "kind: \(sample.kind.rawValue)")
        if let times = time.flatMap({ SketchTimes($0.values) }) ?? splitTime?.times, times.zoneless > 0 {
            out.ask(0, "\(times.zoneless) of \(times.readable) times name no zone; say which, or give --timezone")
            out.add(0, "# zone: Europe/Berlin")
        }
        out.add(0, "records:")
        out.add(1, recordName + ":")
        if sample.kind != .csv {
            let at = sample.structure.at(sample.kind)
            let reason = sample.structure.each == nil ? "each is a message" : "each is a conversation"
            out.add(2, "at: \(SketchText.scalar(at))", reason)
            for sibling in sample.structure.siblings { out.ask(2, "`\(sibling)` lies beside it and is not read") }
        }
        writeDetection()
        writeConversation()
        out.add(2, "entries:")
        if sample.structure.each != nil { writeOpening() }
        writeEntry()
    }

    private var recordName: String {
        let last = sample.structure.record.last { $0 != SketchField.element } ?? ""
        var word = SketchPath.words(last).joined(separator: "-").filter { $0.isASCII }
        if word.count > 3, word.hasSuffix("s") { word.removeLast() }
        return word.isEmpty ? sample.structure.each == nil ? "message" : "conversation" : word
    }

    private mutating func writeDetection() {
        var paths: [String] = []
        let prefix = sample.structure.each ?? []
        for field in [key, text, time, role ?? senderID].compactMap(\.self) {
            let isOuter = field.names == key?.names && sample.structure.each != nil
            let path = field.up > 0 || isOuter ? field.path : SketchPath.text(prefix + field.names)
            // Odd names are nothing to recognise a format by.
            if !path.contains("'"), !path.contains("#"), path != ".", !paths.contains(path) { paths.append(path) }
        }
        guard !paths.isEmpty else {
            return out.ask(2, "say by what its records are recognised, such as `detect: {all: [ticket, log]}`")
        }
        out.ask(2, "detect: {all: \(SketchText.list(paths))}", "keep what no other system has")
    }

    // MARK: Conversations

    private mutating func writeConversation() {
        let around = sample.structure.each == nil && sample.kind == .csv ? sample.inner : sample.outer
        let used = [time, text, senderID, role, kind, key, openingText].compactMap { $0?.names }
        let free = around.filter { !used.contains($0.names) }
        var lines: [(content: String, reason: String, isOpen: Bool)] = []
        if let key {
            let distinct = key.distinct.count
            let reason = "\(distinct) of \(key.values.count) values differ" + sampleOf(key)
            lines.append(("key: \(SketchText.scalar(key.path))", reason, false))
            let words = Set(key.words + key.outerWords)
            if !words.isDisjoint(with: ["ticket", "case"]) {
                lines.append(("case: \(SketchText.scalar(key.path))", "by its name", false))
            }
        } else if sample.structure.each == nil {
            let reason = "nothing in a record says which conversation it is of; say what does, or give a `gap`"
            lines.append(("key: $file.path", reason, true))
        }
        if let field = SketchGuesses.named(free, ["language", "lang", "locale", "languagecode", "sprache", "langue"]) {
            lines.append(("language: \(SketchText.scalar(field.path))", "by its name" + sampleOf(field), false))
        }
        let tags: Set = ["tags", "tag", "labels"]
        if let field = SketchGuesses.named(free, tags, inList: true) ?? SketchGuesses.named(free, tags) {
            lines.append(("tags: \(SketchText.scalar(field.path))", "by its name" + sampleOf(field), false))
        }
        let titles: Set = ["subject", "title", "topic", "betreff", "sujet", "asunto", "oggetto"]
        if let field = SketchGuesses.named(free, titles) {
            let path = SketchText.scalar(field.path)
            lines.append(("metadata: {title: \(path)}", "by its name" + sampleOf(field), false))
        }
        guard !lines.isEmpty else { return }
        out.add(2, "conversation:")
        for line in lines {
            if line.isOpen { out.ask(3, line.content, line.reason) } else { out.add(3, line.content, line.reason) }
        }
    }

    /// A value to look at, if values may be shown.
    func sampleOf(_ field: SketchField) -> String {
        guard showsContent, let value = field.values.first else { return "" }
        let line = value.split(whereSeparator: \.isNewline).joined(separator: " ")
        return ", such as \"\(line.prefix(40))\""
    }
}
