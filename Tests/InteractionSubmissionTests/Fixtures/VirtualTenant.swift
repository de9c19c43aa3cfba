// A tenant in virtual time: tokens that expire, outages, slips, and a memory of what it has taken.

import TestSupport

@testable import InteractionSubmission

/// Events in virtual time, earliest first.
struct Agenda<Event> {
    private var heap: [(time: Int64, number: Int, event: Event)] = []
    private var number = 0

    var nextTime: Int64? { heap.first?.time }

    mutating func add(_ time: Int64, _ event: Event) {
        number += 1
        heap.append((time, number, event))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next(_ now: Int64) -> Event? {
        guard let first = heap.first, first.time <= now else { return nil }
        heap[0] = heap[heap.count - 1]
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [parent * 2 + 1, parent * 2 + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            if least == parent { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return first.event
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        (heap[left].time, heap[left].number) < (heap[right].time, heap[right].number)
    }
}

/// The tenant's side.
struct VirtualTenant {
    static let second: Int64 = 1_000_000
    static let hour: Int64 = 3600 * second
    static let tokenLife: Int64 = 900 * second

    enum Outage { case refuses, fails, hangs }

    private var random: SeededRandom
    private var issued: [String: Int64] = [:]
    private var spent: Set<String> = []
    private var lastOfThread: [String: Int64] = [:]
    /// How often each message was taken.
    private(set) var taken: [Int64: Int] = [:]
    private(set) var outOfOrder = 0
    private(set) var tokens = 0

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    func outage(_ now: Int64) -> Outage? {
        switch now / Self.hour {
        case 3: .refuses
        case 10: .fails
        case 17: .hangs
        default: nil
        }
    }

    mutating func issueToken(_ now: Int64) -> Secret {
        tokens += 1
        issued = issued.filter { now - $0.value < Self.tokenLife }
        issued["token-\(tokens)"] = now
        return Secret("token-\(tokens)")
    }

    func isValid(_ token: AccessToken, _ now: Int64) -> Bool {
        issued[token.secret.exposed] != nil && !isOld(token, now)
    }

    private func isOld(_ token: AccessToken, _ now: Int64) -> Bool {
        now - (issued[token.secret.exposed] ?? .min / 2) >= Self.tokenLife
    }

    /// Whether a connection may be opened with a token; it may be only once.
    mutating func spend(_ token: AccessToken) -> Bool { spent.insert(token.secret.exposed).inserted }

    mutating func take(_ message: OutgoingMessage) {
        taken[message.row, default: 0] += 1
        guard taken[message.row] == 1 else { return }
        if let last = lastOfThread[message.threadId], last > message.row { outOfOrder += 1 }
        lastOfThread[message.threadId] = message.row
    }

    mutating func latency() -> Int64 { Int64.random(in: 20_000...200_000, using: &random) }

    /// A number below a thousand.
    mutating func roll() -> Int { Int.random(in: 0..<1000, using: &random) }
}

/// The messages of a virtual day, and the most that was ever held at once.
struct VirtualFeed {
    let total: Int
    private var fed = 0
    private(set) var largest = 0
    private(set) var states: [Int64: DeliveryState] = [:]
    private(set) var accepted = 0

    init(total: Int) { self.total = total }

    /// Plays source and recorder.
    mutating func serve(_ machine: inout SubmissionMachine) {
        while machine.wantsMore {
            let count = min(64, total - fed)
            if count == 0 {
                machine.isSourceAtEnd = true
                break
            }
            machine.add(
                (fed..<fed + count).map { index in
                    OutgoingMessage(
                        row: Int64(index),
                        threadId: "thread-\(index % 97)",
                        correlationId: "message-\(index)",
                        idempotencyKey: "key-\(index)",
                        envelope: [],
                        payload: 0..<0
                    )
                }
            )
            fed += count
        }
        let rows = machine.claim()
        if !rows.isEmpty { machine.claimed(rows) }
        largest = max(
            largest,
            machine.entries.count + machine.events.count + machine.lanes.count + machine.resting.count
        )
        if machine.events.count >= 64 { record(&machine) }
    }

    mutating func record(_ machine: inout SubmissionMachine) {
        while case let events = machine.takeEvents(), !events.isEmpty {
            for event in events where event.state == .accepted { accepted += 1 }
        }
    }
}
