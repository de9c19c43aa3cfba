// Sends a file to a tenant, shows how far it is, stops at Ctrl-C, and says what the ledger has.

import Foundation
import InteractionMigration

/// `submit FILE LEDGER REST-URL TOKEN-URL`, with credentials in the environment; run again, it goes on.
@main
struct Submit {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 4 else {
            fail("usage: submit FILE LEDGER REST-URL TOKEN-URL", 64)
        }
        var options = MigrationOptions(ledger: arguments[1])
        options.restURL = arguments[2]
        options.tokenURL = arguments[3]
        options.messagesPerSecond = 500
        let migration = Migration(options)

        let plan = try await migration.dryRun(files: [arguments[0]])
        print("to send: \(plan.counts.toSend) of \(plan.counts.messages)")

        var observer = Migration.Observer()
        observer.finding = { print($0) }
        let report = try await migration.submit(files: [arguments[0]], observer: observer)
        print("\(report.ending): \(report.accepted) accepted, \(report.rejected) rejected, \(report.unknown) in doubt")

        let status = try await Migration.status(ledger: arguments[1])
        print("the tenant has \(status.delivered) of \(status.messages)")
        exit(report.isComplete ? 0 : 1)
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        FileHandle.standardError.write(Data((message + "\n").utf8))
        exit(status)
    }
}
