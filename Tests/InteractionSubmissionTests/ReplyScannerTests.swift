// What is read of replies in one pass.

import Foundation
import Testing

@testable import InteractionSubmission

@Suite struct ReplyScannerTests {
    private func scan(_ reply: String) -> (ReplyFacts, id: String?, action: String?) {
        let bytes = Array(reply.utf8)
        let facts = ReplyScanner.scan(bytes)
        func text(_ range: Range<Int>?) -> String? { range.map { String(decoding: bytes[$0], as: UTF8.self) } }
        return (facts, text(facts.correlationId), text(facts.actionType))
    }

    @Test func idsOfBothForms() {
        #expect(scan(#"{"correlationId":"a","state":"started"}"#).id == "a")
        #expect(
            scan(#"{ "headers" : { "x":[{}], "correlationId" : "b" } , "payload":{"state":"completed"}}"#).id == "b"
        )
        #expect(scan(#"{"correlationId":"a","headers":{"correlationId":"b"}}"#).id == "b")
        #expect(scan(#"{"payload":{"correlationId":"c"}}"#).id == "c")
        #expect(scan(#"{"message":{"correlationId":"in the content"}}"#).id == nil)
        #expect(scan(#"{"message":"\"correlationId\":\"quoted\""}"#).id == nil)
        #expect(scan(#"{"correlationId":null}"#).id == nil)
    }

    @Test func states() {
        #expect(scan(#"{"state":"started"}"#).0.state == .started)
        #expect(scan(#"{"payload":{"state":"completed","actionType":"x"}}"#).0.state == .completed)
        #expect(scan(#"{"payload":{"state":"completed","actionType":"x"}}"#).action == "x")
        #expect(scan(#"{"state":"queued"}"#).0.state == .other)
        #expect(scan(#"{}"#).0.state == nil)
    }

    @Test(arguments: [
        #"{"state":"error"}"#, #"{"payload":{"state":"error"}}"#, #"{"actionType":"error"}"#,
        #"{"headers":{"schemaRef":"optave.error.v3"}}"#, #"{"error":{"code":1}}"#, #"{"error":"x"}"#,
        #"{"payload":{"error":true}}"#,
    ])
    func errorsOfAllForms(_ text: String) {
        #expect(scan(text).0.isError)
    }

    @Test(arguments: [
        #"{"error":null}"#, #"{"error":false}"#, #"{"error":""}"#, #"{"error":0}"#, #"{"state":"completed"}"#,
        #"{"message":{"error":"x","state":"error"}}"#,
    ])
    func noErrors(_ text: String) {
        #expect(!scan(text).0.isError)
    }

    @Test(arguments: ["", "x", "null", "[]", "{", #"{"a""#, #"{"a":"#, #"{"a":"b"#, #"{"a":{"#, #"{"a":"b\"#, #"{,}"#])
    func brokenRepliesAreNone(_ text: String) {
        #expect(!scan(text).0.isJSON)
    }

    @Test func everyPrefixIsSurvived() {
        let text =
            #"{"headers":{"correlationId":"0190\u00e4","schemaRef":"x"},"payload":{"error":{"code":[1,{"a":"}"}]}}}"#
        for count in 0..<text.utf8.count {
            #expect(!scan(String(decoding: text.utf8.prefix(count), as: UTF8.self)).0.isJSON)
        }
        #expect(scan(text).0.isJSON)
    }

    @Test func codesAndWhatTheyMean() {
        func verdict(_ code: String) -> Answer.Verdict {
            ErrorReply.answer(Array(#"{"error":{"code":"\#(code)"}}"#.utf8)).verdict
        }
        #expect(verdict("PAYLOAD_TOO_LARGE") == .rejected)
        #expect(verdict("400") == .rejected)
        #expect(verdict("429") == .retry(.throttled))
        #expect(verdict("RATE_LIMITED") == .retry(.throttled))
        #expect(verdict("503") == .retry(.server))
        #expect(verdict("INTERNAL_ERROR") == .retry(.server))
        #expect(verdict("REQUEST_TIMEOUT") == .retry(.timeout))
        #expect(ErrorReply.code(in: Array(#"{"error":"what a customer wrote"}"#.utf8)) == nil)
    }

    @Test func timeOfSendingIsPutIntoTheHeaders() throws {
        func stamped(_ head: String, _ tail: String = "") -> String {
            let payload = #"{"headers":{"issuedAt":"inner"}}"#
            let message = OutgoingMessage(
                row: 1,
                threadId: "t",
                correlationId: "c",
                idempotencyKey: "k",
                envelope: Array((head + payload + tail).utf8),
                payload: head.utf8.count..<(head + payload).utf8.count
            )
            return String(buffer: IssuedAt.stamped(message, IssuedAt.text(1_767_323_045_678))).replacing(
                payload,
                with: "P"
            )
        }
        let time = #""issuedAt":"2026-01-02T03:04:05.678Z""#
        #expect(stamped(#"{"headers":{"a":"b"},"payload":"#, "}") == #"{"headers":{"a":"b",\#(time)},"payload":P}"#)
        #expect(stamped(#"{"headers":{},"payload":"#, "}") == #"{"headers":{\#(time)},"payload":P}"#)
        #expect(
            stamped(#"{"headers":{"issuedAt":"2001-01-01T00:00:00Z","a":[{}]},"payload":"#, "}")
                == #"{"headers":{\#(time),"a":[{}]},"payload":P}"#
        )
        #expect(stamped(#"{"payload":"#, #","headers":{"a":1}}"#) == #"{"payload":P,"headers":{"a":1,\#(time)}}"#)
    }
}
