// Options and environment, checked and put together: all that a run needs to know of its tenant.

/// A tenant's addresses and the way to its tokens.
package struct SubmissionTarget: Sendable {
    /// Where messages go.
    package var endpoint: Endpoint
    /// Where tokens come from; nil if they do not come from the tenant.
    package var tokenEndpoint: Endpoint?
    package var credentials: Credentials
    package var proxies: ProxySettings
}

extension SubmissionOptions {
    /// Checks the options and completes them from the environment.
    ///
    /// - Parameter environment: The variables `OPTAVE_CLIENT_ID`, `OPTAVE_CLIENT_SECRET` and `OPTAVE_TOKEN`, the same
    ///   with `_FILE` for files, and those of proxies.
    /// - Returns: Where to send, and as whom.
    /// - Throws: ``SubmissionError`` that says which option is wrong, and how it should be.
    package func target(environment: [String: String]) throws(SubmissionError) -> SubmissionTarget {
        try checkNumbers()
        let endpoint = try resolvedEndpoint()
        let (credentials, tokenEndpoint) = try tokenSource(environment: environment)
        return SubmissionTarget(
            endpoint: endpoint,
            tokenEndpoint: tokenEndpoint,
            credentials: credentials,
            proxies: try ProxySettings(environment: environment)
        )
    }

    /// Where tokens come from, with the tenant's address for them if it is the tenant.
    func tokenSource(
        environment: [String: String]
    ) throws(SubmissionError) -> (credentials: Credentials, endpoint: Endpoint?) {
        let credentials = try credentials(environment: environment)
        guard case .client = credentials else { return (credentials, nil) }
        return (credentials, try resolvedTokenEndpoint())
    }

    /// The addresses that the options name, in the order rest, websocket, token.
    ///
    /// - Throws: ``SubmissionError`` if there are none, or one is no address.
    func addresses() throws(SubmissionError) -> [TenantProbe.Address] {
        guard tenant != nil || restURL != nil || webSocketURL != nil || tokenURL != nil else {
            throw SubmissionError(
                .options,
                "say what to reach: --tenant NAME, --rest-url, --websocket-url or --token-url"
            )
        }
        var addresses: [TenantProbe.Address] = []
        func add(_ name: String, _ endpoint: Endpoint) {
            let isKnown = addresses.contains { other in
                let known = other.endpoint
                return known.host == endpoint.host && known.port == endpoint.port
                    && known.isSecure == endpoint.isSecure
            }
            addresses.append(TenantProbe.Address(name: name, endpoint: endpoint, isKnownHost: isKnown))
        }
        var options = self
        if tenant != nil || restURL != nil {
            options.transport = .rest
            add("rest", try options.resolvedEndpoint())
        }
        if tenant != nil || webSocketURL != nil {
            options.transport = .webSocket
            add("websocket", try options.resolvedEndpoint())
        }
        if tenant != nil || tokenURL != nil { add("token", try resolvedTokenEndpoint()) }
        return addresses
    }

    private func checkNumbers() throws(SubmissionError) {
        guard (1...4096).contains(concurrency) else {
            throw SubmissionError(.options, "--concurrency is a number from 1 to 4096")
        }
        guard attempts >= 1 else { throw SubmissionError(.options, "at least one attempt must be made") }
        guard requestTimeout > .zero, connectTimeout > .zero else {
            throw SubmissionError(.options, "a timeout must be longer than nothing")
        }
        if allowsHTTP2, transport == .webSocket {
            throw SubmissionError(.options, "--http2 is for --transport rest; a WebSocket runs over HTTP/1.1")
        }
    }

    private func resolvedEndpoint() throws(SubmissionError) -> Endpoint {
        switch transport {
        case .rest:
            let (url, option) = try address(restURL, "--rest-url") { "https://\($0)/message/interaction" }
            var endpoint = try Endpoint(url, option: option, schemes: ["https", "http"])
            if endpoint.path == "/" { endpoint.path = "/message/interaction" }
            return endpoint
        case .webSocket:
            let (url, option) = try address(webSocketURL, "--websocket-url") { "wss://ws-\($0)/" }
            return try Endpoint(url, option: option, schemes: ["wss", "ws"])
        }
    }

    private func resolvedTokenEndpoint() throws(SubmissionError) -> Endpoint {
        let (url, option) = try address(tokenURL, "--token-url") { "https://\($0)/auth/oauth2/token" }
        var endpoint = try Endpoint(url, option: option, schemes: ["https", "http"])
        guard !endpoint.path.contains("?") else {
            throw SubmissionError(.options, "--token-url: no query; the credentials are put there")
        }
        while endpoint.path.hasSuffix("/") { endpoint.path.removeLast() }
        if !endpoint.path.hasSuffix("/token") { endpoint.path += "/token" }
        return endpoint
    }

    /// The address that was given, or the tenant's; with the option it comes from.
    private func address(
        _ given: String?,
        _ option: String,
        _ ofHost: (String) -> String
    ) throws(SubmissionError) -> (url: String, option: String) {
        if let given { return (given, option) }
        guard let tenant else {
            throw SubmissionError(.options, "say where to send: --tenant NAME, or \(option) URL")
        }
        guard Self.isLabel(tenant) else {
            throw SubmissionError(.options, "--tenant is a name such as acme: letters, digits and hyphens")
        }
        guard topLevelDomain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isLabel) else {
            throw SubmissionError(.options, "--tld is a domain such as tech: letters, digits and hyphens")
        }
        return (ofHost("\(tenant).oco.optave.\(topLevelDomain)"), "--tenant")
    }

    private static func isLabel(_ text: some StringProtocol) -> Bool {
        (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
    }

    private func credentials(environment: [String: String]) throws(SubmissionError) -> Credentials {
        if tokenFile != nil, tokenCommand != nil {
            throw SubmissionError(.options, "--token-file and --token-command exclude each other")
        }
        if let tokenFile {
            _ = try SecretFile.read(tokenFile, option: "--token-file")
            return .file(tokenFile)
        }
        if let tokenCommand {
            guard !tokenCommand.isEmpty else { throw SubmissionError(.options, "--token-command names no program") }
            return .command(tokenCommand)
        }
        let id = try secret("OPTAVE_CLIENT_ID", file: clientIdFile, option: "--client-id-file", environment)
        let secret = try secret(
            "OPTAVE_CLIENT_SECRET",
            file: clientSecretFile,
            option: "--client-secret-file",
            environment
        )
        if let id, let secret { return .client(id: id, secret: secret) }
        if id == nil, secret == nil, let token = try self.secret("OPTAVE_TOKEN", file: nil, option: "", environment) {
            return .token(token)
        }
        let missing = id == nil ? "OPTAVE_CLIENT_ID" : "OPTAVE_CLIENT_SECRET"
        throw SubmissionError(
            .credentials,
            "\(missing) is not set; set it or \(missing)_FILE, or use --token-file or --token-command"
        )
    }

    private func secret(
        _ variable: String,
        file: String?,
        option: String,
        _ environment: [String: String]
    ) throws(SubmissionError) -> Secret? {
        if let file { return try SecretFile.read(file, option: option) }
        if let text = environment[variable], !text.isEmpty {
            guard let trimmed = SecretFile.trimmed(Array(text.utf8)) else {
                throw SubmissionError(.credentials, "\(variable) must be one line of printable text")
            }
            return Secret(trimmed)
        }
        if let path = environment[variable + "_FILE"], !path.isEmpty {
            return try SecretFile.read(path, option: variable + "_FILE")
        }
        return nil
    }
}
