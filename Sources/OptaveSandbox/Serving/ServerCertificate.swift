// A certificate for loopback, made anew at each start.

internal import Crypto
internal import FoundationEssentials
internal import NIOSSL
internal import X509

/// A certificate authority of one day, and the one certificate that it has signed.
struct ServerCertificate {
    /// What a client has to trust, as PEM.
    let authority: String
    private let chain: [String]
    private let key: String

    /// Makes keys and certificates for `localhost`, `127.0.0.1` and `::1`.
    init(_ now: WallTime) throws {
        let authorityKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let serverKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let authorityName = try DistinguishedName { CommonName("interaction-migrate sandbox") }
        let keyIdentifier = SubjectKeyIdentifier(hash: authorityKey.publicKey)
        let start = Date(timeIntervalSince1970: Double(now.milliseconds / 1000 - 3_600))
        let end = start.addingTimeInterval(365 * 86_400)
        let root = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: authorityKey.publicKey,
            notValidBefore: start,
            notValidAfter: end,
            issuer: authorityName,
            subject: authorityName,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                keyIdentifier
            },
            issuerPrivateKey: authorityKey
        )
        let server = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: serverKey.publicKey,
            notValidBefore: start,
            notValidAfter: end,
            issuer: authorityName,
            subject: try DistinguishedName { CommonName("localhost") },
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames([
                    .dnsName("localhost"),
                    .ipAddress(.init(contentBytes: [127, 0, 0, 1])),
                    .ipAddress(.init(contentBytes: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
                ])
                AuthorityKeyIdentifier(keyIdentifier: keyIdentifier.keyIdentifier)
                SubjectKeyIdentifier(hash: serverKey.publicKey)
            },
            issuerPrivateKey: authorityKey
        )
        authority = try root.serializeAsPEM().pemString + "\n"
        chain = try [server.serializeAsPEM().pemString]
        key = try serverKey.serializeAsPEM().pemString
    }

    /// What the server's side of TLS needs.
    func tls() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try chain.map {
                .certificate(try NIOSSLCertificate(bytes: Array($0.utf8), format: .pem))
            },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem))
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
