// Steps: what happens to a text, in the order of the YAML.

extension ProfileReader {
    static let stepKeys = ["as", "match", "split", "lower", "trim", "dedent", "map", "absent"]
    private static let decodings: [(name: String, step: TextStep)] = [
        ("html", .html), ("percent", .percent), ("mime", .mime), ("base64", .base64), ("base64url", .base64url),
        ("slack", .slack(users: nil, name: nil)), ("mojibake", .mojibake),
    ]
    /// The size in bytes up to which a regular expression is read.
    private static let largestPattern = 1000

    mutating func steps(_ members: [YAMLValue.Member], _ origin: String) -> [TextStep] {
        var steps: [TextStep] = []
        for member in members {
            switch member.key {
            case "as": steps += member.value.items.compactMap { decoding($0, origin) }
            case "match": if let step = match(member.value) { steps.append(step) }
            case "split": if let step = split(member.value) { steps.append(step) }
            case "lower": if isOn(member) { steps.append(.lower) }
            case "trim": if isOn(member) { steps.append(.trim) }
            case "dedent": if isOn(member) { steps.append(.dedent) }
            case "map": steps.append(map(member.value, default: members.first { $0.key == "default" }?.value))
            case "absent": steps.append(.absent(absences(member.value)))
            default: break
            }
        }
        return steps
    }

    private mutating func decoding(_ value: YAMLValue, _ origin: String) -> TextStep? {
        if case .map = value.content { return slack(value, origin) }
        guard let name = word(value, "`as`") else { return nil }
        if let known = Self.decodings.first(where: { $0.name == name }) { return known.step }
        reportUnknown("form of text", name, value.place, known: Self.decodings.map(\.name))
        return nil
    }

    /// Slack's markup with a table that knows the names of who is mentioned.
    private mutating func slack(_ value: YAMLValue, _ origin: String) -> TextStep? {
        guard let member = members(value, of: "`as`", keys: ["slack"]).first else { return nil }
        var users: String?
        var name: Expression?
        for part in members(member.value, of: "`slack`", keys: ["users", "name"]) {
            if part.key == "users" {
                users = table(part.value)
            } else {
                name = expression(part.value, origin + ".as.slack.name")
            }
        }
        guard let users, let name else {
            report(.error, member.place, "`slack` needs `users` and `name`", "a table, and what of its rows is a name")
            return nil
        }
        return .slack(users: users, name: name)
    }

    mutating func match(_ value: YAMLValue) -> TextStep? {
        guard let pattern = word(value, "`match`") else { return nil }
        guard pattern.utf8.count <= Self.largestPattern else {
            report(.error, value.place, "a regular expression has at most \(Self.largestPattern) bytes")
            return nil
        }
        do {
            _ = try Regex(pattern)
            if PatternCheck.repeatsRepetitions(pattern) {
                let message = "this may take forever: a repetition within a repetition"
                report(.warning, value.place, message, "write it without one, or make the inner one `++` or `*+`")
            }
            return .match(pattern)
        } catch {
            report(.error, value.place, "not a regular expression: \(error)")
            return nil
        }
    }

    mutating func split(_ value: YAMLValue) -> TextStep? {
        var separator: String?
        var index: Int?
        let members = members(value, of: "`split`", keys: ["on", "take"])
        for member in members {
            if member.key == "on" {
                separator = text(member.value, "`on`")
                if separator == "" { report(.error, member.value.place, "`on` is empty") }
            } else if let taken = text(member.value, "`take`").flatMap({ Int($0) }) {
                index = taken
            } else {
                report(.error, member.value.place, "`take` must be a position", "0 is the first piece, -1 the last")
            }
        }
        guard let separator else {
            report(.error, value.place, "`split` needs `on`", "such as `{on: \",\", take: 0}`")
            return nil
        }
        if !allowsPieces, !members.contains(where: { $0.key == "take" }) {
            let message = "only the first piece counts here: there can be but one value"
            report(.warning, value.place, message, "say so by `take: 0`")
        }
        return .split(separator: separator, index: index)
    }

    mutating func isOn(_ member: YAMLValue.Member) -> Bool {
        guard flag(member.value, "`\(member.key)`") == false else { return true }
        report(.error, member.value.place, "`\(member.key)` is either true or not there")
        return false
    }

    private mutating func map(_ value: YAMLValue, default other: YAMLValue?) -> TextStep {
        var texts: [String: String] = [:]
        for member in namedMembers(value, of: "`map`") {
            guard let text = word(member.value, "what a word is mapped to") else { continue }
            if texts.updateValue(text, forKey: member.key.lowercased()) != nil {
                report(.error, member.place, "`\(member.key)` is there twice: letter case does not count")
            }
        }
        guard let other, let word = word(other, "`default`") else { return .map(texts, otherwise: .absent) }
        return .map(texts, otherwise: word == "keep" ? .same : .value(word))
    }

    private mutating func absences(_ value: YAMLValue) -> [String] {
        // The word null is what such lists are there for.
        value.items.compactMap { item in
            if item.isNull, case .text(let text) = item.content, !text.isEmpty { return text }
            return word(item, "`absent`")
        }
    }
}
