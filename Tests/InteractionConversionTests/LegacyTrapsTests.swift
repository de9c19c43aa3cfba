// The traps of the legacy generations: the vendor's SDK puts values there that nobody said, and others look alike.

import InteractionConversion
import InteractionModel
import Testing

@Suite struct LegacyTrapsTests {
    private func convert(_ json: String) async throws -> ConvertedRecord {
        var options = ConversionOptions()
        options.mapping.organizationId = "org"
        var records: [ConvertedRecord] = []
        for try await record in Converter(options).records(of: Array(json.utf8)) { records.append(record) }
        return try #require(records.first)
    }

    private func payload(_ json: String) async throws -> InteractionPayload {
        let record = try await convert(json)
        return try InteractionPayload(parsing: try #require(record.interactions.first))
    }

    private static let said = #"{"participant_id":"p","role":"EndUser","content":"hello"}"#

    private static func version31(_ session: String, _ request: String) -> String {
        """
        {"session":{\(session)},"request":{"connections":{"thread_id":"t"},"scope":{"conversations":[\(said)]\(request)}}
        """
    }

    private static let signature = #""trace_id":"x","interface":{"sdk_version":"3.1.1"}"#

    @Test func theSDKsLatencyIsMadeUpAndAHandMadeOneIsNot() async throws {
        let latency = #""network":{"latency_ms":120}"#
        let traffic = try await payload(Self.version31("\(Self.signature),\(latency)", "}"))
        #expect(traffic.conversations[0].metadata == nil)
        let handMade = try await payload(Self.version31(#""session_id":"s",\#(latency)"#, "}"))
        let kept = handMade.conversations[0].metadata?["legacy"]?["session.network.latency_ms"]
        #expect(kept == .number("120"))
    }

    @Test func placeholdersAreNoiseFromTheSDKAndDataElsewhere() async throws {
        let rest =
            #","interactions":[]},"reference":{"ids":[{"name":"","value":""}]},"a2a":[{"id":"","name":"","type":""}]"#
        let traffic = try await payload(Self.version31(Self.signature, rest))
        let names = traffic.json["request"]?["reference"]?["ids"]?.elements.map { $0["name"]?.text }
        #expect(names == ["trace_id", "legacy_sdk_version"])
        #expect(traffic.json["request"]?["a2a"]?.elements == [])
        let handMade = try await payload(Self.version31(#""session_id":"s""#, rest))
        #expect(handMade.json["request"]?["reference"]?["ids"]?.elements.count == 1)
        #expect(handMade.json["request"]?["a2a"]?.elements.count == 1)
    }

    @Test func theEventPlaceholderOfWordsIsDropped() async throws {
        let words = #"{"content":"string","id":"string","name":"string","role":"string","timestamp":"datetime"}"#
        let traffic = try await payload(Self.version31(Self.signature, #","interactions":[\#(words)]}"#))
        #expect(traffic.interactions.isEmpty)
        let handMade = try await payload(Self.version31(#""session_id":"s""#, #","interactions":[\#(words)]}"#))
        #expect(handMade.interactions.map(\.content) == ["string"])
        #expect(handMade.interactions[0].timestamp == nil)
    }

    @Test func anEmptyUserIsNoiseFromTheSDKAndDataElsewhere() async throws {
        let user = #""user":{"user_ID":"","consent_and_preferences":{},"loyalty_details":{},"total_spend":0}"#
        let entries = #""user_perspective":[{"role":"EndUser","content":"x"}]"#
        let traffic = try await payload(
            #"{"session":{"sdk_version":"2.0.6","trace_session_ID":"t",\#(entries)},\#(user)}"#
        )
        #expect(traffic.json["request"]?["scope"]?["users"] == nil)
        let handMade = try await payload(#"{"session":{\#(entries)},\#(user)}"#)
        let kept = handMade.json["request"]?["scope"]?["users"]?.elements.first
        #expect(kept?["consent_and_preferences"] == .object([]))
    }

    @Test func aMessageWithoutConversationIsRefusedWithAReason() async throws {
        let record = try await convert(#"{"request":{"request_type":"message","content":"only this"}}"#)
        #expect(record.outcome.kind == .rejected)
        #expect(record.outcome.findings.contains { $0.code == .noMessages && !$0.message.isEmpty })
    }

    @Test func theRequestsOwnTextIsNoMessage() async throws {
        // Recorded traffic of 3.2 may hold another customer's text there.
        let json = """
            {"session":{},"request":{"requestId":"r","content":"somebody else","connections":{"threadId":"t"},\
            "context":{"organizationId":"o"},"scope":{"conversations":[{"participants":[{"participantId":"p",\
            "role":"EndUser"}],"messages":[{"participantId":"p","content":"mine"}]}]}}}
            """
        let result = try await payload(json)
        #expect(result.conversations[0].messages.map(\.content) == ["mine"])
        #expect(result.json["request"]?["attributes"]?["content"] == .string("somebody else"))
        #expect(result.json["request"]?["content"] == nil)
    }

    @Test func absentDisableStreamMeantFalse() async throws {
        let result = try await payload(Self.version31(#""session_id":"s""#, "}"))
        #expect(result.json["request"]?["settings"]?["disableStream"] == .bool(false))
    }

    @Test func nestedTranscriptsAreOtherConversations() async throws {
        let json = """
            {"session":{"user_perspective":[{"role":"EndUser","content":"now"}],"notes":[{"content":"a note"}]},\
            "user":{"user_name":"Ann","past_sessions":[{"user_perspective":[{"role":"EndUser","content":"then"}]}]}}
            """
        let result = try await payload(json)
        #expect(result.conversations[0].messages.map(\.content) == ["now"])
        #expect(result.interactions.map(\.content) == ["a note"])
        #expect(result.json["request"]?["scope"]?["users"]?.elements.first?["past_sessions"] != nil)
    }
}
