// 64 tasks that take a line each, post it, and wait for the answer.

import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// The least that a program with AsyncHTTPClient does.
struct BareLoop: Sendable {
    static let window = 64

    struct Failure: Error, CustomStringConvertible { var description: String }

    let tokenURL: String
    let url: String

    func run(_ path: String) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.window
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
        let lines = try LineReader(path)
        let token = try await token(client)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<Self.window {
                tasks.addTask {
                    while let (number, line) = lines.next() { try await post(line, number, token, client) }
                }
            }
            try await tasks.waitForAll()
        }
        try await client.shutdown()
        try await group.shutdownGracefully()
    }

    private func token(_ client: HTTPClient) async throws -> String {
        let query = "grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
        var request = HTTPClientRequest(url: "\(tokenURL)?\(query)")
        request.method = .POST
        let answer = try await client.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
        guard let name = text.range(of: "\"access_token\":\""),
            let end = text[name.upperBound...].firstIndex(of: "\"")
        else { throw Failure(description: "no token") }
        return String(text[name.upperBound..<end])
    }

    private func post(_ line: ByteBuffer, _ number: Int, _ token: String, _ client: HTTPClient) async throws {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers = [
            "Authorization": "Bearer \(token)", "Content-Type": "application/json",
            "Idempotency-Key": "bench-\(number)",
        ]
        request.body = .bytes(line)
        let answer = try await client.execute(request, timeout: .seconds(30))
        _ = try await answer.body.collect(upTo: 1 << 20)
        guard answer.status.code == 200 || answer.status.code == 201 else {
            throw Failure(description: "HTTP \(answer.status.code)")
        }
    }
}

/// The lines of a file, for many tasks.
final class LineReader: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var at = 0
        var count = 0
        var isAtEnd = false
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw BareLoop.Failure(description: "cannot read \(path)") }
    }

    deinit { close(descriptor) }

    /// The next line and its number.
    func next() -> (number: Int, line: ByteBuffer)? {
        state.withLock { state in
            while true {
                if let end = state.bytes[state.at...].firstIndex(of: UInt8(ascii: "\n")) {
                    defer { state.at = end + 1 }
                    state.count += 1
                    return (state.count, ByteBuffer(bytes: state.bytes[state.at..<end]))
                }
                guard !state.isAtEnd else { return nil }
                state.bytes.removeFirst(state.at)
                state.at = 0
                let old = state.bytes.count
                state.bytes.append(contentsOf: repeatElement(0, count: 1 << 18))
                let got = state.bytes.withUnsafeMutableBytes { bytes in
                    let space = UnsafeMutableRawBufferPointer(rebasing: bytes[old...])
                    return read(descriptor, space.baseAddress, space.count)
                }
                state.isAtEnd = got <= 0
                state.bytes.removeLast((1 << 18) - max(got, 0))
            }
        }
    }
}
