// The life of single messages after their conversion: what a ledger knows of them, and what the tenant has replied.

internal import InteractionConversion
public import InteractionLedger
public import InteractionModel

/// A reply of the tenant, as `--replies` has written it.
public struct MessageReply: Sendable, Hashable {
    /// The name of what has replied.
    public var actionType: String?
    /// `started`, `completed` or `error`; nil if the reply does not say.
    public var state: String?
    /// When it came, as RFC 3339.
    public var receivedAt: String?
    /// What it says, which can hold what people have written.
    public var content: JSONValue?
}

/// A message, every attempt at it, and every reply to it.
public struct MessageLife: Sendable, Hashable {
    /// The message and its attempts.
    public var history: MessageHistory
    /// In the order of arrival.
    public var replies: [MessageReply] = []

    /// All of it as one JSON object on one line.
    ///
    /// - Parameter showsContent: Whether it holds what replies say.
    /// - Returns: An object; times are RFC 3339, latencies microseconds.
    public func json(showsContent: Bool) -> String {
        let message = history.message
        return OutputBuffer.text(object: {
            $0.member("threadId", message.threadId)
            $0.member("requestId", message.requestId)
            $0.member("part", message.part)
            $0.member("idempotencyKey", message.idempotencyKey)
            $0.member("file", message.input)
            $0.member("record", message.record)
            $0.member("state", message.state.name)
            $0.member("attempts", list: history.attempts) { $0.append(object: $1.write) }
            guard !replies.isEmpty else { return }
            $0.member("replies", list: replies) { out, reply in
                out.append(object: { reply.write(to: &$0, showsContent: showsContent) })
            }
        })
    }
}

extension AttemptRecord {
    /// When it began, as RFC 3339.
    public var startedAt: String? { started.map(Instant.rfc3339(milliseconds:)) }

    fileprivate func write(to out: inout OutputBuffer) {
        out.member("number", number)
        out.member("run", run)
        out.member("startedAt", startedAt)
        out.member("latencyMicroseconds", latency.map { Int($0) })
        out.member("state", state?.name)
        out.member("status", status)
        out.member("reason", reason)
    }
}

extension MessageReply {
    fileprivate func write(to out: inout OutputBuffer, showsContent: Bool) {
        if let actionType { out.member("actionType", actionType) }
        if let state { out.member("state", state) }
        if let receivedAt { out.member("receivedAt", receivedAt) }
        if showsContent, let content { out.member(named: "content") { $0.append(content.json) } }
    }

    /// Reads a line of the file of replies.
    fileprivate init(_ line: JSONValue) {
        actionType = line["actionType"]?.text
        state = line["state"]?.text
        receivedAt = line["receivedAt"]?.text
        content = line["content"]
    }
}

extension Instant {
    /// A time of the ledger, with three decimals.
    static func rfc3339(milliseconds: Int64) -> String {
        let fraction = UInt64(milliseconds % 1000) * 1_000_000_000_000_000
        return Instant(seconds: milliseconds / 1000, attoseconds: fraction).description
    }
}

extension Migration {
    /// Looks up messages: where they stand, every attempt, every reply.
    ///
    /// - Parameters:
    ///   - subjects: Which messages.
    ///   - path: The ledger's file.
    ///   - replies: What `submit --replies` has written; nil for no replies.
    ///   - isStopped: Asked while replies are read, which takes as long as the file is; then some may be missing.
    /// - Returns: For each subject its messages, in the order in which they were registered.
    /// - Throws: `LedgerError`, and ``RepliesFailure`` for a file that holds something else.
    public static func lives(
        of subjects: [MessageHistory.Subject],
        ledger path: String,
        replies: String? = nil,
        isStopped: @escaping @Sendable () -> Bool = { false }
    ) async throws -> [[MessageLife]] {
        let ledger = try Ledger(path, .reading)
        var lives = try subjects.map { try ledger.history(of: $0).map { MessageLife(history: $0) } }
        try await ledger.close()
        guard let replies else { return lives }
        var known: [[String]: [MessageReply]] = [:]
        for life in lives.joined() { known[life.identity] = [] }
        try RepliesFailure.read(replies, isStopped: isStopped) { identity, reply in
            if known[identity] != nil { known[identity]?.append(MessageReply(try reply())) }
        }
        for list in lives.indices {
            for index in lives[list].indices { lives[list][index].replies = known[lives[list][index].identity] ?? [] }
        }
        return lives
    }
}

extension MessageLife {
    /// What replies name a message by.
    fileprivate var identity: [String] { [history.message.threadId, history.message.requestId] }
}

/// A file of replies that cannot be used.
public struct RepliesFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is the matter with it, and where.
    public let description: String

    fileprivate static func read(
        _ path: String,
        isStopped: @escaping @Sendable () -> Bool,
        _ reply: (_ identity: [String], _ line: () throws -> JSONValue) throws -> Void
    ) throws {
        let end = try WrittenLines(path).read(isStopped: isStopped) { view, number in
            guard let view, view.kind(view.root) == .object, view.member(view.root, "content") != nil else {
                throw RepliesFailure(
                    description:
                        "line \(number) of \(path) is no reply; name a file that `submit --replies` has written"
                )
            }
            // A reply that names nothing that was sent is nobody's.
            guard let thread = view.member(view.root, "threadId"), let request = view.member(view.root, "requestId")
            else { return }
            try reply([view.text(thread).string, view.text(request).string]) {
                try JSONValue(parsing: [UInt8](view.bytes(view.root)))
            }
        }
        if let finding = end.trouble { throw RepliesFailure(description: finding.description) }
    }
}
