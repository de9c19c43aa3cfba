// `doctor` reaches a tenant as `submit` would, and sends it nothing.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DoctorTenantTests {
    /// The checks that are about the tenant, in their order.
    private static func doctor(
        _ arguments: [String],
        environment: [String: String] = [:],
        in folder: String
    ) throws -> (status: Int32, checks: [JSONText], text: String) {
        let run = try CommandLineTool.run(
            ["doctor", "--format", "json", "--spill-dir", folder] + arguments,
            environment: environment,
            folder: folder
        )
        let checks = try JSONText.lines(run.text)
        let last = try #require(checks.firstIndex { $0.text("check") == "clock" }, "\(run.errors)")
        return (run.status, Array(checks[(last + 1)...]), run.text + run.errors)
    }

    private static func arguments(_ sandbox: SandboxSession) -> [String] {
        let addresses = sandbox.addresses
        return [
            "--rest-url", addresses.restUrl, "--websocket-url", addresses.webSocketUrl, "--token-url",
            addresses.tokenUrl,
        ]
    }

    @Test
    func aTenantIsReachedAndGetsNothing() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(["--tls", "--ca-out", folder + "/ca.pem"], in: folder)
            let run = try Self.doctor(Self.arguments(sandbox) + ["--ca-file", "ca.pem"], in: folder)
            #expect(run.status == 0, "\(run.text)")
            #expect(
                run.checks.compactMap { $0.text("check") }
                    == ["rest-dns", "rest-tcp", "rest-tls", "rest-http", "websocket-http", "token-http"]
            )
            #expect(run.checks.allSatisfy { $0.text("verdict") == "ok" }, "\(run.text)")
            #expect(run.checks[2].text("found")?.hasPrefix("TLS 1.3, the certificate is trusted for 36") == true)
            #expect(run.checks[4].text("found") == "answers HTTP 426")
            let summary = try sandbox.summary("--cacert ca.pem")
            #expect(summary.accepted == 0 && summary.refused == 0 && summary.tokens == 0 && summary.connections == 0)
        }
    }

    @Test
    func aTokenIsAskedForOnRequest() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let token = ["--token-url", sandbox.addresses.tokenUrl, "--token"]
            let run = try Self.doctor(token, environment: Tenant.credentials, in: folder)
            #expect(run.status == 0, "\(run.text)")
            #expect(run.checks.last?.text("check") == "token")
            #expect(run.checks.last?.text("found") == "a token, valid for 900 s")
            let wrong = Tenant.credentials.merging(["OPTAVE_CLIENT_SECRET": "not-the-secret"]) { $1 }
            let refused = try Self.doctor(token, environment: wrong, in: folder)
            #expect(refused.status == 1)
            #expect(refused.checks.last?.text("found") == "the token endpoint answered HTTP 401 (invalid_client)")
            #expect(!refused.text.contains("not-the-secret"))
            let nobody = try Self.doctor(token, in: folder)
            #expect(nobody.status == 1 && nobody.checks.last?.text("found")?.contains("OPTAVE_CLIENT_ID") == true)
            #expect(try sandbox.summary().tokens == 1)
        }
    }

    @Test
    func strangersAreNotSpokenTo() throws {
        try TestFiles.withFolder { folder in
            // The certificate is for 127.0.0.1, and for no other address of this machine.
            let sandbox = try SandboxSession(
                ["--tls", "--ca-out", folder + "/ca.pem", "--host", "127.0.0.2"],
                in: folder
            )
            let url = "https://127.0.0.2:\(sandbox.addresses.port)/message/interaction"
            for (options, found) in [
                ([], "the certificate is not trusted"),
                (["--ca-file", "ca.pem"], "the certificate is for another host"),
            ] {
                let run = try Self.doctor(["--rest-url", url] + options, in: folder)
                #expect(run.status == 1)
                #expect(run.checks.compactMap { $0.text("check") } == ["rest-dns", "rest-tcp", "rest-tls"])
                #expect(run.checks.last?.text("found") == found, "\(run.text)")
            }
        }
    }

    @Test
    func nobodyThereIsAnError() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let url = sandbox.addresses.restUrl
            #expect(try sandbox.stop() == 0)
            let closed = try Self.doctor(["--rest-url", url, "--timeout", "5s"], in: folder)
            #expect(closed.status == 1)
            #expect(closed.checks.last?.text("check") == "rest-tcp")
            #expect(closed.checks.last?.text("found") == "no connection: Connection refused")
            let nowhere = try Self.doctor(["--websocket-url", "wss://no-such-host.invalid/"], in: folder)
            #expect(nowhere.status == 1 && nowhere.checks.map { $0.text("check") } == ["websocket-dns"])
        }
    }

    @Test(arguments: [
        ["--token"], ["--rest-url", "http://example.com/"], ["--tenant", "a b"],
        ["--tenant", "acme", "--ca-file", "none"],
    ])
    func whatCannotBeIsUsage(_ arguments: [String]) throws {
        let run = try CommandLineTool.run(["doctor"] + arguments)
        #expect(run.status == 64 && run.text.isEmpty, "\(run.errors)")
    }
}
