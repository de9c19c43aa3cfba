// Whether a tenant can be reached, found out before a run depends on it. Nothing that is sent is a message.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Looks at the addresses of a tenant on the way that a submission takes: names, proxies, certificates.
package struct TenantProbe: Sendable {
    /// One of the tenant's addresses.
    package struct Address: Sendable, Hashable {
        /// What it is for: `rest`, `websocket` or `token`.
        package var name: String
        var endpoint: Endpoint
        /// Whether an address before it is on the same host and port, so that only HTTP is left to ask.
        var isKnownHost = false
    }

    /// What came of one step.
    package struct Step: Sendable, Hashable {
        package enum Verdict: String, Sendable {
            case ok, warning, error
        }

        /// The address and the step, such as `rest-tls`; stable.
        package var name: String
        package var verdict: Verdict
        /// What was found, for people; without secrets.
        package var found: String
        /// What to do about it.
        package var remedy: String?
    }

    /// Differences that are more than a slow answer.
    private static let clockTolerance: Int64 = 30
    /// A certificate that ends sooner than this ends during a long migration.
    private static let certificateReserve: Int64 = 14 * 86_400

    /// The addresses that the options name.
    package let addresses: [Address]
    private let options: SubmissionOptions
    private let environment: [String: String]
    private let proxies: ProxySettings
    private let tls: TLSConfiguration
    private let loop: any EventLoop

    /// Checks the options; nothing is opened.
    ///
    /// - Parameters:
    ///   - options: The tenant or its addresses, whom to trust, how long to wait.
    ///   - environment: Variables for proxies and, for ``token()``, credentials.
    /// - Throws: ``SubmissionError`` if the options cannot be used.
    package init(options: SubmissionOptions, environment: [String: String]) throws(SubmissionError) {
        self.options = options
        self.environment = environment
        addresses = try options.addresses()
        proxies = try ProxySettings(environment: environment)
        tls = try TLSSettings.client(caFile: options.caFile)
        loop = MultiThreadedEventLoopGroup.singleton.next()
    }

    /// Looks at an address: its name, a connection, the certificate, an answer.
    ///
    /// - Returns: What came of each step; the first error is the last one.
    package func look(at address: Address) async -> [Step] {
        var steps: [Step] = []
        let endpoint = address.endpoint
        let proxy = proxies.proxy(for: endpoint)
        func take(_ name: String, _ remedy: String, _ step: () async throws -> Found) async -> Bool {
            let name = "\(address.name)-\(name)"
            do {
                let found = try await step()
                steps.append(Step(name: name, verdict: found.verdict, found: found.text, remedy: found.remedy))
                return found.verdict != .error
            } catch {
                let reason = (error as? SubmissionError)?.description ?? TransportFailure(error).reason
                // What a reason says after a semicolon is its remedy.
                let parts = reason.split(separator: ";", maxSplits: 1)
                let own = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : remedy
                steps.append(Step(name: name, verdict: .error, found: String(parts.first ?? ""), remedy: own))
                return false
            }
        }
        if !address.isKnownHost {
            let host = proxy?.host ?? endpoint.host
            let isNamed = await take("dns", "check the name, and what resolves names on this machine") {
                let found = try await NameLookup.addresses(of: host)
                return Found(proxy == nil ? "\(host) is \(found)" : "the proxy \(host) is \(found)")
            }
            guard isNamed else { return steps }
            let isConnected = await take("tcp", "check the port, firewalls, and whether there is a proxy to take") {
                try await connected(host, proxy?.port ?? endpoint.port) { channel in
                    Found("connected to \(channel.remoteAddress.map(Self.text) ?? host)")
                }
            }
            guard isConnected else { return steps }
            if endpoint.isSecure {
                let isTrusted = await take("tls", "use the name that the certificate is for, or trust its authority") {
                    try await connected(host, proxy?.port ?? endpoint.port) { channel in
                        if let proxy { try await ProxyTunnel.open(proxy, to: endpoint, on: channel).get() }
                        return try await handshake(channel, endpoint)
                    }
                }
                guard isTrusted else { return steps }
            }
        }
        _ = await take("http", "check the address") { try await answer(endpoint) }
        return steps
    }

    /// Asks for a token, with the credentials of a submission, and throws it away.
    package func token() async -> Step {
        func failed(_ reason: String) -> Step {
            Step(name: "token", verdict: .error, found: reason, remedy: "check the credentials and --token-url")
        }
        let client: HTTPClient?
        let fetcher: any TokenFetcher
        do throws(SubmissionError) {
            let (credentials, endpoint) = try options.tokenSource(environment: environment)
            client = endpoint.map(self.client)
            fetcher = credentials.fetcher(client, endpoint, options)
        } catch {
            return failed(error.description)
        }
        let step: Step
        do {
            let lifetime = try await fetcher.fetch().lifetime
            let validity = lifetime.map { "valid for \($0 / 1_000_000) s" } ?? "of unknown validity"
            step = Step(name: "token", verdict: .ok, found: "a token, \(validity)")
        } catch {
            step = failed((error as? TokenFailure)?.reason ?? TransportFailure(error).reason)
        }
        try? await client?.shutdown()
        return step
    }

    // MARK: Steps

    private struct Found {
        var verdict: Step.Verdict
        var text: String
        var remedy: String?

        init(_ text: String, _ verdict: Step.Verdict = .ok, remedy: String? = nil) {
            self.text = text
            self.verdict = verdict
            self.remedy = remedy
        }
    }

    private func connected(
        _ host: String,
        _ port: Int,
        _ body: (any Channel) async throws -> Found
    ) async throws
        -> Found
    {
        let channel = try await ClientBootstrap(group: loop)
            .connectTimeout(.microseconds(options.connectTimeout.microseconds))
            .connect(host: host, port: port).get()
        defer { channel.close(promise: nil) }
        return try await body(channel)
    }

    private func handshake(_ channel: any Channel, _ endpoint: Endpoint) async throws -> Found {
        let timeout = TimeAmount.microseconds(options.requestTimeout.microseconds)
        let context = try TLSSettings.context(tls)
        let session = try await TLSHandshake.perform(on: channel, context, host: endpoint.host, timeout).get()
        guard let end = session.certificateEnd else { return Found(session.version) }
        let days = (end - MachineClock.wall / 1_000_000) / 86_400
        let text = "\(session.version), the certificate is trusted for \(days) more days"
        guard days * 86_400 >= Self.certificateReserve else {
            return Found(text, .warning, remedy: "renew it before a long run")
        }
        return Found(text)
    }

    /// Asks for the head of what is at an address: no method that does anything, no body, no token.
    private func answer(_ endpoint: Endpoint) async throws -> Found {
        let client = client(for: endpoint)
        var address = endpoint
        address.scheme = endpoint.isSecure ? "https" : "http"
        var request = HTTPClientRequest(url: address.url)
        request.method = .HEAD
        request.headers.add(name: "User-Agent", value: RESTTransport.userAgent)
        let response: HTTPClientResponse
        do {
            response = try await client.execute(
                request,
                timeout: .microseconds(options.requestTimeout.microseconds)
            )
        } catch {
            try? await client.shutdown()
            throw error
        }
        let now = MachineClock.wall / 1_000_000
        let date = response.headers.first(name: "Date").flatMap { HTTPDate.seconds($0, now: now) }
        try? await client.shutdown()
        return Self.found(status: Int(response.status.code), clockDifference: date.map { $0 - now })
    }

    /// What an answer to a question without token and message says.
    ///
    /// A refusal is as good as any: it shows that somebody is there who speaks HTTP.
    private static func found(status: Int, clockDifference: Int64?) -> Found {
        switch status {
        case 300...399:
            let text = "answers HTTP \(status), which leads elsewhere and is not followed"
            return Found(text, .error, remedy: "check the address")
        case 500...:
            return Found("answers HTTP \(status)", .warning, remedy: "a run waits until the tenant is well again")
        case 404:
            return Found("answers HTTP 404", .warning, remedy: "check the address, if it is not for POST alone")
        default: break
        }
        if let difference = clockDifference, abs(difference) > clockTolerance {
            let remedy = "set the clock by the network: messages bear its time"
            return Found("answers HTTP \(status); its clock differs by \(difference) seconds", .warning, remedy: remedy)
        }
        return Found("answers HTTP \(status)")
    }

    private func client(for endpoint: Endpoint) -> HTTPClient {
        HTTPClient(
            eventLoopGroupProvider: .shared(loop),
            configuration: HTTPClient.Configuration(options, endpoint, proxies, tls: tls)
        )
    }

    private static func text(_ address: SocketAddress) -> String {
        let host = address.ipAddress ?? "?"
        return (host.contains(":") ? "[\(host)]" : host) + (address.port.map { ":\($0)" } ?? "")
    }
}
