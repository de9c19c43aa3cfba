// The structure of a record in words, and the record itself with its texts made unreadable.

internal import InteractionModel

/// The structure of one record: `{id: number, messages: [{text: text, user: null | {id: number}}]}`.
struct RecordStructure {
    /// What a value is, as far as structures are told apart.
    enum Kind: UInt64, CaseIterable {
        case null = 1
        case boolean
        case number
        case text
        case array
        case object

        init(_ kind: JSONKind) {
            switch kind {
            case .null: self = .null
            case .true, .false: self = .boolean
            case .number: self = .number
            case .string: self = .text
            case .array: self = .array
            case .object: self = .object
            }
        }
    }

    /// What is at one path.
    private struct Place {
        var kinds: Set<Kind> = []
        var members: [(name: String, place: Int)] = []
        var element: Int?
    }

    /// Members of one object that are named; beyond that they are counted.
    private static let largestMemberCount = 100

    private var places: [Place] = [Place()]

    init(_ view: JSONView, isRow: Bool) { add(view, view.root, to: 0, isRow: isRow) }

    private mutating func add(_ view: JSONView, _ node: Int, to place: Int, isRow: Bool) {
        let kind = Kind(view.kind(node))
        places[place].kinds.insert(kind)
        if kind == .object {
            view.forEachMember(node) { key, value in
                if isRow, view.kind(value) == .string, view.bytes(value).isEmpty { return }
                add(view, value, to: member(view.text(key).string, of: place), isRow: isRow)
            }
        } else if kind == .array {
            view.forEachElement(node) { add(view, $0, to: element(of: place), isRow: isRow) }
        }
    }

    private mutating func member(_ name: String, of place: Int) -> Int {
        if let known = places[place].members.first(where: { $0.name == name }) { return known.place }
        places.append(Place())
        places[place].members.append((name, places.count - 1))
        return places.count - 1
    }

    private mutating func element(of place: Int) -> Int {
        if let known = places[place].element { return known }
        places.append(Place())
        places[place].element = places.count - 1
        return places.count - 1
    }

    /// The structure; what array elements have is brought together, and so are several kinds at one place.
    var text: String { text(of: 0) }

    private func text(of place: Int) -> String {
        let place = places[place]
        return Kind.allCases.filter(place.kinds.contains).map { kind in
            switch kind {
            case .null: "null"
            case .boolean: "boolean"
            case .number: "number"
            case .text: "text"
            case .array: "[" + (place.element.map(text(of:)) ?? "") + "]"
            case .object: text(ofMembers: place.members)
            }
        }.joined(separator: " | ")
    }

    private func text(ofMembers members: [(name: String, place: Int)]) -> String {
        var words = members.prefix(Self.largestMemberCount).map { "\(Self.word($0.name)): \(text(of: $0.place))" }
        if members.count > words.count { words.append("… \(members.count - words.count) more") }
        return "{" + words.joined(separator: ", ") + "}"
    }

    /// A name as it is, unless it could be taken for something else.
    private static func word(_ name: String) -> String {
        let isPlain = !name.isEmpty && !name.utf8.contains { $0 < 0x20 || "\"'{}[]:,|".utf8.contains($0) }
        return isPlain ? name : name.quotedAsJSON
    }
}

/// One record as an example: JSON, with letters as `x` and digits as `9` unless it may be read.
struct RecordExample {
    /// Characters of one text, and elements of one array, that are shown.
    private static let (largestText, largestArray) = (80, 2)
    /// Bytes after which no more members are begun.
    private static let largestSize = 4096

    private let isRow: Bool
    private let isMasked: Bool
    /// JSON in one line.
    private(set) var text = ""

    init(_ view: JSONView, isRow: Bool, isMasked: Bool) {
        self.isRow = isRow
        self.isMasked = isMasked
        write(view, view.root)
    }

    private mutating func write(_ view: JSONView, _ node: Int) {
        switch view.kind(node) {
        case .null: text += "null"
        case .true: text += "true"
        case .false: text += "false"
        case .number:
            let number = String(decoding: view.bytes(node), as: UTF8.self)
            text += isMasked ? Self.masked(number[...], keeps: "eE") : number
        case .string: text += shown(view.text(node).string).quotedAsJSON
        case .object:
            var (count, rest) = (0, 0)
            text += "{"
            view.forEachMember(node) { key, value in
                if isRow, view.kind(value) == .string, view.bytes(value).isEmpty { return }
                guard text.utf8.count < Self.largestSize else {
                    rest += 1
                    return
                }
                text += (count > 0 ? "," : "") + view.text(key).string.quotedAsJSON + ":"
                count += 1
                write(view, value)
            }
            if rest > 0 { text += (count > 0 ? "," : "") + "\"…\":\"\(rest) more\"" }
            text += "}"
        case .array:
            var (count, rest) = (0, 0)
            text += "["
            view.forEachElement(node) { element in
                guard count < Self.largestArray, text.utf8.count < Self.largestSize else {
                    rest += 1
                    return
                }
                text += count > 0 ? "," : ""
                count += 1
                write(view, element)
            }
            if rest > 0 { text += (count > 0 ? "," : "") + "\"… \(rest) more\"" }
            text += "]"
        }
    }

    private func shown(_ whole: String) -> String {
        let part = whole.prefix(Self.largestText)
        let rest = whole.count - part.count
        return (isMasked ? Self.masked(part) : String(part)) + (rest > 0 ? "… \(rest) more" : "")
    }

    /// A text of which only the form can be seen.
    private static func masked(_ text: Substring, keeps kept: String = "") -> String {
        String(text.map { $0.isNumber ? "9" : $0.isLetter && !kept.contains($0) ? "x" : $0 })
    }
}

extension String {
    /// The text as JSON has it.
    var quotedAsJSON: String {
        var out = OutputBuffer(capacity: utf8.count + 2)
        out.append(quoted: self)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
