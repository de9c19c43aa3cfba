// `submit` against a tenant that runs beside it.

import Foundation
import TestSupport
import Testing

/// Something that messages are sent to.
struct Tenant {
    var restURL: String
    var tokenURL: String
    var webSocketURL = "ws://127.0.0.1:1/"

    init(restURL: String, tokenURL: String) {
        self.restURL = restURL
        self.tokenURL = tokenURL
    }

    init(_ sandbox: SandboxSession) {
        restURL = sandbox.addresses.restUrl
        tokenURL = sandbox.addresses.tokenUrl
        webSocketURL = sandbox.addresses.webSocketUrl
    }

    static let credentials = ["OPTAVE_CLIENT_ID": "sandbox", "OPTAVE_CLIENT_SECRET": "sandbox"]

    /// The arguments of a submission.
    func arguments(_ more: [String]) -> [String] {
        ["submit", "--rest-url", restURL, "--token-url", tokenURL, "--websocket-url", webSocketURL] + more
    }

    /// Starts `submit`.
    func session(_ more: [String], in folder: String) throws -> ToolSession {
        try ToolSession(arguments(more), in: folder, environment: Self.credentials)
    }

    /// Runs `submit` with a list of options to its end.
    func run(_ more: [String], in folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(arguments(more), environment: Self.credentials, folder: folder)
    }

    /// Runs `submit` to its end.
    func submit(_ more: String..., in folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(arguments(more), environment: Self.credentials, folder: folder)
    }
}

/// The counts that `submit --format json` prints.
struct SubmitResult {
    private let json: JSONText

    init(_ run: CommandLineTool.Run) throws { json = try JSONText(run.text) }

    subscript(name: String) -> Int? { json.number(name) }
    var ending: String? { json.text("ending") }
}

/// What `status --format json` says.
func status(of ledger: String, in folder: String) throws -> JSONText {
    let run = try CommandLineTool.run(["status", ledger, "--format", "json"], folder: folder)
    #expect(run.status <= 1, "\(run.errors)")
    return try JSONText(run.text)
}

/// A tenant in Python that refuses messages with a certain text; with status 0, it never answers them.
final class RefusingTenant {
    let tenant: Tenant
    private let process = Process()

    init(_ text: String, status: Int = 422, in folder: String) throws {
        let port = folder + "/port-" + UUID().uuidString
        process.executableURL = URL(fileURLWithPath: Python.path ?? "/usr/bin/python3")
        process.arguments = [TestFiles.package + "/Tests/Support/refusing_tenant.py", port, text, "\(status)"]
        process.standardInput = FileHandle.nullDevice
        // Not those of the tests, whose end would wait for this process.
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let started = process
        try ToolSession.wait { (try? Folder.text(port).hasSuffix("\n")) == true || !started.isRunning }
        let number = try Folder.text(port).trimmingCharacters(in: .whitespacesAndNewlines)
        let base = "http://127.0.0.1:\(number)"
        tenant = Tenant(restURL: base + "/message/interaction", tokenURL: base + "/token")
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
}
