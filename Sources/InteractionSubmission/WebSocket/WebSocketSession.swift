// The connections of a run, one after the other.

internal import Logging
internal import NIOCore
internal import Synchronization

/// The driver of WebSocket.
struct WebSocketSession: Sendable {
    /// What all connections share.
    struct Settings: Sendable {
        let engine: SubmissionEngine
        let acknowledgement: SubmissionOptions.Acknowledgement
        /// In microseconds.
        let requestTimeout: Int64
        let listener: SubmissionListener
        let metrics: SubmissionMetrics
        let logger: Logger
    }

    let settings: Settings
    let tokens: TokenSource
    let upgrade: WebSocketUpgrade
    let limits: Limits
    let seed: UInt64

    /// Keeps a connection until the task is cancelled, or there is no use in another.
    func run() async {
        var machine = ConnectionMachine(limits: limits)
        var dice = Dice(seed: seed)
        let room = WaitingRoom()
        while !Task.isCancelled, !settings.engine.isEnding {
            let loss: ConnectionLoss
            do {
                loss = try await connection(&machine)
            } catch {
                if let error = error as? SubmissionError { settings.engine.fail(error) }
                return
            }
            settings.logger.info("connection ended", metadata: ["reason": "\(loss.reason)"])
            let now = MachineClock.now
            switch machine.lost(loss, now, &dice) {
            case .giveUp(let error): return settings.engine.fail(error)
            case .connect(let time):
                if time > now { await room.wait(on: upgrade.loop, time - now) { !settings.engine.isEnding } }
            }
        }
    }

    /// One connection, from its token to its end.
    private func connection(_ machine: inout ConnectionMachine) async throws -> ConnectionLoss {
        let token = try await tokens.unspent()
        guard WebSocketUpgrade.canCarry(token.secret) else {
            throw SubmissionError(
                .token,
                "the token cannot travel as a WebSocket subprotocol: only letters, digits and !#$%&'*+-.^_`|~ can"
            )
        }
        let ended = upgrade.loop.makePromise(of: ConnectionLoss.self)
        let before = machine
        let settings = self.settings
        let box = HandlerBox()
        do throws(ConnectionLoss) {
            try await upgrade.open(token: token) { channel in
                let made = WebSocketHandler(settings, before, ended: ended)
                box.hold(NIOLoopBound(made, eventLoop: channel.eventLoop))
                return made
            }
        } catch {
            ended.succeed(error)
            if case .refused(401, _) = error { tokens.refused(token) }
            return error
        }
        tokens.worked()
        settings.metrics.connected()
        settings.logger.info("connected")
        let loop = upgrade.loop
        let loss = await withTaskCancellationHandler {
            (try? await ended.futureResult.get()) ?? .closed(1006)
        } onCancel: {
            loop.execute { box.handler?.value.finish() }
        }
        machine = (try? await loop.submit { box.handler?.value.connections }.get()) ?? before
        return loss
    }
}

/// Holds a connection's handler, for its event loop alone.
private final class HandlerBox: Sendable {
    private let held = Mutex<NIOLoopBound<WebSocketHandler>?>(nil)

    var handler: NIOLoopBound<WebSocketHandler>? { held.withLock { $0 } }

    func hold(_ handler: NIOLoopBound<WebSocketHandler>) { held.withLock { $0 = handler } }
}
