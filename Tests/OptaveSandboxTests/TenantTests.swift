// The tenant's decisions: what is accepted, repeated and refused, in which words, and each fault.

import InteractionModel
import Testing

@testable import OptaveSandbox

@Suite struct TenantTests {
    private static func tenant(
        _ faults: [String] = [],
        _ change: (inout SandboxOptions) -> Void = { _ in }
    ) throws -> Tenant {
        var options = SandboxOptions()
        options.faults = try FaultPlan(faults, seed: 1)
        change(&options)
        return try Tenant(options)
    }

    private static func texts(_ actions: [SocketAction]) -> [[UInt8]] {
        actions.compactMap { if case .send(let text, _) = $0 { text } else { nil } }
    }

    // MARK: Accepting

    @Test func restAnswersWithTheRequestsId() throws {
        let tenant = try Self.tenant()
        guard case .reply(let response) = tenant.post(TestMessage()) else { throw Unexpected() }
        let reply = try ReadReply(response.body)
        #expect(response.status == 200 && reply.state == "completed" && reply.correlationId == "r-1")
        #expect(tenant.summary.accepted == 1 && tenant.summary.distinctKeys == 1)
    }

    @Test func repetitionIsAnsweredAsBefore() throws {
        let tenant = try Self.tenant()
        let first = tenant.post(TestMessage(number: 1))
        _ = tenant.post(TestMessage(number: 2))
        #expect(tenant.post(TestMessage(number: 1)) == first)
        let summary = tenant.summary
        #expect(summary.accepted == 2 && summary.distinctKeys == 2 && summary.repetitions == 1)
        #expect(summary.conflicts == 0)
        // The same key with another payload is one as well, and seen.
        _ = tenant.post(TestMessage(number: 1, text: "Something else"))
        #expect(tenant.summary.repetitions == 2 && tenant.summary.conflicts == 1)
    }

    @Test func keyIsForgottenAfterItsWindow() throws {
        let tenant = try Self.tenant { $0.idempotencyWindow = 1_000 }
        _ = tenant.post(TestMessage())
        _ = tenant.post(TestMessage(), at: Tenant.noon.advanced(by: 999))
        #expect(tenant.summary.repetitions == 1)
        _ = tenant.post(TestMessage(), at: Tenant.noon.advanced(by: 1_000))
        #expect(tenant.summary.accepted == 2 && tenant.summary.forgotten == 1 && tenant.summary.distinctKeys == 1)
    }

    @Test func bothTransportsShareTheKeys() throws {
        let tenant = try Self.tenant()
        _ = tenant.post(TestMessage())
        _ = tenant.receive(TestMessage())
        #expect(tenant.summary.accepted == 1 && tenant.summary.repetitions == 1)
        #expect(tenant.summary.conflicts == 0, "the payload is the same bytes in both forms")
    }

    @Test(arguments: SandboxOptions.ReplyForm.allCases)
    func startedComesBeforeCompletedInEveryForm(_ form: SandboxOptions.ReplyForm) throws {
        let tenant = try Self.tenant {
            $0.replyForm = form
            $0.latency = 10
        }
        var forms: Set<Bool> = []
        for number in 1...2 {
            let message = TestMessage(number: number)
            let actions = tenant.receive(message)
            let replies = try Self.texts(actions).map { try ReadReply($0) }
            #expect(replies.map { $0.state ?? $0.payload?.state } == ["started", "started", "completed", "completed"])
            #expect(Set(replies.compactMap { $0.actionType ?? $0.payload?.actionType }).count == 2)
            #expect(replies.allSatisfy { ($0.correlationId ?? $0.headers?.correlationId) == message.correlationId })
            let delays = actions.map { if case .send(_, let delay) = $0 { delay } else { Int64(-1) } }
            #expect(delays == [5, 5, 10, 10])
            for text in Self.texts(actions) {
                let isEnveloped = try ReadReply(text).headers != nil
                forms.insert(isEnveloped)
                #expect(Self.complies(text, isEnveloped ? .responseEnvelope : .superpowerResponse))
            }
        }
        #expect(forms == (form == .bare ? [false] : form == .envelope ? [true] : [false, true]))
    }

    // MARK: Refusing

    @Test(arguments: [
        ("nonsense", 400, "INVALID_JSON"), (#"{"session":{}}"#, 422, "PAYLOAD_SCHEMA_MISMATCH"),
        (#"{"session":{},"request":{"scope":{"conversations":[]}}}"#, 422, "PAYLOAD_SCHEMA_MISMATCH"),
        ("\u{22}" + String(repeating: "x", count: 131_072) + "\u{22}", 413, "PAYLOAD_TOO_LARGE"),
    ])
    func restRefusesWhatIsNoInteraction(body: String, status: Int, code: String) throws {
        let tenant = try Self.tenant()
        let token = tenant.state.withLock { $0.tokens.issue(Tenant.noon) }
        let answer = Array(body.utf8).withUnsafeBytes {
            tenant.post($0, token: token, idempotencyKey: "k", Tenant.noon)
        }
        guard case .reply(let response) = answer else { throw Unexpected() }
        #expect(response.status == status && String(decoding: response.body, as: UTF8.self).contains(code))
        #expect(Self.complies(response.body, .errorResponse))
        #expect(tenant.summary.accepted == 0 && tenant.summary.refused == 1)
    }

    @Test(arguments: SandboxOptions.ReplyForm.allCases)
    func socketRefusesInEveryForm(_ form: SandboxOptions.ReplyForm) throws {
        let tenant = try Self.tenant { $0.replyForm = form }
        let message = TestMessage(thread: "")
        for _ in 0..<2 {
            let texts = Self.texts(tenant.receive(message))
            #expect(texts.count == 1)
            let reply = try ReadReply(texts[0])
            #expect((reply.state ?? reply.payload?.state) == "error")
            #expect((reply.correlationId ?? reply.headers?.correlationId) == message.correlationId)
            #expect(Self.complies(texts[0], reply.headers == nil ? .errorResponse : .responseEnvelopeTolerant))
            if reply.headers != nil { #expect(reply.headers?.schemaRef == "optave.error.v3") }
        }
        #expect(tenant.summary.accepted == 0 && tenant.summary.refused == 2)
    }

    @Test func refusalsQuoteNoContent() throws {
        let tenant = try Self.tenant()
        let secret = "my card is 4111"
        let message = TestMessage(text: secret + #"","participantId":"p9"#)
        let texts = Self.texts(tenant.receive(message))
        #expect(texts.count == 1 && !String(decoding: texts[0], as: UTF8.self).contains(secret))
    }

    @Test func nobodyComesInWithoutAToken() throws {
        let tenant = try Self.tenant()
        let answer = TestMessage().payload.withUnsafeBytes {
            tenant.post($0, token: "x", idempotencyKey: nil, Tenant.noon)
        }
        guard case .reply(let response) = answer else { throw Unexpected() }
        #expect(response.status == 401 && response.fields["WWW-Authenticate"]?.contains("invalid_token") == true)
        guard case .refuse(let refusal) = tenant.upgrade(token: nil, Tenant.noon) else { throw Unexpected() }
        #expect(refusal.status == 401)
    }

    // MARK: Faults

    @Test(arguments: ["408", "429", "500", "503"])
    func errorsThatPassAreNotAccepted(_ status: String) throws {
        let tenant = try Self.tenant(["\(status):100%"])
        var waits: Set<Bool> = []
        for _ in 0..<20 {
            guard case .reply(let response) = tenant.post(TestMessage()) else { throw Unexpected() }
            #expect(String(response.status) == status)
            if let wait = response.fields["Retry-After"] { waits.insert(wait.hasSuffix("GMT")) }
        }
        #expect(waits == (["429", "503"].contains(status) ? [true, false] : []), "seconds and dates")
        let texts = Self.texts(tenant.receive(TestMessage()))
        #expect(texts.count == 1 && String(decoding: texts[0], as: UTF8.self).contains("\"error_code\":\"\(status)\""))
        #expect(tenant.summary.accepted == 0)
    }

    @Test func lostIsAcceptedAndSilent() throws {
        let tenant = try Self.tenant(["lost:100%"])
        #expect(tenant.post(TestMessage(number: 1)) == .silence)
        #expect(tenant.receive(TestMessage(number: 2)).isEmpty)
        #expect(tenant.summary.accepted == 2)
    }

    @Test(arguments: ["reset", "close-1006", "close-1011"])
    func brokenLinesLeaveInDoubtWhatWasAccepted(_ kind: String) throws {
        let tenant = try Self.tenant(["\(kind):100%"])
        for number in 1...40 {
            let actions = tenant.receive(TestMessage(number: number))
            #expect(actions == [kind == "close-1011" ? .close(code: 1011, reason: "internal error") : .cut])
        }
        #expect((5...35).contains(tenant.summary.accepted), "some before, some after")
    }

    @Test(arguments: [("close-1008", 1008), ("close-1009", 1009), ("expire", 1001)])
    func closedBeforeAnythingIsAccepted(kind: String, code: Int) throws {
        let tenant = try Self.tenant(["\(kind):100%"])
        guard case .close(code, _)? = tenant.receive(TestMessage()).first else { throw Unexpected() }
        #expect(tenant.summary.accepted == 0)
    }

    @Test func expiryEndsAllTokens() throws {
        let tenant = try Self.tenant(["expire:100%"])
        let token = tenant.state.withLock { $0.tokens.issue(Tenant.noon) }
        guard case .reply(let response) = tenant.post(TestMessage()) else { throw Unexpected() }
        #expect(response.status == 401)
        guard case .refuse = tenant.upgrade(token: token, Tenant.noon) else { throw Unexpected() }
    }

    @Test func oddRepliesAreOdd() throws {
        let normal = Self.texts(try Self.tenant().receive(TestMessage()))
        let duplicate = Self.texts(try Self.tenant(["duplicate-reply:100%"]).receive(TestMessage()))
        #expect(duplicate.count == 6 && Set(duplicate) == Set(normal))
        let late = try Self.tenant(["out-of-order:100%"]).receive(TestMessage())
        #expect(Self.texts(late) == normal.reversed())
        #expect(late.allSatisfy { if case .send(_, let delay) = $0 { delay > 0 } else { false } })
        for text in Self.texts(try Self.tenant(["no-correlation:100%"]).receive(TestMessage())) {
            #expect(try ReadReply(text).correlationId == nil)
        }
        guard case .reply(let slow) = try Self.tenant(["slow:100%"]).post(TestMessage()) else { throw Unexpected() }
        #expect(slow.delay == 1_000)
    }

    @Test func upgradesAndTokensHaveFaultsOfTheirOwn() throws {
        #expect(try Self.tenant(["hanging-upgrade:100%"]).upgrade(token: nil, Tenant.noon) == .silence)
        guard case .refuse(let refusal) = try Self.tenant(["upgrade-503:100%"]).upgrade(token: nil, Tenant.noon) else {
            throw Unexpected()
        }
        #expect(refusal.status == 503)
        let answer = try Self.tenant(["token-503:100%"]).token(query: nil, body: "", authorization: nil, Tenant.noon)
        guard case .reply(let response) = answer else { throw Unexpected() }
        #expect(response.status == 503 && response.fields["Retry-After"] != nil)
    }

    private static func complies(_ json: [UInt8], _ definition: InteractionSchema.Definition) -> Bool {
        let source = PaddedBytes(json)
        var tape = JSONTape()
        guard (try? tape.scan(source.start, count: source.count)) != nil else { return false }
        let view = tape.view(of: source.start)
        return InteractionSchema.accepts(definition, view: view, at: view.root)
    }

    private struct Unexpected: Error {}
}
