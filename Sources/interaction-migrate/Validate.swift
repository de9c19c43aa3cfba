// `validate`: is this what the target accepts?

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionModel

struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check Interaction messages against schema, references, times, size and parts.",
        discussion: """
            Takes payloads ({session, request}) or envelopes ({action, headers, payload}), told apart by structure.

            EXAMPLES
              interaction-migrate validate interactions.ndjson
              interaction-migrate convert archive.ndjson | interaction-migrate validate -
              interaction-migrate validate out/ --format json | jq -r .code | sort | uniq -c
            """
    )

    @Argument(help: "Files, folders or patterns; - is standard input.")
    var files: [String] = ["-"]

    @Option(help: ArgumentHelp("How inputs are cut into messages.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(help: ArgumentHelp("How findings and the summary are shown.", valueName: "text|json"))
    var format: DisplayFormat = .text

    @Flag(name: .shortAndLong, help: "Show errors only, and no summary.")
    var quiet = false

    func run() async throws {
        let terminal = Terminal(isQuiet: quiet)
        var options = ConversionOptions()
        options.input = input
        let paths = try Inputs.expand(files, terminal)
        let out = try OutputFile(path: "-")
        let format = format
        let quiet = quiet
        do {
            let report = try MessageChecker(options).run(files: paths, isStopped: Signals.stopped) { finding in
                if quiet, finding.severity != .error { return }
                try out.write((format == .json ? finding.json : finding.description) + "\n")
            }
            if !quiet {
                let summary =
                    format == .json
                    ? "{\"messages\":\(report.messages),\"valid\":\(report.valid),\"invalid\":\(report.invalid)}"
                    : "\(report.messages) messages: \(report.valid) valid, \(report.invalid) invalid"
                terminal.say(summary)
            }
            try out.finish()
            if report.wasInterrupted {
                terminal.fail("interrupted; only what had been read until then was checked")
                throw ExitStatus.interrupted
            }
            if report.hasUnreadableInput { throw ExitStatus.failed }
            if report.invalid > 0 || report.hasErrors { throw ExitStatus.rejected }
        } catch let failure as OutputFailure {
            if failure.isClosedPipe { throw ExitStatus.success }
            terminal.fail(failure.description)
            throw ExitStatus.failed
        }
    }
}
