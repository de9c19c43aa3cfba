// `convert`: legacy payloads and chat logs in, Interactions out.

public import ArgumentParser
public import InteractionConversion
public import InteractionMapping
internal import InteractionModel

struct Convert: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert legacy Customer Interaction payloads and chat logs to Interaction messages.",
        discussion: """
            Reads every generation of the Customer Interaction message (v1, v2.0, v3.0, v3.1, v3.2), told apart by \
            structure alone, from NDJSON, one JSON document, an array, concatenated documents or JSON5-like text, and \
            the chat logs of other systems in JSON, XML and CSV: those that `profiles list` names by their content, any \
            other with a profile. Inputs may be packed (.gz, .zst, .zip, .tar); a folder stands for every file in it \
            whose format is known.

            A record that cannot be converted is a finding; the others go on, and the exit code is 1 unless \
            --max-rejects allows it.

            --dry-run takes the same way and writes nothing. Its plan has digests of the inputs, the profiles, the \
            options and each output: --check refuses to convert what has changed since.

            EXAMPLES
              interaction-migrate convert archive.ndjson -o interactions.ndjson
              interaction-migrate convert exports/ --report report.html --report report.json > out.ndjson
              interaction-migrate convert old.json --thread-from trace_parent_ID,derived
              interaction-migrate convert payloads/ --snapshots fold -o threads.ndjson
              interaction-migrate convert archive.ndjson --dry-run --rate 50/s --plan plan.ndjson
              interaction-migrate convert archive.ndjson --plan plan.ndjson --check -o out.ndjson
              interaction-migrate convert slack-export.zip --organization-id org_1 -o interactions.ndjson
              interaction-migrate convert chats.csv --profile ours.yaml --timezone Europe/Paris --order clustered
              zcat a.gz | interaction-migrate convert --organization-id org_1 | head -1
              interaction-migrate convert - --rejects-inline --log-format json < part.ndjson > part.out
            """
    )

    @Argument(help: "Files, folders or patterns; - is standard input.")
    var files: [String] = ["-"]

    @OptionGroup(title: "Output options")
    var output: OutputOptions

    @OptionGroup(title: "Plan options")
    var planning: PlanFlags

    @OptionGroup(title: "Selection options")
    var selection: SelectionFlags

    @OptionGroup(title: "Privacy options")
    var privacy: PrivacyFlags

    @OptionGroup(title: "Mapping options")
    var mapping: MappingFlags

    @OptionGroup(title: "Source options")
    var source: SourceFlags

    @Option(help: ArgumentHelp("How inputs of legacy payloads are cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(
        help: ArgumentHelp(
            "Legacy payloads that repeat the history of their thread: one Interaction each, or one a thread.",
            valueName: "keep|fold"
        )
    )
    var snapshots: ConversionOptions.Snapshots = .keep

    @Option(
        help: ArgumentHelp(
            "Half of a conversion of chat logs: records to keyed fragments, or those to Interactions (docs/SCALE-OUT.md).",
            valueName: "messages|conversations"
        )
    )
    var grain: ConversionOptions.Grain?

    @Option(
        help: "Batches mapped at the same time; the output is the same for any number. (default: one a core, 8 at most)"
    )
    var jobs: Int?

    @Option(help: "Bytes of the largest record that is read; larger ones are rejected.")
    var maxRecordBytes: Int = 64 << 20

    @Option(
        name: [.customLong("log-format"), .customLong("format")],
        help: ArgumentHelp("How standard error shows findings and the summary.", valueName: "text|json")
    )
    var format: DisplayFormat = .text

    @Flag(name: .shortAndLong, help: "Show errors only: no warnings, no progress, no summary.")
    var quiet = false

    @Option(help: "Findings shown on standard error at most; all are in --outcomes.")
    var maxFindings: Int = 20

    func validate() throws {
        guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be at least 1.") }
        guard grain != .messages || output.output == .ndjson else {
            throw ValidationError("--grain messages writes lines, which only --output ndjson has.")
        }
        guard grain == nil || source.from != "legacy" else {
            throw ValidationError("Legacy payloads are whole conversations, which are converted without --grain.")
        }
        guard grain == nil || snapshots == .keep else {
            throw ValidationError("--snapshots fold is about legacy payloads, which are converted without --grain.")
        }
        guard grain != .messages || planning.plan == nil else {
            throw ValidationError("--plan is of Interactions, which --grain messages does not make.")
        }
        guard maxRecordBytes >= 1024 else { throw ValidationError("--max-record-bytes must be at least 1024.") }
        guard maxFindings >= 0 else { throw ValidationError("--max-findings must be 0 or more.") }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
        guard snapshots == .keep || selection.limit == nil && selection.sample == nil else {
            throw ValidationError("--limit and --sample choose records; --snapshots fold needs all of a thread.")
        }
        guard grain == nil || selection.limit == nil && selection.sample == nil else {
            throw ValidationError("--limit and --sample choose conversations; --grain is for all of them.")
        }
    }

    func run() async throws {
        let terminal = Terminal(isQuiet: quiet, format: format)
        var options = ConversionOptions()
        options.input = input
        options.snapshots = snapshots
        options.grain = grain
        options.jobs = jobs ?? Inputs.defaultJobs
        options.largestRecord = maxRecordBytes
        options.mapping = try mapping.options(terminal)
        options.mapping.form = output.form
        try source.apply(to: &options, terminal)
        selection.apply(to: &options)
        options.mapping.redaction = privacy.redaction
        options.tellsShapes = !output.report.isEmpty || output.reportTables != nil || planning.dryRun && format == .json
        try await terminal.reporting { try await convert(options, terminal) }
    }
}

/// How findings and summaries are shown.
enum DisplayFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}

extension ConversionOptions.Input: ExpressibleByArgument {}
extension ConversionOptions.Snapshots: ExpressibleByArgument {}
extension ConversionOptions.Grain: ExpressibleByArgument {}
extension ConversionOptions.Order: ExpressibleByArgument {}
extension MappingOptions.Deleted: ExpressibleByArgument {}
extension MappingOptions.HTML: ExpressibleByArgument {}
extension ConversionSinks.Layout: ExpressibleByArgument {}
extension MappingOptions.Form: ExpressibleByArgument {}
extension MappingOptions.Oversize: ExpressibleByArgument {}
