// nginx in front of the sandbox, with TLS and HTTP/2, as tenants have something in front of them.

import Foundation
import TestSupport
import Testing

/// An nginx of its own, in a folder of its own.
final class ProxySession {
    static let program = "/usr/sbin/nginx"
    static let isThere =
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["CI"] != nil

    let port: Int
    private let process = Process()

    /// Starts it in front of a sandbox; `ca.pem` in the folder is what clients have to trust.
    init(before sandbox: SandboxSession, in folder: String) throws {
        let certificates = try ShellScript.run(
            """
            set -e
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj '/CN=test authority' \\
                -keyout ca.key -out ca.pem
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=localhost' \\
                -keyout server.key -out server.csr
            printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nbasicConstraints=CA:FALSE\\n' >extensions
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 1 -extfile extensions \\
                -out server.pem
            """,
            in: folder
        )
        try #require(certificates.status == 0, "\(certificates.errors)")
        port = try Self.freePort()
        let configuration = try Folder.text(TestFiles.package + "/Tests/Support/nginx.conf")
            .replacing("FOLDER", with: folder).replacing("PORT", with: "\(port)")
            .replacing("BACKEND", with: "\(sandbox.addresses.port)")
        try Folder.write(configuration, folder + "/nginx.conf")
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["-p", folder, "-c", folder + "/nginx.conf", "-e", folder + "/error.log"]
        process.standardError = try Folder.newFile(folder + "/nginx.err")
        try process.run()
        let answers = try ShellScript.run(
            """
            for ((i = 0; i < 600; i++)); do
                curl -sf -o /dev/null --cacert ca.pem https://localhost:\(port)/journal/summary && exit
                sleep 0.05
            done
            exit 1
            """,
            in: folder
        )
        let errors = try Folder.text(folder + "/nginx.err")
        try #require(answers.status == 0, "\(errors)")
    }

    deinit {
        // Not SIGTERM, which the thread of a test may have blocked for its children. And no waiting: Foundation learns
        // of an end late if a process that was started at the same moment is still there.
        kill(process.processIdentifier, SIGKILL)
    }

    /// A port that nobody listens on.
    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let found = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(found)
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

@Suite(.timeLimit(.minutes(30)), .enabled(if: ProxySession.isThere, "there is no nginx; Tests/run installs it"))
struct SandboxProxyTests {
    @Test(arguments: [("--http1.1", "1.1"), ("--http2", "2")])
    func curlGoesThroughNginx(option: String, version: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(3, to: folder)
            let sandbox = try SandboxSession(in: folder)
            let proxy = try ProxySession(before: sandbox, in: folder)
            let run = try sandbox.script(
                """
                CA=ca.pem TOKEN_URL=https://localhost:\(proxy.port)/auth/oauth2/token
                T=$(token)
                while read -r line; do
                    curl -sS \(option) --cacert ca.pem -o /dev/null -w '%{http_version} %{http_code}\\n' \\
                        -H "Authorization: Bearer $T" -H 'Content-Type: application/json' --data-binary "$line" \\
                        https://localhost:\(proxy.port)/message/interaction
                done <bare.ndjson
                """
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.text == String(repeating: "\(version) 200\n", count: 3))
            #expect(try sandbox.summary().accepted == 3)
        }
    }

    @Test(.enabled(if: Python.isThere, Python.whyNot))
    func websocketsGoThroughNginx() throws {
        try TestFiles.withFolder { folder in
            try Converted.write(3, to: folder)
            let sandbox = try SandboxSession(in: folder)
            let proxy = try ProxySession(before: sandbox, in: folder)
            let run = try sandbox.script(
                "\"$PYTHON\" \"$CLIENT\" wss://localhost:\(proxy.port)/ \"$(token)\" envelopes.ndjson --ca ca.pem"
            )
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.text.hasPrefix("{\"open\": \"optave-v1\"}\n") && run.text.matches(of: /"reply"/).count == 12)
            #expect(try sandbox.summary().accepted == 3)
        }
    }
}
