// `submit --plan`: what was looked at is what is sent, or nothing is.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SubmitPlanTests {
    private static func raw(_ numbers: ClosedRange<Int>, text: String = "Hello") -> String {
        numbers.map { Payload.complete($0, content: text) + "\n" }.joined()
    }

    private static func run(_ arguments: String, in folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(arguments.split(separator: " ").map(String.init), folder: folder)
    }

    @Test(arguments: ["raw.ndjson", "converted.ndjson"])
    func aPlanOfADryRunHoldsUntilSomethingChanges(_ file: String) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            try Folder.write(Self.raw(1...30), folder + "/raw.ndjson")
            try #require(try Self.run("convert raw.ndjson -o converted.ndjson -q", in: folder).status == 0)
            let look = try Self.run("submit \(file) --ledger run.sqlite --dry-run --plan plan.ndjson", in: folder)
            #expect(look.status == 0, "\(look.errors)")
            #expect(try sandbox.summary().accepted == 0)
            #expect(!Folder.exists(folder + "/run.sqlite"))

            let original = try Folder.text(folder + "/" + file)
            let changes: [(String, [String], String)] = [
                (original.replacing("t-7", with: "t-77"), [], "input \(file): it has changed"),
                (original, ["--organization-id", "org_9"], "option --organization-id: none in the plan, org_9 now"),
            ]
            for (text, options, words) in changes {
                try Folder.write(text, folder + "/" + file)
                let stale = try CommandLineTool.run(
                    tenant.arguments([file, "--ledger", "run.sqlite", "--plan", "plan.ndjson"] + options),
                    environment: Tenant.credentials,
                    folder: folder
                )
                #expect(stale.status == 1)
                #expect(stale.errors.contains("the plan does not hold any more; nothing was sent"))
                #expect(stale.errors.contains(words), "\(stale.errors)")
                #expect(try sandbox.summary().accepted == 0)
                #expect(!Folder.exists(folder + "/run.sqlite"))
            }
            try Folder.write(original.replacing("t-7", with: "t-77"), folder + "/" + file)
            let stale = try tenant.submit(file, "--ledger=run.sqlite", "--plan=plan.ndjson", in: folder)
            #expect(
                stale.errors.contains(
                    "records: the outputs of 1 differ from the plan, the first one of \(file), record 7"
                )
            )

            try Folder.write(original, folder + "/" + file)
            // Twice: what the ledger has meanwhile makes no plan stale.
            for _ in 0..<2 {
                let run = try tenant.submit(file, "--ledger=run.sqlite", "--plan=plan.ndjson", in: folder)
                #expect(run.status == 0, "\(run.errors)")
                #expect(try sandbox.summary().accepted == 30)
            }
        }
    }

    @Test(arguments: ["rest", "websocket"])
    func aPlanOfTheConversionHoldsForSourceAndResult(_ form: String) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let tenant = Tenant(sandbox)
            // One record is refused, and one is larger than a message.
            try Folder.write(Self.raw(1...10) + "{}\n" + Payload.large() + "\n", folder + "/raw.ndjson")
            let plan = "convert raw.ndjson --form \(form) --dry-run --plan plan.ndjson -q"
            try #require(try Self.run(plan, in: folder).status == 1)
            try #require(try Self.run("convert raw.ndjson --form \(form) -o out.ndjson -q", in: folder).status == 1)
            let parts = try Folder.text(folder + "/out.ndjson").split(separator: "\n").count
            try #require(parts > 11)
            func submit(_ file: String) throws -> CommandLineTool.Run {
                try tenant.submit(file, "--ledger=run.sqlite", "--plan=plan.ndjson", "-q", in: folder)
            }
            // The result lacks its last line, the source is another one, and neither is sent.
            let result = try Folder.text(folder + "/out.ndjson")
            let lines = result.split(separator: "\n")
            try Folder.write(lines.dropLast().joined(separator: "\n") + "\n", folder + "/out.ndjson")
            let short = try submit("out.ndjson")
            #expect(short.status == 1)
            #expect(short.errors.contains("of which a part is not there now"), "\(short.errors)")
            try Folder.write(result, folder + "/out.ndjson")
            let source = try Folder.text(folder + "/raw.ndjson")
            try Folder.write(source + Payload.complete(99) + "\n", folder + "/raw.ndjson")
            for file in ["out.ndjson", "raw.ndjson"] {
                let stale = try submit(file)
                #expect(stale.status == 1)
                #expect(stale.errors.contains("input raw.ndjson: it has changed"), "\(stale.errors)")
            }
            #expect(try sandbox.summary().accepted == 0)

            try Folder.write(source, folder + "/raw.ndjson")
            let first = try submit("out.ndjson")
            #expect(first.status == 0, "\(first.errors)")
            #expect(try sandbox.summary().accepted == parts)
            let second = try submit("raw.ndjson")
            #expect(second.status == 1, "the record that is no message: \(second.errors)")
            // The result can be sent where its source is not.
            try FileManager.default.removeItem(atPath: folder + "/raw.ndjson")
            #expect(try submit("out.ndjson").status == 0)
            #expect(try sandbox.summary().accepted == parts)
        }
    }

    /// Envelopes are planned with the time of issue that the source says; when they leave they get their own.
    @Test(arguments: ["raw.ndjson", "out.ndjson"], ["rest", "websocket"])
    func aTimeOfIssueMakesNoPlanStale(_ file: String, _ transport: String) throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            let time = "2024-05-01T10:00:00Z"
            let raw = (1...3).map { "{\"headers\":{\"issuedAt\":\"\(time)\"},\"payload\":\(Payload.complete($0))}\n" }
            try Folder.write(raw.joined(), folder + "/raw.ndjson")
            let convert = "convert raw.ndjson --form websocket -q"
            try #require(try Self.run(convert + " -o out.ndjson", in: folder).status == 0)
            try #require(try Self.run(convert + " --dry-run --plan plan.ndjson", in: folder).status == 0)
            func submit() throws -> CommandLineTool.Run {
                try Tenant(sandbox).submit(
                    file,
                    "--transport=" + transport,
                    "--ledger=run.sqlite",
                    "--plan=plan.ndjson",
                    in: folder
                )
            }
            let planned = try Folder.text(folder + "/" + file)
            try #require(planned.contains("\"issuedAt\":\"\(time)\""))
            try Folder.write(planned.replacing(time, with: "2024-05-01T11:00:00Z"), folder + "/" + file)
            let stale = try submit()
            #expect(stale.status == 1 && stale.errors.contains("records: the outputs of 3 differ"), "\(stale.errors)")
            try Folder.write(planned, folder + "/" + file)
            let run = try submit()
            #expect(run.status == 0, "\(run.errors)")
            #expect(try sandbox.summary().accepted == 3)
        }
    }

    @Test func whatIsNoPlanIsRefused() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Folder.write(Self.raw(1...3), folder + "/raw.ndjson")
            let tenant = Tenant(sandbox)
            let none = try tenant.submit("raw.ndjson", "--plan=raw.ndjson", in: folder)
            #expect(none.status == 2 && none.errors.contains("raw.ndjson is no plan"), "\(none.errors)")
            #expect(try tenant.submit("raw.ndjson", "--plan=nothing", in: folder).status == 2)
            #expect(try tenant.submit("-", "--ledger=a", "--plan=plan", in: folder).status == 64)
            try #require(try Self.run("submit raw.ndjson --dry-run --plan plan.ndjson", in: folder).status == 0)
            let text = try Folder.text(folder + "/plan.ndjson").replacing("\"r-2\"", with: "\"r-5\"")
            try Folder.write(text, folder + "/plan.ndjson")
            let edited = try tenant.submit("raw.ndjson", "--plan=plan.ndjson", in: folder)
            #expect(edited.status == 2 && edited.errors.contains("was changed after it was written"))
            #expect(try sandbox.summary().accepted == 0)
        }
    }
}
