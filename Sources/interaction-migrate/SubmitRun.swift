// One run of `submit`: a look, or the sending, and how it ends.

public import ArgumentParser
internal import CoreMetrics
internal import InteractionConversion
public import InteractionMigration
internal import InteractionSubmission

extension Submit {
    func look(_ migration: Migration, _ terminal: Terminal) async throws {
        let display = SubmitDisplay(terminal, format, limit: maxFindings, total: nil)
        var observer = Migration.Observer()
        observer.finding = { display.show($0) }
        let report = try await migration.dryRun(
            files: files,
            plan: plan,
            isStopped: Signals.stopped,
            observer: observer
        )
        display.finish()
        if !quiet { try SubmitDisplay.write(SubmitDisplay.plan(report, format, rate: rate)) }
        if report.ending == .interrupted { throw ExitStatus.interrupted }
        if report.ending == .failed {
            terminal.fail(report.failure ?? "the look could not go on")
            throw ExitStatus.failed
        }
        if report.hasUnreadableInput { throw ExitStatus.failed }
        if report.counts.invalid > 0 && !report.acceptsInvalid || report.counts.heldChanges > 0 {
            throw ExitStatus.rejected
        }
    }

    func send(_ migration: Migration, _ terminal: Terminal) async throws {
        if let plan { try await check(plan, migration, terminal) }
        // Opened before the work, so that a path that cannot be written is known now and not at the end of it.
        let reportFile = try report.map { path throws(OutputFailure) in try OutputFile(path: own(path)) }
        let display = SubmitDisplay(terminal, format, limit: maxFindings, total: Inputs.size(files))
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let server = try await observation.serve(metrics, terminal)
        var observer = Migration.Observer()
        observer.deadLetters = deadLetter.map(own)
        observer.replies = replies.map(own)
        observer.finding = { display.show($0) }
        observer.notice = { if terminal.showsWarnings { terminal.warn($0) } }
        observer.progress = { display.progress($0, bytesRead: $1) }
        let report = try await migration.submit(files: files, isStopped: Signals.stopped, observer: observer)
        await server?.close()
        display.finish()
        try reportFile?.write(report.json(version: Version.text, metrics))
        try reportFile?.finish()
        if !quiet {
            try SubmitDisplay.write(
                format == .json
                    ? report.json(version: Version.text, metrics) : SubmitDisplay.text(report, ledger: ledgerPath)
            )
        }
        switch report.ending {
        case .interrupted:
            terminal.fail("interrupted; the same command goes on where it stopped")
            throw ExitStatus.interrupted
        case .failed:
            terminal.fail(report.failure ?? "the run could not go on")
            throw ExitStatus.failed
        case .finished:
            if report.hasUnreadableInput || report.unknown > 0 || report.heldBack > 0 { throw ExitStatus.failed }
            if !report.isComplete { throw ExitStatus.rejected }
        }
    }

    /// The share of the rate that this process has.
    private var rate: SendingRate? {
        guard let shard else { return pace.rate }
        return pace.rate?.share(of: shard.count)
    }

    /// Ends the run before anything is sent if a plan does not hold.
    private func check(_ plan: String, _ migration: Migration, _ terminal: Terminal) async throws {
        let found = try await migration.differences(fromPlanAt: plan, files: files, isStopped: Signals.stopped)
        guard let differences = found else {
            terminal.fail("interrupted before the plan was checked; nothing was sent")
            throw ExitStatus.interrupted
        }
        guard !differences.isEmpty else { return }
        terminal.fail("the plan does not hold any more; nothing was sent")
        for difference in differences { terminal.say("  \(difference)") }
        throw ExitStatus.rejected
    }
}

extension Shard: ExpressibleByArgument {
    /// Reads a shard such as `1/4`.
    public init?(argument: String) { self.init(argument) }
}
