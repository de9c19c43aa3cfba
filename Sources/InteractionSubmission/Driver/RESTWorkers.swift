// Workers that pull messages and post them, as many as may be in flight.

internal import NIOCore

/// The driver of REST.
struct RESTWorkers: Sendable {
    let engine: SubmissionEngine
    let tokens: TokenSource
    let transport: RESTTransport
    let metrics: SubmissionMetrics
    let listener: SubmissionListener

    /// What one worker does until there is nothing left.
    func work() async {
        var generation = 0
        while let attempt = await engine.next() {
            let token: AccessToken
            do {
                token = try await tokens.token()
            } catch {
                if let error = error as? SubmissionError { engine.fail(error) }
                engine.answered(attempt, Answer(verdict: .notSent), startedAt: attempt.startedAt)
                if Task.isCancelled { return }
                continue
            }
            let startedAt = MachineClock.now
            metrics.attempted()
            let (answer, body) = await transport.send(attempt.message, token: token)
            // Left in the middle of it: what became of it is not known, and the recorder knows that it was to be sent.
            if Task.isCancelled { return }
            if answer.verdict == .retry(.unauthorized) {
                tokens.refused(token)
            } else if answer.status != nil, token.generation != generation {
                generation = token.generation
                tokens.worked()
            }
            if !body.isEmpty, let reply = listener.reply { reply(TenantReply(body, to: attempt.message)) }
            engine.answered(attempt, answer, startedAt: startedAt)
        }
    }
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
