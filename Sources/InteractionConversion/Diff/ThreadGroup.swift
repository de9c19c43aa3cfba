// The Interactions of one thread in both conversions.

internal import InteractionModel

/// Interactions whose threads have one hash, held together until all of them are there.
struct ThreadGroup: ~Copyable {
    private struct Member {
        var start: Int
        var end: Int
        var side: DiffSide
        var record: Int
        var identity: InteractionIdentity
    }

    private var bytes = OutputBuffer()
    private var members: [Member] = []
    private var tape = JSONTape()

    /// Adds an Interaction as ``ComparedInteraction/write(to:)`` wrote it.
    mutating func add(_ written: UnsafeRawBufferPointer) {
        var position = 0
        let interaction = ComparedInteraction(written, at: &position)
        guard let view = tape.view(of: interaction), let identity = InteractionIdentity(view) else { return }
        let start = bytes.count
        bytes.append(written)
        members.append(
            Member(
                start: start,
                end: bytes.count,
                side: interaction.side,
                record: interaction.record,
                identity: identity
            )
        )
    }

    /// Forgets all, and gives large memory back.
    mutating func removeAll() {
        members.removeAll(keepingCapacity: true)
        if bytes.capacity > 4 << 20 { bytes = OutputBuffer() } else { bytes.removeAll() }
    }

    func record(_ index: Int) -> Int { members[index].record }

    /// Appends a member as it was added.
    func write(_ index: Int, to out: inout OutputBuffer) {
        let member = members[index]
        out.append(bytes.base + member.start, member.end - member.start)
    }

    private func interaction(_ index: Int) -> ComparedInteraction {
        var position = members[index].start
        return ComparedInteraction(bytes.bytes, at: &position)
    }

    /// Whether two members have the same bytes.
    func isIdentical(_ old: Int, _ new: Int) -> Bool { interaction(old).json.holdsSame(as: interaction(new).json) }

    /// All members, paired where they have a counterpart.
    mutating func pairs() -> [(old: Int?, new: Int?)] {
        // The order in which they were put aside depends on the memory; this one does not.
        let order = members.indices.sorted { members[$0].record < members[$1].record }
        var old = order.filter { members[$0].side == .old }
        var new = order.filter { members[$0].side == .new }
        var pairs: [(old: Int?, new: Int?)] = []
        pair(&old, &new, &pairs) { members[$0].identity }
        if !old.isEmpty, !new.isEmpty {
            let sayings = sayings(of: old + new)
            pair(&old, &new, &pairs) { Likeness(members[$0].identity, sayings[$0]) }
            pairByLikeness(&old, &new, &pairs, sayings)
        }
        return pairs + old.map { ($0, nil) } + new.map { (nil, $0) }
    }

    /// Pairs members with the same key, the first with the first.
    private func pair<Key: Hashable>(
        _ old: inout [Int],
        _ new: inout [Int],
        _ pairs: inout [(old: Int?, new: Int?)],
        _ key: (Int) -> Key
    ) {
        var waiting: [Key: [Int]] = [:]
        for index in old.reversed() { waiting[key(index), default: []].append(index) }
        var paired: Set<Int> = []
        new.removeAll { index in
            guard let counterpart = waiting[key(index)]?.popLast() else { return false }
            pairs.append((counterpart, index))
            paired.insert(counterpart)
            return true
        }
        old.removeAll { paired.contains($0) }
    }

    /// What somebody says in an Interaction and when, without who.
    private mutating func sayings(of indices: [Int]) -> [Int: [UInt64]] {
        let said = ElementSigns("timestamp", "content")
        let text = ElementSigns("content")
        var result: [Int: [UInt64]] = [:]
        for index in indices {
            guard let view = tape.view(of: interaction(index)) else { continue }
            var hashes: [UInt64] = []
            InteractionMessages.forEach(view) { message in
                hashes.append(said.hash(view, message) ?? text.hash(view, message) ?? 0)
            }
            result[index] = hashes
        }
        return result
    }

    /// What is left of a thread is the same Interaction if it has messages in common, or if there is no other.
    private func pairByLikeness(
        _ old: inout [Int],
        _ new: inout [Int],
        _ pairs: inout [(old: Int?, new: Int?)],
        _ sayings: [Int: [UInt64]]
    ) {
        // So many that nothing tells apart are no longer a matter of a few changed ids.
        guard old.count <= 64, new.count <= 64 else { return }
        for index in old {
            let identity = members[index].identity
            let said = Set(sayings[index] ?? [])
            let candidates = new.filter {
                members[$0].identity.part == identity.part && members[$0].identity.thread == identity.thread
            }
            let shared = candidates.map { candidate in (sayings[candidate] ?? []).count { said.contains($0) } }
            guard let most = shared.max(), most > 0 || old.count == 1 && candidates.count == 1,
                let best = shared.firstIndex(of: most)
            else { continue }
            pairs.append((index, candidates[best]))
            old.removeAll { $0 == index }
            new.removeAll { $0 == candidates[best] }
        }
    }
}

/// Parts of one thread in which the same is said.
private struct Likeness: Hashable {
    var thread: [UInt8]
    var part: Int
    var sayings: [UInt64]

    init(_ identity: InteractionIdentity, _ sayings: [UInt64]?) {
        thread = identity.thread
        part = identity.part
        self.sayings = sayings ?? []
    }
}

/// The messages of all conversations of an Interaction.
enum InteractionMessages {
    /// Calls `body` with the node of each message, in order.
    static func forEach(_ view: JSONView, _ body: (Int) -> Void) {
        let payload = InteractionIdentity.payload(view)
        guard let list = view.value(payload, at: "request", "scope", "conversations"), view.kind(list) == .array else {
            return
        }
        view.forEachElement(list) { conversation in
            guard let messages = view.member(conversation, "messages"), view.kind(messages) == .array else { return }
            view.forEachElement(messages, body)
        }
    }
}
