// `diff`: what changed between two conversions, or what became of a source.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

struct Diff: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what changed between two conversions.",
        discussion: """
            Compares Interactions by what they say: matched by thread, part and request id wherever they are in the \
            files; participants by id, messages by author, time and text; arrays whose order means nothing do not \
            differ by it. Takes NDJSON or an array, payloads or envelopes, packed or not; - is standard input.

            Texts and personal values are masked: ‹23 characters #1› has the same number wherever the same text stands \
            in one Interaction. --show-content shows them.

            Exits with 0 if both say the same, 1 if they differ, 2 if something could not be read.

            EXAMPLES
              interaction-migrate diff before.ndjson after.ndjson
              interaction-migrate diff before.ndjson after.ndjson --summary
              interaction-migrate diff before.ndjson.gz after.ndjson --format json | jq -r .path | sort | uniq -c
              interaction-migrate diff before.ndjson after.ndjson --format json-patch --show-content > changes.ndjson
              interaction-migrate convert archive.ndjson | interaction-migrate diff before.ndjson - --side-by-side
            """
    )

    @Argument(help: "The conversion as it was, and as it is; - is standard input.")
    var files: [String]

    @OptionGroup(title: "Display options")
    var shown: DiffDisplayOptions

    @OptionGroup(title: "Source options")
    var limits: DiffLimits

    @Flag(name: .shortAndLong, help: "Show differences and errors only: no progress, no counts.")
    var quiet = false

    func validate() throws {
        guard files.count == 2 else { throw ValidationError("Name two files, the old conversion and the new one.") }
        guard files != ["-", "-"] else { throw ValidationError("Standard input (-) can be named once only.") }
    }

    func run() async throws {
        let terminal = Terminal(isQuiet: quiet)
        var options = limits.options
        shown.apply(to: &options)
        let report = try await terminal.reporting {
            let out = try OutputFile(path: "-")
            var display = try DiffDisplay(shown, out, old: files[0], new: files[1])
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
        try conclude(report, terminal)
    }

    private func conclude(_ report: ConversionDiff.Report, _ terminal: Terminal) throws {
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
                "\(report.old) and \(report.new) Interactions: \(report.equal) equal, \(report.changed) changed, "
                    + "\(report.added) added, \(report.removed) removed"
            )
        }
        if !report.findings.isEmpty { throw ExitStatus.failed }
        if !report.isEqual { throw ExitStatus.rejected }
    }
}

/// How differences are shown.
enum DiffFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
    case jsonPatch = "json-patch"
}

/// What is shown of a difference.
struct DiffDisplayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "For people, one object for each place, or one RFC 6902 patch for each Interaction.",
            valueName: "text|json|json-patch"
        )
    )
    var format: DiffFormat = .text

    @Flag(help: "Group all differences by path and cause, the most frequent first.")
    var summary = false

    @Flag(help: "Show old and new in two columns.")
    var sideBySide = false

    @Option(help: ArgumentHelp("Values shown before and after those that differ.", valueName: "n"))
    var context: Int = 3

    @Flag(help: "Show texts and personal values as they are; a patch is of no use without them.")
    var showContent = false

    mutating func validate() throws {
        guard context >= 0 else { throw ValidationError("--context must be 0 or more.") }
        guard format != .jsonPatch || showContent else {
            throw ValidationError("--format json-patch holds the values themselves and needs --show-content.")
        }
        guard !summary || format != .jsonPatch && !sideBySide else {
            throw ValidationError("--summary has no patches and no columns.")
        }
        guard !sideBySide || format == .text else { throw ValidationError("--side-by-side is for --format text.") }
    }

    /// Carries the choices over.
    func apply(to options: inout DiffOptions) {
        options.showsContent = showContent
        options.writesPatch = format == .jsonPatch
        options.keepsSame = format == .text && !summary && context > 0
    }
}

/// What a comparison may take.
struct DiffLimits: ParsableArguments {
    @Option(help: ArgumentHelp("How conversions are cut into Interactions.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(
        help: ArgumentHelp(
            "Memory to bring pairs together in, such as 128M or 2G; more goes to disk.",
            valueName: "bytes"
        )
    )
    var memory: ByteCount = ByteCount(bytes: 256 << 20)

    @Option(help: ArgumentHelp("The folder for what exceeds --memory. (default: $TMPDIR or /tmp)", valueName: "folder"))
    var spillDir: String?

    @Option(help: "Bytes of the largest Interaction that is read.")
    var maxRecordBytes: Int = 64 << 20

    mutating func validate() throws {
        guard memory.bytes >= 1 << 20 else { throw ValidationError("--memory must be at least 1M.") }
        guard maxRecordBytes >= 1024 else { throw ValidationError("--max-record-bytes must be at least 1024.") }
    }

    var options: DiffOptions {
        var options = DiffOptions()
        options.input = input
        options.memory = memory.bytes
        options.spillFolder = Inputs.spillFolder(spillDir)
        options.largestRecord = maxRecordBytes
        return options
    }
}
