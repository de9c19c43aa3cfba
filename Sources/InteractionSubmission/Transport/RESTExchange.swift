// One post and its answer, as the HTTP client tells of it. Runs on the event loop.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Collects the answer to one post.
final class RESTExchange: HTTPClientResponseDelegate {
    typealias Response = Void

    /// What came of a post.
    enum Outcome {
        case answered(status: Int, retryAfter: String?, body: ByteBuffer)
        case failed(any Error)
    }

    private struct Received: Sendable {
        var status: Int?
        var retryAfter: String?
        var body = ByteBuffer()
        var hasEnded = false
    }

    let attempt: Attempt
    let token: AccessToken
    let startedAt: Int64
    private let received: NIOLoopBoundBox<Received>
    private let report: @Sendable (RESTExchange, Outcome) -> Void

    /// Makes an exchange that is about to begin.
    ///
    /// - Parameters:
    ///   - attempt: What is posted.
    ///   - token: With which token.
    ///   - startedAt: The time.
    ///   - loop: Where the client calls it.
    ///   - report: Called once, there.
    init(
        _ attempt: Attempt,
        _ token: AccessToken,
        startedAt: Int64,
        on loop: any EventLoop,
        report: @escaping @Sendable (RESTExchange, Outcome) -> Void
    ) {
        self.attempt = attempt
        self.token = token
        self.startedAt = startedAt
        self.report = report
        received = NIOLoopBoundBox(Received(), eventLoop: loop)
    }

    /// Whether its outcome has been reported.
    var hasEnded: Bool { received.value.hasEnded }

    /// What to give as the reason for an end after too long a time.
    var overdue: TransportFailure {
        TransportFailure(.timeout, received.value.status == nil ? "no answer in time" : "no end of the answer in time")
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        received.value.status = Int(head.status.code)
        if head.status.code >= 300 { received.value.retryAfter = head.headers.first(name: "Retry-After") }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ part: ByteBuffer) -> EventLoopFuture<Void> {
        let limit = RESTTransport.answerLimit
        guard received.value.body.readableBytes + part.readableBytes <= limit else {
            let failure = TransportFailure(.invalid, "the answer is longer than \(limit) bytes")
            return task.eventLoop.makeFailedFuture(failure)
        }
        if received.value.body.readableBytes == 0 {
            received.value.body = part
        } else {
            received.value.body.writeImmutableBuffer(part)
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {
        let received = self.received.value
        end(.answered(status: received.status ?? 0, retryAfter: received.retryAfter, body: received.body))
    }

    func didReceiveError(task: HTTPClient.Task<Void>, _ error: any Error) { end(.failed(error)) }

    private func end(_ outcome: Outcome) {
        guard !received.value.hasEnded else { return }
        received.value.hasEnded = true
        report(self, outcome)
    }
}
