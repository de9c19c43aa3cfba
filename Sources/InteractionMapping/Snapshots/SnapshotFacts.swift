// What folding asks about a record while it is mapped.

internal import InteractionModel

/// Why a record is mapped, and what it turned out to be as a snapshot of its thread.
struct SnapshotFacts {
    /// What is to become of the record's payload.
    enum Purpose {
        /// It goes out.
        case conversion
        /// Nothing: only its thread is wanted.
        case finding
        /// It waits for the other snapshots of its thread.
        case gathering
    }

    var purpose = Purpose.conversion
    /// Whether the record is the only one of its thread when all were looked at.
    var isAlone = false
    /// Whether another snapshot has shown that ids of entries number messages.
    var idsNumberMessages = false

    // The record at hand.
    var organization: [UInt8] = []
    /// Whether the request has an id of its own.
    var hasOwnRequest = true
    /// Whether ids of its entries were found to number messages.
    var hasNumbers = false
    /// Whether it is a part of a larger payload, which no other record repeats.
    var isPart = false
    /// The shapes of the messages, and of what the system says in the transcript, in the order of the payload.
    var messages: [Int32] = []
    var events: [Int32] = []
    /// What its fields were counted as, by ledger entry.
    var fields: [(entry: Int, count: Int)] = []

    mutating func begin() {
        guard purpose != .conversion else { return }
        organization = []
        hasOwnRequest = true
        hasNumbers = false
        isPart = false
        messages = []
        events = []
        fields = []
    }
}

/// The paths of the values that an entry of a transcript has, which most entries share.
struct EntryShapes {
    private(set) var paths: [[FieldLedger.Path]] = []
    private var numbers: [[FieldLedger.Path]: Int32] = [:]

    /// The number of a shape.
    mutating func number(of shape: [FieldLedger.Path]) -> Int32 {
        if let known = numbers[shape] { return known }
        numbers[shape] = Int32(paths.count)
        paths.append(shape)
        return Int32(paths.count - 1)
    }
}

extension RecordMapper {
    /// Notes to whom the record belongs.
    mutating func noteSnapshot(_ view: JSONView, _ organization: TextSlice) {
        guard snapshot.purpose != .conversion else { return }
        snapshot.organization = organization.unescaped()
        guard let payload = view.member(view.root, "payload") ?? Optional(view.root),
            let list = view.value(payload, at: "request", "scope", "conversations"), view.kind(list) == .array
        else { return }
        view.forEachElement(list) { conversation in
            if view.value(conversation, at: "metadata", "part") != nil { snapshot.isPart = true }
        }
    }

    /// Notes the shapes of a flat transcript's entries.
    mutating func noteSpoken(_ view: JSONView, inTranscript array: Int) {
        guard snapshot.purpose == .gathering else { return }
        var nodes: [Int] = []
        view.forEachElement(array) { nodes.append($0) }
        let path = ledger.elements(conversationPath)
        for entry in entries {
            let shape = shape(of: nodes[entry.index], view, path)
            if entry.role == .system { snapshot.events.append(shape) } else { snapshot.messages.append(shape) }
        }
    }

    /// Notes the shapes of the messages of conversations that had to be repaired.
    mutating func noteSpoken(_ repair: PayloadRepair) {
        guard snapshot.purpose == .gathering else { return }
        let root = roots[outcome.generation ?? .v32] ?? unrecognized
        for conversation in repair.conversations {
            guard let first = conversation.messages.first else { continue }
            let path = ledger.path(to: first, repair.view, from: root)
            for entry in conversation.entries {
                let shape = shape(of: conversation.messages[entry.index], repair.view, path)
                if entry.role == .system { snapshot.events.append(shape) } else { snapshot.messages.append(shape) }
            }
        }
    }

    /// Notes the shapes of the messages of conversations that go out as they came.
    mutating func noteSpoken(_ view: JSONView, inConversations list: Int) {
        guard snapshot.purpose == .gathering else { return }
        let root = roots[outcome.generation ?? .v32] ?? unrecognized
        view.forEachElement(list) { conversation in
            guard let messages = view.member(conversation, "messages"), !view.isEmpty(messages) else { return }
            let path = ledger.path(to: messages + 1, view, from: root)
            view.forEachElement(messages) { snapshot.messages.append(shape(of: $0, view, path)) }
        }
    }

    private mutating func shape(of node: Int, _ view: JSONView, _ path: FieldLedger.Path) -> Int32 {
        var leaves: [FieldLedger.Path] = []
        ledger.collectLeaves(path, view, node, into: &leaves)
        return shapes.number(of: leaves)
    }
}
