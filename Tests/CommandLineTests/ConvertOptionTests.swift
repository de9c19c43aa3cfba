// What the options of `convert` do to an Interaction.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ConvertOptionTests {
    private static let organization = #","client":{"organization_ID":"org_1"}"#

    private static func convert(_ text: String, _ arguments: String...) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["convert"] + arguments, input: Array(text.utf8))
    }

    private static func thread(_ run: CommandLineTool.Run) throws -> String? {
        try JSONText(run.text).text("request.connections.threadId")
    }

    /// The codes of the findings on standard error.
    private static func codes(_ run: CommandLineTool.Run) -> [String] {
        run.errors.matches(of: /\[([a-z0-9-]+)\]/).map { String($0.1) }
    }

    // MARK: Thread

    @Test
    func candidatesAreTriedInTheirOrder() throws {
        let session = #""trace_parent_ID":"parent","trace_session_ID":"session","#
        let text = Payload.old(Self.organization, session: session)
        let cases = [
            ("trace_parent_ID", "parent"), ("trace_session_ID,trace_parent_ID", "session"),
            ("session.trace_parent_ID", "parent"), ("missing,session.missing,trace_session_ID", "session"),
            ("request_ID,trace_parent_ID", "r-1"), ("trace_parent_ID,derived", "parent"),
        ]
        for (candidates, thread) in cases {
            let run = try Self.convert(text, "--thread-from", candidates)
            #expect(run.status == 0)
            #expect(try Self.thread(run) == thread, "\(candidates)")
            #expect(Self.codes(run).isEmpty)
        }
    }

    @Test
    func blankCandidatesAreNoThread() throws {
        let session = #""trace_parent_ID":" ","trace_session_ID":"","#
        let text = Payload.old(Self.organization, session: session)
        let run = try Self.convert(text, "--thread-from", "trace_parent_ID,trace_session_ID,request_ID")
        #expect(try Self.thread(run) == "r-1")
    }

    @Test
    func withoutACandidateTheRecordIsRejected() throws {
        let run = try Self.convert(Payload.old(Self.organization), "--thread-from", "trace_parent_ID,session.nothing")
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(Self.codes(run) == ["thread-missing"])
        #expect(run.errors.contains("--thread-from"))
    }

    @Test
    func byDefaultPerSendIdsAreNoThread() throws {
        let session = #""trace_parent_ID":"parent","trace_session_ID":"session","#
        let text = Payload.old(Self.organization, session: session)
        let run = try Self.convert(text)
        #expect(run.status == 0)
        #expect(Self.codes(run).contains("thread-derived"))
        let thread = try Self.thread(run)
        // A UUID of version 5, and the same for the same conversation.
        let version5 = /[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
        #expect(thread?.wholeMatch(of: version5) != nil)
        #expect(try Self.thread(Self.convert(text, "--thread-from", "derived")) == thread)
    }

    @Test
    func theRecordsOwnThreadWins() throws {
        let run = try Self.convert(Payload.complete(), "--thread-from", "session_id,derived")
        #expect(try Self.thread(run) == "t-1")
    }

    @Test
    func strictRefusesWhatWouldBeDecided() throws {
        let text = Payload.old(Self.organization)
        #expect(try Self.convert(text).status == 0)
        let run = try Self.convert(text, "--strict")
        #expect(run.status == 1)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("error: "))
        #expect(Self.codes(run).contains("thread-derived"))
        #expect(try Self.convert(Payload.complete(), "--strict").status == 0)
    }

    // MARK: Organization and tenant

    @Test
    func theOrganizationIsFilledInAndNeverOverridden() throws {
        let without = try Self.convert(Payload.old(), "--thread-from", "request_ID")
        #expect(without.status == 1)
        #expect(without.output.isEmpty)
        #expect(Self.codes(without) == ["organization-missing"])
        #expect(without.errors.contains("--organization-id"))
        let path = "request.context.organizationId"
        let filled = try Self.convert(Payload.old(), "--thread-from", "request_ID", "--organization-id", "org_2")
        #expect(try JSONText(filled.text).text(path) == "org_2")
        let given = try Self.convert(Payload.complete(), "--organization-id", "org_2")
        #expect(try JSONText(given.text).text(path) == "org_1")
        let blank = try Self.convert(Payload.complete(organization: " "), "--organization-id", "org_2")
        #expect(try JSONText(blank.text).text(path) == "org_2")
    }

    @Test
    func theTenantIsFilledInAndNeverOverridden() throws {
        let own = Payload.complete().replacing(#""context":{"#, with: #""context":{"tenant_id":"tenant_1","#)
        let absent = try JSONText(Self.convert(Payload.complete(), "--form", "websocket").text)
        #expect(absent.keys("").contains("headers"))
        #expect(!absent.keys("headers").contains("tenantId"))
        let filled = try Self.convert(Payload.complete(), "--form", "websocket", "--tenant-id", "tenant_2")
        #expect(try JSONText(filled.text).text("headers.tenantId") == "tenant_2")
        let given = try Self.convert(own, "--form", "websocket", "--tenant-id", "tenant_2")
        #expect(try JSONText(given.text).text("headers.tenantId") == "tenant_1")
    }

    @Test
    func bothFormsHoldTheSamePayload() throws {
        let rest = try Self.convert(Payload.complete(), "--tenant-id", "tenant_1").text.dropLast()
        let socket = try Self.convert(Payload.complete(), "--tenant-id", "tenant_1", "--form", "websocket").text
        let envelope = try JSONText(socket)
        #expect(envelope.keys("") == ["action", "headers", "payload"])
        #expect(envelope.text("headers.action") == "interaction")
        #expect(envelope.text("headers.sdkVersion") == "none")
        #expect(socket.contains(rest))
    }

    // MARK: Who speaks

    @Test
    func rolesThatTheSpecDoesNotKnow() throws {
        let text = Payload.old(Self.organization, role: "Supervisor")
        let refused = try Self.convert(text)
        #expect(refused.status == 1)
        #expect(Self.codes(refused).contains("role-unknown"))
        #expect(refused.errors.contains("--role Supervisor=user|operator|bot|system"))
        let named = try Self.convert(text, "--role", "SUPERVISOR=operator", "--role", "other=bot")
        #expect(named.status == 0)
        #expect(try JSONText(named.text).text("request.scope.conversations.0.participants.0.role") == "operator")
        let empty = Payload.old(Self.organization, role: "")
        #expect(try Self.convert(empty).status == 1)
        let filled = try Self.convert(empty, "--role", "=bot")
        #expect(try JSONText(filled.text).text("request.scope.conversations.0.participants.0.role") == "bot")
    }

    @Test(arguments: ["csv", "ndjson"])
    func participantsAreDecidedByTheTable(kind: String) throws {
        let table =
            kind == "csv"
            ? "sourceKey,participantId,displayName,role\r\n\"name:Ada\",ada-1,\"Ada, Countess\",\r\nrole:bot,b-1,,\r\n"
            : """
            {"sourceKey":"name:Ada","participantId":"ada-1","displayName":"Ada, Countess","role":null}

            {"sourceKey":"role:bot","participantId":"b-1"}
            """
        try TestFiles.withFolder { folder in
            try Folder.write(table, "\(folder)/people.\(kind)")
            try Folder.write(Payload.old(Self.organization), folder + "/in.json")
            let run = try CommandLineTool.run(
                ["convert", "in.json", "--participants", "people.\(kind)", "--outcomes", "outcomes"],
                folder: folder
            )
            #expect(run.status == 0)
            let conversation = "request.scope.conversations.0"
            let output = try JSONText(run.text)
            #expect(output.text(conversation + ".participants.0.participantId") == "ada-1")
            #expect(output.text(conversation + ".participants.0.displayName") == "Ada, Countess")
            #expect(output.text(conversation + ".participants.0.role") == "user")
            #expect(output.text(conversation + ".messages.0.participantId") == "ada-1")
            let outcome = try JSONText(Folder.text(folder + "/outcomes"))
            #expect(outcome.text("participants.0.rule") == "crosswalk")
        }
    }

    @Test(arguments: [
        ("csv", "sourceKey,participant\nx,y\n", 1, "unknown column 'participant'"),
        ("csv", "sourceKey,participantId\nx,y\nz\n", 3, "1 cells where the header has 2"),
        ("csv", "sourceKey,participantId\n\n,y\n", 3, "the sourceKey is missing"),
        ("csv", "sourceKey,role\nx,chief\n", 2, "the role 'chief' is none of user, operator, bot, system"),
        ("csv", "sourceKey,participantId\nx,\"y\n", 2, "quote"),
        ("csv", "sourceKey,participantId\nx,1\nx,2\n", 3, "'x' is decided twice"),
        ("ndjson", "{\"sourceKey\":\"x\"}\n{\"sourceKey\":\n", 2, "not JSON"),
        ("ndjson", "\n\n[]\n", 3, "expected an object"),
        ("ndjson", "{\"participantId\":\"x\"}\n", 1, "the sourceKey is missing"),
        ("ndjson", "{\"sourceKey\":\"x\",\"id\":\"y\"}\n", 1, "unknown member 'id'"),
        ("ndjson", "{\"sourceKey\":\"x\",\"participantId\":[1]}\n", 1, "participantId must be a text"),
    ])
    func faultsOfTheTableHaveALine(kind: String, table: String, line: Int, message: String) throws {
        try TestFiles.withFolder { folder in
            try Folder.write(table, "\(folder)/people.\(kind)")
            let run = try CommandLineTool.run(["convert", "--participants", "people.\(kind)"], folder: folder)
            #expect(run.status == 2)
            #expect(run.errors.hasPrefix("error: people.\(kind):\(line): "))
            #expect(run.errors.contains(message))
        }
    }

    @Test
    func aTableThatIsNotThere() throws {
        let run = try Self.convert(Payload.complete(), "--participants", "missing.csv")
        #expect(run.status == 2)
        #expect(run.errors.hasPrefix("error: 'missing.csv' cannot be opened (No such file or directory)"))
        #expect(run.output.isEmpty)
    }

    // MARK: Size

    @Test
    func whatIsTooLargeIsSplitOrRejected() throws {
        let split = try Self.convert(Payload.large())
        #expect(split.status == 0)
        let parts = try JSONText.lines(split.text)
        #expect(parts.count > 1)
        #expect(Set(parts.map { $0.text("request.connections.threadId") }) == ["t-large"])
        #expect(Set(parts.map { $0.text("request.requestId") }).count == parts.count)
        #expect(split.text.split(separator: "\n").allSatisfy { $0.utf8.count < 128 * 1024 })
        let rejected = try Self.convert(Payload.large(), "--oversize", "reject")
        #expect(rejected.status == 1)
        #expect(rejected.output.isEmpty)
        #expect(Self.codes(rejected).contains("oversize"))
    }

    @Test(arguments: ["ndjson", "json"])
    func aRecordThatIsTooLargeToReadCostsItselfOnly(input: String) throws {
        let text = "\(Payload.complete(1))\n\(Payload.complete(2, content: String(repeating: "x", count: 9000)))\n"
        let run = try Self.convert(
            text + Payload.complete(3) + "\n",
            "--input",
            input,
            "--max-record-bytes",
            "2048"
        )
        #expect(run.status == 1)
        #expect(try JSONText.lines(run.text).map { $0.text("request.requestId") } == ["r-1", "r-3"])
        #expect(Self.codes(run).contains("record-too-large"))
        #expect(run.errors.contains("--max-record-bytes"))
    }

    // MARK: Zones

    @Test
    func theReportNamesTheTimeZoneDataThatTimesWereReadBy() throws {
        try TestFiles.withFolder { folder in
            let rows = "conversation,time,role,text\nc-1,2024-05-02 10:00:00,customer,Hello\n"
            try Folder.write(rows, folder + "/chat.csv")
            for (zone, isNamed) in [("Europe/Berlin", true), ("UTC", false), ("+02:00", false)] {
                let arguments = ["--organization-id", "org_1", "--timezone", zone, "--report", "report.json"]
                let run = try CommandLineTool.run(["convert", "chat.csv"] + arguments, folder: folder)
                #expect(run.status == 0, "\(run.errors)")
                let version = try JSONText(Folder.text(folder + "/report.json")).text("timeZoneData")
                #expect((version?.wholeMatch(of: /\d{4}[a-z]+/) != nil) == isNamed, "\(zone): \(version ?? "nothing")")
            }
        }
    }

    // MARK: Phone numbers

    @Test
    func oneNumberIsOnePersonWhereTheRegionIsKnown() throws {
        let rows = """
            conversation,time,sender,phone,role,text
            c1,2024-05-06T17:38:35Z,Ann,030 1234567,customer,Hello
            c2,2024-05-07T09:00:00Z,Ann Lee,+49 (0)30 / 123 45 67,customer,Hello again
            c3,2024-05-08T09:00:00Z,Desk,110,customer,Hello

            """
        func people(_ options: String...) throws -> [String] {
            let run = try CommandLineTool.run(
                ["convert", "--organization-id", "org_1"] + options,
                input: Array(rows.utf8)
            )
            #expect(run.status == 0)
            return try JSONText.lines(run.text).map { interaction in
                let conversation = "request.scope.conversations.0"
                let kept = interaction["\(conversation).metadata.source"] as? [String: Any]
                #expect(kept?["participants[0].phone"] != nil)
                return interaction.text("\(conversation).participants.0.participantId") ?? ""
            }
        }
        let apart = try people()
        #expect(Set(apart).count == 3)
        let together = try people("--phone-region", "de")
        #expect(together[0] == together[1] && together[2] == apart[2])
        let unknown = try CommandLineTool.run(["convert", "--phone-region", "XX"], input: Array(rows.utf8))
        #expect(unknown.status == 64 && unknown.errors.contains("DE, DK"))
    }
}
