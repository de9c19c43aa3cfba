// Expressions: where a value comes from.

extension ProfileReader {
    private static let sources = ["path", "value", "first", "join", "runs", "each", "lookup", "object"]
    /// Keys that belong to others, one of which must be there.
    private static let companions = [
        "with": ["join", "each"], "sorted": ["join", "each"], "text": ["each"], "by": ["lookup"], "get": ["lookup"],
        "default": ["map"],
    ]

    /// Reads an expression: a path, a map with one source, or a list of alternatives.
    ///
    /// - Parameters:
    ///   - value: The YAML.
    ///   - origin: Its path in the profile.
    ///   - extraKeys: Keys that a map may have here besides those of every expression; the caller reads them.
    /// - Returns: The expression, or nil if none could be read.
    mutating func expression(_ value: YAMLValue, _ origin: String, extraKeys: [String] = []) -> Expression? {
        let alternatives = alternatives(value, origin, extraKeys: extraKeys)
        return alternatives.isEmpty ? nil : Expression(alternatives: alternatives)
    }

    private mutating func alternatives(_ value: YAMLValue, _ origin: String, extraKeys: [String]) -> [Alternative] {
        switch value.content {
        case .text:
            guard let path = path(value, "an expression") else { return [] }
            return [Alternative(source: .path(path), rule: rule(at: value.place, origin))]
        case .list:
            let items = list(value, of: "an expression")
            let lists = items.enumerated().map { alternatives($1, "\(origin)[\($0)]", extraKeys: []) }
            checkReach(zip(items, lists))
            return lists.flatMap(\.self)
        case .map:
            return alternatives(ofMap: value, origin, extraKeys: extraKeys)
        }
    }

    private mutating func alternatives(
        ofMap value: YAMLValue,
        _ origin: String,
        extraKeys: [String]
    ) -> [Alternative] {
        let keys = Self.sources + Self.stepKeys + Self.companions.keys.sorted() + ["when"] + extraKeys
        let members = members(value, of: "an expression", keys: keys)
        let sources = members.filter { Self.sources.contains($0.key) }
        guard let main = sources.first, sources.count == 1 else {
            let known = Self.sources.joined(separator: ", ")
            let place = sources.count > 1 ? sources[1].place : value.place
            report(.error, place, "an expression has exactly one of \(known)", "join texts by `join: [a, b]`")
            return []
        }
        for member in members {
            guard let owners = Self.companions[member.key] else { continue }
            if members.contains(where: { owners.contains($0.key) }) { continue }
            report(.error, member.place, "`\(member.key)` belongs to `\(owners[0])`, which is not there")
        }
        var alternatives: [Alternative] = []
        if main.key == "first" {
            alternatives = self.alternatives(main.value, origin + ".first", extraKeys: [])
        } else {
            let number = rule(at: value.place, origin)
            alternatives = source(main, members, origin).map { [Alternative(source: $0, rule: number)] } ?? []
        }
        let steps = steps(members, origin)
        let when = members.first { $0.key == "when" }.flatMap { condition($0.value) }
        if main.key == "object", !steps.isEmpty {
            report(.error, value.place, "an object takes no steps", "put them into its members")
        }
        for index in alternatives.indices {
            alternatives[index].steps += steps
            let conditions = [alternatives[index].condition, when].compactMap(\.self)
            alternatives[index].condition = conditions.count > 1 ? .all(conditions) : conditions.first
        }
        return alternatives
    }

    private mutating func source(
        _ main: YAMLValue.Member,
        _ members: [YAMLValue.Member],
        _ origin: String
    ) -> Alternative.Source? {
        let companion = { (key: String) in members.first { $0.key == key }?.value }
        let isAllowed = allowsPieces
        allowsPieces = allowsPieces && main.key == "object"
        defer { allowsPieces = isAllowed }
        let isSorted = members.first { $0.key == "sorted" }.map { isOn($0) } ?? false
        switch main.key {
        case "path": return path(main.value).map { .path($0) }
        case "value": return text(main.value, "`value`").map { .constant($0) }
        case "runs": return path(main.value).map { .runs($0) }
        case "join":
            let parts = list(main.value, of: "`join`").enumerated()
                .compactMap { expression($1, "\(origin).join[\($0)]") }
            let separator = companion("with").map { text($0, "`with`") ?? "" }
            return parts.isEmpty ? nil : .join(parts, separator: separator ?? " ", isSorted: isSorted)
        case "each":
            guard let item = companion("text") else {
                report(.error, main.place, "`each` needs `text`", "what each item says")
                return nil
            }
            let paths = main.value.items.compactMap { path($0) }
            guard !paths.isEmpty, let text = expression(item, origin + ".text") else { return nil }
            let separator = companion("with").map { self.text($0, "`with`") ?? "" }
            return .each(paths, text: text, separator: separator ?? "\n", isSorted: isSorted)
        case "lookup":
            guard let by = companion("by"), let get = companion("get") else {
                report(.error, main.place, "`lookup` needs `by` and `get`", "by which key, and what of the row")
                return nil
            }
            let table = table(main.value)
            let key = expression(by, origin + ".by")
            let result = expression(get, origin + ".get")
            guard let table, let key, let result else { return nil }
            return .lookup(table: table, by: key, get: result)
        default:
            let parts = namedMembers(main.value, of: "`object`").compactMap { member in
                expression(member.value, "\(origin).object.\(member.key)").map { (key: member.key, value: $0) }
            }
            return parts.isEmpty ? nil : .object(parts)
        }
    }

    /// The name of a table that there is.
    mutating func table(_ value: YAMLValue) -> String? {
        guard let name = word(value, "a table's name") else { return nil }
        guard tableNames.contains(name) else {
            reportUnknown("table", name, value.place, known: tableNames)
            return nil
        }
        if isInTable {
            report(.error, value.place, "a table cannot look things up", "use values of its own rows")
        }
        usedTables.insert(name)
        return name
    }

    /// Warns of what follows an alternative that always has a value, or has one for every text.
    private mutating func checkReach(_ alternatives: Zip2Sequence<[YAMLValue], [[Alternative]]>) {
        var finding: (message: String, suggestion: String)?
        for (item, parts) in alternatives {
            if let finding { return report(.warning, item.place, finding.message, finding.suggestion) }
            for part in parts where part.condition == nil {
                if case .constant = part.source, !part.steps.contains(where: \.mayLeaveNothing) {
                    finding = ("never reached: the alternative before it is a constant", "put the constant last")
                } else if part.steps.contains(where: \.hasDefault), !part.steps.contains(where: \.mayLeaveNothing) {
                    finding = (
                        "no unknown word comes this far: the alternative before it has a `default`",
                        "move the `default` to the last one, or give the one before a `when`"
                    )
                }
            }
        }
    }
}

extension TextStep {
    /// Whether there may be no value after it though there was one before.
    fileprivate var mayLeaveNothing: Bool {
        switch self {
        case .match, .split, .absent, .map(_, otherwise: .absent): true
        default: false
        }
    }

    fileprivate var hasDefault: Bool {
        switch self {
        case .map(_, otherwise: .same), .map(_, otherwise: .value): true
        default: false
        }
    }
}
