// Servers that are wrong, broken or malicious: each a clear error, nothing hangs, nothing is sent elsewhere.

import Foundation
import InteractionSubmission
import Logging
import NIOSSL
import Synchronization
import TestSupport
import Testing

@Suite struct HostileServerTests {
    typealias Reaction = ServerReaction

    /// Runs a submission of some messages, and stops the server.
    private func run(
        _ server: LoopbackServer,
        count: Int = 3,
        environment: [String: String] = RESTSubmissionTests.environment,
        _ change: (inout SubmissionOptions) -> Void = { _ in }
    ) async throws -> (summary: SubmissionSummary, recorder: MemoryRecorder) {
        var options = RESTSubmissionTests.options(server.port)
        options.attempts = 2
        change(&options)
        let recorder = MemoryRecorder()
        let submitter = try Submitter(options: options, environment: environment, logger: .silent)
        let summary = try await submitter.run(source: ArraySource(TestMessages.make(count)), recorder: recorder)
        for _ in 0..<100 where server.openConnections > 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(server.openConnections == 0, "no connection is left open")
        await server.stop()
        return (summary, recorder)
    }

    private func failure(_ summary: SubmissionSummary) -> SubmissionError? {
        guard case .failed(let error) = summary.ending else { return nil }
        return error
    }

    private static func messages(_ react: @escaping @Sendable (ReceivedRequest) -> Reaction) -> LoopbackServer.Script {
        { request in
            request.path == "/auth/token" ? .answer(200, [], RESTSubmissionTests.token) : react(request)
        }
    }

    @Test(arguments: ["rest", "websocket"])
    func certificatesAreVerified(_ transport: String) async throws {
        let folder = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = try TestCertificates(in: folder)
        for (names, trusts, said) in [
            ("IP:127.0.0.1", true, nil), ("IP:127.0.0.1", false, "the certificate is not trusted"),
            ("DNS:other.example", true, "the certificate is for another host"),
        ] as [(String, Bool, String?)] {
            let script = SocketScript { _, _, text in
                [.text(WebSocketSubmissionTests.bare(WebSocketSubmissionTests.id(text), "completed"))]
            }
            let server = try await LoopbackServer(
                tls: try certificates.server(names),
                socket: transport == "rest" ? nil : script
            ) { _ in .answer(200) }
            let token = folder + "/token"
            try Data("tok.en".utf8).write(to: URL(fileURLWithPath: token))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
            let (summary, _) = try await run(server) { options in
                options.transport = transport == "rest" ? .rest : .webSocket
                options.restURL = "https://127.0.0.1:\(server.port)/message/interaction"
                options.webSocketURL = "wss://127.0.0.1:\(server.port)/"
                options.tokenFile = token
                options.caFile = trusts ? certificates.authority : nil
            }
            if let said {
                #expect(failure(summary)?.code == .certificate)
                #expect(failure(summary)?.description.hasPrefix(said) == true, "\(summary.ending)")
                #expect(server.requests.isEmpty, "nothing was sent")
            } else {
                #expect(summary.progress.accepted == 3, "\(summary.ending)")
            }
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let other = try await LoopbackServer { _ in .answer(200) }
        let server = try await LoopbackServer(
            Self.messages { _ in .answer(307, [("Location", "http://127.0.0.1:\(other.port)/x")]) }
        )
        let (summary, _) = try await run(server)
        #expect(failure(summary)?.code == .wire)
        #expect(failure(summary)?.description.contains("HTTP 307, which leads elsewhere and is not followed") == true)
        #expect(other.requests.isEmpty)
        await other.stop()
    }

    @Test func redirectOfTheTokenRequestIsNotFollowed() async throws {
        let other = try await LoopbackServer { _ in .answer(200, [], RESTSubmissionTests.token) }
        let server = try await LoopbackServer { _ in .answer(302, [("Location", "http://127.0.0.1:\(other.port)/")]) }
        let (summary, _) = try await run(server)
        #expect(failure(summary)?.code == .token)
        #expect(failure(summary)?.description.contains("HTTP 302, which leads elsewhere") == true)
        #expect(other.requests.isEmpty)
        await other.stop()
    }

    @Test(arguments: [
        (Reaction.endless, "the answer is longer than 1048576 bytes"),
        (.long, "the answer is longer than 1048576 bytes"), (.garbage, "the answer is not HTTP"),
        (.drop, "the connection was closed before the answer"),
    ])
    func answersThatAreNone(_ reaction: Reaction, _ said: String) async throws {
        let server = try await LoopbackServer(Self.messages { _ in reaction })
        let (summary, recorder) = try await run(server, count: 2)
        #expect(summary.ending == .finished)
        #expect(summary.progress.unknown == 2)
        #expect(recorder.now.events.filter { $0.reason == said }.count == 4, "\(recorder.now.events.map(\.reason))")
    }

    @Test(arguments: [Reaction.dribbleBody, .dribbleHead, .silence])
    func answersThatNeverEnd(_ reaction: Reaction) async throws {
        let server = try await LoopbackServer { _ in reaction }
        let environment = ["OPTAVE_TOKEN": "tok.en"]
        let (summary, recorder) = try await run(server, count: 2, environment: environment) { options in
            options.requestTimeout = .milliseconds(600)
        }
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 0)
        #expect(recorder.now.events.allSatisfy { $0.reason?.hasSuffix("in time") == true })
    }

    @Test(arguments: [Reaction.endless, .dribbleBody, .dribbleHead, .silence, .garbage, .drop])
    func tokenEndpointThatNeverAnswers(_ reaction: Reaction) async throws {
        let server = try await LoopbackServer { _ in reaction }
        let (summary, recorder) = try await run(server) { options in
            options.requestTimeout = .milliseconds(600)
            options.patience = .seconds(1)
        }
        #expect(failure(summary)?.code == .token)
        #expect(failure(summary)?.description.hasPrefix("token endpoint: ") == true)
        #expect(recorder.now.events.isEmpty)
    }

    @Test func hangingUpgradeIsGivenUp() async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], RESTSubmissionTests.token) : .silence
        }
        let (summary, recorder) = try await run(server) { options in
            options.transport = .webSocket
            options.webSocketURL = "ws://127.0.0.1:\(server.port)/"
            options.connectTimeout = .milliseconds(600)
            options.patience = .seconds(1)
        }
        #expect(failure(summary)?.code == .outage)
        #expect(failure(summary)?.description.hasSuffix("in time") == true)
        #expect(recorder.now.events.isEmpty, "nothing has left")
    }

    @Test(arguments: [(403, SubmissionError.Code.wire), (302, .wire), (401, .unauthorized), (503, .outage)])
    func refusedUpgradesAreToldApart(_ status: Int, _ code: SubmissionError.Code) async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token"
                ? .answer(200, [], RESTSubmissionTests.token) : .answer(status, [("Location", "http://127.0.0.1:1/")])
        }
        let (summary, _) = try await run(server) { options in
            options.transport = .webSocket
            options.webSocketURL = "ws://127.0.0.1:\(server.port)/"
            if status == 503 { options.patience = .seconds(1) }
        }
        #expect(failure(summary)?.code == code, "\(summary.ending)")
    }

    @Test func tokensThatAreAlwaysRefusedEndTheRun() async throws {
        let server = try await LoopbackServer(Self.messages { _ in .answer(401) })
        let (summary, recorder) = try await run(server)
        #expect(failure(summary)?.code == .unauthorized)
        #expect(recorder.states.isEmpty, "no message is to blame")
        #expect(server.requests.filter { $0.path == "/auth/token" }.count == 3)
    }

    @Test func nobodyThere() async throws {
        let server = try await LoopbackServer { _ in .answer(200) }
        let port = server.port
        await server.stop()
        var options = RESTSubmissionTests.options(port)
        options.patience = .seconds(1)
        let submitter = try Submitter(
            options: options,
            environment: ["OPTAVE_TOKEN": "tok.en"],
            logger: .silent
        )
        let recorder = MemoryRecorder()
        let summary = try await submitter.run(source: ArraySource(TestMessages.make(100)), recorder: recorder)
        #expect(failure(summary)?.code == .outage)
        #expect(
            failure(summary)?.description.hasSuffix("no connection: Connection refused") == true,
            "\(summary.ending)"
        )
        #expect(recorder.states.isEmpty)
    }

    @Test func secretsAreInNothingThatIsSaid() async throws {
        let said = Mutex("")
        let server = try await LoopbackServer { request in
            request.path == "/auth/token"
                ? .answer(
                    request.number < 2 ? 503 : 200,
                    [],
                    #"{"access_token":"very.secret.token","error":"p&ss w+rd"}"#
                )
                : .answer(request.number % 3 == 0 ? 500 : 422, [], #"{"error":"very.secret.token"}"#)
        }
        var options = RESTSubmissionTests.options(server.port)
        options.attempts = 2
        var logger = Logger(label: "test") { _ in CollectingLog(said: { text in said.withLock { $0 += text + "\n" } }) }
        logger.logLevel = .trace
        let recorder = MemoryRecorder()
        let submitter = try Submitter(options: options, environment: RESTSubmissionTests.environment, logger: logger)
        let summary = try await submitter.run(source: ArraySource(TestMessages.make(40)), recorder: recorder)
        await server.stop()
        var all = said.withLock { $0 } + "\(summary) \(recorder.now.events)"
        // Not the submitter: its event loop is shared with other tests, and holds what is theirs.
        dump(try options.target(environment: RESTSubmissionTests.environment), to: &all)
        #expect(all.contains("no token"), "the log is looked at")
        for secret in ["very.secret.token", "p&ss", "p%26ss", "migrator"] { #expect(!all.contains(secret)) }
    }
}

private struct CollectingLog: LogHandler {
    let said: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    init(said: @escaping @Sendable (String) -> Void) { self.said = said }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { said("\(event.level) \(event.message) \(event.metadata ?? [:])") }
}
