// `convert --redact`: texts are masked wherever they end up, ids stay, and the report counts.

import Foundation
import TestSupport
import Testing

@Suite struct RedactTests {
    private static let options = ["--redact", "emails,phones,cards,ibans"]

    /// Every generation and the way of chat logs; threads, requests and participants are those without masking.
    @Test func everyWayIsMasked() throws {
        let secret =
            "ann@example.org, 4111 1111 1111 1111, DE89370400440532013000, +49 30 1234567, order 4111111111111112"
        let inputs = [
            ("v31.ndjson", Payload.complete(1, content: secret)),
            ("v2.ndjson", Payload.old().replacing("\"Hello\"", with: "\"\(secret)\"")),
            ("v32.ndjson", Payload.interaction().replacing("\"Hello\"", with: "\"\(secret)\"")),
            (
                "system.ndjson",
                Payload.old().replacing(
                    "\"user_perspective\":[",
                    with: "\"user_perspective\":[{\"role\":\"System\",\"content\":\"\(secret)\"},"
                )
            ),
            (
                "chat.csv",
                "conversation_id,timestamp,sender,role,message,remark\n"
                    + "c1,2024-05-01T10:00:00Z,Ada,customer,\"\(secret)\",\"\(secret)\"\n"
            ),
        ]
        try TestFiles.withFolder { folder in
            for (name, text) in inputs {
                try Folder.write(text, folder + "/" + name)
                let arguments = ["convert", name, "--organization-id", "o", "--timezone", "UTC"]
                let plain = try JSONText(CommandLineTool.run(arguments, folder: folder).text)
                let reports = ["--report", "r.json", "--report", "r.html"]
                let run = try CommandLineTool.run(arguments + Self.options + reports, folder: folder)
                #expect(run.status == 0, "\(run.errors)")
                for word in ["ann@example.org", "4111 1111", "DE8937", "1234567,"] {
                    #expect(!run.text.contains(word), "\(name): \(run.text)")
                }
                #expect(run.text.contains("[email], [card], [iban], [phone], order 4111111111111112"), "\(name)")
                let masked = try JSONText(run.text)
                for path in ["request.requestId", "request.connections.threadId"] {
                    #expect(masked.text(path) == plain.text(path), "\(name)")
                }
                let people = "request.scope.conversations.0.participants"
                #expect(masked[people] as? NSArray == plain[people] as? NSArray)
                let report = try JSONText(Folder.text(folder + "/r.json"))
                let page = try Folder.text(folder + "/r.html")
                let count = name == "chat.csv" ? 2 : 1
                for kind in ["emails", "phones", "cards", "ibans"] {
                    #expect(report.number("redacted.\(kind)") == count, "\(name) \(kind)")
                    let row = "<th scope=\"row\"><code>\(kind)</code></th><td class=\"number\">\(count)</td>"
                    #expect(page.contains(row), "\(name) \(kind)")
                }
                let kept = try CommandLineTool.run(arguments + Self.options + ["--redact-keep-length"], folder: folder)
                #expect(kept.text.count == (try CommandLineTool.run(arguments, folder: folder)).text.count)
            }
        }
    }

    @Test(arguments: ["names", "emails,", "", "Emails"])
    func whatIsNoKind(kinds: String) throws {
        #expect(try CommandLineTool.run(["convert", "--redact", kinds]).status == 64)
    }
}
