// The posts of a run: kept supplied with tokens by a task, sent and answered on one event loop.

internal import AsyncHTTPClient
internal import NIOCore

/// The driver of REST.
struct RESTSession: Sendable {
    /// What all posts share.
    struct Settings: Sendable {
        let engine: SubmissionEngine
        let tokens: TokenSource
        let transport: RESTTransport
        /// In microseconds, from the beginning of a post to the end of its answer.
        let requestTimeout: Int64
        let listener: SubmissionListener
        let metrics: SubmissionMetrics
        let loop: any EventLoop
    }

    let settings: Settings

    /// Sends until the task is cancelled.
    func run() async {
        let (needs, need) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let settings = self.settings
        let loop = settings.loop
        let made = try? await loop.submit {
            let sender = NIOLoopBound(RESTSender(settings) { need.yield() }, eventLoop: loop)
            sender.value.begin()
            return sender
        }.get()
        guard let sender = made else { return }
        for await _ in needs {
            do {
                _ = try await settings.tokens.token()
            } catch {
                if let error = error as? SubmissionError { settings.engine.fail(error) }
            }
            loop.execute { sender.value.fill() }
        }
        try? await loop.submit { sender.value.leave() }.get()
    }
}

/// Takes messages, posts as many as may be in flight, and says what came of them.
///
/// It runs on the event loop, so that a message changes no threads on its way.
private final class RESTSender {
    private let settings: RESTSession.Settings
    private let needToken: () -> Void
    private var inFlight: [Int64: (exchange: RESTExchange, task: HTTPClient.Task<Void>)] = [:]
    /// The last token that the tenant has taken.
    private var workedGeneration = 0
    private var ticker: RepeatedTask?
    private var hasLeft = false

    /// Makes a sender.
    ///
    /// - Parameters:
    ///   - settings: What all posts share.
    ///   - needToken: Called when a token is to be fetched; `fill` is to be called after it.
    init(_ settings: RESTSession.Settings, needToken: @escaping () -> Void) {
        self.settings = settings
        self.needToken = needToken
    }

    func begin() {
        let bound = NIOLoopBound(self, eventLoop: settings.loop)
        let loop = settings.loop
        let tick = TimeAmount.microseconds(min(1_000_000, max(10_000, settings.requestTimeout / 10)))
        ticker = loop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in bound.value.look() }
        settings.engine.onReady { loop.execute { bound.value.fill() } }
        fill()
    }

    /// Sends what may leave.
    func fill() {
        while !hasLeft, let token = token(), let attempt = settings.engine.nextNow() { post(attempt, token) }
    }

    /// Leaves what is in flight: what becomes of it is not known, and the recorder knows that it was to be sent.
    func leave() {
        hasLeft = true
        ticker?.cancel()
        settings.engine.onReady(nil)
        let left = inFlight
        inFlight = [:]
        for (_, task) in left.values { task.cancel() }
    }

    private func token() -> AccessToken? {
        let (token, isDue) = settings.tokens.atHand()
        if isDue { needToken() }
        return token
    }

    private func post(_ attempt: Attempt, _ token: AccessToken) {
        let bound = NIOLoopBound(self, eventLoop: settings.loop)
        let exchange = RESTExchange(attempt, token, startedAt: MachineClock.now, on: settings.loop) {
            bound.value.ended($0, $1)
        }
        settings.metrics.attempted()
        let task = settings.transport.post(attempt.message, token: token, for: exchange, on: settings.loop)
        if !exchange.hasEnded { inFlight[attempt.row] = (exchange, task) }
    }

    private func ended(_ exchange: RESTExchange, _ outcome: RESTExchange.Outcome) {
        guard !hasLeft else { return }
        inFlight[exchange.attempt.row] = nil
        let answer: Answer
        switch outcome {
        case .answered(let status, let retryAfter, let body):
            answer = RESTTransport.answer(status: status, retryAfter: retryAfter, body: body)
            if status == 401 {
                settings.tokens.refused(exchange.token)
            } else if exchange.token.generation != workedGeneration {
                workedGeneration = exchange.token.generation
                settings.tokens.worked()
            }
            if body.readableBytes > 0, let reply = settings.listener.reply {
                reply(TenantReply(Array(body.readableBytesView), to: exchange.attempt.message))
            }
        case .failed(let error): answer = RESTTransport.answer(TransportFailure(error))
        }
        settings.engine.answered(exchange.attempt, answer, startedAt: exchange.startedAt)
    }

    private func look() {
        let now = MachineClock.now
        for (exchange, task) in inFlight.values where now - exchange.startedAt >= settings.requestTimeout {
            task.fail(reason: exchange.overdue)
        }
    }
}
