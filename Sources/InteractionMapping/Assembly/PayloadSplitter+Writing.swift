// Writes the parts that a splitter has planned.

internal import InteractionModel

extension PayloadSplitter {
    func write(
        _ part: Part,
        _ index: Int,
        _ requestId: String,
        first: String,
        previous: String?,
        to out: inout OutputBuffer
    ) {
        out.append("{")
        view.forEachMember(view.root) { key, value in
            out.append(string: view.text(key))
            out.append(":")
            if value == request {
                writeRequest(part, index, requestId, first: first, previous: previous, to: &out)
            } else {
                out.append(value: view, value)
            }
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }

    private func writeRequest(
        _ part: Part,
        _ index: Int,
        _ requestId: String,
        first: String,
        previous: String?,
        to out: inout OutputBuffer
    ) {
        out.append("{")
        view.forEachMember(request) { key, value in
            let name = view.text(key)
            out.append(string: name)
            out.append(":")
            if name.equals("requestId") {
                out.append(quoted: requestId)
            } else if name.equals("connections"), let previous {
                writeConnections(value, parent: previous, to: &out)
            } else if name.equals("attributes"), index > 0 {
                writeAttributes(value, to: &out)
            } else if name.equals("resources"), view.kind(value) == .object {
                writeArrays(value, .resources, part, to: &out)
            } else if value == scope {
                writeScope(part, index, first: first, to: &out)
            } else {
                out.append(value: view, value)
            }
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }

    /// A later part's parent is the part before it.
    private func writeConnections(_ node: Int, parent: String, to out: inout OutputBuffer) {
        out.append("{")
        view.forEachMember(node) { key, value in
            guard !view.text(key).equals("parentId") else { return }
            out.append(string: view.text(key))
            out.append(":")
            out.append(value: view, value)
            out.append(",")
        }
        out.append("\"parentId\":")
        out.append(quoted: parent)
        out.append("}")
    }

    /// The request's own text is said once, in the first part.
    private func writeAttributes(_ node: Int, to out: inout OutputBuffer) {
        out.append("{")
        view.forEachMember(node) { key, value in
            guard !view.text(key).equals("content"), !view.text(key).equals("instruction") else { return }
            out.append(string: view.text(key))
            out.append(":")
            out.append(value: view, value)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }

    private func writeArrays(_ node: Int, _ group: Group, _ part: Part, to out: inout OutputBuffer) {
        out.append("{")
        writeMembers(node, group, part, to: &out)
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }

    private func writeMembers(_ node: Int, _ group: Group, _ part: Part, to out: inout OutputBuffer) {
        view.forEachMember(node) { key, value in
            guard !view.text(key).equals("conversations") || group != .scope else { return }
            if view.kind(value) == .array, !view.isEmpty(value) {
                let own = items[part.items].filter { $0.key == key }
                guard !own.isEmpty else { return }
                out.append(string: view.text(key))
                out.append(":[")
                for item in own {
                    out.append(value: view, item.node)
                    out.append(",")
                }
                out.removeTrailing(UInt8(ascii: ","))
                out.append("],")
            } else {
                out.append(string: view.text(key))
                out.append(":")
                out.append(value: view, value)
                out.append(",")
            }
        }
    }

    private func writeScope(_ part: Part, _ index: Int, first: String, to out: inout OutputBuffer) {
        out.append("{")
        writeMembers(scope, .scope, part, to: &out)
        out.append("\"conversations\":[")
        let present = Set(part.messages.map(\.conversation))
        for (number, conversation) in conversations.enumerated() where present.contains(number) {
            let messages = part.messages.filter { $0.conversation == number }
            // What is kept of a conversation without messages here goes to the first one that has some.
            let legacy = items[part.items].filter {
                $0.group == .legacy
                    && ($0.conversation == number || number == present.min() && !present.contains($0.conversation))
            }
            writeConversation(conversation, number, messages, legacy, part, index, first: first, to: &out)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("]}")
    }

    private func writeConversation(
        _ conversation: Int,
        _ number: Int,
        _ messages: [MessagePiece],
        _ legacy: [Item],
        _ part: Part,
        _ index: Int,
        first: String,
        to out: inout OutputBuffer
    ) {
        out.append("{")
        view.forEachMember(conversation) { key, value in
            let name = view.text(key)
            if name.equals("messages") || name.equals("participants") || name.equals("metadata") { return }
            out.append(string: name)
            out.append(":")
            out.append(value: view, value)
            out.append(",")
        }
        out.append("\"participants\":[")
        let speakers = messages.compactMap { view.member($0.message, "participantId") }.map { view.text($0) }
        forEachParticipant(number) { participant, id in
            guard speakers.contains(where: { $0.equals(id) }) else { return }
            out.append(value: view, participant)
            out.append(",")
        }
        if messages.contains(where: \.isFirst) {
            forEachSilent(number) { participant in
                out.append(value: view, participant)
                out.append(",")
            }
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("],\"messages\":[")
        for message in messages {
            write(message, to: &out)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("],\"metadata\":{")
        var earlier: Int?
        if let metadata = view.member(conversation, "metadata"), view.kind(metadata) == .object {
            view.forEachMember(metadata) { key, value in
                if view.text(key).equals(keptName) { return }
                if view.text(key).equals("part") {
                    earlier = value
                    return
                }
                out.append(string: view.text(key))
                out.append(":")
                out.append(value: view, value)
                out.append(",")
            }
        }
        if !legacy.isEmpty {
            out.append("\"")
            out.append(keptName)
            out.append("\":{")
            for item in legacy {
                out.append(string: view.text(item.key))
                out.append(":")
                out.append(value: view, item.node)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("},")
        }
        out.append("\"part\":{\"index\":")
        out.append(number: index + 1)
        out.append(",\"of\":")
        out.append(number: parts.count)
        out.append(",\"requestId\":")
        out.append(quoted: first)
        if conversations.count > 1 {
            out.append(",\"conversation\":")
            out.append(number: number)
        }
        if part.continues { out.append(",\"continues\":true") }
        if let earlier {
            // The source was a part itself, cut by somebody to a larger limit.
            out.append(",\"within\":")
            out.append(value: view, earlier)
        }
        out.append("}}}")
    }

    private func write(_ piece: MessagePiece, to out: inout OutputBuffer) {
        guard let cut = piece.cut else {
            out.append(value: view, piece.message)
            return
        }
        out.append("{")
        view.forEachMember(piece.message) { key, value in
            out.append(string: view.text(key))
            out.append(":")
            if view.text(key).equals("content") {
                let text = view.text(value)
                out.append("\"")
                out.append(text.start + cut.lowerBound, cut.count)
                out.append("\"")
            } else {
                out.append(value: view, value)
            }
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("}")
    }
}
