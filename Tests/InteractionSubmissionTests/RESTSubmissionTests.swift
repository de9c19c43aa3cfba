// Whole runs over REST against a server on this machine.

import Foundation
import InteractionSubmission
import Synchronization
import Testing

@Suite struct RESTSubmissionTests {
    static let environment = ["OPTAVE_CLIENT_ID": "migrator", "OPTAVE_CLIENT_SECRET": "p&ss w+rd"]
    static let token = #"{"access_token":"tok.en-1","expires_in":600}"#

    static func options(_ port: Int) -> SubmissionOptions {
        var options = SubmissionOptions()
        options.restURL = "http://127.0.0.1:\(port)/message/interaction"
        options.tokenURL = "http://127.0.0.1:\(port)/auth"
        options.retryCap = .milliseconds(20)
        options.requestTimeout = .seconds(5)
        return options
    }

    @Test func everyMessageIsPostedOnce() async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .answer(201, [], "{}")
        }
        let recorder = MemoryRecorder()
        let messages = TestMessages.make(500)
        let submitter = try Submitter(
            options: Self.options(server.port),
            environment: Self.environment,
            logger: .silent
        )
        let summary = try await submitter.run(source: ArraySource(messages), recorder: recorder)
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 500)
        #expect(summary.progress.sent == 500)
        #expect(summary.progress.inFlight == 0)
        let posts = server.requests.filter { $0.path == "/message/interaction" }
        #expect(posts.count == 500)
        #expect(Set(posts.compactMap(\.key)) == Set(messages.map(\.idempotencyKey)))
        let first = try #require(posts.first { $0.key == messages[7].idempotencyKey })
        #expect(first.body == Array(messages[7].envelope[messages[7].payload]))
        #expect(first.headers.first(name: "Authorization") == "Bearer tok.en-1")
        #expect(first.headers.first(name: "Content-Type") == "application/json")
        let tokens = server.requests.filter { $0.path == "/auth/token" }
        #expect(
            tokens.map(\.uri) == [
                "/auth/token?grant_type=client_credentials&client_id=migrator&client_secret=p%26ss+w%2Brd"
            ]
        )
        #expect(recorder.now.intents.sorted() == messages.map(\.row))
        #expect(recorder.now.outcomesWithoutIntent == 0)
        #expect(recorder.states.count == 500)
        #expect(recorder.now.batches.allSatisfy { $0 <= 64 })
        await server.stop()
    }
}
