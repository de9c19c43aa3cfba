// `validate`: verdicts on single messages and on sets of them.

import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(30)))
struct ValidateCommandTests {
    private static func validate(_ text: String, _ arguments: String...) throws -> CommandLineTool.Run {
        try CommandLineTool.run(["validate"] + arguments, input: Array(text.utf8))
    }

    @Test
    func whatConvertWritesIsValid() throws {
        let text = "\(Payload.complete(1))\n\(Payload.complete(2))\n\(Payload.large())\n"
        for form in ["rest", "websocket"] {
            let output = try CommandLineTool.run(["convert", "--form", form], input: Array(text.utf8))
            let run = try CommandLineTool.run(["validate"], input: output.output)
            let count = output.text.split(separator: "\n").count
            #expect(run.status == 0)
            #expect(run.output.isEmpty)
            #expect(run.errors == "\(count) messages: \(count) valid, 0 invalid\n")
            #expect(count > 3)
        }
    }

    @Test
    func nothingIsValid() throws {
        let run = try Self.validate("")
        #expect(run.status == 0)
        #expect(run.errors == "0 messages: 0 valid, 0 invalid\n")
    }

    @Test
    func payloadsAndEnvelopesAreToldApart() throws {
        let good = Payload.interaction()
        let envelope = #"{"action":"message","headers":{"action":"interaction"},"payload":\#(good)}"#
        let run = try Self.validate(good + "\n" + envelope + "\n", "--format", "json")
        #expect(run.status == 1)
        // The payload is fine, the envelope lacks headers.
        let findings = try JSONText.lines(run.text)
        #expect(!findings.isEmpty)
        #expect(findings.allSatisfy { $0.number("line") == 2 && $0.text("path")?.hasPrefix("headers") == true })
    }

    @Test
    func faultsHaveACodeAndAPlace() throws {
        let bad = [
            (Payload.interaction(role: "chief"), "schema", "request.scope.conversations[0].participants[0].role"),
            (
                Payload.interaction(time: "yesterday"), "timestamp-invalid",
                "request.scope.conversations[0].messages[0].timestamp"
            ),
            (
                Payload.interaction().replacing(#"lo","participantId":"p-1"#, with: #"lo","participantId":"p-2"#),
                "unknown-participant", "request.scope.conversations[0].messages[0].participantId"
            ),
            (Payload.interaction(request: " "), "request-id-blank", "request.requestId"),
        ]
        for (text, code, path) in bad {
            let run = try Self.validate("\n" + text, "--format", "json")
            #expect(run.status == 1)
            let errors = try JSONText.lines(run.text).filter { $0.text("severity") == "error" }
            #expect(errors.contains { $0.text("code") == code && $0.text("path") == path }, "\(code): \(run.text)")
            #expect(errors.allSatisfy { $0.number("line") == 2 })
            let shown = try Self.validate("\n" + text)
            #expect(shown.text.contains("-:2:"))
            #expect(shown.text.contains("[\(code)]"))
            #expect(shown.errors == "1 messages: 0 valid, 1 invalid\n")
        }
    }

    @Test
    func whatIsNoJSONIsInvalid() throws {
        let run = try Self.validate("\(Payload.interaction())\n{\"broken\n[]\n\(Payload.interaction(request: "r-2"))\n")
        #expect(run.status == 1)
        #expect(run.errors == "4 messages: 2 valid, 2 invalid\n")
        #expect(run.text.contains("-:2:"))
        #expect(run.text.contains("[invalid-json]"))
    }

    @Test
    func tooLargeIsInvalid() throws {
        let large = Payload.interaction().replacing("Hello", with: String(repeating: "x", count: 131_072))
        let run = try Self.validate(large)
        #expect(run.status == 1)
        #expect(run.text.contains("[oversize]"))
    }

    @Test
    func partsBelongTogether() throws {
        let parts = try CommandLineTool.run(["convert"], input: Array(Payload.large().utf8))
            .text.split(separator: "\n", omittingEmptySubsequences: true)
        try #require(parts.count >= 2)
        // In any order and with others between them.
        let all = [String(parts[1]), Payload.interaction(), String(parts[0])] + parts.dropFirst(2).map(String.init)
        #expect(try Self.validate(all.joined(separator: "\n")).status == 0)
        for missing in parts.indices {
            let some = parts.enumerated().filter { $0.offset != missing }.map { String($0.element) }
            let run = try Self.validate(some.joined(separator: "\n"))
            #expect(run.status == 1)
            #expect(run.text.contains("part \(missing + 1) of \(parts.count) is missing"))
            #expect(run.text.contains("[parts-incomplete]"))
        }
    }

    @Test
    func repeatedRequestsAreAWarning() throws {
        let text = Payload.interaction() + "\n" + Payload.interaction() + "\n"
        let run = try Self.validate(text)
        #expect(run.status == 0)
        #expect(run.text.hasPrefix("-:2:"))
        #expect(run.text.contains("warning: "))
        #expect(run.text.contains("[request-repeated]"))
        let quiet = try Self.validate(text, "-q")
        #expect(quiet.output.isEmpty)
        #expect(quiet.errors.isEmpty)
    }

    @Test
    func summariesForMachines() throws {
        let run = try Self.validate(Payload.interaction() + "\n{}\n", "--format", "json")
        let summary = try JSONText(run.errors)
        #expect(summary.number("messages") == 2)
        #expect(summary.number("valid") == 1)
        #expect(summary.number("invalid") == 1)
    }

    @Test
    func wrongUsage() throws {
        for arguments in [["--bogus"], ["--input", "xml"], ["--format", "yaml"]] {
            let run = try CommandLineTool.run(["validate"] + arguments)
            #expect(run.status == 64)
            #expect(run.errors.contains("Usage: interaction-migrate validate"))
        }
    }
}
