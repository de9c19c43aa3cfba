// Runs the real binary, the way a shell would.

import Foundation

/// The binary under test.
package struct CommandLineTool: Sendable {
    /// What a run left behind.
    package struct Run: Sendable {
        package var status: Int32
        package var output: [UInt8]
        package var errors: String

        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The binary that was built with the tests, or `INTERACTION_MIGRATE_BINARY`.
    package static var path: String {
        if let given = ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_BINARY"] { return given }
        // The test runner lies in the same folder as the products.
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("interaction-migrate").path
    }

    /// Runs it to its end.
    ///
    /// Output goes through files, so that no full pipe can block it.
    package static func run(
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        folder: String? = nil
    ) throws -> Run {
        try TestFiles.withFolder { scratch in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
            if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            for name in ["in", "out", "err"] {
                try Data(name == "in" ? input : []).write(to: URL(fileURLWithPath: "\(scratch)/\(name)"))
            }
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: scratch + "/in"))
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch + "/out"))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch + "/err"))
            try process.run()
            process.waitUntilExit()
            let output = try Data(contentsOf: URL(fileURLWithPath: scratch + "/out"))
            let errors = try Data(contentsOf: URL(fileURLWithPath: scratch + "/err"))
            return Run(
                status: process.terminationStatus,
                output: Array(output),
                errors: String(decoding: errors, as: UTF8.self)
            )
        }
    }
}
