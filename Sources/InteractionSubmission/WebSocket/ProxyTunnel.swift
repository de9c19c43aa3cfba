// Asks an HTTP proxy for a tunnel; over it, everything is as without a proxy.

internal import AsyncHTTPClient
internal import NIOCore

/// A tunnel through a proxy.
enum ProxyTunnel {
    /// Asks for it.
    ///
    /// - Returns: Succeeds when bytes go to the endpoint; fails with ``TransportFailure``.
    static func open(
        _ proxy: ProxySettings.Proxy,
        to endpoint: Endpoint,
        on channel: any Channel
    ) -> EventLoopFuture<Void> {
        let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
        var request = "CONNECT \(host):\(endpoint.port) HTTP/1.1\r\nHost: \(host):\(endpoint.port)\r\n"
        if let login = proxy.login {
            var carrier = HTTPClientRequest(url: "")
            carrier.setBasicAuth(username: login.user, password: login.password)
            request += "Proxy-Authorization: \(carrier.headers["Authorization"].joined())\r\n"
        }
        request += "\r\n"
        let bytes = ByteBuffer(string: request)
        return channel.eventLoop.flatSubmit {
            let outcome = channel.eventLoop.makePromise(of: Void.self)
            let handler = ProxyAnswer(outcome: outcome)
            do {
                try channel.pipeline.syncOperations.addHandler(handler)
            } catch {
                outcome.fail(error)
            }
            channel.closeFuture.whenComplete { _ in
                outcome.fail(TransportFailure(.unreachable, "the proxy has closed the connection"))
            }
            channel.writeAndFlush(bytes, promise: nil)
            return outcome.futureResult.assumeIsolated()
                .flatMap { channel.pipeline.syncOperations.removeHandler(handler) }.nonisolated()
        }
    }
}

private final class ProxyAnswer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let outcome: EventLoopPromise<Void>
    private var head: [UInt8] = []

    init(outcome: EventLoopPromise<Void>) { self.outcome = outcome }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        head += Array(unwrapInboundIn(data).readableBytesView)
        guard head.count <= 16_384 else {
            outcome.fail(TransportFailure(.unreachable, "the proxy's answer is too long"))
            return context.close(promise: nil)
        }
        let text = String(decoding: head, as: UTF8.self)
        guard text.hasSuffix("\r\n\r\n") else { return }
        let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].hasPrefix("2") else {
            let status = words.count >= 2 ? String(words[1].prefix(3)) : "?"
            outcome.fail(TransportFailure(.unreachable, "the proxy does not connect (HTTP \(status))"))
            return context.close(promise: nil)
        }
        outcome.succeed()
    }
}
