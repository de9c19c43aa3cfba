// `diff --ledger`: what was submitted as it is, what has changed since, what is new, what is gone.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DiffLedgerTests {
    private static func diff(_ arguments: String..., in folder: String) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["diff", "--ledger", "run.sqlite"] + arguments, folder: folder)
    }

    /// The kinds of difference by request.
    private static func kinds(_ run: CommandLineTool.Run) throws -> [String: String] {
        var kinds: [String: String] = [:]
        for line in try JSONText.lines(run.text) {
            kinds[try #require(line.text("requestId"))] = line.text("difference")
        }
        return kinds
    }

    private static func interaction(_ number: Int, minute: Int = 0) -> String {
        Payload.interaction(request: "r-\(number)", time: "2024-05-01T10:0\(minute):00Z")
            .replacing("\"t-1\"", with: "\"t-\(number)\"") + "\n"
    }

    @Test func everyKindIsTold() throws {
        try TestFiles.withFolder { folder in
            let strict = try RefusingTenant("10:07", in: folder)
            try Folder.write(
                (1...4).map { Self.interaction($0) }.joined() + Self.interaction(5, minute: 7),
                folder + "/in.ndjson"
            )
            let submit = try strict.tenant.submit("in.ndjson", "--ledger", "run.sqlite", "-q", in: folder)
            withExtendedLifetime(strict) {}
            try #require(submit.status == 1, "\(submit.errors)")
            // As it was, changed, gone, as it was and twice, refused, new.
            let now =
                Self.interaction(1) + Self.interaction(2, minute: 3) + Self.interaction(4) + Self.interaction(4)
                + Self.interaction(5, minute: 7) + Self.interaction(6)
            try Folder.write(now, folder + "/now.ndjson")
            let json = try Self.diff("now.ndjson", "--format", "json", in: folder)
            #expect(json.status == 1)
            #expect(
                try Self.kinds(json) == ["r-2": "changed", "r-3": "gone", "r-5": "refused", "r-6": "new"],
                "\(json.text)"
            )
            let text = try Self.diff("now.ndjson", in: folder)
            #expect(text.status == 1)
            let expected = """
                ~ changed: thread t-2, request r-2, now.ndjson record 2
                ! refused: thread t-5, request r-5, now.ndjson record 5, rejected with status 422: 
                """
            #expect(text.text.hasPrefix(expected), "\(text.text)")
            #expect(text.text.contains("\n+ new: thread t-6, request r-6, now.ndjson record 6\n"))
            #expect(text.text.hasSuffix("\n- gone: thread t-3, request r-3, in.ndjson record 3, accepted\n"))
            #expect(
                text.errors.hasSuffix(
                    "6 messages: 2 as submitted, 1 changed since, 1 new, 1 refused, 0 without an outcome, "
                        + "1 in the ledger only, 1 duplicates\n"
                ),
                "\(text.errors)"
            )
            let counts = try Self.diff("now.ndjson", "--summary", "--format", "json", in: folder)
            #expect(counts.status == 1)
            let summary = try JSONText(counts.text)
            for (name, count) in [
                ("messages", 6), ("submitted", 2), ("changed", 1), ("new", 1), ("refused", 1), ("pending", 0),
                ("gone", 1), ("duplicates", 1), ("invalid", 0),
            ] { #expect(summary.number(name) == count, "\(name)") }
            #expect(try Self.diff("now.ndjson", "--summary", in: folder).text.contains("           1  changed since\n"))
        }
    }

    @Test func whatWasSubmittedAsItIsDoesNotDiffer() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            try Folder.write((1...20).map { Payload.complete($0) + "\n" }.joined(), folder + "/raw.ndjson")
            #expect(try Tenant(sandbox).submit("raw.ndjson", "--ledger", "run.sqlite", in: folder).status == 0)
            for form in ["rest", "websocket"] {
                let convert = ["convert", "raw.ndjson", "--form", form, "-o", "\(form).ndjson", "-q"]
                #expect(try CommandLineTool.run(convert, folder: folder).status == 0)
            }
            // Converted in either form, and not converted at all.
            for file in ["rest.ndjson", "websocket.ndjson", "raw.ndjson"] {
                let run = try Self.diff(file, in: folder)
                #expect(run.status == 0 && run.text.isEmpty, "\(file): \(run.text)")
                #expect(run.errors.contains("20 messages: 20 as submitted, 0 changed since, 0 new"))
            }
        }
    }

    @Test func aConversationWhoseIdsAreDerivedHasChanged() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            func chat(_ text: String, _ more: String = "") -> String {
                "conversation_id,timestamp,sender_id,sender_name,sender_role,body\n"
                    + "c1,2024-05-01T10:00:00Z,u1,Ann,customer,\(text)\n"
                    + "c2,2024-05-01T11:00:00Z,u2,Ben,customer,Hello\n" + more
            }
            func convert(_ text: String, _ name: String) throws {
                try Folder.write(text, folder + "/chats.csv")
                let run = try CommandLineTool.run(
                    ["convert", "chats.csv", "--organization-id", "org_1", "-o", name, "-q"],
                    folder: folder
                )
                try #require(run.status == 0, "\(run.errors)")
            }
            try convert(chat("Where?"), "out.ndjson")
            #expect(try Tenant(sandbox).submit("out.ndjson", "--ledger", "run.sqlite", in: folder).status == 0)
            try convert(chat("When?", "c3,2024-05-01T12:00:00Z,u3,Cem,customer,Hi\n"), "now.ndjson")
            let run = try Self.diff("now.ndjson", "--format", "json", in: folder)
            #expect(run.status == 1)
            let lines = try JSONText.lines(run.text)
            #expect(lines.map { $0.text("difference") } == ["new", "changed"], "\(run.text)")
            #expect(lines.last?.text("earlierRequestId") != nil)
            #expect(run.errors.contains("3 messages: 1 as submitted, 1 changed since, 1 new, 0 refused"))
        }
    }

    @Test func troubleIsTold() throws {
        try TestFiles.withFolder { folder in
            #expect(try Self.diff("none.ndjson", in: folder).status == 2)
            let sandbox = try SandboxSession(in: folder)
            try Folder.write(Self.interaction(1), folder + "/in.ndjson")
            #expect(try Tenant(sandbox).submit("in.ndjson", "--ledger", "run.sqlite", in: folder).status == 0)
            try Folder.write(Self.interaction(1) + "{\"session\":1}\n", folder + "/broken.ndjson")
            let broken = try Self.diff("broken.ndjson", in: folder)
            #expect(broken.status == 2)
            #expect(broken.errors.contains("1 records are no valid message"))
            for wrong in [["--side-by-side"], ["--against-source"], ["--format", "json-patch", "--show-content"]] {
                let run = try CommandLineTool.run(
                    ["diff", "--ledger", "run.sqlite", "in.ndjson"] + wrong,
                    folder: folder
                )
                #expect(run.status == 64, "\(wrong)")
            }
        }
    }
}
