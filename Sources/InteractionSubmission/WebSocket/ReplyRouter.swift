// Which message a reply belongs to: those in flight, and those of a while ago that may have more to say.

internal import InteractionModel
internal import NIOCore

/// The id by which replies are matched, compared as a number where it is a UUID.
enum CorrelationKey: Hashable, Sendable {
    case uuid(UUIDValue)
    case text(String)

    init(_ id: String) {
        var id = id
        self = id.withUTF8 { CorrelationKey(UnsafeRawBufferPointer($0)) }
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        if let uuid = UUIDValue(utf8: bytes) {
            self = .uuid(uuid)
        } else {
            self = .text(String(decoding: bytes, as: UTF8.self))
        }
    }
}

/// Messages of one connection by the ids that replies name.
struct ReplyRouter: Sendable {
    struct Flight: Sendable {
        var attempt: Attempt
        var startedAt: Int64
        /// Counts flights, so that a message that is sent again is not taken for its first attempt.
        var number: Int
    }

    /// A message that was accepted.
    struct Past: Sendable {
        var row: Int64
        var startedAt: Int64
        var isCompleted: Bool
    }

    /// Messages that are remembered after they were accepted.
    static let memory = 4096

    private(set) var inFlight: [CorrelationKey: Flight] = [:]
    private var order = CircularBuffer<(CorrelationKey, number: Int, startedAt: Int64)>()
    private var past: [CorrelationKey: Past] = [:]
    private var pastOrder = CircularBuffer<CorrelationKey>()
    private var number = 0
    /// Messages that were accepted and may still be reported as completed.
    private(set) var incomplete = 0

    /// A message is about to be sent.
    ///
    /// - Returns: False if another with the same id is in flight, whose replies could not be told from its own.
    mutating func add(_ attempt: Attempt, _ now: Int64) -> Bool {
        let key = CorrelationKey(attempt.message.correlationId)
        guard inFlight[key] == nil else { return false }
        number += 1
        inFlight[key] = Flight(attempt: attempt, startedAt: now, number: number)
        order.append((key, number, now))
        return true
    }

    func flight(_ key: CorrelationKey) -> Flight? { inFlight[key] }

    func past(_ key: CorrelationKey) -> Past? { past[key] }

    /// The message has its answer.
    mutating func settle(_ key: CorrelationKey, isAccepted: Bool, isCompleted: Bool) {
        guard let flight = inFlight.removeValue(forKey: key), isAccepted else { return }
        let news = Past(row: flight.attempt.row, startedAt: flight.startedAt, isCompleted: isCompleted)
        if past.updateValue(news, forKey: key) == nil { pastOrder.append(key) }
        if !isCompleted { incomplete += 1 }
        while pastOrder.count > Self.memory, let oldest = pastOrder.popFirst() {
            if past.removeValue(forKey: oldest)?.isCompleted == false { incomplete -= 1 }
        }
    }

    /// A message that was accepted before is completed.
    ///
    /// - Returns: The message, if that is news.
    mutating func complete(_ key: CorrelationKey) -> Past? {
        guard let known = past[key], !known.isCompleted else { return nil }
        past[key]?.isCompleted = true
        incomplete -= 1
        return known
    }

    /// Messages that were sent before a time and have no answer, oldest first.
    mutating func overdue(_ time: Int64) -> [Flight] {
        var flights: [Flight] = []
        while let (key, number, startedAt) = order.first {
            let flight = inFlight[key]
            let isOver = flight?.number != number
            guard isOver || startedAt < time else { break }
            order.removeFirst()
            guard let flight, !isOver else { continue }
            inFlight[key] = nil
            flights.append(flight)
        }
        return flights
    }

    /// Everything in flight, in the order of sending; nothing is in flight afterwards.
    mutating func abandonAll() -> [Flight] {
        defer {
            inFlight.removeAll()
            order.removeAll()
        }
        return inFlight.values.sorted { $0.number < $1.number }
    }
}
