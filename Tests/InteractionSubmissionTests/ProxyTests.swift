// Submission through a proxy: a tunnel, with the tenant's certificate verified at its end.

import Foundation
import InteractionSubmission
import Testing

@Suite struct ProxyTests {
    @Test(arguments: [SubmissionOptions.Transport.rest, .webSocket])
    func everythingGoesThroughTheTunnel(_ transport: SubmissionOptions.Transport) async throws {
        let folder = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = try TestCertificates(in: folder)
        let script = SocketScript { _, _, text in
            [.text(WebSocketSubmissionTests.bare(WebSocketSubmissionTests.id(text), "completed"))]
        }
        let server = try await LoopbackServer(
            tls: try certificates.server("DNS:acme.example"),
            socket: transport == .rest ? nil : script
        ) { request in
            request.path == "/auth/token" ? .answer(200, [], RESTSubmissionTests.token) : .answer(200)
        }
        let proxy = try await TunnelProxy(to: server.port)
        var options = RESTSubmissionTests.options(1)
        options.transport = transport
        options.restURL = "https://acme.example/message/interaction"
        options.webSocketURL = "wss://acme.example/"
        options.tokenURL = "https://acme.example/auth"
        options.caFile = certificates.authority
        options.patience = .seconds(20)
        var environment = RESTSubmissionTests.environment
        environment["HTTPS_PROXY"] = "http://user:word@127.0.0.1:\(proxy.port)"
        let submitter = try Submitter(options: options, environment: environment, logger: .silent)
        let recorder = MemoryRecorder()
        let summary = try await submitter.run(source: ArraySource(TestMessages.make(20)), recorder: recorder)
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 20)
        #expect(proxy.requests.count >= 2)
        for head in proxy.requests {
            #expect(head.hasPrefix("CONNECT acme.example:443 HTTP/1.1\r\n"))
            #expect(head.lowercased().contains("proxy-authorization: basic dxnlcjp3b3jk\r\n"))
            #expect(!head.contains("tok.en") && !head.contains("client_secret"))
        }
        await server.stop()
        await proxy.stop()
    }
}
