// The sandbox as a server: one port for token, REST and WebSocket.

internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A local tenant that is up.
package final class Sandbox: Sendable {
    /// Why it cannot start.
    package struct Failure: Error, CustomStringConvertible, Sendable {
        package var description: String

        package init(description: String) { self.description = description }
    }

    private let tenant: Tenant
    private let group: MultiThreadedEventLoopGroup
    private let port: Int

    private init(_ tenant: Tenant, _ group: MultiThreadedEventLoopGroup, port: Int) {
        self.tenant = tenant
        self.group = group
        self.port = port
    }

    /// Opens journal and port.
    ///
    /// - Parameter options: What it is to be.
    /// - Returns: A sandbox that answers.
    /// - Throws: ``Failure`` if journal, certificate or port cannot be had.
    package static func start(_ options: SandboxOptions) async throws -> Sandbox {
        let tenant: Tenant
        do { tenant = try Tenant(options) } catch { throw Failure(description: error.description) }
        let tls = try options.usesTLS ? Self.makeTLS(options) : nil
        // One thread: the tenant decides one thing after the other anyway, and leaves the other core to the client.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.addHandlers(to: channel, tenant, tls)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: options.host, port: options.port).get()
            return Sandbox(tenant, group, port: channel.localAddress?.port ?? options.port)
        } catch {
            try? await group.shutdownGracefully()
            throw Failure(description: "\(options.host):\(options.port): \(error)")
        }
    }

    /// Closes all connections; what was accepted is in the journal already.
    package func stop() async throws { try await group.shutdownGracefully() }

    /// The counts so far.
    package var summary: SandboxSummary { tenant.summary }

    /// Where clients find it, as one JSON object.
    package var addresses: String {
        let options = tenant.options
        let authority = (options.host.contains(":") ? "[\(options.host)]" : options.host) + ":\(port)"
        let (http, ws) = options.usesTLS ? ("https", "wss") : ("http", "ws")
        let members = [
            ("tokenUrl", "\(http)://\(authority)/auth/oauth2/token"),
            ("restUrl", "\(http)://\(authority)/message/interaction"),
            ("webSocketUrl", "\(ws)://\(authority)/"), ("summaryUrl", "\(http)://\(authority)/journal/summary"),
        ]
        return "{\(members.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",")),\"port\":\(port)}"
    }

    private static func makeTLS(_ options: SandboxOptions) throws -> NIOSSLContext {
        let certificate = try ServerCertificate(.now)
        if let path = options.certificateFile {
            do {
                try Data(certificate.authority.utf8).write(to: URL(filePath: path))
            } catch {
                throw Failure(description: "\(path): the certificate cannot be written")
            }
        }
        return try certificate.tls()
    }

    private static func addHandlers(to channel: any Channel, _ tenant: Tenant, _ tls: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(LineCutter())
        if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
        // By hand instead of by NIO's own way to do it, since a refused upgrade has to be answered by the tenant.
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)))
        try pipeline.addHandler(HTTPServerPipelineHandler())
        try pipeline.addHandler(HTTPServerProtocolErrorHandler())
        try pipeline.addHandler(RequestHandler(tenant))
    }
}
