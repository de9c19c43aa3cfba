// Conversations that are too large for one message: parts that fit, are valid, and rejoin to the original.

import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

@Suite
struct SplitterTests {
    @Test(arguments: Story.cases)
    func partsFitAndRejoin(_ wrapping: Wrapping, _ shape: Story.Shape) throws {
        let story = Story(shape, seed: 1)
        let source = story.source(wrapping)
        #expect(source.utf8.count > InteractionSize.limit)
        // The same record with little to say shows what every part must repeat.
        let small = try Mapped(Story.small.source(wrapping), .rest)
        let frame = try #require(try small.payloads().first)
        // The payload is the same in both forms; both are tried where it says the most.
        let forms: [MappingOptions.Form] = shape == .manyMessages ? [.rest, .websocket] : [.websocket]
        for form in forms {
            let mapped = try Mapped(source, form)
            #expect(mapped.outcome.kind == .converted, "\(mapped.outcome.findings.map(\.message))")
            #expect(mapped.books.isBalanced, "\(mapped.books)")
            let parts = try mapped.payloads()
            #expect(parts.count > 1)
            mapped.expectSized()
            try mapped.expectValidSet()
            try expectChained(parts, mapped.outcome, parent: wrapping.hasParent ? "parent-1" : nil)
            for part in parts { expectFrame(part, equals: frame, wrapping) }
            try expectJoined(Rejoined(parts), equals: story, wrapping)
        }
    }

    @Test(arguments: MappingOptions.Form.allCases)
    func partsOfTwoConversationsStayApart(_ form: MappingOptions.Form) throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<3 {
            let first = Story(.manyMessages, seed: random.next())
            let shape: Story.Shape? = [.manyMessages, .giantText, nil].randomElement(using: &random) ?? nil
            let second = shape.map { Story($0, seed: 12) } ?? .small
            let source = first.source(.envelope, with: second)
            let mapped = try Mapped(source, form)
            #expect(mapped.outcome.kind == .converted, "\(mapped.outcome.findings.map(\.message))")
            mapped.expectSized()
            try mapped.expectValidSet()
            let joined = try Rejoined(mapped.payloads())
            #expect(joined.conversations.keys.sorted() == [0, 1])
            #expect(joined.conversations[0]?.messages.map(\.content) == first.canonicalContents)
            #expect(joined.conversations[1]?.messages.map(\.content) == second.canonicalContents)
        }
    }

    @Test(arguments: Story.Shape.texts)
    func graphemeClustersAreNotTorn(_ shape: Story.Shape) throws {
        let mapped = try Mapped(Story(shape, seed: 3).source(.v31), .rest)
        let joined = try Rejoined(mapped.payloads())
        let message = try #require(joined.conversations[0]?.messages.max { $0.pieces.count < $1.pieces.count })
        #expect(message.pieces.count > 1)
        let whole = try message.pieces.map { try text($0) }
        let boundaries = characterBoundaries(whole.joined())
        var offset = 0
        for piece in whole {
            #expect(boundaries.contains(offset), "a cluster is torn at byte \(offset)")
            offset += piece.utf8.count
        }
    }

    @Test
    func aClusterThatIsLargerThanAPartIsCutBetweenItsScalars() throws {
        let content = "a" + String(repeating: "\u{301}", count: 150_000) + "z"
        let mapped = try Mapped(Story(content: content).source(.v32), .rest)
        #expect(mapped.outcome.kind == .converted)
        mapped.expectSized()
        let joined = try Rejoined(mapped.payloads())
        #expect(joined.conversations[0]?.messages.first?.content == Array(content.utf8))
        for piece in joined.conversations[0]?.messages.first?.pieces ?? [] {
            #expect(String(validating: piece, as: UTF8.self) != nil, "cut inside a scalar")
        }
    }

    @Test
    func longIdsOfTheSourceAreCountedInEveryPart() throws {
        for length in [37, 120, 900] {
            var story = Story(.manyMessages, seed: UInt64(length))
            story.requestId = String(repeating: "r", count: length)
            story.parentId = String(repeating: "p", count: length)
            let mapped = try Mapped(story.source(.v32), .websocket)
            #expect(mapped.outcome.kind == .converted, "ids of \(length) characters")
            try expectChained(mapped.payloads(), mapped.outcome, parent: story.parentId)
        }
    }

    @Test
    func aParticipantWhoSaysNothingIsInOnePart() throws {
        var story = Story(.manyMessages, seed: 9)
        story.silent = "silent-1"
        let parts = try Mapped(story.source(.v32), .rest).payloads()
        let holders = parts.filter { $0.description.contains("silent-1") }
        #expect(holders.count == 1, "nothing is lost, and nothing is there twice")
    }

    @Test
    func aPartThatIsCutAgainNamesOnlyItsNewPlace() throws {
        var story = Story(.manyMessages, seed: 10)
        story.metadata = #""part":{"index":2,"of":3,"requestId":"earlier"}"#
        let mapped = try Mapped(story.source(.v32), .rest)
        #expect(mapped.outcome.kind == .converted)
        for line in mapped.lines {
            let padded = PaddedBytes(line)
            var tape = JSONTape()
            try tape.scan(padded.start, count: padded.count)
            #expect(tape.supersededKeys.isEmpty, "a key is written twice")
        }
    }

    @Test
    func whatStandsBesideOneLongMessageIsSplitToo() throws {
        // One value and one message that do not fit together, and do not fit into one part with half of the other.
        var story = Story(content: String(repeating: "m", count: 80_000))
        story.kept = [("k0", String(repeating: "v", count: 80_000))]
        let mapped = try Mapped(story.source(.v32), .rest)
        #expect(mapped.outcome.kind == .converted, "\(mapped.outcome.findings.map(\.message))")
        try expectJoined(Rejoined(mapped.payloads()), equals: story, .v32)
    }

    @Test
    func fewMessagesAreEnoughForManyItems() throws {
        var story = Story.small
        story.orders = (0..<60).map { "order-\($0)-" + String(repeating: "o", count: 5000) }
        let mapped = try Mapped(story.source(.v31), .rest)
        #expect(mapped.outcome.kind == .converted, "\(mapped.outcome.findings.map(\.message))")
        try expectJoined(Rejoined(mapped.payloads()), equals: story, .v31)
    }

    // MARK: Refusals

    @Test(arguments: Wrapping.allCases)
    func oversizeRecordsAreRejectedOnDemand(_ wrapping: Wrapping) throws {
        var options = MappingOptions()
        options.oversize = .reject
        let mapped = try Mapped(Story(.manyMessages, seed: 1).source(wrapping), .rest, options)
        #expect(mapped.outcome.kind == .rejected)
        #expect(mapped.outcome.findings.contains { $0.code == .oversize && $0.severity == .error })
        #expect(mapped.lines.isEmpty)
        #expect(mapped.books.isBalanced)
        #expect(try Mapped(Story.small.source(wrapping), .rest, options).outcome.kind == .converted)
    }

    @Test
    func whatCannotBeCutIsRejected() throws {
        let large = String(repeating: "x", count: 140_000)
        var order = Story.small
        order.orders = [large]
        var kept = Story.small
        kept.kept = [("k", large)]
        var metadata = Story.small
        metadata.metadata = "\"own\":\"\(large)\""
        for (story, what) in [(order, "an order"), (kept, "a kept value"), (metadata, "metadata")] {
            let mapped = try Mapped(story.source(.v32), .rest)
            #expect(mapped.outcome.kind == .rejected, "\(what)")
            #expect(mapped.outcome.findings.map(\.code).contains(.oversize), "\(what)")
            #expect(mapped.lines.isEmpty)
            #expect(mapped.books.isBalanced)
        }
    }

    // MARK: What parts must be

    private func expectChained(_ parts: [Tree], _ outcome: RecordOutcome, parent: String?) throws {
        #expect(parts.map { $0["request", "requestId"]?.text } == outcome.outputs.map(\.requestId))
        #expect(Set(outcome.outputs.map(\.requestId)).count == parts.count)
        #expect(Set(parts.map { $0["request", "connections", "threadId"]?.text }) == [outcome.threadId])
        #expect(parts.first?["request", "connections", "parentId"]?.text == parent)
        for (part, earlier) in zip(parts.dropFirst(), parts) {
            #expect(part["request", "connections", "parentId"]?.text == earlier["request", "requestId"]?.text)
        }
        for (index, part) in parts.enumerated() {
            for conversation in part["request", "scope", "conversations"]?.elements ?? [] {
                let place = conversation["metadata", "part"]
                #expect(place?["index"] == .word("\(index + 1)"))
                #expect(place?["of"] == .word("\(parts.count)"))
                #expect(place?["requestId"]?.text == outcome.outputs.first?.requestId)
                let speakers = conversation["messages"]?.elements.compactMap { $0["participantId"] } ?? []
                let people = conversation["participants"]?.elements.compactMap { $0["participantId"] } ?? []
                #expect(Set(people.map(\.description)) == Set(speakers.map(\.description)))
                #expect(people.count == Set(people).count)
                #expect(!speakers.isEmpty)
            }
        }
    }

    private func expectFrame(_ part: Tree, equals small: Tree, _ wrapping: Wrapping) {
        #expect(part["session"] == small["session"])
        for key in ["context", "settings", "cursor", "a2a", "attributes"] {
            #expect(part["request", key] == small["request", key], "\(key)")
        }
        // A small Interaction goes out as it came; the headers of one that is cut cannot stay and are kept as ids.
        if wrapping != .interaction { #expect(part["request", "reference"] == small["request", "reference"]) }
    }

    private func expectJoined(_ joined: Rejoined, equals story: Story, _ wrapping: Wrapping) throws {
        let conversation = try #require(joined.conversations[0])
        #expect(joined.conversations.count == 1)
        #expect(conversation.messages.count == story.messages.count)
        #expect(conversation.messages.map(\.content) == story.canonicalContents)
        #expect(conversation.messages.map(\.time) == story.messages.map(\.time))
        #expect(conversation.messages.map(\.speaker) == story.messages.map { "person-\($0.speaker)" })
        let roles = Dictionary(
            uniqueKeysWithValues: Set(story.messages.map(\.speaker)).map { ("person-\($0)", Story.role($0)) }
        )
        #expect(conversation.roles == roles)
        if wrapping.hasScope {
            #expect((joined.scope["interactions"] ?? []).compactMap { $0["content"]?.text } == story.events)
            #expect((joined.scope["orders"] ?? []).compactMap { $0["id"]?.text } == story.orders)
        }
        for (key, value) in story.kept {
            let found = conversation.kept.filter { $0.key == key || $0.key.hasSuffix(".\(key)") }
            #expect(found.map(\.value) == [value], "\(key) must be there once")
        }
    }

    private func text(_ piece: [UInt8]) throws -> String {
        let padded = PaddedBytes([0x22] + piece + [0x22])
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        return tape.view(of: padded.start).text(0).string
    }

    private func characterBoundaries(_ text: String) -> Set<Int> {
        var result: Set<Int> = [0]
        var offset = 0
        for character in text {
            offset += character.utf8.count
            result.insert(offset)
        }
        return result
    }
}

/// The payload that some parts make together.
private struct Rejoined {
    struct Message {
        var pieces: [[UInt8]]
        var time: String?
        var speaker: String?

        var content: [UInt8] { pieces.reduce(into: []) { $0 += $1 } }
    }

    struct Conversation {
        var messages: [Message] = []
        var roles: [String: String] = [:]
        var kept: [(key: String, value: String)] = []
    }

    var conversations: [Int: Conversation] = [:]
    /// The arrays of `scope` but for the conversations.
    var scope: [String: [Tree]] = [:]

    init(_ parts: [Tree]) throws {
        var continuing: Int?
        for part in parts {
            guard case .object(let members)? = part["request", "scope"] else { continue }
            for (key, value) in members where key != "conversations" { scope[key, default: []] += value.elements }
            var next: Int?
            for conversation in part["request", "scope", "conversations"]?.elements ?? [] {
                let place = conversation["metadata", "part"]
                let number = place?["conversation"].flatMap { Int($0.description) } ?? 0
                var own = conversations[number] ?? Conversation()
                for participant in conversation["participants"]?.elements ?? [] {
                    own.roles[try #require(participant["participantId"]?.text)] = participant["role"]?.text
                }
                for (index, message) in (conversation["messages"]?.elements ?? []).enumerated() {
                    guard case .text(let content)? = message["content"] else { continue }
                    if index == 0, continuing == number {
                        own.messages[own.messages.count - 1].pieces.append(content)
                    } else {
                        let time = message["timestamp"]?.text
                        own.messages.append(
                            Message(pieces: [content], time: time, speaker: message["participantId"]?.text)
                        )
                    }
                }
                if place?["continues"] == .word("true") { next = number }
                if case .object(let kept)? = conversation["metadata", "legacy"] {
                    own.kept += kept.map { ($0.0, $0.1.text ?? $0.1.description) }
                }
                conversations[number] = own
            }
            continuing = next
        }
    }
}
