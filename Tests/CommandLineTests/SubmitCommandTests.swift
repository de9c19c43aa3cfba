// `submit` by the real binary: to a sandbox of the same binary, and to a tenant that is not ours.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SubmitCommandTests {
    @Test(arguments: ["rest", "websocket"])
    func everythingArrivesOnceAndASecondRunSendsNothing(_ transport: String) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            try Converted.write(150, to: folder)
            let options = ["bare.ndjson", "--format", "json", "--transport", transport]
            let first = try CommandLineTool.run(
                tenant.arguments(options),
                environment: Tenant.credentials,
                folder: folder
            )
            #expect(first.status == 0, "\(first.errors)")
            let result = try SubmitResult(first)
            #expect(result["accepted"] == 150 && result["read.new"] == 150 && result["rejected"] == 0)
            #expect(try sandbox.summary().distinctKeys == 150)
            // The other form of the same messages is the same messages.
            let second = try tenant.submit(
                "envelopes.ndjson",
                "--ledger",
                "bare.ndjson.ledger.sqlite",
                "--format",
                "json",
                in: folder
            )
            #expect(second.status == 0, "\(second.errors)")
            #expect(try SubmitResult(second)["read.delivered"] == 150)
            #expect(try SubmitResult(second)["sent"] == 0)
            let summary = try sandbox.summary()
            #expect(summary.accepted == 150 && summary.repetitions == 0)
            let status = try status(of: "bare.ndjson.ledger.sqlite", in: folder)
            #expect(status.number("delivered") == 150 && status.number("pending") == 0)
        }
    }

    @Test func rawInputIsConvertedOnTheWay() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            try Folder.write(
                (1...40).map { Payload.complete($0) + "\n" }.joined() + "{\"broken\"\n",
                folder + "/raw.ndjson"
            )
            let run = try tenant.submit("raw.ndjson", "--format", "json", "--dead-letter", "dead.ndjson", in: folder)
            #expect(run.status == 1, "\(run.errors)")
            #expect(run.errors.contains(#""file":"raw.ndjson","record":41"#))
            #expect(try SubmitResult(run)["accepted"] == 40)
            #expect(try SubmitResult(run)["read.invalid"] == 1)
            // What `convert` makes of the same file is known.
            let convert = try CommandLineTool.run(
                ["convert", "raw.ndjson", "-o", "converted.ndjson", "-q"],
                folder: folder
            )
            #expect(convert.status == 1)
            let again = try tenant.submit(
                "converted.ndjson",
                "--ledger",
                "raw.ndjson.ledger.sqlite",
                "--format",
                "json",
                in: folder
            )
            #expect(try SubmitResult(again)["read.delivered"] == 40)
            #expect(try sandbox.summary().accepted == 40)
        }
    }

    /// What `convert` makes of the same file with the same options is what was sent.
    @Test(arguments: [
        ["--snapshots", "fold"], ["--redact", "emails"], ["--jobs", "1", "--max-record-bytes", "1024"],
    ])
    func optionsOfTheConversionShapeWhatIsSent(_ options: [String]) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let lines = (1...6).map { number in
                Payload.complete(
                    number,
                    content: "Write to ann\(number)@example.org " + String(repeating: "x", count: number * 150)
                )
                .replacing(/"t-\d"/, with: "\"t-\(number % 2)\"") + "\n"
            }
            try Folder.write(lines.joined(), folder + "/raw.ndjson")
            let convert = ["convert", "raw.ndjson", "-o", "out.ndjson", "-q", "--max-findings", "0"] + options
            let converted = try CommandLineTool.run(convert, folder: folder)
            let submit = try CommandLineTool.run(
                Tenant(sandbox).arguments(
                    ["raw.ndjson", "--ledger", "run.sqlite", "-q", "--max-findings", "0"] + options
                ),
                environment: Tenant.credentials,
                folder: folder
            )
            #expect(submit.status == converted.status, "\(submit.errors)")
            let count = try Folder.text(folder + "/out.ndjson").split(separator: "\n").count
            #expect(count > 0 && (count < 6 || options[0] == "--redact"))
            #expect(try sandbox.summary().accepted == count)
            let diff = try CommandLineTool.run(["diff", "--ledger", "run.sqlite", "out.ndjson"], folder: folder)
            #expect(diff.status == 0, "\(diff.text)\(diff.errors)")
        }
    }

    @Test func whatIsFinishedIsNotSentUnmasked() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Converted.write(2, to: folder)
            let run = try Tenant(sandbox).submit("bare.ndjson", "--redact", "emails", in: folder)
            #expect(run.status == 2 && run.errors.contains("in which nothing is masked"), "\(run.errors)")
            #expect(try sandbox.summary().accepted == 0)
        }
    }

    @Test func aChatLogIsSentInOneStep() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let sample = TestFiles.package + "/samples/telegram/pass/account/input.json"
            let options = [
                sample, "--ledger", "run.sqlite", "--organization-id", "org_1", "--timezone", "Europe/Berlin",
            ]
            for count in [nil, 0] as [Int?] {
                let run = try CommandLineTool.run(
                    Tenant(sandbox).arguments(options + ["--format", "json"]),
                    environment: Tenant.credentials,
                    folder: folder
                )
                #expect(run.status == 0, "\(run.errors)")
                let result = try SubmitResult(run)
                let sent = try #require(result["sent"])
                let taken = try sandbox.summary().accepted
                #expect(sent == count ?? taken)
                #expect(try #require(result["read.messages"]) > 0)
            }
        }
    }

    /// A message that never gets its answer, and one that always gets the same bad one, beside others.
    @Test(arguments: [0, 503])
    func aMessageIsTriedUntilItsDeadline(_ code: Int) throws {
        try TestFiles.withFolder { folder in
            let strict = try RefusingTenant("10:07", status: code, in: folder)
            let tenant = strict.tenant
            let lines = (1...20).map { number in
                Payload.interaction(request: "r-\(number)", time: "2024-05-01T10:0\(number == 3 ? 7 : 0):00Z")
                    .replacing("\"t-1\"", with: "\"t-\(number)\"") + "\n"
            }
            try Folder.write(lines.joined(), folder + "/in.ndjson")
            try Folder.write(
                "inputs: [in.ndjson]\ntimeout: 300ms\ndeadline: 2s\npatience: 1h\nformat: json\n"
                    + "rest-url: \(tenant.restURL)\ntoken-url: \(tenant.tokenURL)\n",
                folder + "/job.yaml"
            )
            let run = try CommandLineTool.run(
                ["submit", "--job", "job.yaml"],
                environment: Tenant.credentials,
                folder: folder
            )
            withExtendedLifetime(strict) {}
            #expect(run.status == 2, "\(run.errors)")
            let result = try SubmitResult(run)
            #expect(result.ending == "finished")
            #expect(result["accepted"] == 19 && result["unknown"] == 1)
            let known = try status(of: "in.ndjson.ledger.sqlite", in: folder)
            #expect(known.number("states.unknown") == 1 && known.number("pending") == 1)
            #expect(try tenant.submit("in.ndjson", "--deadline", "0s", in: folder).status == 64)
        }
    }

    @Test func aChangedMessageNeedsALeave() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            try Folder.write(Payload.interaction() + "\n", folder + "/in.ndjson")
            #expect(try tenant.submit("in.ndjson", in: folder).status == 0)
            try Folder.write(Payload.interaction(time: "2024-05-01T11:00:00Z") + "\n", folder + "/in.ndjson")

            let plan = try tenant.submit("in.ndjson", "--dry-run", "--rate", "2/m", in: folder)
            #expect(plan.status == 1)
            #expect(plan.text.hasPrefix("1 messages: 0 new, 1 changed, 0 unchanged, 0 duplicates\n"))
            let held = try tenant.submit("in.ndjson", in: folder)
            #expect(held.status == 1)
            #expect(held.errors.contains("in.ndjson: record 1: error: "))
            #expect(held.errors.contains("[message-changed]; send it as well with --resubmit-changed"))
            #expect(try sandbox.summary().accepted == 1)

            #expect(try tenant.submit("in.ndjson", "--resubmit-changed", in: folder).status == 0)
            #expect(try sandbox.summary().distinctKeys == 2)
            // Both versions are known now.
            #expect(try tenant.submit("in.ndjson", in: folder).status == 0)
            #expect(try sandbox.summary().accepted == 2)
        }
    }

    @Test func aDryRunSaysWhatIsThereAndHowLongItTakes() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Converted.write(10, to: folder)
            let lines = try Folder.text(folder + "/bare.ndjson").split(separator: "\n").map { $0 + "\n" }
            try Folder.write(lines[..<4].joined(), folder + "/some.ndjson")
            try Folder.write(lines.joined() + lines[9], folder + "/all.ndjson")
            #expect(try Tenant(sandbox).submit("some.ndjson", "--ledger", "run.sqlite", in: folder).status == 0)
            // Neither a tenant nor credentials are needed.
            let dry = ["submit", "all.ndjson", "--ledger", "run.sqlite", "--dry-run", "--rate", "6/m"]
            let run = try CommandLineTool.run(dry, folder: folder)
            #expect(run.status == 0)
            #expect(
                run.text == """
                    11 messages: 6 new, 0 changed, 4 unchanged, 1 duplicates
                    of the unchanged, 4 accepted
                    to send: 6, which takes 1:00 at 0.1/s

                    """
            )
            let json = try JSONText(CommandLineTool.run(dry + ["--format", "json"], folder: folder).text)
            #expect(json.number("toSend") == 6 && json.number("seconds") == 60)
            // Nothing was written down.
            #expect(try status(of: "run.sqlite", in: folder).number("messages") == 4)
        }
    }

    @Test func deadLettersAreSentAgain() throws {
        try TestFiles.withFolder { folder in
            let strict = try RefusingTenant("secret word", in: folder)
            let messages = (1...6).map { Payload.complete($0, content: $0 == 3 ? "the secret word" : "Hello") + "\n" }
            try Folder.write(messages.joined(), folder + "/raw.ndjson")
            let convert = try CommandLineTool.run(["convert", "raw.ndjson", "-o", "in.ndjson"], folder: folder)
            try #require(convert.status == 0)
            let first = try strict.tenant.submit(
                "in.ndjson",
                "--ledger",
                "run.sqlite",
                "--dead-letter",
                "dead.ndjson",
                in: folder
            )
            #expect(first.status == 1)
            #expect(first.errors.contains("in.ndjson: record 3: error: the tenant refuses it: HTTP 422"))
            #expect(!first.errors.contains("secret word"))
            let letters = try JSONText.lines(Folder.text(folder + "/dead.ndjson"))
            try #require(letters.count == 1)
            #expect(letters[0].number("deadLetter.status") == 422)
            #expect(letters[0].number("deadLetter.record") == 3)
            #expect(letters[0].text("message.request.requestId") == "r-3")

            // The same command sends nothing again, but the file is whole.
            try FileManager.default.removeItem(atPath: folder + "/dead.ndjson")
            let again = try strict.tenant.submit(
                "in.ndjson",
                "--ledger",
                "run.sqlite",
                "--dead-letter",
                "dead.ndjson",
                "--format",
                "json",
                in: folder
            )
            #expect(again.status == 1)
            #expect(try SubmitResult(again)["sent"] == 0)
            #expect(try SubmitResult(again)["read.rejectedEarlier"] == 1)
            #expect(try JSONText.lines(Folder.text(folder + "/dead.ndjson")).count == 1)

            // Meanwhile the tenant has changed its mind.
            let open = try RefusingTenant("another word", in: folder)
            let last = try open.tenant.submit("dead.ndjson", "--ledger", "run.sqlite", "--format", "json", in: folder)
            #expect(last.status == 0, "\(last.errors)")
            #expect(try SubmitResult(last)["accepted"] == 1)
            let table = try CommandLineTool.run(["status", "run.sqlite", "--export", "-"], folder: folder)
            #expect(table.status == 0)
            let rows = table.text.split(separator: "\r\n")
            #expect(rows.count == 7)
            #expect(rows[3].hasPrefix("t-3,r-3,1,") && rows[3].contains(",accepted,2,201,"))
        }
    }

    @Test func anInterruptDrainsAndTheNextRunGoesOn() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(["--latency", "30ms"], in: folder)
            let tenant = Tenant(sandbox)
            try Converted.write(400, to: folder)
            let session = try tenant.session(["bare.ndjson", "--rate", "100/s"], in: folder)
            try ToolSession.wait { (try? sandbox.summary().accepted >= 20) == true || !session.isRunning }
            session.send(SIGINT)
            #expect(try session.status() == 130)
            #expect(!session.wasKilled)
            #expect(session.errors.contains("interrupted; the same command goes on where it stopped"))
            let taken = try sandbox.summary().accepted
            #expect(taken < 400)
            // Everything that was in flight has its outcome.
            let before = try status(of: "bare.ndjson.ledger.sqlite", in: folder)
            #expect(before.number("delivered") == taken)
            #expect(before.number("states.sent") == 0)
            let run = try tenant.submit("bare.ndjson", "--format", "json", in: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try SubmitResult(run)["accepted"] == 400 - taken)
            #expect(try sandbox.summary().repetitions == 0)
        }
    }

    @Test func aKilledRunLosesNothing() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(
                ["--latency", "10ms", "--fault", "lost:2%", "--fault", "503:2%", "--retry-after", "0s"],
                in: folder
            )
            let tenant = Tenant(sandbox)
            try Converted.write(300, to: folder)
            for goal in [30, 120] {
                let session = try tenant.session(["bare.ndjson", "--rate", "150/s", "--timeout", "2s"], in: folder)
                try ToolSession.wait { (try? sandbox.summary().distinctKeys >= goal) == true || !session.isRunning }
                session.send(SIGKILL)
                _ = try session.status()
            }
            let run = try tenant.submit("bare.ndjson", "--timeout", "2s", in: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sandbox.summary().distinctKeys == 300)
            let status = try status(of: "bare.ndjson.ledger.sqlite", in: folder)
            #expect(status.number("delivered") == 300)
        }
    }

    @Test func theRateIsKept() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Converted.write(60, to: folder)
            let run = try Tenant(sandbox).submit("bare.ndjson", "--rate", "30/s", "--format", "json", in: folder)
            #expect(run.status == 0)
            // A bucket holds a second's worth at most; the rest has to wait, however fast the machine is.
            #expect(try #require(SubmitResult(run)["durationMicroseconds"]) > 900_000)
        }
    }

    @Test func metricsLogsAndReportSayWhatHappened() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(["--latency", "50ms"], in: folder)
            try Converted.write(80, to: folder)
            let session = try Tenant(sandbox).session(
                [
                    "bare.ndjson", "--rate", "40/s", "--metrics-port", "0", "--report", "report.json", "--log-format",
                    "json", "--log-level", "debug",
                ],
                in: folder
            )
            try ToolSession.wait { session.errors.contains("/metrics\n") || !session.isRunning }
            let url = try #require(session.errors.firstMatch(of: /metrics: (http:\S+)/)).1
            var text = ""
            try ToolSession.wait {
                text = (try? ShellScript.run("curl -sS --fail '\(url)' || true", in: folder).text) ?? ""
                return text.contains(#"optave_submit_outcomes_total{state="completed"} "#) || !session.isRunning
            }
            #expect(text.contains("# TYPE optave_submit_latency_seconds histogram\n"))
            #expect(text.contains(#"optave_submit_latency_seconds_bucket{le="+Inf"} "#))
            #expect(try session.status() == 0)
            let report = try JSONText(Folder.text(folder + "/report.json"))
            #expect(report.number("accepted") == 80)
            #expect(report.text("schema") == "interaction-migrate/submission/1")
            for line in session.errors.split(separator: "\n") where line.hasPrefix("{") {
                let entry = try JSONText(line)
                #expect(entry.text("level") != nil && entry.text("time")?.hasSuffix("Z") == true)
            }
        }
    }

    @Test func wrongUsageIsNamed() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Payload.interaction() + "\n", folder + "/in.ndjson")
            let cases: [([String], String)] = [
                (["submit", "in.ndjson"], "--tenant"),
                (["submit", "in.ndjson", "in.ndjson", "--tenant", "acme"], "--ledger FILE"),
                (["submit", "-", "--tenant", "acme"], "--ledger FILE"),
                (["submit", "in.ndjson", "--rest-url", "http://example.com/", "--token-file", "t"], "t"),
                (["submit", "in.ndjson", "--tenant", "acme", "--rate", "fast"], "--rate"),
                (["submit", "in.ndjson", "--tenant", "acme", "--token-command", "a 'b"], "--token-command"),
            ]
            for (arguments, text) in cases {
                let run = try CommandLineTool.run(arguments, environment: Tenant.credentials, folder: folder)
                #expect([2, 64].contains(run.status), "\(arguments) \(run.status)")
                #expect(run.errors.contains(text), "\(run.errors)")
                #expect(!Folder.exists(folder + "/in.ndjson.ledger.sqlite"))
            }
            #expect(try CommandLineTool.run(["status", "none.sqlite"], folder: folder).status == 2)
        }
    }
}
