// One run of `convert`: where its results go, and how it ends.

internal import InteractionConversion
internal import InteractionMapping

extension Convert {
    /// Converts, or does everything but the writing.
    func convert(_ options: ConversionOptions, _ terminal: Terminal) async throws {
        let converter = Converter(options)
        let comparison = try await comparison(converter, terminal)
        let plan = try plan(converter)
        let sinks = try sinks()
        // Opened before the work, so that a path that cannot be written is known now and not at the end of it.
        let reports = try output.report.map { path throws(OutputFailure) in try ReportFile(path) }
        let start = ContinuousClock.now
        var display = display(terminal)
        let report = try await converter.run(files: files, isStopped: Signals.stopped) { batch, progress in
            for outcome in batch.outcomes { display.show(outcome.findings) }
            display.show(batch.findings)
            try comparison?.compare(batch)
            try plan?.write(batch)
            try sinks?.write(batch)
            display.progress(progress)
        }
        if report.wasInterrupted, planning.dryRun || output.isReplaced {
            // A part of the result must not stand under the name of the whole.
            display.summarize(report, isQuiet: quiet)
            terminal.fail("interrupted; nothing was written" + (planning.dryRun ? "" : " to \(output.outputFile)"))
            throw ExitStatus.interrupted
        }
        if report.exceedsRejects {
            display.summarize(report, isQuiet: true)
            refuseRejects(report, terminal)
            throw ExitStatus.rejected
        }
        let differences = report.wasInterrupted ? nil : try comparison?.finish()
        if !planning.dryRun, let differences, !differences.isEmpty {
            tell(differences, terminal)
            throw ExitStatus.rejected
        }
        try plan?.finish()
        try sinks?.finish()
        let figures = RunFigures(seconds: (ContinuousClock.now - start) / .seconds(1), jobs: options.jobs)
        for file in reports { try file.write(report, figures) }
        if planning.dryRun {
            display.showRest(report, "--report FILE has the first of each kind")
            try show(DryRunDisplay(report: report, rate: planning.rate, differences: differences), terminal)
        } else {
            display.summarize(report, isQuiet: quiet)
        }
        try end(report, terminal)
        if differences?.isEmpty == false { throw ExitStatus.rejected }
    }

    private func display(_ terminal: Terminal) -> ConvertDisplay {
        ConvertDisplay(
            terminal,
            format,
            limit: maxFindings,
            total: Inputs.size(files),
            showsWarnings: !quiet
        )
    }

    private func sinks() throws(OutputFailure) -> ConversionSinks? {
        guard !planning.dryRun else { return nil }
        return try ConversionSinks(
            layout: output.output,
            output: output.outputFile,
            folder: output.outputDir,
            outcomes: output.outcomes,
            rejects: output.rejects
        )
    }

    private func show(_ display: DryRunDisplay, _ terminal: Terminal) throws(OutputFailure) {
        let text = format == .json ? display.json(version: Version.text) : display.text
        // The plan itself may go to standard output.
        if planning.plan == "-", !planning.check {
            terminal.say(text)
        } else {
            let out = try OutputFile(path: "-")
            try out.write(text)
            try out.finish()
        }
    }

    // MARK: Plans

    private func plan(_ converter: Converter) throws -> PlanWriter? {
        guard let path = planning.plan, !planning.check else { return nil }
        return try PlanWriter(path: path, plan: ConversionPlan(of: converter, files: files, version: Version.text))
    }

    /// Opens the plan that must hold; if it does not, says why and ends.
    private func comparison(_ converter: Converter, _ terminal: Terminal) async throws -> PlanComparison? {
        guard let path = planning.plan, planning.check else { return nil }
        let comparison = try PlanComparison(path: path)
        let now = try ConversionPlan(of: converter, files: files, version: Version.text)
        guard !comparison.plan.differences(from: now).isEmpty else { return comparison }
        // Which records that concerns is worth knowing too, before it is decided what to do.
        var line = ProgressLine(terminal, total: Inputs.size(files))
        let check = try await converter.check(
            planAt: path,
            files: files,
            version: Version.text,
            isStopped: Signals.stopped
        ) { line.draw($1) }
        if planning.dryRun {
            try show(
                DryRunDisplay(report: check.report, rate: planning.rate, differences: check.differences),
                terminal
            )
        }
        tell(check.differences, terminal)
        throw check.report.wasInterrupted ? ExitStatus.interrupted : ExitStatus.rejected
    }

    private func tell(_ differences: [ConversionPlan.Difference], _ terminal: Terminal) {
        terminal.fail("the plan does not hold any more; nothing was written")
        for difference in differences { terminal.say("  \(difference)") }
    }

    // MARK: The end

    private func refuseRejects(_ report: ConversionReport, _ terminal: Terminal) {
        let records = report.books.records
        let written = planning.dryRun || output.isReplaced ? "nothing was written" : "the output is not complete"
        terminal.fail("\(records.rejected) of \(records.total) records rejected, more than --max-rejects; \(written)")
    }

    private func end(_ report: ConversionReport, _ terminal: Terminal) throws {
        guard report.isBalanced else {
            terminal.fail("the books do not balance; this is a defect, please report it with the report file")
            throw ExitStatus.failed
        }
        if report.wasInterrupted {
            terminal.fail("interrupted; what had been read until then was written")
            throw ExitStatus.interrupted
        }
        if report.hasUnreadableInput { throw ExitStatus.failed }
        let isRejected =
            selection.maxRejects == nil
            ? report.books.records.rejected > 0 || report.findings.contains { $0.severity == .error }
            : report.hasInputError
        if isRejected { throw ExitStatus.rejected }
    }
}
