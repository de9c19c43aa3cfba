// The validator: what it finds, where, and that its fast verdict is the same.

import Testing

@testable import InteractionModel

/// An Interaction that nothing speaks against; tests change it by replacing text.
private let sound = """
    {"session":{"channel":{"medium":"chat"}},"request":{"requestId":"r1","connections":{"threadId":"t1"},\
    "context":{"organizationId":"o1"},"scope":{"conversations":[{"participants":[\
    {"participantId":"p1","role":"user"},{"participantId":"p2","role":"bot"}],"messages":[\
    {"content":"a","participantId":"p1","timestamp":"2024-05-06T17:40:19Z"},\
    {"content":"b","participantId":"p2","timestamp":"2024-05-06T19:40:19.5+02:00"}]}],\
    "interactions":[{"content":"joined","role":"system","timestamp":"2024-05-06T17:40:00z"}]}}}
    """

private let headers = """
    "correlationId":"018f4e2a-7b1c-7def-8abc-0123456789ab","action":"interaction","schemaRef":"optave.message.v3"
    """

private func envelope(_ payload: String, headers: String = headers) -> String {
    #"{"action":"message","headers":{\#(headers)},"payload":\#(payload)}"#
}

/// Findings as `code path@offset`, and both verdicts.
private struct Outcome {
    var findings: [Finding] = []
    var isValid = false
    var fast = false

    var lines: [String] { findings.map { "\($0.code.rawValue) \($0.path ?? "-")" } }

    init(_ text: String, tenantIDLength: Int = 0) throws {
        let source = PaddedBytes(Array(text.utf8))
        var tape = JSONTape()
        try tape.scan(source.start, count: source.count)
        let view = tape.view(of: source.start)
        let form = InteractionValidator.Form(detecting: view, root: view.root)
        let validator = InteractionValidator(tenantIDLength: tenantIDLength)
        isValid = validator.validate(
            view,
            root: view.root,
            form: form,
            place: { Finding.Place(file: "test", offset: Int64($0)) },
            emit: { findings.append($0) }
        )
        fast = InteractionValidator.isValid(view, root: view.root, form: form, tenantIDLength: tenantIDLength)
    }
}

@Suite struct ValidatorTests {
    @Test func aSoundInteractionHasNoFindings() throws {
        for text in [sound, envelope(sound), "\n " + envelope(sound) + "\t"] {
            let outcome = try Outcome(text)
            #expect(outcome.lines == [])
            #expect(outcome.isValid && outcome.fast)
        }
    }

    @Test(arguments: [
        (#""requestId":"r1""#, #""requestId":" \t""#, "request-id-blank request.requestId"),
        (#""requestId":"r1""#, #""requestId":"""#, "request-id-blank request.requestId"),
        (#""requestId":"r1","#, "", "schema request.requestId"),
        (#""threadId":"t1""#, #""threadId":"""#, "schema request.connections.threadId"),
        (#""threadId":"t1""#, #""threadId":"\u0020""#, "schema request.connections.threadId"),
        (#""organizationId":"o1""#, #""organizationId":"  ""#, "schema request.context.organizationId"),
        (#""role":"bot""#, #""role":"Agent""#, "schema request.scope.conversations[0].participants[1].role"),
        (#""session":{"channel":{"medium":"chat"}},"#, "", "schema session"),
        (
            #"{"content":"b","participantId":"p2""#, #"{"content":"b","participantId":"p3""#,
            "unknown-participant request.scope.conversations[0].messages[1].participantId"
        ),
        (
            #"{"participantId":"p2","role":"bot"}"#,
            #"{"participantId":"p2","role":"bot"},{"participantId":"\u00702","role":"bot"}"#,
            "participant-repeated request.scope.conversations[0].participants[2].participantId"
        ),
        (
            "2024-05-06T17:40:19Z", "2024-02-30T17:40:19Z",
            "timestamp-invalid request.scope.conversations[0].messages[0].timestamp"
        ),
        ("2024-05-06T17:40:00z", "", "timestamp-invalid request.scope.interactions[0].timestamp"),
        (
            "19:40:19.5+02:00", "19:40:18.5+02:00",
            "messages-out-of-order request.scope.conversations[0].messages[1].timestamp"
        ),
    ])
    func oneFaultIsOneFinding(_ old: String, _ new: String, _ finding: String) throws {
        let text = try replacing(old, with: new, in: sound)
        for (text, prefix) in [(text, ""), (envelope(text), "payload.")] {
            let outcome = try Outcome(text)
            let words = finding.split(separator: " ")
            let others = outcome.lines.filter { !$0.hasPrefix("participant-unreferenced") }
            #expect(others == ["\(words[0]) \(prefix)\(words[1])"])
            #expect(!outcome.isValid && !outcome.fast)
            #expect(outcome.findings.allSatisfy { $0.stage == .check })
        }
    }

    @Test func aSpareParticipantIsOnlyNoted() throws {
        let text = try replacing(
            #"{"content":"b","participantId":"p2""#,
            with: #"{"content":"b","participantId":"\u00701""#,
            in: sound
        )
        let outcome = try Outcome(text)
        #expect(
            outcome.lines == ["participant-unreferenced request.scope.conversations[0].participants[1].participantId"]
        )
        #expect(outcome.findings.map(\.severity) == [.note])
        #expect(outcome.isValid && outcome.fast)
    }

    @Test func orderIsOnlyKnownWhenEveryMessageHasATime() throws {
        let text = try replacing(#","timestamp":"2024-05-06T17:40:19Z""#, with: "", in: sound)
        let third = #",{"content":"c","participantId":"p1","timestamp":"1999-01-01T00:00:00Z"}"#
        let outcome = try Outcome(replacing(#".5+02:00"}"#, with: #".5+02:00"}"# + third, in: text))
        #expect(outcome.lines == [])
        #expect(outcome.isValid && outcome.fast)
    }

    @Test func findingsPointAtTheByteAndHoldNoText() throws {
        let text = try replacing(#""content":"b""#, with: #""content":{"secret":"b"}"#, in: sound)
        let finding = try #require(try Outcome(text).findings.first)
        let head = try #require(text.firstRange(of: #"{"secret"#)).lowerBound
        #expect(finding.place.offset == Int64(text.utf8.distance(from: text.startIndex, to: head)))
        #expect(finding.path == "request.scope.conversations[0].messages[1].content")
        #expect(finding.message == "expected a string")
        #expect(!finding.description.contains("secret"))
    }

    @Test func aValueThatIsNoMessageIsRefused() throws {
        for text in ["null", "[]", "\"\"", "{}", #"{"headers":1,"payload":[]}"#, #"{"headers":{},"payload":{}}"#] {
            let outcome = try Outcome(text)
            #expect(!outcome.isValid && !outcome.fast)
            #expect(outcome.lines.allSatisfy { $0.hasPrefix("schema ") })
        }
    }

    @Test func manyParticipantsAreLookedUpByHash() throws {
        for count in [8, 9, 16, 17, 1000] {
            let people = (0..<count).map { #"{"participantId":"\u0070\#($0)","role":"user"}"# }
            let messages = (0..<count).map { #"{"content":"","participantId":"p\#($0)"}"# }
            func interaction(_ people: [String], _ messages: [String]) -> String {
                """
                {"session":{},"request":{"requestId":"r","connections":{"threadId":"t"},"context":\
                {"organizationId":"o"},"scope":{"conversations":[{"participants":[\(people.joined(separator: ","))],\
                "messages":[\(messages.joined(separator: ","))]}]}}}
                """
            }
            #expect(try Outcome(interaction(people, messages)).lines == [])
            let repeated = try Outcome(interaction(people + [people[0]], messages))
            #expect(
                repeated.lines
                    == ["participant-repeated request.scope.conversations[0].participants[\(count)].participantId"]
            )
            let unknown = try Outcome(interaction(Array(people.dropLast()), messages))
            #expect(
                unknown.lines
                    == ["unknown-participant request.scope.conversations[0].messages[\(count - 1)].participantId"]
            )
            #expect(!repeated.fast && !unknown.fast)
        }
    }

    @Test func bothVerdictsAgreeOnDamagedMessages() throws {
        var generator = MessageGenerator(seed: 7)
        var valid = 0
        for number in 0..<3000 {
            var message = number % 2 == 0 ? generator.payload() : generator.envelope()
            for _ in 0..<generator.random.below(4) { generator.damage(&message) }
            var text = ""
            var spelling: SplitMix64? = SplitMix64(seed: UInt64(number))
            message.write(to: &text, random: &spelling)
            let outcome = try Outcome(text)
            #expect(outcome.isValid == outcome.fast, "message \(number): \(text)")
            #expect(outcome.isValid == outcome.findings.allSatisfy { $0.severity != .error }, "message \(number)")
            if outcome.isValid { valid += 1 }
        }
        #expect(valid > 600 && valid < 2400)
    }
}

@Suite struct InteractionSizeTests {
    private static let id = "018f4e2a-7b1c-7def-8abc-0123456789ab"

    private func sized(_ count: Int, fill: String = "x") throws -> String {
        let room = count - sound.utf8.count + 1
        return try replacing(
            #""content":"a""#,
            with: #""content":"\#(String(repeating: fill, count: room))""#,
            in: sound
        )
    }

    @Test func theAllowanceIsAnEnvelopeWithoutItsPayload() {
        let envelope = """
            {"action":"message","headers":{"correlationId":"\(Self.id)","action":"interaction",\
            "schemaRef":"optave.message.v3","sdkVersion":"none","identifier":"message","traceId":"\(Self.id)",\
            "idempotencyKey":"\(Self.id)","timestamp":"2024-05-06T17:40:19.123+00:00",\
            "issuedAt":"2024-05-06T17:40:19.123Z","tenantId":"acme","networkLatencyMs":123456789012345678901234},\
            "payload":}
            """
        #expect(InteractionSize.envelopeAllowance(tenantIDLength: 4) == envelope.utf8.count)
        #expect(InteractionSize.envelopeAllowance() == envelope.utf8.count - #""tenantId":"acme","#.utf8.count)
    }

    @Test func aPayloadIsPlannedWithRoomForItsEnvelope() throws {
        let room = InteractionSize.limit - InteractionSize.envelopeAllowance()
        #expect(try Outcome(sized(room)).isValid)
        #expect(try Outcome(sized(room)).fast)
        let larger = try Outcome(sized(room + 1))
        #expect(larger.lines == ["oversize -"])
        #expect(larger.findings.first?.message == "131073 bytes on the wire, and 131072 is the most")
        #expect(!larger.fast)
        #expect(try !Outcome(sized(room), tenantIDLength: 1).fast)
    }

    @Test func anEnvelopeCountsWithRoomForWhatSendingAdds() throws {
        let issued = headers + #","issuedAt":"2024-05-06T17:40:19.123Z""#
        let room = InteractionSize.limit - envelope("", headers: issued).utf8.count
        for headers in [headers, issued] {
            #expect(try Outcome(envelope(sized(room), headers: headers)).fast)
            #expect(try Outcome(envelope(sized(room + 1), headers: headers)).lines == ["oversize -"])
        }
    }

    @Test func whatCountsIsTheCanonicalText() throws {
        let room = InteractionSize.limit - InteractionSize.envelopeAllowance()
        let spaces = String(repeating: " ", count: 100_000)
        #expect(try Outcome(replacing(#""request":"#, with: #""request":\#(spaces)"#, in: sized(room))).fast)
        let escaped = try replacing("xxxxxx", with: #"\u0078xxxxx"#, in: sized(room))
        #expect(try Outcome(escaped).fast)
    }
}

@Suite struct InteractionSchemaTests {
    @Test func whatTheEvaluatorDoesNotKnowIsRefused() throws {
        let schema = String(decoding: PackageResources.interaction_v3_2_schema_json, as: UTF8.self)
        _ = try SchemaCompiler.compile(Array(schema.utf8))
        for (old, new, error) in [
            (#""minLength": 1"#, #""maxLength": 1"#, SchemaError.unknownKeyword("maxLength")),
            (#"-7[0-9a-fA-F]{3}"#, #"-4[0-9a-fA-F]{3}"#, nil),
            (#""type": "number""#, #""type": "integer""#, .unsupportedValue(keyword: "type")),
            (##""#/$defs/Peer""##, ##""#/$defs/Peers""##, .unknownDefinition("Peers")),
            (##""#/$defs/Peer""##, #""other.json""#, .unknownDefinition("other.json")),
            (#""const": "interaction""#, #""const": 1"#, .unsupportedValue(keyword: "const")),
            (#""then": {"#, #""else": {"#, .unknownKeyword("else")),
        ] {
            let changed = Array(try replacing(old, with: new, in: schema).utf8)
            let found = #expect(throws: SchemaError.self) { try SchemaCompiler.compile(changed) }
            if let error { #expect(found == error) }
        }
    }

    @Test func everyViolationIsFoundAtItsPlace() throws {
        let text = #"{"session":[],"request":{"scope":{"conversations":[{"messages":[{"content":1},"x"]}]}}}"#
        let source = PaddedBytes(Array(text.utf8))
        var tape = JSONTape()
        try tape.scan(source.start, count: source.count)
        var found: [String] = []
        InteractionSchema.violations(of: .interactionPayload, view: tape.view(of: source.start), at: 0) { violation in
            found.append("\(violation.offset) \(violation.path): \(violation.expected)")
        }
        let missing = "a value, because it is required"
        #expect(
            found == [
                "11 session: an object",
                "75 request.scope.conversations[0].messages[0].content: a string",
                "64 request.scope.conversations[0].messages[0].participantId: \(missing)",
                "78 request.scope.conversations[0].messages[1]: an object",
                "51 request.scope.conversations[0].participants: \(missing)",
                "24 request.requestId: \(missing)",
                "24 request.connections: \(missing)",
                "24 request.context: \(missing)",
            ]
        )
    }
}

/// Replaces the first occurrence of a text, which must be there.
private func replacing(_ old: String, with new: String, in text: String) throws -> String {
    try #require(text.contains(old))
    return text.replacing(old, with: new, maxReplacements: 1)
}
