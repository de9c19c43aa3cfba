// One conversation of a thread: what its snapshots say together.

internal import InteractionModel

/// A participant as the payload declares it.
struct FoldedPerson {
    /// Id and role in their canonical spelling, without quotes.
    var id: [UInt8]
    let role: [UInt8]
    /// The members, the id included, with their values in JSON.
    var members: [(name: [UInt8], json: [UInt8])] = []

    init(_ view: JSONView, _ node: Int) {
        id = view.spelling(of: view.member(node, "participantId"))
        role = view.spelling(of: view.member(node, "role"))
        view.forEachMember(node) { members.append(([UInt8](view.bytes($0)), view.json($1))) }
    }

    /// Gives the person another id.
    mutating func rename(_ id: [UInt8]) {
        self.id = id
        for index in members.indices where members[index].name.elementsEqual("participantId".utf8) {
            members[index].json = FoldedLine.quoted(id)
        }
    }

    func write(to out: inout OutputBuffer) {
        out.append("{")
        for member in members {
            out.append(FoldedLine.quoted(member.name))
            out.append(":")
            out.append(member.json)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }
}

/// A message as the payload has it.
struct FoldedLine {
    /// What makes two messages of two snapshots the same.
    struct Key: Hashable {
        var author: [UInt8]
        /// Nil without a time; then only the order tells.
        let instant: Instant?
        let text: [UInt8]
    }

    /// When somebody said something, if that is known.
    struct Moment: Hashable {
        let author: [UInt8]
        let instant: Instant
    }

    var key: Key
    private(set) var json: [UInt8]
    /// Members beside author, time and text.
    private(set) var extras: [[UInt8]: [UInt8]] = [:]
    /// Members of other snapshots that differ.
    var otherExtras: [(name: [UInt8], json: [UInt8])] = []

    init(_ view: JSONView, _ node: Int, renamed: [[UInt8]: [UInt8]] = [:]) {
        var author: [UInt8] = []
        var instant: Instant?
        var text: [UInt8] = []
        var extras: [[UInt8]: [UInt8]] = [:]
        view.forEachMember(node) { name, value in
            let key = view.text(name)
            if key.equals("participantId") {
                author = [UInt8](view.bytes(value))
            } else if key.equals("content") {
                text = [UInt8](view.bytes(value))
            } else if key.equals("timestamp"), view.kind(value) == .string {
                instant = Instant.rfc3339(view.bytes(value))
            } else {
                extras[[UInt8](view.bytes(name))] = view.json(value)
            }
        }
        self.extras = extras
        guard let own = renamed[author] else {
            key = Key(author: author, instant: instant, text: text)
            json = [UInt8](view.bytes(node))
            return
        }
        key = Key(author: own, instant: instant, text: text)
        var edits = PayloadEdits()
        edits.set(view, node, "participantId", Self.quoted(own))
        var out = OutputBuffer(capacity: view.bytes(node).count + 40)
        edits.write(view, node, to: &out)
        json = out.array
    }

    var moment: Moment? { key.instant.map { Moment(author: key.author, instant: $0) } }

    /// Takes over what another snapshot says besides of the same message.
    mutating func note(_ other: FoldedLine) {
        for (name, value) in other.extras.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            guard extras[name] != value, !otherExtras.contains(where: { $0.name == name && $0.json == value }) else {
                continue
            }
            otherExtras.append((name, value))
        }
    }

    static func quoted(_ spelling: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "\"")] + spelling + [UInt8(ascii: "\"")]
    }
}

/// Who speaks in a conversation, and what was said, as far as it has been brought together.
struct FoldedConversation {
    private(set) var people: [FoldedPerson] = []
    private(set) var lines: [FoldedLine] = []

    init(_ view: JSONView, _ node: Int) {
        if let list = view.member(node, "participants") {
            view.forEachElement(list) { people.append(FoldedPerson(view, $0)) }
        }
        if let list = view.member(node, "messages") {
            view.forEachElement(list) { lines.append(FoldedLine(view, $0)) }
        }
    }

    // MARK: People

    /// Takes over the participants of an earlier snapshot.
    ///
    /// - Parameters:
    ///   - view: The snapshot's payload.
    ///   - node: The conversation's node there.
    ///   - path: The conversation's path.
    ///   - anotherId: The id of somebody whose own id belongs to somebody in another role.
    ///   - merge: Receives what came of it.
    /// - Returns: The ids that people of the snapshot have here, where they are others.
    mutating func mergePeople(
        _ view: JSONView,
        _ node: Int,
        _ path: String,
        anotherId: (FoldedPerson) -> [UInt8],
        _ merge: inout SnapshotMerge
    ) -> [[UInt8]: [UInt8]] {
        var renamed: [[UInt8]: [UInt8]] = [:]
        guard let list = view.member(node, "participants") else { return renamed }
        view.forEachElement(list) { element in
            var person = FoldedPerson(view, element)
            if people.contains(where: { $0.id == person.id && $0.role != person.role }) {
                let id = anotherId(person)
                renamed[person.id] = id
                person.rename(id)
                merge.twoRoles += 1
            }
            guard let known = people.firstIndex(where: { $0.id == person.id && $0.role == person.role }) else {
                people.append(person)
                merge.newPeople += 1
                merge.given.append("\(path).participants")
                return
            }
            for member in person.members {
                let own = people[known].members.first { $0.name == member.name }
                let path = "\(path).participants[\(known)].\(String(decoding: member.name, as: UTF8.self))"
                if own == nil {
                    people[known].members.append(member)
                    merge.given.append(path)
                } else if let own, own.json != member.json {
                    merge.keep(path, member.json)
                }
            }
        }
        return renamed
    }

    // MARK: Messages

    /// Takes over the messages of an earlier snapshot.
    ///
    /// - Parameters:
    ///   - view: The snapshot's payload.
    ///   - node: The conversation's node there.
    ///   - renamed: The ids that its people have here, where they are others.
    ///   - merge: Receives what came of it.
    mutating func mergeLines(
        _ view: JSONView,
        _ node: Int,
        renamed: [[UInt8]: [UInt8]],
        _ merge: inout SnapshotMerge
    ) {
        guard let list = view.member(node, "messages") else { return }
        var nodes: [Int] = []
        view.forEachElement(list) { nodes.append($0) }
        // Nearly always an earlier snapshot is a beginning of what is known.
        var prefix = 0
        while renamed.isEmpty, prefix < nodes.count, prefix < lines.count,
            view.bytes(nodes[prefix]).elementsEqual(lines[prefix].json)
        {
            prefix += 1
        }
        merge.newMessages += Array(repeating: false, count: nodes.count)
        guard prefix < nodes.count else { return }
        let others = nodes.dropFirst(prefix).map { FoldedLine(view, $0, renamed: renamed) }
        let alignment = SequenceAlignment(
            lines[..<prefix].map(\.key) + others.map(\.key),
            in: lines.map(\.key),
            prefix: prefix
        )
        let paired = Set(alignment.places.compactMap(\.self))
        let moments = Set(lines.indices.filter { !paired.contains($0) }.compactMap { lines[$0].moment })
        for (index, other) in others.enumerated() {
            if let place = alignment.places[prefix + index] {
                lines[place].note(other)
                continue
            }
            merge.newMessages[merge.newMessages.count - others.count + index] = true
            if let moment = other.moment, moments.contains(moment) { merge.changed += 1 } else { merge.missing += 1 }
        }
        merge.moved += alignment.moved
        lines = alignment.union(lines) { others[$0 - prefix] }
    }

    /// Puts the messages in order of time if every instant is known.
    mutating func sortLines() {
        guard lines.allSatisfy({ $0.key.instant != nil }) else { return }
        let ordered = lines.enumerated().sorted { left, right in
            guard let first = left.element.key.instant, let second = right.element.key.instant else { return false }
            return first == second ? left.offset < right.offset : first < second
        }
        lines = ordered.map(\.element)
    }
}

extension JSONView {
    /// A value in canonical JSON.
    func json(_ node: Int) -> [UInt8] {
        var out = OutputBuffer(capacity: 64)
        out.append(value: self, node)
        return out.array
    }

    /// A string as it is spelled, without quotes.
    fileprivate func spelling(of node: Int?) -> [UInt8] { node.map { [UInt8](bytes($0)) } ?? [] }
}

extension [UInt8] {
    /// Lends a text that is spelled as the canonical writer does it.
    func unescapedSpelling<Result>(_ body: (TextSlice) -> Result) -> Result {
        let bytes = PaddedBytes(self)
        let form: TextSlice.Form = contains(UInt8(ascii: "\\")) ? .canonical : .plain
        return body(TextSlice(start: bytes.start, count: bytes.count, form: form))
    }
}
