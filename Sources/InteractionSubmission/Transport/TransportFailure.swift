// Errors of the network, sorted by what they mean for a message, and said without URLs.

internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Why there was no answer.
struct TransportFailure: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// No connection came about.
        case unreachable
        /// The other side cannot prove who it is.
        case certificate
        /// No answer in time.
        case timeout
        /// The connection ended before the answer did.
        case lost
        /// The answer is none, or too long.
        case invalid
    }

    var kind: Kind
    var reason: String

    /// Whether the same would happen again.
    var isPermanent: Bool { kind == .certificate }

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// Sorts an error.
    init(_ error: any Error) {
        switch error {
        case let failure as TransportFailure: self = failure
        case let error as HTTPClientError: self.init(client: error)
        case let error as NIOConnectionError: self.init(.unreachable, Self.connectionText(error))
        case let error as IOError:
            let text = "connection: \(String(cString: strerror(error.errnoCode)))"
            let isRefused = error.errnoCode == ECONNREFUSED
            self.init(isRefused ? .unreachable : .lost, isRefused ? "no " + text : text)
        case ChannelError.connectTimeout: self.init(.unreachable, "no connection in time")
        case is ChannelError,
            is NIOSSLError where !Self.isAboutCertificate(error):
            self.init(Self.isHandshake(error) ? .unreachable : .lost, Self.tlsText(error))
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(
                Self.isAboutCertificate(error) ? .certificate : .unreachable,
                Self.tlsText(error)
            )
        case is HTTPParserError: self.init(.invalid, "the answer is not HTTP")
        case is NIOTooManyBytesError: self.init(.invalid, "the answer is too long")
        default: self.init(.lost, "the connection was lost")
        }
    }

    private init(client error: HTTPClientError) {
        switch error {
        case .connectTimeout, .getConnectionFromPoolTimeout: self.init(.unreachable, "no connection in time")
        case .tlsHandshakeTimeout: self.init(.unreachable, "no TLS handshake in time")
        case .httpProxyHandshakeTimeout, .invalidProxyResponse:
            self.init(.unreachable, "the proxy does not connect")
        case .proxyAuthenticationRequired: self.init(.unreachable, "the proxy asks for credentials (HTTP 407)")
        case .readTimeout, .deadlineExceeded, .writeTimeout: self.init(.timeout, "no answer in time")
        case .remoteConnectionClosed: self.init(.lost, "the connection was closed before the answer")
        default: self.init(.lost, "the connection was lost (\(error.shortDescription))")
        }
    }

    private static func connectionText(_ error: NIOConnectionError) -> String {
        guard let first = error.connectionErrors.first?.error else { return "the host's name cannot be resolved" }
        guard let refusal = first as? IOError else { return "no connection" }
        return "no connection: \(String(cString: strerror(refusal.errnoCode)))"
    }

    private static func isAboutCertificate(_ error: any Error) -> Bool {
        if let extra = error as? NIOSSLExtraError { return extra == .failedToValidateHostname }
        if case NIOSSLError.unableToValidateCertificate = error { return true }
        return String(describing: error).contains("CERTIFICATE_VERIFY_FAILED")
    }

    private static func isHandshake(_ error: any Error) -> Bool {
        if case NIOSSLError.handshakeFailed = error { return true }
        return false
    }

    private static func tlsText(_ error: any Error) -> String {
        if let extra = error as? NIOSSLExtraError, extra == .failedToValidateHostname {
            return "the certificate is for another host"
        }
        if isAboutCertificate(error) {
            return "the certificate is not trusted; give the authority's with --ca-file if it is your own"
        }
        if isHandshake(error) { return "no TLS: the handshake failed" }
        return "the connection was lost"
    }
}
