// Structural damage: one small change to one value of a message.

extension MessageGenerator {
    /// Changes one value, or its name.
    mutating func damage(_ message: inout JSONTree) {
        // The first levels decide most about a verdict, and are few among all values.
        let position = random.chance(40) ? random.below(min(message.size, 12)) : random.below(message.size)
        var generator = self
        message.replace(at: position) { name, value in generator.damaged(name, value) }
        self = generator
    }

    private mutating func damaged(_ name: String?, _ value: JSONTree) -> [(String, JSONTree)] {
        let key = name ?? ""
        switch random.below(10) {
        case 0: return []
        case 1: return [(renamed(key), value)]
        case 2: return [(key, junk())]
        case 3: return [(key, .raw("null"))]
        case 4: return [(key, random.pick([.string(""), .array([]), .object([])]))]
        case 5: return [(key, .string(random.pick(Self.texts)))]
        case 6: return [(key, value), (renamed(random.pick(Self.names)), junk())]
        case 7: return [(key, value), (key, random.chance(50) ? value : junk())]
        case 8: return [(key, random.chance(50) ? .array([value]) : .members(("value", value)))]
        default:
            guard case .string(let text) = value else { return [(key, junk())] }
            return [(key, .string(changed(text)))]
        }
    }

    private mutating func renamed(_ name: String) -> String {
        switch random.below(5) {
        case 0: name + "s"
        case 1: name.uppercased()
        case 2: String(name.dropLast())
        case 3: random.pick(Self.names)
        default: name
        }
    }

    private mutating func changed(_ text: String) -> String {
        switch random.below(6) {
        case 0: text + "\n"
        case 1: text + " "
        case 2: text.uppercased()
        case 3: String(text.dropLast())
        case 4: String(text.map { random.chance(6) ? random.pick(["7", "g", "-", "T", "٣", "9"]) : $0 })
        default: " " + text
        }
    }

    private mutating func junk() -> JSONTree {
        random.pick([
            .raw("true"), .raw("false"), .raw("null"), .raw("0"), .raw("-1.0"), .raw("1e400"), .raw(#""\ud800""#),
            .raw("99999999999999999999999"), .string(random.pick(Self.texts)), .array([]), .object([]),
            .array([.raw("1")]), .array([.object([])]), .members(("content", .string("x"))),
        ])
    }

    private static let names = [
        "action", "headers", "payload", "session", "request", "requestId", "scope", "conversations", "participants",
        "messages", "participantId", "role", "content", "timestamp", "connections", "context", "threadId", "results",
        "organizationId", "channel", "medium", "message", "state", "response", "unknown", "", "schemaRef", "tickets",
    ]

    private static let texts = [
        "", " ", "message", "superpower", "interaction", "customerinteraction", "customerInteraction", "elevate",
        "reception", "summarize", "Interaction", "optave.message.v3", "optave.response.v3", "optave.error.v3",
        "optave.message.v3\n", "started", "completed", "error", "operator", "user", "bot", "EndUser", "user\u{0}",
        "chat", "voice", "email", "sms", "018f4e2a-7b1c-7def-8abc-0123456789ab",
        "018f4e2a-7b1c-7def-8abc-0123456789ab\n", "018f4e2a-7b1c-4def-8abc-0123456789ab",
        "018f4e2a-7b1c-7def-cabc-0123456789ab", "018f4e2a7b1c7def8abc0123456789ab",
        "{018f4e2a-7b1c-7def-8abc-0123456789ab}", "2024-05-06T17:40:19Z", "2024-05-06T17:40:19.123Z\n",
        "2024-05-06T17:40:19.12Z", "2024-05-06T17:40:19.1234Z", "2024-13-99T99:99:99Z", "2024-05-06t17:40:19z",
        "2024-05-06 17:40:19Z", "2024-05-06T17:40:19+0200", "2024-05-06T17:40:19-00:00", "2024-05-06T17:40:19",
    ]
}
