// Messages to submit, in both forms.

import Foundation
import InteractionModel

@testable import OptaveSandbox

/// A message with ids of its own.
struct TestMessage {
    var number = 1
    var text = "Where is my parcel?"
    var thread = "thread-1"

    /// A UUID of the seventh version.
    func id(_ kind: Int) -> String { String(format: "018f3851-4000-7%03x-8000-%012x", kind, number) }

    var key: String { id(3) }
    var correlationId: String { id(1) }

    var payload: [UInt8] {
        Array(
            """
            {"session":{},"request":{"requestId":"r-\(number)","connections":{"threadId":"\(thread)"},\
            "context":{"organizationId":"org_1"},"scope":{"conversations":[{"participants":[{"participantId":"p1",\
            "role":"user"}],"messages":[{"participantId":"p1","content":"\(text)"}]}]}}}
            """.utf8
        )
    }

    var envelope: [UInt8] {
        Array(
            """
            {"action":"message","headers":{"correlationId":"\(correlationId)","action":"interaction",\
            "schemaRef":"optave.message.v3","sdkVersion":"none","identifier":"message","traceId":"\(id(2))",\
            "idempotencyKey":"\(key)","issuedAt":"2025-01-01T00:00:00.000Z"},"payload":
            """.utf8
        ) + payload + Array("}".utf8)
    }
}

/// A reply, read by somebody else's JSON reader.
struct ReadReply: Decodable, Equatable {
    struct Headers: Decodable, Equatable {
        var correlationId: String?
        var schemaRef: String
    }

    struct Payload: Decodable, Equatable {
        var state: String
        var actionType: String
    }

    var action: String
    var headers: Headers?
    var payload: Payload?
    var state: String?
    var actionType: String?
    var correlationId: String?

    init(_ json: [UInt8]) throws { self = try JSONDecoder().decode(ReadReply.self, from: Data(json)) }
}

extension Tenant {
    static let noon = WallTime(milliseconds: 1_700_000_000_000)

    /// Posts with a fresh token.
    func post(_ message: TestMessage, at time: WallTime = noon) -> Answer {
        let token = state.withLock { $0.tokens.issue(time) }
        return message.payload.withUnsafeBytes { post($0, token: token, idempotencyKey: message.key, time) }
    }

    /// Sends as a frame.
    func receive(_ message: TestMessage, at time: WallTime = noon) -> [SocketAction] {
        message.envelope.withUnsafeBytes { receive($0, time) }
    }
}
