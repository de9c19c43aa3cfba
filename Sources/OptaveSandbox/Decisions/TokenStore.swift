// The tokens that the tenant has given out.

internal import FoundationEssentials

/// Issues tokens and knows which are still good.
struct TokenStore: Sendable {
    /// Why a token does not open the door.
    enum Refusal: String, Error, Sendable {
        case missing = "no token was given"
        case unknown = "the token is not known"
        case expired = "the token has expired"
        case used = "the token has opened a connection before"
    }

    private struct Issued {
        var expiry: WallTime
        var hasOpenedSocket = false
    }

    private let lifetime: Int64
    private var issued: [String: Issued] = [:]
    /// When it is worth looking for expired ones again.
    private var nextSweep = 1024

    /// - Parameter lifetime: In milliseconds.
    init(lifetime: Int64) { self.lifetime = lifetime }

    /// Makes a token of the shape of a JWT.
    ///
    /// It is truly random whatever the seed of the faults, so that none is good after a restart.
    mutating func issue(_ now: WallTime) -> String {
        if issued.count >= nextSweep {
            // An hour longer than valid, so that "expired" can be told from "unknown".
            issued = issued.filter { $0.value.expiry.advanced(by: 3_600_000) > now }
            nextSweep = max(1024, issued.count * 2)
        }
        let expiry = now.advanced(by: lifetime)
        let claims = #"{"iss":"optave-sandbox","exp":\#(expiry.milliseconds / 1000)}"#
        let parts = [Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8), Data(claims.utf8), Self.randomBytes(32)]
        let token = parts.map(Self.base64URL).joined(separator: ".")
        issued[token] = Issued(expiry: expiry)
        return token
    }

    /// Checks a token for a REST call, which may use it as often as it likes.
    func check(_ token: String?, _ now: WallTime) throws(Refusal) {
        guard let token, !token.isEmpty else { throw .missing }
        guard let found = issued[token] else { throw .unknown }
        guard found.expiry > now else { throw .expired }
    }

    /// Checks a token for a WebSocket, which it opens once.
    mutating func open(_ token: String?, _ now: WallTime) throws(Refusal) {
        try check(token, now)
        guard let token, issued[token]?.hasOpenedSocket == false else { throw .used }
        issued[token]?.hasOpenedSocket = true
    }

    /// Ends the life of every token.
    mutating func expireAll(_ now: WallTime) {
        for token in issued.keys { issued[token]?.expiry = now }
    }

    private static func randomBytes(_ count: Int) -> Data {
        var random = SystemRandomNumberGenerator()
        return Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    /// The alphabet that a WebSocket subprotocol allows.
    private static func base64URL(_ bytes: Data) -> String {
        String(bytes.base64EncodedString().compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}
