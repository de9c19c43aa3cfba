// The union of the snapshots of one thread, made from the last to the first: what is later wins.

internal import InteractionModel

/// What came of one snapshot when it was united with the later ones.
struct SnapshotMerge {
    /// Fields that only this snapshot has.
    var given: [String] = []
    /// Fields that a later snapshot says otherwise.
    private(set) var kept: [String] = []
    /// For each of its messages, and each event of its payload, whether no later snapshot has it.
    var newMessages: [Bool] = []
    var newEvents: [Bool] = []
    var newPeople = 0
    /// Messages that no later snapshot has, and those that have another text there.
    var missing = 0
    var changed = 0
    /// Messages that stand in another order in a later snapshot.
    var moved = 0
    /// People whose id is that of somebody in another role.
    var twoRoles = 0
    /// Values to keep with their paths, in the order in which they were found.
    private(set) var values: [(path: String, json: [UInt8])] = []

    mutating func keep(_ path: String, _ json: [UInt8]) {
        if kept.last != path { kept.append(path) }
        values.append((path, json))
    }
}

/// The snapshots of a thread as far as they have been united.
struct FoldedThread: ~Copyable {
    /// The payload that gives whatever is no message, participant or event.
    private var frame: PaddedBytes
    private var tape = JSONTape()
    private(set) var conversations: [FoldedConversation] = []
    private var events: [[UInt8]] = []
    /// Values that differ from the frame's, each once.
    private var kept: [(path: String, json: [UInt8])] = []
    private var keptPaths: [String: Set<[UInt8]>] = [:]

    /// Begins with the last snapshot.
    ///
    /// - Parameter payload: Its payload in canonical JSON.
    /// - Throws: ``JSONError`` if it is none.
    init(last payload: UnsafeRawBufferPointer) throws(JSONError) {
        frame = PaddedBytes(payload)
        try tape.scan(frame.start, count: frame.count)
        let view = tape.view(of: frame.start)
        conversations = Self.conversationNodes(view).map { FoldedConversation(view, $0) }
        events = Self.eventNodes(view).map { view.json($0) }
    }

    private static func conversationNodes(_ view: JSONView) -> [Int] {
        nodes(view, view.value(view.root, at: "request", "scope", "conversations"))
    }

    private static func eventNodes(_ view: JSONView) -> [Int] {
        nodes(view, view.value(view.root, at: "request", "scope", "interactions"))
    }

    private static func nodes(_ view: JSONView, _ list: Int?) -> [Int] {
        guard let list, view.kind(list) == .array else { return [] }
        var nodes: [Int] = []
        view.forEachElement(list) { nodes.append($0) }
        return nodes
    }

    // MARK: Uniting

    /// Unites with a snapshot that comes before all so far.
    ///
    /// - Parameters:
    ///   - view: Its payload in canonical JSON.
    ///   - anotherId: The id of somebody whose own id belongs to somebody in another role.
    /// - Returns: What came of it.
    /// - Throws: ``JSONError`` if the union cannot be read again, which is a defect.
    mutating func unite(
        _ view: JSONView,
        anotherId: (FoldedPerson) -> [UInt8]
    ) throws(JSONError) -> SnapshotMerge {
        var merge = SnapshotMerge()
        var edits = PayloadEdits()
        let base = tape.view(of: frame.start)
        uniteMembers(base, base.root, view, view.root, "", &edits, &merge)
        let own = Self.conversationNodes(base)
        for (index, node) in Self.conversationNodes(view).enumerated() {
            guard let place = Self.place(of: node, index, view, in: own, base) else {
                add(view, node, to: base, &edits, &merge)
                continue
            }
            let path = "request.scope.conversations[\(place)]"
            uniteMembers(base, own[place], view, node, path, &edits, &merge)
            let renamed = conversations[place].mergePeople(view, node, path, anotherId: anotherId, &merge)
            conversations[place].mergeLines(view, node, renamed: renamed, &merge)
        }
        uniteEvents(view, &merge)
        for value in merge.values { keep(value.path, value.json) }
        guard !merge.given.isEmpty else { return merge }
        var written = OutputBuffer(capacity: frame.count + 1024)
        edits.write(base, base.root, to: &written)
        frame = PaddedBytes(written.bytes)
        try tape.scan(frame.start, count: frame.count)
        return merge
    }

    /// Keeps a value that is not the frame's, unless it is kept already.
    mutating func keep(_ path: String, _ json: [UInt8]) {
        guard keptPaths[path, default: []].insert(json).inserted else { return }
        kept.append((path, json))
    }

    /// The conversation with the same id, else the one at the same place if one of the two has no id.
    private static func place(of node: Int, _ index: Int, _ view: JSONView, in own: [Int], _ base: JSONView) -> Int? {
        let id = Self.id(of: node, view)
        if let id, let same = own.firstIndex(where: { Self.id(of: $0, base) == id }) { return same }
        guard own.indices.contains(index), id == nil || Self.id(of: own[index], base) == nil else { return nil }
        return index
    }

    /// A conversation's id; a blank one is none.
    private static func id(of node: Int, _ view: JSONView) -> [UInt8]? {
        guard let id = view.member(node, "conversationId"), view.kind(id) != .string || !view.text(id).isBlank else {
            return nil
        }
        return view.json(id)
    }

    /// Adds a conversation that no later snapshot has.
    private mutating func add(
        _ view: JSONView,
        _ node: Int,
        to base: JSONView,
        _ edits: inout PayloadEdits,
        _ merge: inout SnapshotMerge
    ) {
        guard let list = base.value(base.root, at: "request", "scope", "conversations") else { return }
        edits.append(list, view.json(node))
        merge.given.append("request.scope.conversations[\(conversations.count)]")
        let added = FoldedConversation(view, node)
        conversations.append(added)
        merge.newPeople += added.people.count
        merge.newMessages += added.lines.map { _ in true }
        merge.missing += added.lines.count
    }

    private mutating func uniteEvents(_ view: JSONView, _ merge: inout SnapshotMerge) {
        let others = Self.eventNodes(view).map { view.json($0) }
        let alignment = SequenceAlignment(others, in: events)
        merge.newEvents = alignment.places.map { $0 == nil }
        events = alignment.union(events) { others[$0] }
    }

    // MARK: The frame

    /// Unites two objects: what only the earlier one has is added, what differs is kept.
    private func uniteMembers(
        _ base: JSONView,
        _ own: Int,
        _ view: JSONView,
        _ other: Int,
        _ path: String,
        _ edits: inout PayloadEdits,
        _ merge: inout SnapshotMerge
    ) {
        // Objects of one kind have their members in one order: the next one is the best guess.
        var guess = own + 1
        view.forEachMember(other) { key, value in
            let name = view.text(key)
            let inner = path.isEmpty ? name.string : "\(path).\(name.string)"
            guard !Self.isApart(inner, name) else { return }
            guard let place = Self.member(base, own, name, &guess) else {
                edits.add(own, name.string, view.json(value))
                merge.given.append(Self.isKeptValue(path) ? name.string : inner)
                return
            }
            if Self.isKeptValue(path) {
                // Already a path in itself; what lies below it is one value.
                if !Self.isSame(base, place, view, value) { merge.keep(name.string, view.json(value)) }
            } else {
                uniteValues(base, place, view, value, inner, &edits, &merge)
            }
        }
    }

    private func uniteValues(
        _ base: JSONView,
        _ own: Int,
        _ view: JSONView,
        _ other: Int,
        _ path: String,
        _ edits: inout PayloadEdits,
        _ merge: inout SnapshotMerge
    ) {
        switch (base.kind(own), view.kind(other)) {
        case (.object, .object):
            uniteMembers(base, own, view, other, path, &edits, &merge)
        case (.array, .array):
            guard !Self.isSame(base, own, view, other) else { return }
            var known: Set<[UInt8]> = []
            base.forEachElement(own) { known.insert(base.json($0)) }
            view.forEachElement(other) {
                let json = view.json($0)
                if !known.contains(json) { merge.keep(path, json) }
            }
        default:
            if !Self.isSame(base, own, view, other) { merge.keep(path, view.json(other)) }
        }
    }

    /// What is no part of the frame, or an id of the one request.
    private static func isApart(_ path: String, _ name: TextSlice) -> Bool {
        switch path {
        case "request.requestId", "request.scope.conversations", "request.scope.interactions": true
        default:
            path.hasPrefix("request.scope.conversations[") && path.hasSuffix("].\(name.string)")
                && (name.equals("participants") || name.equals("messages"))
        }
    }

    /// Whether an object holds values under their paths of the source.
    private static func isKeptValue(_ path: String) -> Bool {
        path.hasSuffix("].metadata.legacy") || path.hasSuffix("].metadata.source")
    }

    private static func isSame(_ base: JSONView, _ own: Int, _ view: JSONView, _ other: Int) -> Bool {
        base.kind(own) == view.kind(other) && base.bytes(own).elementsEqual(view.bytes(other))
    }

    private static func member(_ view: JSONView, _ object: Int, _ name: TextSlice, _ guess: inout Int) -> Int? {
        let end = view.next(object)
        var key = guess < end ? guess : object + 1
        let first = key
        guard key < end else { return nil }
        repeat {
            let after = view.next(key + 1)
            if view.text(key).equals(name) {
                guess = after
                return key + 1
            }
            key = after < end ? after : object + 1
        } while key != first
        return nil
    }

    // MARK: Writing

    /// Puts the messages in their final order.
    mutating func finish() {
        for index in conversations.indices {
            conversations[index].sortLines()
            for (place, line) in conversations[index].lines.enumerated() {
                for extra in line.otherExtras {
                    let name = String(decoding: extra.name, as: UTF8.self)
                    keep("request.scope.conversations[\(index)].messages[\(place)].\(name)", extra.json)
                }
            }
        }
    }

    /// Writes the payload in canonical JSON.
    ///
    /// - Parameters:
    ///   - requestId: The id of the request.
    ///   - out: Where to.
    func write(requestId: String, to out: inout OutputBuffer) {
        let view = tape.view(of: frame.start)
        guard let request = view.member(view.root, "request") else { return }
        var edits = PayloadEdits()
        edits.set(view, request, "requestId", FoldedLine.quoted(Array(requestId.utf8)))
        let nodes = Self.conversationNodes(view)
        for (conversation, node) in zip(conversations, nodes) {
            edits.set(view, node, "participants", Self.array(conversation.people) { $0.write(to: &$1) })
            edits.set(view, node, "messages", Self.array(conversation.lines) { $1.append($0.json) })
        }
        if !events.isEmpty {
            edits.set(view, request, "scope", "interactions", Self.array(events) { $1.append($0) })
        }
        if let first = nodes.first { addKept(view, first, &edits) }
        edits.write(view, view.root, to: &out)
    }

    private static func array<Element>(
        _ elements: [Element],
        _ write: (Element, inout OutputBuffer) -> Void
    ) -> [UInt8] {
        var out = OutputBuffer(capacity: 1024)
        out.append("[")
        for element in elements {
            write(element, &out)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("]")
        return out.array
    }

    /// Adds the other values to the metadata: each under its path, with a number where that is taken.
    private func addKept(_ view: JSONView, _ conversation: Int, _ edits: inout PayloadEdits) {
        guard !kept.isEmpty else { return }
        var names: Set<String> = []
        let legacy = view.value(conversation, at: "metadata", "legacy").flatMap { view.kind($0) == .object ? $0 : nil }
        if let legacy { view.forEachMember(legacy) { key, _ in names.insert(view.text(key).string) } }
        var members = OutputBuffer(capacity: 1024)
        var counts: [String: Int] = [:]
        for value in kept {
            var number = counts[value.path] ?? 1
            while !names.insert(number == 1 ? value.path : "\(value.path)#\(number)").inserted { number += 1 }
            counts[value.path] = number + 1
            let name = number == 1 ? value.path : "\(value.path)#\(number)"
            if let legacy {
                edits.add(legacy, name, value.json)
                continue
            }
            members.append(members.count == 0 ? "{" : ",")
            members.append(quoted: name)
            members.append(":")
            members.append(value.json)
        }
        guard legacy == nil else { return }
        members.append("}")
        edits.set(view, conversation, "metadata", "legacy", members.array)
    }
}
