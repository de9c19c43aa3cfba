// What `explain` shows of a record and of what was sent of it.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMapping
internal import InteractionMigration
internal import InteractionModel

/// Words for people.
enum ExplainDisplay {
    /// Lines with what each is about before it.
    private struct Lines {
        var text: String

        mutating func add(_ label: String, _ values: [String]) {
            for (place, value) in values.enumerated() {
                let name = place == 0 ? label : ""
                text += "  " + name + String(repeating: " ", count: 15 - name.count) + value + "\n"
            }
        }

        /// What was sent of a message, and what came back.
        mutating func add(_ life: MessageLife, showsContent: Bool) {
            let message = life.history.message
            add(
                "submission",
                [
                    "request \(message.requestId)\(message.part > 1 ? ", part \(message.part)" : ""): "
                        + "\(message.state.name), key \(message.idempotencyKey)"
                ]
            )
            add("attempts", life.history.attempts.map(ExplainDisplay.attempt))
            add("replies", life.replies.map { ExplainDisplay.reply($0, showsContent: showsContent) })
        }
    }

    /// One outcome as a few lines, with the messages that were made of it; nil where no ledger was asked.
    static func text(of outcome: RecordOutcome, _ lives: [MessageLife]?, showsContent: Bool) -> String {
        let name = outcome.file == "-" ? "standard input" : outcome.file
        let (start, end) = (outcome.bytes.lowerBound, outcome.bytes.upperBound)
        var lines = Lines(text: "record \(outcome.record) of \(name), bytes \(start) to \(end)\n")
        let others = outcome.recordCount > 1 ? ", together with \(outcome.recordCount - 1) more records" : ""
        lines.add("outcome", [outcome.kind.rawValue + others])
        let format =
            outcome.profile.map { "by the profile \($0)" } ?? outcome.generation.map { "as generation \($0.rawValue)" }
        lines.add("read", [format ?? "it was not recognised"])
        lines.add("thread", [outcome.threadId].compactMap(\.self))
        lines.add(
            "participants",
            outcome.participants.map { one in
                "\(one.role.rawValue) \(one.participantId), by \(one.rule): \(one.ruleMeaning)"
            }
        )
        let count = outcome.outputs.count
        lines.add(
            count > 1 ? "parts" : "interaction",
            outcome.outputs.enumerated().map { place, output in
                (count > 1 ? "\(place + 1) of \(count): " : "")
                    + "request \(output.requestId), number \(output.index) of the output, \(output.size) bytes"
            }
        )
        lines.add("findings", outcome.findings.map(finding))
        if let lives, lives.isEmpty, count > 0 { lines.add("submission", ["the ledger does not know it"]) }
        for life in lives ?? [] { lines.add(life, showsContent: showsContent) }
        return lines.text
    }

    /// A message as a few lines.
    static func text(of life: MessageLife, showsContent: Bool) -> String {
        let message = life.history.message
        let name = message.input == "-" ? "standard input" : message.input
        var lines = Lines(text: "record \(message.record) of \(name)\n")
        lines.add("thread", [message.threadId])
        lines.add(life, showsContent: showsContent)
        return lines.text
    }

    /// The outcome line; with a ledger, its messages are a last member `submission`.
    static func json(of outcome: RecordOutcome, _ lives: [MessageLife]?, showsContent: Bool) -> [UInt8] {
        guard let lives else { return outcome.json }
        let submission = lives.map { $0.json(showsContent: showsContent) }.joined(separator: ",")
        // Without the brace and the line feed at its end.
        return outcome.json.dropLast(2) + Array(",\"submission\":[\(submission)]}\n".utf8)
    }

    private static func attempt(_ attempt: AttemptRecord) -> String {
        var text = "\(attempt.number) in run \(attempt.run)"
        if let time = attempt.startedAt { text += ", \(time)" }
        text += ": \(attempt.state?.name ?? "to be repeated")"
        if let status = attempt.status { text += ", status \(status)" }
        if let latency = attempt.latency { text += ", after \(latency / 1000) ms" }
        if let reason = attempt.reason { text += ": \(reason)" }
        return text
    }

    private static func reply(_ reply: MessageReply, showsContent: Bool) -> String {
        var text = [reply.receivedAt, reply.actionType, reply.state].compactMap(\.self).joined(separator: ", ")
        if showsContent, let content = reply.content { text += ": " + String(decoding: content.json, as: UTF8.self) }
        return text
    }

    private static func finding(_ finding: Finding) -> String {
        var text = "\(finding.severity.rawValue) \(finding.code.rawValue): \(finding.message)"
        if let path = finding.path { text += " at \(path)" }
        if let line = finding.place.line {
            text += ", line \(line)" + (finding.place.column.map { ", column \($0)" } ?? "")
        } else if let offset = finding.place.offset {
            text += ", byte \(offset)"
        }
        if let remedy = finding.remedy { text += "; \(remedy)" }
        return text
    }
}
