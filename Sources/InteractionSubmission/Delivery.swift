// The seam between sending and remembering: what is to be sent, who hands it out, and who is told what became of it.

/// One Interaction on its way to a tenant; an object, since it goes from hand to hand.
package final class OutgoingMessage: Sendable {
    /// The recorder's number of it, unique in a run.
    package let row: Int64
    /// The thread whose messages keep their order.
    package let threadId: String
    /// The id that replies are matched by.
    package let correlationId: String
    /// The key by which the tenant knows a repetition; the same on every attempt, run and machine.
    package let idempotencyKey: String
    /// The envelope `{action, headers, payload}` as UTF-8 JSON; `issuedAt` is put in when it leaves.
    package let envelope: [UInt8]
    /// Where the payload `{session, request}` lies in ``envelope``; over REST it is the body.
    package let payload: Range<Int>
    /// Attempts of earlier runs.
    package let attempts: Int

    package init(
        row: Int64,
        threadId: String,
        correlationId: String,
        idempotencyKey: String,
        envelope: [UInt8],
        payload: Range<Int>,
        attempts: Int = 0
    ) {
        self.row = row
        self.threadId = threadId
        self.correlationId = correlationId
        self.idempotencyKey = idempotencyKey
        self.envelope = envelope
        self.payload = payload
        self.attempts = attempts
    }
}

/// What is known of a message after an attempt.
package enum DeliveryState: String, Sendable, Hashable {
    /// The tenant has taken it.
    case accepted
    /// The tenant has worked on it.
    case completed
    /// Refused for good.
    case rejected
    /// Sent, and no answer came: it is to be sent again with the same key.
    case unknown
}

/// What became of one attempt.
package struct DeliveryEvent: Sendable, Hashable {
    /// The message, by ``OutgoingMessage/row``.
    package var row: Int64
    /// The state after the attempt; nil if it is to be tried again.
    package var state: DeliveryState?
    /// The HTTP status, or the WebSocket close code; nil if there was none.
    package var status: Int?
    /// What was said, in at most 200 characters, without content of messages, tokens or URLs.
    package var reason: String?
    /// When the attempt began, in milliseconds since 1970.
    package var startedAt: Int64
    /// How long the answer took, in microseconds.
    package var latency: Int64

    package init(
        row: Int64,
        state: DeliveryState?,
        status: Int? = nil,
        reason: String? = nil,
        startedAt: Int64,
        latency: Int64
    ) {
        self.row = row
        self.state = state
        self.status = status
        self.reason = reason
        self.startedAt = startedAt
        self.latency = latency
    }
}

/// Hands out what is to be sent, in the order of each thread.
package protocol MessageSource: AnyObject {
    /// The next messages, some 64 of them; nil at the end.
    ///
    /// It is asked again only when there is room in the window.
    func next() async throws -> [OutgoingMessage]?
}

/// Remembers what was sent and what became of it.
package protocol DeliveryRecorder: Sendable {
    /// Writes down outcomes, and the intent to send other messages, of which no byte leaves before.
    ///
    /// Called for up to 512 messages, or with the outcomes of 200 ms.
    func record(_ events: [DeliveryEvent], willSend rows: [Int64]) async throws
}
