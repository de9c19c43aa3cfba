// Hands out tokens to all tasks of a run: drives the token machine.

internal import AsyncHTTPClient
internal import Logging
internal import NIOCore
internal import Synchronization

/// Gets one token.
protocol TokenFetcher: Sendable {
    /// Gets it.
    ///
    /// - Returns: The token, and how long it holds in microseconds, if that is known.
    /// - Throws: ``TokenFailure``, or `CancellationError`.
    func fetch() async throws -> (token: Secret, lifetime: Int64?)
}

extension Credentials {
    /// What gets tokens with them.
    ///
    /// - Parameters:
    ///   - client: A client for the tenant's token endpoint; not needed for tokens from elsewhere.
    ///   - endpoint: That endpoint.
    ///   - options: How the token request looks, and how long it may take.
    /// - Returns: What gets one token each time it is asked.
    func fetcher(_ client: HTTPClient?, _ endpoint: Endpoint?, _ options: SubmissionOptions) -> any TokenFetcher {
        switch self {
        case .client(let id, let secret):
            guard let client, let endpoint else { return GivenToken(token: Secret("")) }
            return TokenRequest(
                client: client,
                endpoint: endpoint,
                id: id,
                secret: secret,
                form: options.tokenRequest,
                timeout: .microseconds(options.requestTimeout.microseconds)
            )
        case .file(let path): return TokenFile(path: path)
        case .command(let arguments):
            return TokenCommand(arguments: arguments, timeout: options.requestTimeout.microseconds)
        case .token(let token): return GivenToken(token: token)
        }
    }
}

/// The tokens of a run.
final class TokenSource: Sendable {
    /// A run that is ending needs no token any more.
    struct Closed: Error {}

    private struct State {
        var machine: TokenMachine
        var dice: Dice
        var isClosed = false
    }

    private let state: Mutex<State>
    private let room = WaitingRoom()
    private let fetcher: any TokenFetcher
    private let loop: any EventLoop
    private let metrics: SubmissionMetrics
    private let logger: Logger

    init(
        _ fetcher: any TokenFetcher,
        limits: Limits,
        seed: UInt64,
        loop: any EventLoop,
        metrics: SubmissionMetrics,
        logger: Logger
    ) {
        state = Mutex(State(machine: TokenMachine(limits: limits), dice: Dice(seed: seed)))
        self.fetcher = fetcher
        self.loop = loop
        self.metrics = metrics
        self.logger = logger
    }

    /// A token for a request.
    ///
    /// - Throws: ``SubmissionError`` if there will be none; ``Closed`` or `CancellationError` at the end of a run.
    func token() async throws -> AccessToken {
        try await decide { machine, now in machine.need(now) }
    }

    /// A token for a request without any waiting; nil if there is none.
    ///
    /// - Returns: The token, and whether `token()` is to be called because it is missing or getting old.
    func atHand() -> (token: AccessToken?, isDue: Bool) {
        let now = MachineClock.now
        return state.withLock { $0.isClosed ? (nil, false) : $0.machine.atHand(now) }
    }

    /// A token that has opened no connection yet.
    ///
    /// - Throws: As `token()`.
    func unspent() async throws -> AccessToken {
        try await decide { machine, now in machine.needUnspent(now) }
    }

    /// The tenant has not taken a token.
    func refused(_ token: AccessToken) {
        state.withLock { $0.machine.refused(token.generation) }
        room.wakeAll()
    }

    /// The tenant has taken a token.
    func worked() { state.withLock { $0.machine.worked() } }

    /// Nobody needs to wait for a token any more.
    func close() {
        state.withLock { $0.isClosed = true }
        room.wakeAll()
    }

    private func decide(_ need: (inout TokenMachine, Int64) -> TokenMachine.Decision) async throws -> AccessToken {
        while true {
            try Task.checkCancellation()
            let now = MachineClock.now
            let decision = state.withLock { state in state.isClosed ? nil : need(&state.machine, now) }
            switch decision {
            case nil: throw Closed()
            case .use(let token): return token
            case .failed(let error): throw error
            case .fetch: await fetch()
            case .wait:
                await room.wait(on: loop) { state.withLock { !$0.isClosed && $0.machine.isFetching } }
            case .waitUntil(let time):
                await room.wait(on: loop, time - now) { state.withLock { !$0.isClosed } }
            }
        }
    }

    private func fetch() async {
        do {
            let (token, lifetime) = try await fetcher.fetch()
            let now = MachineClock.now
            state.withLock { $0.machine.fetched(token, lifetime: lifetime, now: now) }
            metrics.tokenFetched()
            logger.debug("token fetched", metadata: ["lifetime_s": "\(lifetime.map { $0 / 1_000_000 } ?? -1)"])
        } catch let failure as TokenFailure {
            let now = MachineClock.now
            state.withLock { state in state.machine.failed(failure, now: now, &state.dice) }
            metrics.tokenFailed()
            logger.warning("no token", metadata: ["reason": "\(failure.reason)"])
        } catch {
            state.withLock { $0.machine.abandoned() }
        }
        room.wakeAll()
    }
}
