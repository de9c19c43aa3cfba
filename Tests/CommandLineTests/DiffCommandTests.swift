// `diff` as a person, a script and a pipe see it.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct DiffCommandTests {
    /// A payload of one conversation.
    private static func interaction(
        _ number: Int,
        request: String? = nil,
        role: String = "user",
        text: String = "Where is my parcel?",
        tags: String = #"["vip","late"]"#,
        part: Int? = nil
    ) -> String {
        let metadata = part.map { #","metadata":{"part":{"index":\#($0),"of":2,"requestId":"r\#(number)"}}"# } ?? ""
        return #"""
            {"session":{},"request":{"requestId":"\#(request ?? "r\(number)")","connections":{"threadId":"t\#(number)"},\#
            "context":{"organizationId":"org_1"},"reference":{"tags":\#(tags)},"scope":{"conversations":[{\#
            "participants":[{"participantId":"p1","displayName":"Ann","role":"\#(role)"},\#
            {"participantId":"p2","displayName":"Bob","role":"operator"}],"messages":[\#
            {"content":"\#(text)","participantId":"p1","timestamp":"2025-01-01T10:00:00Z"},\#
            {"content":"On its way.","participantId":"p2","timestamp":"2025-01-01T10:01:00Z"}]\#(metadata)}]}}}
            """#
    }

    /// Compares two files of these lines.
    private static func diff(
        _ old: [String],
        _ new: [String],
        _ options: [String] = [],
        environment: [String: String] = [:]
    ) throws -> CommandLineTool.Run {
        try TestFiles.withFolder { folder in
            try Folder.write(old.map { $0 + "\n" }.joined(), folder + "/old.ndjson")
            try Folder.write(new.map { $0 + "\n" }.joined(), folder + "/new.ndjson")
            let arguments = ["diff", "old.ndjson", "new.ndjson"] + options
            return try CommandLineTool.run(arguments, environment: environment, folder: folder)
        }
    }

    @Test func orderSaysNothing() throws {
        let old = (1...20).map { Self.interaction($0) }
        let run = try Self.diff(old, old.reversed().map { $0.replacing(#"["vip","late"]"#, with: #"["late","vip"]"#) })
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("20 and 20 Interactions: 20 equal, 0 changed, 0 added, 0 removed"))
    }

    @Test func whatDiffersIsShownInOneColumn() throws {
        let run = try Self.diff(
            [Self.interaction(1), Self.interaction(2)],
            [Self.interaction(1, role: "bot"), Self.interaction(3)],
            ["--context", "1"]
        )
        #expect(run.status == 1)
        let person = "request.scope.conversations[0].participants[0]"
        #expect(
            run.text == """
                --- old.ndjson
                +++ new.ndjson
                @@ thread t1, request r1, record 1 → 1 @@
                  \(person).displayName: "‹3 characters #3›"
                - \(person).role: "user"
                + \(person).role: "bot"
                  request.scope.conversations[0].participants[1]: …
                """.replacing("  request.scope.conversations[0].participants[1]: …", with: Self.nextPerson)
                + "\n- removed: thread t2, request r2, record 2, 2 messages\n"
                + "+ added: thread t3, request r3, record 2, 2 messages\n"
        )
    }

    private static let nextPerson = "  request.scope.conversations[0].participants[1].participantId: \"p2\""

    @Test func whatDiffersIsShownInTwoColumns() throws {
        let run = try Self.diff(
            [Self.interaction(1)],
            [Self.interaction(1, role: "bot", tags: #"["vip"]"#)],
            ["--side-by-side", "--context", "0"],
            environment: ["COLUMNS": "120"]
        )
        let lines = run.text.split(separator: "\n").map(String.init)
        #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 120 }, "\(run.text)")
        #expect(lines.contains { $0.contains(" | ") && $0.hasSuffix(#"role: "bot""#) })
        #expect(lines.contains { $0.hasSuffix(" <") && $0.hasPrefix("request.reference.tags[1]") })
    }

    @Test func textsAreMaskedUnlessAskedFor() throws {
        let texts = (Self.interaction(1, text: "my secret"), Self.interaction(1, text: "another secret"))
        for options in [[], ["--side-by-side"], ["--format", "json"], ["--summary"]] {
            let masked = try Self.diff([texts.0], [texts.1], options)
            #expect(masked.status == 1)
            #expect(!masked.text.contains("secret") && !masked.text.contains("Ann"), "\(masked.text)")
            guard options != ["--summary"] else { continue }
            #expect(masked.text.contains("‹9 characters #") && masked.text.contains("‹14 characters #"))
            #expect(try Self.diff([texts.0], [texts.1], options + ["--show-content"]).text.contains("another secret"))
        }
    }

    @Test func aPersonsAddressIsMaskedAlsoWhereItIsAnId() throws {
        let old = Self.interaction(1).replacing("\"p1\"", with: "\"ann@example.org\"")
        let run = try Self.diff([old], [Self.interaction(1)], ["--format", "json"])
        #expect(run.status == 1)
        #expect(!run.text.contains("@example") && run.text.contains("\"new\":\"p1\""), "\(run.text)")
    }

    @Test func aRuleOverAWholeCorpusIsOneLine() throws {
        let old = (1...1200).map { Self.interaction($0, role: "user") }
        let new = (1...1200).map {
            Self.interaction($0, role: "bot", text: $0 < 4 ? "WHERE IS MY PARCEL?" : "Where is my parcel?")
        }
        let run = try Self.diff(old, new, ["--summary"])
        #expect(run.status == 1)
        let lines = run.text.split(separator: "\n").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
        let path = "request.scope.conversations[]"
        #expect(
            lines == [
                "1,200         1,200  \(path).participants[].role: \"user\" → \"bot\"",
                "3             3  \(path).messages[].content: letter case",
            ]
        )
        let json = try Self.diff(old, new, ["--summary", "--format", "json"])
        #expect(json.text.hasPrefix(#"{"change":"changed","path":"\#(path).participants[].role","#), "\(json.text)")
    }

    @Test func whatExceedsTheMemoryMakesNoDifference() throws {
        // Beyond a mebibyte it goes to disk, in runs that are merged.
        var random = SeededRandom(seed: 7)
        let filler = String(repeating: "long ", count: 400)
        let old = (1...1500).map { Self.interaction($0, text: "\(filler)\($0)") }
        var new = (1...1500).map { Self.interaction($0, role: $0 % 5 == 0 ? "bot" : "user", text: "\(filler)\($0)") }
        new.shuffle(using: &random)
        let much = try Self.diff(old, new, ["--format", "json"])
        let little = try Self.diff(old, new, ["--format", "json", "--memory", "1M"])
        #expect(much.status == 1 && little.status == 1)
        #expect(much.text.split(separator: "\n").count == 300)
        #expect(much.output == little.output)
    }

    @Test func partsAndRepetitionsHaveTheirCounterparts() throws {
        // One thread with two parts and two Interactions, all mixed.
        let first = [Self.interaction(1, part: 1), Self.interaction(1, request: "r2", part: 2)]
        let second = [Self.interaction(1, request: "r3"), Self.interaction(1, request: "r4", text: "Thanks!")]
        let same = try Self.diff(first + second, (first + second).reversed())
        #expect(same.status == 0, "\(same.text)")
        // Other request ids: the same is said in them.
        let renamed = second.map { $0.replacing("\"r3\"", with: "\"x3\"").replacing("\"r4\"", with: "\"x4\"") }
        let run = try Self.diff(first + second, renamed.reversed() + first, ["--format", "json"])
        let lines = run.text.split(separator: "\n")
        #expect(lines.count == 2 && lines.allSatisfy { $0.contains(#""path":"request.requestId""#) }, "\(run.text)")
        let isPaired = lines.first.map { $0.contains(#""old":"r3","new":"x3""#) } == true
        #expect(isPaired, "\(run.text)")
    }

    @Test func formsAndLayoutsSayTheSame() throws {
        try TestFiles.withFolder { folder in
            let script = """
                cp '\(TestFiles.package)/samples/v2.0/pass/'*/input.* . && "$TOOL" convert input.* --organization-id o -q > a
                "$TOOL" convert input.* --organization-id o -q --form websocket > b
                "$TOOL" convert input.* --organization-id o -q --output json | gzip > c.gz
                "$TOOL" diff a b; echo $?; cat b | "$TOOL" diff - c.gz -q; echo $?
                """
            let run = try ShellScript.run(script, in: folder)
            #expect(run.text == "0\n0\n", "\(run.text) \(run.errors)")
            #expect(run.errors.contains("payloads were compared, not headers"))
        }
    }

    @Test func whatCannotBeReadIsTrouble() throws {
        let good = Self.interaction(1)
        for broken in ["{\"session\":", "[1]", #"{"hello":1}"#] {
            let run = try Self.diff([good, broken], [good])
            #expect(run.status == 2, "\(run.errors)")
            #expect(run.errors.contains("old.ndjson:2:"))
        }
        let missing = try CommandLineTool.run(["diff", "/nowhere/a", "/nowhere/b"])
        #expect(missing.status == 2 && missing.errors.contains("not compared to the end"))
    }

    @Test(arguments: [
        ["a"], ["a", "b", "c"], ["-", "-"], ["a", "b", "--format", "json-patch"], ["a", "b", "--context", "-1"],
        ["a", "b", "--organization-id", "o"], ["a", "b", "--summary", "--side-by-side"], ["--against-source", "a"],
        ["a", "b", "--memory", "1K"], ["a", "b", "--against-source", "--format", "json-patch", "--show-content"],
    ])
    func wrongUsage(arguments: [String]) throws {
        let run = try CommandLineTool.run(["diff"] + arguments)
        #expect(run.status == 64, "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    @Test func anInterruptTellsOfNoFalseDifference() throws {
        try TestFiles.withFolder { folder in
            let lines = (1...400).map { Self.interaction($0) + "\n" }
            try Folder.write(lines.joined(), folder + "/old")
            let pipe = OpenPipe(folder + "/feed")
            let session = try ToolSession(["diff", "old", "feed", "--input", "ndjson", "--context", "0"], in: folder)
            // What has no counterpart yet may still come.
            try pipe.write(Self.interaction(1, role: "bot") + "\n" + lines[1...200].joined())
            session.send(SIGINT)
            #expect(try session.status() == 130)
            #expect(!session.wasKilled)
            #expect(session.errors.contains("interrupted"))
            #expect(try !Folder.text(folder + "/stdout").contains("removed"))
        }
    }

    @Test func nothingSteersTheTerminal() throws {
        let text = "a\u{9B}31m\u{202E}b\u{7F}"
        let run = try Self.diff([Self.interaction(1)], [Self.interaction(1, text: text)], ["--show-content"])
        #expect(run.text.contains(#"a\u009b31m\u202eb\u007f"#), "\(run.text)")
        #expect(!run.text.unicodeScalars.contains { [0x1B, 0x9B, 0x202E, 0x7F].contains($0.value) })
    }
}
