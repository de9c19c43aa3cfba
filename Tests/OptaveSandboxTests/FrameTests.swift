// Frames and handshakes: what is put together, what is turned down.

import NIOCore
import NIOHTTP1
import NIOWebSocket
import Testing

@testable import OptaveSandbox

@Suite struct FrameTests {
    @Test func fragmentsBecomeOneText() {
        var assembler = FrameAssembler(limit: 100)
        #expect(assembler.add(.text, ByteBuffer(string: "a"), isFinal: true) == .text(ByteBuffer(string: "a")))
        #expect(assembler.add(.text, ByteBuffer(string: "b"), isFinal: false) == .incomplete)
        #expect(assembler.add(.continuation, ByteBuffer(string: ""), isFinal: false) == .incomplete)
        #expect(assembler.add(.continuation, ByteBuffer(string: "c"), isFinal: true) == .text(ByteBuffer(string: "bc")))
        #expect(assembler.add(.text, ByteBuffer(string: "d"), isFinal: true) == .text(ByteBuffer(string: "d")))
    }

    @Test func tooMuchIsClosedWith1009() {
        var assembler = FrameAssembler(limit: 4)
        let four = ByteBuffer(string: "four")
        #expect(assembler.add(.text, four, isFinal: false) == .incomplete)
        #expect(assembler.add(.continuation, four, isFinal: true) == .violation(code: 1009, reason: "message too big"))
    }

    @Test func fragmentsOutOfPlaceAreViolations() {
        var assembler = FrameAssembler(limit: 100)
        let text = ByteBuffer(string: "x")
        #expect(
            assembler.add(.continuation, text, isFinal: true)
                == .violation(code: 1002, reason: "a fragment out of place")
        )
        #expect(assembler.add(.text, text, isFinal: false) == .incomplete)
        #expect(assembler.add(.text, text, isFinal: true) == .violation(code: 1002, reason: "a fragment out of place"))
        #expect(
            assembler.add(.binary, text, isFinal: true) == .violation(code: 1003, reason: "only text is understood")
        )
    }

    /// The key and answer of RFC 6455 §1.3.
    @Test func handshakeAnswersAsTheStandardSays() throws {
        let handshake = try #require(Handshake(Self.head(["Sec-WebSocket-Protocol": "optave-v1,to.ke-n_"])))
        #expect(handshake.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(handshake.offersProtocol && handshake.token == "to.ke-n_")
    }

    @Test(arguments: ["Authorization=tok", "x=1&Authorization=bearer%20tok", "Authorization=Bearer+tok"])
    func tokenMayBeInTheQuery(_ query: String) throws {
        let handshake = try #require(Handshake(Self.head([:], uri: "/?" + query)))
        #expect(handshake.token == "tok" && !handshake.offersProtocol)
        let offering = try #require(Handshake(Self.head(["Sec-WebSocket-Protocol": "optave-v1"], uri: "/?" + query)))
        #expect(offering.token == "tok" && offering.offersProtocol)
    }

    @Test(
        arguments: [
            ("Upgrade", nil), ("Connection", "keep-alive"), ("Sec-WebSocket-Version", "8"),
            ("Sec-WebSocket-Key", "short"),
        ] as [(String, String?)]
    )
    func otherRequestsAreNoHandshake(field: String, value: String?) {
        var head = Self.head([:])
        head.headers.remove(name: field)
        if let value { head.headers.add(name: field, value: value) }
        #expect(Handshake(head) == nil)
    }

    private static func head(_ fields: [String: String], uri: String = "/") -> HTTPRequestHead {
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: uri)
        head.headers = [
            "Upgrade": "WebSocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ]
        for (name, value) in fields { head.headers.add(name: name, value: value) }
        return head
    }
}
