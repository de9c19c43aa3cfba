// A source and a recorder in memory, and messages to send.

import Foundation
import InteractionSubmission
import Logging
import Synchronization

/// Hands out messages some at a time.
final class ArraySource: MessageSource {
    private var messages: ArraySlice<OutgoingMessage>
    private let size: Int

    init(_ messages: [OutgoingMessage], by size: Int = 64) {
        self.messages = messages[...]
        self.size = size
    }

    func next() async throws -> [OutgoingMessage]? {
        guard !messages.isEmpty else { return nil }
        defer { messages = messages.dropFirst(size) }
        return Array(messages.prefix(size))
    }
}

/// Remembers everything it is told, and checks that intents come before outcomes.
final class MemoryRecorder: DeliveryRecorder {
    struct Contents: Sendable {
        var intents: [Int64] = []
        var events: [DeliveryEvent] = []
        var batches: [Int] = []
        var outcomesWithoutIntent = 0
    }

    private let contents = Mutex(Contents())

    var now: Contents { contents.withLock { $0 } }

    /// The last state of each message.
    var states: [Int64: DeliveryState] {
        now.events.reduce(into: [:]) { states, event in if let state = event.state { states[event.row] = state } }
    }

    func record(_ events: [DeliveryEvent], willSend rows: [Int64]) async throws {
        contents.withLock { contents in
            let known = Set(contents.intents)
            contents.outcomesWithoutIntent += events.filter { !known.contains($0.row) }.count
            contents.events += events
            contents.batches.append(events.count)
            contents.intents += rows
        }
    }
}

/// Messages for tests.
enum TestMessages {
    /// Makes messages, spread over threads in turn.
    static func make(_ count: Int, threads: Int = 1_000_000, size: Int = 0) -> [OutgoingMessage] {
        (0..<count).map { index in
            let id = String(format: "0190a1b2-0000-7000-8000-%012x", index)
            let text = String(repeating: "x", count: size)
            let head = #"{"action":"message","headers":{"correlationId":"\#(id)","idempotencyKey":"\#(id)"},"payload":"#
            let payload = #"{"session":{},"request":{"n":\#(index),"thread":\#(index % threads),"text":"\#(text)"}}"#
            return OutgoingMessage(
                row: Int64(index),
                threadId: "thread-\(index % threads)",
                correlationId: id,
                idempotencyKey: id,
                envelope: Array((head + payload + "}").utf8),
                payload: head.utf8.count..<(head.utf8.count + payload.utf8.count)
            )
        }
    }
}

extension Logger {
    /// Drops everything.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
