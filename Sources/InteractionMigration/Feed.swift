// Hands the sender what is to be sent: read, registered, decided.

package import InteractionConversion
internal import InteractionLedger
internal import InteractionModel
package import InteractionSubmission

/// The messages of a run's inputs that the tenant does not have, in their order.
actor Feed: MessageSource {
    private let handover = Handover<ReadyBatch>(capacity: 2)
    private let ledger: Ledger
    private let options: MigrationOptions
    private let checkpointer: Checkpointer
    private let tell: @Sendable (Aside) -> Void
    private var triage: Triage
    private var filter: ShardFilter
    private(set) var readReport = ReadyReport()
    private(set) var bytesRead: Int64 = 0

    /// Makes a feed.
    ///
    /// - Parameters:
    ///   - ledger: Knows what was sent before.
    ///   - options: What may be sent.
    ///   - checkpointer: Knows what an earlier run has finished with.
    ///   - tell: Receives what is not sent, and findings.
    init(
        _ ledger: Ledger,
        _ options: MigrationOptions,
        _ checkpointer: Checkpointer,
        tell: @escaping @Sendable (Aside) -> Void
    ) {
        self.ledger = ledger
        self.options = options
        self.checkpointer = checkpointer
        self.tell = tell
        triage = Triage(options)
        filter = ShardFilter(options.shard)
    }

    var counts: MigrationCounts { triage.counts }

    /// Reads the inputs to their end, as fast as the messages are taken.
    func read(_ files: [String], isStopped: @escaping @Sendable () -> Bool) async {
        let converter = Converter(options.conversion)
        let handover = handover
        do {
            readReport = try await converter.ready(
                files: files,
                version: options.tool,
                isStopped: isStopped,
                resume: { @Sendable in try await self.resume($0) },
                deliver: { @Sendable batch, progress in try await handover.put(await self.note(batch, progress)) }
            )
            try await checkpointer.end(readReport)
            triage.counts.records = readReport.records
            triage.counts.finishedEarlier = readReport.finishedEarlier
            triage.counts.invalid = filter.hasInvalid ? readReport.refused : 0
            await handover.finish(.success(()))
        } catch {
            await handover.finish(.failure(error))
        }
    }

    /// Books what an earlier run has delivered, and says what it need not be asked for again.
    private func resume(_ basis: ConversionBasis) async throws -> EarlierRun {
        let run = try await checkpointer.resume(basis)
        let earlier = await checkpointer.earlier
        triage.counts.messages += earlier.messages
        triage.counts.delivered += earlier.messages
        filter.others += earlier.otherShards
        triage.counts.otherShards = filter.others
        return run
    }

    /// Books a batch.
    ///
    /// - Returns: What of it is to be sent by this process.
    private func note(_ batch: ReadyBatch, _ progress: Converter.Progress) -> ReadyBatch {
        let batch = filter.own(batch)
        triage.counts.otherShards = filter.others
        bytesRead = max(bytesRead, progress.bytesRead)
        triage.counts.records = progress.records
        triage.counts.finishedEarlier = progress.finishedEarlier
        triage.counts.invalid += batch.refused.count
        for finding in batch.findings { tell(.finding(finding)) }
        for refused in batch.refused { tell(.invalid(refused)) }
        return batch
    }

    func next() async throws -> [OutgoingMessage]? {
        while let batch = try await handover.take() {
            let messages = try await register(batch)
            if !messages.isEmpty { return messages }
        }
        return nil
    }

    /// Reads nothing any more.
    func close() async { await handover.close() }

    private func register(_ batch: ReadyBatch) async throws -> [OutgoingMessage] {
        // By their places: a copy of a message costs as much as to register it.
        let entries = batch.messages.withUnsafeBufferPointer { messages in
            messages.indices.map { LedgerEntry(messages[$0]) }
        }
        let standings = try await ledger.register(entries, takesChanges: options.resubmitsChanged)
        var outgoing: [OutgoingMessage] = []
        outgoing.reserveCapacity(standings.count)
        var fates: [(standing: LedgerStanding, decision: Triage.Decision)] = []
        batch.messages.withUnsafeBufferPointer { messages in
            standings.withUnsafeBufferPointer { standings in
                for index in messages.indices {
                    let decision = triage.decide(messages[index], standings[index])
                    if let message = self.outgoing(messages[index], standings[index], decision) {
                        outgoing.append(message)
                    }
                    // Only what is converted has a position in its run.
                    if batch.endPosition > 0 { fates.append((standings[index], decision)) }
                }
            }
        }
        // Before anything can be sent, and so have an outcome.
        if batch.endPosition > 0 { await checkpointer.take(batch, fates) }
        return outgoing
    }

    /// A message as it is to be sent; nil if it is not.
    private func outgoing(
        _ ready: ReadyMessage,
        _ standing: LedgerStanding,
        _ decision: Triage.Decision
    ) -> OutgoingMessage? {
        switch decision {
        case .send:
            return OutgoingMessage(
                ready,
                row: standing.row,
                key: standing.key,
                attempts: standing.attempts,
                isSocket: options.submission.transport == .webSocket,
                tenant: options.conversion.mapping.tenantId
            )
        case .skip: break
        case .refusedEarlier: tell(.refusedEarlier(ready, standing))
        case .changed: tell(.finding(ready.changed))
        }
        return nil
    }
}

extension OutgoingMessage {
    /// A message as its transport needs it.
    ///
    /// - Parameters:
    ///   - ready: The message.
    ///   - row: The recorder's number of it.
    ///   - key: The key to send it with.
    ///   - attempts: Those of earlier runs.
    ///   - isSocket: Whether it travels in an envelope.
    ///   - tenant: The tenant's id, for an envelope that is made here.
    package convenience init(
        _ ready: ReadyMessage,
        row: Int64,
        key: String,
        attempts: Int = 0,
        isSocket: Bool,
        tenant: String? = nil
    ) {
        // Over REST the payload is all that travels, so its envelope need not be made.
        let envelope =
            isSocket
            ? ready.message.envelope(key: key, tenant: tenant)
            : (ready.message.bytes, ready.message.payload, ready.message.correlationId ?? ready.message.requestId)
        self.init(
            row: row,
            threadId: ready.message.threadId,
            correlationId: envelope.2,
            idempotencyKey: key,
            envelope: envelope.0,
            payload: envelope.1,
            attempts: attempts
        )
    }
}

extension ReadyMessage {
    /// That it is not sent because it has changed.
    var changed: Finding {
        Finding(
            .messageChanged,
            .error,
            stage: .submit,
            place: Finding.Place(file: file, record: record),
            path: "request.requestId",
            message: "the ledger has a message of this thread and request with other content; this one is not sent",
            remedy: "send it as well with --resubmit-changed"
        )
    }
}

/// Writes intent and outcomes into the ledger, and then how far that is.
struct LedgerRecorder: DeliveryRecorder {
    let ledger: Ledger
    let checkpointer: Checkpointer

    func record(_ events: [DeliveryEvent], willSend rows: [Int64]) async throws {
        try await ledger.record(
            events.map { event in
                LedgerOutcome(
                    row: event.row,
                    state: event.state.map(MessageState.init),
                    status: event.status,
                    reason: event.reason,
                    startedAt: event.startedAt,
                    latency: event.latency
                )
            },
            willSend: rows
        )
        try await checkpointer.take(events)
    }
}

extension MessageState {
    fileprivate init(_ state: DeliveryState) {
        switch state {
        case .accepted: self = .accepted
        case .completed: self = .completed
        case .rejected: self = .rejected
        case .unknown: self = .unknown
        }
    }
}
