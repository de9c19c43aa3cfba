// `participants`: who is in the inputs, who of them is one person, and what a decision about it changes.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping

struct Participants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "participants",
        abstract: "Find out who is one person, decide it, and see what that changes.",
        discussion: """
            `convert` looks at one conversation and a table of decisions, never at the rest of the run. These commands \
            look at all inputs together, and write and check that table.

            EXAMPLES
              interaction-migrate participants export exports/ -o people.csv
              interaction-migrate participants conflicts exports/
              interaction-migrate participants reassign --map people.csv exports/
              interaction-migrate convert exports/ --participants people.csv
            """,
        subcommands: [Export.self, Conflicts.self, Explain.self, Reassign.self]
    )
}

/// Which inputs are looked at, and how much of it is shown.
struct SurveyInputs: ParsableArguments {
    @Argument(help: "Files, folders or patterns; - is standard input.")
    var files: [String] = ["-"]

    @Option(help: ArgumentHelp("How inputs of legacy payloads are cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(help: "Batches mapped at the same time; of no effect on results. (default: one a core, 8 at most)")
    var jobs: Int?

    @Option(help: "Bytes of the largest record that is read; larger ones are rejected.")
    var maxRecordBytes: Int = 64 << 20

    @Flag(name: .shortAndLong, help: "Show errors only: no warnings, no progress, no summary.")
    var quiet = false

    mutating func validate() throws {
        guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be at least 1.") }
        guard maxRecordBytes >= 1024 else { throw ValidationError("--max-record-bytes must be at least 1024.") }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
    }

    /// What the arguments ask of a conversion.
    func options(_ mapping: MappingFlags, _ source: SourceFlags, _ terminal: Terminal) throws -> ConversionOptions {
        var options = ConversionOptions()
        options.input = input
        options.jobs = jobs ?? Inputs.defaultJobs
        options.largestRecord = maxRecordBytes
        options.mapping = try mapping.options(terminal)
        try source.apply(to: &options, terminal)
        return options
    }

    /// A display for what is found on the way.
    func display(_ terminal: Terminal) -> ConvertDisplay {
        ConvertDisplay(terminal, limit: 20, total: Inputs.size(files), showsWarnings: false)
    }

    /// Looks at the people of the inputs.
    func survey(
        _ options: ConversionOptions,
        sharedFrom: Int = ParticipantSurvey.usualSharedFrom,
        explaining id: String? = nil,
        _ terminal: Terminal
    ) async throws -> SurveyedParticipants {
        var display = display(terminal)
        let survey = ParticipantSurvey(options, sharedFrom: sharedFrom)
        let found = try await terminal.reporting {
            try await survey.run(files: files, explaining: id, isStopped: Signals.stopped) { batch, progress in
                for outcome in batch.outcomes { display.show(outcome.findings) }
                display.show(batch.findings)
                display.progress(progress)
            }
        }
        display.showRest(found.report, "convert --outcomes FILE has all of them")
        if found.report.wasInterrupted {
            terminal.fail("interrupted; what part of the inputs says of people is of no use")
            throw ExitStatus.interrupted
        }
        return found
    }

    /// Ends with the exit code for what happened to the inputs, or for what was found in them.
    static func conclude(_ report: ConversionReport, isFinding: Bool = false) throws {
        if report.hasUnreadableInput { throw ExitStatus.failed }
        if isFinding || report.books.records.rejected > 0 || report.findings.contains(where: { $0.severity == .error })
        {
            throw ExitStatus.rejected
        }
    }
}

/// When an address is nobody's own.
struct SharedFlag: ParsableArguments {
    @Option(help: "So many ids or names make an address or number a shared one, which joins nobody.")
    var sharedFrom: Int = ParticipantSurvey.usualSharedFrom

    mutating func validate() throws {
        guard (2...32).contains(sharedFrom) else { throw ValidationError("--shared-from must be between 2 and 32.") }
    }
}

/// How a crosswalk is written down.
enum CrosswalkFormat: String, ExpressibleByArgument, CaseIterable {
    case csv
    case ndjson
}
