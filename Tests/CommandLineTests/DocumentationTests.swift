// The documentation says what is true: its examples run, its names exist, its version is the program's.

import Foundation
import TestSupport
import Testing

@Suite struct DocumentationTests {
    static let documents: [String] = {
        let folders =
            ["docs"]
            + (FileManager.default.subpaths(atPath: TestFiles.package + "/samples") ?? []).filter {
                $0.hasSuffix("README.md")
            }.map { "samples/" + String($0.dropLast("/README.md".count)) }
        let files = folders.flatMap { folder in
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(TestFiles.package)/\(folder)")) ?? []
            return names.filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
        }
        return ["README.md"] + files.sorted()
    }()

    private static let python =
        ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_PYTHON"]
        ?? ["/usr/bin/python3", "/usr/local/bin/python3"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Runs every `sh` block of a document in one folder of its own, with the samples in it, but for what has an excuse.
    @Test(arguments: documents)
    func examplesRunAsTheySay(_ document: String) throws {
        let commands = try Markdown(document).commands
        try Self.withScratch { folder in
            for command in commands {
                if let script = command.projectScript {
                    let path = TestFiles.package + "/" + script
                    #expect(FileManager.default.isExecutableFile(atPath: path), "\(document) names \(script)")
                    #expect(command.excuse != nil, "\(script) is not run, and nothing says why")
                } else if command.excuse == nil {
                    let run = try Shell.run(command.text, folder: folder, home: folder)
                    #expect(run.status == command.status, "\(document): \(command.text)\n\(run.text)")
                    let missing = command.firstLineMissing(in: run.text)
                    #expect(missing == nil, "\(document): \(command.text)\nshows \(missing ?? "")\nnot\n\(run.text)")
                }
            }
        }
    }

    @Test func readmeRunsItsExamples() throws {
        let commands = try Markdown("README.md").commands
        #expect(commands.filter { $0.text.contains("interaction-migrate ") }.count >= 8)
        #expect(commands.contains { $0.projectScript == "samples/quickstart" })
        #expect(commands.contains { $0.projectScript == "Tests/run" })
    }

    @Test func readmeIsShortAndOfThisVersion() throws {
        let readme = try Markdown("README.md")
        #expect(readme.lines.count < 200)
        let version = try CommandLineTool.run(["--version"]).text.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(!version.isEmpty)
        #expect(readme.lines.contains { $0.hasPrefix("Version \(version).") }, "the README names another version")
    }

    @Test(arguments: documents)
    func linksLeadSomewhere(_ document: String) throws {
        let base = URL(fileURLWithPath: TestFiles.package + "/" + document).deletingLastPathComponent()
        for match in try Markdown(document).text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") {
            let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let file = parts[0].isEmpty ? URL(fileURLWithPath: document).lastPathComponent : parts[0]
            let target = base.appendingPathComponent(file).path
            #expect(FileManager.default.fileExists(atPath: target), "\(document) links to \(match.1)")
            guard parts.count > 1, target.hasSuffix(".md") else { continue }
            let anchors = try Markdown(path: target).anchors
            #expect(anchors.contains(parts[1]), "\(document) links to \(match.1)")
        }
    }

    /// Every file, function and type that the table of the way of one record names.
    @Test func architectureNamesWhatExists() throws {
        let table = try Markdown("docs/ARCHITECTURE.md").table(below: "## One record, from bytes to receipt")
        try #require(table.count > 15)
        let sources = try Self.sources()
        let types = sources.values.reduce(into: Set()) { $0.formUnion(Self.types(in: $1)) }
        for row in table {
            let file = try #require(Markdown.code(in: row[1]).first)
            let source = try #require(sources[file], "there is no \(file)")
            let function = try #require(Markdown.code(in: row[2]).first)
            let parts = try #require(function.wholeMatch(of: /(\w+)\.(\w+)\((.*)\)/), "\(function) is no function")
            let labels = parts.3.split(separator: ":").map(String.init)
            // Verdicts first: a failed expectation prints its arguments, and these are whole files.
            let isType = types.contains(String(parts.1))
            let isThere =
                source.contains("extension \(parts.1)") || Self.types(in: source).contains(String(parts.1))
            let isFunction = Self.declares(function: String(parts.2), labels, in: source)
            #expect(isType && isThere && isFunction, "\(file) has no \(function)")
            for type in Markdown.code(in: row[3]) + Markdown.code(in: row[4]) {
                let isDeclared = types.contains(type)
                #expect(isDeclared, "there is no \(type)")
            }
        }
    }

    /// A promise is as good as the test that holds it.
    @Test func theThreatModelNamesTestsThatExist() throws {
        let rows = try Markdown("docs/SECURITY.md")
            .table(below: "## What stands against it, and which tests hold it")
        try #require(rows.count > 20)
        let tests = try Self.sources(in: "Tests")
        for row in rows {
            try #require(row.count == 3 && !Markdown.code(in: row[2]).isEmpty, "\(row) names no test")
            for name in Markdown.code(in: row[2]) {
                let parts = name.split(separator: ".").map(String.init)
                try #require(parts.count == 2, "\(name)")
                let source = tests.first { $0.key.hasSuffix("/\(parts[0]).swift") }?.value
                // Verdicts first: a failed expectation prints its arguments, and these are whole files.
                let isThere = source?.contains(" func \(parts[1])(") ?? false
                #expect(isThere, "docs/SECURITY.md names \(name)")
            }
        }
    }

    /// The mapping's Python example computes the ids of the file that the example before it converts.
    @Test(
        .enabled(
            if: python != nil || ProcessInfo.processInfo.environment["CI"] != nil,
            "there is no Python; Tests/run makes one and names it in INTERACTION_MIGRATE_PYTHON"
        )
    )
    func pythonComputesTheSameIds() throws {
        let python = try #require(Self.python)
        let mapping = try Markdown("docs/MAPPING.md")
        let script = try #require(mapping.blocks("python").first)
        try Self.withScratch { folder in
            for command in mapping.commands {
                _ = try Shell.run(command.text, folder: folder, home: folder)
            }
            try script.write(toFile: folder + "/ids.py", atomically: true, encoding: .utf8)
            let run = try Shell.run("'\(python)' ids.py", folder: folder)
            let ids = run.text.split(separator: "\n").map { $0.split(separator: " ") }
            try #require(run.status == 0 && ids.count == 4, "\(run.text)")
            let converted = try String(contentsOfFile: folder + "/call.ndjson", encoding: .utf8)
            for id in ids {
                try #require(id.count == 2)
                #expect(converted.contains("\"\(id[0])\":\"\(id[1])\""), "\(id[0]) \(id[1]) is not in \(converted)")
            }
        }
    }

    // MARK: What the tests need

    private static func withScratch(_ body: (String) throws -> Void) throws {
        try TestFiles.withFolder { folder in
            // A copy: no example can change the samples themselves.
            let copy = try Shell.run("cp -R '\(TestFiles.package)/samples' samples", folder: folder)
            try #require(copy.status == 0, "\(copy.text)")
            try body(folder)
        }
    }

    private static func sources(in folder: String = "Sources") throws -> [String: String] {
        let root = TestFiles.package + "/" + folder
        var result: [String: String] = [:]
        for case let path as String in try #require(FileManager.default.enumerator(atPath: root))
        where path.hasSuffix(".swift") {
            result[path] = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
        }
        return result
    }

    /// The names of all types that are declared.
    private static func types(in source: String) -> Set<String> {
        var types: Set<String> = []
        for line in source.split(separator: "\n") {
            let words = line.split(separator: " ")
            for (kind, name) in zip(words, words.dropFirst())
            where ["struct", "enum", "class", "actor", "protocol"].contains(kind) {
                types.insert(String(name.prefix { $0.isLetter || $0.isNumber || $0 == "_" }))
            }
        }
        return types
    }

    /// Whether a function of that name has exactly these argument labels.
    private static func declares(function name: String, _ labels: [String], in source: String) -> Bool {
        let source = source.replacing("->", with: "")
        return source.ranges(of: "func \(name)").contains { range in
            guard let open = source[range.upperBound...].firstIndex(of: "(") else { return false }
            var depth = 0
            var parameters = [""]
            for character in source[open...] {
                if "([{<".contains(character) { depth += 1 }
                if ")]}>".contains(character) { depth -= 1 }
                if depth == 0 { break }
                if character == ",", depth == 1 {
                    parameters.append("")
                } else {
                    parameters[parameters.count - 1].append(character)
                }
            }
            let found = parameters.compactMap { parameter in
                parameter.split { "( \n:".contains($0) }.first
            }
            return found.map(String.init) == labels
        }
    }
}
