// Conditions: maps from paths to tests.

extension ProfileReader {
    /// Reads a condition: a map of which every test must hold, or a list of which one must.
    mutating func condition(_ value: YAMLValue) -> Condition? {
        switch value.content {
        case .list:
            let conditions = list(value, of: "a condition").compactMap { condition($0) }
            return conditions.count == 1 ? conditions.first : .any(conditions)
        case .map:
            let conditions = namedMembers(value, of: "a condition").compactMap { condition($0) }
            return conditions.count == 1 ? conditions.first : .all(conditions)
        case .text:
            reportType(value, "a condition", expected: "a map of paths, such as `{type: message}`")
            return nil
        }
    }

    private mutating func condition(_ member: YAMLValue.Member) -> Condition? {
        switch member.key {
        case "not": return condition(member.value).map { .not($0) }
        case "any": return .any(list(member.value, of: "`any`").compactMap { condition($0) })
        case "all": return .all(list(member.value, of: "`all`").compactMap { condition($0) })
        default: return path(key: member).flatMap { test(member.value, of: $0) }
        }
    }

    private mutating func test(_ value: YAMLValue, of path: ValuePath) -> Condition? {
        switch value.content {
        case .text: return equality([value], path)
        case .list:
            let items = list(value, of: "a test")
            return items.isEmpty ? nil : equality(items, path)
        case .map:
            let tests = members(value, of: "a test", keys: ["exists", "same", "not"])
            if tests.count > 1 { report(.error, tests[1].place, "one test a path", "put the others under `all:`") }
            guard let test = tests.first else { return nil }
            switch test.key {
            case "exists": return flag(test.value, "`exists`").map { $0 ? .exists(path) : .not(.exists(path)) }
            case "same": return self.path(test.value).map { .same(path, $0) }
            default: return self.test(test.value, of: path).map { .not($0) }
            }
        }
    }

    /// Some texts, among which a null or a blank stands for nothing at all.
    private mutating func equality(_ values: [YAMLValue], _ path: ValuePath) -> Condition? {
        var texts: [String] = []
        var hasBlank = false
        for value in values {
            if value.isNull {
                hasBlank = true
            } else if let text = text(value, "a test") {
                if text.utf8.contains(where: { $0 > 0x20 }) { texts.append(text) } else { hasBlank = true }
            }
        }
        guard hasBlank else { return texts.isEmpty ? nil : .equals(path, texts) }
        return texts.isEmpty ? .not(.exists(path)) : .any([.not(.exists(path)), .equals(path, texts)])
    }
}
