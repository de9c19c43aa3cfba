// One snapshot of a thread, mapped and waiting to be united with the others.

internal import InteractionModel

/// What is known of a snapshot besides its payload.
struct Snapshot {
    var outcome: RecordOutcome
    /// The record's place among those of the thread.
    let number: Int
    let place: Finding.Place
    /// Where the payload lies in the mapper's output.
    let payload: Range<Int>
    let facts: SnapshotFacts
    let messageCount: Int
    let participantCount: Int
    let movedCount: Int
    /// What an envelope says beside the payload.
    var tenant: String?
    var latency: String?
    /// The id of the request, as JSON.
    private(set) var requestId: [UInt8] = []
    /// The time of the last message; nil if a message has none.
    private(set) var latest: Instant?
    /// For each number of messages a digest of the first ones.
    private(set) var beginnings: [UInt64] = [0xCBF2_9CE4_8422_2325]

    init(
        _ mapper: borrowing RecordMapper,
        _ outcome: RecordOutcome,
        _ number: Int,
        _ place: Finding.Place,
        _ payload: JSONView
    ) {
        self.outcome = outcome
        self.number = number
        self.place = place
        self.payload = mapper.payloadStart..<mapper.output.count
        facts = mapper.snapshot
        messageCount = mapper.messageCount
        participantCount = mapper.participantCount
        movedCount = mapper.movedCount
        tenant = mapper.envelope.tenant?.string
        latency = mapper.envelope.latency?.string
        requestId = payload.value(payload.root, at: "request", "requestId").map { payload.json($0) } ?? []
        readMessages(payload)
    }

    private mutating func readMessages(_ view: JSONView) {
        guard let list = view.value(view.root, at: "request", "scope", "conversations") else { return }
        var isTimed = true
        view.forEachElement(list) { conversation in
            guard let messages = view.member(conversation, "messages") else { return }
            view.forEachElement(messages) { message in
                var hash = beginnings[beginnings.count - 1]
                for byte in view.bytes(message) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
                beginnings.append(hash)
                let time = view.member(message, "timestamp").flatMap { Instant.rfc3339(view.bytes($0)) }
                guard let time else {
                    isTimed = false
                    return
                }
                latest = latest.map { max($0, time) } ?? time
            }
        }
        if !isTimed { latest = nil }
    }

    private func isBeginning(of other: Snapshot) -> Bool {
        beginnings.count <= other.beginnings.count && other.beginnings[beginnings.count - 1] == beginnings.last
    }

    /// Brings snapshots into the order in which they were taken, as far as they tell.
    ///
    /// The time of the last message decides. Where it is the same or not known, each being a beginning of the next
    /// decides; else the order of the input.
    ///
    /// - Parameter snapshots: In the order of the input.
    /// - Returns: Their indexes, from the first to the last.
    static func order(_ snapshots: [Snapshot]) -> [Int] {
        var ordered = snapshots.indices.sorted { left, right in
            switch (snapshots[left].latest, snapshots[right].latest) {
            case (let first?, let second?) where first != second: first < second
            case (nil, .some): true
            case (.some, nil): false
            default: left < right
            }
        }
        var start = 0
        while start < ordered.count {
            var end = start + 1
            while end < ordered.count, snapshots[ordered[end]].latest == snapshots[ordered[start]].latest { end += 1 }
            let bySize = ordered[start..<end].sorted {
                let (left, right) = (snapshots[$0].beginnings.count, snapshots[$1].beginnings.count)
                return left == right ? $0 < $1 : left < right
            }
            let isChain = zip(bySize, bySize.dropFirst()).allSatisfy {
                snapshots[$0].isBeginning(of: snapshots[$1])
            }
            if isChain { ordered.replaceSubrange(start..<end, with: bySize) }
            start = end
        }
        return ordered
    }
}
