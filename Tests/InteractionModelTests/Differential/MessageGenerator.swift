// Random messages of every kind the contract knows, sound or damaged.

import InteractionModel

/// Makes messages from a seed.
struct MessageGenerator {
    var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Makes a message of some kind; without damage it complies with the definition that comes with it.
    mutating func message() -> (JSONTree, InteractionSchema.Definition) {
        switch random.below(20) {
        case 0..<7: return (payload(), .interactionPayload)
        case 7..<14: return (envelope(), .interactionEnvelope)
        case 14: return (reply(state: random.pick(["started", "completed", "error"])), .superpowerResponse)
        case 15: return (reply(state: "error"), .errorResponse)
        default:
            let isError = random.chance(50)
            let payload = reply(state: isError ? "error" : random.pick(["started", "completed"]))
            let reference = isError ? "optave.error.v3" : "optave.response.v3"
            return (envelope(payload, schemaRef: reference), .responseEnvelopeTolerant)
        }
    }

    mutating func payload() -> JSONTree {
        .members(
            ("session", session()),
            (
                "request",
                .members(
                    ("requestId", text()),
                    ("attributes", maybe(.members(("content", text()), ("instruction", maybe(text()))))),
                    ("connections", .members(("threadId", text()), ("parentId", maybe(text())))),
                    ("context", .members(("organizationId", text()), ("caseId", maybe(text())))),
                    ("reference", maybe(reference())),
                    ("resources", maybe(resources())),
                    ("scope", scope()),
                    ("settings", maybe(settings())),
                    ("a2a", maybe(.array([.members(("id", text()), ("name", maybe(text())))]))),
                    ("cursor", maybe(.members(("since", maybe(time())), ("until", maybe(time())))))
                )
            )
        )
    }

    mutating func envelope() -> JSONTree {
        envelope(payload(), schemaRef: "optave.message.v3")
    }

    private mutating func envelope(_ payload: JSONTree, schemaRef: String) -> JSONTree {
        .members(
            ("action", .string("message")),
            (
                "headers",
                .members(
                    ("correlationId", uuid()),
                    ("action", .string("interaction")),
                    ("schemaRef", .string(schemaRef)),
                    ("sdkVersion", maybe(.string("none"))),
                    ("identifier", maybe(.string("message"))),
                    ("traceId", maybe(uuid())),
                    ("idempotencyKey", maybe(uuid())),
                    ("timestamp", maybe(time())),
                    ("issuedAt", maybe(time())),
                    ("tenantId", maybe(text())),
                    ("networkLatencyMs", maybe(.raw(random.pick(["0", "-0", "1.50", "3e2", "123456789012345678901"]))))
                )
            ),
            ("payload", payload)
        )
    }

    private mutating func reply(state: String) -> JSONTree {
        var items: [JSONTree] = []
        for _ in 0..<random.below(3) {
            let score = maybe(.raw("0.5"))
            items.append(.members(("content", text()), ("error_code", maybe(.string("E1"))), ("score", score)))
        }
        return .members(
            ("action", .string("superpower")),
            ("actionType", .string("sentiment_analysis")),
            ("state", .string(state)),
            ("message", .members(("results", .array([.members(("response", maybe(.array(items))))])))),
            ("correlationId", maybe(uuid()))
        )
    }
}

extension MessageGenerator {
    private mutating func scope() -> JSONTree {
        var conversations: [JSONTree] = []
        for _ in 0...random.below(2) { conversations.append(conversation()) }
        let event: JSONTree = .members(
            ("content", text()),
            ("role", .string("system")),
            ("timestamp", maybe(time()))
        )
        return .members(
            ("conversations", .array(conversations)),
            ("interactions", maybe(.array([event]))),
            ("products", maybe(.array([.members(("id", text()))]))),
            (random.pick(["tickets", "persons", "policies"]), maybe(.array([.raw("1"), .raw("null"), .array([])])))
        )
    }

    private mutating func conversation() -> JSONTree {
        var participants: [JSONTree] = []
        var messages: [JSONTree] = []
        let people = 1 + random.below(random.chance(5) ? 14 : 3)
        for person in 0..<people {
            participants.append(
                .members(
                    ("participantId", .string("person \(person)")),
                    ("displayName", maybe(text())),
                    ("role", .string(random.pick(["operator", "user", "bot"])))
                )
            )
        }
        for second in 0...random.below(4) {
            messages.append(
                .members(
                    ("content", random.chance(10) ? .string("") : text()),
                    ("participantId", .string("person \(random.below(people))")),
                    ("timestamp", random.chance(80) ? .string("2024-05-06T17:40:0\(second).5Z") : nil)
                )
            )
        }
        return .members(
            ("conversationId", maybe(text())),
            ("participants", .array(participants)),
            ("messages", .array(messages)),
            ("metadata", maybe(.members(("subject", text()))))
        )
    }

    private mutating func session() -> JSONTree {
        .members(("sessionId", maybe(text())), ("channel", maybe(channel())), ("interface", maybe(face())))
    }

    private mutating func channel() -> JSONTree {
        .members(
            ("medium", maybe(.string(random.pick(["chat", "voice", "email"])))),
            ("language", maybe(text())),
            ("metadata", maybe(.array([text()])))
        )
    }

    private mutating func face() -> JSONTree {
        .members(("name", maybe(text())), ("type", maybe(text())), ("extra", maybe(.raw("true"))))
    }

    private mutating func reference() -> JSONTree {
        .members(
            ("ids", maybe(.array([.members(("name", text()), ("value", text()))]))),
            ("tags", maybe(.array([text()]))),
            ("labels", maybe(.array([])))
        )
    }

    private mutating func resources() -> JSONTree {
        let link: JSONTree = .members(
            ("url", text()),
            ("html", maybe(.raw("false"))),
            ("expires_at", maybe(time()))
        )
        return .members(
            ("codes", maybe(.array([.members(("id", text()), ("value", maybe(text())))]))),
            ("links", maybe(.array([link])))
        )
    }

    private mutating func settings() -> JSONTree {
        .members(
            ("disableBrowsing", maybe(.raw(random.pick(["true", "false"])))),
            ("maxResponseLength", maybe(.raw(random.pick(["0", "1e3", "-2.25"]))))
        )
    }

    private mutating func maybe(_ value: JSONTree) -> JSONTree? {
        random.chance(60) ? value : nil
    }

    private mutating func text() -> JSONTree {
        .string(random.pick(["a", "org_default", "naïve 😀 \u{0}", "line\nbreak", "\"quoted\\\"", "a/b", "thread-17"]))
    }

    private mutating func uuid() -> JSONTree {
        .string(random.pick(["018f4e2a-7b1c-7def-8abc-0123456789ab", "018F4E2A-7B1C-7DEF-BABC-0123456789AB"]))
    }

    private mutating func time() -> JSONTree {
        .string(random.pick(["2024-05-06T17:40:19Z", "2024-05-06T17:40:19.123Z", "2024-05-06T17:40:19.123+02:00"]))
    }
}
