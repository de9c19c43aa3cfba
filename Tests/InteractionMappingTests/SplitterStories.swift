// Records that are too large, in every generation's shape, and what becomes of them.

import Foundation
import TestSupport
import Testing

@testable import InteractionMapping
@testable import InteractionModel

/// How a generation writes a conversation down.
enum Wrapping: String, CaseIterable, Sendable {
    case v1Wrapper
    case v1Bare
    case v2
    case v3
    case v31
    case v32
    case envelope
    case interaction

    var hasParent: Bool { self != .v1Wrapper && self != .v1Bare }
    var hasScope: Bool { self != .v1Wrapper && self != .v1Bare }
}

/// A conversation with whatever surrounds it.
struct Story {
    struct Message {
        /// The text as JSON spells it, without quotes.
        var spelled: String
        var speaker: Int
        var time: String
    }

    enum Shape: String, CaseIterable, Sendable {
        case manyMessages
        case giantText
        case giantCJK
        case giantEmoji
        case giantCombining
        case giantEscapes
        case giantSurrogates
        case manyEvents
        case manyOrders
        case manyKept

        /// Whether most of the text are escapes that the canonical spelling does without.
        var isSpelledLong: Bool { self == .giantEscapes || self == .giantSurrogates }

        static let texts: [Shape] = [
            .giantText, .giantCJK, .giantEmoji, .giantCombining, .giantEscapes, .giantSurrogates,
        ]
    }

    /// Every way of writing with everything that it can hold.
    static let cases: [(Wrapping, Shape)] = Wrapping.allCases.flatMap { wrapping in
        Shape.allCases.filter { wrapping.hasScope || $0 != .manyEvents && $0 != .manyOrders }.map { (wrapping, $0) }
    }

    var messages: [Message] = []
    var events: [String] = []
    var orders: [String] = []
    /// Values that have no home in the target.
    var kept: [(key: String, value: String)] = []
    var requestId = "request-1"
    var parentId = "parent-1"
    /// A participant without messages.
    var silent: String?
    /// Further members of the conversation's metadata, in v3.2.
    var metadata = ""

    static var small: Story { Story(content: "Hello") }

    /// One message of this text, which must need no escapes, and a short answer.
    init(content: String) {
        messages = [
            Message(spelled: content, speaker: 0, time: Self.time(0)),
            Message(spelled: "Yes", speaker: 1, time: Self.time(1)),
        ]
    }

    init(_ shape: Shape, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = Self.pieces(shape)
        let count = shape == .manyMessages ? 900 : Shape.texts.contains(shape) ? 3 : 60
        for index in 0..<count {
            let isGiant = Shape.texts.contains(shape) && index == 1
            var text = ""
            let size =
                isGiant
                ? (shape.isSpelledLong ? 700_000 : 300_000)
                : shape == .manyMessages ? Int.random(in: 0...600, using: &random) : 20
            while text.utf8.count < size { text += pieces.randomElement(using: &random) ?? "x" }
            let speaker = shape == .manyMessages ? Int.random(in: 0..<40, using: &random) : index % 3
            messages.append(Message(spelled: text, speaker: speaker, time: Self.time(index)))
        }
        let filling = String(repeating: "0123456789", count: 40)
        switch shape {
        case .manyEvents: events = (0..<700).map { "event-\($0) \(filling)" }
        case .manyOrders: orders = (0..<700).map { "order-\($0) \(filling)" }
        case .manyKept: kept = (0..<200).map { ("kept\($0)", "\($0) " + String(repeating: filling, count: 4)) }
        default: break
        }
    }

    private static func pieces(_ shape: Shape) -> [String] {
        switch shape {
        case .giantCJK: ["日本語", "한국어", "中文。", "か\u{3099}", "각", "각"]
        case .giantEmoji: ["👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇫🇷", "🇩🇪🇯🇵", "x", "😀"]
        case .giantCombining: ["e\u{301}\u{323}", "क्षि", "\u{0E01}\u{0E33}", "a\u{20DD}\u{301}\u{302}", " "]
        case .giantEscapes:
            [
                #"\n"#, #"\u000d\u000a"#, #"\""#, #"\\"#, #"\/"#, #"\u00e9"#, #"e\u0301"#, "x",
                #"\ud83d\udc4d\ud83c\udffd"#,
            ]
        case .giantSurrogates: [#"\ud800"#, #"\udc00x"#, "y", #"\ud83d\ude00"#, #"\u0000"#]
        default: ["word ", "another, ", "é", "日", "\\n", "😀"]
        }
    }

    private static func time(_ index: Int) -> String {
        let digits = String(1_000_000 + index).dropFirst()
        return "2024-05-06T17:40:19.\(digits)Z"
    }

    static func role(_ speaker: Int) -> String { ["user", "operator", "bot"][speaker % 3] }

    /// The messages' texts as the canonical writer spells them, found without the code under test.
    var canonicalContents: [[UInt8]] {
        messages.map { message in
            // An escaped backslash must not lend its second half to what follows.
            var text = message.spelled.replacingOccurrences(of: #"\\"#, with: "\u{1}", options: .literal)
            for (spelled, canonical) in [
                (#"\/"#, "/"), (#"\u000d"#, #"\r"#), (#"\u000a"#, #"\n"#), (#"\u00e9"#, "é"), (#"\u0301"#, "\u{301}"),
                (#"\ud83d\udc4d"#, "👍"), (#"\ud83c\udffd"#, "\u{1F3FD}"), (#"\ud83d\ude00"#, "😀"),
                (#"\ud800\udc00"#, "\u{10000}"),
            ] {
                text = text.replacingOccurrences(of: spelled, with: canonical, options: .literal)
            }
            text = text.replacingOccurrences(of: "\u{1}", with: #"\\"#, options: .literal)
            return Array(text.utf8)
        }
    }

    // MARK: The record

    func source(_ wrapping: Wrapping, with second: Story? = nil) -> String {
        switch wrapping {
        case .v1Wrapper: return #"{"action":"message","actionType":"customerinteraction","inputs":\#(version1)}"#
        case .v1Bare: return version1
        case .v2: return version2(#""product_ID":"p""#)
        case .v3: return version2(#""product":{"product_ID":"p"}"#)
        case .v31:
            let events = list(events) { #"{"content":"\#($0)","role":"System"}"# }
            let orders = list(orders) { #"{"id":"\#($0)"}"# }
            return """
                {"session":{"session_id":"s-1"},"request":{"request_id":"\(requestId)","context":{"organization_id":"org-1"},\
                "connections":{"thread_id":"thread-1","parent_id":"\(parentId)"},"scope":{\
                "conversations":\(flat("participant_id")),"interactions":\(events),"orders":\(orders)}\(keptMembers)}}
                """
        case .v32: return version32(with: second)
        case .envelope:
            return
                #"{"action":"message","headers":{"action":"customerInteraction","tenantId":"tenant-1"},"payload":\#(version32(with: second))}"#
        case .interaction:
            return """
                {"action":"message","headers":{"action":"interaction","correlationId":"01890a5d-ac96-774b-bcce-b302099a8057",\
                "schemaRef":"optave.message.v3","sdkVersion":"none","identifier":"message",\
                "traceId":"01890a5d-ac96-774b-bcce-b302099a8058","idempotencyKey":"01890a5d-ac96-774b-bcce-b302099a8059"},\
                "payload":\(version32(with: second))}
                """
        }
    }

    private var version1: String { #"{"history":\#(flat("id"))\#(keptMembers)}"# }

    private var keptMembers: String { kept.map { #","\#($0.key)":"\#($0.value)""# }.joined() }

    private func flat(_ id: String) -> String {
        list(messages) {
            let role = ["EndUser", "Agent", "Bot"][$0.speaker % 3]
            return
                #"{"timestamp":"\#($0.time)","\#(id)":"person-\#($0.speaker)","role":"\#(role)","content":"\#($0.spelled)"}"#
        }
    }

    private func version2(_ product: String) -> String {
        let events = list(events) { #"{"content":"\#($0)","role":"System"}"# }
        let orders = list(orders) { #"{"id":"\#($0)"}"# }
        return """
            {"session":{"trace_parent_ID":"\(parentId)","user_perspective":\(flat("id")),"interactions":\(events),\
            "open_orders":\(orders)},"request":{"request_ID":"\(requestId)",\(product)\(keptMembers)},\
            "client":{"organization_ID":"org-1"}}
            """
    }

    private func version32(with second: Story?) -> String {
        let events = list(events) { #"{"content":"\#($0)","role":"system"}"# }
        let orders = list(orders) { #"{"id":"\#($0)"}"# }
        return """
            {"session":{"sessionId":"s-1"},"request":{"requestId":"\(requestId)","context":{"organizationId":"org-1"},\
            "connections":{"threadId":"thread-1","parentId":"\(parentId)"},"scope":{\
            "conversations":[\(conversation)\(second.map { "," + $0.conversation } ?? "")],\
            "interactions":\(events),"orders":\(orders)}}}
            """
    }

    private var conversation: String {
        var people = Set(messages.map(\.speaker)).sorted().map {
            #"{"participantId":"person-\#($0)","role":"\#(Self.role($0))"}"#
        }
        if let silent { people.append(#"{"participantId":"\#(silent)","role":"user"}"#) }
        let spoken = list(messages) {
            #"{"content":"\#($0.spelled)","participantId":"person-\#($0.speaker)","timestamp":"\#($0.time)"}"#
        }
        let legacy = kept.isEmpty ? "" : "\"legacy\":{" + keptMembers.dropFirst() + "}"
        let metadata = [legacy, metadata].filter { !$0.isEmpty }.joined(separator: ",")
        return #"{"participants":[\#(people.joined(separator: ","))],"messages":\#(spoken),"metadata":{\#(metadata)}}"#
    }

    private func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
        "[" + elements.map(text).joined(separator: ",") + "]"
    }
}

/// One record through the mapper.
struct Mapped {
    var outcome: RecordOutcome
    var lines: [[UInt8]]
    var books: Books
    private var form: MappingOptions.Form

    init(_ source: String, _ form: MappingOptions.Form, _ options: MappingOptions = MappingOptions()) throws {
        try self.init(Array(source.utf8), form, options)
    }

    init(_ source: [UInt8], _ form: MappingOptions.Form, _ options: MappingOptions = MappingOptions()) throws {
        var options = options
        options.form = form
        if options.organizationId == nil { options.organizationId = "org-1" }
        var mapper = RecordMapper(options: options)
        let text = PaddedBytes(source)
        mapper.begin(RecordSource(file: "test", run: text.start, runOffset: 0, line: 1, lineOffset: 0))
        outcome = mapper.map(
            UnsafeRawBufferPointer(start: text.start, count: text.count),
            start: 0,
            range: 0..<Int64(source.count),
            number: 1,
            rewrite: { _ in nil }
        )
        books = mapper.books
        let output = mapper.takeOutput().array
        lines = outcome.outputs.map { Array(output[$0.range]) }
        self.form = form
    }

    func payloads() throws -> [Tree] {
        try lines.map { line in
            let tree = try Tree(line)
            return try #require(form == .rest ? tree : tree["payload"])
        }
    }

    /// Every message fits, with room for what sending adds, in bytes and in UTF-16 units.
    func expectSized() {
        for line in lines {
            let room =
                form == .rest
                ? InteractionSize.envelopeAllowance() : ",\"issuedAt\":\"2024-05-06T17:40:19.123Z\"".utf8.count
            #expect(line.count + room <= 131_072)
            #expect(String(decoding: line, as: UTF8.self).utf16.count + room <= 131_072)
        }
    }

    /// Every message is valid, and all parts are there.
    func expectValidSet() throws {
        var checker = SubmissionSetChecker()
        let validator = InteractionValidator()
        for line in lines {
            let padded = PaddedBytes(line)
            var tape = JSONTape()
            try tape.scan(padded.start, count: padded.count)
            let view = tape.view(of: padded.start)
            let form: InteractionValidator.Form = form == .rest ? .payload : .envelope
            let place: (Int) -> Finding.Place = { Finding.Place(file: "test", offset: Int64($0)) }
            let isValid = validator.validate(view, root: view.root, form: form, place: place) {
                #expect($0.severity != .error, "\($0.path ?? ""): \($0.message)")
            }
            #expect(isValid)
            #expect(InteractionValidator.isValid(view, root: view.root, form: form))
            checker.add(view, root: view.root, form: form, place: place) { Issue.record("\($0.message)") }
        }
        checker.finish { Issue.record("\($0.message)") }
    }
}

/// A JSON value with its strings as they are spelled.
indirect enum Tree: Hashable, CustomStringConvertible {
    case object([String: Tree])
    case array([Tree])
    case text([UInt8])
    case word(String)

    init(_ text: [UInt8]) throws {
        let padded = PaddedBytes(text)
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        self.init(tape.view(of: padded.start), 0)
    }

    private init(_ view: JSONView, _ node: Int) {
        switch view.kind(node) {
        case .object:
            var members: [String: Tree] = [:]
            view.forEachMember(node) { members[view.text($0).string] = Tree(view, $1) }
            self = .object(members)
        case .array:
            var elements: [Tree] = []
            view.forEachElement(node) { elements.append(Tree(view, $0)) }
            self = .array(elements)
        case .string: self = .text(Array(view.bytes(node)))
        default: self = .word(String(decoding: view.bytes(node), as: UTF8.self))
        }
    }

    subscript(_ path: String...) -> Tree? {
        var value = self
        for key in path {
            guard case .object(let members) = value, let inner = members[key] else { return nil }
            value = inner
        }
        return value
    }

    var elements: [Tree] {
        if case .array(let elements) = self { return elements }
        return []
    }

    var text: String? {
        if case .text(let bytes) = self { return String(decoding: bytes, as: UTF8.self) }
        return nil
    }

    var description: String {
        switch self {
        case .object(let members): "{" + members.map { "\($0): \($1)" }.sorted().joined(separator: ", ") + "}"
        case .array(let elements): "[" + elements.map(\.description).joined(separator: ", ") + "]"
        case .text(let bytes): "\"" + String(decoding: bytes, as: UTF8.self) + "\""
        case .word(let word): word
        }
    }
}
