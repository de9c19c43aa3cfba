// What `submit` shows: findings and progress on standard error, its result on standard output.

internal import InteractionConversion
internal import InteractionMigration
internal import InteractionModel
internal import InteractionSubmission
internal import Synchronization

/// Shows a submission to a person, or to a machine.
final class SubmitDisplay: Sendable {
    private struct State {
        var shown = 0
        var withheld = 0
        var hasLine = false
    }

    private let terminal: Terminal
    private let format: DisplayFormat
    private let limit: Int
    private let total: Int64?
    private let started = ContinuousClock.now
    private let state = Mutex(State())

    init(_ terminal: Terminal, _ format: DisplayFormat, limit: Int, total: Int64?) {
        self.terminal = terminal
        self.format = format
        self.limit = limit
        self.total = total
    }

    /// Shows errors and warnings up to the limit.
    func show(_ finding: Finding) {
        guard finding.severity == .error || finding.severity == .warning && terminal.showsWarnings else { return }
        state.withLock { state in
            guard state.shown < limit else {
                state.withheld += 1
                return
            }
            state.shown += 1
            switch format {
            case .text: terminal.say(finding)
            case .json: terminal.say(finding.json)
            }
        }
    }

    /// Draws how far the run has come.
    func progress(_ report: MigrationReport, bytesRead: Int64) {
        guard terminal.showsProgress else { return }
        let text = Self.line(report, left: left(bytesRead))
        state.withLock { state in
            state.hasLine = true
            terminal.progress(text)
        }
    }

    /// Takes the line away and says what was not shown.
    func finish() {
        state.withLock { state in
            if state.hasLine { terminal.clear() }
            if state.withheld > 0, format == .text {
                terminal.say("… and \(state.withheld) more findings; --max-findings NUMBER shows more")
            }
        }
    }

    /// Seconds until the inputs are read to their end, as far as the bytes tell.
    private func left(_ bytesRead: Int64) -> Int? {
        guard let total, total > 0, bytesRead > 0 else { return nil }
        let elapsed = started.duration(to: .now)
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        return Int(seconds * Double(max(0, total - bytesRead)) / Double(bytesRead))
    }

    private static func line(_ report: MigrationReport, left: Int?) -> String {
        let delivery = report.delivery
        var text = "\(delivery.sent) sent, \(delivery.accepted) accepted, \(delivery.rejected) refused"
        text += ", \(Int(delivery.rate.rounded()))/s"
        if delivery.latencyP50 > 0 {
            let values = [delivery.latencyP50, delivery.latencyP95, delivery.latencyP99].map(milliseconds)
            text += ", p50 \(values[0]) p95 \(values[1]) p99 \(values[2]) ms"
        }
        if delivery.pausedUntil != nil { text += ", paused by the tenant" }
        if let left { text += ", \(duration(left)) left" }
        return text
    }

    // MARK: Results

    /// Writes a result to standard output.
    static func write(_ text: String) throws {
        let out = try OutputFile(path: "-")
        try out.write(text)
        try out.finish()
    }

    /// What became of the messages, for people.
    static func text(_ report: MigrationReport, ledger: String) -> String {
        let (counts, delivery) = (report.counts, report.delivery)
        var text = "\(counts.messages) messages: \(delivery.accepted) accepted, \(delivery.rejected) refused"
        let others = [
            (delivery.unknown, "in doubt"), (delivery.heldBack, "held back behind one in doubt"),
            (counts.delivered, "accepted earlier"), (counts.rejectedEarlier, "refused earlier"),
            (counts.heldChanges, "changed and not sent"), (counts.duplicates, "duplicates"),
        ]
        for (count, what) in others where count > 0 { text += ", \(count) \(what)" }
        if counts.invalid > 0 { text += "; \(counts.invalid) records are no valid message" }
        if delivery.retries > 0 { text += "; \(delivery.retries) attempts were repeated" }
        text += "\n"
        if counts.finishedEarlier > 0 {
            text += "\(counts.finishedEarlier) of \(counts.records) records were finished in an earlier run"
            text += counts.finishedEarlier == counts.records ? "; there is nothing to do\n" : "\n"
        }
        if delivery.latencyP50 > 0 {
            let values = [delivery.latencyP50, delivery.latencyP95, delivery.latencyP99].map(milliseconds)
            text += "latency: p50 \(values[0]) ms, p95 \(values[1]) ms, p99 \(values[2]) ms\n"
        }
        return counts.messages > 0 ? text + "ledger: \(ledger)\n" : text
    }

    /// What a run would do.
    static func plan(_ report: MigrationReport, _ format: DisplayFormat, rate: SendingRate?) -> String {
        let counts = report.counts
        let seconds = rate.map { Int((Double(counts.toSend) / $0.perSecond).rounded(.up)) }
        if format == .json {
            return OutputBuffer.text(object: {
                counts.write(to: &$0)
                if let seconds { $0.member("seconds", seconds) }
            }) + "\n"
        }
        var text = "\(counts.messages) messages: \(counts.new) new, \(counts.changed) changed"
        text += ", \(counts.delivered + counts.rejectedEarlier + counts.pending) unchanged"
        text += ", \(counts.duplicates) duplicates\n"
        if counts.newInKnownThreads > 0 {
            text += "of the new, \(counts.newInKnownThreads) are of threads that the ledger knows\n"
        }
        let unchanged = [
            (counts.delivered, "accepted"), (counts.rejectedEarlier, "refused; --retry-rejected sends them again"),
            (counts.pending, "without an outcome"),
        ]
        for (count, what) in unchanged where count > 0 { text += "of the unchanged, \(count) \(what)\n" }
        if counts.heldChanges > 0 { text += "\(counts.heldChanges) changed need --resubmit-changed\n" }
        if counts.invalid > 0 { text += "\(counts.invalid) records are no valid message\n" }
        text += "to send: \(counts.toSend)"
        if let seconds, let rate { text += ", which takes \(duration(seconds)) at \(rate)" }
        return text + "\n"
    }

    /// Microseconds as milliseconds with three digits that matter.
    private static func milliseconds(_ microseconds: Int64) -> String {
        if microseconds >= 100_000 { return "\(microseconds / 1000)" }
        let tenths = microseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Seconds as `1:02:03`.
    static func duration(_ seconds: Int) -> String {
        let parts = seconds >= 3600 ? [seconds / 3600, seconds / 60 % 60, seconds % 60] : [seconds / 60, seconds % 60]
        return parts.enumerated().map { $0 > 0 && $1 < 10 ? "0\($1)" : "\($1)" }.joined(separator: ":")
    }
}
