// `status`: what a ledger says about a submission.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMigration

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what a ledger knows: messages by state, failures, what a resume would send.",
        discussion: """
            Can be asked at any time, also while `submit` runs. Of several ledgers, such as those of the shards of a \
            submission, it shows the sum and each of them; a message that two of them have counts twice (`ledger merge` \
            counts it once).

            Exits with 0 if the tenant has every message, and with 1 if not.

            EXAMPLES
              interaction-migrate status converted.ndjson.ledger.sqlite
              interaction-migrate status run.sqlite --watch
              interaction-migrate status run.sqlite --format json | jq .pending
              interaction-migrate status run.sqlite --export outcomes.csv
              interaction-migrate status run-1-of-2.sqlite run-2-of-2.sqlite
            """
    )

    @Argument(help: "The ledger, or several.")
    var ledgers: [String]

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
                if let export { try await OutcomeTable.write(ledgers: ledgers, to: export) }
                let status = try await watch ? watchIt() : show()
                if status.delivered < status.messages { throw ExitStatus.rejected }
            } catch let error as LedgerError {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
        }
    }

    private func show() async throws -> LedgerStatus {
        var statuses: [LedgerStatus] = []
        for ledger in ledgers { statuses.append(try await Migration.status(ledger: ledger)) }
        if export != "-" { try SubmitDisplay.write(text(statuses)) }
        return LedgerStatus(sumOf: statuses)
    }

    private func text(_ statuses: [LedgerStatus], since earlier: LedgerStatus? = nil) -> String {
        if format == .json { return LedgerStatus.json(sumOf: statuses, ledgers) + "\n" }
        if statuses.count == 1 { return StatusDisplay.text(statuses[0], since: earlier) }
        return StatusDisplay.text(LedgerStatus(sumOf: statuses), zip(ledgers, statuses).map { $0 }, since: earlier)
    }

    private func watchIt() async throws -> LedgerStatus {
        let out = try OutputFile(path: "-")
        var earlier: LedgerStatus?
        try await Migration.watch(ledgers: ledgers) { statuses in
            let status = LedgerStatus(sumOf: statuses)
            // A screen is drawn over the last one; a machine gets a line each time.
            let clearing = format == .text && Terminal.outputIsTerminal ? "\u{1B}[H\u{1B}[2J" : ""
            try out.write(clearing + text(statuses, since: earlier))
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

/// The ledger's counts for people.
enum StatusDisplay {
    /// What a ledger says, or several together.
    ///
    /// - Parameters:
    ///   - status: The counts.
    ///   - shares: Where they are a sum, each ledger with its own counts.
    ///   - earlier: The counts of a second before, for the rate.
    /// - Returns: Lines.
    static func text(
        _ status: LedgerStatus,
        _ shares: [(ledger: String, status: LedgerStatus)] = [],
        since earlier: LedgerStatus? = nil
    ) -> String {
        var text = "\(status.messages) messages"
        if let run = status.runs.last { text += " to \(run.target)" }
        text += "\n"
        for state in MessageState.allCases.reversed() where status[state] > 0 {
            text += "  \(padded(status[state]))  \(state.name)\n"
        }
        if let earlier { text += "  \(padded(max(0, status.delivered - earlier.delivered)))  a second\n" }
        if !shares.isEmpty { text += "ledgers\n" }
        for (ledger, share) in shares {
            text += "  \(padded(share.messages))  \(ledger): \(share.delivered) delivered, \(share.pending) pending"
            text += share[.rejected] > 0 ? ", \(share[.rejected]) rejected\n" : "\n"
        }
        if !status.failures.isEmpty { text += "failures\n" }
        for failure in status.failures {
            let code = failure.status.map { "\($0) " } ?? ""
            text += "  \(padded(failure.count))  \(failure.state.name): \(code)\(failure.reason ?? "no reason given")\n"
        }
        if !status.runs.isEmpty { text += "runs\n" }
        for run in status.runs.suffix(max(5, shares.count)) {
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
