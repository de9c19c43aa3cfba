// `status`: what a ledger says about a submission.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMigration

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a ledger knows: messages by state, failures, what a resume would send.",
        discussion: """
            Can be asked at any time, also while `submit` runs.

            Exits with 0 if the tenant has every message, and with 1 if not.

            EXAMPLES
              interaction-migrate status converted.ndjson.ledger.sqlite
              interaction-migrate status run.sqlite --watch
              interaction-migrate status run.sqlite --format json | jq .pending
              interaction-migrate status run.sqlite --export outcomes.csv
            """
    )

    @Argument(help: "The ledger.")
    var ledger: String

    @Flag(help: "Show it anew every second, until Ctrl-C or until nothing is left to send.")
    var watch = false

    @Option(
        help: ArgumentHelp("Write every message with its outcome as CSV; - is standard output.", valueName: "file")
    )
    var export: String?

    @Option(help: ArgumentHelp("A screen, or one object.", valueName: "text|json"))
    var format: DisplayFormat = .text

    func validate() throws {
        guard !watch || export == nil else { throw ValidationError("--watch and --export exclude each other.") }
    }

    func run() async throws {
        let terminal = Terminal()
        try await terminal.reporting {
            do {
                if let export { try await OutcomeTable.write(ledger: ledger, to: export) }
                let status = try await watch ? watchIt() : show()
                if status.delivered < status.messages { throw ExitStatus.rejected }
            } catch let error as LedgerError {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
        }
    }

    private func show() async throws -> LedgerStatus {
        let status = try await Migration.status(ledger: ledger)
        if export != "-" { try SubmitDisplay.write(StatusDisplay.text(status, format)) }
        return status
    }

    private func watchIt() async throws -> LedgerStatus {
        let out = try OutputFile(path: "-")
        var earlier: LedgerStatus?
        try await Migration.watch(ledger: ledger) { status in
            // A screen is drawn over the last one; a machine gets a line each time.
            let clearing = format == .text && Terminal.outputIsTerminal ? "\u{1B}[H\u{1B}[2J" : ""
            try out.write(clearing + StatusDisplay.text(status, format, since: earlier))
            try out.flush()
            earlier = status
            if status.pending == 0 { return false }
            for _ in 0..<10 {
                if Signals.isStopped { throw ExitStatus.interrupted }
                try await Task.sleep(for: .milliseconds(100))
            }
            return true
        }
        return earlier ?? LedgerStatus()
    }
}

/// The ledger's counts as text or JSON.
enum StatusDisplay {
    /// What a ledger says.
    ///
    /// - Parameters:
    ///   - status: The counts.
    ///   - format: For people, or one object on one line.
    ///   - earlier: The counts of a second before, for the rate.
    /// - Returns: Lines, or one line of JSON.
    static func text(_ status: LedgerStatus, _ format: DisplayFormat, since earlier: LedgerStatus? = nil) -> String {
        guard format == .text else { return status.json + "\n" }
        var text = "\(status.messages) messages"
        if let run = status.runs.last { text += " to \(run.target)" }
        text += "\n"
        for state in MessageState.allCases.reversed() where status[state] > 0 {
            text += "  \(padded(status[state]))  \(state.name)\n"
        }
        if let earlier { text += "  \(padded(max(0, status.delivered - earlier.delivered)))  a second\n" }
        if !status.failures.isEmpty { text += "failures\n" }
        for failure in status.failures {
            let code = failure.status.map { "\($0) " } ?? ""
            text += "  \(padded(failure.count))  \(failure.state.name): \(code)\(failure.reason ?? "no reason given")\n"
        }
        if !status.runs.isEmpty { text += "runs\n" }
        for run in status.runs.suffix(5) {
            let result = run.result ?? "running, or killed"
            text += "  \(padded(run.number))  \(result), \(run.attempts) attempts, \(run.options)\n"
        }
        text += "next: a run of the same inputs sends \(status.pending) of these"
        if status[.rejected] > 0 { text += ", and with --retry-rejected \(status[.rejected]) more" }
        return text + "\n"
    }

    private static func padded(_ number: Int) -> String {
        let text = "\(number)"
        return String(repeating: " ", count: max(0, 10 - text.count)) + text
    }
}
