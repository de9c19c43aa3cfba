// The journal: what it keeps over a restart, and what it refuses.

import Foundation
import TestSupport
import Testing

@testable import OptaveSandbox

@Suite struct JournalTests {
    private static func tenant(_ path: String) throws -> Tenant {
        var options = SandboxOptions()
        options.journal = path
        return try Tenant(options)
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test func restartRemembersTheKeys() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/journal.ndjson"
            do {
                let tenant = try Self.tenant(path)
                _ = tenant.post(TestMessage(number: 1))
                _ = tenant.receive(TestMessage(number: 2))
                _ = tenant.post(TestMessage(number: 1))
            }
            let tenant = try Self.tenant(path)
            #expect(tenant.summary.accepted == 2 && tenant.summary.repetitions == 1)
            guard case .reply(let again) = tenant.post(TestMessage(number: 2)) else { throw Unexpected() }
            #expect(String(decoding: again.body, as: UTF8.self).contains("message 2"))
            _ = tenant.post(TestMessage(number: 3))
            let lines = try Self.text(path).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
            #expect(lines.map { $0["order"] as? Int } == [1, 2, 3, 4, 5])
            #expect(lines.map { $0["repeated"] as? Bool } == [false, false, true, true, false])
            #expect(lines.map { $0["number"] as? Int } == [1, 2, 1, 2, 3])
            #expect(lines.map { $0["transport"] as? String } == ["rest", "websocket", "rest", "rest", "rest"])
            #expect(lines[1]["idempotencyKey"] as? String == TestMessage(number: 2).key)
            #expect(lines[1]["correlationId"] as? String == TestMessage(number: 2).correlationId)
            #expect(lines[0]["threadId"] as? String == "thread-1" && lines[0]["requestId"] as? String == "r-1")
            #expect(lines[0]["time"] as? String == "2023-11-14T22:13:20.000Z")
        }
    }

    /// A killed process can leave any piece of its last line, of which nothing was acknowledged.
    @Test func unfinishedLastLineIsCutOff() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/journal.ndjson"
            do {
                let tenant = try Self.tenant(path)
                for number in 1...2 { _ = tenant.post(TestMessage(number: number)) }
            }
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            let firstEnd = try #require(whole.firstIndex(of: 0x0A)) + 1
            for cut in firstEnd..<whole.count {
                try whole.prefix(cut).write(to: URL(fileURLWithPath: path))
                let tenant = try Self.tenant(path)
                #expect(tenant.summary.accepted == 1)
                _ = tenant.post(TestMessage(number: 2))
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole)
            }
        }
    }

    @Test func oneSandboxToAJournal() throws {
        try TestFiles.withFolder { folder in
            let first = try Self.tenant(folder + "/journal.ndjson")
            #expect(throws: Journal.Failure.self) { try Self.tenant(folder + "/journal.ndjson") }
            withExtendedLifetime(first) {}
        }
    }

    @Test func whatIsNoJournalStaysAsItIs() throws {
        try TestFiles.withFolder { folder in
            let path = folder + "/other.txt"
            try "Dear diary\n".write(toFile: path, atomically: true, encoding: .utf8)
            let failure = #expect(throws: Journal.Failure.self) { try Self.tenant(path) }
            #expect(failure?.description.contains("line 1") == true)
            #expect(try Self.text(path) == "Dear diary\n")
            #expect(throws: Journal.Failure.self) { try Self.tenant(folder) }
        }
    }

    @Test func timesAreWrittenAsTheWireHasThem() {
        let time = WallTime(milliseconds: 784_111_777_042)
        #expect(time.rfc3339 == "1994-11-06T08:49:37.042Z")
        // The example of RFC 9110.
        #expect(time.httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(WallTime(rfc3339: time.rfc3339) == time)
    }

    private struct Unexpected: Error {}
}
