// Nothing that a run writes has the secret or a token in it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SecretTests {
    /// With what has to be escaped in a query, in a form, in JSON and in base64.
    private static let secret = #"s3cr3t/word+&"x" y%"#

    /// The secret in every spelling in which it travels, and a piece of it that all of them share.
    private static var spellings: [String] {
        let encoded = secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? secret
        let basic = Data("sandbox:\(secret)".utf8).base64EncodedString()
        return [
            secret, encoded, encoded.replacing("%20", with: "+"), basic, String(basic.prefix(24)), "s3cr3t", "word",
        ]
    }

    /// How every token of the sandbox begins, and its second part: a whole token has both.
    private static let tokenPieces = ["eyJhbGciOi", "eyJpc3MiOi"]

    /// Runs `submit` and returns every file that it wrote, by name.
    private static func outputs(
        _ tenant: Tenant,
        _ options: [String],
        secretFile: String?,
        in folder: String
    ) throws -> [String: String] {
        let work = folder + "/work"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        var environment = ["OPTAVE_CLIENT_ID": "sandbox"]
        if secretFile == nil { environment["OPTAVE_CLIENT_SECRET"] = secret }
        var arguments = tenant.arguments([
            folder + "/bare.ndjson", "--ledger", "run.sqlite", "--dead-letter", "dead.ndjson", "--replies",
            "replies.ndjson", "--report", "report.json", "--metrics-port", "0", "--log-level", "trace", "--timeout",
            "1s",
        ])
        if let secretFile { arguments += ["--client-secret-file", secretFile] }
        let session = try ToolSession(arguments + options, in: work, environment: environment)
        var metrics = ""
        try ToolSession.wait {
            if let url = session.errors.firstMatch(of: /metrics: (http:\S+)/) {
                let run = try? ShellScript.run("curl -sS '\(url.1)' || true", in: folder)
                if let text = run?.text, !text.isEmpty { metrics = text }
            }
            return !session.isRunning
        }
        _ = try session.status()
        let status = try CommandLineTool.run(["status", "run.sqlite", "--export", "outcomes.csv"], folder: work)
        var files = ["metrics": metrics, "status": status.text + status.errors]
        for name in try FileManager.default.contentsOfDirectory(atPath: work) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: work + "/" + name))
            files[name] = String(decoding: bytes, as: UTF8.self)
        }
        try #require(files["stderr"]?.isEmpty == false && files["run.sqlite"] != nil && files["replies.ndjson"] != nil)
        return files
    }

    @Test(arguments: ["rest", "websocket"], ["query", "body", "basic"])
    func nothingWrittenHasTheSecretOrAToken(transport: String, tokenRequest: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(60, to: folder)
            try Folder.write(Self.secret + "\n", folder + "/secret")
            chmod(folder + "/secret", 0o600)
            let sandbox = try SandboxSession(
                [
                    "--client-secret-file", folder + "/secret", "--retry-after", "0", "--seed", "5", "--journal",
                    folder + "/work.journal", "--fault", "429:5%", "--fault", "503:5%", "--fault", "expire:3%",
                    "--fault",
                    "reset:2%", "--fault", "lost:2%", "--fault", "upgrade-503:20%", "--fault", "token-503:20%",
                ],
                in: folder
            )
            let options = ["--transport", transport, "--token-request", tokenRequest, "--log-format", "json"]
            var files = try Self.outputs(Tenant(sandbox), options, secretFile: folder + "/secret", in: folder)
            files["journal"] = try Folder.text(folder + "/work.journal")
            files["sandbox"] = sandbox.errors
            #expect(try sandbox.summary().accepted > 0, "\(files["stderr"] ?? "")")
            for (name, text) in files {
                for word in Self.spellings + Self.tokenPieces { #expect(!text.contains(word), "\(name) has \(word)") }
            }
        }
    }

    /// Errors are where secrets slip out.
    @Test(arguments: ["rest", "websocket"])
    func noErrorHasTheSecret(_ transport: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(3, to: folder)
            let sandbox = try SandboxSession(in: folder)
            var dead = Tenant(restURL: "http://127.0.0.1:1/x", tokenURL: "http://127.0.0.1:1/token")
            dead.webSocketURL = "ws://127.0.0.1:1/"
            // The wrong secret, and nobody there, who is waited for.
            for (tenant, isThere) in [(Tenant(sandbox), true), (dead, false)] {
                let environment = ["OPTAVE_CLIENT_ID": "sandbox", "OPTAVE_CLIENT_SECRET": Self.secret]
                let session = try ToolSession(
                    tenant.arguments([
                        "bare.ndjson", "--ledger", "\(isThere).sqlite", "--transport", transport, "--log-level",
                        "trace",
                    ]),
                    in: folder,
                    environment: environment
                )
                if !isThere {
                    try ToolSession.wait { session.errors.split(separator: "\n").count > 2 || !session.isRunning }
                    session.send(SIGINT)
                }
                #expect(try session.status() != 0)
                let text = session.errors + (try Folder.text(folder + "/stdout"))
                for word in Self.spellings { #expect(!text.contains(word), "\(word)") }
            }
        }
    }

    @Test(.enabled(if: Python.isThere, Python.whyNot), arguments: ["rest", "websocket"])
    func noTokenOfAStrangerIsWritten(_ transport: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(20, to: folder)
            let peer = try PeerTenant(secret: Self.secret, in: folder)
            let files = try Self.outputs(peer.tenant(), ["--transport", transport], secretFile: nil, in: folder)
            let tokens = try Folder.text(peer.tokenFile).split(separator: "\n")
            #expect(!tokens.isEmpty)
            for (name, text) in files {
                for word in Self.spellings + tokens.flatMap({ $0.split(separator: ".").map(String.init) }) {
                    #expect(!text.contains(word), "\(name) has \(word)")
                }
            }
        }
    }
}
