// Whether Interactions are what the target accepts: by the program's own `validate`, and by somebody else's.

import Foundation
import TestSupport
import Testing

/// Asks both validators about Interactions.
enum LegacyFactsVerdicts {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["INTERACTION_MIGRATE_PYTHON"]

    /// CI has no excuse for leaving the independent opinion out.
    static let isAskedIndependently = python != nil || environment["CI"] != nil
    static let reason: Comment =
        "INTERACTION_MIGRATE_PYTHON must name a Python with the package jsonschema; Tests/run sets it"

    /// Expects `validate` to accept every line.
    static func expectValid(_ lines: [[UInt8]], _ what: String) throws {
        try #require(!lines.isEmpty, "\(what): nothing to validate")
        let run = try TestFiles.withFolder { folder in
            let path = folder + "/out.ndjson"
            try Data(lines.flatMap { $0 + [UInt8(ascii: "\n")] }).write(to: URL(fileURLWithPath: path))
            return try CommandLineTool.run(["validate", path])
        }
        #expect(run.status == 0, "\(what): \(run.text.prefix(1000))")
        #expect(run.errors.contains("\(lines.count) messages: \(lines.count) valid, 0 invalid"), "\(what)")
    }

    /// Expects an independent implementation of JSON Schema to accept every line as a definition of the schema.
    static func expectIndependentlyValid(_ lines: [[UInt8]], as definition: String, _ what: String) throws {
        let python = try #require(python, "CI must set INTERACTION_MIGRATE_PYTHON")
        try #require(!lines.isEmpty, "\(what): nothing to validate")
        let verdicts = try TestFiles.withFolder { folder in
            let messages = folder + "/messages.ndjson"
            let text = Array("[\"\(definition)\"]\n".utf8) + lines.flatMap { $0 + [UInt8(ascii: "\n")] }
            try Data(text).write(to: URL(fileURLWithPath: messages))
            let verdicts = folder + "/verdicts"
            try Data().write(to: URL(fileURLWithPath: verdicts))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = [
                TestFiles.package + "/Tests/Support/schema_verdicts.py",
                TestFiles.package + "/Sources/InteractionModel/Schema/interaction-v3.2.schema.json",
                messages,
            ]
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: verdicts))
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "the script failed; its message is above")
            return try String(contentsOfFile: verdicts, encoding: .utf8).split(separator: "\n")
        }
        #expect(verdicts.count == lines.count, "\(what): the script gave another number of verdicts")
        for (number, verdict) in verdicts.enumerated() where verdict != "1" {
            Issue.record("\(what): output \(number) is no \(definition)")
        }
    }
}
