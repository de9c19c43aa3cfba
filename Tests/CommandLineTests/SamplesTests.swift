// Every sample converts to what lies beside it; RECORD_GOLDEN=1 writes that anew, and fails so that it is looked at.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SamplesTests {
    /// One folder of `samples/<format>/<pass or fail>/`: an `input.*` or a folder `input`, and `options`, one a line.
    struct Case: CustomTestStringConvertible {
        let folder: String
        let input: String
        let arguments: [String]

        init(_ folder: String) throws {
            self.folder = folder
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            input = names.first { $0 == "input" || $0.hasPrefix("input.") } ?? "input.missing"
            let options = names.contains("options") ? try Folder.text(folder + "/options") : ""
            arguments = options.split(separator: "\n").flatMap {
                $0.split(separator: " ", maxSplits: 1).map(String.init)
            }
        }

        var testDescription: String { String(folder.dropFirst(SamplesTests.root.count + 1)) }
    }

    static let root = TestFiles.package + "/samples"

    static func cases(_ kind: String) -> [Case] {
        let manager = FileManager.default
        let formats = (try? manager.contentsOfDirectory(atPath: root).sorted()) ?? []
        return formats.flatMap { format in
            let folder = "\(root)/\(format)/\(kind)"
            let names = (try? manager.contentsOfDirectory(atPath: folder).sorted()) ?? []
            return names.compactMap { try? Case("\(folder)/\($0)") }
        }
    }

    /// Compares with a recorded file, or records it.
    private static func expect(_ actual: String, equals file: String) throws {
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try Folder.write(actual, file)
            Issue.record("recorded \(file); read it, then run without RECORD_GOLDEN")
        }
        let expected = (try? Folder.text(file)) ?? ""
        #expect(actual == expected, "differs from \(file)")
    }

    @Test
    func everyGenerationHasSamples() {
        let formats = ["array", "concatenated", "json5", "v1", "v2.0", "v3.0", "v3.1", "v3.2"]
        let passing = Set(Self.cases("pass").map { $0.testDescription.prefix { $0 != "/" } })
        #expect(passing.isSuperset(of: formats.map { $0[...] }))
        let failing = Set(Self.cases("fail").map { $0.testDescription.prefix { $0 != "/" } })
        #expect(failing.isSuperset(of: ["v1", "v2.0", "v3.0", "v3.1", "v3.2"]))
    }

    @Test(arguments: cases("pass"))
    func converts(sample: Case) throws {
        let run = try CommandLineTool.run(["convert", sample.input] + sample.arguments, folder: sample.folder)
        #expect(run.status == 0, "\(run.errors)")
        try Self.expect(run.text, equals: sample.folder + "/expected.ndjson")
        let check = try CommandLineTool.run(["validate", "expected.ndjson"], folder: sample.folder)
        #expect(check.status == 0, "\(check.text)")
    }

    @Test(arguments: cases("pass"))
    func convertsTheSameWhenCompressed(sample: Case) throws {
        try TestFiles.withFolder { folder in
            // A folder becomes an archive, which holds the same files.
            let isFolder = sample.input == "input"
            let name = sample.input + (isFolder ? ".tar" : ".gz")
            let script =
                isFolder
                ? "tar --sort=name -cf \(name) -C '\(sample.folder)' input"
                : "gzip -c '\(sample.folder)/\(sample.input)' > '\(name)'"
            #expect(try ShellScript.run(script, in: folder).status == 0)
            let run = try CommandLineTool.run(["convert", name] + sample.arguments, folder: folder)
            #expect(run.status == 0)
            #expect(run.text == (try Folder.text(sample.folder + "/expected.ndjson")))
        }
    }

    @Test(arguments: cases("pass"))
    func convertingTwiceChangesNothing(sample: Case) throws {
        let again = try CommandLineTool.run(["convert", "expected.ndjson"] + sample.arguments, folder: sample.folder)
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.text == (try Folder.text(sample.folder + "/expected.ndjson")))
    }

    @Test(arguments: cases("fail"))
    func refuses(sample: Case) throws {
        let run = try CommandLineTool.run(
            ["convert", sample.input, "--format", "json", "--max-findings", "1000"] + sample.arguments,
            folder: sample.folder
        )
        #expect(run.status == 1)
        // Each finding, and the summary after them.
        let findings = run.errors.split(separator: "\n").dropLast().map { "  " + $0 }
        #expect(!findings.isEmpty)
        let array = "[\n\(findings.joined(separator: ",\n"))\n]\n"
        try Self.expect(array, equals: sample.folder + "/expected.findings.json")
    }
}
