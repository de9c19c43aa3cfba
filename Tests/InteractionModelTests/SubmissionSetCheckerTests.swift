// The checks of all messages together: repeated requests, and parts of conversations.

import InteractionModel
import Testing

@Suite struct SubmissionSetCheckerTests {
    /// One message: its own id, its thread, its parent, and what `metadata.part` says.
    private struct Sent {
        var request: String
        var thread = "t"
        var parent = ""
        var part: String?
    }

    private static func part(_ index: Int, _ count: Int, of first: String = "r1") -> String {
        #"{"index":\#(index),"of":\#(count),"requestId":"\#(first)"}"#
    }

    /// Feeds messages, alternating the two forms, and gives findings as `code message`.
    private func findings(_ messages: [Sent]) throws -> [String] {
        var checker = SubmissionSetChecker()
        var found: [String] = []
        for (number, message) in messages.enumerated() {
            let metadata = message.part.map { #"{"part":\#($0)}"# } ?? "{}"
            let payload = """
                {"request":{"requestId":"\(message.request)","connections":{"threadId":"\(message.thread)",\
                "parentId":"\(message.parent)"},"scope":{"conversations":[{"metadata":\(metadata)}]}}}
                """
            let text = number % 2 == 0 ? payload : #"{"headers":{},"payload":\#(payload)}"#
            let source = PaddedBytes(Array(text.utf8))
            var tape = JSONTape()
            try tape.scan(source.start, count: source.count)
            checker.add(
                tape.view(of: source.start),
                root: 0,
                form: number % 2 == 0 ? .payload : .envelope,
                place: { Finding.Place(file: "test", record: number + 1, offset: Int64($0)) },
                emit: { found.append("\($0.code.rawValue) \($0.place.record ?? 0) \($0.path ?? "-")") }
            )
        }
        checker.finish { found.append("\($0.code.rawValue) \($0.place.record ?? 0) \($0.message)") }
        return found
    }

    @Test func aRequestIdIsThereOnce() throws {
        #expect(
            try findings([Sent(request: "a"), Sent(request: "b"), Sent(request: #"\u0061"#), Sent(request: "a")]) == [
                "request-repeated 3 request.requestId", "request-repeated 4 payload.request.requestId",
            ]
        )
    }

    @Test func completePartsAreFineInAnyOrder() throws {
        let parts = [
            Sent(request: "r1", part: Self.part(1, 3)),
            Sent(request: "r2", parent: "r1", part: Self.part(2, 3)),
            Sent(request: "r3", parent: "r2", part: Self.part(3, 3)),
        ]
        #expect(try findings(parts) == [])
        #expect(try findings([parts[2], parts[0], parts[1]]) == [])
        #expect(try findings([Sent(request: "r1", part: Self.part(1, 1))]) == [])
    }

    @Test func whatIsWrongWithPartsIsSaid() throws {
        let first = Sent(request: "r1", part: Self.part(1, 3))
        let second = Sent(request: "r2", parent: "r1", part: Self.part(2, 3))
        let third = Sent(request: "r3", parent: "r2", part: Self.part(3, 3))
        func fault(_ messages: Sent...) throws -> String? { try findings(messages).last }

        #expect(try fault(first, third) == "parts-incomplete 1 part 2 of 3 is missing")
        #expect(try fault(second) == "parts-incomplete 1 part 1 of 3 and 1 more are missing")
        var orphan = third
        orphan.parent = "r1"
        #expect(
            try fault(first, second, orphan)
                == "parts-incomplete 1 the parentId of part 3 is not the requestId of part 2"
        )
        var foreign = second
        foreign.thread = "other"
        #expect(try findings([first, foreign, third]).count == 2)
        var twice = second
        twice.request = "r4"
        #expect(try fault(first, second, twice) == "parts-incomplete 1 two messages are part 2")
        var longer = second
        longer.part = Self.part(2, 4)
        #expect(try fault(first, longer) == "parts-incomplete 1 parts disagree on how many there are")
        var huge = second
        huge.part = Self.part(2, 4_000_000_000_000)
        #expect(try fault(huge)?.hasPrefix("parts-incomplete 1 part 1 of 4000000000000 and") == true)
        for numbers in [(0, 3), (4, 3), (-1, -1)] {
            var bad = second
            bad.part = Self.part(numbers.0, numbers.1)
            #expect(try fault(bad) == "parts-incomplete 1 index and of are not the numbers of a part")
        }
        var renamed = first
        renamed.request = "r0"
        #expect(
            try fault(renamed, Sent(request: "r2", parent: "r0", part: Self.part(2, 3)), third)
                == "parts-incomplete 1 the parts do not name the requestId of part 1"
        )
    }

    @Test func metadataOfOthersIsNoPart() throws {
        for part in ["null", "\"engine\"", "[1]", "{}", #"{"index":1,"of":2}"#, #"{"index":1,"of":2,"requestId":7}"#] {
            #expect(try findings([Sent(request: "a", part: part)]) == [])
        }
    }
}
