// Payloads that repeat the history of their thread become one Interaction a thread.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SnapshotsTests {
    private static let seed =
        ProcessInfo.processInfo.environment["INTERACTION_MIGRATE_SEED"].flatMap { UInt64($0) } ?? 20_241_128

    // MARK: The conversation

    /// Snapshots of growing conversations in any order and any files fold to the conversations.
    @Test(arguments: GrowingThread.Form.allCases, [true, false])
    func growingSnapshotsFoldToTheConversation(form: GrowingThread.Form, isTimed: Bool) throws {
        var random = SeededRandom(seed: Self.seed)
        for numbersMessages in form == .version1 || form == .version2 ? [false, true] : [false] {
            var threads: [GrowingThread] = []
            var payloads: [String] = []
            for number in 0..<12 {
                let count = Int.random(in: 1...30, using: &random)
                var thread = GrowingThread(
                    form: form,
                    thread: "t-\(number)",
                    isTimed: isTimed,
                    count: count,
                    using: &random
                )
                thread.numbersMessages = numbersMessages
                var sizes = Set((0..<5).map { _ in Int.random(in: 1...count, using: &random) })
                sizes.insert(count)
                // Numbers are told from people's ids once a speaker repeats: the whole conversation must show it.
                if numbersMessages, count < 3 { continue }
                payloads += try sizes.sorted().map { try thread.payload($0) }
                threads.append(thread)
            }
            try TestFiles.withFolder { folder in
                payloads.shuffle(using: &random)
                let middle = payloads.count / 2
                try Folder.write(payloads[..<middle].joined(separator: "\n") + "\n", folder + "/a.ndjson")
                try Folder.write(payloads[middle...].joined(separator: "\n") + "\n", folder + "/b.ndjson")
                let fold = try FoldRun(["b.ndjson", "a.ndjson"], folder: folder)
                let what = "seed \(Self.seed), \(form), timed \(isTimed), numbers \(numbersMessages)"
                #expect(fold.run.status == 0, "\(what): \(fold.run.errors)")
                #expect(fold.codes.isEmpty, "\(what): \(fold.codes)")
                try #require(fold.interactions.count == threads.count, "\(what)")
                for (index, interaction) in fold.interactions.enumerated() {
                    let name = interaction.text("request.connections.threadId")
                    let thread = try #require(threads.first { $0.thread == name })
                    #expect(fold.texts(index) == thread.messages.map(\.text), "\(what), \(thread.thread)")
                    // Nothing but what the last request says of the conversation.
                    let last = try Self.keep(thread.payload(thread.messages.count))
                    for path in ["participants", "messages"] {
                        let whole = "request.scope.conversations.0.\(path)"
                        #expect(
                            try Self.json(interaction[whole]) == Self.json(last[whole]),
                            "\(what), \(thread.thread)"
                        )
                    }
                }
                try Self.expectBalance(fold, records: payloads.count, threads: threads.count, what)
                let check = try CommandLineTool.run(["validate", "out"], folder: folder)
                #expect(check.status == 0, "\(what): \(check.text)")
            }
        }
    }

    private static func keep(_ payload: String) throws -> JSONText {
        let run = try CommandLineTool.run(["convert", "--organization-id", "org_1"], input: Array(payload.utf8))
        return try JSONText(run.text)
    }

    private static func json(_ value: Any?) throws -> String { try GrowingThread.json(try #require(value)) }

    private static func expectBalance(_ fold: FoldRun, records: Int, threads: Int, _ what: String) throws {
        #expect(fold.report["balanced"] as? Bool == true, "\(what)")
        for level in ["records", "conversations"] {
            #expect(fold.report.number("books.\(level).in") == records, "\(what), \(level)")
            #expect(fold.report.number("books.\(level).mapped") == threads, "\(what), \(level)")
            #expect(
                fold.report.number("books.\(level).dropped.snapshot") ?? 0 == records - threads,
                "\(what), \(level)"
            )
        }
        let messages = fold.interactions.reduce(0) { $0 + ($1.count("request.scope.conversations.0.messages") ?? 0) }
        #expect(fold.report.number("books.messages.mapped") == messages, "\(what)")
        // Each record names the Interaction that it went into.
        try #require(fold.outcomes.count == records, "\(what)")
        for outcome in fold.outcomes {
            let index = try #require(outcome.number("outputs.0.index"))
            #expect(fold.interactions[index].text("request.connections.threadId") == outcome.text("threadId"))
            #expect(
                fold.interactions[index].text("request.requestId") == outcome.text("outputs.0.requestId"),
                "\(what)"
            )
        }
        #expect(fold.outcomes.count { $0.text("outcome") == "converted" } == threads, "\(what)")
    }

    // MARK: Contradictions

    private static func fold(_ snapshots: [[(String, String)]], timed: Bool = true) throws -> (FoldRun, [String]) {
        let payloads = snapshots.map { entries in
            let list = entries.map { text, time in
                #"{"role":"EndUser","name":"Ann","content":"\#(text)"\#(timed ? ",\"timestamp\":\"\(time)\"" : "")}"#
            }
            return """
                {"session":{"user_perspective":[\(list.joined(separator: ","))]},"conversation_id":"t-1",\
                "client":{"organization_ID":"org_1"}}
                """
        }
        return try TestFiles.withFolder { folder in
            try Folder.write(payloads.joined(separator: "\n") + "\n", folder + "/in.ndjson")
            let fold = try FoldRun(["in.ndjson"], folder: folder)
            #expect(fold.report["balanced"] as? Bool == true)
            return (fold, fold.interactions.count == 1 ? fold.texts(0) : [])
        }
    }

    private static func at(_ minute: Int) -> String { "2024-05-06T17:0\(minute):00Z" }

    @Test
    func anotherTextAtTheSameTimeIsAFindingAndBothAreKept() throws {
        let (fold, texts) = try Self.fold([
            [("one", Self.at(1)), ("two", Self.at(2))], [("one", Self.at(1)), ("TWO", Self.at(2)), ("3", Self.at(3))],
        ])
        #expect(texts == ["one", "two", "TWO", "3"])
        #expect(fold.codes == ["snapshot-text-differs"])
        #expect(fold.report.number("books.messages.mapped") == 4)
        #expect(fold.report.number("books.messages.dropped.snapshot") == 1)
    }

    @Test
    func aMissingMessageIsAFindingAndKept() throws {
        let (fold, texts) = try Self.fold([
            [("one", Self.at(1)), ("two", Self.at(2)), ("3", Self.at(3))], [("one", Self.at(1)), ("3", Self.at(3))],
        ])
        #expect(texts == ["one", "two", "3"])
        #expect(fold.codes == ["snapshot-message-missing"])
    }

    @Test
    func anotherOrderIsAFindingAndTheLaterOrderCounts() throws {
        let (fold, texts) = try Self.fold(
            [[("a", ""), ("b", ""), ("c", "")], [("b", ""), ("a", ""), ("c", "")]],
            timed: false
        )
        #expect(texts == ["b", "a", "c"])
        #expect(fold.codes == ["snapshot-order-differs"])
    }

    @Test
    func withoutTimesAMessageIsKeptAfterTheOneItFollowed() throws {
        let (fold, texts) = try Self.fold(
            [
                [("a", ""), ("x", ""), ("b", "")], [("a", ""), ("b", ""), ("c", "")],
                [("y", ""), ("a", ""), ("c", "")],
            ],
            timed: false
        )
        #expect(texts == ["y", "a", "x", "b", "c"])
        #expect(fold.codes == ["snapshot-message-missing", "snapshot-message-missing"])
    }

    /// Equal beginnings join nothing: without an id and a time each snapshot stands alone, and says so.
    @Test(arguments: ["", #","timestamp":"2024-05-06T17:01:00Z""#])
    func withoutAnyIdOnlyTheFirstMessagesTimeTellsTheThread(time: String) throws {
        let first = #"{"role":"EndUser","name":"Ann","content":"Hi"\#(time)}"#
        let second = #"{"role":"Agent","content":"Hello"\#(time)}"#
        try TestFiles.withFolder { folder in
            let payloads = [first, "\(first),\(second)"].map { list in
                #"{"session":{"user_perspective":[\#(list)]},"client":{"organization_ID":"org_1"}}"# + "\n"
            }
            try Folder.write(payloads.joined(), folder + "/in.ndjson")
            let fold = try FoldRun(["in.ndjson"], folder: folder)
            #expect(fold.report["balanced"] as? Bool == true)
            #expect(fold.interactions.count == (time.isEmpty ? 2 : 1))
            #expect(fold.codes == (time.isEmpty ? ["snapshot-unplaced", "snapshot-unplaced"] : []))
        }
    }

    @Test
    func theSameMessageCountsAsOftenAsASnapshotHasIt() throws {
        let (fold, texts) = try Self.fold(
            [[("ok", ""), ("ok", "")], [("ok", ""), ("ok", ""), ("ok", ""), ("bye", "")]],
            timed: false
        )
        #expect(texts == ["ok", "ok", "ok", "bye"])
        #expect(fold.codes.isEmpty)
    }

    // MARK: The rest of the payload

    @Test
    func theLastSnapshotWinsAndWhatDiffersIsKept() throws {
        let sample = TestFiles.package + "/samples/v3.1/pass/snapshots/input.ndjson"
        try TestFiles.withFolder { folder in
            let fold = try FoldRun([sample], folder: folder)
            let thread = fold.interactions[0]
            #expect(thread.text("request.context.caseId") == "c-7")
            #expect(thread["request.reference.tags"] as? [String] == ["parcel", "late"])
            let legacy = try #require(thread["request.scope.conversations.0.metadata.legacy"] as? [String: Any])
            #expect(legacy["request.requestId"] as? String == "r-3")
            #expect(legacy["request.requestId#2"] as? String == "r-2")
            #expect(legacy["request.requestId#3"] as? String == "r-1")
            let ids = try #require(thread["request.reference.ids"] as? [[String: String]])
            #expect(ids.first { $0["name"] == "trace_id" }?["value"]?.hasSuffix("03") == true)
            let kept = ["request.reference.ids", "request.reference.ids#2"].compactMap {
                legacy[$0] as? [String: String]
            }
            #expect(kept.map { $0["value"]?.suffix(2) } == ["02", "01"])
            // Alone in its thread: as without folding.
            let keep = try CommandLineTool.run(["convert", sample], folder: folder)
            let folded = try Folder.text(folder + "/out")
            #expect(keep.text.split(separator: "\n").filter { folded.contains($0) }.count == 1)
            #expect(fold.interactions[1].text("request.requestId") == "r-4")
        }
    }

    // MARK: Files, jobs, memory

    /// More threads than fit into the memory, in JSON, with rejected records between them.
    private static func manyThreads(_ random: inout SeededRandom) throws -> String {
        var payloads: [String] = []
        for number in 0..<1500 {
            let form = GrowingThread.Form.allCases[number % 4]
            let thread = GrowingThread(form: form, thread: "t-\(number)", isTimed: true, count: 12, using: &random)
            payloads += try [3, 7, 12].map { try thread.payload($0, request: "r-\($0)") }
            if number % 100 == 0 { payloads.append("{\"broken\":") }
        }
        payloads.shuffle(using: &random)
        return payloads.joined(separator: "\n") + "\n"
    }

    @Test
    func jobsAndMemoryDoNotChangeAByte() throws {
        var random = SeededRandom(seed: Self.seed)
        let text = try Self.manyThreads(&random)
        try TestFiles.withFolder { folder in
            try Folder.write(text, folder + "/in.ndjson")
            var first: [String] = []
            for options in [["--jobs", "1"], ["--jobs", "2"], ["--jobs", "3"], ["--jobs", "3", "--memory", "1M"]] {
                let fold = try FoldRun(["in.ndjson"], options + ["--rejects", "rejects"], folder: folder)
                #expect(fold.run.status == 1)
                #expect(fold.interactions.count == 1500 && fold.codes.isEmpty)
                let all = try ["out", "outcomes", "report", "rejects"].map { try Folder.text(folder + "/" + $0) }
                if first.isEmpty { first = all }
                #expect(all == first, "seed \(Self.seed), \(options)")
            }
            #expect(first[3] == String(repeating: "{\"broken\":\n", count: 15))
        }
    }

    @Test
    func clusteredThreadsComeOutWhileReading() throws {
        var random = SeededRandom(seed: Self.seed)
        let threads = (0..<3).map {
            GrowingThread(form: .version31, thread: "t-\($0 % 2)", isTimed: true, count: 6, using: &random)
        }
        try TestFiles.withFolder { folder in
            let payloads = try threads.flatMap { thread in try [2, 4, 6].map { try thread.payload($0) } }
            try Folder.write(payloads.joined(separator: "\n") + "\n", folder + "/in.ndjson")
            let fold = try FoldRun(["in.ndjson"], ["--order", "clustered"], folder: folder)
            #expect(fold.interactions.compactMap { $0.text("request.connections.threadId") } == ["t-0", "t-1", "t-0"])
            #expect(fold.outcomes.flatMap(\.codes).contains("conversation-reopened"))
        }
    }

    @Test
    func xmlAndTablesFoldWithJSON() throws {
        try TestFiles.withFolder { folder in
            try Folder.write(
                """
                <records><record><session><user_perspective><content>one</content><role>EndUser</role><name>Ann</name>\
                <timestamp>2024-05-06T17:01:00Z</timestamp></user_perspective></session>\
                <conversation_id>t-1</conversation_id></record></records>
                """,
                folder + "/a.xml"
            )
            try Folder.write(
                """
                session.user_perspective[0].content,session.user_perspective[0].role,session.user_perspective[0].name,\
                session.user_perspective[0].timestamp,session.user_perspective[1].content,\
                session.user_perspective[1].role,session.user_perspective[1].timestamp,conversation_id
                one,EndUser,Ann,2024-05-06T17:01:00Z,two,Agent,2024-05-06T17:02:00Z,t-1

                """,
                folder + "/b.csv"
            )
            try Folder.write(
                """
                {"session":{"user_perspective":[
                  {"content":"one","role":"EndUser","name":"Ann","timestamp":"2024-05-06T17:01:00Z"},
                  {"content":"two","role":"Agent","timestamp":"2024-05-06T17:02:00Z"},
                  {"content":"3","role":"Agent","timestamp":"2024-05-06T17:03:00Z"}]}, conversation_id: "t-1"}
                """,
                folder + "/c.json"
            )
            let fold = try FoldRun(["a.xml", "b.csv", "c.json"], folder: folder)
            #expect(fold.run.status == 0, "\(fold.run.errors)")
            try #require(fold.interactions.count == 1)
            #expect(fold.texts(0) == ["one", "two", "3"])
            #expect(fold.codes.isEmpty)
            #expect(fold.outcomes.compactMap { $0.text("file") }.sorted() == ["a.xml", "b.csv", "c.json"])
            #expect(fold.outcomes.contains { $0.codes.contains("json5-text") })
        }
    }

    @Test
    func whatIsTooLargeIsCutAfterFolding() throws {
        let large = try JSONText(Payload.large())
        let whole = try #require(large["request.scope.conversations"] as? [[String: Any]])
        try TestFiles.withFolder { folder in
            let payloads = try [10, 25, 40].map { count in
                try GrowingThread.json([
                    "request": [
                        "context": ["organization_id": "org_1"], "connections": ["thread_id": "t-large"],
                        "scope": ["conversations": Array(whole.prefix(count))],
                    ]
                ])
            }
            try Folder.write(payloads.joined(separator: "\n") + "\n", folder + "/in.ndjson")
            let fold = try FoldRun(["in.ndjson"], folder: folder)
            #expect(fold.interactions.count == 2)
            #expect(fold.outcomes.allSatisfy { $0.count("outputs") == 2 })
            #expect((fold.texts(0) + fold.texts(1)).count == 40)
            let check = try CommandLineTool.run(["validate", "out"], folder: folder)
            #expect(check.status == 0, "\(check.text)")
            // Parts are no snapshots of each other.
            try FileManager.default.moveItem(atPath: folder + "/out", toPath: folder + "/parts.ndjson")
            let again = try FoldRun(["parts.ndjson"], folder: folder)
            #expect(try Folder.text(folder + "/out") == Folder.text(folder + "/parts.ndjson"))
            #expect(again.outcomes.allSatisfy { $0.text("outcome") == "converted" })
            let rejected = try FoldRun(["in.ndjson"], ["--oversize", "reject", "--rejects", "rejects"], folder: folder)
            #expect(rejected.run.status == 1 && rejected.interactions.isEmpty)
            #expect(rejected.report.number("books.records.rejected") == 3)
            #expect(rejected.report["balanced"] as? Bool == true)
            #expect(try Folder.text(folder + "/rejects") == payloads.joined(separator: "\n") + "\n")
        }
    }

    // MARK: Recorded payloads

    @Test(.enabled(if: TestFiles.shared != nil, "there is no corpus"))
    func recordedPayloadsFoldByThread() throws {
        let corpus = try #require(TestFiles.shared) + "/corpus"
        let names = ["v1", "v2.0", "v3.0", "v3.1", "v3.2-customerinteraction"]
        let files = names.map { "\(corpus)/legacy/\($0).ndjson" }
        try TestFiles.withFolder { folder in
            let fold = try FoldRun(files, folder: folder)
            let keep = try CommandLineTool.run(["convert"] + files + ["--organization-id", "org_1"], folder: folder)
            var threads: Set<[String]> = []
            var texts: Set<[String]> = []
            for interaction in try JSONText.lines(keep.text) {
                let thread = ["context.organizationId", "connections.threadId"].compactMap {
                    interaction.text("request." + $0)
                }
                threads.insert(thread)
                texts.formUnion(Self.texts(of: interaction).map { thread + [$0] })
            }
            var folded: [[String]: Int] = [:]
            var found: Set<[String]> = []
            for interaction in fold.interactions {
                let thread = ["context.organizationId", "connections.threadId"].compactMap {
                    interaction.text("request." + $0)
                }
                if interaction["request.scope.conversations.0.metadata.part"] == nil { folded[thread, default: 0] += 1 }
                found.formUnion(Self.texts(of: interaction).map { thread + [$0] })
            }
            #expect(Set(folded.keys).isSubset(of: threads))
            #expect(folded.values.allSatisfy { $0 == 1 })
            // Whole messages only: where one is cut depends on what stands before it.
            #expect(texts.subtracting(found).filter { $0.last.map { $0.utf8.count < 60_000 } ?? true }.isEmpty)
            #expect(fold.report["balanced"] as? Bool == true)
        }
    }

    private static func texts(of interaction: JSONText) -> [String] {
        (0..<(interaction.count("request.scope.conversations") ?? 0)).flatMap { conversation in
            let messages = "request.scope.conversations.\(conversation).messages"
            return (0..<(interaction.count(messages) ?? 0)).compactMap {
                interaction.text("\(messages).\($0).content")
            }
        }
    }
}
