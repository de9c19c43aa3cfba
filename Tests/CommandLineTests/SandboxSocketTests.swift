// The sandbox's WebSocket, with Python's websockets as the client.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)), .enabled(if: Python.isThere, Python.whyNot))
struct SandboxSocketTests {
    private static func events(_ run: ShellScript.Run) throws -> [JSONText] {
        try #require(run.status == 0, "\(run.errors)")
        return try JSONText.lines(run.text)
    }

    private static func replies(_ events: [JSONText]) throws -> [JSONText] {
        try events.compactMap { $0.text("reply") }.map { try JSONText($0) }
    }

    @Test(arguments: ["bare", "envelope"], ["", "--query", "--fragment 1000"])
    func everyMessageIsAnswered(form: String, options: String) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(5, to: folder)
            let sandbox = try SandboxSession(["--reply", form, "--journal", folder + "/journal.ndjson"], in: folder)
            let events = try Self.events(
                sandbox.script("\"$PYTHON\" \"$CLIENT\" \"$WS_URL\" \"$(token)\" envelopes.ndjson \(options)")
            )
            #expect(events.first?.text("open") == (options == "--query" ? nil : "optave-v1"))
            let replies = try Self.replies(events)
            #expect(replies.count == 5 * 4)
            let sent = try JSONText.lines(Folder.text(folder + "/envelopes.ndjson"))
            let place = form == "bare" ? ("correlationId", "state") : ("headers.correlationId", "payload.state")
            for message in sent {
                let own = replies.filter { $0.text(place.0) == message.text("headers.correlationId") }
                #expect(own.map { $0.text(place.1) } == ["started", "started", "completed", "completed"])
            }
            let journal = try JSONText.lines(Folder.text(folder + "/journal.ndjson"))
            #expect(journal.map { $0.text("idempotencyKey") } == sent.map { $0.text("headers.idempotencyKey") })
            #expect(journal.allSatisfy { $0.text("transport") == "websocket" })
        }
    }

    @Test
    func aTokenOpensOneConnection() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("", folder + "/none")
            let sandbox = try SandboxSession(in: folder)
            let events = try Self.events(
                sandbox.script(
                    """
                    T=$(token)
                    for t in "$T" "$T" unknown; do
                        "$PYTHON" "$CLIENT" "$WS_URL" "$t" none --patience 0.2
                    done
                    """
                )
            )
            #expect(events.count == 4)
            #expect(events[0].text("open") == "optave-v1")
            #expect(events.dropFirst(2).map { $0.number("refused") } == [401, 401])
            #expect(try sandbox.summary().connections == 1)
        }
    }

    @Test(arguments: [
        ("close-1006", 1006), ("close-1008", 1008), ("close-1009", 1009), ("close-1011", 1011), ("expire", 1001),
    ])
    func faultsCloseTheConnection(kind: String, code: Int) throws {
        try TestFiles.withFolder { folder in
            try Converted.write(1, to: folder)
            let sandbox = try SandboxSession(["--fault", "\(kind):100%"], in: folder)
            let run = "\"$PYTHON\" \"$CLIENT\" \"$WS_URL\" \"$(token)\" envelopes.ndjson"
            #expect(try Self.events(sandbox.script(run)).last?.number("closed") == code)
            #expect(try sandbox.summary().faults == [kind: 1])
        }
    }

    @Test
    func anUpgradeMayHangOrBeRefused() throws {
        try TestFiles.withFolder { folder in
            try Folder.write("", folder + "/none")
            let run = "\"$PYTHON\" \"$CLIENT\" \"$WS_URL\" \"$(token)\" none --patience 0.3"
            let hanging = try SandboxSession(["--fault", "hanging-upgrade:100%"], in: folder)
            #expect(try Self.events(hanging.script(run)).first?["silence"] as? Bool == true)
            let refusing = try SandboxSession(["--fault", "upgrade-503:100%"], in: folder)
            #expect(try Self.events(refusing.script(run)).first?.number("refused") == 503)
        }
    }

    @Test
    func frameLimitsHold() throws {
        try TestFiles.withFolder { folder in
            let sandbox = try SandboxSession(in: folder)
            // One that gets a reply, one that does not.
            for (size, fragment) in [(140_000, 0), (140_000, 32_000), (1_100_000, 0), (1_100_000, 32_000)] {
                try Folder.write("\"" + String(repeating: "x", count: size) + "\"\n", folder + "/large")
                let events = try Self.events(
                    sandbox.script("\"$PYTHON\" \"$CLIENT\" \"$WS_URL\" \"$(token)\" large --fragment \(fragment)")
                )
                if size < 1_000_000 {
                    #expect(try Self.replies(events).first?.text("state") == "error")
                } else {
                    #expect(events.last?.number("closed") == 1009)
                }
            }
        }
    }

    @Test
    func wssIsServed() throws {
        try TestFiles.withFolder { folder in
            try Converted.write(2, to: folder)
            let sandbox = try SandboxSession(["--tls", "--ca-out", folder + "/ca.pem", "--latency", "5ms"], in: folder)
            let run = "CA=ca.pem\n\"$PYTHON\" \"$CLIENT\" \"$WS_URL\" \"$(token)\" envelopes.ndjson --ca ca.pem"
            #expect(try Self.replies(Self.events(sandbox.script(run))).count == 8)
            // A reset must not say goodbye in TLS either.
            let cutting = try SandboxSession(
                ["--tls", "--ca-out", folder + "/ca.pem", "--fault", "close-1006:100%"],
                in: folder
            )
            #expect(try Self.events(cutting.script(run)).last?.number("closed") == 1006)
        }
    }
}
