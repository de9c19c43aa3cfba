// What comes up beside the sending: replies, dead letters, findings; written by one task, in the order in which it came.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionModel
internal import InteractionSubmission

/// Something to write down beside the ledger.
enum Aside: Sendable {
    case finding(Finding)
    /// With the time at which it came, in milliseconds since 1970.
    case reply(TenantReply, Int64)
    /// The tenant has refused a message.
    case deadLetter(DeadLetter)
    /// An earlier run was refused it.
    case refusedEarlier(ReadyMessage, LedgerStanding)
    /// No valid message.
    case invalid(RefusedRecord)
}

/// Writes dead letters and replies, and shows findings.
actor AsideWriter {
    private let ledger: Ledger
    private let deadLetters: OutputFile?
    private let replies: AppendedFile?
    private let show: (@Sendable (Finding) -> Void)?

    /// Opens the files.
    ///
    /// - Parameters:
    ///   - ledger: Knows where a message comes from.
    ///   - deadLetters: Appears when the run ends, with everything of its inputs that is refused.
    ///   - replies: Grows at its end, so that the replies of earlier runs stay.
    ///   - show: Receives findings.
    /// - Throws: ``OutputFailure``.
    init(
        _ ledger: Ledger,
        deadLetters: String?,
        replies: String?,
        show: (@Sendable (Finding) -> Void)?
    ) throws(OutputFailure) {
        self.ledger = ledger
        self.deadLetters = try deadLetters.map { path throws(OutputFailure) in try OutputFile(path: path) }
        self.replies = try replies.map { path throws(OutputFailure) in try AppendedFile(path: path) }
        self.show = show
    }

    /// Writes what comes, until there is no more.
    ///
    /// - Parameters:
    ///   - asides: What comes.
    ///   - fail: Called once if it cannot be written; the rest is not looked at any more.
    /// - Throws: ``OutputFailure`` and ``LedgerError``.
    func write(_ asides: AsyncStream<Aside>, onFailure fail: @Sendable () -> Void) async throws {
        do {
            for await aside in asides { try await write(aside) }
            try deadLetters?.finish()
        } catch {
            fail()
            throw error
        }
    }

    private func write(_ aside: Aside) async throws {
        switch aside {
        case .finding(let finding): show?(finding)
        case .reply(let reply, let time): try await write(reply, time)
        case .deadLetter(let letter):
            let origin = try await ledger.origin(of: letter.message.row)
            let reason = letter.event.reason ?? letter.event.status.map { "status \($0)" } ?? "refused"
            show?(Self.refusal(origin, reason))
            try writeLetter(
                letter.message.envelope,
                reason: reason,
                status: letter.event.status,
                attempts: (origin?.attempts ?? letter.message.attempts) + 1,
                origin
            )
        case .refusedEarlier(let ready, let standing):
            let origin = MessageOrigin(
                threadId: ready.message.threadId,
                requestId: ready.message.requestId,
                input: ready.file,
                record: ready.record,
                attempts: standing.attempts
            )
            try writeLetter(
                ready.message.bytes,
                reason: standing.reason ?? "refused",
                status: standing.status,
                attempts: standing.attempts,
                origin
            )
        case .invalid(let refused):
            show?(refused.finding)
            let place = refused.finding.place
            let origin = MessageOrigin(
                threadId: "",
                requestId: "",
                input: place.file,
                record: place.record ?? 0,
                attempts: 0
            )
            let path = refused.finding.path.map { "\($0): " } ?? ""
            let reason = "\(refused.finding.code.rawValue): \(path)\(refused.finding.message)"
            try writeLetter(refused.json ?? Array("null".utf8), reason: reason, status: nil, attempts: 0, origin)
        }
    }

    /// A dead letter is the message beside what was said of it; `submit` takes the message out again.
    private func writeLetter(
        _ message: [UInt8],
        reason: String,
        status: Int?,
        attempts: Int,
        _ origin: MessageOrigin?
    ) throws {
        guard let deadLetters else { return }
        var out = OutputBuffer(capacity: message.count + 512)
        out.append(object: {
            $0.member(
                "deadLetter",
                object: {
                    $0.member("reason", reason)
                    if let status { $0.member("status", status) }
                    $0.member("attempts", attempts)
                    guard let origin else { return }
                    $0.member("file", origin.input)
                    $0.member("record", origin.record)
                }
            )
            $0.member(named: "message") { $0.append(message) }
        })
        out.append("\n")
        try deadLetters.write(out.bytes)
    }

    private func write(_ reply: TenantReply, _ time: Int64) async throws {
        guard let replies else { return }
        var origin: MessageOrigin?
        if let row = reply.row { origin = try await ledger.origin(of: row) }
        let value = try? JSONValue(parsing: reply.bytes)
        let body = value?["payload"] ?? value
        let content = body?["message"] ?? body ?? .string(String(decoding: reply.bytes, as: UTF8.self))
        var out = OutputBuffer(capacity: reply.bytes.count + 512)
        out.append(object: {
            if let origin {
                $0.member("requestId", origin.requestId)
                $0.member("threadId", origin.threadId)
            }
            if let id = reply.correlationId { $0.member("correlationId", id) }
            if let action = reply.actionType { $0.member("actionType", action) }
            if let state = reply.state { $0.member("state", state) }
            $0.member("receivedAt", Instant.rfc3339(milliseconds: time))
            $0.member(named: "content") { $0.append(content.json) }
        })
        try replies.write(line: out.array)
    }

    private static func refusal(_ origin: MessageOrigin?, _ reason: String) -> Finding {
        Finding(
            .messageRefused,
            .error,
            stage: .submit,
            place: Finding.Place(file: origin?.input ?? "-", record: origin?.record),
            message: "the tenant refuses it: \(reason)",
            remedy: "correct it in the --dead-letter file and submit that"
        )
    }
}
