// The binary as one process among others: in a shell's pipeline, stopped by signals, fed by a pipe that stays open.

import Foundation
import TestSupport

/// A shell script around the binary, which it finds as `$TOOL`.
enum ShellScript {
    /// What a script left behind.
    struct Run {
        var status: Int32
        var text: String
        var errors: String
    }

    /// Runs a script with bash to its end; output goes through files, so that no full pipe can block it.
    static func run(_ script: String, in folder: String, tool: String = CommandLineTool.path) throws -> Run {
        let logs = folder + "/.logs"
        try FileManager.default.createDirectory(atPath: logs, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(["TOOL": tool]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Folder.newFile(logs + "/out")
        process.standardError = try Folder.newFile(logs + "/err")
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus,
            text: try Folder.text(logs + "/out"),
            errors: try Folder.text(logs + "/err")
        )
    }
}

/// The binary while it runs.
final class ToolSession {
    struct TimedOut: Error {}

    private let process = Process()
    private let errorFile: String

    /// Starts it; standard output goes to `stdout` in the folder unless a pipe is given.
    init(
        _ arguments: [String],
        in folder: String,
        output: Pipe? = nil,
        environment: [String: String] = [:]
    ) throws {
        errorFile = folder + "/stderr"
        process.executableURL = URL(fileURLWithPath: CommandLineTool.path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardError = try Folder.newFile(errorFile)
        if let output {
            process.standardOutput = output
        } else {
            process.standardOutput = try Folder.newFile(folder + "/stdout")
        }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var isRunning: Bool { process.isRunning }
    var errors: String { (try? Folder.text(errorFile)) ?? "" }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The exit status, once it has ended.
    func status() throws -> Int32 {
        try ToolSession.wait { !self.process.isRunning }
        return process.terminationStatus
    }

    /// Whether a signal ended it, rather than its own exit.
    var wasKilled: Bool { process.terminationReason == .uncaughtSignal }

    /// Waits until something is so; a minute is far more than anything here takes.
    static func wait(until condition: () -> Bool) throws {
        for _ in 0..<6000 {
            if condition() { return }
            usleep(10_000)
        }
        throw TimedOut()
    }
}

/// A named pipe that stays open, as a program would keep it that has more to say.
final class OpenPipe {
    private let descriptor: Int32

    init(_ path: String) {
        mkfifo(path, 0o600)
        // Reading too: so the opening waits for nobody, and the pipe has no end while this lives.
        descriptor = open(path, O_RDWR | O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Writes all of it, as fast as the other side reads.
    func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        var sent = 0
        try ToolSession.wait {
            let count = bytes[sent...].withUnsafeBytes { Foundation.write(self.descriptor, $0.baseAddress, $0.count) }
            sent += max(0, count)
            return sent == bytes.count
        }
    }
}

/// What lies in a folder.
enum Folder {
    static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    static func newFile(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Results that are not complete yet, which no run but a killed one may leave.
    static func partials(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".partial") }
    }
}
