// One message, one POST.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Sends messages over REST.
struct RESTTransport: Sendable {
    static let userAgent = "interaction-migrate"
    /// Bytes of an answer at most.
    static let answerLimit = 1 << 20

    private let client: HTTPClient
    private let template: HTTPClient.Request

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - client: Keeps the connections.
    ///   - endpoint: Where to.
    /// - Throws: ``SubmissionError`` if the client cannot read the address.
    init(client: HTTPClient, endpoint: Endpoint) throws(SubmissionError) {
        self.client = client
        do {
            // Read once: a URL costs more than the rest of a request's head.
            template = try HTTPClient.Request(
                url: endpoint.url,
                method: .POST,
                headers: [
                    "Host": endpoint.authority, "User-Agent": Self.userAgent, "Content-Type": "application/json",
                ]
            )
        } catch {
            throw SubmissionError(.options, "the client cannot send to such an address")
        }
    }

    /// Sends a message.
    ///
    /// - Parameters:
    ///   - message: What to send.
    ///   - token: With what authority.
    ///   - exchange: Is told of the answer, on the event loop.
    ///   - loop: The client's.
    /// - Returns: The post, which can be cancelled.
    func post(
        _ message: OutgoingMessage,
        token: AccessToken,
        for exchange: RESTExchange,
        on loop: any EventLoop
    ) -> HTTPClient.Task<Void> {
        var request = template
        request.headers.add(name: "Authorization", value: "Bearer \(token.secret.exposed)")
        request.headers.add(name: "Idempotency-Key", value: message.idempotencyKey)
        request.body = .byteBuffer(ByteBuffer(bytes: message.envelope[message.payload]))
        return client.execute(request: request, delegate: exchange, eventLoop: .delegate(on: loop), logger: nil)
    }

    /// What a status means.
    static func answer(status: Int, retryAfter: String?, body: ByteBuffer) -> Answer {
        var answer = Answer(verdict: .accepted, status: status)
        answer.retryAfter = retryAfter.flatMap { RetryAfter.microseconds($0, now: MachineClock.wall / 1_000_000) }
        switch status {
        case 200...299:
            let reply = body.withUnsafeReadableBytes { ReplyScanner.scan($0) }
            if reply.isError { return ErrorReply.answer(Array(body.readableBytesView), status: status) }
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
        if let code = ErrorReply.code(in: Array(body.readableBytesView)) { answer.reason = "HTTP \(status) (\(code))" }
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
