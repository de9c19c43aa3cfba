// A sandbox that runs while a test talks to it, by the binary itself.

import Foundation
import TestSupport
import Testing

/// The command `sandbox` while it runs.
final class SandboxSession {
    /// What it says when it is ready.
    struct Addresses: Decodable {
        var tokenUrl: String
        var restUrl: String
        var webSocketUrl: String
        var summaryUrl: String
        var port: Int
    }

    /// What it has counted.
    struct Summary: Decodable, Equatable {
        var accepted: Int
        var distinctKeys: Int
        var repetitions: Int
        var conflicts: Int
        var refused: Int
        var tokens: Int
        var connections: Int
        var faults: [String: Int]
    }

    let addresses: Addresses
    private let session: ToolSession
    private let folder: String

    /// Starts one and waits until it is ready.
    init(_ arguments: [String] = [], in folder: String) throws {
        self.folder = folder
        let own = folder + "/sandbox-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        let session = try ToolSession(["sandbox"] + arguments, in: own)
        try ToolSession.wait {
            (try? Folder.text(own + "/stdout").hasSuffix("\n")) == true || !session.isRunning
        }
        self.session = session
        let line = try Folder.text(own + "/stdout")
        try #require(!line.isEmpty, "\(session.errors)")
        addresses = try JSONDecoder().decode(Addresses.self, from: Data(line.utf8))
    }

    var errors: String { session.errors }

    /// Ends it by a signal.
    func stop(_ signal: Int32 = SIGTERM) throws -> Int32 {
        session.send(signal)
        return try session.status()
    }

    /// Runs a script with the addresses in `$TOKEN_URL`, `$REST_URL`, `$WS_URL` and `$SUMMARY_URL`.
    func script(_ text: String) throws -> ShellScript.Run {
        let known = """
            set -euo pipefail
            shopt -s inherit_errexit
            TOKEN_URL='\(addresses.tokenUrl)' REST_URL='\(addresses.restUrl)' WS_URL='\(addresses.webSocketUrl)'
            SUMMARY_URL='\(addresses.summaryUrl)' PORT=\(addresses.port)
            PYTHON='\(Python.path ?? "python3")' CLIENT='\(TestFiles.package)/Tests/Support/websocket_client.py'
            token() { curl -sS --fail-with-body ${CA:+--cacert "$CA"} -X POST \\
                "$TOKEN_URL?client_id=sandbox&client_secret=sandbox" | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/'; }

            """
        return try ShellScript.run(known + text, in: folder)
    }

    func summary(_ curlOptions: String = "") throws -> Summary {
        let run = try script("curl -sS --fail \(curlOptions) \"$SUMMARY_URL\"")
        return try JSONDecoder().decode(Summary.self, from: Data(run.text.utf8))
    }
}

/// The Python that has the packages of the tests.
enum Python {
    static let path = ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"]
    static let isThere = path != nil || ProcessInfo.processInfo.environment["CI"] != nil
    static let whyNot: Comment = "there is no Python; Tests/run makes one and names it in INTERACTION_MIGRATE_PYTHON"
}

/// Messages as files, in both forms.
enum Converted {
    /// Writes `bare.ndjson` and `envelopes.ndjson` with so many messages.
    static func write(_ count: Int, to folder: String) throws {
        let legacy = (1...count).map { Payload.complete($0) + "\n" }.joined()
        for (form, name) in [("rest", "bare"), ("websocket", "envelopes")] {
            let run = try CommandLineTool.run(["convert", "--form", form, "-q"], input: Array(legacy.utf8))
            try #require(run.status == 0, "\(run.errors)")
            try Folder.write(run.text, "\(folder)/\(name).ndjson")
        }
    }
}
