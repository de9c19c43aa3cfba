// Lets the head and the body of a request leave in one call of the system instead of one each.

internal import NIOCore

/// Passes on what was written when the event loop has done what it is at.
///
/// The HTTP client writes the body only after it was told that the head has left, so it is told at once. A write that
/// fails later closes the connection, which fails the request just the same.
final class WriteGatherer: ChannelOutboundHandler {
    typealias OutboundIn = NIOAny

    private var isFlushDue = false

    /// Adds a gatherer to a connection, next to its socket.
    static func add(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(WriteGatherer(), position: .first)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { isFlushDue = false }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: nil)
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) {
        guard !isFlushDue else { return }
        isFlushDue = true
        context.eventLoop.assumeIsolated().execute { self.pass(context) }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        pass(context)
        context.close(mode: mode, promise: promise)
    }

    private func pass(_ context: ChannelHandlerContext) {
        guard isFlushDue else { return }
        isFlushDue = false
        context.flush()
    }
}
