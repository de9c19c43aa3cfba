// What a record says about its conversation as a whole.

extension ProfileReader {
    /// Short names of the slots that most sources have something for.
    private static let shorthands: [(name: String, slot: Slot)] = [
        ("thread", .threadId), ("case", .caseId), ("department", .departmentId), ("operator", .operatorId),
        ("user", .userId), ("session", .sessionId), ("medium", .channelMedium), ("language", .channelLanguage),
        ("section", .channelSection), ("location", .channelLocation), ("browser", .channelBrowser),
        ("tags", .referenceTags), ("labels", .referenceLabels),
    ]
    private static let media = ["chat", "voice", "email"]

    mutating func conversation(_ value: YAMLValue, _ origin: String) -> ConversationRule {
        var rule = ConversationRule()
        let keys = ["key", "gap"] + Self.shorthands.map(\.name) + ["fields", "ids", "metadata"]
        for member in members(value, of: "`conversation`", keys: keys) {
            let place = "\(origin).\(member.key)"
            allowsPieces = ["metadata", "tags", "labels"].contains(member.key)
            defer { allowsPieces = false }
            switch member.key {
            case "key": rule.key = expression(member.value, place)
            case "gap": rule.gap = gap(member.value)
            case "ids": rule.ids = named(member.value, place)
            case "metadata": rule.metadata = named(member.value, place)
            case "fields":
                for field in namedMembers(member.value, of: "`fields`") {
                    guard let slot = slot(field) else { continue }
                    allowsPieces = slot.isList
                    add(slot, field, "\(place).\(field.key)", to: &rule)
                }
            default:
                guard let slot = Self.shorthands.first(where: { $0.name == member.key })?.slot else { continue }
                add(slot, member, place, to: &rule)
            }
        }
        if let key = rule.key, !rule.fields.contains(where: { $0.slot == .threadId }) {
            rule.fields.append((.threadId, key))
        }
        return rule
    }

    private mutating func add(
        _ slot: Slot,
        _ member: YAMLValue.Member,
        _ origin: String,
        to rule: inout ConversationRule
    ) {
        if rule.fields.contains(where: { $0.slot == slot }) {
            report(.error, member.place, "`\(slot.path)` is given twice", "write alternatives as a list")
        }
        guard let value = expression(member.value, origin) else { return }
        if case .medium = slot.shape { checkWords(of: value, member.value.place, "medium", known: Self.media) }
        rule.fields.append((slot, value))
    }

    private mutating func slot(_ member: YAMLValue.Member) -> Slot? {
        let slots = Slot.allCases.map { "\($0.path)" }
        if let index = slots.firstIndex(of: member.key) { return Slot.allCases[index] }
        if let short = slots.first(where: { $0.hasSuffix("." + member.key) }) {
            report(.error, member.place, "unknown field `\(member.key)`", "did you mean `\(short)`?")
        } else if let near = NearestWord.among(slots, to: member.key) {
            report(.error, member.place, "unknown field `\(member.key)`", "did you mean `\(near)`?")
        } else {
            report(.error, member.place, "unknown field `\(member.key.prefix(80))`", "put it under `metadata`")
        }
        return nil
    }

    private mutating func named(_ value: YAMLValue, _ origin: String) -> [(name: String, value: Expression)] {
        namedMembers(value, of: "`\(origin.split(separator: ".").last ?? "")`").compactMap { member in
            expression(member.value, "\(origin).\(member.key)").map { (member.key, $0) }
        }
    }

    /// A time such as `30m`, in seconds.
    private mutating func gap(_ value: YAMLValue) -> Int64? {
        guard let text = word(value, "`gap`") else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (1...100_000).contains(number)
        else {
            report(.error, value.place, "`gap` must be a time", "such as 90s, 30m, 12h or 2d")
            return nil
        }
        return number * unit
    }

    /// Checks the constants of an expression whose values are a closed set.
    mutating func checkWords(of expression: Expression, _ place: YAMLPlace, _ what: String, known: [String]) {
        for alternative in expression.alternatives {
            var words: [String] = []
            if case .constant(let word) = alternative.source, alternative.steps.isEmpty { words.append(word) }
            if case .map(let texts, let otherwise) = alternative.steps.last {
                words += texts.values.sorted()
                if case .value(let word) = otherwise { words.append(word) }
            }
            for word in words where !known.contains(word) { reportUnknown(what, word, place, known: known) }
        }
    }
}
