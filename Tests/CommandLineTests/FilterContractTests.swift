// What docs/SCALE-OUT.md promises to engines that run `convert -` as a filter.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct FilterContractTests {
    /// Separators of lines that are none of NDJSON, and what scripts have in many languages.
    private static let texts = [
        "a\u{2028}b", "c\u{2029}d", "e\u{85}f", "g\\r\\nh", "\u{1F600} \u{5E9}\u{5DC}", "i\\u000bj",
    ]

    private static func records(_ count: Int) -> [String] {
        (0..<count).map { number in
            if number % 11 == 5 { return "{\"request\":{\"context\":\(number)" }
            if number % 13 == 7 { return Payload.old() }
            return Payload.complete(number, content: texts[number % texts.count])
        }
    }

    private static func filter(_ input: String, _ options: [String] = []) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["convert", "-", "--input", "ndjson"] + options, input: Array(input.utf8))
    }

    /// Lines as every engine sees them: a line feed ends one, and nothing else does.
    private static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [[], ["--from", "legacy"], ["--from", "zendesk-support"], ["--grain", "messages"]])
    func anEmptyPartitionIsFine(options: [String]) throws {
        for input in ["", "\n", " \n\n"] {
            let run = try Self.filter(input, ["--log-format", "json"] + options)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.isEmpty)
            #expect(try JSONText.lines(run.errors).map { $0.number("records") } == [0])
        }
        let run = try CommandLineTool.run(["convert", "--grain", "conversations"])
        #expect(run.status == 0 && run.output.isEmpty)
    }

    @Test(arguments: [1, 2, 7, 40, 100])
    func partitionsOfAnySizeGiveTheSameLines(size: Int) throws {
        let records = Self.records(100)
        let whole = try Self.filter(records.joined(separator: "\n") + "\n")
        #expect(whole.status == 1)
        var parts: [String] = []
        for start in stride(from: 0, to: records.count, by: size) {
            // The last line of a partition has no line feed.
            let part = records[start..<min(start + size, records.count)].joined(separator: "\n")
            parts += Self.lines(try Self.filter(part).output)
        }
        let lines = Self.lines(whole.output)
        #expect(lines.count > 70)
        #expect(lines == parts)
        #expect(
            lines.sorted() == Self.lines(try Self.filter(records.shuffled().joined(separator: "\n")).output).sorted()
        )
    }

    @Test
    func onlyLineFeedsEndLines() throws {
        let run = try Self.filter(
            Self.texts.indices.map { Payload.complete($0, content: Self.texts[$0]) }.joined(separator: "\n")
        )
        #expect(run.status == 0)
        #expect(!run.output.contains(0x0D))
        #expect(run.output.last == 0x0A)
        let contents = try Self.lines(run.output).map {
            try #require(JSONText($0).text("request.scope.conversations.0.messages.0.content"))
        }
        #expect(contents == ["a\u{2028}b", "c\u{2029}d", "e\u{85}f", "g\r\nh", "\u{1F600} \u{5E9}\u{5DC}", "i\u{B}j"])
    }

    @Test
    func twoAtOnceDoNotMeet() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.records(300).joined(separator: "\n"), folder + "/in")
            let script = """
                mkdir one; cd one
                for run in 1 2 3; do $TOOL convert - <../in >../out$run 2>../err$run & done
                wait
                ls -A
                cmp ../out1 ../out2 && cmp ../out1 ../out3 && cmp ../err1 ../err2 && test -s ../out1
                """
            // Neither a home nor a temporary folder is needed, and nothing is left in the current one.
            let run = try ShellScript.run("export HOME=/nowhere TMPDIR=/nowhere\n" + script, in: folder)
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.text.isEmpty, "\(run.text)")
        }
    }

    @Test
    func rejectsStandInTheirPlace() throws {
        let records = [Payload.complete(1), "{\"secret\":\"word\"", Payload.complete(2), "{}", Payload.complete(3)]
        let input = records.joined(separator: "\n")
        let run = try Self.filter(input, ["--rejects-inline", "--stdin-name", "part-7"])
        #expect(run.status == 1)
        let lines = try JSONText.lines(run.text)
        #expect(lines.map { $0["_rejected"] != nil } == [false, true, false, true, false])
        #expect(lines.map { $0.text("request.requestId") } == ["r-1", nil, "r-2", nil, "r-3"])
        let rejected = lines[1]
        #expect(rejected.text("_rejected.file") == "part-7")
        #expect(rejected.number("_rejected.record") == 2)
        #expect(rejected.text("_rejected.findings.0.code") == "truncated")
        #expect(rejected.text("_rejected.findings.0.remedy") != nil)
        #expect(rejected["source"] == nil)
        #expect(!run.text.contains("word"))

        let shown = try JSONText.lines(Self.filter(input, ["--rejects-inline", "--show-content"]).text)
        #expect(shown.map { $0.text("source") } == [nil, records[1], nil, records[3], nil])

        // The lines besides them are what there is without the option.
        let plain = try Self.filter(input)
        #expect(Self.lines(run.output).filter { !$0.hasPrefix("{\"_rejected\"") } == Self.lines(plain.output))
    }

    @Test
    func rejectsOfChatLogsStandInTheirPlace() throws {
        let table = "conversation_id,sender_role,body,timestamp\nc1,user,Hello,2024-05-01T10:00:00Z\nc1,user,\"Lost,\n"
        let run = try CommandLineTool.run(
            ["convert", "--organization-id", "o", "--rejects-inline", "--show-content"],
            input: Array(table.utf8)
        )
        #expect(run.status == 1, "\(run.errors)")
        let lines = try JSONText.lines(run.text)
        #expect(lines.count { $0["_rejected"] != nil } == 1)
        #expect(lines.compactMap { $0.text("_rejected.findings.0.code") } == ["row-broken"])
    }

    @Test
    func inlineRejectsNeedLines() throws {
        for options in [
            ["--output", "json", "--rejects-inline"], ["--show-content"], ["--grain", "messages", "--output", "json"],
        ] {
            #expect(try Self.filter("", options).status == 64)
        }
    }

    @Test(arguments: ["--log-format", "--format"])
    func everyLineOfTheLogIsAnObject(option: String) throws {
        let records = (0..<5000).map { $0 % 2 == 0 ? "{" : Payload.complete($0) }
        let run = try Self.filter(records.joined(separator: "\n"), [option, "json"])
        #expect(run.status == 1)
        let log = try JSONText.lines(run.errors)
        // Its volume does not grow with the input.
        #expect(log.count == 21)
        #expect(log.dropLast().allSatisfy { $0.text("code") == "truncated" && $0.text("severity") == "error" })
        #expect(log.last?.number("records") == 5000)
        #expect(log.last?.number("converted") == 2500)
        #expect(log.last?.number("rejected") == 2500)
    }

    @Test
    func whatEndsTheRunIsAnObjectToo() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(Self.records(20).joined(separator: "\n"), folder + "/in")
            let full = try ShellScript.run("$TOOL convert - --log-format json <in >/dev/full", in: folder)
            #expect(full.status == 2)
            #expect(try JSONText.lines(full.errors).last?.text("severity") == "error")
            let missing = try ShellScript.run("$TOOL convert nowhere.ndjson --log-format json", in: folder)
            #expect(missing.status == 2)
            let log = try JSONText.lines(missing.errors)
            #expect(log.first?.text("code") == "input-unreadable")
            #expect(log.last?.number("records") == 0)
        }
    }

    /// The memory at its highest, in KiB, while the binary waits for more input.
    private static func peak(_ session: ToolSession) throws -> Int {
        let status = try Folder.text("/proc/\(session.processIdentifier)/status")
        return try #require(status.firstMatch(of: /VmHWM:\s+(\d+)/).flatMap { Int($0.1) })
    }

    @Test
    func memoryDoesNotGrowWithTheInput() throws {
        try TestFiles.withFolder { folder in
            let pipe = OpenPipe(folder + "/in")
            let arguments = ["convert", folder + "/in", "-o", "/dev/null", "--jobs", "2", "--quiet"]
            let session = try ToolSession(arguments, in: folder)
            let megabyte = String(
                repeating: Payload.complete(1, content: String(repeating: "word ", count: 200)) + "\n",
                count: 800
            )
            for _ in 0..<4 { try pipe.write(megabyte) }
            let early = try Self.peak(session)
            for _ in 0..<20 { try pipe.write(megabyte) }
            let late = try Self.peak(session)
            #expect(session.isRunning)
            #expect(late < early * 5 / 4 + 2048, "\(early) KiB after 4 MB, \(late) KiB after 24 MB")
        }
    }
}
