// `participants`: found, decided, converted, compared; with a case of everything that facts do not settle.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ParticipantsCommandTests {
    /// Everybody that the tests are about; each row is a conversation, unless it names one that was there.
    static let chats = """
        conversation,time,sender_id,sender,email,phone,role,text
        ann-1,2024-05-06T10:00:00Z,u1,Ann,ann@example.org,,customer,Hello
        ann-2,2024-05-06T10:00:00Z,,Ann,Ann@Example.org,,customer,Again
        two-ids-1,2024-05-06T10:00:00Z,u2,Bea,bea@example.org,,customer,Hello
        two-ids-2,2024-05-06T10:00:00Z,u3,Bea B,bea@example.org,,customer,Hello
        two-roles-1,2024-05-06T10:00:00Z,u4,Cy,cy@example.org,,customer,Hello
        two-roles-2,2024-05-06T10:00:00Z,,Cy,cy@example.org,,agent,Hello
        shared-1,2024-05-06T10:00:00Z,s1,Dee,info@example.org,,customer,Hello
        shared-2,2024-05-06T10:00:00Z,s2,Eve,info@example.org,,customer,Hello
        shared-3,2024-05-06T10:00:00Z,s3,Flo,info@example.org,,customer,Hello
        shared-4,2024-05-06T10:00:00Z,s4,Gil,info@example.org,,customer,Hello
        hal-1,2024-05-06T10:00:00Z,,Hal,,,customer,Hello
        hal-2,2024-05-06T10:00:00Z,,Hal,,,customer,Hello
        ivy,2024-05-06T10:00:00Z,u9,Ivy,ivy@example.org,,customer,Hello
        ivy,2024-05-06T10:00:01Z,,Ivy M,ivy@example.org,,customer,From my phone
        ivy,2024-05-06T10:00:02Z,a1,Ops,ops@example.org,,agent,Hello
        kim-1,2024-05-06T10:00:00Z,,Kim,,+49 1,customer,Hello
        kim-2,2024-05-06T10:00:00Z,u7,Kim,,+49 1,customer,Hello
        lou-1,2024-05-06T10:00:00Z,x1,Lou,,,customer,Hello
        lou-2,2024-05-06T10:00:00Z,x1,Lou,,,agent,Hello

        """

    /// A folder with the inputs, and the tool in it.
    struct Scratch {
        let folder: String

        init(_ folder: String, _ text: String = chats) throws {
            self.folder = folder
            try Folder.write(text, folder + "/chats.csv")
        }

        func run(_ arguments: String...) throws -> CommandLineTool.Run { try run(arguments) }

        func run(_ arguments: [String]) throws -> CommandLineTool.Run {
            try CommandLineTool.run(arguments + ["chats.csv", "--organization-id", "org_1"], folder: folder)
        }

        /// Writes a table of people, and tells it by source key.
        func export(_ arguments: String...) throws -> [String: JSONText] {
            let run = try CommandLineTool.run(
                ["participants", "export", "chats.csv", "--organization-id", "org_1", "--format", "ndjson"] + arguments,
                folder: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            let keys = try JSONText.lines(run.text)
            return Dictionary(uniqueKeysWithValues: keys.map { ($0.text("sourceKey") ?? "", $0) })
        }

        /// The participants' ids of each thread.
        func converted(_ arguments: String...) throws -> [String: [String]] {
            let run = try CommandLineTool.run(
                ["convert", "chats.csv", "--organization-id", "org_1", "-q"] + arguments,
                folder: folder
            )
            #expect(run.status == 0, "\(run.errors)")
            var threads: [String: [String]] = [:]
            for line in try JSONText.lines(run.text) {
                let people = "request.scope.conversations.0.participants"
                threads[line.text("request.connections.threadId") ?? ""] = (0..<(line.count(people) ?? 0)).map {
                    line.text("\(people).\($0).participantId") ?? ""
                }
            }
            return threads
        }

        func text(_ name: String) throws -> String { try Folder.text(folder + "/" + name) }
        func write(_ text: String, _ name: String) throws { try Folder.write(text, folder + "/" + name) }
    }

    private static func changed(_ old: [String: [String]], _ new: [String: [String]]) -> Set<String> {
        Set(old.keys.filter { old[$0] != new[$0] }).union(new.keys.filter { old[$0] == nil })
    }

    // MARK: The round trip

    @Test(arguments: ["csv", "ndjson"])
    func oneEditedLineChangesExactlyItsPeople(kind: String) throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            let table = "people.\(kind)"
            #expect(try scratch.run("participants", "export", "-o", table).status == 0)
            let before = try scratch.converted()
            let joined = try scratch.converted("--participants", table)
            // Unedited, the joins alone take effect.
            #expect(Self.changed(before, joined) == ["ann-2", "ivy", "kim-1"])
            #expect(joined["ann-2"] == before["ann-1"])
            #expect(joined["kim-1"] == before["kim-2"])
            #expect(joined["ivy"]?.count == 2)

            let edited =
                kind == "csv"
                ? try scratch.text(table).replacing("name:Hal,generic-csv,,", with: "name:Hal,generic-csv,hal,")
                : try scratch.text(table).replacing(
                    #""name:Hal","system":"generic-csv","participantId":null"#,
                    with: #""name:Hal","system":"generic-csv","participantId":"hal""#
                )
            try scratch.write(edited, "edited.\(kind)")
            let decided = try scratch.converted("--participants", "edited.\(kind)")
            #expect(Self.changed(joined, decided) == ["hal-1", "hal-2"])
            #expect(decided["hal-1"] == ["hal"] && decided["hal-2"] == ["hal"])

            let maps = ["--participants", table, "--map", "edited.\(kind)"]
            let run = try scratch.run(["participants", "reassign", "--format", "json"] + maps)
            #expect(run.status == 1)
            let changes = try JSONText.lines(run.text)
            #expect(changes.map { $0.text("threadId.new") } == ["hal-1", "hal-2"])
            for change in changes {
                #expect(change.text("participants.0.sourceKey") == "name:Hal")
                #expect(change.text("participants.0.participantId.new") == "hal")
                #expect(change.count("participants") == 1)
                #expect(change.text("requestId.old") != change.text("requestId.new"))
            }
        }
    }

    @Test func aRefusedJoinAndAnExportOfDecisionsStay() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            #expect(try scratch.run("participants", "export", "--keys", "all", "-o", "a.csv").status == 0)
            let ann = try #require(try scratch.export()["email:ann@example.org"])
            let (joined, own) = (try #require(ann.text("participantId")), try #require(ann.text("currentId")))
            let refused = try scratch.text("a.csv").replacing(
                "email:ann@example.org,,\(joined)",
                with: "email:ann@example.org,,\(own)"
            )
            try scratch.write(refused + "gone,,left-over,Left Over,bot,,,,,0,\n", "b.csv")
            let before = try scratch.converted()
            #expect(Self.changed(before, try scratch.converted("--participants", "b.csv")) == ["ivy", "kim-1"])
            let again = try scratch.export("--participants", "b.csv")
            #expect(again["email:ann@example.org"]?.text("participantId") == own)
            #expect(again["email:ann@example.org"]?.text("status") == "decided")
            #expect(again["gone"]?.text("status") == "unseen")
            #expect(again["gone"]?.text("participantId") == "left-over")
            #expect(again["gone"]?.text("role") == "bot")
        }
    }

    @Test func keysThatLookLikeFormulasComeBackAsTheyWere() throws {
        let ids = [
            "=1+2", "'=x", "''y", "'z", "-100", "+49", "@me", "a,b", "q\"q", "line\nbreak", " lead", "trail ", "tab\tx",
            "\tstart", "0017", "1e5", "null", "email:x@y", "name:z", "ünï",
        ]
        var rows = "conversation,time,sender_id,sender,email,role,text\n"
        for (number, id) in ids.enumerated() {
            let quoted = "\"" + id.replacing("\"", with: "\"\"") + "\""
            rows += "a\(number),2024-05-06T10:00:00Z,\(quoted),N,p\(number)@example.org,customer,Hello\n"
            rows += "b\(number),2024-05-06T10:00:00Z,,N,p\(number)@example.org,customer,Hello\n"
        }
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder, rows)
            for kind in ["csv", "ndjson"] {
                #expect(try scratch.run("participants", "export", "-o", "people.\(kind)").status == 0)
                let before = try scratch.converted()
                let after = try scratch.converted("--participants", "people.\(kind)")
                for number in ids.indices { #expect(after["b\(number)"] == before["a\(number)"], "\(ids[number])") }
            }
            for line in try scratch.text("people.csv").split(separator: "\n") {
                #expect(!"=+-@\t".contains(line.first ?? " "), "\(line)")
            }
        }
    }

    // MARK: What needs a person

    @Test func everyKindOfConflictIsAFindingAndNoneAMerge() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            let run = try scratch.run("participants", "conflicts", "--format", "json")
            #expect(run.status == 1)
            let conflicts = try JSONText.lines(run.text)
            let found = conflicts.map { conflict in
                let keys = (0..<(conflict.count("keys") ?? 0)).map { conflict.text("keys.\($0).sourceKey") ?? "" }
                return "\(conflict.text("kind") ?? ""): \(keys.joined(separator: " "))"
            }
            #expect(
                found == [
                    "two-ids: u2 u3 email:bea@example.org",
                    "two-roles: u4 email:cy@example.org",
                    "two-roles: x1",
                    "shared-mailbox: email:info@example.org s1 s2 s3 s4",
                    "same-name: name:Hal",
                ]
            )
            let keys = try scratch.export("--keys", "all")
            for key in ["u2", "u3", "u4", "email:cy@example.org", "s1", "s2", "s3", "s4", "x1", "name:Hal"] {
                #expect(keys[key]?.text("status") == "conflict", "\(key)")
                #expect(keys[key]?.text("participantId") == nil, "\(key)")
            }
            let text = try scratch.run("participants", "conflicts", "--shared-from", "5")
            #expect(text.status == 1)
            #expect(!text.text.contains("shared-mailbox"))
            #expect(text.text.contains("s1 of generic-csv"))
        }
    }

    @Test func whatIsDecidedIsNoConflict() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            var decisions = "sourceKey,participantId\nname:Hal,hal\nrole:user,nobody\n"
            for (key, line) in try scratch.export() {
                if let id = line.text("currentId") { decisions += "\(key),\(id)\n" }
            }
            try scratch.write(decisions, "all.csv")
            let run = try scratch.run("participants", "conflicts", "--participants", "all.csv")
            #expect(run.status == 0, "\(run.text)")
            #expect(run.output.isEmpty)
            let same = try scratch.run("participants", "reassign", "--map", "all.csv", "--format", "json")
            #expect(try JSONText.lines(same.text).map { $0.text("threadId.old") } == ["hal-1", "hal-2"])

            // Facts that say one, and two decisions.
            try scratch.write("sourceKey,participantId\nu2,b\nu3,c\nemail:cy@example.org,d\n", "some.csv")
            let rest = try scratch.run("participants", "conflicts", "--participants", "some.csv", "--format", "json")
            let kinds = try JSONText.lines(rest.text).map { $0.text("kind") }
            #expect(kinds == ["two-roles", "two-roles", "shared-mailbox", "same-name"])
        }
    }

    @Test func nothingToDecideIsEmpty() throws {
        let rows = "conversation,time,sender_id,sender,role,text\nc1,2024-05-06T10:00:00Z,u1,Ann,customer,Hello\n"
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder, rows)
            let conflicts = try scratch.run("participants", "conflicts")
            #expect(conflicts.status == 0 && conflicts.output.isEmpty)
            let export = try scratch.run("participants", "export")
            #expect(export.status == 0)
            #expect(export.text.split(separator: "\n").count == 1)
            #expect(export.text.hasPrefix("sourceKey,system,participantId,displayName,role,status,"))
            #expect(try scratch.run("participants", "export", "--keys", "all").text.contains("\nu1,generic-csv,,"))
        }
    }

    // MARK: explain, reassign

    @Test func anIdAndAKeyAreExplained() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            let id = try #require(try scratch.converted()["ann-2"]?.first)
            for word in [id, "email:ann@example.org"] {
                let run = try scratch.run("participants", "explain", word, "--format", "json")
                #expect(run.status == 0, "\(run.errors)")
                let told = try JSONText(run.text)
                #expect(told.number("conversations") == 1)
                #expect(told.number("rules.email") == 1)
                #expect(told.text("keys.0.sourceKey") == "email:ann@example.org")
                #expect(told.text("keys.0.status") == "join")
                #expect(told.text("related.0.sourceKey") == "u1")
                #expect(told.text("facts.0.keys.0") == "u1")
                #expect(told.number("facts.0.record") == 1)
                #expect(told.text("places.0.threadId") == "ann-2")
                #expect(told.number("places.0.record") == 2)
            }
            let text = try scratch.run("participants", "explain", "s1").text
            #expect(text.contains("by the rule source-id, 1 times"))
            #expect(text.contains("conflict shared-mailbox"))
            let hal = try scratch.run("participants", "explain", "name:Hal").text
            #expect(hal.contains("in 2 conversations"))
            let nobody = try scratch.run("participants", "explain", "nobody")
            #expect(nobody.status == 1 && nobody.output.isEmpty)
            #expect(nobody.errors.contains("nobody in the inputs has the id or key 'nobody'"))
        }
    }

    @Test func reassignSaysWhenNothingChanges() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            try scratch.write("sourceKey,participantId\nu1,\n", "none.csv")
            let none = try scratch.run("participants", "reassign", "--map", "none.csv")
            #expect(none.status == 0 && none.output.isEmpty)
            #expect(none.errors.contains("17 Interactions, 0 change"))
            #expect(try scratch.run("participants", "reassign", "--map", "missing.csv").status == 2)
            #expect(try CommandLineTool.run(["participants", "reassign", "--map", "x.csv", "-"]).status == 64)
            #expect(try CommandLineTool.run(["participants", "reassign", "x.csv"]).status == 64)
            #expect(try scratch.run("participants", "export", "--shared-from", "1").status == 64)
            let missing = try CommandLineTool.run(["participants", "export", "missing.csv"], folder: folder)
            #expect(missing.status == 2)
        }
    }

    @Test func aLedgerSaysWhatMustBeSentAgain() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            let sandbox = try SandboxSession(in: folder)
            func reassign(_ map: String) throws -> (words: [String: String], status: Int32, errors: String) {
                let run = try scratch.run(
                    ["participants", "reassign", "--map", map, "--ledger", "run.sqlite", "--format", "json"]
                )
                var words: [String: String] = [:]
                for line in try JSONText.lines(run.text) {
                    words[try #require(line.text("threadId.new"))] = line.text("submission")
                }
                return (words, run.status, run.errors)
            }
            try scratch.write("sourceKey,participantId\nname:Hal,hal\n", "hal.csv")
            #expect(try reassign("hal.csv").status == 2, "there is no ledger")
            // One of two conversations with Hal is submitted.
            #expect(try scratch.run("convert", "-o", "all.ndjson", "-q").status == 0)
            let lines = try Folder.text(folder + "/all.ndjson").split(separator: "\n")
            try scratch.write(lines.filter { $0.contains("hal-1") }.joined(separator: "\n") + "\n", "some.ndjson")
            let tenant = Tenant(sandbox)
            #expect(try tenant.submit("some.ndjson", "--ledger", "run.sqlite", in: folder).status == 0)

            let found = try reassign("hal.csv")
            #expect(found.words == ["hal-1": "send-again", "hal-2": "not-sent"])
            #expect(found.status == 1 && found.errors.contains("2 change; 1 must be sent again"))
            let text = try scratch.run(["participants", "reassign", "--map", "hal.csv", "--ledger", "run.sqlite"]).text
            #expect(text.contains(", send-again\n  name:Hal: ") && text.contains(", not-sent\n  name:Hal: "))

            // Sent again, it is there.
            let after = try scratch.run("convert", "--participants", "hal.csv", "-o", "now.ndjson", "-q")
            #expect(after.status == 0, "\(after.errors)")
            let again = try tenant.submit("now.ndjson", "--ledger", "run.sqlite", "--resubmit-changed", in: folder)
            #expect(again.status == 0, "\(again.errors)")
            #expect(try reassign("hal.csv").words == ["hal-1": "sent", "hal-2": "sent"])
        }
    }

    @Test func aKeyOfOneSystemLeavesAnotherAlone() throws {
        try TestFiles.withFolder { folder in
            let scratch = try Scratch(folder)
            try scratch.write(Payload.complete().replacing("p-1", with: "u1"), "old.ndjson")
            let arguments = ["chats.csv", "old.ndjson", "--organization-id", "org_1", "--format", "json"]
            for (system, threads) in [("generic-csv", ["ann-1"]), ("customerinteraction", ["t-1"])] {
                try scratch.write("sourceKey,system,participantId\nu1,\(system),one\n", "one.csv")
                let run = try CommandLineTool.run(
                    ["participants", "reassign", "--map", "one.csv"] + arguments,
                    folder: folder
                )
                #expect(try JSONText.lines(run.text).map { $0.text("threadId.new") ?? "" } == threads)
            }
        }
    }

    /// Two of one conversation whom a decision makes one are one participant; nothing that was said of them is lost.
    @Test func aDecisionMakesOneParticipantOfTwo() throws {
        let people = """
            {"session":{},"request":{"requestId":"r","connections":{"threadId":"t"},"context":{"organizationId":"o"},\
            "scope":{"conversations":[{"participants":[{"participantId":"p-1","displayName":"Ada","role":"user"},\
            {"participantId":"p-2","displayName":"Ada L","role":"user","seat":"4"},\
            {"participantId":"p-3","displayName":"Bob","role":"operator"}],"messages":[{"content":"1",\
            "participantId":"p-1"},{"content":"2","participantId":"p-2"},{"content":"3","participantId":"p-3"}]}]}}}
            """
        let flat = """
            {"request":{"request_id":"r","context":{"organization_id":"o"},"connections":{"thread_id":"t"},"scope":\
            {"conversations":[{"participant_id":"p-1","display_name":"Ada","role":"EndUser","content":"1"},\
            {"participant_id":"p-2","display_name":"Ada L","role":"EndUser","content":"2"},\
            {"participant_id":"p-3","display_name":"Bob","role":"Agent","content":"3"}]}}}
            """
        for (input, decision) in [people, flat].flatMap({ [($0, "p-2,p-1"), ($0, "p-1,p-2"), ($0, "p-3,p-1")] }) {
            try TestFiles.withFolder { folder in
                try Folder.write("sourceKey,participantId\n\(decision)\n", folder + "/p.csv")
                let arguments = ["convert", "-", "--participants", "p.csv"]
                let run = try CommandLineTool.run(arguments, input: Array(input.utf8), folder: folder)
                #expect(run.status == 0, "\(run.errors)")
                let valid = try CommandLineTool.run(["validate"], input: run.output)
                #expect(valid.status == 0, "\(decision): \(valid.text)")
                let isTwoRoles = decision == "p-3,p-1"
                let output = try JSONText(run.text)
                #expect(output.count("request.scope.conversations.0.participants") == (isTwoRoles ? 3 : 2))
                #expect(run.errors.contains("id-two-roles") == isTwoRoles)
                let authors = (0...2).map { output.text("request.scope.conversations.0.messages.\($0).participantId") }
                #expect((authors[0] == authors[1]) != isTwoRoles)
                #expect(authors[2] != authors[0])
                for word in ["p-1", "p-2", "p-3", "Ada L"] { #expect(run.text.contains("\"\(word)\""), "\(word)") }
            }
        }
    }
}
