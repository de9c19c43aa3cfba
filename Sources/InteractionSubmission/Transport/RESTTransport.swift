// One message, one POST.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Sends messages over REST.
struct RESTTransport: Sendable {
    static let userAgent = "interaction-migrate"
    /// Bytes of an answer at most.
    static let answerLimit = 1 << 20

    let client: HTTPClient
    let url: String
    let timeout: TimeAmount

    /// Sends a message and waits for the answer.
    ///
    /// - Returns: What came of it, and the answer's body.
    func send(_ message: OutgoingMessage, token: AccessToken) async -> (answer: Answer, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = [
            "Authorization": "Bearer \(token.secret.exposed)",
            "Content-Type": "application/json",
            "Idempotency-Key": message.idempotencyKey,
            "User-Agent": Self.userAgent,
        ]
        request.body = .bytes(ByteBuffer(bytes: message.envelope[message.payload]))
        let deadline = NIODeadline.now() + timeout
        do {
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collected(upTo: Self.answerLimit, deadline: deadline)
            let retryAfter = response.headers.first(name: "Retry-After")
            return (Self.answer(status: Int(response.status.code), retryAfter: retryAfter, body: body), body)
        } catch {
            return (Self.answer(TransportFailure(error)), [])
        }
    }

    /// What a status means.
    static func answer(status: Int, retryAfter: String?, body: [UInt8]) -> Answer {
        var answer = Answer(verdict: .accepted, status: status)
        answer.retryAfter = retryAfter.flatMap { RetryAfter.microseconds($0, now: MachineClock.wall / 1_000_000) }
        switch status {
        case 200...299:
            let reply = ReplyScanner.scan(body)
            if reply.isError { return ErrorReply.answer(body, status: status) }
            if reply.state == .completed { answer.verdict = .completed }
            return answer
        case 300...399:
            answer.verdict = .retry(.unreachable)
            answer.reason = "HTTP \(status) leads elsewhere and is not followed"
            answer.fatal = SubmissionError(
                .wire,
                "the tenant answers HTTP \(status), which leads elsewhere and is not followed; check the address"
            )
            return answer
        case 401: answer.verdict = .retry(.unauthorized)
        case 409: answer.verdict = .retry(.conflict)
        case 408: answer.verdict = .retry(.timeout)
        case 425, 429: answer.verdict = .retry(.throttled)
        case 500...: answer.verdict = .retry(.server)
        default: answer.verdict = .rejected
        }
        answer.reason = "HTTP \(status)"
        if let code = ErrorReply.code(in: body) { answer.reason = "HTTP \(status) (\(code))" }
        return answer
    }

    /// What it means that there was no answer.
    static func answer(_ failure: TransportFailure) -> Answer {
        switch failure.kind {
        case .unreachable: Answer(verdict: .retry(.unreachable), reason: failure.reason)
        case .certificate:
            Answer(
                verdict: .retry(.unreachable),
                reason: failure.reason,
                fatal: SubmissionError(.certificate, failure.reason)
            )
        case .timeout: Answer(verdict: .retry(.timeout), reason: failure.reason)
        case .lost: Answer(verdict: .retry(.connection), reason: failure.reason)
        case .invalid: Answer(verdict: .retry(.server), reason: failure.reason)
        }
    }
}
