// The WebSocket side of the loopback server.

import NIOCore
import NIOHTTP1
import NIOWebSocket
import Synchronization

/// What a scripted WebSocket server does.
struct SocketScript: Sendable {
    /// What becomes of a frame's message.
    enum Reaction: Sendable {
        case text(String)
        case fragments([String])
        case ping
        case close(UInt16)
        /// Ends the line without a close frame.
        case cut
    }

    /// The subprotocol that is answered; nil for none.
    var answered: String? = "optave-v1"
    /// Called for every whole message: the connection's number, the message's number in it, the text.
    var react: @Sendable (Int, Int, String) -> [Reaction]
    private let counter = ConnectionCounter()

    init(answered: String? = "optave-v1", _ react: @escaping @Sendable (Int, Int, String) -> [Reaction]) {
        self.answered = answered
        self.react = react
    }

    func upgrader(_ log: @escaping @Sendable (ReceivedRequest) -> Void) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 20,
            shouldUpgrade: { channel, head in
                log(
                    ReceivedRequest(
                        method: "UPGRADE",
                        uri: head.uri,
                        headers: head.headers,
                        body: [],
                        number: 0
                    )
                )
                var headers = HTTPHeaders()
                if let answered { headers.add(name: "Sec-WebSocket-Protocol", value: answered) }
                return channel.eventLoop.makeSucceededFuture(headers)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        SocketScriptHandler(number: counter.next(), react: react)
                    )
                }
            }
        )
    }
}

private final class ConnectionCounter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock { count in
            defer { count += 1 }
            return count
        }
    }
}

private final class SocketScriptHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let number: Int
    private let react: @Sendable (Int, Int, String) -> [SocketScript.Reaction]
    private var text = ""
    private var messages = 0

    init(number: Int, react: @escaping @Sendable (Int, Int, String) -> [SocketScript.Reaction]) {
        self.number = number
        self.react = react
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .continuation:
            var bytes = frame.unmaskedData
            text += bytes.readString(length: bytes.readableBytes) ?? ""
            guard frame.fin else { return }
            let reactions = react(number, messages, text)
            messages += 1
            text = ""
            for reaction in reactions { perform(reaction, context) }
        case .ping: send(.pong, frame.unmaskedData, context)
        case .connectionClose:
            send(.connectionClose, frame.unmaskedData, context)
            context.close(promise: nil)
        default: break
        }
    }

    private func perform(_ reaction: SocketScript.Reaction, _ context: ChannelHandlerContext) {
        switch reaction {
        case .text(let text): send(.text, ByteBuffer(string: text), context)
        case .fragments(let parts):
            for (index, part) in parts.enumerated() {
                let frame = WebSocketFrame(
                    fin: index == parts.count - 1,
                    opcode: index == 0 ? .text : .continuation,
                    data: ByteBuffer(string: part)
                )
                context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
            }
        case .ping: send(.ping, ByteBuffer(string: "are you there"), context)
        case .close(let code):
            var data = ByteBuffer()
            data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: Int(code)))
            send(.connectionClose, data, context)
        case .cut: context.close(promise: nil)
        }
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }
}
