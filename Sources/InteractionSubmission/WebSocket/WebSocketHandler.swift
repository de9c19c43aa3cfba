// One open connection: takes messages, writes frames, matches replies. Runs on the connection's event loop.

internal import NIOCore
internal import NIOWebSocket

/// The handler of a connection's frames.
final class WebSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// How often timers are looked at.
    static let tick = TimeAmount.seconds(1)
    /// How long completions are waited for at the end of a run, without any reply, in microseconds.
    static let linger: Int64 = 2_000_000

    private enum Phase {
        case open
        /// Takes nothing new, and ends when nothing is in flight.
        case retiring(since: Int64)
        /// The run is over; what was accepted may still be completed.
        case lingering
        case closing
    }

    private let session: WebSocketSession.Settings
    private let ended: EventLoopPromise<ConnectionLoss>
    private var machine: ConnectionMachine
    private var router = ReplyRouter()
    private var phase = Phase.open
    private var loss: ConnectionLoss?
    private var heardAt: Int64 = 0
    private var spelled: (milliseconds: Int64, text: String) = (0, IssuedAt.text(0))
    private var ticker: RepeatedTask?
    private var context: ChannelHandlerContext?
    /// Where bytes go that are frames already: behind NIO's encoder.
    private var wire: ChannelHandlerContext?

    /// Makes a handler.
    ///
    /// - Parameters:
    ///   - session: What all connections of a run share.
    ///   - machine: The state of the connections so far.
    ///   - ended: Succeeds with the reason when the connection has ended.
    init(_ session: WebSocketSession.Settings, _ machine: ConnectionMachine, ended: EventLoopPromise<ConnectionLoss>) {
        self.session = session
        self.machine = machine
        self.ended = ended
    }

    // MARK: Beginning and end

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        wire = try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
        // Without it nothing could be sent, and nobody would know.
        guard wire != nil else { return context.close(promise: nil) }
        let now = MachineClock.now
        machine.opened(now)
        heardAt = now
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        ticker = loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in bound.value.look() }
        session.engine.onReady { loop.execute { bound.value.fill() } }
        loop.execute { bound.value.fill() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(loss ?? .closed(1006))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A frame that is too long or against the protocol; NIO's handler answers it with a close frame.
        if case .open = phase { session.logger.warning("websocket error", metadata: ["error": "\(type(of: error))"]) }
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(loss ?? .closed(1006))
    }

    /// The run is over: says good-bye, after the last completions have come.
    func finish() {
        guard case .open = phase else { return close(1000) }
        if router.incomplete == 0 || session.acknowledgement == .sent { return close(1000) }
        phase = .lingering
    }

    private func end(_ loss: ConnectionLoss) {
        guard context != nil else { return }
        context = nil
        wire = nil
        ticker?.cancel()
        session.engine.onReady(nil)
        let flights = router.abandonAll()
        let cause: RetryCause = flights.count == 1 ? .connection : .sharedConnection
        for flight in flights {
            session.engine.answered(
                flight.attempt,
                Answer(verdict: .retry(cause), status: loss.status, reason: loss.reason),
                startedAt: flight.startedAt
            )
        }
        ended.succeed(loss)
    }

    private func close(_ code: Int, _ reason: ConnectionLoss? = nil) {
        guard let context else { return }
        if case .closing = phase { return }
        phase = .closing
        loss = loss ?? reason ?? .closed(code)
        var data = context.channel.allocator.buffer(capacity: 2)
        data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: code))
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        write(.connectionClose, data, context)
        // The other side ends the line after its own close frame; one that does not is left.
        context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
    }

    // MARK: Sending

    /// Sends what may leave.
    private func fill() {
        guard let context, let wire, case .open = phase else { return }
        while context.channel.isWritable, let attempt = session.engine.nextNow() {
            let now = MachineClock.now
            guard router.add(attempt, now) else {
                session.engine.answered(
                    attempt,
                    Answer(verdict: .rejected, reason: "another message in flight has the same id"),
                    startedAt: now
                )
                continue
            }
            session.metrics.attempted()
            let promise = session.acknowledgement == .sent ? context.eventLoop.makePromise(of: Void.self) : nil
            let frames = MaskedFrames.of(IssuedAt.stamped(attempt.message, issuedAt()))
            wire.write(NIOAny(frames), promise: promise)
            if let promise {
                let key = CorrelationKey(attempt.message.correlationId)
                let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
                promise.futureResult.whenSuccess { bound.value.settle(key, Answer(verdict: .accepted)) }
            }
        }
        context.flush()
    }

    /// The time of sending, spelled once for each millisecond.
    private func issuedAt() -> String {
        let milliseconds = MachineClock.wall / 1000
        if milliseconds != spelled.milliseconds { spelled = (milliseconds, IssuedAt.text(milliseconds)) }
        return spelled.text
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { fill() }
        context.fireChannelWritabilityChanged()
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    // MARK: Time

    private func look() {
        guard let context else { return }
        let now = MachineClock.now
        for flight in router.overdue(now - session.requestTimeout) {
            session.engine.answered(
                flight.attempt,
                Answer(verdict: .retry(.timeout), reason: "no reply in time"),
                startedAt: flight.startedAt
            )
        }
        switch phase {
        case .lingering where router.incomplete == 0 || now - heardAt >= Self.linger: return close(1000)
        case .retiring(let since) where router.inFlight.isEmpty || now - since >= session.requestTimeout:
            return close(1000)
        case .open, .retiring, .lingering, .closing: break
        }
        switch machine.care(now) {
        case .nothing: break
        case .ping: write(.ping, ByteBuffer(), context)
        case .abandon:
            loss = .silent
            context.close(promise: nil)
        case .retire:
            phase = .retiring(since: now)
            session.engine.onReady(nil)
        }
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        heardAt = MachineClock.now
        machine.heard(heardAt)
        switch frame.opcode {
        case .text, .binary: receive(frame.unmaskedData)
        case .ping: write(.pong, frame.unmaskedData, context)
        case .connectionClose: closed(frame.unmaskedData, context)
        default: break
        }
    }

    private func closed(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        var data = data
        let code = data.readInteger(as: UInt16.self).map(Int.init) ?? 1005
        if case .closing = phase {
            context.close(promise: nil)
            return
        }
        phase = .closing
        loss = .closed(code)
        var answer = context.channel.allocator.buffer(capacity: 2)
        if code != 1005 { answer.writeInteger(UInt16(truncatingIfNeeded: code)) }
        write(.connectionClose, answer, context)
        context.close(promise: nil)
    }

    private func receive(_ data: ByteBuffer) {
        let (facts, key) = data.withUnsafeReadableBytes { bytes in
            let facts = ReplyScanner.scan(bytes)
            return (facts, facts.correlationId.map { CorrelationKey(UnsafeRawBufferPointer(rebasing: bytes[$0])) })
        }
        let flight = key.flatMap { router.flight($0) }
        let past = flight == nil ? key.flatMap { router.past($0) } : nil
        if let reply = session.listener.reply {
            reply(TenantReply(Array(data.readableBytesView), facts, row: flight?.attempt.row ?? past?.row))
        }
        guard let key, flight != nil else {
            if past == nil { session.engine.strayReply() }
            if let key, facts.state == .completed, !facts.isError, let news = router.complete(key) {
                session.engine.completed(news.row, startedAt: news.startedAt)
            }
            return
        }
        machine.worked()
        if facts.isError {
            settle(key, ErrorReply.answer(Array(data.readableBytesView)))
        } else if facts.state == .completed {
            settle(key, Answer(verdict: .completed))
        } else if session.acknowledgement != .completed {
            settle(key, .accepted)
        }
    }

    private func settle(_ key: CorrelationKey, _ answer: Answer) {
        guard let flight = router.flight(key) else { return }
        router.settle(
            key,
            isAccepted: answer.verdict == .accepted || answer.verdict == .completed,
            isCompleted: answer.verdict == .completed
        )
        session.engine.answered(flight.attempt, answer, startedAt: flight.startedAt)
    }

    /// What is known of the connections, for the next one.
    var connections: ConnectionMachine { machine }
}
