// docs/CLI.md says what the tool says; RECORD_GOLDEN=1 writes its help blocks anew, and fails.

import Foundation
import InteractionModel
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct HelpTests {
    private static let document = TestFiles.package + "/docs/CLI.md"
    private static let name = "interaction-migrate"

    /// The help at the width that the document has.
    private static func help(_ arguments: [String]) throws -> String {
        let run = try CommandLineTool.run(arguments + ["--help"], environment: ["COLUMNS": "80"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        return run.text
    }

    /// The document with the help blocks as they should be: each the fenced block under a heading of its own.
    private static func updated(_ text: String) throws -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for command in try HelpExamples.commands() {
            let heading = "## `" + ([name] + command).joined(separator: " ") + "`"
            let start = try #require(lines.firstIndex(of: heading), "docs/CLI.md has no heading \(heading)")
            let open = try #require(lines[start...].firstIndex(of: "```text"))
            let close = try #require(lines[open...].firstIndex(of: "```"))
            let help = try help(command).trimmingCharacters(in: .newlines)
            let block = help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            lines.replaceSubrange(open + 1..<close, with: block)
        }
        return lines.joined(separator: "\n")
    }

    /// The first cells of a table's rows, without their back quotes; the table under a heading.
    private static func rows(under heading: String) throws -> [[String]] {
        let text = try Folder.text(document)
        let section = try #require(text.split(separator: "\n## \(heading)\n").last)
        let end = section.firstRange(of: "\n## ")?.lowerBound ?? section.endIndex
        return section[..<end].split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
        }
    }

    @Test
    func theDocumentShowsTheHelp() throws {
        let text = try Folder.text(Self.document)
        let updated = try Self.updated(text)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try Folder.write(updated, Self.document)
            Issue.record("recorded \(Self.document); read it, then run without RECORD_GOLDEN")
        }
        #expect(text == updated, "run the tests with RECORD_GOLDEN=1 to write the help into docs/CLI.md")
    }

    @Test
    func helpFitsTheTerminal() throws {
        for command in try HelpExamples.commands() {
            // The argument parser never breaks the usage line.
            for line in try Self.help(command).split(separator: "\n") where !line.hasPrefix("USAGE:") {
                #expect(line.count <= 80, "\(line)")
            }
        }
    }

    @Test
    func everyFindingIsDocumented() throws {
        let rows = try Self.rows(under: "Findings")
        #expect(rows.map { $0[0] }.sorted() == FindingCode.allCases.map(\.rawValue).sorted())
        for row in rows {
            try #require(row.count == 4, "\(row)")
            #expect(row.allSatisfy { !$0.isEmpty }, "\(row)")
        }
    }

    @Test
    func everyExitCodeIsDocumented() throws {
        let help = try Self.help([])
        let section = try #require(help.split(separator: "EXIT CODES\n").last?.split(separator: "\n\n").first)
        let codes = section.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(codes == ["0", "1", "2", "64", "130"])
        #expect(try Self.rows(under: "Exit codes").map { $0[0] } == codes)
    }

    @Test
    func theMembersOfOutcomesAndReportsAreDocumented() throws {
        let run = try CommandLineTool.run(
            ["convert", "-o", "/dev/null", "--outcomes", "-"],
            input: Array((Payload.complete() + "\n{}\n").utf8)
        )
        let text = try Folder.text(Self.document)
        let outcome = try JSONText.lines(run.text)[1]
        for key in outcome.keys("") + outcome.keys("findings.0") {
            #expect(text.contains("\"\(key)\":") || text.contains("| `\(key)` |"), "\(key)")
        }
        try TestFiles.withFolder { folder in
            _ = try CommandLineTool.run(["convert", "--report", "r.json"], folder: folder)
            let report = try JSONText(Folder.text(folder + "/r.json"))
            for key in report.keys("") { #expect(text.contains("| `\(key)` |"), "\(key)") }
        }
    }

    @Test
    func helpIsAskedForInEveryWay() throws {
        let help = try Self.help(["convert"])
        #expect(try CommandLineTool.run(["help", "convert"], environment: ["COLUMNS": "80"]).text == help)
        #expect(try CommandLineTool.run(["convert", "-h"], environment: ["COLUMNS": "80"]).text == help)
        let bare = try CommandLineTool.run([])
        #expect(bare.status == 0)
        #expect(bare.text.contains("SUBCOMMANDS:"))
        let wrong = try CommandLineTool.run(["transmogrify"])
        #expect(wrong.status == 64)
        #expect(wrong.output.isEmpty)
    }

    @Test
    func theVersionIsANumber() throws {
        let run = try CommandLineTool.run(["--version"])
        #expect(run.status == 0)
        #expect(run.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) throws {
        let run = try CommandLineTool.run(["--generate-completion-script", shell])
        #expect(run.status == 0)
        for word in try HelpExamples.subcommands() + ["thread-from", "output-dir"] { #expect(run.text.contains(word)) }
        guard shell == "bash" else { return }
        try TestFiles.withFolder { folder in
            let script = "$TOOL --generate-completion-script bash > c && bash -n c && . ./c && complete -p \(Self.name)"
            let status = try ShellScript.run(script, in: folder).status
            #expect(status == 0)
        }
    }
}
