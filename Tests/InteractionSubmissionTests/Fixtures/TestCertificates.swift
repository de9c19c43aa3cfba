// An authority of our own, and certificates of it, made by openssl.

import Foundation
import NIOSSL

/// Certificates in a folder.
struct TestCertificates {
    /// The authority's certificate.
    let authority: String
    private let folder: String

    /// Makes an authority.
    init(in folder: String) throws {
        self.folder = folder
        authority = folder + "/ca.pem"
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=test authority", "-keyout", folder + "/ca.key", "-out", authority,
        ])
    }

    /// A server's settings with a certificate for these names, such as `IP:127.0.0.1`.
    func server(_ names: String) throws -> NIOSSLContext {
        let base = folder + "/" + names.filter { $0.isLetter || $0.isNumber }
        try Self.openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=server",
            "-addext", "subjectAltName=\(names)", "-keyout", base + ".key", "-out", base + ".csr",
        ])
        try Self.openssl([
            "x509", "-req", "-in", base + ".csr", "-CA", authority, "-CAkey", folder + "/ca.key", "-CAcreateserial",
            "-copy_extensions", "copy", "-days", "2", "-out", base + ".pem",
        ])
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(base + ".pem").map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: base + ".key", format: .pem))
            )
        )
    }

    private struct Failure: Error { var arguments: [String] }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(arguments: arguments) }
    }
}
