// Ends a connection the hard way, as a failing machine would.

internal import Glibc
internal import NIOCore

/// Sits in front of everything, TLS included, so that nobody can say goodbye.
final class LineCutter: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Resets the connection that a handler is part of.
    static func cut(_ context: ChannelHandlerContext) {
        guard let front = try? context.pipeline.syncOperations.handler(type: LineCutter.self).context else { return }
        // With nothing to linger for, the kernel sends RST instead of FIN.
        let isSet = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        _ = isSet
        front.close(promise: nil)
    }
}
