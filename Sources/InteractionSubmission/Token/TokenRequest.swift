// The token request as the vendor documents it, and what comes back.

internal import AsyncHTTPClient
internal import InteractionModel
internal import NIOCore
internal import NIOHTTP1

/// Asks the tenant's token endpoint.
struct TokenRequest: TokenFetcher {
    /// Bytes of an answer at most.
    static let answerLimit = 65_536

    let client: HTTPClient
    let endpoint: Endpoint
    let id: Secret
    let secret: Secret
    let form: SubmissionOptions.TokenRequest
    let timeout: TimeAmount

    func fetch() async throws -> (token: Secret, lifetime: Int64?) {
        let deadline = NIODeadline.now() + timeout
        do {
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collected(upTo: Self.answerLimit, deadline: deadline)
            return try Self.read(
                status: Int(response.status.code),
                retryAfter: response.headers.first(name: "Retry-After"),
                body: body
            )
        } catch let failure as TokenFailure {
            throw failure
        } catch {
            if Task.isCancelled { throw CancellationError() }
            let failure = TransportFailure(error)
            throw TokenFailure(isPermanent: failure.isPermanent, reason: "token endpoint: \(failure.reason)")
        }
    }

    /// The request; its URL may hold the secret, so it is never shown.
    var request: HTTPClientRequest {
        let grant = "grant_type=client_credentials"
        let pair = "client_id=\(Self.encoded(id.exposed))&client_secret=\(Self.encoded(secret.exposed))"
        var request = HTTPClientRequest(url: form == .query ? "\(endpoint.url)?\(grant)&\(pair)" : endpoint.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: RESTTransport.userAgent)
        switch form {
        case .query: request.body = .bytes(ByteBuffer())
        case .body: request.body = .bytes(ByteBuffer(string: "\(grant)&\(pair)"))
        case .basic:
            request.setBasicAuth(username: Self.encoded(id.exposed), password: Self.encoded(secret.exposed))
            request.body = .bytes(ByteBuffer(string: grant))
        }
        return request
    }

    /// A value as in `application/x-www-form-urlencoded`.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads an answer.
    ///
    /// - Returns: The token, and how long it holds in microseconds, if the answer says so.
    /// - Throws: ``TokenFailure`` if there is none in it.
    static func read(
        status: Int,
        retryAfter: String?,
        body: [UInt8]
    ) throws(TokenFailure) -> (token: Secret, lifetime: Int64?) {
        let json = try? JSONValue(parsing: body)
        guard (200...299).contains(status) else {
            var reason = "the token endpoint answered HTTP \(status)"
            if (300...399).contains(status) { reason += ", which leads elsewhere and is not followed" }
            if case .string(let code)? = json?.member("error"), isCode(code) { reason += " (\(code))" }
            throw TokenFailure(
                isPermanent: status < 500 && ![408, 425, 429].contains(status),
                reason: reason,
                retryAfter: retryAfter.flatMap {
                    RetryAfter.microseconds($0, now: MachineClock.wall / 1_000_000)
                }
            )
        }
        guard case .string(let token)? = json?.member("access_token"), !token.isEmpty else {
            throw TokenFailure(isPermanent: true, reason: "the token endpoint's answer has no access_token")
        }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw TokenFailure(isPermanent: true, reason: "the token has characters that no header can carry")
        }
        var lifetime: Double?
        switch json?.member("expires_in") {
        case .number(let text)?, .string(let text)?: lifetime = Double(text)
        default: break
        }
        guard let lifetime, lifetime > 0, lifetime < 1e9 else { return (Secret(token), nil) }
        return (Secret(token), Int64(lifetime * 1_000_000))
    }

    /// Whether a text is a code such as `invalid_client`, and not something that could be private.
    private static func isCode(_ text: String) -> Bool {
        text.utf8.count <= 40 && text.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) }
    }
}

extension JSONValue {
    /// A member of an object.
    func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name == name }?.value
    }
}
