// `inspect`: what is this, and how is it converted?

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping

struct Inspect: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what inputs are, what a conversion would make of them, and how to run it.",
        discussion: """
            Tells the format of each file, folder or archive by its content and shows the evidence; then converts it \
            without writing anything, and counts: records, conversations, messages, senders, findings, what has no \
            place in the target, and the shapes of records. Ends with the `convert` command to use.

            Examples of records have letters as x and digits as 9 unless --show-content is given. Keys are shown as \
            they are.

            Exits with 1 if an input is of no known format, or of several, and with 2 if one cannot be read.

            EXAMPLES
              interaction-migrate inspect export.zip
              interaction-migrate inspect --sample huge.ndjson
              interaction-migrate inspect exports/*.csv --format json | jq -r .command
              zcat chats.json.gz | interaction-migrate inspect -
            """
    )

    @Argument(help: "Files, folders, archives or patterns; - is standard input.")
    var files: [String] = ["-"]

    @Flag(help: "Look at the beginning of each file only.")
    var sample = false

    @Option(help: ArgumentHelp("How much --sample looks at, such as 1M or 64M.", valueName: "bytes"))
    var sampleSize = ByteCount(bytes: 8 << 20)

    @Flag(help: "Show examples of records as they are.")
    var showContent = false

    @Option(help: ArgumentHelp("A screen for each input, or one object a line.", valueName: "text|json"))
    var format: DisplayFormat = .text

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @OptionGroup(title: "Mapping options")
    var mapping: MappingFlags

    @OptionGroup(title: "Source options")
    var source: SourceFlags

    func validate() throws {
        // The look at the beginning takes a MiB in any case, and a table needs some rows to show how it is written.
        guard sampleSize.bytes >= 1 << 20 else { throw ValidationError("--sample-size must be at least 1M.") }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
    }

    func run() async throws {
        let terminal = Terminal(isQuiet: quiet)
        var options = ConversionOptions()
        options.jobs = Inputs.defaultJobs
        options.mapping = try mapping.options(terminal)
        try source.apply(to: &options, terminal)
        let inspector = Inspector(options, sample: sample ? sampleSize.bytes : nil, showsContent: showContent)
        try await terminal.reporting { try await inspect(inspector, terminal) }
    }

    private func inspect(_ inspector: Inspector, _ terminal: Terminal) async throws {
        let out = try OutputFile(path: "-")
        let display = InspectDisplay(given: mapping.arguments + source.arguments)
        var (isKnown, isReadable, isFirst) = (true, true, true)
        for path in files {
            let inspection: Inspection
            var line = ProgressLine(terminal, total: sample ? nil : Inputs.size([path]))
            do {
                inspection = try await inspector.inspect(path, isStopped: Signals.stopped) { line.draw($0) }
            } catch let failure as InputSelectionFailure {
                terminal.fail(failure.description)
                isReadable = false
                continue
            }
            for finding in inspection.report.findings where finding.code == .inputUnreadable {
                terminal.say(finding.first)
            }
            switch format {
            case .json: try out.write(inspection.json(given: display.given) + "\n")
            case .text: try out.write((isFirst ? "" : "\n") + display.text(of: inspection))
            }
            isFirst = false
            if inspection.report.wasInterrupted || Signals.isStopped {
                try out.finish()
                terminal.fail("interrupted; only what had been read until then was inspected")
                throw ExitStatus.interrupted
            }
            if !inspection.isKnown { isKnown = false }
            if inspection.report.hasUnreadableInput { isReadable = false }
        }
        terminal.clear()
        try out.finish()
        if !isReadable { throw ExitStatus.failed }
        if !isKnown { throw ExitStatus.rejected }
    }
}
