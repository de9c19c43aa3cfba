// The schema for editors, the documentation and the reader say the same about profiles.

import Foundation
import TestSupport
import Testing

@testable import InteractionMapping

@Suite struct ProfileSchemaTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let python = environment["INTERACTION_MIGRATE_PYTHON"]
    private static let isOnCI = environment["CI"] != nil

    /// Profiles that a reader takes without an error and the schema must refuse no less.
    private struct Example {
        var name: String
        var yaml: String
        /// Whether it is whole, so that not even a warning is right.
        var isWhole: Bool
    }

    @Test func everyExampleReads() throws {
        let examples = try Self.examples()
        #expect(examples.count { $0.isWhole } >= BuiltInProfiles.names.count + 4)
        #expect(examples.count { !$0.isWhole } >= 8)
        for example in examples {
            let findings = Profile.read(example.yaml, file: example.name).findings
            let wrong = example.isWhole ? findings : findings.filter { $0.severity == .error }
            #expect(wrong.isEmpty, "\(wrong.map(\.description).joined(separator: "\n"))")
        }
    }

    @Test func theTutorialFitsIntoFortyLines() throws {
        let first = try #require(try Self.examples().first { $0.isWhole && $0.name.hasPrefix("PROFILES") })
        #expect(first.yaml.split(separator: "\n").count < 40)
    }

    /// The examples use every key, so that reader, schema and documentation cannot differ in one.
    @Test func everyKeyHasAnExampleAndAnExplanation() throws {
        var used: Set<String> = []
        for example in try Self.examples() { Self.collectKeys(try YAMLDocument.read(example.yaml), into: &used) }
        let documentation = try Self.text("docs/PROFILES.md")
        let schema = try JSONSerialization.jsonObject(with: Data(try Self.text("docs/profile.schema.json").utf8))
        var keys: Set<String> = []
        Self.collectProperties(schema, into: &keys)
        #expect(keys.count > 60)
        for key in keys.sorted() {
            let isUsed = used.contains(key)
            #expect(isUsed, "no example uses `\(key)`")
            let isExplained = ["`\(key)", " \(key):", "{\(key):"].contains { documentation.contains($0) }
            #expect(isExplained, "nothing explains `\(key)`")
        }
    }

    @Test(
        .enabled(
            if: python != nil || isOnCI,
            "INTERACTION_MIGRATE_PYTHON must name a Python with the package jsonschema; Tests/run sets it"
        )
    )
    func theSchemaAgreesWithTheReader() throws {
        let python = try #require(Self.python, "CI must set INTERACTION_MIGRATE_PYTHON")
        let examples = try Self.examples()
        let wrong = Self.wrong.map { (rest: String) in "profile: a\ntitle: A\n" + rest }
        for yaml in wrong { #expect(Profile.read(yaml, file: "").profile == nil, "\(yaml)") }
        let documents = try (examples.map(\.yaml) + wrong).map { Self.json(try YAMLDocument.read($0)) }
        let verdicts = try Self.verdicts(of: documents, python: python)
        try #require(verdicts.count == documents.count)
        for (example, verdict) in zip(examples, verdicts) {
            #expect(verdict == "1", "the schema refuses \(example.name)")
        }
        for (yaml, verdict) in zip(wrong, verdicts.dropFirst(examples.count)) {
            #expect(verdict == "0", "the schema takes \(yaml)")
        }
    }

    /// What follows the name and title of profiles that nobody may take.
    private static let wrong =
        [
            "kind: json\n",
            "kind: yaml\nrecords: {r: {at: $, conversation: {key: a}}}\n",
            "kind: json\nzones: a\nrecords: {r: {at: $, conversation: {key: a}}}\n",
            "kind: json\njson: {text: latin}\nrecords: {r: {at: $, conversation: {key: a}}}\n",
            "kind: csv\ncsv: {columns: [[a, []]]}\nrecords: {r: {conversation: {key: a}}}\n",
            "kind: csv\ncsv: {header: a}\nrecords: {r: {conversation: {key: a}}}\n",
            "kind: json\nrecords: {r: {at: $, detect: {every: a}, conversation: {key: a}}}\n",
            "kind: json\nrecords: {r: {at: $}}\n",
        ]
        + [
            "conversation: {keys: a}", "conversation: {gap: 30}", "conversation: {key: []}", "conversation: {key: {}}",
            "conversation: {key: {path: a, value: b}}", "conversation: {key: {path: a, with: b}}",
            "conversation: {key: {lookup: a}}", "conversation: {key: {path: a, as: text}}",
            "conversation: {key: {path: a, lower: false}}", "conversation: {key: {path: a, split: {take: 0}}}",
            "conversation: {key: null}", "entries: []", "entries: [{text: a, kind: b}]",
            "entries: [{text: a, kinds: [{when: {a: b}}]}]", "entries: [{text: a, kinds: [{as: skip}]}]",
            "entries: [{text: a, kinds: [{as: note, reason: b}]}]", "entries: [{text: {path: a, format: seconds}}]",
            "entries: [{text: a, sender: {nick: b}}]", "entries: [{text: a, attachments: [{each: b}]}]",
            "participants: [{each: a, name: b}]", "conversation: {key: a}, when: {a: {is: b}}",
            "conversation: {key: a}, when: a", "conversation: {key: a}, unpack: {a: html}",
            "conversation: {key: a}, newest: last", "conversation: {key: a}, drop: {a: {when: {b: 1}}}",
            "entries: [{each: {cut: a}, text: b}]", "entries: [{each: {path: a}, text: b}]",
            "entries: [{each: {cut: a, before: [], at: '(?<b>.)'}, text: b}]",
            "entries: [{each: {path: a, split: {on: x, take: 1}}, text: b}]",
            "entries: [{each: [{path: a, at: b}], text: b}]", "conversation: {key: {path: a, dedent: false}}",
            "conversation: {key: {path: a, sorted: true}}", "entries: [{text: {path: a, after: b}}]",
            "conversation: {key: a}, detect: {values: {a: {fits: b}}}",
            "conversation: {key: a}, drop: {a: B c}",
        ].map { "kind: json\nrecords: {r: {at: $, \($0)}}\n" }

    // MARK: Examples

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: TestFiles.package + "/" + path, encoding: .utf8)
    }

    /// The built-in profiles and everything that docs/PROFILES.md shows.
    private static func examples() throws -> [Example] {
        var examples = BuiltInProfiles.names.compactMap { name in
            BuiltInProfiles.source(of: name).map { Example(name: name, yaml: $0, isWhole: true) }
        }
        let pieces = try text("docs/PROFILES.md").components(separatedBy: "\n```")
        for (number, piece) in pieces.enumerated() where piece.hasPrefix("yaml") {
            let lines = piece.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let part = lines[0].dropFirst(4).trimmingCharacters(in: .whitespaces)
            examples.append(
                Example(
                    name: "PROFILES.md piece \(number)",
                    yaml: part.isEmpty ? lines.dropFirst().joined(separator: "\n") : whole(part, lines.dropFirst()),
                    isWhole: part.isEmpty
                )
            )
        }
        return examples
    }

    /// A profile around some keys of a part of it.
    private static func whole(_ part: String, _ lines: ArraySlice<String>) -> String {
        let head = "profile: example\ntitle: Example\n"
        if part == "profile" {
            return head + "kind: csv\nrecords: {r: {conversation: {key: a}}}\n" + lines.joined(separator: "\n")
        }
        let (opening, depth) =
            switch part {
            case "conversation": ("    conversation:\n", 6)
            case "entry": ("    entries:\n      -\n", 8)
            default: ("", 4)
            }
        let body = lines.map { String(repeating: " ", count: depth) + $0 }.joined(separator: "\n")
        return head + "kind: json\nrecords:\n  r:\n    at: $\n" + opening + body + "\n"
    }

    private static func collectKeys(_ value: YAMLValue, into keys: inout Set<String>) {
        switch value.content {
        case .text: break
        case .list(let items): for item in items { collectKeys(item, into: &keys) }
        case .map(let members):
            for member in members {
                keys.insert(member.key)
                collectKeys(member.value, into: &keys)
            }
        }
    }

    private static func collectProperties(_ schema: Any, into keys: inout Set<String>) {
        if let list = schema as? [Any] { for item in list { collectProperties(item, into: &keys) } }
        guard let object = schema as? [String: Any] else { return }
        if let properties = object["properties"] as? [String: Any] { keys.formUnion(properties.keys) }
        for value in object.values { collectProperties(value, into: &keys) }
    }

    // MARK: Verdicts

    /// The document as an editor's YAML parser sees it.
    private static func json(_ value: YAMLValue) -> String {
        switch value.content {
        case .text(let text):
            if value.isNull { return "null" }
            if value.isPlain, value.flag != nil || Double(text) != nil { return text }
            return quoted(text)
        case .list(let items): return "[" + items.map(json).joined(separator: ",") + "]"
        case .map(let members):
            return "{" + members.map { quoted($0.key) + ":" + json($0.value) }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    private static func verdicts(of documents: [String], python: String) throws -> [String] {
        try TestFiles.withFolder { folder in
            let messages = folder + "/profiles.ndjson"
            let verdicts = URL(filePath: folder + "/verdicts")
            try Data((["[\"profile\"]"] + documents).joined(separator: "\n").utf8).write(to: URL(filePath: messages))
            // A file, since a pipe that nobody drains would stop the script.
            try Data().write(to: verdicts)
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = [
                TestFiles.package + "/Tests/Support/schema_verdicts.py",
                TestFiles.package + "/docs/profile.schema.json",
                messages,
            ]
            process.standardOutput = try FileHandle(forWritingTo: verdicts)
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0, "the script failed; its message is above")
            return try String(contentsOf: verdicts, encoding: .utf8).split(separator: "\n").map(String.init)
        }
    }
}
