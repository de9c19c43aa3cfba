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
    public var json: String { Self.json(sumOf: [self], []) }

    /// The sum over several ledgers as one JSON object on one line, with each of them as a member of `ledgers`.
    ///
    /// - Parameters:
    ///   - statuses: The state of each.
    ///   - paths: Their files.
    /// - Returns: The object; a single ledger's is as ``json``.
    public static func json(sumOf statuses: [LedgerStatus], _ paths: [String]) -> String {
        OutputBuffer.text(object: {
            $0.member("schema", "interaction-migrate/status/1")
            LedgerStatus(sumOf: statuses).write(to: &$0)
            guard statuses.count != 1 else { return }
            $0.member("ledgers", list: zip(paths, statuses)) { out, share in
                out.append(object: {
                    share.1.write(to: &$0)
                    $0.member("ledger", share.0)
                })
            }
        })
    }

    private func write(to out: inout OutputBuffer) {
        out.member("messages", messages)
        out.member("delivered", delivered)
        out.member("pending", pending)
        out.member("states", object: { for state in MessageState.allCases { $0.member(state.name, self[state]) } })
        out.member("failures", list: failures) { out, failure in
            out.append(object: {
                $0.member("state", failure.state.name)
                if let status = failure.status { $0.member("status", status) }
                if let reason = failure.reason { $0.member("reason", reason) }
                $0.member("count", failure.count)
            })
        }
        out.member("runs", list: runs) { out, run in
            out.append(object: {
                $0.member("number", run.number)
                $0.member("tool", run.tool)
                $0.member("target", run.target)
                $0.member("options", run.options)
                $0.member("started", Int(run.started))
                $0.member("ended", run.ended.map { Int($0) })
                $0.member("result", run.result)
                $0.member("attempts", run.attempts)
            })
        }
    }
}
