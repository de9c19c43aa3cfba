// What an Interaction must comply with beyond its schema: ids, references, times and their order.

/// Something wrong with an Interaction that no schema says.
enum InteractionProblem: Sendable {
    case requestIDBlank
    case threadIDBlank
    case organizationIDBlank
    case participantRepeated
    case participantUnknown
    case participantUnreferenced
    case timestampInvalid
    case messagesOutOfOrder

    /// Whether the Interaction is still valid.
    var isNote: Bool { self == .participantUnreferenced }
}

/// Who is told about problems; chosen at compile time, as for ``SchemaFaultSink``.
protocol InteractionProblemSink {
    /// Whether the first problem is enough, and notes are of no interest.
    static var stopsAtFirst: Bool { get }

    /// Receives a problem of the value at a node.
    mutating func add(_ problem: InteractionProblem, at node: Int)
}

/// Only the verdict matters.
struct InteractionVerdict: InteractionProblemSink {
    static var stopsAtFirst: Bool { true }

    mutating func add(_ problem: InteractionProblem, at node: Int) {}
}

/// Keeps all problems.
struct InteractionProblemList: InteractionProblemSink {
    static var stopsAtFirst: Bool { false }

    private(set) var problems: [(problem: InteractionProblem, node: Int)] = []

    mutating func add(_ problem: InteractionProblem, at node: Int) {
        problems.append((problem, node))
    }
}

/// One check of one payload; values that the schema turns down are passed over.
struct InteractionRules<Sink: InteractionProblemSink> {
    private let view: JSONView
    private(set) var sink: Sink
    private var isValid = true

    /// Starts a check.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - sink: Who is told.
    init(_ view: JSONView, _ sink: Sink) {
        self.view = view
        self.sink = sink
    }

    /// Whether there is no need to look further.
    private var isDone: Bool { Sink.stopsAtFirst && !isValid }

    /// Checks a payload.
    ///
    /// - Parameter payload: The payload's node.
    /// - Returns: Whether it complies; notes do not count.
    /// - Complexity: One step a message and participant.
    mutating func check(payload: Int) -> Bool {
        guard let request = view.member(payload, "request") else { return isValid }
        if let id = text(request, "requestId"), view.text(id).isBlank { report(.requestIDBlank, at: id) }
        // Empty ones are violations of the schema.
        if let connections = view.member(request, "connections"), let id = text(connections, "threadId"),
            !view.text(id).isEmpty, view.text(id).isBlank
        {
            report(.threadIDBlank, at: id)
        }
        if let context = view.member(request, "context"), let id = text(context, "organizationId"),
            !view.text(id).isEmpty, view.text(id).isBlank
        {
            report(.organizationIDBlank, at: id)
        }
        guard !isDone, let scope = view.member(request, "scope") else { return isValid }
        forEach(scope, "conversations") { rules, conversation in rules.check(conversation: conversation) }
        forEach(scope, "interactions") { rules, interaction in _ = rules.instant(interaction) }
        return isValid
    }

    private mutating func check(conversation: Int) {
        let participants = array(conversation, "participants")
        let capacity = participants.map { view.elementCount($0) } ?? 0
        ParticipantIndex.withIndex(view, capacity: capacity) { index in
            forEach(conversation, "participants") { rules, participant in
                guard let id = rules.text(participant, "participantId"), !index.insert(id) else { return }
                rules.report(.participantRepeated, at: id)
            }
            forEach(conversation, "messages") { rules, message in
                guard participants != nil, let id = rules.text(message, "participantId"),
                    !index.refer(to: rules.view.text(id))
                else { return }
                rules.report(.participantUnknown, at: id)
            }
            checkTimes(conversation)
            if Sink.stopsAtFirst { return }
            for id in index.unreferenced { report(.participantUnreferenced, at: id) }
        }
    }

    /// Checks that times are times, and in order if every message has one.
    private mutating func checkTimes(_ conversation: Int) {
        var latest: Instant?
        var isComplete = true
        var outOfOrder: Int?
        forEach(conversation, "messages") { rules, message in
            guard let (instant, node) = rules.instant(message) else {
                isComplete = false
                return
            }
            if let latest, instant < latest, outOfOrder == nil { outOfOrder = node }
            latest = instant
        }
        if isComplete, let outOfOrder { report(.messagesOutOfOrder, at: outOfOrder) }
    }

    /// The time of a message or a scope interaction; reports one that is none.
    private mutating func instant(_ object: Int) -> (Instant, node: Int)? {
        guard let node = text(object, "timestamp") else { return nil }
        let text = view.text(node)
        let instant =
            text.form == .plain
            ? Instant.rfc3339(text.bytes) : text.unescaped().withUnsafeBytes { Instant.rfc3339($0) }
        guard let instant else {
            report(.timestampInvalid, at: node)
            return nil
        }
        return (instant, node)
    }

    private mutating func report(_ problem: InteractionProblem, at node: Int) {
        if !problem.isNote { isValid = false }
        sink.add(problem, at: node)
    }

    /// A member that is a text, or nil.
    private func text(_ object: Int, _ key: StaticString) -> Int? {
        guard let node = view.member(object, key), view.kind(node) == .string else { return nil }
        return node
    }

    /// A member that is an array, or nil.
    private func array(_ object: Int, _ key: StaticString) -> Int? {
        guard let node = view.member(object, key), view.kind(node) == .array else { return nil }
        return node
    }

    /// Calls `body` with each element of a member, until a verdict is reached.
    private mutating func forEach(
        _ object: Int,
        _ key: StaticString,
        _ body: (inout InteractionRules, Int) -> Void
    ) {
        guard let array = array(object, key) else { return }
        let end = view.next(array)
        var element = array + 1
        while element < end, !isDone {
            body(&self, element)
            element = view.next(element)
        }
    }
}
