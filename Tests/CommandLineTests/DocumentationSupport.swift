// Reads the project's Markdown and runs what its examples say.

import Foundation
import TestSupport

/// One of the project's documents.
struct Markdown {
    let text: String
    let lines: [String]

    /// Reads a document.
    ///
    /// - Parameter name: Its path in the package.
    /// - Throws: What reading the file throws.
    init(_ name: String) throws { try self.init(path: TestFiles.package + "/" + name) }

    init(path: String) throws {
        text = try String(contentsOfFile: path, encoding: .utf8)
        lines = text.components(separatedBy: "\n")
    }

    /// The fenced blocks of a language.
    func blocks(_ language: String) -> [String] { blocks.filter { $0.language == language }.map(\.text) }

    /// All fenced blocks.
    var blocks: [(language: String, text: String)] {
        var result: [(language: String, text: String)] = []
        var isInside = false
        for line in lines {
            if line.hasPrefix("```") {
                isInside.toggle()
                if isInside { result.append((String(line.dropFirst(3)), "")) }
            } else if isInside {
                result[result.count - 1].text += line + "\n"
            }
        }
        return result
    }

    /// The commands of its examples.
    var commands: [Command] { blocks("sh").flatMap(Self.commands(in:)) }

    /// What links can point to: each heading as a slug.
    var anchors: [String] {
        lines.filter { $0.hasPrefix("#") }.map { line in
            let title = line.drop { $0 == "#" || $0 == " " }.lowercased()
            return title.filter { $0.isLetter || $0.isNumber || " -".contains($0) }.replacing(" ", with: "-")
        }
    }

    /// The cells of the first table below a heading, without its head.
    func table(below heading: String) -> [[String]] {
        let below = lines.drop { $0 != heading }.dropFirst()
        let rows = below.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
        return rows.dropFirst(2).map { row in
            row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// The texts between backticks.
    static func code(in cell: String) -> [String] { cell.matches(of: /`([^`]+)`/).map { String($0.1) } }

    /// One command of an example.
    struct Command {
        var text: String
        /// Lines that the example shows below it; `…` stands for anything.
        var shown: [String] = []

        /// The exit code that a comment names, else 0.
        var status: Int32 { text.firstMatch(of: /# exit (\d+)/).flatMap { Int32($0.1) } ?? 0 }

        /// A script of the project that the command calls.
        var projectScript: String? {
            text.prefixMatch(of: /(?:samples|Tests|\.ci)\/[\w\/]+/).map { String($0.0) }
        }

        /// Why the tests do not run the command; nil if they do.
        var excuse: String? {
            for (start, reason) in Self.excuses where text.hasPrefix(start) { return reason }
            if text.hasPrefix("parallel "), !Self.hasParallel {
                return "there is no GNU parallel; Tests/run installs it"
            }
            return nil
        }

        private static let excuses = [
            ("samples/quickstart", "builds a release: .ci/run runs it"),
            ("samples/packaging/build", "builds a release: Tests/Proofs/package runs it"),
            ("Tests/run", "is what runs this"),
            (
                "Tests/Benchmarks/run",
                "takes the machine for itself: run by hand, with its results in docs/PERFORMANCE.md"
            ),
            ("Tests/Proofs/", "takes an hour: run by hand"),
            ("swift build", "builds this package: Tests/run does"),
            ("export PATH=", "would be for another shell"),
        ]

        private static let hasParallel =
            FileManager.default.isExecutableFile(atPath: "/usr/bin/parallel")
            || ProcessInfo.processInfo.environment["CI"] != nil

        /// The first shown line that is not in the output, in order.
        func firstLineMissing(in output: String) -> String? {
            var rest = output.components(separatedBy: "\n")[...]
            for line in shown where !line.allSatisfy(\.isWhitespace) {
                rest = rest.drop { !Self.fits($0, line.components(separatedBy: "…")) }
                guard rest.popFirst() != nil else { return line }
            }
            return nil
        }

        private static func fits(_ line: String, _ pieces: [String]) -> Bool {
            var rest = line[...]
            for (index, piece) in pieces.enumerated() where !piece.isEmpty {
                guard let range = rest.firstRange(of: piece), index > 0 || range.lowerBound == rest.startIndex else {
                    return false
                }
                rest = rest[range.upperBound...]
            }
            return pieces.last.map(\.isEmpty) ?? false || rest.isEmpty
        }
    }

    /// Cuts an example into commands.
    ///
    /// If a line begins with `$ `, such lines are the commands and the others what they print; else every line is a
    /// command. A backslash at the end and a here-document continue a command.
    static func commands(in block: String) -> [Command] {
        let lines = block.components(separatedBy: "\n")
        let hasPrompts = lines.contains { $0.hasPrefix("$ ") }
        var result: [Command] = []
        var terminator: String?
        var continues = false
        for line in lines {
            if terminator != nil || continues {
                result[result.count - 1].text += "\n" + line
                if line == terminator { terminator = nil }
                continues = terminator == nil && isContinued(line)
            } else if hasPrompts, !line.hasPrefix("$ ") {
                if !result.isEmpty { result[result.count - 1].shown.append(line) }
            } else if !line.allSatisfy(\.isWhitespace), !line.hasPrefix("#") {
                result.append(Command(text: hasPrompts ? String(line.dropFirst(2)) : line))
                terminator = line.firstMatch(of: /<<'?(\w+)'?/).map { String($0.1) }
                continues = isContinued(line)
            }
        }
        return result
    }

    private static func isContinued(_ line: String) -> Bool { line.hasSuffix("\\") || line.hasSuffix("|") }
}

/// Runs a command line as a person's shell would.
enum Shell {
    struct Run {
        var status: Int32
        /// Standard output, then standard error.
        var text: String
    }

    /// Runs a command line to its end, with the program under test in the path and no input.
    ///
    /// - Parameters:
    ///   - command: What a person would type.
    ///   - folder: Where it runs.
    ///   - home: What it takes for the home folder, so that an example that writes there does no harm.
    /// - Returns: What it left behind.
    /// - Throws: What starting it throws.
    static func run(_ command: String, folder: String, home: String? = nil) throws -> Run {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        // Foundation waits until nobody has the descriptors any more that it gave to the shell, so a program that a
        // command leaves in the background must not have them.
        let closing = #"for d in /proc/$$/fd/*; do ((${d##*/} > 2)) && eval "exec ${d##*/}>&-"; done"#
        process.arguments = ["-c", closing + "\nset -o pipefail\n" + command]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        let program = URL(fileURLWithPath: CommandLineTool.path).deletingLastPathComponent().path
        environment["PATH"] = program + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        if let home { environment["HOME"] = home }
        process.environment = environment
        return try TestFiles.withFolder { scratch in
            // Files instead of pipes: a full pipe that nobody reads would block the command.
            let outputs = try ["out", "err"].map { name in
                let url = URL(fileURLWithPath: scratch + "/" + name)
                try Data().write(to: url)
                return (url, try FileHandle(forWritingTo: url))
            }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = outputs[0].1
            process.standardError = outputs[1].1
            try process.run()
            process.waitUntilExit()
            let text = try outputs.map { String(decoding: try Data(contentsOf: $0.0), as: UTF8.self) }.joined()
            return Run(status: process.terminationStatus, text: text)
        }
    }
}
