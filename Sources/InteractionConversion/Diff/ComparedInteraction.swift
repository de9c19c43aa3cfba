// An Interaction on its way to its counterpart: what tells it from others, and its bytes.

internal import InteractionModel

/// What tells an Interaction from others of the same conversion.
struct InteractionIdentity: Hashable {
    var thread: [UInt8]
    var request: [UInt8]
    /// From 1; 0 for one that was not cut.
    var part: Int

    /// Reads what an Interaction says of itself; nil for one without a thread, which is no Interaction.
    init?(_ view: JSONView) {
        let payload = Self.payload(view)
        guard let request = view.member(payload, "request"),
            let thread = view.value(request, at: "connections", "threadId"), view.kind(thread) == .string
        else { return nil }
        self.thread = view.text(thread).unescaped()
        let id = view.member(request, "requestId")
        self.request = id.map { view.kind($0) == .string ? view.text($0).unescaped() : [] } ?? []
        part = 0
        guard let conversations = view.value(request, at: "scope", "conversations"),
            view.kind(conversations) == .array
        else { return }
        var found = 0
        view.forEachElement(conversations) { conversation in
            guard found == 0, let index = view.value(conversation, at: "metadata", "part", "index") else { return }
            found = Int(String(decoding: view.bytes(index), as: UTF8.self)) ?? 0
        }
        part = found
    }

    /// The node of the payload, in its envelope or bare.
    static func payload(_ view: JSONView) -> Int {
        guard case .envelope = InteractionValidator.Form(detecting: view, root: view.root) else { return view.root }
        return view.member(view.root, "payload") ?? view.root
    }

    /// Two threads may have one hash; the same thread never has two.
    var threadHash: UInt64 { thread.withUnsafeBytes { KeyHash(seed: KeyHash.first)($0) } }
}

/// Which of two conversions.
enum DiffSide: UInt8 {
    case old
    case new
}

/// An Interaction as it is put aside.
struct ComparedInteraction {
    var side: DiffSide
    /// Its number among those of its side, from 1.
    var record: Int
    /// Its JSON; padding must be readable after it.
    var json: UnsafeRawBufferPointer
    /// What the source says of it, for a comparison with a source; empty otherwise.
    var origin = UnsafeRawBufferPointer(start: nil, count: 0)

    /// How many bytes ``write(to:)`` appends.
    private static let headerBytes = 25

    init(_ side: DiffSide, record: Int, _ json: UnsafeRawBufferPointer) {
        self.side = side
        self.record = record
        self.json = json
    }

    /// Reads what ``write(to:)`` wrote.
    ///
    /// - Parameters:
    ///   - bytes: The bytes, which must outlive the value.
    ///   - position: Where it begins; afterwards where it ends.
    init(_ bytes: UnsafeRawBufferPointer, at position: inout Int) {
        side = DiffSide(rawValue: bytes[position]) ?? .old
        record = bytes.loadUnaligned(fromByteOffset: position + 1, as: Int.self)
        let jsonCount = bytes.loadUnaligned(fromByteOffset: position + 9, as: Int.self)
        let originCount = bytes.loadUnaligned(fromByteOffset: position + 17, as: Int.self)
        let start = position + Self.headerBytes
        json = UnsafeRawBufferPointer(rebasing: bytes[start..<start + jsonCount])
        let end = start + jsonCount + JSONTape.padding
        origin = UnsafeRawBufferPointer(rebasing: bytes[end..<end + originCount])
        position = end + originCount
    }

    /// Appends the Interaction with the padding that reading it needs.
    func write(to out: inout OutputBuffer) {
        out.append(side.rawValue)
        for value in [record, json.count, origin.count] {
            withUnsafeBytes(of: value) { out.append($0) }
        }
        out.append(json)
        for _ in 0..<JSONTape.padding { out.append(0x20) }
        out.append(origin)
    }
}

extension JSONTape {
    /// Reads an Interaction that has been read before.
    ///
    /// - Returns: A view that is valid until the next one is read; nil for what cannot be read, which was left out.
    mutating func view(of interaction: ComparedInteraction) -> JSONView? {
        guard let start = interaction.json.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        do {
            try scan(start, count: interaction.json.count)
        } catch {
            return nil
        }
        return view(of: start)
    }
}
