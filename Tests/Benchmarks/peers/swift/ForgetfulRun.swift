// `submit` without its ledger: the same reading, the same sending, and nobody who remembers.

import InteractionConversion
import InteractionMigration
import InteractionSubmission
import Logging

/// One run that forgets.
struct ForgetfulRun: Sendable {
    let tokenURL: String
    let url: String
    let isSocket: Bool

    func run(_ path: String) async throws {
        var options = SubmissionOptions()
        options.tokenURL = tokenURL
        options.transport = isSocket ? .webSocket : .rest
        if isSocket { options.webSocketURL = url } else { options.restURL = url }
        var quiet = Logger(label: "submit-peer")
        quiet.logLevel = .critical
        let credentials = ["OPTAVE_CLIENT_ID": "sandbox", "OPTAVE_CLIENT_SECRET": "sandbox"]
        let submitter = try Submitter(options: options, environment: credentials, logger: quiet)
        let source = ForgetfulSource(isSocket: isSocket)
        async let reading: Void = source.read(path)
        let summary = try await submitter.run(source: source, recorder: Forgetting())
        try await reading
        guard summary.ending == .finished, summary.progress.rejected + summary.progress.unknown == 0 else {
            throw BareLoop.Failure(description: "it ended as \(summary.ending)")
        }
    }
}

/// Hands out what it reads, numbered.
private actor ForgetfulSource: MessageSource {
    private let isSocket: Bool
    private let handover = Handover<ReadyBatch>(capacity: 2)
    private var row: Int64 = 0

    init(isSocket: Bool) { self.isSocket = isSocket }

    func read(_ path: String) async throws {
        let handover = handover
        let converter = Converter(ConversionOptions())
        _ = try await converter.ready(
            files: [path],
            isStopped: { false },
            deliver: { batch, _ in try await handover.put(batch) }
        )
        await handover.finish(.success(()))
    }

    func next() async throws -> [OutgoingMessage]? {
        guard let batch = try await handover.take() else { return nil }
        return batch.messages.map { ready in
            row += 1
            return OutgoingMessage(ready, row: row, key: ready.message.digest.description, isSocket: isSocket)
        }
    }
}

/// Remembers nothing.
private struct Forgetting: DeliveryRecorder {
    func record(_ events: [DeliveryEvent], willSend rows: [Int64]) async throws {}
}
