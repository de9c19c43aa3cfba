// Who else wants to know: replies as they come, messages that were refused for good.

/// A reply of the tenant.
package struct TenantReply: Sendable {
    /// The message it answers, by ``OutgoingMessage/row``; nil if it names none that was sent lately.
    package var row: Int64?
    /// The id it names; nil if it names none.
    package var correlationId: String?
    /// The name of the superpower that has replied.
    package var actionType: String?
    /// `started`, `completed` or `error`; nil if the reply does not say.
    package var state: String?
    /// Whether it is an error in either form.
    package var isError: Bool
    /// The reply as it came, which can hold what people have written.
    package var bytes: [UInt8]
}

extension TenantReply {
    /// The body of a REST answer.
    init(_ body: [UInt8], to message: OutgoingMessage) {
        self.init(body, ReplyScanner.scan(body), row: message.row)
        correlationId = correlationId ?? message.correlationId
    }

    /// A reply with what was found in it.
    init(_ bytes: [UInt8], _ facts: ReplyFacts, row: Int64?) {
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
        let state: String? =
            switch facts.state {
            case .started: "started"
            case .completed: "completed"
            case .error: "error"
            case .other, nil: facts.isError ? "error" : nil
            }
        self.init(
            row: row,
            correlationId: text(facts.correlationId),
            actionType: text(facts.actionType),
            state: state,
            isError: facts.isError,
            bytes: bytes
        )
    }
}

/// A message that was refused for good.
package struct DeadLetter: Sendable {
    package var message: OutgoingMessage
    package var event: DeliveryEvent
}

/// Callbacks of a run; they are called in order, on threads that must not be held up.
package struct SubmissionListener: Sendable {
    /// Called for every reply, in the order of arrival.
    package var reply: (@Sendable (TenantReply) -> Void)?
    /// Called for every message that is refused for good, before its outcome is recorded.
    package var deadLetter: (@Sendable (DeadLetter) -> Void)?

    /// Makes a listener.
    package init(
        reply: (@Sendable (TenantReply) -> Void)? = nil,
        deadLetter: (@Sendable (DeadLetter) -> Void)? = nil
    ) {
        self.reply = reply
        self.deadLetter = deadLetter
    }
}
