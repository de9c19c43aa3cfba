// Compares an Interaction with its counterpart.

internal import InteractionModel

/// Makes a difference of two Interactions, one after the other.
struct InteractionComparer: ~Copyable {
    typealias Scanned = (interaction: ComparedInteraction, view: JSONView, identity: InteractionIdentity)

    private let options: DiffOptions
    private var oldTape = JSONTape()
    private var newTape = JSONTape()

    init(_ options: DiffOptions) { self.options = options }

    /// Compares what may have a counterpart or none.
    mutating func compare(_ old: ComparedInteraction?, _ new: ComparedInteraction?) -> InteractionDifference {
        let before = old.flatMap { Self.scan($0, &oldTape) }
        let after = new.flatMap { Self.scan($0, &newTape) }
        if let before, let after { return compare(before, after) }
        var difference = InteractionDifference(kind: before == nil ? .added : .removed)
        difference.old = before.map(Self.place)
        difference.new = after.map(Self.place)
        if options.writesPatch { difference.patch = Self.wholePatch(after) }
        return difference
    }

    /// Compares two Interactions that have been read.
    func compare(_ old: Scanned, _ new: Scanned) -> InteractionDifference {
        var difference = InteractionDifference(kind: .equal)
        difference.old = Self.place(old)
        difference.new = Self.place(new)
        guard !old.interaction.json.holdsSame(as: new.interaction.json) else { return difference }
        var tree = TreeComparison(old.view, new.view, options)
        let payloads = (InteractionIdentity.payload(old.view), InteractionIdentity.payload(new.view))
        if (payloads.0 == old.view.root) == (payloads.1 == new.view.root) {
            tree.compare(old.view.root, new.view.root)
        } else {
            tree.compare(payloads.0, payloads.1)
        }
        guard tree.isDifferent else { return difference }
        difference.kind = .changed
        difference.changes = tree.changes
        if options.writesPatch { difference.patch = tree.patch }
        return difference
    }

    private static func scan(_ interaction: ComparedInteraction, _ tape: inout JSONTape) -> Scanned? {
        guard let view = tape.view(of: interaction), let identity = InteractionIdentity(view) else { return nil }
        return (interaction, view, identity)
    }

    private static func place(_ scanned: Scanned) -> InteractionDifference.Place {
        var messages = 0
        InteractionMessages.forEach(scanned.view) { _ in messages += 1 }
        return InteractionDifference.Place(
            record: scanned.interaction.record,
            threadId: String(decoding: scanned.identity.thread, as: UTF8.self),
            part: scanned.identity.part == 0 ? nil : scanned.identity.part,
            requestId: String(decoding: scanned.identity.request, as: UTF8.self),
            messages: messages
        )
    }

    /// The patch that makes an Interaction of nothing, or nothing of an Interaction: a replaced document each.
    private static func wholePatch(_ new: Scanned?) -> String {
        var out = OutputBuffer(capacity: 4096)
        out.append("[{\"op\":\"replace\",\"path\":\"\",\"value\":")
        if let new { out.append(value: new.view, new.view.root) } else { out.append("null") }
        out.append("}]")
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension TreeComparison {
    /// The operations as one JSON array.
    var patch: String {
        "[" + String(decoding: operations.bytes.dropLast(), as: UTF8.self) + "]"
    }
}
