// Answers GET /metrics on this machine only.

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A small HTTP server for Prometheus.
package final class MetricsServer: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) { self.channel = channel }

    /// The port that it listens on.
    package var port: Int { channel.localAddress?.port ?? 0 }

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - metrics: What is served.
    ///   - port: The port of 127.0.0.1; 0 takes a free one.
    /// - Returns: The server, which listens until it is closed.
    /// - Throws: What the system says if the port cannot be had.
    package static func start(_ metrics: PrometheusMetrics, port: Int) async throws -> MetricsServer {
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(MetricsHandler(metrics))
                }
            }
        return MetricsServer(try await bootstrap.bind(host: "127.0.0.1", port: port).get())
    }

    /// Listens no more.
    package func close() async { try? await channel.close().get() }
}

private final class MetricsHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let metrics: PrometheusMetrics
    private var head: HTTPRequestHead?

    init(_ metrics: PrometheusMetrics) { self.metrics = metrics }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        let isKnown = head.uri == "/metrics" && (head.method == .GET || head.method == .HEAD)
        let text = isKnown ? metrics.text : "there is /metrics only\n"
        var response = HTTPResponseHead(version: .http1_1, status: isKnown ? .ok : .notFound)
        response.headers = [
            "Content-Type": "text/plain; version=0.0.4; charset=utf-8", "Content-Length": "\(text.utf8.count)",
            "Connection": "close",
        ]
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        if head.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
