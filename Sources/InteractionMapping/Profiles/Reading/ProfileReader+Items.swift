// Items: where a list lies, and texts that hold one.

extension ProfileReader {
    private static let packings: [(name: String, step: UnpackRule.Step)] = [
        ("base64", .base64), ("html", .html), ("json", .json),
    ]

    /// Reads `unpack`: which texts of a record stand for something else.
    mutating func unpacks(_ value: YAMLValue) -> [UnpackRule] {
        namedMembers(value, of: "`unpack`").compactMap { member in
            guard let path = path(key: member), isOfRecord(path, member.place) else { return nil }
            let steps = packing(member.value, known: ["base64", "json"])
            if let json = steps.firstIndex(of: .json), json + 1 < steps.count {
                report(.error, member.value.place, "what `json` gives is no text any more", "put `json` last")
            }
            return steps.isEmpty ? nil : UnpackRule(path: path, steps: steps)
        }
    }

    private mutating func packing(_ value: YAMLValue, known: [String]) -> [UnpackRule.Step] {
        words(value, "a form of text").compactMap { word in
            if known.contains(word) { return Self.packings.first { $0.name == word }?.step }
            reportUnknown("form of text", word, value.place, known: known)
            return nil
        }
    }

    /// Reads `each`: a path, a list of paths, or a text that holds a list.
    ///
    /// - Parameters:
    ///   - value: The YAML.
    ///   - outer: The items that it begins at; none for the record.
    /// - Returns: The paths of the items.
    mutating func items(_ value: YAMLValue, within outer: [ValuePath] = []) -> [ValuePath] {
        switch value.content {
        case .text: return path(value).map { [$0] } ?? []
        case .list: return list(value, of: "`each`").flatMap { items($0, within: outer) }
        case .map:
            let members = members(value, of: "`each`", keys: ["path", "split", "cut", "before", "as", "at"])
            let isCut = members.contains { $0.key == "cut" }
            let keys = isCut ? ["cut", "before", "as", "at"] : ["path", "split"]
            for member in members where !keys.contains(member.key) {
                let suggestion = "`each` has `path` and `split`, or `cut` and `at`"
                report(.error, member.place, "`\(member.key)` says nothing here", suggestion)
            }
            let part = { (key: String) in members.first { $0.key == key } }
            guard let source = part(keys[0]), let how = part(isCut ? "at" : "split") else {
                report(.error, value.place, "`each` needs \(isCut ? "`at`" : "`path` and `split`, or `cut` and `at`")")
                return []
            }
            let step = isCut ? cut(how.value) : pieces(how.value)
            let sections = isCut ? part("before").flatMap { self.sections($0.value) } : nil
            guard let path = path(source.value), isOfRecord(path, source.value.place), let step else { return [] }
            let forms = part("as").map { packing($0.value, known: ["base64", "html"]) } ?? []
            let steps = (sections.map { [$0] } ?? []) + forms + [step]
            for place in outer.isEmpty ? [nil] : outer.map(Optional.some) {
                guard place.map({ isOfRecord($0, value.place) }) ?? true else { continue }
                let rule = UnpackRule(path: place.map { path.inside($0) } ?? path, steps: steps)
                if !unpackedLists.contains(rule) { unpackedLists.append(rule) }
            }
            return [path.elements]
        }
    }

    private mutating func isOfRecord(_ path: ValuePath, _ place: YAMLPlace) -> Bool {
        if path.up == 0, path.file == nil { return true }
        report(.error, place, "only what the record itself says can be unpacked", "begin the path at the record")
        return false
    }

    private mutating func pieces(_ value: YAMLValue) -> UnpackRule.Step? {
        let isAllowed = allowsPieces
        allowsPieces = true
        defer { allowsPieces = isAllowed }
        guard case .split(let separator, let index) = split(value) else { return nil }
        if index != nil { report(.error, value.place, "`each` takes all pieces", "leave `take` out") }
        return .pieces(separator: separator)
    }

    private mutating func sections(_ value: YAMLValue) -> UnpackRule.Step? {
        guard let opening = text(value, "`before`") else { return nil }
        if opening.isEmpty { report(.error, value.place, "`before` is empty") }
        return .sections(before: opening)
    }

    private mutating func cut(_ value: YAMLValue) -> UnpackRule.Step? {
        guard case .match(let pattern) = match(value) else { return nil }
        guard !UnpackedWriter.groups(of: pattern).isEmpty else {
            let message = "`at` has no named group, and what it matches gets no name"
            report(.error, value.place, message, "such as `(?<who>[^:]+): (?<text>.*)`")
            return nil
        }
        return .cut(at: pattern)
    }
}

extension ValuePath {
    /// This path as it is seen from where another one begins, which leads to where this one begins.
    fileprivate func inside(_ outer: ValuePath) -> ValuePath {
        var path = outer
        path.steps += steps
        path.text += "." + text
        return path
    }

    /// The elements of what it leads to.
    fileprivate var elements: ValuePath {
        var path = self
        path.steps.append(.all)
        path.text += "[*]"
        return path
    }
}
