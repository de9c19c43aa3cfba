// YAML text to values, with bounds on everything that grows.

internal import Yams

/// Reads the one document of a YAML text.
///
/// Only what a profile needs: no tags, no merge keys, keys that are texts, few aliases.
struct YAMLDocument {
    /// The size in bytes up to which a text is read.
    static let largestText = 1 << 20
    /// How many lists and maps may lie in one another.
    static let depthLimit = 40
    /// How many values a document may have, those that aliases repeat included.
    static let valueLimit = 50_000
    /// How many aliases there may be: so few that what they repeat stays small.
    static let aliasLimit = 32

    /// No tag, and what the library itself calls texts, lists and maps.
    private static let harmlessTags: Set<String> = [
        "", "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map",
    ]

    private var valueCount = 0

    /// Reads a text.
    ///
    /// - Parameter text: The YAML.
    /// - Returns: The document's value.
    /// - Throws: The first thing that is wrong with it.
    static func read(_ text: String) throws(YAMLFault) -> YAMLValue {
        let start = YAMLPlace(line: 1, column: 1)
        guard text.utf8.count <= largestText else {
            throw YAMLFault(place: start, message: "the profile is larger than 1 MiB")
        }
        // The library copies what an alias stands for, so they are counted before it sees them.
        guard aliasCount(text) <= aliasLimit else {
            let message = "more than \(aliasLimit) aliases, words that begin with `*`"
            throw YAMLFault(place: start, message: message, suggestion: "write out what they stand for, or quote them")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: text, .basic, .default, .utf8)
        } catch {
            throw YAMLFault(error, in: text)
        }
        guard let root else { throw YAMLFault(place: start, message: "the profile is empty") }
        var document = YAMLDocument()
        return try document.value(root, depth: 0)
    }

    /// Counts what may be an alias: a name after `*` that is a name after `&` somewhere.
    ///
    /// What only looks like one, such as a star in a quoted text, hardly has such a name.
    private static func aliasCount(_ text: String) -> Int {
        let anchors = Set(names(after: "&", in: text))
        return names(after: "*", in: text).count { anchors.contains($0) }
    }

    /// The names that stand directly behind a sign, wherever that is.
    private static func names(after sign: Unicode.Scalar, in text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: sign), omittingEmptySubsequences: false).dropFirst().map { rest in
            let name = rest.prefix { $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || $0 == 0x2D || $0 == 0x5F }
            return String(decoding: name, as: UTF8.self)
        }
    }

    private mutating func value(_ node: Node, depth: Int) throws(YAMLFault) -> YAMLValue {
        let place = YAMLPlace(node.mark)
        valueCount += 1
        guard valueCount <= Self.valueLimit else {
            throw YAMLFault(place: place, message: "the profile has more than \(Self.valueLimit) values")
        }
        guard depth < Self.depthLimit else {
            throw YAMLFault(place: place, message: "more than \(Self.depthLimit) lists and maps in one another")
        }
        switch node {
        case .scalar(let scalar):
            try check(scalar.tag, at: place)
            return YAMLValue(
                content: .text(scalar.string),
                place: place,
                isPlain: scalar.style == .plain,
                isOnOneLine: scalar.style != .literal && scalar.style != .folded
            )
        case .sequence(let sequence):
            try check(sequence.tag, at: place)
            var items: [YAMLValue] = []
            for item in sequence { items.append(try value(item, depth: depth + 1)) }
            return YAMLValue(content: .list(items), place: place)
        case .mapping(let mapping):
            try check(mapping.tag, at: place)
            var members: [YAMLValue.Member] = []
            for (key, item) in mapping {
                members.append(try member(key, item, depth: depth + 1))
            }
            return YAMLValue(content: .map(members), place: place)
        case .alias:
            throw YAMLFault(place: place, message: "an alias stands for nothing")
        }
    }

    private mutating func member(_ key: Node, _ item: Node, depth: Int) throws(YAMLFault) -> YAMLValue.Member {
        let place = YAMLPlace(key.mark)
        guard let name = try value(key, depth: depth).text, !name.isEmpty else {
            throw YAMLFault(place: place, message: "a key must be a text")
        }
        guard name != "<<" else {
            throw YAMLFault(place: place, message: "merge keys are not read", suggestion: "write out the members")
        }
        var content = try value(item, depth: depth)
        // The library puts what is not there before the next thing that is.
        if content.isNull, case .text("") = content.content { content.place = place }
        return YAMLValue.Member(key: name, place: place, value: content)
    }

    /// Refuses tags, which would say that a value is something else than it looks like.
    private func check(_ tag: Tag, at place: YAMLPlace) throws(YAMLFault) {
        guard Self.harmlessTags.contains(tag.rawValue) else {
            throw YAMLFault(place: place, message: "tags such as `\(tag.rawValue.prefix(40))` are not read")
        }
    }
}

extension YAMLPlace {
    fileprivate init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}

extension YAMLFault {
    /// What the library found.
    fileprivate init(_ error: any Error, in text: String) {
        place = YAMLPlace(line: 1, column: 1)
        message = "the text cannot be read as YAML"
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            place = YAMLPlace(mark)
            message += ": " + problem
            suggestion = "quote texts that begin with `@`, `*` or `#`, and those with `[` or `]` within {} or []"
        case .composer(_, let problem, let mark, _):
            place = YAMLPlace(mark)
            message += ": " + problem
        case .duplicatedKeysInMapping(let keys, let context):
            place = YAMLPlace(context.mark)
            message = "the key `\((keys.first ?? "").prefix(80))` is there twice"
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = before.split(separator: "\n", omittingEmptySubsequences: false)
            place = YAMLPlace(line: max(line.count, 1), column: (line.last?.unicodeScalars.count ?? 0) + 1)
            message += ": " + problem
        default: break
        }
    }
}
