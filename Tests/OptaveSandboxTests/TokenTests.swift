// Tokens: how they are asked for, and how long they are good for what.

import Testing

@testable import OptaveSandbox

@Suite struct TokenTests {
    private static let start = WallTime(milliseconds: 1_700_000_000_000)

    @Test(
        arguments: [
            ("client_id=ann&client_secret=a+b%2Bc", "", nil),
            ("grant_type=client_credentials&client_id=ann&client_secret=a%20b%2bc", "", nil),
            (nil, "client_id=ann&client_secret=a+b%2Bc", nil),
            // RFC 6749 has it encoded; curl does not do it.
            (nil, "grant_type=client_credentials", "Basic YW5uOmErYiUyQmM="),
            (nil, "", "basic YW5uOmEgYitj"),
            ("client_id=ann", "client_id=ann&client_secret=a+b%2Bc", nil),
        ] as [(String?, String, String?)]
    )
    func everyWayToAskIsUnderstood(query: String?, body: String, authorization: String?) throws {
        try TokenRequest(query: query.map { $0[...] }, body: body, authorization: authorization)
            .check(clientId: "ann", clientSecret: "a b+c")
    }

    @Test(
        arguments: [
            (nil, "", nil, .invalidClient),
            (nil, "client_id=ann&client_secret=wrong", nil, .invalidClient),
            (nil, "client_id=bob&client_secret=s", nil, .invalidClient),
            (nil, "client_secret=s", nil, .invalidClient),
            (nil, "", "Basic !", .invalidClient),
            (nil, "", "Basic YW5u", .invalidClient),
            ("client_id=ann&client_secret=s&grant_type=password", "", nil, .unsupportedGrantType),
            ("client_id=ann", "client_id=bob&client_secret=s", nil, .invalidRequest),
        ] as [(String?, String, String?, TokenRequest.Refusal)]
    )
    func othersAreRefused(query: String?, body: String, authorization: String?, why: TokenRequest.Refusal) {
        #expect(throws: why) {
            try TokenRequest(query: query.map { $0[...] }, body: body, authorization: authorization)
                .check(clientId: "ann", clientSecret: "s")
        }
    }

    @Test func tokenIsGoodUntilItExpires() throws {
        var store = TokenStore(lifetime: 60_000)
        let token = store.issue(Self.start)
        try store.check(token, Self.start.advanced(by: 59_999))
        try store.check(token, Self.start.advanced(by: 59_999))
        #expect(throws: TokenStore.Refusal.expired) { try store.check(token, Self.start.advanced(by: 60_000)) }
        #expect(throws: TokenStore.Refusal.unknown) { try store.check("other", Self.start) }
        #expect(throws: TokenStore.Refusal.missing) { try store.check(nil, Self.start) }
    }

    @Test func tokenOpensOneSocket() throws {
        var store = TokenStore(lifetime: 60_000)
        let token = store.issue(Self.start)
        try store.open(token, Self.start)
        #expect(throws: TokenStore.Refusal.used) { try store.open(token, Self.start) }
        // REST may go on with it.
        try store.check(token, Self.start)
        #expect(throws: TokenStore.Refusal.expired) {
            try store.open(store.issue(Self.start), Self.start.advanced(by: 60_000))
        }
    }

    @Test func expiryMidRunIsForAll() throws {
        var store = TokenStore(lifetime: 60_000)
        let old = [store.issue(Self.start), store.issue(Self.start)]
        store.expireAll(Self.start)
        for token in old { #expect(throws: TokenStore.Refusal.expired) { try store.check(token, Self.start) } }
        let fresh = store.issue(Self.start)
        try store.check(fresh, Self.start)
    }

    @Test func tokensAreOfTheSocketsAlphabetAndNeverTheSame() {
        var store = TokenStore(lifetime: 60_000)
        let tokens = (0..<3_000).map { _ in store.issue(Self.start) }
        #expect(Set(tokens).count == tokens.count)
        for token in tokens {
            #expect(
                token.utf8.allSatisfy {
                    ("a"..."z").contains(Character(Unicode.Scalar($0)).lowercased())
                        || "0123456789-_.".utf8.contains($0)
                }
            )
        }
    }
}
