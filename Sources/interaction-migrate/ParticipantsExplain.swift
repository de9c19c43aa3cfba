// `participants explain` and `participants reassign`: why an id is what it is, and what another one changes.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMapping
internal import InteractionMigration

extension Participants {
    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "explain",
            abstract: "Show how a participant came by its id: rules, keys, facts, places.",
            discussion: """
                Takes a participant's id as it is in the Interactions, or a key as it is in the table of people. Exits \
                with 1 if nobody has it.

                EXAMPLES
                  interaction-migrate participants explain email:ann@example.org exports/
                  interaction-migrate participants explain 7c71a708-6a82-57b0-83ca-022c69a3da72 exports/ \
                --organization-id org_1
                """
        )

        @Argument(help: "The participant's id, or a source key.")
        var id: String

        @OptionGroup
        var inputs: SurveyInputs

        @Option(help: ArgumentHelp("For people, or one object.", valueName: "text|json"))
        var format: DisplayFormat = .text

        @OptionGroup
        var shared: SharedFlag

        @OptionGroup(title: "Mapping options")
        var mapping: MappingFlags

        @OptionGroup(title: "Source options")
        var source: SourceFlags

        func run() async throws {
            let terminal = Terminal(isQuiet: inputs.quiet, format: format)
            let options = try inputs.options(mapping, source, terminal)
            let sharedFrom = shared.sharedFrom
            let found = try await inputs.survey(options, sharedFrom: sharedFrom, explaining: id, terminal)
            guard let explanation = found.explanation, !explanation.isEmpty else {
                terminal.fail("nobody in the inputs has the id or key '\(id)'")
                throw found.report.hasUnreadableInput ? ExitStatus.failed : ExitStatus.rejected
            }
            try Results.write { out in
                try out.write(format == .json ? explanation.json + "\n" : text(explanation))
            }
            try SurveyInputs.conclude(found.report)
        }

        private func text(_ explanation: ParticipantExplanation) -> String {
            let count = explanation.placeCount
            var text = "\(id): in \(count) conversation\(count == 1 ? "" : "s")\n"
            for (rule, count) in explanation.rules.sorted(by: { $0.key < $1.key }) {
                text += "  by the rule \(rule), \(count) times\n"
            }
            for key in explanation.keys {
                text += "  key \(key.line), \(key.status.rawValue)\n"
                if !key.evidence.isEmpty { text += "    \(key.evidence)\n" }
            }
            for fact in explanation.facts {
                let place = "first in \(fact.place.text)"
                text += "  fact: \(fact.first) and \(fact.second) on one record, \(fact.count) times, \(place)\n"
            }
            for key in explanation.related { text += "  related: \(key.line), \(key.status.rawValue)\n" }
            for conflict in explanation.conflicts { text += "  conflict \(conflict.rawValue): \(conflict.message)\n" }
            for place in explanation.places {
                text += "  in \(place.text), thread \(place.threadId ?? "none"), \(place.rule ?? "")\n"
            }
            if count > explanation.places.count { text += "  … and \(count - explanation.places.count) more\n" }
            return text
        }
    }

    struct Reassign: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reassign",
            abstract: "Show which Interactions a corrected table of people changes.",
            discussion: """
                Converts the inputs twice at the same time: as decided so far (--participants, or nobody), and as \
                decided in --map. One line for each Interaction that differs. Writes no Interactions. Exits with 1 if \
                any changes.

                With the ledger of a submission, says of each what that means for the tenant: send-again, not-sent (the \
                tenant has nothing of it yet), sent (it has it as it is to be), or gone (it has one that is not there \
                any more).

                EXAMPLES
                  interaction-migrate participants reassign --map people.csv exports/ --organization-id org_1
                  interaction-migrate participants reassign --participants old.csv --map new.csv exports/
                  interaction-migrate participants reassign --map p.csv a.json --format json | jq .requestId
                  interaction-migrate participants reassign --map p.csv --ledger run.sqlite archive.ndjson
                """
        )

        @OptionGroup
        var inputs: SurveyInputs

        @Option(help: ArgumentHelp("The table of people as it is to be.", valueName: "file"))
        var map: String

        @Option(help: ArgumentHelp("The ledger of what was submitted.", valueName: "file"))
        var ledger: String?

        @Option(help: ArgumentHelp("For people, or one object a line.", valueName: "text|json"))
        var format: DisplayFormat = .text

        @OptionGroup(title: "Mapping options")
        var mapping: MappingFlags

        @OptionGroup(title: "Source options")
        var source: SourceFlags

        func validate() throws {
            guard !inputs.files.contains("-") else {
                throw ValidationError("Standard input cannot be read twice; name files.")
            }
        }

        func run() async throws {
            let terminal = Terminal(isQuiet: inputs.quiet, format: format)
            let options = try inputs.options(mapping, source, terminal)
            let crosswalk = try MappingFlags.crosswalk(map, terminal)
            let comparison = Reassignment(options, to: crosswalk)
            let format = format
            var again = 0
            let report = try await terminal.reporting {
                do {
                    let submitted = try ledger.map { path throws(LedgerError) in
                        try SubmittedInteractions(ledger: path)
                    }
                    let out = try OutputFile(path: "-")
                    let report = try await comparison.run(files: inputs.files, isStopped: Signals.stopped) { change in
                        let resubmission = try submitted?.resubmission(of: change)
                        if resubmission == .sendAgain { again += 1 }
                        try out.write(
                            format == .json ? Self.json(change, resubmission) : Self.text(change, resubmission)
                        )
                    }
                    try out.finish()
                    return report
                } catch let error as LedgerError {
                    terminal.fail(error.description)
                    throw ExitStatus.failed
                }
            }
            inputs.display(terminal).showRest(report.conversion, "convert --outcomes FILE has all of them")
            if !inputs.quiet {
                let more = ledger == nil ? "" : "; \(again) must be sent again, by submit --resubmit-changed"
                terminal.say("\(report.interactions) Interactions, \(report.changed) change\(more)")
            }
            if report.conversion.wasInterrupted {
                terminal.fail("interrupted; only what had been read until then was compared")
                throw ExitStatus.interrupted
            }
            try SurveyInputs.conclude(report.conversion, isFinding: report.changed > 0)
        }

        private static func json(_ change: ReassignedInteraction, _ resubmission: Resubmission?) -> String {
            guard let resubmission else { return change.json + "\n" }
            return change.json.dropLast() + ",\"submission\":\"\(resubmission.rawValue)\"}\n"
        }

        private static func text(_ change: ReassignedInteraction, _ resubmission: Resubmission?) -> String {
            let thread = text("thread", change.oldThread, change.newThread)
            var text = "\(thread), \(text("request", change.oldRequest, change.newRequest)), \(change.place.text)"
            text += resubmission.map { ", \($0.rawValue)\n" } ?? "\n"
            for participant in change.participants {
                text += "  \(participant.sourceKey): \(participant.old ?? "nobody") -> \(participant.new ?? "nobody")\n"
            }
            return text
        }

        private static func text(_ word: String, _ old: String?, _ new: String?) -> String {
            old == new ? "\(word) \(old ?? "none")" : "\(word) \(old ?? "none") -> \(new ?? "none")"
        }
    }
}
