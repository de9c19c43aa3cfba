// `submit`: Interactions to a tenant, at its pace, with a ledger that survives anything.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMigration
internal import InteractionSubmission

struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit",
        abstract: "Send Interaction messages to a tenant; run again, it sends what is missing.",
        discussion: """
            Takes finished Interactions in either form, dead letters, and everything that `convert` takes, which is \
            converted on the way. The ledger knows what became of each message: a run that was stopped or killed is \
            resumed by the same command. What was accepted is not sent again; what is in doubt is sent again with the \
            same idempotency key.

            Credentials come from OPTAVE_CLIENT_ID and OPTAVE_CLIENT_SECRET, or from files, never from arguments.

            Ctrl-C takes nothing new and waits for what is in flight; a second one leaves at once. The ledger is right \
            in either case.

            --shard I/N sends a part of the threads at a part of --rate and --concurrency, so that N processes, on any \
            machines, send all of it together. Every file that it writes has -I-of-N in its name, the ledger too.

            EXAMPLES
              interaction-migrate submit converted.ndjson --tenant acme --rate 50/s
              interaction-migrate submit converted.ndjson --dry-run --rate 50/s
              interaction-migrate submit dead.ndjson --tenant acme --ledger run.sqlite
              interaction-migrate submit exports/ --organization-id org_1 --tenant acme
              interaction-migrate submit --job backfill.yaml --dry-run
              interaction-migrate submit archive.ndjson --dry-run --plan plan.ndjson
              interaction-migrate submit --job backfill.yaml --shard 1/4
              interaction-migrate status converted.ndjson.ledger.sqlite
            """
    )

    @Argument(help: "Files, folders or patterns; - is standard input.")
    var files: [String] = []

    @Option(
        help: ArgumentHelp(
            "A job in YAML: options by their names, and inputs; what is said here counts more.",
            valueName: "file"
        )
    )
    var job: String?

    @Option(
        help: ArgumentHelp(
            "What was sent and what became of it. (default: beside a single input, FILE.ledger.sqlite)",
            valueName: "file"
        )
    )
    var ledger: String?

    @Flag(help: "Say what would be sent, and how long that takes at --rate; send and write nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "With --dry-run, where digests of what would be sent go; else what must still hold, or nothing is sent.",
            valueName: "file"
        )
    )
    var plan: String?

    @Option(help: ArgumentHelp("Send a part of the threads: the I-th of N, such as 1/4.", valueName: "i/n"))
    var shard: Shard?

    @Flag(help: "Send also what the ledger knows with other content.")
    var resubmitChanged = false

    @Flag(help: "Send again what an earlier run was refused.")
    var retryRejected = false

    @Option(help: ArgumentHelp("What is refused, each message with its reason; submit reads it.", valueName: "file"))
    var deadLetter: String?

    @Option(help: ArgumentHelp("Every reply of the tenant is added to this file, as NDJSON.", valueName: "file"))
    var replies: String?

    @Option(help: ArgumentHelp("What was read and sent, as JSON.", valueName: "file"))
    var report: String?

    @OptionGroup(title: "Target options")
    var target: TargetFlags

    @OptionGroup(title: "Pace options")
    var pace: PaceFlags

    @OptionGroup(title: "Selection options")
    var selection: SelectionFlags

    @OptionGroup(title: "Privacy options")
    var privacy: PrivacyFlags

    @OptionGroup(title: "Mapping options")
    var mapping: MappingFlags

    @OptionGroup(title: "Source options")
    var source: SourceFlags

    @Option(help: ArgumentHelp("How JSON inputs are cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(
        help: ArgumentHelp(
            "Legacy payloads that repeat the history of their thread: one Interaction each, or one a thread.",
            valueName: "keep|fold"
        )
    )
    var snapshots: ConversionOptions.Snapshots = .keep

    @Option(help: "Batches mapped at the same time; of no effect on results. (default: one a core, 8 at most)")
    var jobs: Int?

    @Option(help: "Bytes of the largest record that is read; larger ones are refused.")
    var maxRecordBytes: Int = 64 << 20

    @Option(help: ArgumentHelp("How the result and findings are shown.", valueName: "text|json"))
    var format: DisplayFormat = .text

    @OptionGroup(title: "Observation options")
    var observation: ObservationFlags

    @Flag(name: .shortAndLong, help: "Show errors only: no progress, no result.")
    var quiet = false

    @Option(help: "Findings shown on standard error at most.")
    var maxFindings: Int = 20

    func validate() throws {
        // A job is read first, and then checked with the rest.
        guard job == nil else { return }
        guard !files.isEmpty else { throw ValidationError("Name the inputs; - is standard input.") }
        guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be at least 1.") }
        guard maxRecordBytes >= 1024 else { throw ValidationError("--max-record-bytes must be at least 1024.") }
        guard maxFindings >= 0 else { throw ValidationError("--max-findings must be 0 or more.") }
        guard ledger != nil || files.count == 1 && files[0] != "-" && !files[0].contains(where: "*?[".contains) else {
            throw ValidationError("With several inputs, or standard input, name the ledger: --ledger FILE.")
        }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
        guard plan == nil || !files.contains("-") else {
            throw ValidationError("A plan is of files that stay; standard input can be read only once.")
        }
    }

    /// Where the ledger is.
    var ledgerPath: String {
        if let ledger { return own(ledger) }
        var path = files[0]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return own(path + ".ledger.sqlite")
    }

    /// The name of a file that this process writes: a shard has its own.
    func own(_ path: String) -> String {
        guard let shard, path != "-", !path.hasPrefix("/dev/") else { return path }
        return shard.path(path)
    }

    func run() async throws {
        guard let job else { return try await start() }
        do {
            let arguments = CommandLine.arguments.drop { $0 != "submit" }.dropFirst()
            let command = try SubmitJob(job).command(overriddenBy: Array(arguments), hasInputs: !files.isEmpty)
            try await command.start()
        } catch let failure as ProfileFailure {
            Terminal().say(failure.description)
            throw ExitCode.validationFailure
        }
    }

    private func start() async throws {
        let terminal = Terminal(isQuiet: quiet)
        var options = MigrationOptions(ledger: ledgerPath)
        options.tool = Version.text
        options.resubmitsChanged = resubmitChanged
        options.retriesRejected = retryRejected
        options.shard = shard
        options.conversion.input = input
        options.conversion.jobs = jobs ?? Inputs.defaultJobs
        options.conversion.snapshots = snapshots
        options.conversion.largestRecord = maxRecordBytes
        options.conversion.mapping = try mapping.options(terminal)
        options.conversion.mapping.redaction = privacy.redaction
        selection.apply(to: &options.conversion)
        try source.apply(to: &options.conversion, terminal)
        target.apply(to: &options.submission)
        pace.apply(to: &options.submission)
        var migration = Migration(options)
        migration.logger = observation.logger()
        let ready = migration
        try await terminal.reporting {
            do {
                if dryRun { try await look(ready, terminal) } else { try await send(ready, terminal) }
            } catch let error as SubmissionError where error.code == .options {
                throw ValidationError(error.description)
            } catch let error as SubmissionError {
                terminal.fail(error.description)
                throw ExitStatus.failed
            } catch let error as LedgerError {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
        }
    }
}
