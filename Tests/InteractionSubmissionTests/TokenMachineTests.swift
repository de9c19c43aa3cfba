// Tokens and connections, event by event.

import Testing

@testable import InteractionSubmission

@Suite struct TokenMachineTests {
    private static let second: Int64 = 1_000_000

    private func machine(patience: Duration = .seconds(600)) -> TokenMachine {
        var options = SubmissionOptions()
        options.patience = patience
        return TokenMachine(limits: Limits(options))
    }

    private func token(_ decision: TokenMachine.Decision) -> Int? {
        guard case .use(let token) = decision else { return nil }
        return token.generation
    }

    @Test func oneFetchForAll() {
        var tokens = machine()
        #expect(tokens.need(0) == .fetch)
        for _ in 0..<64 { #expect(tokens.need(0) == .wait) }
        tokens.fetched(Secret("a"), lifetime: 100 * Self.second, now: 0)
        #expect(token(tokens.need(1)) == 1)
    }

    @Test func renewedBeforeItExpires() {
        var tokens = machine()
        var dice = Dice(seed: 1)
        _ = tokens.need(0)
        tokens.fetched(Secret("a"), lifetime: 100 * Self.second, now: 0)
        #expect(token(tokens.need(79 * Self.second)) == 1)
        #expect(tokens.need(80 * Self.second) == .fetch)
        #expect(token(tokens.need(80 * Self.second)) == 1, "the others go on with the old one")
        tokens.failed(TokenFailure(isPermanent: true, reason: "x"), now: 80 * Self.second, &dice)
        #expect(token(tokens.need(80 * Self.second)) == 1, "it still holds, so nothing is lost yet")
        #expect(tokens.need(95 * Self.second) == .fetch)
        tokens.fetched(Secret("b"), lifetime: 100 * Self.second, now: 95 * Self.second)
        #expect(token(tokens.need(99 * Self.second)) == 2)
    }

    @Test func tokenAtHandIsUsedUntilItExpires() {
        var tokens = machine()
        var dice = Dice(seed: 1)
        func atHand(_ now: Int64) -> [Int?] {
            let (token, isDue) = tokens.atHand(now * Self.second)
            return [token?.generation, isDue ? 1 : 0]
        }
        #expect(atHand(0) == [nil, 1])
        _ = tokens.need(0)
        #expect(atHand(0) == [nil, 1])
        tokens.fetched(Secret("a"), lifetime: 100 * Self.second, now: 0)
        #expect(atHand(79) == [1, 0])
        #expect(atHand(80) == [1, 1], "it is to be renewed, and goes on meanwhile")
        #expect(tokens.need(80 * Self.second) == .fetch)
        #expect(atHand(80) == [1, 0], "somebody is at it")
        tokens.failed(TokenFailure(isPermanent: false, reason: "HTTP 503"), now: 80 * Self.second, &dice)
        #expect(atHand(80) == [1, 0], "the endpoint is given a rest")
        #expect(atHand(100) == [nil, 1])
        tokens.refused(1)
        #expect(atHand(90) == [nil, 1])
    }

    @Test func expiredTokenIsNotUsed() {
        var tokens = machine()
        var dice = Dice(seed: 1)
        _ = tokens.need(0)
        tokens.fetched(Secret("a"), lifetime: 10 * Self.second, now: 0)
        #expect(tokens.need(10 * Self.second) == .fetch)
        tokens.failed(TokenFailure(isPermanent: false, reason: "HTTP 503"), now: 10 * Self.second, &dice)
        guard case .waitUntil(let time) = tokens.need(10 * Self.second) else {
            Issue.record("no back-off")
            return
        }
        #expect(time > 10 * Self.second)
        #expect(tokens.need(time) == .fetch)
    }

    @Test func refusalOfAnOldTokenSaysNothing() {
        var tokens = machine()
        _ = tokens.need(0)
        tokens.fetched(Secret("a"), lifetime: nil, now: 0)
        tokens.refused(1)
        tokens.refused(1)
        #expect(tokens.need(1) == .fetch)
        tokens.fetched(Secret("b"), lifetime: nil, now: 1)
        for _ in 0..<63 { tokens.refused(1) }
        #expect(token(tokens.need(2)) == 2, "64 refusals of one token are one renewal")
    }

    @Test func newTokensThatAreRefusedEndTheRun() {
        var tokens = machine()
        for generation in 1...2 {
            #expect(tokens.need(0) == .fetch)
            tokens.fetched(Secret("a"), lifetime: nil, now: 0)
            tokens.refused(generation)
        }
        tokens.worked()
        for generation in 3...5 {
            #expect(tokens.need(0) == .fetch)
            tokens.fetched(Secret("a"), lifetime: nil, now: 0)
            tokens.refused(generation)
        }
        guard case .failed(let error) = tokens.need(0) else {
            Issue.record("it would go on for ever")
            return
        }
        #expect(error.code == .unauthorized)
    }

    @Test func wrongCredentialsEndTheRunAtOnceAndOutagesLater() {
        var dice = Dice(seed: 1)
        var tokens = machine()
        _ = tokens.need(0)
        tokens.failed(TokenFailure(isPermanent: true, reason: "HTTP 401"), now: 0, &dice)
        #expect(tokens.need(0) == .failed(SubmissionError(.token, "HTTP 401")))
        tokens = machine(patience: .seconds(60))
        var now: Int64 = 0
        while now < 300 * Self.second {
            switch tokens.need(now) {
            case .fetch: tokens.failed(TokenFailure(isPermanent: false, reason: "HTTP 503"), now: now, &dice)
            case .waitUntil(let time): now = time
            case .failed(let error):
                #expect(error.code == .token)
                #expect(now > 60 * Self.second && now < 150 * Self.second)
                return
            case .use, .wait: Issue.record("no token is there")
            }
        }
        Issue.record("it would go on for ever")
    }

    @Test func eachConnectionHasATokenOfItsOwn() {
        var tokens = machine()
        #expect(tokens.needUnspent(0) == .fetch)
        tokens.fetched(Secret("a"), lifetime: 100 * Self.second, now: 0)
        #expect(token(tokens.needUnspent(1)) == 1)
        #expect(tokens.needUnspent(2) == .fetch)
        tokens.fetched(Secret("b"), lifetime: 100 * Self.second, now: 2)
        #expect(token(tokens.needUnspent(3)) == 2)
    }

    @Test func connectionsArePingedRetiredGivenUp() {
        var options = SubmissionOptions()
        options.patience = .seconds(600)
        var connections = ConnectionMachine(limits: Limits(options))
        var dice = Dice(seed: 1)
        connections.opened(0)
        #expect(connections.care(29 * Self.second) == .nothing)
        #expect(connections.care(30 * Self.second) == .ping)
        connections.heard(31 * Self.second)
        #expect(connections.care(60 * Self.second) == .nothing)
        #expect(connections.care(61 * Self.second) == .ping)
        #expect(connections.care(80 * Self.second) == .nothing)
        #expect(connections.care(81 * Self.second) == .abandon)
        connections.opened(100 * Self.second)
        connections.heard(6699 * Self.second)
        #expect(connections.care(6699 * Self.second) == .nothing)
        #expect(connections.care(6700 * Self.second) == .retire)
        #expect(connections.lost(.closed(1000), 6701 * Self.second, &dice) == .connect(at: 6701 * Self.second))
        connections.opened(0)
        #expect(connections.lost(.closed(1006), 0, &dice) == .connect(at: 0), "the first time at once")
        var waits: [Int64] = []
        for _ in 0..<20 {
            if case .connect(let time) = connections.lost(.closed(1006), 0, &dice) { waits.append(time) }
        }
        #expect(waits.count == 20 && waits.allSatisfy { $0 <= 30 * Self.second } && waits.contains { $0 > Self.second })
        guard case .connect(let time) = connections.lost(.refused(503, retryAfter: 60 * Self.second), 0, &dice) else {
            Issue.record("503 is no reason to give up")
            return
        }
        #expect(time >= 60 * Self.second)
        guard case .giveUp(let error) = connections.lost(.closed(1006), 601 * Self.second, &dice) else {
            Issue.record("it would go on for ever")
            return
        }
        #expect(error.code == .outage)
        for loss in [.closed(1008), .refused(403, retryAfter: nil), .wrongProtocol] as [ConnectionLoss] {
            guard case .giveUp = connections.lost(loss, 0, &dice) else {
                Issue.record("\(loss) is final")
                continue
            }
        }
    }

    @Test func answersOfTheTokenEndpoint() throws {
        func read(_ status: Int, _ body: String) throws -> (token: Secret, lifetime: Int64?) {
            try TokenRequest.read(status: status, retryAfter: nil, body: Array(body.utf8))
        }
        #expect(try read(200, #"{"access_token":"a.b","expires_in":300}"#).lifetime == 300 * Self.second)
        #expect(try read(201, #"{"access_token":"a.b","expires_in":"300"}"#).lifetime == 300 * Self.second)
        #expect(try read(200, #"{"access_token":"a.b"}"#).lifetime == nil)
        #expect(try read(200, #"{"access_token":"a.b","expires_in":-1}"#).lifetime == nil)
        for (status, body, permanent) in [
            (200, "{}", true), (200, "", true), (200, #"{"access_token":7}"#, true),
            (200, #"{"access_token":"a\nb"}"#, true), (401, #"{"error":"invalid_client"}"#, true), (429, "", false),
            (500, "<html>", false), (302, "", true),
        ] {
            do throws(TokenFailure) {
                _ = try TokenRequest.read(status: status, retryAfter: nil, body: Array(body.utf8))
                Issue.record("\(status) \(body) is no token")
            } catch {
                #expect(error.isPermanent == permanent)
            }
        }
    }
}
