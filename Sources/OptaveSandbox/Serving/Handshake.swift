// The request that turns an HTTP connection into a WebSocket.

internal import Crypto
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1

/// A well-formed upgrade request, taken apart.
struct Handshake: Sendable, Equatable {
    /// The only protocol there is; the token is offered beside it and never answered.
    static let subprotocol = "optave-v1"

    /// What `Sec-WebSocket-Accept` has to say.
    let accept: String
    let offersProtocol: Bool
    /// From the subprotocols, else from the query.
    let token: String?

    /// Takes a request apart; nil if it is no upgrade to a WebSocket.
    init?(_ head: HTTPRequestHead) {
        guard head.method == .GET,
            head.headers[canonicalForm: "Upgrade"].contains(where: { $0.lowercased() == "websocket" }),
            head.headers[canonicalForm: "Connection"].contains(where: { $0.lowercased() == "upgrade" }),
            head.headers.first(name: "Sec-WebSocket-Version") == "13",
            let key = head.headers.first(name: "Sec-WebSocket-Key"), Data(base64Encoded: key)?.count == 16
        else { return nil }
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        accept = Data(digest).base64EncodedString()
        let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"].map(String.init)
        offersProtocol = offered.contains(Self.subprotocol)
        token =
            offersProtocol && offered.count > 1
            ? offered.first { $0 != Self.subprotocol } : head.query.flatMap(Self.token(query:))
    }

    private static func token(query: Substring) -> String? {
        guard let field = FormFields.read(String(query)).first(where: { $0.name == "Authorization" }) else {
            return nil
        }
        let isScheme = field.value.lowercased().hasPrefix("bearer ")
        return isScheme ? String(field.value.dropFirst(7)) : field.value
    }
}
