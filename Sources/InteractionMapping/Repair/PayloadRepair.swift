// What is known about a v3.2 payload while it is being repaired.

internal import InteractionModel

/// A payload, the changes to it, and its conversations as they were understood.
struct PayloadRepair {
    /// One conversation: who speaks, and what was said.
    struct Conversation {
        var node: Int
        var index: Int
        var people: [Person] = []
        /// The position in ``people`` of whoever has an id, by its bytes.
        var positions: [[UInt8]: Int] = [:]
        var entries: [TranscriptEntry] = []
        /// The message nodes of ``entries``, by the entry's number.
        var messages: [Int] = []
        /// Whether nobody but the system speaks, so that no conversation remains.
        var isDropped = false

        /// Adds somebody who was not known before.
        mutating func add(_ person: Person) {
            if let key = person.participant.key { positions[key.unescaped()] = people.count }
            people.append(person)
        }

        /// Who has an id, or the one person without any.
        func position(of id: TextSlice?) -> Int? {
            guard let id else { return people.firstIndex { $0.node < 0 && $0.participant.key == nil } }
            return positions[id.unescaped()]
        }
    }

    /// A participant, and where the source declares it.
    struct Person {
        var participant: Speaker
        /// The participant's node, or -1 for one that only messages mention.
        var node: Int
    }

    let view: JSONView
    let payload: Int
    let request: Int
    var edits = PayloadEdits()
    /// Nodes whose leaves have been counted.
    var counted: Set<Int> = []
    var conversations: [Conversation] = []

    init(view: JSONView, payload: Int) {
        self.view = view
        self.payload = payload
        request = view.member(payload, "request") ?? payload
    }

    /// The nodes that are rebuilt from what was understood, whatever was wrong with them.
    func rebuiltRanges() -> [Range<Int>] {
        // A number is a readable id; other values that are no text are kept like any misfit.
        let ids = [
            view.value(request, at: "connections", "threadId"), view.value(request, at: "context", "organizationId"),
            view.member(request, "requestId"),
        ]
        var ranges = ids.compactMap { $0 }.filter { view.kind($0) == .number }.map { $0..<$0 + 1 }
        guard let list = view.value(request, at: "scope", "conversations"), view.kind(list) == .array else {
            return ranges
        }
        ranges.append(list..<list + 1)
        view.forEachElement(list) { conversation in
            guard view.kind(conversation) == .object else {
                ranges.append(conversation..<view.next(conversation))
                return
            }
            for key in ["participants", "messages"] as [StaticString] {
                if let node = view.member(conversation, key) { ranges.append(node..<view.next(node)) }
            }
        }
        return ranges
    }

    /// Whether a node is the time of an event, which is read like any other time.
    func isInteractionTime(_ node: Int) -> Bool {
        guard view.kind(node) == .number, let list = view.value(request, at: "scope", "interactions"),
            view.kind(list) == .array, node > list, node < view.next(list)
        else { return false }
        var isTime = false
        view.forEachElement(list) { item in
            if view.member(item, "timestamp") == node { isTime = true }
        }
        return isTime
    }
}
