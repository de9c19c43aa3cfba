// A server on this machine that does what a test tells it, also what no decent server does.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// What a request was.
struct ReceivedRequest: Sendable {
    var method: String
    var uri: String
    var headers: HTTPHeaders
    var body: [UInt8]
    /// Counts from 0.
    var number: Int

    var path: String { String(uri.prefix { $0 != "?" }) }
    var key: String? { headers.first(name: "Idempotency-Key") }
}

/// What becomes of it.
enum ServerReaction: Sendable {
    case answer(Int, [(String, String)] = [], String = "")
    /// After so many milliseconds.
    case late(Int64, Int, String = "")
    case silence
    /// Closes without an answer.
    case drop
    /// Two million bytes.
    case long
    /// A head, then a body without end.
    case endless
    /// A head, then a byte now and then.
    case dribbleBody
    /// A head of which a byte comes now and then.
    case dribbleHead
    /// Bytes that are no HTTP.
    case garbage
}

/// A server of HTTP/1.1.
final class LoopbackServer: Sendable {
    typealias Script = @Sendable (ReceivedRequest) -> ServerReaction

    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let log: Mutex<[ReceivedRequest]>
    private let connections: Mutex<Int>

    /// Everything that has come in.
    var requests: [ReceivedRequest] { log.withLock { $0 } }
    /// Connections that are open.
    var openConnections: Int { connections.withLock { $0 } }

    init(
        tls: NIOSSLContext? = nil,
        socket: SocketScript? = nil,
        _ script: @escaping Script
    ) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let log = SharedLog()
        self.log = Mutex([])
        connections = Mutex(0)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.server?.opened(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    let handler = ScriptHandler(script: script) { request in log.server?.log(request) ?? 0 }
                    if let socket {
                        let upgrader = socket.upgrader { request in _ = log.server?.log(request) }
                        try pipeline.configureHTTPServerPipeline(
                            withServerUpgrade: (
                                upgraders: [upgrader],
                                completionHandler: { context in
                                    context.pipeline.syncOperations.removeHandler(handler, promise: nil)
                                }
                            )
                        )
                    } else {
                        try pipeline.configureHTTPServerPipeline()
                    }
                    try pipeline.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        log.set(self)
    }

    private func opened(_ channel: any Channel) {
        connections.withLock { $0 += 1 }
        channel.closeFuture.whenComplete { [weak self] _ in self?.connections.withLock { $0 -= 1 } }
    }

    @discardableResult
    fileprivate func log(_ request: ReceivedRequest) -> Int {
        log.withLock { log in
            log.append(request)
            return log.count - 1
        }
    }

    func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// Breaks the circle between a server and its handlers.
private final class SharedLog: Sendable {
    private struct Weak { weak var server: LoopbackServer? }
    private let held = Mutex(Weak())
    var server: LoopbackServer? { held.withLock { $0.server } }
    func set(_ server: LoopbackServer) { held.withLock { $0.server = server } }
}

private final class ScriptHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let script: LoopbackServer.Script
    private let log: @Sendable (ReceivedRequest) -> Int
    private let pending = Mutex<(head: HTTPRequestHead?, body: [UInt8])>((nil, []))

    init(script: @escaping LoopbackServer.Script, log: @escaping @Sendable (ReceivedRequest) -> Int) {
        self.script = script
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): pending.withLock { $0 = (head, []) }
        case .body(let buffer): pending.withLock { $0.body += Array(buffer.readableBytesView) }
        case .end:
            guard case let (head?, body) = pending.withLock({ $0 }) else { return }
            var request = ReceivedRequest(
                method: head.method.rawValue,
                uri: head.uri,
                headers: head.headers,
                body: body,
                number: 0
            )
            request.number = log(request)
            react(context.channel, script(request), head.version)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func react(_ channel: any Channel, _ reaction: ServerReaction, _ version: HTTPVersion) {
        switch reaction {
        case .answer(let status, let fields, let body): answer(channel, status, fields, body)
        case .late(let milliseconds, let status, let body):
            channel.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                self.answer(channel, status, [], body)
            }
        case .long: answer(channel, 200, [], String(repeating: " ", count: 2_000_000))
        case .silence: break
        case .drop: channel.close(promise: nil)
        case .endless:
            channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: version, status: .ok)), promise: nil)
            flood(channel)
        case .dribbleBody:
            channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: version, status: .ok)), promise: nil)
            dribble(channel) {
                channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: " "))))
            }
        case .dribbleHead:
            guard let raw = raw(channel) else { return }
            _ = raw("HTTP/1.1 200 OK\r\nX: ")
            dribble(channel) { raw("x") }
        case .garbage: _ = raw(channel)?("\u{1}\u{2}no\r\n\r\n")
        }
    }

    private func answer(_ channel: any Channel, _ status: Int, _ fields: [(String, String)], _ body: String) {
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
        for (name, value) in fields { head.headers.add(name: name, value: value) }
        head.headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
    }

    private func flood(_ channel: any Channel) {
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(repeating: 0x20, count: 65_536)))
        channel.writeAndFlush(part).whenSuccess { self.flood(channel) }
    }

    private func dribble(_ channel: any Channel, _ write: @escaping @Sendable () -> EventLoopFuture<Void>) {
        channel.eventLoop.scheduleTask(in: .milliseconds(20)) {
            write().whenSuccess { self.dribble(channel, write) }
        }
    }

    /// Writes past HTTP.
    private func raw(_ channel: any Channel) -> (@Sendable (String) -> EventLoopFuture<Void>)? {
        guard let context = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return nil
        }
        let bound = NIOLoopBound(context, eventLoop: channel.eventLoop)
        return { text in bound.value.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: text)))) }
    }
}
