// A profile's YAML to the compiled profile: what the parts of the language share.

extension Profile {
    /// Reads a profile.
    ///
    /// - Parameters:
    ///   - yaml: The profile's text.
    ///   - file: What findings call it.
    /// - Returns: The profile, unless there is an error among the findings; the findings in the order of the text.
    package static func read(_ yaml: String, file: String) -> (profile: Profile?, findings: [ProfileFinding]) {
        var reader = ProfileReader(file: file)
        var profile: Profile?
        do {
            profile = reader.profile(try YAMLDocument.read(yaml))
        } catch {
            reader.report(.error, error.place, error.message, error.suggestion)
        }
        profile?.source = yaml
        profile?.rules = reader.rules
        let findings = reader.findings.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        return (findings.contains { $0.severity == .error } ? nil : profile, findings)
    }
}

/// One reading of a profile: its findings and rules so far.
///
/// What cannot be read is reported and left out, so that one reading finds everything.
struct ProfileReader {
    let file: String
    private(set) var findings: [ProfileFinding] = []
    private(set) var rules: [RuleOrigin] = []
    private var ruleNumbers: [YAMLPlace: Int] = [:]
    var kind = Profile.Kind.json
    /// The tables' names, known before any rule is read.
    var tableNames: [String] = []
    var usedTables: Set<String> = []
    /// Whether the part at hand belongs to a table, which cannot look things up itself.
    var isInTable = false
    /// The items that the entry at hand is about; none for the record.
    var itemPaths: [ValuePath] = []
    /// Texts of the record at hand that `each` makes lists of.
    var unpackedLists: [UnpackRule] = []
    /// Whether several values count in the part at hand.
    var allowsPieces = false

    init(file: String) { self.file = file }

    // MARK: Findings

    mutating func report(
        _ severity: ProfileFinding.Severity,
        _ place: YAMLPlace,
        _ message: String,
        _ suggestion: String? = nil
    ) {
        findings.append(
            ProfileFinding(
                severity: severity,
                file: file,
                line: place.line,
                column: place.column,
                message: message,
                suggestion: suggestion
            )
        )
    }

    /// Reports a word that is none of the known ones.
    mutating func reportUnknown(_ what: String, _ word: String, _ place: YAMLPlace, known: [String]) {
        let suggestion =
            if let meant = NearestWord.among(known, to: word) {
                "did you mean `\(meant)`?"
            } else if known.isEmpty {
                "there is none"
            } else {
                "known are \(known.joined(separator: ", "))"
            }
        report(.error, place, "unknown \(what) `\(word.prefix(80))`", suggestion)
    }

    mutating func reportType(_ value: YAMLValue, _ what: String, expected: String) {
        let hint = value.isNull ? "what begins with `#` or `@` needs quotes" : nil
        report(.error, value.place, "\(what) must be \(expected), not \(value.kindName)", hint)
    }

    // MARK: Rules

    /// Numbers a rule; what an alias repeats keeps its number.
    mutating func rule(at place: YAMLPlace, _ path: String) -> Int {
        if let number = ruleNumbers[place] { return number }
        ruleNumbers[place] = rules.count
        rules.append(RuleOrigin(line: place.line, column: place.column, path: path))
        return rules.count - 1
    }

    // MARK: Values

    /// The members of a map that may have these keys and no others.
    mutating func members(_ value: YAMLValue, of what: String, keys: [String]) -> [YAMLValue.Member] {
        let members = namedMembers(value, of: what)
        return members.filter { member in
            if keys.contains(member.key) { return true }
            reportUnknown("key", member.key, member.place, known: keys)
            return false
        }
    }

    /// The members of a map whose keys are names that the profile chooses.
    mutating func namedMembers(_ value: YAMLValue, of what: String) -> [YAMLValue.Member] {
        guard case .map(let members) = value.content else {
            reportType(value, what, expected: "a map")
            return []
        }
        if members.isEmpty { report(.error, value.place, "\(what) has nothing in it", "leave it out") }
        return members
    }

    mutating func list(_ value: YAMLValue, of what: String) -> [YAMLValue] {
        guard case .list(let items) = value.content else {
            reportType(value, what, expected: "a list, each item after a `-`")
            return []
        }
        if items.isEmpty { report(.error, value.place, "\(what) has nothing in it", "leave it out") }
        return items
    }

    mutating func text(_ value: YAMLValue, _ what: String) -> String? {
        guard let text = value.text else {
            reportType(value, what, expected: "a text")
            return nil
        }
        return text
    }

    /// A text that is not blank.
    mutating func word(_ value: YAMLValue, _ what: String) -> String? {
        guard let text = text(value, what) else { return nil }
        guard text.utf8.contains(where: { $0 > 0x20 }) else {
            report(.error, value.place, "\(what) is blank")
            return nil
        }
        return text
    }

    /// One text or a list of them.
    mutating func words(_ value: YAMLValue, _ what: String) -> [String] {
        if case .list(let items) = value.content, items.isEmpty {
            report(.error, value.place, "\(what) has nothing in it", "leave it out")
        }
        return value.items.compactMap { word($0, what) }
    }

    mutating func flag(_ value: YAMLValue, _ what: String) -> Bool? {
        guard let flag = value.flag else {
            reportType(value, what, expected: "true or false")
            return nil
        }
        return flag
    }

    /// One of some words.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: YAMLValue,
        _ what: String,
        as type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let word = word(value, what) else { return nil }
        if let choice = Choice(rawValue: word) { return choice }
        reportUnknown(what, word, value.place, known: Choice.allCases.map(\.rawValue))
        return nil
    }

    /// A name of small letters, digits and hyphens.
    mutating func name(_ value: YAMLValue, _ what: String) -> String? {
        guard let word = word(value, what) else { return nil }
        guard word.utf8.allSatisfy({ $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2D }) else {
            report(.error, value.place, "\(what) is made of small letters, digits and hyphens", "such as `live-chat`")
            return nil
        }
        return word
    }

    mutating func path(_ value: YAMLValue, _ what: String = "a path") -> ValuePath? {
        guard let text = text(value, what) else { return nil }
        do {
            return try ValuePath(text)
        } catch {
            reportPath(error, value.place(offset: error.offset))
            return nil
        }
    }

    /// A path that is a key.
    mutating func path(key member: YAMLValue.Member) -> ValuePath? {
        do {
            return try ValuePath(member.key)
        } catch {
            reportPath(error, member.place)
            return nil
        }
    }

    private mutating func reportPath(_ fault: ValuePath.Fault, _ place: YAMLPlace) {
        report(.error, place, "not a path: \(fault.message)", "quote odd names: `'first.name'.x`")
    }
}
