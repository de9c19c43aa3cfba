// `ledger`: several into one, and what is left of a damaged one.

internal import ArgumentParser
internal import InteractionLedger

struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Merge ledgers of several workers, and recover damaged ones.",
        discussion: """
            EXAMPLES
              interaction-migrate ledger merge all.sqlite worker-1.sqlite worker-2.sqlite
              interaction-migrate ledger recover broken.sqlite recovered.sqlite
            """,
        subcommands: [LedgerMergeCommand.self, LedgerRecoverCommand.self]
    )
}

struct LedgerMergeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Write one ledger that knows what several know.",
        discussion: """
            Of each message the best that any of them knows counts: accepted or completed, then refused, then in doubt. \
            Attempts are united. The ledgers stay as they are; those of different tenants do not merge.

            EXAMPLES
              interaction-migrate ledger merge all.sqlite worker-1.sqlite worker-2.sqlite
            """
    )

    @Argument(help: "The new ledger; there must be no such file.")
    var output: String

    @Argument(help: "The ledgers.")
    var ledgers: [String]

    func run() async throws {
        let terminal = Terminal()
        do {
            let status = try await LedgerMerge.merge(ledgers, into: output)
            try SubmitDisplay.write(StatusDisplay.text(status))
        } catch let error as LedgerError {
            terminal.fail(error.description)
            throw ExitStatus.failed
        }
    }
}

struct LedgerRecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Copy what can be read of a damaged ledger into a new one.",
        discussion: """
            What is lost costs time, but no message: `submit` sends it again, with the same idempotency key, which is \
            made of the message, so that the tenant knows it. The damaged file is not changed.

            Exits with 1 if something could not be read.

            EXAMPLES
              interaction-migrate ledger recover broken.sqlite recovered.sqlite
            """
    )

    @Argument(help: "The damaged ledger.")
    var old: String

    @Argument(help: "The new ledger; there must be no such file.")
    var new: String

    func run() async throws {
        let terminal = Terminal()
        do {
            let report = try await LedgerRecovery.recover(old, into: new)
            let gaps = report.gaps == 0 ? "all of it could be read" : "\(report.gaps) places could not be read"
            try SubmitDisplay.write(
                "\(report.messages) messages, \(report.attempts) attempts, \(report.runs) runs; \(gaps)\n"
            )
            if report.gaps > 0 { throw ExitStatus.rejected }
        } catch let error as LedgerError {
            terminal.fail(error.description)
            throw ExitStatus.failed
        }
    }
}
