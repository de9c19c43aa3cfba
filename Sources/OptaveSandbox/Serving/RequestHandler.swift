// HTTP: brings requests to the tenant, carries its answers back, and hands a connection over to the WebSocket.

internal import InteractionModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// One HTTP connection; answers one request after the other, at a limited size and in a limited time.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let tenant: Tenant
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    /// Whether the rest of the request is read for nothing: to close earlier would reset the line, and the client
    /// would not see the answer.
    private var isRefused = false
    /// Ends a connection on which nothing gets done, such as one that sends a byte a second.
    private var deadline: Scheduled<Void>?

    init(_ tenant: Tenant) { self.tenant = tenant }

    func handlerAdded(context: ChannelHandlerContext) { restartDeadline(context) }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A malformed request has got its 400 from the handler before this one.
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body.clear()
            isRefused = false
            let length = head.headers.first(name: "Content-Length").flatMap(Int.init) ?? 0
            if length > limit(head) {
                refuseSize(context)
            } else if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
                    promise: nil
                )
            }
        case .body(var part):
            guard let head, !isRefused else { return }
            body.writeBuffer(&part)
            if body.readableBytes > limit(head) { refuseSize(context) }
        case .end:
            if isRefused { return context.close(promise: nil) }
            guard let head else { return }
            self.head = nil
            answer(head, context)
        }
    }

    private func limit(_ head: HTTPRequestHead) -> Int {
        head.path.hasPrefix("/message/") ? InteractionSize.limit : SandboxLimits.tokenRequest
    }

    private func refuseSize(_ context: ChannelHandlerContext) {
        isRefused = true
        let response = Tenant.problem(status: 413, code: "PAYLOAD_TOO_LARGE", "the body is too large")
        send(response, head, context, closes: true)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let now = WallTime.now
        let path = head.path
        if path.hasSuffix("/token") {
            guard head.method == .POST else { return refuse(405, "POST is the method here", head, context) }
            let answer = tenant.token(
                query: head.query,
                body: String(buffer: body),
                authorization: head.headers.first(name: "Authorization"),
                now
            )
            return perform(answer, head, context)
        }
        switch path {
        case "/message/interaction":
            guard head.method == .POST else { return refuse(405, "POST is the method here", head, context) }
            let type = head.headers.first(name: "Content-Type")?.lowercased() ?? ""
            guard type.hasPrefix("application/json") else {
                return refuse(415, "the Content-Type is not application/json", head, context)
            }
            let token = head.bearer
            let key = head.headers.first(name: "Idempotency-Key")
            let answer = body.withUnsafeReadableBytes { tenant.post($0, token: token, idempotencyKey: key, now) }
            perform(answer, head, context)
        case "/journal/summary":
            guard head.method == .GET else { return refuse(405, "GET is the method here", head, context) }
            send(Response(status: 200, body: Array((tenant.summary.json + "\n").utf8)), head, context)
        case "/":
            upgrade(head, context, now)
        default:
            refuse(404, "there is nothing at \(path)", head, context)
        }
    }

    private func perform(_ answer: Answer, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch answer {
        case .reply(let response): send(response, head, context)
        case .silence: break
        case .reset: LineCutter.cut(context)
        }
    }

    private func refuse(_ status: Int, _ message: String, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        send(Tenant.problem(status: status, code: String(status), message), head, context)
    }

    private func send(
        _ response: Response,
        _ request: HTTPRequestHead?,
        _ context: ChannelHandlerContext,
        closes: Bool = false
    ) {
        guard response.delay == 0 else {
            var prompt = response
            prompt.delay = 0
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(response.delay)) {
                self.send(prompt, request, context, closes: closes)
            }
            return
        }
        let isKept = !closes && (request?.isKeepAlive ?? false)
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: response.status))
        head.headers.add(name: "Content-Type", value: "application/json")
        head.headers.add(name: "Content-Length", value: String(response.body.count))
        for (name, value) in response.fields.sorted(by: { $0.key < $1.key }) {
            head.headers.add(name: name, value: value)
        }
        if !isKept {
            head.headers.add(name: "Connection", value: "close")
        } else if request?.version == .http1_0 {
            head.headers.add(name: "Connection", value: "keep-alive")
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request?.method != .HEAD {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        }
        let isWritten = context.eventLoop.makePromise(of: Void.self)
        if !isKept, !isRefused {
            isWritten.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
        restartDeadline(context)
    }

    private func restartDeadline(_ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(SandboxLimits.exchange)) {
            context.close(promise: nil)
        }
    }

    // MARK: WebSocket

    private func upgrade(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ now: WallTime) {
        guard let handshake = Handshake(head) else {
            var response = Tenant.problem(status: 426, code: "426", "this is the address of the WebSocket")
            response.fields["Upgrade"] = "websocket"
            return send(response, head, context)
        }
        switch tenant.upgrade(token: handshake.token, now) {
        case .silence: break
        case .refuse(let response): send(response, head, context, closes: true)
        case .accept:
            var response = HTTPResponseHead(version: .http1_1, status: .switchingProtocols)
            response.headers.add(name: "Upgrade", value: "websocket")
            response.headers.add(name: "Connection", value: "Upgrade")
            response.headers.add(name: "Sec-WebSocket-Accept", value: handshake.accept)
            if handshake.offersProtocol {
                response.headers.add(name: "Sec-WebSocket-Protocol", value: Handshake.subprotocol)
            }
            context.write(wrapOutboundOut(.head(response)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            do { try switchToFrames(context) } catch { context.close(promise: nil) }
        }
    }

    /// Takes the HTTP handlers out; the decoder last, since it hands on what came after the request.
    private func switchToFrames(_ context: ChannelHandlerContext) throws {
        let pipeline = context.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: SandboxLimits.frame)),
            FrameHandler(tenant),
        ])
        pipeline.removeHandler(try pipeline.handler(type: HTTPServerPipelineHandler.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: HTTPServerProtocolErrorHandler.self), promise: nil)
        pipeline.removeHandler(try pipeline.handler(type: HTTPResponseEncoder.self), promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        pipeline.removeHandler(decoder, promise: nil)
    }
}

extension HTTPRequestHead {
    /// What comes before the question mark.
    var path: String { String(uri.prefix { $0 != "?" }) }

    /// What comes after it.
    var query: Substring? {
        guard let mark = uri.firstIndex(of: "?") else { return nil }
        return uri[uri.index(after: mark)...]
    }

    /// The token of the Authorization field.
    var bearer: String? {
        guard let field = headers.first(name: "Authorization"), field.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(field.dropFirst(7).drop { $0 == " " })
    }
}
