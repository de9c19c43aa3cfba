// Which of a sample's fields is what: the best guess for each part of a profile, by names and values.

internal import InteractionMapping

/// Guesses over the fields of one level: a message's, or a conversation's.
///
/// Each gives the position of the field that most speaks for, or nil where too little does.
enum SketchGuesses {
    /// How much a set of fields looks like a message.
    static func likeness(_ fields: [SketchField]) -> Int {
        let hasTime = best(fields, score: time) != nil || SplitTime(fields) != nil
        return (best(fields, score: text) == nil ? 0 : 3) + (hasTime ? 2 : 0)
            + (best(fields, score: { max(senderID($0), senderName($0), role($0)) }) == nil ? 0 : 2)
    }

    /// The field with the highest score of at least 4; of equal ones the one with more values, then the first.
    static func best(_ fields: [SketchField], score: (SketchField) -> Int) -> SketchField? {
        var best: (field: SketchField, score: Int)?
        for field in fields {
            let score = score(field)
            guard score >= 4, (score, field.values.count) > (best?.score ?? 0, best?.field.values.count ?? 0) else {
                continue
            }
            best = (field, score)
        }
        return best?.field
    }

    // MARK: What was said, and when

    static func text(_ field: SketchField) -> Int {
        guard !field.isInList || field.names.last == SketchField.element, !field.isFlag else { return 0 }
        let words = field.words
        var score = 0
        if field.names.last == "#text" {
            score += 5
        } else if words.last.map(SketchWords.text.contains) ?? false {
            score += 5
        } else if !SketchWords.text.union(SketchWords.weakText).isDisjoint(with: words) {
            score += 3
        }
        let prose = field.share { $0.split(whereSeparator: \.isWhitespace).count >= 3 }
        score += prose >= 0.5 ? 4 : prose >= 0.2 ? 2 : field.values.isEmpty ? 0 : -1
        if !SketchWords.notContent.isDisjoint(with: words) { score -= 5 }
        if field.isVocabulary, score < 4 { score -= 3 }
        if field.isInList || field.tagCount > 0 { score -= 1 }
        // The deeper it lies, the less it is this thing's own.
        return score - max(0, field.names.count - 2)
    }

    static func time(_ field: SketchField) -> Int {
        guard !field.isInList, let times = SketchTimes(field.values) else { return 0 }
        let words = Set(field.words)
        let isNamed = !SketchWords.time.isDisjoint(with: words)
        // Long numbers are as often ids as times.
        if times.isNumeric, !isNamed { return 0 }
        var score = 4
        if isNamed { score += 3 }
        if !SketchWords.firstTime.isDisjoint(with: words) { score += 1 }
        if !SketchWords.laterTime.isDisjoint(with: words) { score -= 3 }
        return score - max(0, field.names.count - 2)
    }

    // MARK: Who

    private static func isOfPerson(_ field: SketchField) -> Bool {
        !SketchWords.person.isDisjoint(with: field.words) || !SketchWords.person.isDisjoint(with: field.outerWords)
    }

    private static func isUnlikelyPerson(_ field: SketchField) -> Bool {
        field.isInList || field.isFlag || roleShare(field) > 0.5
            || field.names.contains { $0.wholeMatch(of: /(?i)@?(to|recipients?|attachments?|files?|files?)/) != nil }
    }

    private static func roleShare(_ field: SketchField) -> Double { field.share { SketchWords.role($0) != nil } }

    static func senderID(_ field: SketchField) -> Int {
        guard !isUnlikelyPerson(field) else { return 0 }
        let words = Set(field.words)
        if words == ["id"], field.names.count == 1, !field.isUnique { return 4 }
        guard isOfPerson(field) else { return 0 }
        guard words.isDisjoint(with: SketchWords.name), words.isDisjoint(with: ["type", "role", "mail", "email"]) else {
            return 0
        }
        let hasBlanks = field.share { $0.contains(" ") } > 0.3
        if !words.isDisjoint(with: SketchWords.identity) { return 7 }
        return !words.isDisjoint(with: SketchWords.person) && !hasBlanks ? 5 : 0
    }

    static func senderName(_ field: SketchField) -> Int {
        guard !isUnlikelyPerson(field) else { return 0 }
        let words = Set(field.words)
        let hasLetters = field.share { $0.contains(where: \.isLetter) } > 0.8
        guard hasLetters, words.isDisjoint(with: ["file", "type", "role", "mail", "email", "id"]) else { return 0 }
        if !words.isDisjoint(with: SketchWords.name) {
            return isOfPerson(field) ? 7 : field.outerWords.isEmpty && words.isSubset(of: SketchWords.name) ? 4 : 0
        }
        let hasBlanks = field.share { $0.contains(" ") } > 0.3
        return !words.isDisjoint(with: SketchWords.person) && hasBlanks ? 5 : 0
    }

    static func email(_ field: SketchField) -> Int {
        guard !isUnlikelyPerson(field), field.share({ $0.contains("@") }) > 0.8 else { return 0 }
        return !Set(field.words).isDisjoint(with: ["mail", "email"]) ? 5 : 0
    }

    static func role(_ field: SketchField) -> Int {
        guard !field.isInList, !field.values.isEmpty else { return 0 }
        let words = Set(field.words)
        if field.isFlag { return roleFlag(field) == nil ? 0 : 5 }
        guard field.isFewWords else { return 0 }
        var score = roleShare(field) >= 0.6 ? 5 : roleShare(field) > 0 && field.isVocabulary ? 2 : 0
        if !words.isDisjoint(with: SketchWords.role) { score += isOfPerson(field) ? 3 : 1 }
        if words.contains("role") { score += 3 }
        return field.isVocabulary || score >= 5 ? score : 0
    }

    /// What a flag says of who spoke.
    static func roleFlag(_ field: SketchField) -> (set: ParticipantRole, unset: ParticipantRole)? {
        field.isFlag ? field.words.compactMap { SketchWords.roleFlags[$0] }.first : nil
    }

    // MARK: Which one

    static func id(_ field: SketchField) -> Int {
        guard field.names.count == 1, field.isUnique, !field.values.isEmpty else { return 0 }
        let words = field.words
        if words.count == 1, ["id", "uuid", "guid", "sid", "messageid", "msgid"].contains(words[0]) { return 6 }
        let isOfMessage = !Set(words).isDisjoint(with: ["message", "msg", "post", "event", "comment", "entry"])
        return isOfMessage && !SketchWords.number.isDisjoint(with: words) ? 7 : 0
    }

    /// What messages share that belong to one conversation.
    ///
    /// - Parameters:
    ///   - fields: Those of a message.
    ///   - isExplicit: Whether only a name counts that says so, since values are not at hand.
    /// - Returns: The field, or nil if there is none.
    static func key(ofMessages fields: [SketchField], isExplicit: Bool = false) -> SketchField? {
        best(fields) { field in
            guard !field.isInList, !field.isFlag, field.names.count <= 2 else { return 0 }
            let words = Set(field.words).union(field.outerWords)
            let isNumber = !SketchWords.number.isDisjoint(with: field.words)
            let isOfMessage = !words.isDisjoint(with: ["message", "msg"]) || words.contains("parent")
            if !SketchWords.conversation.isDisjoint(with: words), isNumber, !isOfMessage {
                return 8 - field.names.count
            }
            guard !isExplicit, field.names.count == 1 else { return 0 }
            if words.count == 1, !SketchWords.conversation.isDisjoint(with: words), !field.isUnique { return 5 }
            // A conversation's messages mostly lie together, a person's do not.
            let isShared = field.distinct.count * 2 <= field.values.count && field.isClustered
            return isNumber && words.count == 1 && isShared ? 4 : 0
        }
    }

    /// What tells a conversation from the others.
    static func key(ofConversations fields: [SketchField]) -> SketchField? {
        best(fields) { field in
            guard !field.isInList, field.isUnique, !field.isFlag else { return 0 }
            let words = Set(field.words)
            let isNumber = !SketchWords.number.isDisjoint(with: words)
            guard isNumber || !SketchWords.conversation.isDisjoint(with: words), words.isDisjoint(with: ["type"]) else {
                return 0
            }
            let isNamed = !SketchWords.conversation.isDisjoint(with: words.union(field.outerWords))
            guard isNumber && (isNamed || words.count == 1) || words.count == 1 else { return 0 }
            return 9 - 2 * field.names.count + (isNamed && isNumber ? 2 : 0)
        }
    }

    // MARK: What kind

    /// The field that says what an item is: a message, a note, an event.
    static func kind(_ field: SketchField) -> Int {
        guard field.names.count == 1, field.isFewWords, !field.isFlag else { return 0 }
        guard !SketchWords.kind.isDisjoint(with: field.words), !isOfPerson(field) else { return 0 }
        let known = SketchWords.notes.union(SketchWords.messages).union(SketchWords.events)
        if field.distinct.contains(where: { known.contains(SketchWords.folded($0)) }) { return 7 }
        return field.isVocabulary ? 4 : 0
    }

    /// The value that a flag has for internal notes.
    static func noteFlag(_ field: SketchField) -> String? {
        guard field.isFlag, field.names.count == 1, let spelling = field.values.first else { return nil }
        let isPrivate = !Set(field.words).isDisjoint(with: ["private", "internal", "note", "intern"])
        guard isPrivate || field.words == ["public"] else { return nil }
        if "01".contains(spelling) { return isPrivate ? "1" : "0" }
        let word = isPrivate ? "true" : "false"
        return field.distinct.first { $0.lowercased() == word }
            ?? (spelling == spelling.uppercased() ? word.uppercased() : word)
    }

    /// The values of a field that says who may read a message, where that is only colleagues.
    static func noteWords(_ field: SketchField) -> [String] {
        let names: Set = ["visibility", "audience", "access", "scope", "recipients"]
        guard field.names.count == 1, !names.isDisjoint(with: field.words) else { return [] }
        let words = SketchWords.notes.union(["staff", "agents", "agent", "team", "operators"])
        return field.distinct.filter { words.contains(SketchWords.folded($0)) }
    }

    static func isDeletion(_ field: SketchField) -> Bool {
        field.names.count == 1 && !Set(field.words).isDisjoint(with: ["deleted", "redacted", "retracted"])
    }

    /// A field by its name alone.
    static func named(_ fields: [SketchField], _ names: Set<String>, inList: Bool = false) -> SketchField? {
        fields.first { field in
            field.isInList == inList && !field.values.isEmpty && field.names.count <= (inList ? 3 : 2)
                && field.names.contains { names.contains(SketchPath.words($0).joined()) }
        }
    }
}
