// The command line: arguments, rendering, signals and exit codes; everything else is the library's.

internal import ArgumentParser
internal import Glibc

@main
struct InteractionMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interaction-migrate",
        abstract: "Turn legacy Customer Interaction payloads into Interaction messages.",
        discussion: """
            Data goes to standard output, everything for people to standard error.

            EXIT CODES
              0    all good, also for an empty input
              1    finished, but something was rejected
              2    could not finish, or an input could not be read
              64   wrong usage
              130  interrupted, after what had been read was written

            EXAMPLES
              interaction-migrate inspect archive.ndjson
              interaction-migrate convert archive.ndjson -o interactions.ndjson
              zcat a.json.gz | interaction-migrate convert --organization-id org_1
              interaction-migrate validate interactions.ndjson
              interaction-migrate submit interactions.ndjson --tenant acme --rate 50/s
            """,
        version: Version.text,
        subcommands: [
            Inspect.self, Convert.self, Validate.self, Submit.self, Status.self, LedgerCommand.self, Profiles.self,
            Participants.self, SandboxCommand.self,
        ]
    )

    static func main() async {
        Signals.install()
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            Glibc.exit(status.rawValue)
        } catch {
            exit(withError: error)
        }
    }
}

/// The one place that names the version.
enum Version {
    static let text = "0.1.0"
}
