// A handshake for its own sake: who is there, and do we trust it.

internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// What a handshake agreed on.
struct TLSHandshake: Sendable, Hashable {
    /// Such as `TLS 1.3`.
    var version: String
    /// When the other side's certificate ends, in seconds since 1970.
    var certificateEnd: Int64?

    /// Makes a connection an encrypted one; certificate and host are verified as those of any other connection.
    ///
    /// - Returns: What was agreed on; fails with ``TransportFailure`` or what TLS says.
    static func perform(
        on channel: any Channel,
        _ context: NIOSSLContext,
        host: String,
        _ timeout: TimeAmount
    ) -> EventLoopFuture<TLSHandshake> {
        channel.eventLoop.flatSubmit {
            let outcome = channel.eventLoop.makePromise(of: TLSHandshake.self)
            do {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(TLSSettings.handler(context, host: host))
                try pipeline.addHandler(HandshakeWatcher(outcome))
            } catch {
                outcome.fail(error)
            }
            let timer = channel.eventLoop.scheduleTask(in: timeout) {
                outcome.fail(TransportFailure(.timeout, "no TLS handshake in time"))
            }
            channel.closeFuture.whenComplete { _ in
                outcome.fail(TransportFailure(.lost, "the connection was closed before the TLS handshake"))
            }
            return outcome.futureResult.always { _ in timer.cancel() }
        }
    }
}

private final class HandshakeWatcher: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let outcome: EventLoopPromise<TLSHandshake>

    init(_ outcome: EventLoopPromise<TLSHandshake>) { self.outcome = outcome }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case TLSUserEvent.handshakeCompleted = event else { return context.fireUserInboundEventTriggered(event) }
        let pipeline = context.pipeline.syncOperations
        let version =
            switch (try? pipeline.nioSSL_tlsVersion()) ?? nil {
            case .tlsv12: "TLS 1.2"
            case .tlsv13: "TLS 1.3"
            default: "TLS"
            }
        let certificate = (try? pipeline.nioSSL_peerCertificate()) ?? nil
        outcome.succeed(TLSHandshake(version: version, certificateEnd: certificate.map { Int64($0.notValidAfter) }))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        outcome.fail(error)
        context.close(promise: nil)
    }
}
