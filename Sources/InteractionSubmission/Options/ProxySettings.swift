// Proxies as the environment names them: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in either case.

/// Which proxy a request takes.
package struct ProxySettings: Sendable, Hashable {
    /// A proxy that is asked to CONNECT.
    package struct Proxy: Sendable, Hashable {
        package var host: String
        package var port: Int
        /// User and password of the proxy, as `user:password`.
        package var credentials: Secret?

        /// User and password apart.
        var login: (user: String, password: String)? {
            guard let parts = credentials?.exposed.split(separator: ":", maxSplits: 1).map(String.init) else {
                return nil
            }
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
        }
    }

    /// The proxy for `http` and `ws`.
    package var plain: Proxy?
    /// The proxy for `https` and `wss`.
    package var secure: Proxy?
    /// Hosts that are reached directly: names, which hold for what is below them, or `*`.
    package var exceptions: [String] = []

    /// No proxies.
    package init() {}

    /// Reads the variables.
    ///
    /// - Throws: ``SubmissionError`` if one of them is no address of an HTTP proxy.
    package init(environment: [String: String]) throws(SubmissionError) {
        func value(_ name: String) -> String? {
            guard let text = environment[name.lowercased()] ?? environment[name], !text.isEmpty else { return nil }
            return text
        }
        plain = try value("HTTP_PROXY").map { text throws(SubmissionError) in try Proxy(text, "HTTP_PROXY") }
        secure = try value("HTTPS_PROXY").map { text throws(SubmissionError) in try Proxy(text, "HTTPS_PROXY") }
        exceptions = (value("NO_PROXY") ?? "").split { $0 == "," || $0 == " " }.map { entry in
            let name = entry.lowercased()
            return name.hasPrefix(".") ? String(name.dropFirst()) : name
        }
    }

    /// The proxy to take to an address; nil to go there directly.
    ///
    /// This machine is always reached directly.
    package func proxy(for endpoint: Endpoint) -> Proxy? {
        guard !endpoint.isLoopback else { return nil }
        let host = endpoint.host
        for name in exceptions {
            if name == "*" || name == host || host.hasSuffix("." + name) || name == "\(host):\(endpoint.port)" {
                return nil
            }
        }
        return endpoint.isSecure ? secure : plain
    }
}

extension ProxySettings.Proxy {
    fileprivate init(_ text: String, _ variable: String) throws(SubmissionError) {
        func wrong(_ what: String) -> SubmissionError { SubmissionError(.options, "\(variable): \(what)") }
        var rest = text[...]
        if let mark = text.range(of: "://") {
            guard text[..<mark.lowerBound].lowercased() == "http" else {
                throw wrong("only proxies that are spoken to over http:// are known")
            }
            rest = text[mark.upperBound...]
        }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
        if let at = rest.lastIndex(of: "@") {
            credentials = Secret(String(rest[..<at]))
            rest = rest[rest.index(after: at)...]
        }
        port = 80
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65535).contains(number) else {
                throw wrong("a port is a number from 1 to 65535")
            }
            port = number
            rest = rest[..<colon]
        }
        guard !rest.isEmpty else { throw wrong("a proxy needs a host, as in http://proxy.example:3128") }
        host = rest.hasPrefix("[") ? String(rest.dropFirst().dropLast()) : String(rest)
    }
}
