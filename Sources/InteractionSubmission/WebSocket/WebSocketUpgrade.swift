// Makes the connection: through a proxy if need be, TLS, the upgrade with the token as subprotocol.

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket

/// Opens WebSocket connections.
struct WebSocketUpgrade: Sendable {
    static let subprotocol = "optave-v1"
    /// Bytes of an incoming frame, and of a message in several frames, at most.
    static let frameLimit = 1 << 20

    let endpoint: Endpoint
    let proxy: ProxySettings.Proxy?
    let tls: NIOSSLContext?
    let timeout: TimeAmount
    let loop: any EventLoop

    /// Whether a token can travel as a subprotocol, RFC 9110's token characters.
    static func canCarry(_ token: Secret) -> Bool {
        !token.exposed.isEmpty && token.exposed != subprotocol
            && token.exposed.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - token: Opens one connection.
    ///   - makeHandler: Makes the handler of frames, on the connection's event loop.
    /// - Throws: ``ConnectionLoss``.
    func open(
        token: AccessToken,
        _ makeHandler: @escaping @Sendable (any Channel) -> WebSocketHandler
    ) async throws(ConnectionLoss) {
        let outcome = loop.makePromise(of: Void.self)
        var opened: (any Channel)?
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: proxy?.host ?? endpoint.host, port: proxy?.port ?? endpoint.port).get()
            opened = channel
            channel.closeFuture.whenComplete { _ in
                outcome.fail(TransportFailure(.lost, "the connection was closed before the upgrade"))
            }
            // A server that takes the connection and says nothing.
            let timer = loop.scheduleTask(in: timeout) {
                outcome.fail(TransportFailure(.timeout, "no answer to the upgrade in time"))
                channel.close(promise: nil)
            }
            defer { timer.cancel() }
            try await withTaskCancellationHandler {
                if let proxy { try await ProxyTunnel.open(proxy, to: endpoint, on: channel).get() }
                try await configure(channel, token, outcome, makeHandler).get()
                try await outcome.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
        } catch {
            outcome.fail(error)
            opened?.close(promise: nil)
            throw error as? ConnectionLoss ?? .unreachable(TransportFailure(error))
        }
    }

    private func configure(
        _ channel: any Channel,
        _ token: AccessToken,
        _ outcome: EventLoopPromise<Void>,
        _ makeHandler: @escaping @Sendable (any Channel) -> WebSocketHandler
    ) -> EventLoopFuture<Void> {
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: Self.frameLimit,
            upgradePipelineHandler: { channel, head in
                guard head.headers["Sec-WebSocket-Protocol"] == [Self.subprotocol] else {
                    outcome.fail(ConnectionLoss.wrongProtocol)
                    return channel.close()
                }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 0,
                            maxAccumulatedFrameCount: 4096,
                            maxAccumulatedFrameSize: Self.frameLimit
                        )
                    )
                    try pipeline.addHandler(makeHandler(channel))
                    outcome.succeed()
                }
            }
        )
        return channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(TLSSettings.handler(tls, host: endpoint.host)) }
            let watcher = UpgradeWatcher(outcome: outcome)
            try pipeline.addHTTPClientHandlers(
                leftOverBytesStrategy: .forwardBytes,
                enableOutboundHeaderValidation: true,
                withClientUpgrade: (
                    upgraders: [upgrader],
                    completionHandler: { context in context.pipeline.syncOperations.removeHandler(watcher, promise: nil)
                    }
                )
            )
            try pipeline.addHandler(watcher)
            var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: endpoint.path)
            head.headers.add(name: "Host", value: endpoint.authority)
            head.headers.add(name: "User-Agent", value: RESTTransport.userAgent)
            head.headers.add(name: "Sec-WebSocket-Protocol", value: "\(Self.subprotocol),\(token.secret.exposed)")
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
    }
}

/// Reads the answer of a server that does not upgrade, which NIO's own handler keeps to itself.
private final class UpgradeWatcher: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPClientResponsePart

    private let outcome: EventLoopPromise<Void>

    init(outcome: EventLoopPromise<Void>) { self.outcome = outcome }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let retryAfter = head.headers.first(name: "Retry-After").flatMap {
            RetryAfter.microseconds($0, now: MachineClock.wall / 1_000_000)
        }
        outcome.fail(ConnectionLoss.refused(Int(head.status.code), retryAfter: retryAfter))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.fail(error)
        context.close(promise: nil)
    }
}
