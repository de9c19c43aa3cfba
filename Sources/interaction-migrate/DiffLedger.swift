// `diff --ledger`: what of a conversion the tenant has, and what has changed since.

internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMigration
internal import InteractionModel

extension Diff {
    /// Compares the inputs with a ledger.
    func compareWithLedger(_ ledger: String, _ terminal: Terminal) async throws {
        var conversion = ConversionOptions()
        conversion.input = input
        conversion.jobs = jobs ?? Inputs.defaultJobs
        conversion.largestRecord = maxRecordBytes
        conversion.mapping = try mapping.options(terminal)
        try source.apply(to: &conversion, terminal)
        let comparison = LedgerDiff(ledger: ledger, conversion: conversion)
        let screen = Screen()
        var findings = ConvertDisplay(terminal, limit: 20, total: nil, showsWarnings: false)
        let report = try await terminal.reporting {
            do {
                let out = try OutputFile(path: "-")
                let report = try await comparison.run(
                    files: files,
                    isStopped: Signals.stopped,
                    finding: { findings.show([$0]) },
                    deliver: { difference in
                        if shown.summary { return }
                        try out.write(shown.format == .json ? difference.json + "\n" : screen.line(difference))
                    }
                )
                if shown.summary {
                    try out.write(shown.format == .json ? report.json + "\n" : screen.table(report))
                }
                try out.finish()
                return report
            } catch let error as LedgerError {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
        }
        if report.wasInterrupted {
            terminal.fail("interrupted; only what had been read until then was compared")
            throw ExitStatus.interrupted
        }
        if report.hasUnreadableInput {
            terminal.fail("not compared to the end: what is missing in a file that cannot be read is not gone")
            throw ExitStatus.failed
        }
        if !quiet, !shown.summary { terminal.say(Self.counts(report)) }
        if report.invalid > 0 { throw ExitStatus.failed }
        if !report.isEqual { throw ExitStatus.rejected }
    }

    private static func counts(_ report: LedgerDiff.Report) -> String {
        let kinds = SubmissionDifference.Kind.allCases.map { "\(report.differences[$0] ?? 0) \($0.meaning)" }
        var text = "\(report.messages) messages: \(report.submitted) as submitted, \(kinds.joined(separator: ", "))"
        if report.duplicates > 0 { text += ", \(report.duplicates) duplicates" }
        if report.invalid > 0 { text += "; \(report.invalid) records are no valid message" }
        return text
    }
}

extension SubmissionDifference.Kind {
    /// What it means, after a number.
    fileprivate var meaning: String {
        switch self {
        case .changed: "changed since"
        case .new: "new"
        case .refused: "refused"
        case .pending: "without an outcome"
        case .gone: "in the ledger only"
        }
    }
}

extension Screen {
    /// A difference from a ledger.
    func line(_ difference: SubmissionDifference) -> String {
        let (sign, colour): (String, Colour) =
            switch difference.kind {
            case .changed: ("~", .yellow)
            case .new: ("+", .green)
            case .refused: ("!", .red)
            case .pending: ("?", .cyan)
            case .gone: ("-", .red)
            }
        var text = "\(sign) \(difference.kind.rawValue): thread \(Self.safe(difference.threadId))"
        if difference.part > 1 { text += ", part \(difference.part)" }
        text += ", request "
        if let earlier = difference.earlierRequestId { text += "\(Self.safe(earlier)) → " }
        text += "\(Self.safe(difference.requestId)), \(Self.safe(difference.file)) record \(difference.record)"
        if let state = difference.state {
            text += ", \(state.name)"
            if let status = difference.status, state == .rejected { text += " with status \(status)" }
            if let reason = difference.reason, state == .rejected || state == .unknown {
                text += ": \(Self.safe(reason))"
            }
        }
        return paint(text, colour) + "\n"
    }

    /// The counts of a comparison with a ledger.
    func table(_ report: LedgerDiff.Report) -> String {
        let rows =
            [(report.submitted, "as submitted")]
            + SubmissionDifference.Kind.allCases.map { (report.differences[$0] ?? 0, $0.meaning) }
            + [(report.duplicates, "duplicates"), (report.invalid, "records that are no valid message")]
        return rows.map { count, what in
            let number = "\(count)"
            return String(repeating: " ", count: max(0, 12 - number.count)) + number + "  " + what + "\n"
        }.joined()
    }
}
