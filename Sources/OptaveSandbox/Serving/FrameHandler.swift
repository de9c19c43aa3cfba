// WebSocket: brings texts to the tenant and carries out what it decides.

internal import NIOCore
internal import NIOWebSocket

/// One WebSocket connection.
final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let tenant: Tenant
    private var assembler = FrameAssembler(limit: SandboxLimits.frame)
    private var isClosing = false

    init(_ tenant: Tenant) { self.tenant = tenant }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        // After its own close frame it listens for the other one only.
        guard !isClosing || frame.opcode == .connectionClose else { return }
        guard frame.maskKey != nil else { return close(context, code: 1002, reason: "a client must mask") }
        switch frame.opcode {
        case .ping:
            send(.pong, frame.unmaskedData, context)
        case .pong:
            break
        case .connectionClose:
            if isClosing { return context.close(promise: nil) }
            var status = frame.unmaskedData
            isClosing = true
            let echo = status.readSlice(length: min(2, status.readableBytes)) ?? ByteBuffer()
            send(.connectionClose, echo, context)
            context.close(promise: nil)
        default:
            receive(frame, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The line stays open a while: to close it on a client that still sends would reset it, and the client would
        // not see the close frame. What it sends until then is an error too.
        if isClosing { return }
        guard let error = error as? NIOWebSocketError else { return context.close(promise: nil) }
        let isTooLarge = error == .invalidFrameLength
        close(context, code: isTooLarge ? 1009 : 1002, reason: isTooLarge ? "message too big" : "a broken frame")
    }

    private func receive(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        switch assembler.add(frame.opcode, frame.unmaskedData, isFinal: frame.fin) {
        case .incomplete: break
        case .violation(let code, let reason): close(context, code: code, reason: reason)
        case .text(let text):
            for action in text.withUnsafeReadableBytes({ tenant.receive($0, .now) }) { perform(action, context) }
        }
    }

    private func perform(_ action: SocketAction, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let text, delay: 0): send(.text, ByteBuffer(bytes: text), context)
        case .send(let text, let delay):
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(delay)) {
                guard !self.isClosing else { return }
                self.send(.text, ByteBuffer(bytes: text), context)
                context.flush()
            }
        case .close(let code, let reason): close(context, code: code, reason: reason)
        case .cut: LineCutter.cut(context)
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
        if opcode != .text { context.flush() }
    }

    private func close(_ context: ChannelHandlerContext, code: Int, reason: String) {
        isClosing = true
        var data = ByteBuffer()
        data.writeInteger(UInt16(code))
        data.writeString(reason)
        send(.connectionClose, data, context)
        // Whoever does not answer a close frame does not keep the line.
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { context.close(promise: nil) }
    }
}

/// Puts the fragments of a message together.
struct FrameAssembler {
    enum Result: Equatable {
        case incomplete
        case text(ByteBuffer)
        case violation(code: Int, reason: String)
    }

    private let limit: Int
    /// The fragments so far; nil between messages.
    private var message: ByteBuffer?

    /// - Parameter limit: The most bytes of a message.
    init(limit: Int) { self.limit = limit }

    /// Takes the next data frame of a connection.
    mutating func add(_ opcode: WebSocketOpcode, _ data: ByteBuffer, isFinal: Bool) -> Result {
        var data = data
        switch (opcode, message) {
        case (.text, nil): message = data
        case (.continuation, .some): message?.writeBuffer(&data)
        case (.binary, _): return .violation(code: 1003, reason: "only text is understood")
        default: return .violation(code: 1002, reason: "a fragment out of place")
        }
        guard let text = message, text.readableBytes <= limit else {
            return .violation(code: 1009, reason: "message too big")
        }
        guard isFinal else { return .incomplete }
        message = nil
        return .text(text)
    }
}
