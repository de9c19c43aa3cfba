// HTTP clients with the defaults changed that would do harm here.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOSSL

/// Whom to trust.
enum TLSSettings {
    /// The settings of a client; the certificate and the host are always verified.
    ///
    /// - Parameter caFile: Authorities to trust in place of the system's.
    /// - Returns: The settings.
    /// - Throws: ``SubmissionError`` if the file has no certificates.
    static func client(caFile: String?) throws(SubmissionError) -> TLSConfiguration {
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.minimumTLSVersion = .tlsv12
        guard let caFile else { return settings }
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(caFile), !certificates.isEmpty else {
            throw SubmissionError(.options, "--ca-file: no certificates in PEM in \(caFile)")
        }
        settings.trustRoots = .certificates(certificates)
        return settings
    }

    /// The settings made ready for connections.
    ///
    /// - Throws: ``SubmissionError`` if the authorities cannot be read.
    static func context(_ settings: TLSConfiguration) throws(SubmissionError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw SubmissionError(
                .options,
                "there are no certificates of the system; install the package ca-certificates, or use --ca-file"
            )
        }
    }

    /// What encrypts a connection to a host, which its certificate must be for.
    static func handler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }
}

extension HTTPClient.Configuration {
    /// For one address.
    init(_ options: SubmissionOptions, _ endpoint: Endpoint, _ proxies: ProxySettings, tls: TLSConfiguration) {
        self.init(tlsConfiguration: tls, redirectConfiguration: .disallow)
        timeout = Timeout(
            connect: .microseconds(options.connectTimeout.microseconds),
            read: .microseconds(options.requestTimeout.microseconds),
            write: .microseconds(options.requestTimeout.microseconds)
        )
        httpVersion = options.allowsHTTP2 ? .automatic : .http1Only
        connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.concurrency
        // Repetitions are this module's business, with its back-off and its limits.
        connectionPool.retryConnectionEstablishment = false
        guard let proxy = proxies.proxy(for: endpoint) else { return }
        if let login = proxy.login {
            let authorization = HTTPClient.Authorization.basic(username: login.user, password: login.password)
            self.proxy = .server(host: proxy.host, port: proxy.port, authorization: authorization)
        } else {
            self.proxy = .server(host: proxy.host, port: proxy.port)
        }
    }
}

extension HTTPClient.Configuration {
    /// For messages, of which there are many: whoever sends them keeps the time of all with one timer.
    static func forMessages(
        _ options: SubmissionOptions,
        _ endpoint: Endpoint,
        _ proxies: ProxySettings,
        tls: TLSConfiguration
    ) -> Self {
        var configuration = Self(options, endpoint, proxies, tls: tls)
        configuration.timeout.read = nil
        configuration.timeout.write = nil
        // Even the tracer that does nothing is asked for a span each time.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = WriteGatherer.add
        return configuration
    }
}

extension HTTPClientResponse.Body {
    /// The whole body, if it is not too long and does not take too long.
    ///
    /// - Throws: ``TransportFailure``, or what the client throws.
    func collected(upTo limit: Int, deadline: NIODeadline) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in self {
            // The client's own deadline ends with the head of the answer.
            guard NIODeadline.now() < deadline else { throw TransportFailure(.timeout, "no end of the answer in time") }
            guard bytes.count + piece.readableBytes <= limit else {
                throw TransportFailure(.invalid, "the answer is longer than \(limit) bytes")
            }
            bytes.append(contentsOf: piece.readableBytesView)
        }
        return bytes
    }
}
