// What is found out about a tenant before a run: each kind of trouble has its step, and no message is sent.

import Foundation
import InteractionSubmission
import TestSupport
import Testing

@Suite struct TenantProbeTests {
    typealias Step = TenantProbe.Step

    private static func options(_ url: String) -> SubmissionOptions {
        var options = SubmissionOptions()
        options.restURL = url
        options.connectTimeout = .seconds(20)
        options.requestTimeout = .seconds(20)
        return options
    }

    private static func look(
        _ options: SubmissionOptions,
        environment: [String: String] = [:]
    ) async throws -> [Step] {
        let probe = try TenantProbe(options: options, environment: environment)
        var steps: [Step] = []
        for address in probe.addresses { steps += await probe.look(at: address) }
        return steps
    }

    private static func date(_ secondsFromNow: Double) -> String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.string(from: Date(timeIntervalSinceNow: secondsFromNow))
    }

    @Test(
        arguments: [
            (200, nil, Step.Verdict.ok, "answers HTTP 200"), (401, nil, .ok, "answers HTTP 401"),
            (405, 0, .ok, "answers HTTP 405"), (404, nil, .warning, "answers HTTP 404"),
            (503, nil, .warning, "answers HTTP 503"),
            (302, nil, .error, "answers HTTP 302, which leads elsewhere and is not followed"),
            (405, -3600, .warning, "answers HTTP 405; its clock differs by -36"),
            (405, 3600, .warning, "answers HTTP 405; its clock differs by 3"),
        ] as [(Int, Double?, Step.Verdict, String)]
    )
    func anAnswerSaysWhoIsThere(status: Int, clock: Double?, verdict: Step.Verdict, found: String) async throws {
        let server = try await LoopbackServer { _ in
            .answer(status, clock.map { [("Date", Self.date($0))] } ?? [("Location", "https://elsewhere.example/")])
        }
        let steps = try await Self.look(Self.options("http://127.0.0.1:\(server.port)"))
        await server.stop()
        #expect(steps.map(\.name) == ["rest-dns", "rest-tcp", "rest-http"])
        let answer = try #require(steps.last)
        #expect(answer.verdict == verdict && answer.found.hasPrefix(found), "\(answer)")
        #expect((answer.remedy == nil) == (verdict == .ok))
        let request = try #require(server.requests.first)
        #expect(server.requests.count == 1 && request.method == "HEAD" && request.body.isEmpty)
        #expect(request.path == "/message/interaction" && !request.headers.contains(name: "Authorization"))
    }

    @Test(arguments: [
        ("IP:127.0.0.1", true, ["rest-dns", "rest-tcp", "rest-tls", "rest-http"], "trusted for 1 more days"),
        ("IP:127.0.0.1", false, ["rest-dns", "rest-tcp", "rest-tls"], "the certificate is not trusted"),
        ("DNS:other.example", true, ["rest-dns", "rest-tcp", "rest-tls"], "the certificate is for another host"),
    ])
    func certificatesAreVerified(names: String, trusts: Bool, steps: [String], said: String) async throws {
        let folder = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = try TestCertificates(in: folder)
        let server = try await LoopbackServer(tls: try certificates.server(names)) { _ in .answer(405) }
        var options = Self.options("https://127.0.0.1:\(server.port)")
        if trusts { options.caFile = certificates.authority }
        let found = try await Self.look(options)
        await server.stop()
        #expect(found.map(\.name) == steps)
        let tls = try #require(found.first { $0.name == "rest-tls" })
        #expect(tls.found.contains(said), "\(tls)")
        // Of a certificate for two days, too, something is to be said: it ends soon.
        #expect(tls.verdict == (steps.contains("rest-http") ? .warning : .error) && tls.remedy != nil)
        #expect(server.requests.count == (steps.contains("rest-http") ? 1 : 0))
    }

    @Test
    func theProxyIsPartOfTheWay() async throws {
        let folder = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let certificates = try TestCertificates(in: folder)
        let server = try await LoopbackServer(tls: try certificates.server("DNS:acme.example")) { _ in .answer(405) }
        let proxy = try await TunnelProxy(to: server.port)
        var options = Self.options("https://acme.example")
        options.caFile = certificates.authority
        let environment = ["HTTPS_PROXY": "http://user:word@127.0.0.1:\(proxy.port)"]
        let steps = try await Self.look(options, environment: environment)
        await server.stop()
        await proxy.stop()
        #expect(steps.map(\.name) == ["rest-dns", "rest-tcp", "rest-tls", "rest-http"])
        #expect(steps[0].found == "the proxy 127.0.0.1 is 127.0.0.1")
        #expect(steps[1].found == "connected to 127.0.0.1:\(proxy.port)")
        #expect(steps.allSatisfy { $0.verdict != .error && !$0.found.contains("word") }, "\(steps)")
        #expect(proxy.requests.count == 2 && proxy.requests.allSatisfy { $0.hasPrefix("CONNECT acme.example:443 ") })
    }

    @Test(arguments: [
        ("https://no-such-host.invalid", "rest-dns", "no-such-host.invalid cannot be resolved"),
        ("http://127.0.0.1:CLOSED", "rest-tcp", "no connection: Connection refused"),
        ("https://127.0.0.1:PLAIN", "rest-tls", "no TLS: the handshake failed"),
        ("http://127.0.0.1:SILENT", "rest-http", "no answer in time"),
        ("https://127.0.0.1:DEAF", "rest-tls", "no TLS handshake in time"),
    ])
    func whatIsInTheWayEndsIt(url: String, step: String, found: String) async throws {
        let plain = try await LoopbackServer { _ in .answer(405) }
        let silent = try await LoopbackServer { _ in .silence }
        let deaf = try DeafPort()
        let closed = try DeafPort().port
        var url = url
        for (name, port) in [("CLOSED", closed), ("PLAIN", plain.port), ("SILENT", silent.port), ("DEAF", deaf.port)] {
            url.replace(name, with: "\(port)")
        }
        var options = Self.options(url)
        if found.hasSuffix("in time") { options.requestTimeout = .milliseconds(300) }
        let last = try #require(try await Self.look(options).last)
        await plain.stop()
        await silent.stop()
        #expect(last.name == step && last.verdict == .error && last.remedy != nil, "\(last)")
        #expect(last.found.hasPrefix(found), "\(last)")
    }

    @Test
    func addressesThatShareAHostAreOneWay() async throws {
        let server = try await LoopbackServer { _ in .answer(426) }
        var options = Self.options("http://127.0.0.1:\(server.port)")
        options.webSocketURL = "ws://127.0.0.1:\(server.port)/"
        options.tokenURL = "http://127.0.0.1:\(server.port)/auth"
        let steps = try await Self.look(options)
        await server.stop()
        #expect(steps.map(\.name) == ["rest-dns", "rest-tcp", "rest-http", "websocket-http", "token-http"])
        #expect(server.requests.map(\.path) == ["/message/interaction", "/", "/auth/token"])
    }

    @Test
    func aTenantIsThreeAddresses() throws {
        var options = SubmissionOptions()
        options.tenant = "acme"
        #expect(
            try TenantProbe(options: options, environment: [:]).addresses.map(\.name) == ["rest", "websocket", "token"]
        )
        options.tenant = nil
        #expect(throws: SubmissionError.self) { try TenantProbe(options: options, environment: [:]) }
    }
}

/// A port that takes connections and never answers; closed when nobody holds it any more.
private final class DeafPort {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (own, size) = (descriptor, length)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(own, $0, size) == 0 && listen(own, 4) == 0 && getsockname(own, $0, &length) == 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isListening)
    }

    deinit { close(descriptor) }
}
