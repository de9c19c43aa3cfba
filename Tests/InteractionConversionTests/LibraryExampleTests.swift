// The examples of the README and of the libraries' pages: lines of code that compile, and of which these run.

import Foundation
import InteractionConversion
import InteractionModel
import TestSupport
import Testing

@Suite struct LibraryExampleTests {
    private static let record = #"""
        {"session":{"session_id":"s"},"request":{"request_id":"r","connections":{"thread_id":"t"},"scope":{\#
        "conversations":[{"participant_id":"p","display_name":"Ann","role":"EndUser","content":"Hello",\#
        "timestamp":"2025-08-05T10:00:00Z"}]}}}
        """#

    @Test func recordsAreConverted() async throws {
        var loaded: [[UInt8]] = []
        var findings: [Finding] = []
        func load(_ interactions: [[UInt8]]) async throws { loaded += interactions }
        func report(_ more: [Finding]) { findings += more }
        let archive = NSTemporaryDirectory() + "interaction-migrate-" + UUID().uuidString
        try (Self.record + "\n{}\n").write(toFile: archive, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: archive) }
        var options = ConversionOptions()
        options.mapping.organizationId = "org_1"
        for try await record in Converter(options).records(ofFiles: [archive]) {
            switch record.outcome.kind {
            case .converted: try await load(record.interactions)  // canonical JSON, UTF-8
            case .rejected: report(record.outcome.findings)
            case .skipped, .folded: continue
            }
        }
        #expect(loaded.count == 1 && findings.contains { $0.severity == .error })

        let line = try #require(loaded.first)
        var payload = try InteractionPayload(parsing: line)
        for conversation in payload.conversations {
            for message in conversation.messages {
                print(message.instant?.milliseconds ?? 0, message.participantId, message.content.count)
            }
        }
        payload.organizationId = "org_2"
        let changed = payload.json.json
        #expect(payload.conversations.first?.messages.first?.instant?.milliseconds == 1_754_388_000_000)
        #expect(String(decoding: changed, as: UTF8.self).contains(#""organizationId":"org_2""#))
        #expect(changed.count == line.count, "nothing else has changed")
    }

    /// What the pages show is here or in the sample, line by line; only the name of a file is another one.
    @Test(arguments: [
        "README.md", "Sources/InteractionModel/InteractionModel.docc/InteractionModel.md",
        "Sources/InteractionConversion/InteractionConversion.docc/InteractionConversion.md",
        "Sources/InteractionMigration/InteractionMigration.docc/InteractionMigration.md",
    ])
    func examplesAreCodeThatCompiles(page: String) throws {
        func lines(_ path: String) throws -> [String] {
            try String(contentsOfFile: TestFiles.package + "/" + path, encoding: .utf8)
                .replacing("\"archive.ndjson\"", with: "archive").components(separatedBy: "\n")
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        let sources = try [
            "Tests/InteractionConversionTests/LibraryExampleTests.swift", "samples/etl/Sources/etl/Etl.swift",
            "samples/etl/Sources/submit/Submit.swift",
        ].map(lines)
        let blocks = try lines(page).split(separator: "```swift", omittingEmptySubsequences: false).dropFirst()
        try #require(!blocks.isEmpty)
        for block in blocks {
            let code = Array(block.prefix { $0 != "```" })
            try #require(code.count > 3)
            let isThere = sources.contains { source in
                source.indices.contains { Array(source[$0...].prefix(code.count)) == code }
            }
            #expect(isThere, "\(page): no source has the lines\n\(code.joined(separator: "\n"))")
        }
    }
}
