// `submit --job`: what a job may say, and where it is wrong.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct JobTests {
    private func submit(_ job: String, _ arguments: String..., in folder: String) throws -> CommandLineTool.Run {
        try Folder.write(job, folder + "/job.yaml")
        return try CommandLineTool.run(
            ["submit", "--job", "job.yaml"] + arguments,
            environment: Tenant.credentials,
            folder: folder
        )
    }

    @Test func aJobIsWhatTheCommandLineWouldBe() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Converted.write(12, to: folder)
            let job = """
                # a backfill
                inputs: [bare.ndjson]
                rest-url: \(sandbox.addresses.restUrl)
                token-url: \(sandbox.addresses.tokenUrl)
                ledger: run.sqlite
                rate: 100/s
                role: [Concierge=operator, Guest=user]
                quiet: false
                format: json
                """
            let plan = try submit(job, "--dry-run", "--rate", "1/s", in: folder)
            #expect(plan.status == 0, "\(plan.errors)")
            #expect(try JSONText(plan.text).number("toSend") == 12)
            // The command line counts more.
            #expect(try JSONText(plan.text).number("seconds") == 12)
            #expect(!Folder.exists(folder + "/run.sqlite"))

            let run = try submit(job, in: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try SubmitResult(run)["accepted"] == 12)
            #expect(try sandbox.summary().accepted == 12)
            // Inputs that are named are read instead of the job's.
            let other = try submit(job, "envelopes.ndjson", in: folder)
            #expect(try SubmitResult(other)["read.delivered"] == 12)
        }
    }

    @Test(arguments: [
        ("inputs: [a]\nrat: 5/s\n", "job.yaml:2:1: error: there is no option `rat`; did you mean `rate`?"),
        ("inputs: [a]\nrate: [1/s, 2/s]\n", "job.yaml:2:1: error: `rate` has one value, not a list"),
        ("inputs: [a]\nhttp2: yes\n", "job.yaml:2:1: error: `http2` is true or false"),
        ("inputs: [a]\ntenant: acme\nrate: fast\n", "job.yaml:3:7: error: The value 'fast' is invalid for '--rate"),
        ("inputs: [a]\nrate: {a: b}\n", "job.yaml:2:7: error: expected a text or a list of texts, not a map"),
        ("- a\n", "job.yaml:1:1: error: expected a map of options to values"),
        ("inputs: [a\n", "job.yaml:2:1: error: the text cannot be read as YAML"),
        ("client-secret: x\n", "job.yaml:1:1: error: there is no option `client-secret`"),
        ("help: true\n", "job.yaml:1:1: error: there is no option `help`"),
    ])
    func whatIsWrongIsNamedWithItsPlace(_ job: String, _ text: String) throws {
        try TestFiles.withFolder { folder in
            let run = try submit(job, in: folder)
            #expect(run.status == 64)
            #expect(run.errors.hasPrefix(text), "\(run.errors)")
        }
    }
}
