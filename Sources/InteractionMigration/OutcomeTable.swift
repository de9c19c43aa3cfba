// Every message of a ledger as CSV that a spreadsheet can open without danger.

internal import InteractionConversion
public import InteractionLedger
internal import InteractionModel

/// The table of outcomes: one row for each message, in the order in which they were registered.
public enum OutcomeTable {
    private static let columns = [
        "thread", "request", "part", "idempotency_key", "state", "attempts", "status", "reason", "last_attempt", "file",
        "record",
    ]

    /// Writes the table.
    ///
    /// - Parameters:
    ///   - ledgers: The ledgers' files, one after the other.
    ///   - path: Where to; `-` is standard output.
    /// - Throws: `LedgerError` and `OutputFailure`.
    public static func write(ledgers: [String], to path: String) async throws {
        let out = try OutputFile(path: path)
        try out.write(columns.joined(separator: ",") + "\r\n")
        for ledger in ledgers {
            try await Migration.messages(ledger: ledger) { try out.write(row($0) + "\r\n") }
        }
        try out.finish()
    }

    private static func row(_ message: MessageRecord) -> String {
        let cells = [
            message.threadId, message.requestId, "\(message.part)", message.idempotencyKey, message.state.name,
            "\(message.attempts)", message.status.map { "\($0)" } ?? "", message.reason ?? "",
            message.lastAttempt.map(Instant.rfc3339(milliseconds:)) ?? "", message.input, "\(message.record)",
        ]
        return cells.map(cell).joined(separator: ",")
    }

    /// A cell that stays a text: what a spreadsheet would take for a formula gets an apostrophe.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first) { text = "'" + text }
        guard text.contains(where: { "\",\r\n".contains($0) || $0 == "\r\n" }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension LedgerStatus {
    /// The counts as one JSON object on one line.
    public var json: String { String(decoding: object.json, as: UTF8.self) }

    /// The sum over several ledgers as one JSON object on one line, with each of them as a member of `ledgers`.
    ///
    /// - Parameters:
    ///   - statuses: The state of each.
    ///   - paths: Their files.
    /// - Returns: The object; a single ledger's is as ``json``.
    public static func json(sumOf statuses: [LedgerStatus], _ paths: [String]) -> String {
        guard statuses.count != 1 else { return statuses[0].json }
        var sum = LedgerStatus(sumOf: statuses).object
        sum["ledgers"] = .array(
            zip(paths, statuses).map { path, status in
                var object = status.object
                object["schema"] = nil
                object["ledger"] = .string(path)
                return object
            }
        )
        return String(decoding: sum.json, as: UTF8.self)
    }

    private var object: JSONValue {
        let states = MessageState.allCases.map { JSONValue.Member($0.name, .number("\(self[$0])")) }
        let failures = failures.map { failure in
            var members: [JSONValue.Member] = [.init("state", .string(failure.state.name))]
            if let status = failure.status { members.append(.init("status", .number("\(status)"))) }
            if let reason = failure.reason { members.append(.init("reason", .string(reason))) }
            members.append(.init("count", .number("\(failure.count)")))
            return JSONValue.object(members)
        }
        let runs = runs.map { run in
            JSONValue.object([
                .init("number", .number("\(run.number)")), .init("tool", .string(run.tool)),
                .init("target", .string(run.target)), .init("options", .string(run.options)),
                .init("started", .number("\(run.started)")),
                .init("ended", run.ended.map { .number("\($0)") } ?? .null),
                .init("result", run.result.map { .string($0) } ?? .null),
                .init("attempts", .number("\(run.attempts)")),
            ])
        }
        let members: [JSONValue.Member] = [
            .init("schema", .string("interaction-migrate/status/1")), .init("messages", .number("\(messages)")),
            .init("delivered", .number("\(delivered)")), .init("pending", .number("\(pending)")),
            .init("states", .object(states)), .init("failures", .array(failures)), .init("runs", .array(runs)),
        ]
        return .object(members)
    }
}
