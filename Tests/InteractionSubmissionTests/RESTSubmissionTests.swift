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
        options.requestTimeout = .seconds(60)
        options.connectTimeout = .seconds(60)
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
        #expect(recorder.now.batches.allSatisfy { $0 <= 512 })
        await server.stop()
    }
}

extension RESTSubmissionTests {
    private func run(
        _ server: LoopbackServer,
        _ messages: [OutgoingMessage],
        _ change: (inout SubmissionOptions) -> Void = { _ in }
    ) async throws -> (SubmissionSummary, MemoryRecorder) {
        var options = Self.options(server.port)
        change(&options)
        let recorder = MemoryRecorder()
        let submitter = try Submitter(options: options, environment: Self.environment, logger: .silent)
        let summary = try await submitter.run(source: ArraySource(messages), recorder: recorder)
        await server.stop()
        return (summary, recorder)
    }

    @Test func orderWithinAThreadHoldsUnderFaults() async throws {
        let accepted = Mutex<[String: [Int]]>([:])
        let server = try await LoopbackServer { request in
            if request.path == "/auth/token" { return .answer(200, [], Self.token) }
            // Which fault depends on the request's place, so every message can meet each.
            let fault = (request.number * 7919) % 11
            if fault == 0 { return .answer(503) }
            if fault == 1 { return .answer(429, [("Retry-After", "0")]) }
            if fault == 2 { return .drop }
            let body = String(decoding: request.body, as: UTF8.self)
            let numbers = body.split { !$0.isNumber }.compactMap { Int($0) }
            accepted.withLock { $0[String(numbers[1]), default: []].append(numbers[0]) }
            if fault == 3 { return .drop }  // Taken, and the answer is lost.
            return fault == 4 ? .late(30, 200) : .answer(200)
        }
        let (summary, recorder) = try await run(server, TestMessages.make(400, threads: 10)) { $0.attempts = 50 }
        #expect(summary.ending == .finished)
        #expect(summary.progress.accepted == 400)
        #expect(summary.progress.retries > 50)
        #expect(recorder.now.outcomesWithoutIntent == 0)
        let threads = accepted.withLock { $0 }
        #expect(threads.count == 10)
        for (_, numbers) in threads {
            #expect(numbers == numbers.sorted(), "nothing overtakes")
            #expect(Set(numbers).count == 40)
        }
    }

    @Test func refusedMessagesAreDeadLettersAndTheRestGoesOn() async throws {
        let server = try await LoopbackServer { request in
            if request.path == "/auth/token" { return .answer(200, [], Self.token) }
            let isBad = String(decoding: request.body, as: UTF8.self).contains(#""n":7,"#)
            return isBad ? .answer(422, [], #"{"error":{"code":"PAYLOAD_SCHEMA_MISMATCH"}}"#) : .answer(200)
        }
        let (summary, recorder) = try await run(server, TestMessages.make(50, threads: 5))
        #expect(summary.progress.accepted == 49)
        #expect(summary.progress.rejected == 1)
        let event = recorder.now.events.first { $0.state == .rejected }
        #expect(event?.row == 7)
        #expect(event?.status == 422)
        #expect(event?.reason == "HTTP 422 (PAYLOAD_SCHEMA_MISMATCH)")
    }

    @Test func whatFollowsAMessageWithoutOutcomeIsHeldBack() async throws {
        let server = try await LoopbackServer { request in
            if request.path == "/auth/token" { return .answer(200, [], Self.token) }
            return String(decoding: request.body, as: UTF8.self).contains(#""n":5,"#) ? .answer(500) : .answer(200)
        }
        let (summary, recorder) = try await run(server, TestMessages.make(40, threads: 4)) { $0.attempts = 3 }
        #expect(summary.ending == .finished)
        #expect(summary.progress.unknown == 1)
        #expect(summary.progress.heldBack == 8)
        #expect(summary.progress.accepted == 31)
        #expect(recorder.states[5] == .unknown)
        #expect(recorder.states[9] == nil)
    }

    @Test func runThatOnlyFailsIsStopped() async throws {
        let script: LoopbackServer.Script = { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .answer(400)
        }
        let (summary, _) = try await run(try await LoopbackServer(script), TestMessages.make(500))
        guard case .failed(let error) = summary.ending else {
            Issue.record("\(summary.ending)")
            return
        }
        #expect(error.code == .tooManyFailures)
        #expect(error.description.hasSuffix("the last: HTTP 400"))
        #expect(summary.progress.rejected < 100)
        let (limited, _) = try await run(try await LoopbackServer(script), TestMessages.make(500)) {
            $0.failureLimit = .count(2)
            $0.concurrency = 1
        }
        #expect(limited.progress.rejected == 3)
    }

    @Test func stopDrainsWhatIsInFlight() async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .late(50, 200)
        }
        let recorder = MemoryRecorder()
        let submitter = try Submitter(
            options: Self.options(server.port),
            environment: Self.environment,
            logger: .silent
        )
        async let running = submitter.run(source: ArraySource(TestMessages.make(10_000)), recorder: recorder)
        while submitter.progress.accepted < 20 { try await Task.sleep(for: .milliseconds(5)) }
        submitter.stop()
        let summary = try await running
        #expect(summary.ending == .stopped)
        #expect(summary.progress.inFlight == 0)
        #expect(summary.progress.accepted < 10_000)
        #expect(recorder.states.count == summary.progress.accepted, "everything that was sent has its outcome")
        #expect(summary.progress.sent == summary.progress.accepted)
        await server.stop()
    }

    @Test func drainHasAnEnd() async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .silence
        }
        var options = Self.options(server.port)
        options.requestTimeout = .seconds(600)
        options.drain = .milliseconds(100)
        let submitter = try Submitter(options: options, environment: Self.environment, logger: .silent)
        let recorder = MemoryRecorder()
        async let running = submitter.run(source: ArraySource(TestMessages.make(100)), recorder: recorder)
        while submitter.progress.inFlight == 0 { try await Task.sleep(for: .milliseconds(5)) }
        submitter.stop()
        let summary = try await running
        #expect(summary.ending == .stopped)
        #expect(summary.progress.accepted == 0)
        #expect(recorder.states.isEmpty)
        await server.stop()
    }

    @Test func cancellingLeavesAtOnce() async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .silence
        }
        let submitter = try Submitter(
            options: Self.options(server.port),
            environment: Self.environment,
            logger: .silent
        )
        let recorder = MemoryRecorder()
        let run = Task {
            try await submitter.run(source: ArraySource(TestMessages.make(100)), recorder: recorder)
        }
        while submitter.progress.inFlight == 0 { try await Task.sleep(for: .milliseconds(5)) }
        run.cancel()
        await #expect(throws: CancellationError.self) { try await run.value }
        await server.stop()
    }

    @Test func faultsOfSourceAndRecorderEndTheRun() async throws {
        struct Broken: Error {}
        final class BrokenSource: MessageSource {
            var count = 0
            func next() async throws -> [OutgoingMessage]? {
                count += 1
                if count > 1 { throw Broken() }
                return TestMessages.make(64)
            }
        }
        final class BrokenRecorder: DeliveryRecorder {
            func record(_ events: [DeliveryEvent], willSend rows: [Int64]) async throws { throw Broken() }
        }
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .answer(200)
        }
        let recorder = MemoryRecorder()
        let first = try Submitter(options: Self.options(server.port), environment: Self.environment, logger: .silent)
        await #expect(throws: Broken.self) { try await first.run(source: BrokenSource(), recorder: recorder) }
        #expect(recorder.now.outcomesWithoutIntent == 0)
        let posts = server.requests.count
        let second = try Submitter(options: Self.options(server.port), environment: Self.environment, logger: .silent)
        await #expect(throws: Broken.self) {
            try await second.run(source: ArraySource(TestMessages.make(64)), recorder: BrokenRecorder())
        }
        #expect(server.requests.count == posts, "nothing is sent that cannot be written down")
        await server.stop()
    }

    @Test(arguments: [SubmissionOptions.TokenRequest.body, .basic])
    func otherFormsOfTokenRequests(_ form: SubmissionOptions.TokenRequest) async throws {
        let server = try await LoopbackServer { request in
            request.path == "/auth/token" ? .answer(200, [], Self.token) : .answer(200)
        }
        let (summary, _) = try await run(server, TestMessages.make(1)) { $0.tokenRequest = form }
        #expect(summary.progress.accepted == 1)
        let request = try #require(server.requests.first)
        #expect(request.uri == "/auth/token")
        let body = String(decoding: request.body, as: UTF8.self)
        if form == .body {
            #expect(body == "grant_type=client_credentials&client_id=migrator&client_secret=p%26ss+w%2Brd")
        } else {
            #expect(body == "grant_type=client_credentials")
            let basic = Data("migrator:p%26ss+w%2Brd".utf8).base64EncodedString()
            #expect(request.headers.first(name: "Authorization") == "Basic \(basic)")
        }
    }

    @Test func tokenCommandIsRunWithoutAShell() async throws {
        let server = try await LoopbackServer { _ in .answer(200) }
        let (summary, _) = try await run(server, TestMessages.make(2)) {
            $0.tokenCommand = ["printf", "%s\\n", "tok$(id).x"]
        }
        #expect(summary.progress.accepted == 2)
        #expect(server.requests.first?.headers.first(name: "Authorization") == "Bearer tok$(id).x")
        for (command, said) in [
            (["false"], "--token-command: false ended with 1"),
            (["printf", "a b"], "--token-command must print one token"),
            (["no-such-program-here"], "--token-command: cannot run no-such-program-here"),
        ] {
            let (summary, _) = try await run(try await LoopbackServer { _ in .answer(200) }, TestMessages.make(2)) {
                $0.tokenCommand = command
                $0.patience = .milliseconds(1)
            }
            guard case .failed(let error) = summary.ending else {
                Issue.record("\(summary.ending)")
                continue
            }
            #expect(error.description.hasPrefix(said))
        }
    }
}
