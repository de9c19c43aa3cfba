// `submit`: Interactions to a tenant, at its pace, with a ledger that survives anything.

internal import ArgumentParser
internal import CoreMetrics
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMigration
internal import InteractionSubmission

struct Submit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send Interaction messages to a tenant; run again, it sends what is missing.",
        discussion: """
            Takes finished Interactions in either form, dead letters, and everything that `convert` takes, which is \
            converted on the way. The ledger knows what became of each message: a run that was stopped or killed is \
            resumed by the same command. What was accepted is not sent again; what is in doubt is sent again with the \
            same idempotency key.

            Credentials come from OPTAVE_CLIENT_ID and OPTAVE_CLIENT_SECRET, or from files, never from arguments.

            Ctrl-C takes nothing new and waits for what is in flight; a second one leaves at once. The ledger is right \
            in either case.

            EXAMPLES
              interaction-migrate submit converted.ndjson --tenant acme --rate 50/s
              interaction-migrate submit converted.ndjson --dry-run --rate 50/s
              interaction-migrate submit dead.ndjson --tenant acme --ledger run.sqlite
              interaction-migrate submit exports/ --organization-id org_1 --tenant acme
              interaction-migrate submit --job backfill.yaml --dry-run
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

    @OptionGroup(title: "Mapping options")
    var mapping: MappingFlags

    @OptionGroup(title: "Source options")
    var source: SourceFlags

    @Option(help: ArgumentHelp("How JSON inputs are cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

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
        guard maxFindings >= 0 else { throw ValidationError("--max-findings must be 0 or more.") }
        guard ledger != nil || files.count == 1 && files[0] != "-" && !files[0].contains(where: "*?[".contains) else {
            throw ValidationError("With several inputs, or standard input, name the ledger: --ledger FILE.")
        }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
    }

    /// Where the ledger is, if nobody says so.
    private var ledgerPath: String {
        if let ledger { return ledger }
        var path = files[0]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path + ".ledger.sqlite"
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
        options.conversion.input = input
        options.conversion.jobs = Inputs.defaultJobs
        options.conversion.mapping = try mapping.options(terminal)
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

    private func look(_ migration: Migration, _ terminal: Terminal) async throws {
        let display = SubmitDisplay(terminal, format, limit: maxFindings, total: nil)
        var observer = Migration.Observer()
        observer.finding = { display.show($0) }
        let report = try await migration.dryRun(files: files, isStopped: Signals.stopped, observer: observer)
        display.finish()
        if !quiet { try SubmitDisplay.write(SubmitDisplay.plan(report, format, rate: pace.rate)) }
        if report.ending == .interrupted { throw ExitStatus.interrupted }
        if report.hasUnreadableInput { throw ExitStatus.failed }
        if report.counts.invalid > 0 || report.counts.heldChanges > 0 { throw ExitStatus.rejected }
    }

    private func send(_ migration: Migration, _ terminal: Terminal) async throws {
        // Opened before the work, so that a path that cannot be written is known now and not at the end of it.
        let reportFile = try report.map { path throws(OutputFailure) in try OutputFile(path: path) }
        let display = SubmitDisplay(terminal, format, limit: maxFindings, total: Inputs.size(files))
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let server = try await observation.serve(metrics, terminal)
        var observer = Migration.Observer()
        observer.deadLetters = deadLetter
        observer.replies = replies
        observer.finding = { display.show($0) }
        observer.progress = { display.progress($0, bytesRead: $1) }
        let report = try await migration.submit(files: files, isStopped: Signals.stopped, observer: observer)
        await server?.close()
        display.finish()
        try reportFile?.write(report.json(version: Version.text, metrics))
        try reportFile?.finish()
        if !quiet {
            try SubmitDisplay.write(
                format == .json
                    ? report.json(version: Version.text, metrics) : SubmitDisplay.text(report, ledger: ledgerPath)
            )
        }
        switch report.ending {
        case .interrupted:
            terminal.fail("interrupted; the same command goes on where it stopped")
            throw ExitStatus.interrupted
        case .failed:
            terminal.fail(report.failure ?? "the run could not go on")
            throw ExitStatus.failed
        case .finished:
            if report.hasUnreadableInput || report.unknown > 0 || report.heldBack > 0 { throw ExitStatus.failed }
            if !report.isComplete { throw ExitStatus.rejected }
        }
    }
}
