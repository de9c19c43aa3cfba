// Every command line in every document is run, or says why not; their number is printed.

import Foundation
import TestSupport
import Testing

@Suite struct DocumentationCountTests {
    /// What a document may have in a fence; a shell's commands are in `sh`, where the tests find them.
    private static let languages: Set = ["sh", "text", "json", "csv", "python", "swift", "yaml"]

    /// Blocks that call the program from something else than a shell, by their document and first line.
    private static let calls = [
        "docs/OPERATIONS.md # crontab: every night from 22:00 on, stopped at 06:00; the next night goes on":
            "is for cron; its submission is that of the rehearsal above",
        "docs/OPERATIONS.md # /etc/systemd/system/backfill.service": "is for systemd; the same submission",
        "docs/OPERATIONS.md # kubectl apply -f job.yaml; the volume outlives the pod, so that the next one goes on":
            "is for a cluster; Tests/Proofs/recipes checks it against the schema",
        "docs/OPERATIONS.md apt install ./interaction-migrate_0.1.0_amd64.deb":
            "changes the system: Tests/Proofs/package does it in an empty one",
        "docs/SCALE-OUT.md lines = sc.textFile(\"hdfs:///archive/*.ndjson\")": "Tests/Proofs/spark runs the whole job",
        "docs/SCALE-OUT.md import glob, json, os, subprocess, sys, ray": "Tests/Proofs/recipes runs it",
        "docs/SCALE-OUT.md import subprocess, sys": "Tests/Proofs/recipes runs it",
        "docs/SCALE-OUT.md interaction-migrate submit --job backfill.yaml --shard 1/4     # on the first machine, and so on up to 4/4":
            "is for several machines; ShardTests and Tests/Proofs/shards do it with processes",
        "docs/SCALE-OUT.md apiVersion: batch/v1": "is for a cluster; RecipeTests run its script",
    ]

    /// Prints how many command lines each document has, and what becomes of them.
    @Test func everyCommandLineIsRunOrExcused() throws {
        var run = 0
        var excused = 0
        var unused = Set(Self.calls.keys)
        var lines: [String] = []
        for document in DocumentationTests.documents {
            let markdown = try Markdown(document)
            let commands = markdown.commands
            let reasons = commands.compactMap { command in command.excuse.map { (command.text, $0) } }
            lines.append("\(document): \(commands.count - reasons.count) command lines run")
            run += commands.count - reasons.count
            excused += reasons.count
            for (text, reason) in reasons { lines.append("    not run: \(text.prefix(60)): \(reason)") }
            for block in markdown.blocks {
                let language = block.language.prefix { $0 != " " }
                #expect(
                    Self.languages.contains(String(language)),
                    "\(document): the fence ```\(block.language) is not known"
                )
                guard language != "sh", !Self.isHelp(block.text), Self.callsProgram(block.text) else { continue }
                let place = document + " " + (block.text.split(separator: "\n").first ?? "")
                guard let reason = Self.calls[place] else {
                    Issue.record("\(place): a command line that no test runs; make it ```sh, or say why not")
                    continue
                }
                unused.remove(place)
                excused += 1
                lines.append("    not run here: \(place): \(reason)")
            }
        }
        #expect(unused.isEmpty, "excuses for what is not there: \(unused)")
        let examples = try HelpExamples.all().count
        lines.append("the examples of --help, which are those of docs/CLI.md: \(examples) command lines run")
        print(lines.joined(separator: "\n"))
        print("\(run + examples) command lines in the documents are run; \(excused) have a reason not to be")
        #expect(run >= 100 && examples >= 60 && excused <= 30)
    }

    /// What is named in the text, and what a block calls from something else than a shell: command and options exist.
    @Test(arguments: DocumentationTests.documents)
    func everyCallNamesWhatThereIs(_ document: String) throws {
        let markdown = try Markdown(document)
        let inline = Markdown.code(in: markdown.lines.filter { !$0.hasPrefix("```") }.joined(separator: "\n"))
        let lines =
            inline + markdown.blocks.filter { !Self.isHelp($0.text) }.flatMap { $0.text.components(separatedBy: "\n") }
        for line in lines {
            guard let call = line.firstMatch(of: /(?:^|[\s\/"'\[(|])interaction-migrate[", ]+([a-z]+)(.*)/) else {
                continue
            }
            let name = String(call.1)
            let help = try HelpExamples.help([name])
            let isCommand = help.contains("USAGE: interaction-migrate \(name)")
            #expect(isCommand, "\(document): there is no command \(name): \(line)")
            // Up to the next command of a pipeline; the options of an inner command are in its own help.
            let rest = String(call.2.prefix { $0 != "|" && $0 != ";" })
            let inner = rest.split(separator: " ").first.map(String.init) ?? ""
            let known =
                help
                + (["profiles", "participants", "ledger"].contains(name) ? try HelpExamples.help([name, inner]) : "")
            for option in rest.matches(of: /(?:^|[\s"'])(--[a-z][a-z0-9-]*)/) {
                let isOption =
                    known.contains("\(option.1) ") || known.contains("\(option.1),") || known.contains("\(option.1)]")
                #expect(isOption, "\(document): \(name) has no \(option.1): \(line)")
            }
        }
    }

    /// Whether a block shows what `--help` prints; `HelpExampleTests` run its examples.
    private static func isHelp(_ block: String) -> Bool { block.hasPrefix("OVERVIEW: ") }

    private static func callsProgram(_ block: String) -> Bool {
        block.contains(/(?:^|[\s\/"'(\[])interaction-migrate[", ]+[a-z]/) || block.contains("interaction-migrate_")
            || block.contains("image: ")
    }
}
