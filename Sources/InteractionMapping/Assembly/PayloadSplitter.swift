// Cuts a payload that is too large for one message into parts that are not.

internal import InteractionModel

/// Ids of parts, derived so that every run and machine names them alike.
enum PartIdentity {
    /// The id of a request that brings none, or of a later part of one.
    ///
    /// - Parameters:
    ///   - thread: The thread's id.
    ///   - content: The digest of the canonical content.
    ///   - part: The part's number, from 1.
    ///   - name: Memory for the name that the id is derived from; its content is lost.
    /// - Returns: A UUIDv5.
    static func requestId(
        thread: TextSlice,
        content: ContentDigest,
        part: Int,
        _ name: inout OutputBuffer
    ) -> UUIDValue {
        name.removeAll()
        name.append("request\n")
        if thread.form == .plain { name.append(thread.bytes) } else { name.append(thread.unescaped()) }
        name.append("\n")
        content.withBytes { name.append(hexadecimal: $0) }
        name.append("\n")
        name.append(number: part)
        name.append("\n")
        return .v5(namespace: .interactionMigrate, name: name.bytes)
    }
}

/// Plans and writes the parts of one payload.
///
/// Every part repeats the frame (session, context, connections, settings, reference). Messages, events, items of the
/// scope and of the resources, and entries of the metadata are in exactly one part each, in order, so that putting
/// the parts together again gives the payload. Every part has at least one message, as the schema demands.
struct PayloadSplitter {
    /// A message, or a piece of one, in a part.
    struct MessagePiece {
        var conversation: Int
        var message: Int
        /// The piece of the content, as offsets into its canonical text; nil for a whole message.
        var cut: Range<Int>?
        /// Whether it begins its conversation, and so has the participants who say nothing with it.
        var isFirst = false
    }

    struct Part {
        var items: Range<Int>
        var messages: [MessagePiece] = []
        var continues = false
    }

    /// Something that is no message and goes into one part.
    struct Item {
        /// The object of the request that holds it, such as `scope`, and the array's or member's key node.
        var group: Group
        var key: Int
        var node: Int
        var conversation = 0
    }

    enum Group {
        case scope
        case resources
        case legacy
    }

    let view: JSONView
    let limit: Int
    let request: Int
    let scope: Int
    let conversations: [Int]
    /// What holds the values that the schema has no place for: `legacy`, or `source` for other systems' exports.
    let keptName: StaticString
    private(set) var items: [Item] = []
    private(set) var parts: [Part] = []

    /// Makes a splitter for one payload.
    ///
    /// - Parameters:
    ///   - view: The canonical payload, parsed.
    ///   - limit: Bytes that a part may have.
    init?(_ view: JSONView, limit: Int) {
        guard let request = view.member(view.root, "request"), let scope = view.member(request, "scope"),
            let list = view.member(scope, "conversations"), view.kind(list) == .array
        else { return nil }
        self.view = view
        self.limit = limit
        self.request = request
        self.scope = scope
        var conversations: [Int] = []
        view.forEachElement(list) { conversations.append($0) }
        self.conversations = conversations
        // A legacy payload's own metadata may have a member of this name too.
        let isSource = conversations.contains { conversation in
            view.value(conversation, at: "metadata", "source").map { view.kind($0) == .object } ?? false
        }
        let isLegacy = conversations.contains { view.value($0, at: "metadata", "legacy") != nil }
        keptName = isSource && !isLegacy ? "source" : "legacy"
        collectItems()
    }

    private mutating func collectItems() {
        var found: [Item] = []
        view.forEachMember(scope) { key, array in
            guard view.kind(array) == .array, !view.text(key).equals("conversations") else { return }
            view.forEachElement(array) { found.append(Item(group: .scope, key: key, node: $0)) }
        }
        if let resources = view.member(request, "resources"), view.kind(resources) == .object {
            view.forEachMember(resources) { key, array in
                guard view.kind(array) == .array else { return }
                view.forEachElement(array) { found.append(Item(group: .resources, key: key, node: $0)) }
            }
        }
        for (index, conversation) in conversations.enumerated() {
            guard let legacy = view.value(conversation, at: "metadata", keptName), view.kind(legacy) == .object else {
                continue
            }
            view.forEachMember(legacy) { key, value in
                found.append(Item(group: .legacy, key: key, node: value, conversation: index))
            }
        }
        items = found
    }

    /// The parts' payloads, or nil if something that cannot be cut is too large.
    ///
    /// - Parameters:
    ///   - thread: The thread's id.
    ///   - requestId: The id of the request, which the first part keeps.
    /// - Returns: Each part's request id and canonical payload.
    mutating func parts(thread: TextSlice, requestId: String) -> [(requestId: String, payload: [UInt8])]? {
        guard plan(requestId: requestId) else { return nil }
        var digest = ContentDigest()
        digest.update(view.bytes(view.root))
        var name = OutputBuffer(capacity: 256)
        var result: [(requestId: String, payload: [UInt8])] = []
        for (index, part) in parts.enumerated() {
            let own =
                index == 0
                ? requestId
                : PartIdentity.requestId(thread: thread, content: digest, part: index + 1, &name).description
            var out = OutputBuffer(capacity: limit)
            write(part, index, own, first: requestId, previous: result.last?.requestId, to: &out)
            guard out.count <= limit else { return nil }
            result.append((own, out.array))
        }
        return result
    }

    // MARK: Planning

    private mutating func plan(requestId: String) -> Bool {
        let budget = limit - frameSize(requestId)
        guard budget > 256 else { return false }

        var nextItem = 0
        var nextMessage = messagePieces()[...]
        while let first = nextMessage.first {
            var part = Part(items: nextItem..<nextItem)
            var left = budget
            // Leave room for the next message and who says it, or for a decent piece of it.
            let speaker = speakerSize(first, []).size
            var reserve = min(size(first) + speaker, budget / 2)
            if nextMessage.count == 1, nextItem < items.count, size(items[nextItem]) > budget - reserve {
                // No smaller message will come to go with this item: an empty piece of the last one has to.
                reserve = size(beginning(of: first)) + speaker
            }
            while nextItem < items.count, size(items[nextItem]) <= left - reserve {
                left -= size(items[nextItem])
                nextItem += 1
            }
            part.items = part.items.lowerBound..<nextItem
            guard fill(&part, &nextMessage, left, hasMoreItems: nextItem < items.count) else { return false }
            parts.append(part)
        }
        return nextItem == items.count && !parts.isEmpty
    }

    /// Puts messages into a part; the last one of all stays as long as there are items that need a message beside them.
    ///
    /// - Returns: Whether the part has a message, and anything that the parts before it have not.
    private func fill(
        _ part: inout Part,
        _ nextMessage: inout ArraySlice<MessagePiece>,
        _ room: Int,
        hasMoreItems: Bool
    ) -> Bool {
        var left = room
        var speakers: Set<[UInt8]> = []
        while let piece = nextMessage.first {
            let speaker = speakerSize(piece, speakers)
            if hasMoreItems, nextMessage.count == 1 {
                guard part.messages.isEmpty else { break }
                let beginning = beginning(of: piece)
                guard !part.items.isEmpty, size(beginning) + speaker.size <= left, let cut = beginning.cut else {
                    return false
                }
                part.messages.append(beginning)
                part.continues = true
                nextMessage[nextMessage.startIndex].cut = cut.upperBound..<(piece.cut?.upperBound ?? length(piece))
                nextMessage[nextMessage.startIndex].isFirst = false
                break
            }
            let needed = size(piece) + speaker.size
            if needed <= left {
                left -= needed
                part.messages.append(piece)
                nextMessage.removeFirst()
            } else if part.messages.isEmpty, let (head, tail) = cut(piece, room: left - speaker.size) {
                part.messages.append(head)
                part.continues = true
                nextMessage[nextMessage.startIndex] = tail
                break
            } else {
                break
            }
            speakers.insert(speaker.id)
        }
        return !part.messages.isEmpty
    }

    /// What a part needs beside items, messages and speakers.
    private func frameSize(_ requestId: String) -> Int {
        let derived = String(repeating: "0", count: 36)
        let probe = Part(items: 0..<0)
        // The first part has the request's own parent and texts, a later one the part before it for a parent.
        let sizes = [nil, derived, requestId].map { previous in
            var frame = OutputBuffer(capacity: 4096)
            let own = previous == nil ? requestId : derived
            write(probe, previous == nil ? 0 : 1, own, first: requestId, previous: previous, to: &frame)
            return frame.count
        }
        // Keys, brackets and commas of the arrays that a part may have to open; an entry of the metadata has its own key
        // in its size, and there may be more of those than one part could ever name.
        let overhead = items.filter { $0.group != .legacy }.reduce(into: Set<Int>()) { $0.insert($1.key) }
            .reduce(16) { $0 + view.text($1).count + 8 }
        var first = OutputBuffer(capacity: 64)
        first.append(quoted: requestId)
        return (sizes.max() ?? 0) + overhead + 64 + conversationFrames(requestIdSize: first.count)
    }

    private func messagePieces() -> [MessagePiece] {
        var result: [MessagePiece] = []
        for (index, conversation) in conversations.enumerated() {
            guard let messages = view.member(conversation, "messages"), view.kind(messages) == .array else { continue }
            var isFirst = true
            view.forEachElement(messages) {
                result.append(MessagePiece(conversation: index, message: $0, isFirst: isFirst))
                isFirst = false
            }
        }
        return result
    }

    private func size(_ item: Item) -> Int {
        view.bytes(item.node).count + 3 + (item.group == .legacy ? view.text(item.key).count + 3 : 0)
    }

    private func size(_ piece: MessagePiece) -> Int {
        var size = view.bytes(piece.message).count + 1
        if let cut = piece.cut { size += cut.count - length(piece) }
        if piece.isFirst { forEachSilent(piece.conversation) { size += view.bytes($0).count + 1 } }
        return size
    }

    /// The length of a message's content, as it is spelled.
    private func length(_ piece: MessagePiece) -> Int {
        view.member(piece.message, "content").map { view.text($0).count } ?? 0
    }

    /// The piece of a message that has none of its text yet.
    private func beginning(of piece: MessagePiece) -> MessagePiece {
        var beginning = piece
        let start = piece.cut?.lowerBound ?? 0
        beginning.cut = start..<start
        return beginning
    }

    /// What a conversation repeats in each part it is in, beside messages and participants.
    private func conversationFrames(requestIdSize: Int) -> Int {
        conversations.reduce(0) { total, conversation in
            var own = 130 + requestIdSize
            view.forEachMember(conversation) { key, value in
                if view.text(key).equals("messages") || view.text(key).equals("participants") { return }
                if view.text(key).equals("metadata"), let legacy = view.member(value, keptName) {
                    own += view.bytes(value).count - view.bytes(legacy).count
                } else {
                    own += view.bytes(value).count + view.text(key).count + 4
                }
            }
            return total + own
        }
    }

    private func speakerSize(_ piece: MessagePiece, _ known: Set<[UInt8]>) -> (size: Int, id: [UInt8]) {
        guard let id = view.member(piece.message, "participantId"), view.kind(id) == .string else { return (0, []) }
        let name = view.text(id).unescaped() + [0, UInt8(truncatingIfNeeded: piece.conversation)]
        if known.contains(name) { return (0, name) }
        var size = 0
        forEachParticipant(piece.conversation) { participant, own in
            if own.equals(view.text(id)) { size += view.bytes(participant).count + 1 }
        }
        return (size, name)
    }

    func forEachParticipant(_ conversation: Int, _ body: (Int, TextSlice) -> Void) {
        guard let list = view.member(conversations[conversation], "participants"), view.kind(list) == .array else {
            return
        }
        view.forEachElement(list) { participant in
            guard let id = view.member(participant, "participantId"), view.kind(id) == .string else { return }
            body(participant, view.text(id))
        }
    }

    /// The participants of a conversation who are the author of none of its messages.
    func forEachSilent(_ conversation: Int, _ body: (Int) -> Void) {
        var authors: Set<[UInt8]> = []
        if let messages = view.member(conversations[conversation], "messages"), view.kind(messages) == .array {
            view.forEachElement(messages) { message in
                guard let id = view.member(message, "participantId"), view.kind(id) == .string else { return }
                authors.insert(view.text(id).unescaped())
            }
        }
        forEachParticipant(conversation) { participant, id in
            if !authors.contains(id.unescaped()) { body(participant) }
        }
    }

    /// Cuts a message so that its first piece fits; nil if there is not even room for a character.
    private func cut(_ piece: MessagePiece, room: Int) -> (MessagePiece, MessagePiece)? {
        guard let content = view.member(piece.message, "content"), view.kind(content) == .string else { return nil }
        let text = view.text(content)
        let range = piece.cut ?? 0..<text.count
        let rest = room - (size(piece) - range.count)
        guard rest > 0,
            let end = GraphemeCutter(text).cut(from: range.lowerBound, within: min(rest, range.count)),
            end < range.upperBound
        else { return nil }
        var head = piece
        head.cut = range.lowerBound..<end
        var tail = piece
        tail.cut = end..<range.upperBound
        tail.isFirst = false
        return (head, tail)
    }
}
