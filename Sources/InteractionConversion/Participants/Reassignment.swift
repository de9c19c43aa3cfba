// What another crosswalk would change, Interaction by Interaction.

public import InteractionMapping
internal import InteractionModel
internal import Synchronization

/// An Interaction, or a part of one, that another crosswalk changes.
public struct ReassignedInteraction: Sendable, Hashable {
    /// A participant before and after.
    public struct Change: Sendable, Hashable {
        /// The key by which the source knows the participant.
        public var sourceKey: String
        /// The id before; nil for somebody who is told apart only afterwards.
        public var old: String?
        /// The id afterwards; nil for somebody who is told apart only before.
        public var new: String?
    }

    /// Where the conversation begins.
    public var place: ParticipantPlace
    /// The thread before; nil if the conversation was rejected.
    public var oldThread: String?
    /// The thread afterwards; nil if the conversation is rejected.
    public var newThread: String?
    /// The request's id before; nil for what is new.
    public var oldRequest: String?
    /// The request's id afterwards; nil for what is gone.
    public var newRequest: String?
    /// The participants of the conversation whose ids change; where there are none, a name or role does.
    public var participants: [Change] = []
    /// The Interaction before and afterwards.
    package var oldBytes: [UInt8]?
    package var newBytes: [UInt8]?

    /// The change as one JSON object, without a line feed.
    public var json: String {
        OutputBuffer.text(object: {
            $0.member("file", place.file)
            $0.member("record", place.record)
            $0.member(named: "threadId") { $0.append(old: oldThread, new: newThread) }
            $0.member(named: "requestId") { $0.append(old: oldRequest, new: newRequest) }
            $0.member("participants", list: participants) { out, change in
                out.append(object: {
                    $0.member("sourceKey", change.sourceKey)
                    $0.member(named: "participantId") { $0.append(old: change.old, new: change.new) }
                })
            }
        })
    }
}

/// Converts inputs with one crosswalk and with another, side by side, and says what differs.
public struct Reassignment: Sendable {
    /// What a comparison came to.
    public struct Report: Sendable {
        /// Interactions before.
        public internal(set) var interactions = 0
        /// Interactions that change, come or go.
        public internal(set) var changed = 0
        /// What happened to the inputs with the new crosswalk.
        public internal(set) var conversion: ConversionReport
    }

    private let old: ConversionOptions
    private let new: ConversionOptions

    /// Makes a comparison.
    ///
    /// - Parameters:
    ///   - options: How the inputs are to be converted, with the crosswalk as it was.
    ///   - crosswalk: The crosswalk as it is to be.
    public init(_ options: ConversionOptions, to crosswalk: Crosswalk) {
        var options = options
        options.mapping.tellsPeople = true
        // Both runs hold conversations together; the two of them keep to what was allowed for one.
        options.memory = max(1 << 20, options.memory / 2)
        old = options
        options.mapping.crosswalk = crosswalk
        new = options
    }

    /// Converts files twice at the same time, a batch of each in memory.
    ///
    /// - Parameters:
    ///   - files: Paths; standard input cannot be read twice.
    ///   - isStopped: Asked before each read.
    ///   - deliver: Receives each Interaction that changes, in the order of the inputs.
    /// - Returns: How many change.
    /// - Throws: What ``Converter/run(files:isStopped:deliver:)`` throws, and what `deliver` throws.
    @concurrent
    public func run(
        files: [String],
        isStopped: @escaping @Sendable () -> Bool = { false },
        deliver: (ReassignedInteraction) throws -> Void
    ) async throws -> Report {
        let before = OutcomeFeed()
        let options = old
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { before.finish() }
                _ = try await Converter(options).run(files: files, isStopped: isStopped) { batch, _ in
                    await before.put(Self.records(of: batch))
                }
            }
            // Whatever happens, the other run must not wait for room for ever.
            defer { before.abandon() }
            var earlier: ArraySlice<ConvertedRecord> = []
            var interactions = 0
            var changed = 0
            let report = try await Converter(new).run(files: files, isStopped: isStopped) { batch, _ in
                for now in Self.records(of: batch) {
                    while earlier.isEmpty, let more = await before.take() { earlier = more[...] }
                    guard let then = earlier.popFirst() else { return }
                    interactions += then.interactions.count
                    for change in Self.changes(then, now) {
                        changed += 1
                        try deliver(change)
                    }
                }
            }
            before.abandon()
            try await group.waitForAll()
            return Report(interactions: interactions, changed: changed, conversion: report)
        }
    }

    private static func records(of batch: ConvertedBatch) -> [ConvertedRecord] {
        batch.outcomes.map { ConvertedRecord(outcome: $0, interactions: $0.outputs.map(batch.interaction)) }
    }

    private static func changes(_ old: ConvertedRecord, _ new: ConvertedRecord) -> [ReassignedInteraction] {
        guard old.interactions != new.interactions else { return [] }
        let place = ParticipantPlace(file: old.outcome.file, record: old.outcome.record)
        let participants = participantChanges(old.outcome, new.outcome)
        var result: [ReassignedInteraction] = []
        for index in 0..<max(old.interactions.count, new.interactions.count) {
            let (isOld, isNew) = (index < old.interactions.count, index < new.interactions.count)
            if isOld, isNew, old.interactions[index] == new.interactions[index] { continue }
            result.append(
                ReassignedInteraction(
                    place: place,
                    oldThread: isOld ? old.outcome.threadId : nil,
                    newThread: isNew ? new.outcome.threadId : nil,
                    oldRequest: isOld ? old.outcome.outputs[index].requestId : nil,
                    newRequest: isNew ? new.outcome.outputs[index].requestId : nil,
                    participants: participants,
                    oldBytes: isOld ? old.interactions[index] : nil,
                    newBytes: isNew ? new.interactions[index] : nil
                )
            )
        }
        return result
    }

    /// Puts participants side by side by what the source calls them: a decided role may tell them apart in another way.
    private static func participantChanges(
        _ old: RecordOutcome,
        _ new: RecordOutcome
    ) -> [ReassignedInteraction.Change] {
        var after: [String: [String]] = [:]
        for participant in new.participants {
            after[participant.people.first?.sourceKey ?? "", default: []].append(participant.participantId)
        }
        var result: [ReassignedInteraction.Change] = []
        for participant in old.participants {
            let key = participant.people.first?.sourceKey ?? ""
            let now = after[key].flatMap { $0.isEmpty ? nil : $0[0] }
            if now != nil { after[key]?.removeFirst() }
            guard now != participant.participantId else { continue }
            result.append(ReassignedInteraction.Change(sourceKey: key, old: participant.participantId, new: now))
        }
        for (key, ids) in after.sorted(by: { $0.key < $1.key }) {
            for id in ids { result.append(ReassignedInteraction.Change(sourceKey: key, old: nil, new: id)) }
        }
        return result
    }
}

/// Hands outcomes from one run to another, a few batches at a time.
private final class OutcomeFeed: Sendable {
    private static let capacity = 4

    private struct State {
        var batches: [[ConvertedRecord]] = []
        var isFinished = false
        var isAbandoned = false
        var taker: CheckedContinuation<Void, Never>?
        var giver: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// Adds a batch, once there is room; nobody takes it after ``abandon()``.
    func put(_ batch: [ConvertedRecord]) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let waiting = state.withLock { state in
                guard !state.isAbandoned else { return [continuation] }
                state.batches.append(batch)
                let taker = state.taker
                state.taker = nil
                guard state.batches.count > Self.capacity else { return [continuation, taker].compactMap(\.self) }
                state.giver = continuation
                return [taker].compactMap(\.self)
            }
            for one in waiting { one.resume() }
        }
    }

    /// Says that there are no more.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            let taker = state.taker
            state.taker = nil
            return taker
        }?.resume()
    }

    /// Says that nobody takes any more.
    func abandon() {
        state.withLock { state in
            state.isAbandoned = true
            state.batches = []
            let giver = state.giver
            state.giver = nil
            return giver
        }?.resume()
    }

    /// The next batch, once there is one; nil at the end.
    func take() async -> [ConvertedRecord]? {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isReady = state.withLock { state in
                guard state.batches.isEmpty, !state.isFinished else { return true }
                state.taker = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        let (batch, giver) = state.withLock { state in
            let batch = state.batches.isEmpty ? nil : state.batches.removeFirst()
            let giver = state.giver
            state.giver = nil
            return (batch, giver)
        }
        giver?.resume()
        return batch
    }
}

extension OutputBuffer {
    fileprivate mutating func append(old: String?, new: String?) {
        append(object: {
            $0.member("old", old)
            $0.member("new", new)
        })
    }
}
