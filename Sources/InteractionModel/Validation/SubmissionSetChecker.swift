// What only all messages together can show: requests that repeat, and conversations whose parts are incomplete.

/// Looks at the valid messages of a run one after another, and keeps 16 bytes of most of them.
package struct SubmissionSetChecker {
    private var requests: Set<UInt128> = []
    private var partSets: [PartSet] = []
    private var positions: [PartSet.Key: Int] = [:]

    /// Starts with no messages.
    package init() {}

    /// Takes note of a message.
    ///
    /// - Parameters:
    ///   - view: The parsed text.
    ///   - root: The message's node; it must be valid.
    ///   - form: What the message is.
    ///   - place: The place in the source of a byte of the text.
    ///   - emit: Receives a finding for a requestId that an earlier message has, and for a part that cannot be.
    /// - Complexity: One step a conversation.
    package mutating func add(
        _ view: JSONView,
        root: Int,
        form: InteractionValidator.Form,
        place: (_ offset: Int) -> Finding.Place,
        emit: (Finding) -> Void
    ) {
        guard let payload = form == .payload ? root : view.member(root, "payload"),
            let request = view.member(payload, "request"),
            let requestID = Self.digest(view, request, "requestId")
        else { return }
        if !requests.insert(requestID.digest).inserted {
            var path = TapePath(view, root: root)
            emit(
                Finding(
                    .requestRepeated,
                    .warning,
                    stage: .check,
                    place: place(view.offset(requestID.node)),
                    path: path.path(of: requestID.node),
                    message: "an earlier message has the same requestId",
                    remedy: "send one of them only, unless they are the same"
                )
            )
        }
        guard let conversations = view.value(request, at: "scope", "conversations"),
            view.kind(conversations) == .array
        else { return }
        let connections = view.member(request, "connections") ?? request
        let part = PartSet.Part(
            requestID: requestID.digest,
            parentID: Self.digest(view, connections, "parentId")?.digest
        )
        let thread = Self.digest(view, connections, "threadId")?.digest ?? 0
        view.forEachElement(conversations) { conversation in
            guard let node = view.value(conversation, at: "metadata", "part"),
                let index = view.member(node, "index"), let count = view.member(node, "of"),
                let first = Self.digest(view, node, "requestId")
            else { return }
            let key = PartSet.Key(thread: thread, firstRequest: first.digest)
            let position = positions[key] ?? partSets.count
            if position == partSets.count {
                var path = TapePath(view, root: root)
                let known = PartSet(key: key, place: place(view.offset(node)), path: path.path(of: node))
                partSets.append(known)
                positions[key] = position
            }
            partSets[position].add(part, index: Self.number(view, index), of: Self.number(view, count))
        }
    }

    /// Reports the conversations whose parts are incomplete, in the order in which they first appeared.
    ///
    /// - Parameter emit: Receives a finding for each, placed where the first of its parts was seen.
    package func finish(emit: (Finding) -> Void) {
        for parts in partSets {
            guard let fault = parts.fault else { continue }
            emit(
                Finding(
                    .partsIncomplete,
                    .error,
                    stage: .check,
                    place: parts.place,
                    path: parts.path,
                    message: fault,
                    remedy: "submit all parts of the conversation together"
                )
            )
        }
    }

    private static func number(_ view: JSONView, _ node: Int) -> Int? {
        guard view.kind(node) == .number else { return nil }
        return Int(String(decoding: view.bytes(node), as: UTF8.self))
    }

    /// The FNV-1a hash of a member that is a text: 128 bits are enough never to confuse two ids by accident.
    private static func digest(_ view: JSONView, _ object: Int, _ key: StaticString) -> (digest: UInt128, node: Int)? {
        guard let node = view.member(object, key), view.kind(node) == .string else { return nil }
        let text = view.text(node)
        return (text.form == .plain ? digest(text.bytes) : digest(text.unescaped()), node)
    }

    private static func digest(_ bytes: some Sequence<UInt8>) -> UInt128 {
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in bytes { hash = (hash ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
        return hash
    }
}

/// The parts of one conversation that was too large for one message.
private struct PartSet {
    /// What all parts have in common.
    struct Key: Hashable {
        var thread: UInt128
        /// The requestId of part 1, which every part names.
        var firstRequest: UInt128
    }

    struct Part: Equatable {
        var requestID: UInt128
        var parentID: UInt128?
    }

    let place: Finding.Place
    let path: String
    private let key: Key
    /// How many parts there are, as they say themselves.
    private var count: Int?
    private var parts: [Int: Part] = [:]
    private var contradiction: String?

    init(key: Key, place: Finding.Place, path: String) {
        self.key = key
        self.place = place
        self.path = path
    }

    mutating func add(_ part: Part, index: Int?, of count: Int?) {
        guard let index, let count, index >= 1, index <= count else {
            contradiction = contradiction ?? "index and of are not the numbers of a part"
            return
        }
        if count != self.count ?? count { contradiction = contradiction ?? "parts disagree on how many there are" }
        self.count = count
        let known = parts.updateValue(part, forKey: index) ?? part
        if known != part { contradiction = contradiction ?? "two messages are part \(index)" }
    }

    /// What is wrong, or nil.
    var fault: String? {
        if let contradiction { return contradiction }
        guard let count else { return nil }
        if parts.count < count {
            let missing = (1...count).first { parts[$0] == nil } ?? count
            let others = count - parts.count - 1
            return "part \(missing) of \(count)\(others > 0 ? " and \(others) more are" : " is") missing"
        }
        if parts[1]?.requestID != key.firstRequest { return "the parts do not name the requestId of part 1" }
        for index in 1..<count where parts[index + 1]?.parentID != parts[index]?.requestID {
            return "the parentId of part \(index + 1) is not the requestId of part \(index)"
        }
        return nil
    }
}
