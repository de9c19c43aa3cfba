// Whole runs over a WebSocket against a server on this machine.

import Foundation
import InteractionModel
import InteractionSubmission
import Synchronization
import Testing

@Suite struct WebSocketSubmissionTests {
    private func options(_ port: Int) -> SubmissionOptions {
        var options = RESTSubmissionTests.options(port)
        options.transport = .webSocket
        options.webSocketURL = "ws://127.0.0.1:\(port)/socket?x=1"
        return options
    }

    private func run(
        _ server: LoopbackServer,
        _ messages: [OutgoingMessage],
        listener: SubmissionListener = SubmissionListener(),
        _ change: (inout SubmissionOptions) -> Void = { _ in }
    ) async throws -> (SubmissionSummary, MemoryRecorder) {
        var options = options(server.port)
        change(&options)
        let recorder = MemoryRecorder()
        let submitter = try Submitter(
            options: options,
            environment: RESTSubmissionTests.environment,
            listener: listener,
            logger: .silent
        )
        let summary = try await submitter.run(source: ArraySource(messages), recorder: recorder)
        await server.stop()
        return (summary, recorder)
    }

    private static func tokens() -> LoopbackServer.Script {
        let count = Mutex(0)
        return { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return .answer(200, [], #"{"access_token":"tok.en-\#(number)","expires_in":600}"#)
        }
    }

    /// The id that a message was sent with.
    static func id(_ text: String) -> String {
        guard let mark = text.range(of: #""correlationId":""#) else { return "" }
        return String(text[mark.upperBound...].prefix(36))
    }

    static func bare(_ id: String, _ state: String) -> String {
        #"{"action":"superpower","actionType":"sentiment_analysis","state":"\#(state)","message":{"results":[]},"#
            + #""correlationId":"\#(id)"}"#
    }

    static func enveloped(_ id: String, _ state: String) -> String {
        #"{"action":"message","headers":{"correlationId":"\#(id)","schemaRef":"optave.response.v3"},"payload":"#
            + #"{"action":"superpower","actionType":"risk_assessment","state":"\#(state)"}}"#
    }

    @Test func repliesOfBothFormsAreMatched() async throws {
        let replies = Mutex<[TenantReply]>([])
        let texts = Mutex<[String]>([])
        let server = try await LoopbackServer(
            socket: SocketScript { _, number, text in
                texts.withLock { $0.append(text) }
                let form = number % 2 == 0 ? Self.bare : Self.enveloped
                return [.text(form(Self.id(text), "started")), .text(form(Self.id(text), "completed"))]
            },
            Self.tokens()
        )
        let messages = TestMessages.make(300)
        let listener = SubmissionListener(reply: { reply in replies.withLock { $0.append(reply) } })
        let (summary, recorder) = try await run(server, messages, listener: listener)
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 300)
        #expect(summary.progress.completed == 300)
        #expect(recorder.now.outcomesWithoutIntent == 0)
        #expect(Set(recorder.states.values) == [.completed])
        #expect(replies.withLock { $0.count } == 600)
        #expect(replies.withLock { $0.allSatisfy { $0.row != nil && !$0.isError } })
        let upgrade = try #require(server.requests.first { $0.method == "UPGRADE" })
        // On a machine that is very busy the first connection may be given up before it reaches the server.
        let names = try #require(upgrade.headers.first(name: "Sec-WebSocket-Protocol"))
        #expect(names.wholeMatch(of: /optave-v1,tok\.en-\d+/) != nil)
        #expect(upgrade.headers.first(name: "Authorization") == nil)
        #expect(upgrade.uri == "/socket?x=1")
        let sent = try #require(texts.withLock { $0.first })
        #expect(sent.contains(#""issuedAt":"20"#))
        let json = try JSONDecoder().decode([String: AnyJSON].self, from: Data(sent.utf8))
        #expect(json.keys.sorted() == ["action", "headers", "payload"])
    }

    @Test func lostConnectionsAreResumedWithTheSameIds() async throws {
        let seen = Mutex<[String: Int]>([:])
        let server = try await LoopbackServer(
            socket: SocketScript { connection, number, text in
                let id = Self.id(text)
                seen.withLock { $0[id, default: 0] += 1 }
                // Taken, and the line is cut before the answer.
                if connection < 6, number == 39 { return connection % 2 == 0 ? [.cut] : [.close(1011)] }
                return [.text(Self.bare(id, "completed"))]
            },
            Self.tokens()
        )
        let messages = TestMessages.make(400, threads: 50)
        let (summary, recorder) = try await run(server, messages)
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 400)
        #expect(recorder.states.count == 400)
        #expect(seen.withLock { Set($0.keys) } == Set(messages.map(\.correlationId)))
        #expect(summary.progress.retries > 0)
        let upgrades = server.requests.filter { $0.method == "UPGRADE" }
        #expect(upgrades.count == 7)
        let protocols = upgrades.compactMap { $0.headers.first(name: "Sec-WebSocket-Protocol") }
        #expect(Set(protocols).count == 7, "each connection has a token of its own")
    }

    @Test func longMessagesGoInFragmentsAndLongRepliesAreRead() async throws {
        let lengths = Mutex<[Int]>([])
        let server = try await LoopbackServer(
            socket: SocketScript { _, _, text in
                lengths.withLock { $0.append(text.utf8.count) }
                let padding = String(repeating: " ", count: 200_000)
                return [.ping, .fragments([padding, Self.enveloped(Self.id(text), "completed"), padding])]
            },
            Self.tokens()
        )
        let messages = TestMessages.make(5, size: 100_000)
        let (summary, _) = try await run(server, messages) { $0.acknowledgement = .completed }
        #expect(summary.progress.completed == 5)
        #expect(lengths.withLock { $0.allSatisfy { $0 > 100_000 } && $0.count == 5 })
    }

    @Test func errorsOfBothFormsAreRefusalsUnlessTheyPass() async throws {
        let seen = Mutex<[String: Int]>([:])
        let letters = Mutex<[Int64]>([])
        let server = try await LoopbackServer(
            socket: SocketScript { _, number, text in
                let id = Self.id(text)
                let times = seen.withLock { seen in
                    seen[id, default: 0] += 1
                    return seen[id] ?? 0
                }
                if text.contains(#""n":3,"#) {
                    return [
                        .text(
                            #"{"action":"message","headers":{"correlationId":"\#(id)"},"payload":{"state":"error","#
                                + #""error":{"code":"PAYLOAD_SCHEMA_MISMATCH","message":"secret words"}}}"#
                        )
                    ]
                }
                if text.contains(#""n":5,"#), times < 3 {
                    return [
                        .text(
                            #"{"state":"error","correlationId":"\#(id)","message":{"results":[{"response":"#
                                + #"[{"content":"busy","error_code":"429"}]}]}}"#
                        )
                    ]
                }
                return [.text(Self.bare(id, "started"))]
            },
            Self.tokens()
        )
        let listener = SubmissionListener(deadLetter: { letter in letters.withLock { $0.append(letter.message.row) } })
        let (summary, recorder) = try await run(server, TestMessages.make(20), listener: listener)
        #expect(summary.progress.accepted == 19)
        #expect(summary.progress.rejected == 1)
        #expect(letters.withLock { $0 } == [3])
        let refusal = recorder.now.events.first { $0.state == .rejected }
        #expect(refusal?.reason == "error reply (PAYLOAD_SCHEMA_MISMATCH)")
        #expect(recorder.now.events.filter { $0.row == 5 && $0.state == nil }.count == 2)
    }

    @Test func closeForPolicyEndsTheRun() async throws {
        let server = try await LoopbackServer(
            socket: SocketScript { _, number, text in
                number == 10 ? [.close(1008)] : [.text(Self.bare(Self.id(text), "started"))]
            },
            Self.tokens()
        )
        let (summary, _) = try await run(server, TestMessages.make(100))
        guard case .failed(let error) = summary.ending else {
            Issue.record("ended as \(summary.ending)")
            return
        }
        #expect(error.code == .policy)
        #expect(server.requests.filter { $0.method == "UPGRADE" }.count == 1)
    }

    @Test func sentIsEnoughIfAskedSo() async throws {
        let server = try await LoopbackServer(socket: SocketScript { _, _, _ in [] }, Self.tokens())
        let (summary, _) = try await run(server, TestMessages.make(50)) { $0.acknowledgement = .sent }
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 50)
    }

    @Test func repliesThatNeverComeAreWaitedForOnce() async throws {
        let seen = Mutex<[String: Int]>([:])
        let server = try await LoopbackServer(
            socket: SocketScript { _, _, text in
                let times = seen.withLock { seen in
                    seen[Self.id(text), default: 0] += 1
                    return seen[Self.id(text)] ?? 0
                }
                let stray = #"{"message":"Internal server error","connectionId":"x","requestId":"y"}"#
                return times == 1 && text.contains(#""n":7,"#)
                    ? [.text(stray), .text("not json")] : [.text(Self.bare(Self.id(text), "completed"))]
            },
            Self.tokens()
        )
        let (summary, recorder) = try await run(server, TestMessages.make(20)) { $0.requestTimeout = .seconds(1) }
        #expect(summary.progress.accepted == 20)
        #expect(summary.progress.strayReplies == 2)
        #expect(recorder.now.events.contains { $0.row == 7 && $0.reason == "no reply in time" })
    }

    @Test(arguments: [nil, "other", "tok.en-1"])
    func otherProtocolIsRefused(_ answered: String?) async throws {
        let server = try await LoopbackServer(
            socket: SocketScript(answered: answered) { _, _, _ in [] },
            Self.tokens()
        )
        let (summary, _) = try await run(server, TestMessages.make(3))
        guard case .failed(let error) = summary.ending else {
            Issue.record("ended as \(summary.ending)")
            return
        }
        #expect(error.code == .wire)
        #expect(error.description == "the server does not speak optave-v1")
    }

    @Test func tokenThatNoHeaderCanCarryIsRefusedBeforeAnythingIsSent() async throws {
        let server = try await LoopbackServer(socket: SocketScript { _, _, _ in [] }) { _ in
            .answer(200, [], #"{"access_token":"a/b+c="}"#)
        }
        let (summary, _) = try await run(server, TestMessages.make(3))
        guard case .failed(let error) = summary.ending else {
            Issue.record("ended as \(summary.ending)")
            return
        }
        #expect(error.code == .token)
        #expect(!error.description.contains("a/b"))
        #expect(!server.requests.contains { $0.method == "UPGRADE" })
    }
}

/// Any JSON value, for counting members.
struct AnyJSON: Decodable {
    init(from decoder: any Decoder) throws {}
}
