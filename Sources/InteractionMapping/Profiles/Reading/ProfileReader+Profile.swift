// The top of a profile: what it is, its tables and its records.

extension ProfileReader {
    private static let keys = [
        "profile", "title", "system", "kind", "zone", "csv", "json", "xml", "tables", "records",
    ]

    mutating func profile(_ value: YAMLValue) -> Profile? {
        let members = members(value, of: "a profile", keys: Self.keys)
        for key in ["profile", "title", "kind", "records"] where !members.contains(where: { $0.key == key }) {
            report(.error, value.place, "the profile has no `\(key)`")
        }
        // What other parts refer to comes first, wherever it stands.
        for member in members {
            if member.key == "kind", let kind = choice(member.value, "kind", as: Profile.Kind.self) {
                self.kind = kind
            }
            if member.key == "tables", case .map(let tables) = member.value.content {
                tableNames = tables.map(\.key)
            }
        }
        var profile = Profile(name: "", title: "", system: "", kind: kind)
        for member in members {
            switch member.key {
            case "profile": profile.name = name(member.value, "`profile`") ?? ""
            case "title": profile.title = word(member.value, "`title`") ?? ""
            case "system": profile.system = name(member.value, "`system`") ?? ""
            case "zone": profile.zone = zone(member.value)
            case "csv", "json", "xml": decoding(member, into: &profile.decoding)
            case "tables": profile.tables = tables(member)
            case "records": profile.records = records(member.value)
            default: break
            }
        }
        if !profile.decoding.columns.isEmpty { checkDetection(of: profile, members) }
        if profile.system.isEmpty { profile.system = profile.name }
        for member in members where member.key == "tables" { checkUse(of: member.value) }
        return profile
    }

    /// Every table has the columns that the profile names itself: only values tell one from another.
    private mutating func checkDetection(of profile: Profile, _ members: [YAMLValue.Member]) {
        for member in members where member.key == "csv" {
            let detections = profile.records.map(\.detection) + profile.tables.map(\.detection)
            guard detections.contains(where: { !$0.isEmpty && $0.values.isEmpty }) else { continue }
            let message = "where `columns` names the columns, every table of as many has them"
            report(.warning, member.place, message, "tell the records by `values` in `detect`")
        }
    }

    private mutating func decoding(_ member: YAMLValue.Member, into decoding: inout Profile.Decoding) {
        guard member.key == kind.rawValue else {
            report(.error, member.place, "`\(member.key)` says nothing where `kind` is `\(kind.rawValue)`")
            return
        }
        let keys =
            switch kind {
            case .csv: ["delimiter", "columns", "fold"]
            case .json: ["text"]
            case .xml: ["markup"]
            }
        for setting in members(member.value, of: "`\(member.key)`", keys: keys) {
            switch setting.key {
            case "delimiter": decoding.delimiter = delimiter(setting.value)
            case "columns": decoding.columns = columns(setting.value)
            case "text":
                decoding.isMojibake = word(setting.value, "`text`") == "mojibake"
                guard !decoding.isMojibake else { continue }
                report(.error, setting.value.place, "`text` is either `mojibake` or not there", "leave it out")
            case "fold": decoding.foldsColumns = isOn(setting)
            default: decoding.markup = Set(words(setting.value, "an element's name"))
            }
        }
    }

    /// The names of columns, or a list of names for each number of columns.
    private mutating func columns(_ value: YAMLValue) -> [[String]] {
        guard case .list(let items) = value.content,
            items.contains(where: { if case .list = $0.content { true } else { false } })
        else { return [words(value, "a column's name")] }
        var lists: [[String]] = []
        for item in items {
            let names = list(item, of: "a list of columns").compactMap { word($0, "a column's name") }
            if lists.contains(where: { $0.count == names.count }) {
                let message = "two lists have \(names.count) columns, and only their number tells them apart"
                report(.error, item.place, message, "leave one out")
            }
            lists.append(names)
        }
        return lists
    }

    private mutating func delimiter(_ value: YAMLValue) -> UInt8? {
        guard let text = text(value, "`delimiter`") else { return nil }
        if text == "tab" { return 0x09 }
        guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x22, byte != 0x0A, byte != 0x0D else {
            report(.error, value.place, "`delimiter` must be one ASCII character, or `tab`")
            return nil
        }
        return byte
    }

    // MARK: Tables

    private mutating func tables(_ member: YAMLValue.Member) -> [Profile.Table] {
        namedMembers(member.value, of: "`tables`").flatMap { table($0) }
    }

    /// A table, once for each place that has such rows.
    private mutating func table(_ member: YAMLValue.Member) -> [Profile.Table] {
        isInTable = true
        defer { isInTable = false }
        let origin = "tables." + member.key
        let what = "the table `\(member.key)`"
        let parts = members(member.value, of: what, keys: ["at", "detect", "unpack", "when", "key"])
        var condition: Condition?
        var key: Expression?
        var unpacks: [UnpackRule] = []
        for part in parts {
            switch part.key {
            case "when": condition = self.condition(part.value)
            case "key": key = expression(part.value, origin + ".key")
            case "unpack": unpacks = self.unpacks(part.value)
            default: break
            }
        }
        guard parts.contains(where: { $0.key == "key" }) else {
            report(.error, member.place, "\(what) has no `key`", "say by what its rows are looked up")
            return []
        }
        let (places, detection) = places(of: parts, member, what)
        guard let key else { return [] }
        return places.map { place in
            var table = Profile.Table(
                name: member.key,
                at: place,
                detection: detection,
                condition: condition,
                key: key
            )
            table.unpacks = unpacks
            return table
        }
    }

    private mutating func checkUse(of tables: YAMLValue) {
        guard case .map(let members) = tables.content else { return }
        for member in members where !usedTables.contains(member.key) {
            report(.warning, member.place, "nothing looks up the table `\(member.key)`", "use it, or leave it out")
        }
    }

    // MARK: Records

    private mutating func records(_ value: YAMLValue) -> [RecordRule] {
        namedMembers(value, of: "`records`").flatMap { record($0) }
    }

    /// A rule, once for each place that has such records.
    private mutating func record(_ member: YAMLValue.Member) -> [RecordRule] {
        let origin = "records." + member.key
        let what = "the record `\(member.key)`"
        let keys = ["at", "detect", "unpack", "when", "newest", "conversation", "participants", "entries", "drop"]
        let parts = members(member.value, of: what, keys: keys)
        let (places, detection) = places(of: parts, member, what)
        var record = RecordRule(name: member.key, at: "", detection: detection, conversation: ConversationRule())
        unpackedLists = []
        for part in parts {
            switch part.key {
            case "when": record.condition = condition(part.value)
            case "unpack": record.unpacks = unpacks(part.value)
            case "newest": record.isNewestFirst = comesNewestFirst(part)
            case "conversation": record.conversation = conversation(part.value, origin + ".conversation")
            case "participants":
                record.participants = list(part.value, of: "`participants`").enumerated()
                    .compactMap { participant($1, "\(origin).participants[\($0)]") }
            case "entries":
                record.entries = list(part.value, of: "`entries`").enumerated()
                    .map { entry($1, "\(origin).entries[\($0)]") }
            case "drop": record.drops = drops(part.value)
            default: break
            }
        }
        record.unpacks += unpackedLists
        if !parts.contains(where: { ["conversation", "participants", "entries"].contains($0.key) }) {
            report(.error, member.place, "\(what) gives nothing", "add `entries`")
        }
        checkParticipants(of: record, parts)
        return places.map { place in
            var placed = record
            placed.at = place
            return placed
        }
    }

    /// Whoever refers to listed participants needs a list.
    private mutating func checkParticipants(of record: RecordRule, _ parts: [YAMLValue.Member]) {
        let refers = record.entries.contains { $0.kinds.contains { $0.sender.participant != nil } }
        guard refers, record.participants.isEmpty else { return }
        report(
            .error,
            parts.first { $0.key == "entries" }?.place ?? YAMLPlace(line: 1, column: 1),
            "`participant` refers to listed people, and there are no `participants`",
            "list them, or say who it is by `id` and `name`"
        )
    }

    private mutating func drops(_ value: YAMLValue) -> [DropRule] {
        namedMembers(value, of: "`drop`").compactMap { member in
            guard let path = path(key: member)?.withAnyNames else { return nil }
            guard case .map = member.value.content else {
                return name(member.value, "a reason").map { DropRule(path: path, reason: $0) }
            }
            let parts = members(member.value, of: "what is dropped", keys: ["reason", "when"])
            let condition = parts.first { $0.key == "when" }.flatMap { self.condition($0.value) }
            guard let given = parts.first(where: { $0.key == "reason" }) else {
                report(.error, member.value.place, "what is dropped needs a `reason`", "such as `reason: preview`")
                return nil
            }
            return name(given.value, "a reason").map { DropRule(path: path, reason: $0, condition: condition) }
        }
    }

    // MARK: Where records are

    private mutating func places(
        of parts: [YAMLValue.Member],
        _ member: YAMLValue.Member,
        _ what: String
    ) -> (at: [String], detection: Detection) {
        var at = [""]
        var detection = Detection()
        for part in parts {
            if part.key == "at" { at = places(part) }
            if part.key == "detect" { detection = self.detection(part.value) }
        }
        if kind != .csv, !parts.contains(where: { $0.key == "at" }) {
            let example = kind == .json ? "`at: $.messages[*]`" : "`at: log/message`"
            report(.error, member.place, "\(what) has no `at`", "say where its records are, such as \(example)")
        }
        if !parts.contains(where: { $0.key == "detect" }) {
            report(
                .warning,
                member.place,
                "\(what) has no `detect`: every input counts as one of it",
                "name paths that only such records have"
            )
        }
        return (at, detection)
    }

    private mutating func places(_ part: YAMLValue.Member) -> [String] {
        guard kind != .csv else {
            report(.error, part.place, "the records of CSV are its rows", "leave `at` out")
            return [""]
        }
        return part.value.items.map { place($0) }
    }

    // The decoders read these paths; what they take is said here, where line and column are known. Made once, since
    // making one takes longer than reading the rest of a profile.
    // Safety: matching does not change a regular expression.
    nonisolated(unsafe) private static let jsonPath =  // Safety: see above.
        /\$(\.\*|\[\*\]|\.[\p{L}_][\p{L}\w-]*|\['[^']+'\]|\["[^"]+"\])*/
    nonisolated(unsafe) private static let elementName =  // Safety: see above.
        /[A-Za-z_[^\x00-\x7F]][\w.\-[^\x00-\x7F]]*/.matchingSemantics(.unicodeScalar)

    /// Whether a text is a path of at most 32 steps, each `*` or names.
    private static func isElementPath(_ text: String) -> Bool {
        if text == "/" { return true }
        let steps = text.dropFirst(text.hasPrefix("//") ? 2 : 0).split(separator: "/", omittingEmptySubsequences: false)
        return steps.count <= 32
            && steps.allSatisfy { step in
                step == "*"
                    || step.split(separator: "|", omittingEmptySubsequences: false)
                        .allSatisfy { $0.wholeMatch(of: elementName) != nil }
            }
    }

    private mutating func place(_ value: YAMLValue) -> String {
        guard let text = word(value, "`at`") else { return "" }
        if kind == .json, text.wholeMatch(of: Self.jsonPath) == nil {
            let message = "`at` must be a JSONPath of names and `[*]`"
            report(.error, value.place, message, "such as `$.messages[*]` or `$['odd name'][*]`")
        }
        if kind == .xml, !Self.isElementPath(text) {
            report(.error, value.place, "`at` must be a path of element names", "such as `log/message|event`")
        }
        return text
    }

    private mutating func detection(_ value: YAMLValue) -> Detection {
        var detection = Detection()
        for part in members(value, of: "`detect`", keys: ["all", "any", "none", "values"]) {
            switch part.key {
            case "all": detection.all = paths(part.value)
            case "any": detection.any = paths(part.value)
            case "none": detection.none = paths(part.value)
            default:
                for member in namedMembers(part.value, of: "`values`") {
                    guard path(key: member) != nil else { continue }
                    detection.values.append(sample(member))
                }
            }
        }
        return detection
    }

    private mutating func sample(_ member: YAMLValue.Member) -> Detection.Sample {
        guard case .map = member.value.content else {
            return Detection.Sample(path: member.key, patterns: words(member.value, "a value"))
        }
        var sample = Detection.Sample(path: member.key)
        for part in members(member.value, of: "a value", keys: ["match"]) {
            if case .match(let pattern) = match(part.value) { sample.expression = pattern }
        }
        return sample
    }

    private mutating func paths(_ value: YAMLValue) -> [String] {
        if case .list(let items) = value.content, items.isEmpty { return words(value, "a list of paths") }
        return value.items.compactMap { path($0)?.text }
    }
}
