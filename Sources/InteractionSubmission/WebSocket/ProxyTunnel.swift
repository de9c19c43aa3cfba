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
        if let credentials = proxy.credentials {
            request += "Proxy-Authorization: \(basic(credentials))\r\n"
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

    private static func basic(_ credentials: Secret) -> String {
        let parts = credentials.exposed.split(separator: ":", maxSplits: 1).map(String.init)
        var carrier = HTTPClientRequest(url: "")
        carrier.setBasicAuth(username: parts.first ?? "", password: parts.count > 1 ? parts[1] : "")
        return carrier.headers.first(name: "Authorization") ?? ""
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
