// What stands in the Interactions of one record, where the mapping's rules say that values go.

internal import InteractionMapping
internal import InteractionModel

/// The values at the targets of a mapping.
struct TargetValues {
    /// A value of an Interaction.
    struct Value {
        fileprivate let json: [UInt8]
        fileprivate let pattern: String

        /// Whether it is the same text, number or word.
        func isSame(_ view: JSONView, _ node: Int) -> Bool {
            var out = OutputBuffer(capacity: 64)
            out.append(value: view, node)
            return out.array == json
        }

        /// The value as it may be shown.
        func json(_ writer: inout DiscreetWriter) -> String {
            let padded = PaddedBytes(json)
            var tape = JSONTape()
            guard (try? tape.scan(padded.start, count: padded.count)) != nil else { return "null" }
            return writer.json(tape.view(of: padded.start), 0, at: pattern)
        }
    }

    private static let conversation = "request.scope.conversations[]."
    /// Values outside conversations, by path.
    private var single: [String: [UInt8]] = [:]
    /// The members of each message, and of who says it.
    private var messages: [(said: [String: [UInt8]], author: [String: [UInt8]])] = []
    /// What was not said by anybody.
    private var events: Set<[UInt8]> = []
    /// Whether positions of messages say nothing, since one was cut or they are those of several records.
    private let isMixed: Bool

    /// Reads the Interactions of one record.
    ///
    /// - Parameters:
    ///   - interactions: Their bytes.
    ///   - tellsMessages: Whether their messages are those of the record.
    init(_ interactions: [[UInt8]], tellsMessages: Bool) {
        isMixed = interactions.count > 1 || !tellsMessages
        var tape = JSONTape()
        for interaction in interactions {
            let padded = PaddedBytes(interaction)
            guard (try? tape.scan(padded.start, count: padded.count)) != nil else { continue }
            let view = tape.view(of: padded.start)
            let payload = InteractionIdentity.payload(view)
            if payload != view.root, let headers = view.member(view.root, "headers") {
                collect(view, headers, "headers")
            }
            collect(view, payload, "")
            readMessages(view, payload)
            readEvents(view, payload)
        }
    }

    /// The path without positions, from the payload, that a rule's target stands for.
    static func pattern(_ fate: FieldFate, from path: SourcePath) -> String {
        let target = fate.note
        // What is an Interaction already has its values where they were.
        if target == "unchanged" { return inPayload(path.pattern) }
        let isInConversation = target.hasPrefix("messages[]") || target.hasPrefix("participants[]")
        return isInConversation ? conversation + target : target
    }

    private static func inPayload(_ path: String) -> String {
        path.hasPrefix("payload.") ? String(path.dropFirst("payload.".count)) : path
    }

    /// The value at a rule's target.
    ///
    /// - Parameters:
    ///   - fate: Where a value went.
    ///   - path: Where it was.
    /// - Returns: Nil if there is no value of its own, or if it cannot be told which it is.
    func value(of fate: FieldFate, from path: SourcePath) -> Value? {
        let pattern = Self.pattern(fate, from: path)
        if let json = single[pattern] { return Value(json: json, pattern: pattern) }
        // Entries and messages are one to one unless some were cut, dropped or moved.
        guard !isMixed, let entry = path.entry, entry.count == messages.count,
            let name = fate.note.split(separator: ".").last.map(String.init)
        else { return nil }
        let message = messages[entry.position]
        let members = fate.note.hasPrefix("messages[]") ? message.said : message.author
        return members[name].map { Value(json: $0, pattern: pattern) }
    }

    /// Which of several fates a text has that is either in a message or in an event.
    func narrowed(_ fates: [FieldFate], _ view: JSONView, _ node: Int) -> [FieldFate] {
        let text = Self.json(view, node)
        let isSaid = messages.contains { $0.said["content"] == text }
        guard isSaid != events.contains(text) else { return fates }
        let found = fates.filter { $0.note == (isSaid ? "messages[].content" : "request.scope.interactions") }
        return found.isEmpty ? fates : found
    }

    private mutating func collect(_ view: JSONView, _ node: Int, _ path: String) {
        guard view.kind(node) == .object else {
            // Of an array it depends on the rule which element a value became.
            if view.kind(node) != .array, single[path] == nil { single[path] = Self.json(view, node) }
            return
        }
        view.forEachMember(node) { key, value in collect(view, value, PathText.pattern(path, view.text(key))) }
    }

    private mutating func readMessages(_ view: JSONView, _ payload: Int) {
        guard let list = view.value(payload, at: "request", "scope", "conversations"), view.kind(list) == .array,
            view.next(list) > list + 1
        else { return }
        let conversation = list + 1
        var people: [[UInt8]: [String: [UInt8]]] = [:]
        if let participants = view.member(conversation, "participants"), view.kind(participants) == .array {
            view.forEachElement(participants) { person in
                let members = Self.members(view, person)
                if let id = members["participantId"] { people[id] = members }
            }
        }
        guard let said = view.member(conversation, "messages"), view.kind(said) == .array else { return }
        view.forEachElement(said) { message in
            let members = Self.members(view, message)
            messages.append((members, members["participantId"].flatMap { people[$0] } ?? [:]))
        }
    }

    private mutating func readEvents(_ view: JSONView, _ payload: Int) {
        guard let list = view.value(payload, at: "request", "scope", "interactions"), view.kind(list) == .array else {
            return
        }
        view.forEachElement(list) { event in
            if let content = view.member(event, "content") { events.insert(Self.json(view, content)) }
        }
    }

    private static func members(_ view: JSONView, _ object: Int) -> [String: [UInt8]] {
        guard view.kind(object) == .object else { return [:] }
        var members: [String: [UInt8]] = [:]
        view.forEachMember(object) { key, value in members[view.text(key).string] = json(view, value) }
        return members
    }

    private static func json(_ view: JSONView, _ node: Int) -> [UInt8] {
        var out = OutputBuffer(capacity: 64)
        out.append(value: view, node)
        return out.array
    }
}
