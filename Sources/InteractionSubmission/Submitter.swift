// The way in: one object, one run.

internal import AsyncHTTPClient
package import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Sends messages to a tenant.
///
/// One submitter does one run.
package final class Submitter: Sendable {
    private let options: SubmissionOptions
    private let target: SubmissionTarget
    private let tls: TLSConfiguration
    private let socketTLS: NIOSSLContext?
    private let listener: SubmissionListener
    private let logger: Logger
    /// One thread moves bytes faster than most tenants take them.
    private let loop: any EventLoop
    private let engine: SubmissionEngine
    private let metrics: SubmissionMetrics

    /// Checks the options; nothing is opened or sent.
    ///
    /// - Parameters:
    ///   - options: Where to send, as whom, how fast.
    ///   - environment: Variables for credentials and proxies.
    ///   - listener: Who wants to know of replies and dead letters.
    ///   - logger: Gets ids, codes and counts, never content.
    /// - Throws: ``SubmissionError`` if the options or credentials cannot be used.
    package init(
        options: SubmissionOptions,
        environment: [String: String],
        listener: SubmissionListener = SubmissionListener(),
        logger: Logger
    ) throws(SubmissionError) {
        self.options = options
        self.target = try options.target(environment: environment)
        tls = try TLSSettings.client(caFile: options.caFile)
        let isSecureSocket = options.transport == .webSocket && target.endpoint.isSecure
        socketTLS = isSecureSocket ? try TLSSettings.context(tls) : nil
        self.listener = listener
        self.logger = logger
        loop = MultiThreadedEventLoopGroup.singleton.next()
        metrics = SubmissionMetrics(transport: options.transport)
        let machine = SubmissionMachine(
            limits: Limits(options),
            epoch: MachineClock.wall - MachineClock.now,
            seed: UInt64.random(in: .min ... .max)
        )
        engine = SubmissionEngine(
            machine: machine,
            loop: loop,
            listener: listener,
            metrics: metrics,
            logger: logger
        )
    }

    /// Sends everything that a source hands out.
    ///
    /// Cancelling the task leaves at once: what is in flight stays without an outcome, and what has one is recorded.
    ///
    /// - Parameters:
    ///   - source: Asked by one task only.
    ///   - recorder: Told before messages are sent, and of every outcome.
    /// - Returns: How it ended. A run that stops because of its tenant or its limits is no thrown error.
    /// - Throws: What the source or the recorder throws, after what is known has been recorded.
    package func run(
        source: any MessageSource,
        recorder: any DeliveryRecorder
    ) async throws -> SubmissionSummary {
        let startedAt = MachineClock.now
        let tokenClient = target.tokenEndpoint.map {
            client(HTTPClient.Configuration(options, $0, target.proxies, tls: tls))
        }
        let tokens = TokenSource(
            target.credentials.fetcher(tokenClient, target.tokenEndpoint, options),
            limits: Limits(options),
            seed: UInt64.random(in: .min ... .max),
            loop: loop,
            metrics: metrics,
            logger: logger
        )
        let messageClient = client(.forMessages(options, target.endpoint, target.proxies, tls: tls))
        var trouble: (any Error)?
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.keepBooks(recorder) }
                group.addTask { await self.send(tokens, messageClient) }
                do {
                    try await feed(source)
                } catch {
                    trouble = error
                    engine.stop()
                }
                try await group.waitForAll()
            }
        } catch {
            trouble = trouble ?? error
        }
        try? await messageClient.shutdown()
        try? await tokenClient?.shutdown()
        do {
            // What is known is written down even if this task is cancelled.
            try await Task { try await self.record(self.engine.remainingEvents(), recorder) }.value
        } catch {
            trouble = trouble ?? error
        }
        if let trouble { throw trouble }
        try Task.checkCancellation()
        return SubmissionSummary(
            ending: engine.ending,
            progress: progress,
            duration: MachineClock.now - startedAt
        )
    }

    /// Asks the run to take nothing new, wait for what is in flight up to ``SubmissionOptions/drain``, and end.
    package func stop() { engine.stop() }

    /// Counts of the run at this moment; cheap enough to be asked ten times a second.
    package var progress: SubmissionProgress { engine.progress }

    private func feed(_ source: any MessageSource) async throws {
        while await engine.wantsMore() {
            let messages = try await source.next()
            engine.add(messages)
            if messages == nil { return }
        }
    }

    private func keepBooks(_ recorder: any DeliveryRecorder) async throws {
        do {
            while let entry = await engine.nextEntry() {
                try await recorder.record(entry.events, willSend: entry.claim)
                if !entry.claim.isEmpty { engine.claimed(entry.claim) }
            }
        } catch {
            // Nothing may be sent that cannot be written down.
            engine.stop()
            throw error
        }
    }

    /// Sends until everything has an outcome, or the run is to end and has waited long enough.
    private func send(_ tokens: TokenSource, _ client: HTTPClient) async {
        await withTaskGroup(of: Void.self) { group in
            switch options.transport {
            case .rest:
                do throws(SubmissionError) {
                    let session = try restSession(tokens, client)
                    group.addTask { await session.run() }
                } catch {
                    engine.fail(error)
                }
            case .webSocket:
                let session = socketSession(tokens)
                group.addTask { await session.run() }
            }
            await engine.waitForEnd(drain: options.drain.microseconds)
            engine.close()
            tokens.close()
            group.cancelAll()
        }
    }

    private func restSession(_ tokens: TokenSource, _ client: HTTPClient) throws(SubmissionError) -> RESTSession {
        RESTSession(
            settings: RESTSession.Settings(
                engine: engine,
                tokens: tokens,
                transport: try RESTTransport(client: client, endpoint: target.endpoint),
                requestTimeout: options.requestTimeout.microseconds,
                listener: listener,
                metrics: metrics,
                loop: loop
            )
        )
    }

    private func socketSession(_ tokens: TokenSource) -> WebSocketSession {
        WebSocketSession(
            settings: WebSocketSession.Settings(
                engine: engine,
                acknowledgement: options.acknowledgement,
                requestTimeout: options.requestTimeout.microseconds,
                listener: listener,
                metrics: metrics,
                logger: logger
            ),
            tokens: tokens,
            upgrade: WebSocketUpgrade(
                endpoint: target.endpoint,
                proxy: target.proxies.proxy(for: target.endpoint),
                tls: socketTLS,
                timeout: .microseconds(options.connectTimeout.microseconds),
                loop: loop
            ),
            limits: Limits(options),
            seed: UInt64.random(in: .min ... .max)
        )
    }

    private func record(_ first: [DeliveryEvent], _ recorder: any DeliveryRecorder) async throws {
        var events = first
        while !events.isEmpty {
            try await recorder.record(events, willSend: [])
            events = engine.remainingEvents()
        }
    }

    private func client(_ configuration: HTTPClient.Configuration) -> HTTPClient {
        HTTPClient(eventLoopGroupProvider: .shared(loop), configuration: configuration)
    }
}
