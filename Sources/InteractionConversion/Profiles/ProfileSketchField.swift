// What sampled records have at one path.

internal import InteractionMapping

/// The values at one path of the sampled things.
struct SketchField {
    /// Stands for the elements of a list among names.
    static let element = "[*]"

    /// The names on the way down.
    let names: [String]
    /// The values that are not blank, in order.
    private(set) var values: [String] = []
    /// Levels above the thing at hand at which the way begins.
    var up = 0

    init(_ names: [String]) { self.names = names }

    mutating func add(_ value: String) {
        if value.contains(where: { !$0.isWhitespace }) { values.append(value) }
    }

    /// The path as a profile has it.
    var path: String { SketchPath.text(names, up: up) }
    /// The words that the last name is made of.
    var words: [String] { names.last { $0 != Self.element }.map(SketchPath.words) ?? [] }
    /// The words of the names around it.
    var outerWords: [String] {
        guard let last = names.lastIndex(where: { $0 != Self.element }) else { return [] }
        return names[..<last].flatMap(SketchPath.words)
    }
    var isInList: Bool { names.contains(Self.element) }

    var distinct: [String] {
        var seen: Set<String> = []
        return values.filter { seen.insert($0).inserted }
    }
    var isUnique: Bool { Set(values).count == values.count }

    /// Whether equal values follow one another.
    var isClustered: Bool {
        zip(values, values.dropFirst()).count { $0 != $1 } == Set(values).count - 1
    }

    /// How many of the values are as asked.
    func share(_ isSo: (String) -> Bool) -> Double {
        values.isEmpty ? 0 : Double(values.count(where: isSo)) / Double(values.count)
    }

    /// Whether only a few words stand here, over and over.
    var isVocabulary: Bool {
        isFewWords && distinct.count * 2 <= values.count
    }

    /// Whether there are so few and so short ones that they could be words of a vocabulary.
    var isFewWords: Bool {
        let distinct = distinct
        return !distinct.isEmpty && distinct.count <= 12 && distinct.allSatisfy { $0.utf8.count <= 40 }
    }

    var isFlag: Bool {
        !values.isEmpty && values.allSatisfy { ["true", "false", "0", "1"].contains($0.lowercased()) }
    }

    /// How many values hold tags.
    var tagCount: Int {
        let tag = /<\/?(?i:p|br|div|span|a|b|i|li|ul|strong|em|html|body)\b[^<>]*>/
        return values.count { $0.contains(tag) }
    }
}

/// Names and paths in the spelling of profiles.
enum SketchPath {
    /// Puts names together; those with signs that paths are made of are quoted.
    static func text(_ names: some Sequence<String>, up: Int = 0) -> String {
        var text = ""
        // An element's own text is what a path to the element finds.
        let all = Array(names)
        let names = all.count > 1 && all.last == "#text" ? all.dropLast() : all[...]
        for name in names {
            if name == SketchField.element {
                text += name
                continue
            }
            if !text.isEmpty { text += "." }
            text += name.contains { ".[]^|".contains($0) } || name.hasPrefix("$") ? "'\(name)'" : name
        }
        return String(repeating: "^.", count: up) + (text.isEmpty ? "." : text)
    }

    /// The lower-case words of `createdAt`, `created_at` or `Created At`.
    static func words(_ name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in name {
            let isPart = character.isLetter || character.isNumber
            if !isPart || character.isUppercase && wasLower {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if isPart { word += character.lowercased() }
            wasLower = character.isLowercase
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// The names in a path of a skeleton.
    static func names(_ path: String, _ kind: Profile.Kind) -> [String] {
        switch kind {
        case .csv: return [path]
        case .xml: return path.split(separator: "/").map(String.init)
        case .json: break
        }
        var names: [String] = []
        var rest = path[...]
        while !rest.isEmpty {
            if rest.hasPrefix("[]") {
                names.append(SketchField.element)
                rest = rest.dropFirst(2)
            } else if rest.hasPrefix("['"), let end = rest.firstRange(of: "']") {
                names.append(String(rest[..<end.lowerBound].dropFirst(2)))
                rest = rest[end.upperBound...]
            } else {
                rest = rest.hasPrefix(".") ? rest.dropFirst() : rest
                let name = rest.prefix { $0 != "." && $0 != "[" }
                if !name.isEmpty { names.append(String(name)) }
                rest = name.isEmpty ? rest.dropFirst() : rest.dropFirst(name.count)
            }
        }
        return names
    }
}
