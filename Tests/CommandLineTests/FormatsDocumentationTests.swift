// What docs/FORMATS.md says of the built-in formats: each has its section, its samples and its line in the table.

import Foundation
import TestSupport
import Testing

@Suite
struct FormatsDocumentationTests {
    private static let document = TestFiles.package + "/docs/FORMATS.md"
    private static let profiles = TestFiles.package + "/Sources/InteractionMapping/Profiles/BuiltIn"

    private static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: profiles).map { String($0.dropLast(5)) }.sorted()
    }

    /// The text of a section, up to the next heading.
    private static func section(_ name: String, of text: String) -> Substring? {
        guard let start = text.range(of: "\n### \(name)\n") else { return nil }
        let rest = text[start.upperBound...]
        let ends = ["\n## ", "\n### "].compactMap { rest.range(of: $0)?.lowerBound }
        return rest[..<(ends.min() ?? rest.endIndex)]
    }

    @Test func everyFileIsAFormatOfTheProgram() throws {
        let run = try CommandLineTool.run(["profiles", "list", "--format", "json"])
        let listed = try JSONText.lines(run.text).compactMap { $0.text("name") }
        #expect(listed == (try Self.names()))
    }

    @Test(arguments: try names())
    func isDocumentedAndHasSamples(name: String) throws {
        let text = try Folder.text(Self.document)
        let section = try #require(Self.section(name, of: text), "docs/FORMATS.md has no section \(name)")
        #expect(section.contains(" | Target |"), "a table must say where values go")
        #expect(section.contains("Recognised by"), "by what is it recognised?")
        let samples = TestFiles.package + "/samples/\(name)"
        for kind in ["pass", "fail"] {
            let cases = (try? FileManager.default.contentsOfDirectory(atPath: "\(samples)/\(kind)")) ?? []
            #expect(!cases.isEmpty, "samples/\(name)/\(kind) has no case")
        }
    }

    @Test func theTableCountsTheLines() throws {
        let text = try Folder.text(Self.document)
        let rows = text.matches(of: /\| \[([a-z0-9-]+)\]\(#[a-z0-9-]+\) \| (json|csv|xml) \| (\d+) \|/)
        #expect(rows.map { String($0.1) } == (try Self.names()))
        for row in rows {
            let yaml = try Folder.text("\(Self.profiles)/\(row.1).yaml")
            #expect(yaml.contains("\nkind: \(row.2)\n"), "\(row.1)")
            #expect(yaml.count { $0 == "\n" } == Int(row.3), "\(row.1)")
        }
    }
}
