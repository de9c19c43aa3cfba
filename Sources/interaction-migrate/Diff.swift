// `diff`: what changed between two conversions, what became of a source, what was submitted.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what changed between two conversions, in a source, or since a submission.",
        discussion: """
            Compares Interactions by what they say: matched by thread, part and request id wherever they are in the \
            files; participants by id, messages by author, time and text; arrays whose order means nothing do not \
            differ by it. Takes NDJSON or an array, payloads or envelopes, packed or not; - is standard input.

            With --against-source, maps the sources anew with the options that `convert` had, shows for each legacy \
            record where each of its values went, and whether the conversion is what the mapping makes now.

            With --ledger, says of each message whether it was submitted as it is, has changed since, is new, was \
            refused or has no outcome yet, and what the ledger has that is not there any more. Takes all that `submit` \
            takes.

            Texts and personal values are masked: ‹23 characters #1› has the same number wherever the same text stands \
            in one Interaction. --show-content shows them.

            Exits with 0 if both say the same, 1 if they differ, 2 if something could not be read.

            EXAMPLES
              interaction-migrate diff before.ndjson after.ndjson
              interaction-migrate diff before.ndjson after.ndjson --summary
              interaction-migrate diff before.ndjson.gz after.ndjson --format json | jq -r .path | sort | uniq -c
              interaction-migrate diff before.ndjson after.ndjson --format json-patch --show-content > changes.ndjson
              interaction-migrate convert archive.ndjson | interaction-migrate diff before.ndjson - --side-by-side
              interaction-migrate diff --against-source archive.ndjson interactions.ndjson --organization-id org_1
              interaction-migrate diff --ledger run.sqlite converted.ndjson --summary
            """
    )

    @Argument(help: "The conversion as it was and as it is, or sources and their conversion; - is standard input.")
    var files: [String]

    @Flag(help: "The last file is a conversion of the others.")
    var againstSource = false

    @Option(help: ArgumentHelp("Compare with what was submitted, by this ledger.", valueName: "file"))
    var ledger: String?

    @OptionGroup(title: "Display options")
    var shown: DiffDisplayOptions

    @OptionGroup(title: "Mapping options")
    var mapping: MappingFlags

    @OptionGroup(title: "Source options")
    var source: SourceFlags

    @OptionGroup(title: "Privacy options")
    var privacy: PrivacyFlags

    @Option(
        help: ArgumentHelp(
            "Legacy payloads that repeat the history of their thread: one Interaction each, or one a thread.",
            valueName: "keep|fold"
        )
    )
    var snapshots: ConversionOptions.Snapshots = .keep

    @Option(help: ArgumentHelp("How inputs in JSON are cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(help: "Batches mapped at the same time; of no effect on results. (default: one a core, 8 at most)")
    var jobs: Int?

    @Option(help: "Bytes of the largest record or Interaction that is read.")
    var maxRecordBytes: Int = 64 << 20

    @Flag(name: .shortAndLong, help: "Show differences and errors only: no progress, no counts.")
    var quiet = false

    func validate() throws {
        guard ledger == nil || !againstSource else {
            throw ValidationError("--ledger and --against-source exclude each other.")
        }
        guard ledger == nil || !shown.sideBySide && shown.format != .jsonPatch else {
            throw ValidationError("--ledger has neither patches nor columns: it holds no content.")
        }
        guard ledger != nil || (againstSource ? files.count >= 2 : files.count == 2) else {
            throw ValidationError(
                againstSource
                    ? "Name the sources, and after them their conversion."
                    : "Name two files, the old conversion and the new one."
            )
        }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
        guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be at least 1.") }
        guard maxRecordBytes >= 1024 else { throw ValidationError("--max-record-bytes must be at least 1024.") }
        guard !againstSource || shown.format != .jsonPatch else {
            throw ValidationError("--against-source has no patches.")
        }
        let arguments =
            mapping.arguments + source.arguments + (privacy.redact == nil ? [] : ["--redact"])
            + (snapshots == .keep ? [] : ["--snapshots"])
        let ofSources = arguments.first { $0.hasPrefix("--") && $0 != "--memory" && $0 != "--spill-dir" }
        if !againstSource, ledger == nil, let ofSources {
            throw ValidationError("\(ofSources) is about sources and needs --against-source or --ledger.")
        }
    }

    func run() async throws {
        // A line that is drawn over has no place between differences.
        let terminal = Terminal(isQuiet: quiet || isatty(STDOUT_FILENO) == 1)
        if let ledger {
            try await compareWithLedger(ledger, terminal)
        } else if againstSource {
            try await compareWithSource(terminal)
        } else {
            try await compareConversions(terminal)
        }
    }

    private var options: DiffOptions {
        var options = DiffOptions()
        options.input = input
        options.memory = source.memory.bytes
        options.spillFolder = Inputs.spillFolder(source.spillDir)
        options.largestRecord = maxRecordBytes
        shown.apply(to: &options)
        return options
    }

    private func compareConversions(_ terminal: Terminal) async throws {
        let report = try await terminal.reporting {
            let out = try OutputFile(path: "-")
            var display = DiffDisplay(shown, out, old: files[0], new: files[1])
            var line = ProgressLine(terminal, total: Inputs.size(files))
            let report = try ConversionDiff(options).run(old: files[0], new: files[1], isStopped: Signals.stopped) {
                line.draw($0)
            } deliver: { difference in
                try display.show(difference)
            }
            terminal.clear()
            try display.finish()
            try out.finish()
            return report
        }
        try conclude(report, terminal, old: "\(report.old)")
    }

    private func compareWithSource(_ terminal: Terminal) async throws {
        var mapped = ConversionOptions()
        mapped.input = input
        mapped.jobs = jobs ?? Inputs.defaultJobs
        mapped.largestRecord = maxRecordBytes
        mapped.snapshots = snapshots
        mapped.mapping = try mapping.options(terminal)
        mapped.mapping.redaction = privacy.redaction
        try source.apply(to: &mapped, terminal)
        let sources = Array(files.dropLast())
        let converted = files[files.count - 1]
        let comparison = SourceDiff(options, mapping: mapped)
        let report = try await terminal.reporting {
            let out = try OutputFile(path: "-")
            var display = DiffDisplay(shown, out, old: "what the mapping makes now", new: converted)
            var line = ProgressLine(terminal, total: Inputs.size(sources))
            let report = try await comparison.run(
                sources: sources,
                converted: converted,
                isStopped: Signals.stopped,
                progress: { line.draw($0) },
                deliver: { try display.show($0) }
            )
            terminal.clear()
            try display.finish(report.conversion)
            try out.finish()
            return report
        }
        for finding in report.conversion?.findings ?? [] where finding.first.place.record == nil {
            if finding.severity == .error || finding.severity == .warning && !quiet { terminal.say(finding.first) }
        }
        let isUnreadable = report.conversion?.hasUnreadableInput ?? false
        try conclude(report.interactions, terminal, old: "\(report.interactions.old) mapped now", isUnreadable)
    }

    private func conclude(
        _ report: ConversionDiff.Report,
        _ terminal: Terminal,
        old: String,
        _ isSourceUnreadable: Bool = false
    ) throws {
        for finding in report.findings.prefix(20) { terminal.say(finding) }
        if report.findings.count > 20 { terminal.say("… and \(report.findings.count - 20) more findings") }
        if report.wasInterrupted {
            terminal.fail("interrupted; only what had been read until then was compared")
            throw ExitStatus.interrupted
        }
        if report.hasUnreadableInput {
            terminal.fail("not compared to the end: what is missing in a file that cannot be read is no difference")
            throw ExitStatus.failed
        }
        if !quiet {
            if report.formsDiffer {
                terminal.say("one file is of payloads and the other of envelopes: payloads were compared, not headers")
            }
            terminal.say(
                "\(old) and \(report.new) Interactions: \(report.equal) equal, \(report.changed) changed, "
                    + "\(report.added) added, \(report.removed) removed"
            )
        }
        if isSourceUnreadable || !report.findings.isEmpty { throw ExitStatus.failed }
        if !report.isEqual { throw ExitStatus.rejected }
    }
}
