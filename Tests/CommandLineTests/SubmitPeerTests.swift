// Our client with servers that are not ours: nginx in front of the sandbox, and a tenant in Python.

import Foundation
import TestSupport
import Testing

/// The tenant of `peer_tenant.py` while it runs.
final class PeerTenant {
    /// What it says of itself.
    struct State: Decodable {
        var port: Int
        var socketPort: Int
        /// Different keys over REST, and over a WebSocket.
        var rest: Int
        var socket: Int
        /// Thread and request of each message, in the order of their coming.
        var threads: [[String]]
    }

    private let process = Process()
    private let file: String
    /// The tokens that it has given out.
    let tokenFile: String

    init(secret: String, in folder: String) throws {
        file = folder + "/peer.json"
        tokenFile = folder + "/peer.tokens"
        process.executableURL = URL(fileURLWithPath: Python.path ?? "/usr/bin/python3")
        process.arguments = [TestFiles.package + "/Tests/Support/peer_tenant.py", file, tokenFile]
        process.environment = ProcessInfo.processInfo.environment.merging(["SECRET": secret]) { $1 }
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let (started, path) = (process, file)
        try ToolSession.wait { Folder.exists(path) || !started.isRunning }
        try #require(process.isRunning)
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func state() throws -> State {
        try JSONDecoder().decode(State.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }

    func tenant() throws -> Tenant {
        let state = try state()
        var tenant = Tenant(
            restURL: "http://127.0.0.1:\(state.port)/message/interaction",
            tokenURL: "http://127.0.0.1:\(state.port)/oauth"
        )
        tenant.webSocketURL = "ws://127.0.0.1:\(state.socketPort)/"
        return tenant
    }
}

@Suite(.timeLimit(.minutes(30)))
struct SubmitPeerTests {
    @Test(.enabled(if: Python.isThere, Python.whyNot), arguments: ["rest", "websocket"], ["query", "body", "basic"])
    func aTenantInPythonTakesEverything(transport: String, tokenRequest: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(50, to: folder)
            let peer = try PeerTenant(secret: "sandbox", in: folder)
            let run = try peer.tenant().submit(
                "bare.ndjson",
                "--transport",
                transport,
                "--token-request",
                tokenRequest,
                "--ack",
                "completed",
                in: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            let state = try peer.state()
            #expect(state.rest == (transport == "rest" ? 50 : 0) && state.socket == 50 - state.rest)
            #expect(state.threads.count == 50, "nothing was sent twice")
        }
    }

    @Test(
        .enabled(if: ProxySession.isThere, "there is no nginx; Tests/run installs it"),
        arguments: [(["--http2"], "HTTP/2.0"), ([], "HTTP/1.1"), (["--transport", "websocket"], "HTTP/1.1")]
    )
    func nginxIsGoneThroughWithTLS(options: [String], version: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(50, to: folder)
            let sandbox = try SandboxSession(in: folder)
            let proxy = try ProxySession(before: sandbox, in: folder)
            try Folder.write("", folder + "/protocols.log")
            let base = "https://localhost:\(proxy.port)"
            var tenant = Tenant(restURL: base + "/message/interaction", tokenURL: base + "/auth/oauth2/token")
            tenant.webSocketURL = "wss://localhost:\(proxy.port)/"
            let run = try CommandLineTool.run(
                tenant.arguments(["bare.ndjson", "--ca-file", "ca.pem"] + options),
                environment: Tenant.credentials,
                folder: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            let summary = try sandbox.summary()
            #expect(summary.accepted == 50 && summary.repetitions == 0)
            #expect(summary.connections == (options.contains("websocket") ? 1 : 0))
            let protocols = try Folder.text(folder + "/protocols.log").split(separator: "\n")
            #expect(protocols.contains { $0 == version }, "\(protocols)")
            if version == "HTTP/2.0" { #expect(protocols.filter { $0 == version }.count >= 50) }
            // A certificate that nobody has vouched for is no reason to send a token.
            let stranger = try CommandLineTool.run(
                tenant.arguments(["bare.ndjson", "--ledger", "other"] + options),
                environment: Tenant.credentials,
                folder: folder
            )
            #expect(stranger.status == 2 && stranger.errors.contains("certificate"), "\(stranger.errors)")
            #expect(try sandbox.summary().tokens == summary.tokens)
        }
    }
}
