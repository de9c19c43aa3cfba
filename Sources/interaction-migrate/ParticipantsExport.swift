// `participants export` and `participants conflicts`: what a person is to decide.

internal import ArgumentParser
internal import InteractionConversion

extension Participants {
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write the table of people that --participants reads.",
            discussion: """
                One line for each key by which a source knows somebody and about which there is something to decide. \
                Where facts say that two keys are one person (an id and an e-mail address on one record), the line has \
                the status `join` and the id is filled in: empty it to keep them apart. Lines of the status `conflict` \
                and `local` have no id, which leaves it to the rules; fill it in to decide.

                The columns from `status` on are for people; --participants ignores them.

                EXAMPLES
                  interaction-migrate participants export exports/ --organization-id org_1 -o people.csv
                  interaction-migrate participants export chats.csv --keys all --format ndjson
                  interaction-migrate participants export exports/ --participants people.csv -o new.csv
                """
        )

        @OptionGroup
        var inputs: SurveyInputs

        @Option(
            name: [.customShort("o"), .customLong("output-file")],
            help: ArgumentHelp("Where the table goes; - is standard output.", valueName: "file")
        )
        var outputFile: String = "-"

        @Option(
            help: ArgumentHelp(
                "How it is written. (default: by the file's name, else csv)",
                valueName: "csv|ndjson"
            )
        )
        var format: CrosswalkFormat?

        @Option(help: ArgumentHelp("The keys with something to decide, or all.", valueName: "open|all"))
        var keys: Keys = .open

        @OptionGroup
        var shared: SharedFlag

        @OptionGroup(title: "Mapping options")
        var mapping: MappingFlags

        @OptionGroup(title: "Source options")
        var source: SourceFlags

        enum Keys: String, ExpressibleByArgument, CaseIterable {
            case open
            case all
        }

        func run() async throws {
            let terminal = Terminal(isQuiet: inputs.quiet)
            let options = try inputs.options(mapping, source, terminal)
            let found = try await inputs.survey(options, sharedFrom: shared.sharedFrom, terminal)
            let name = outputFile.lowercased()
            let isTable = format.map { $0 == .csv } ?? (outputFile == "-" || name.hasSuffix(".csv"))
            try Results.write(to: outputFile) { out in
                if isTable { try out.write(ParticipantKey.columns.joined(separator: ",") + "\n") }
                try found.forEachKey(all: keys == .all) { key in
                    try out.write(isTable ? key.csv : key.json + "\n")
                }
            }
            if !inputs.quiet {
                terminal.say(
                    "\(found.keyCount) keys: \(found.joinedCount) joined to another, \(found.conflicts.count) conflicts"
                )
            }
            try SurveyInputs.conclude(found.report)
        }
    }

    struct Conflicts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "conflicts",
            abstract: "Show what a person must decide: who may or may not be one person.",
            discussion: """
                shared-mailbox: an address or number with many ids or names. two-roles: one person by the facts, in two \
                roles. two-ids: one person by the facts, with two ids of one system. two-decisions: one person by the \
                facts, decided as two. same-name: a name without an id in several conversations, or beside somebody who \
                has one. two-organizations: a join that concerns a key of two organizations.

                None of them joins anybody. Exits with 1 if there are any; what --participants decides is none.

                EXAMPLES
                  interaction-migrate participants conflicts exports/ --organization-id org_1
                  interaction-migrate participants conflicts exports/ --participants people.csv
                  interaction-migrate participants conflicts chats.csv --format json | jq -r .kind
                """
        )

        @OptionGroup
        var inputs: SurveyInputs

        @Option(help: ArgumentHelp("For people, or one object a line.", valueName: "text|json"))
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
            let found = try await inputs.survey(options, sharedFrom: shared.sharedFrom, terminal)
            try Results.write { out in
                for conflict in found.conflicts {
                    try out.write(format == .json ? conflict.json + "\n" : Self.text(conflict))
                }
            }
            if !inputs.quiet { terminal.say("\(found.keyCount) keys, \(found.conflicts.count) conflicts") }
            try SurveyInputs.conclude(found.report, isFinding: !found.conflicts.isEmpty)
        }

        private static func text(_ conflict: ParticipantConflict) -> String {
            var text = "\(conflict.kind.rawValue): \(conflict.kind.message)\n"
            for key in conflict.keys { text += "  \(key.line)\n" }
            if conflict.keyCount > conflict.keys.count {
                text += "  … and \(conflict.keyCount - conflict.keys.count) more\n"
            }
            return text + "  first in \(conflict.place.text); \(conflict.kind.remedy)\n"
        }
    }
}

extension ParticipantKey {
    /// The key for people, in one line.
    var line: String {
        var text = system.map { "\(sourceKey) of \($0)" } ?? sourceKey
        if !seenNames.isEmpty, !sourceKey.hasPrefix("name:") { text += ", \(seenNames.joined(separator: ", "))" }
        if !seenRoles.isEmpty { text += ", \(seenRoles.joined(separator: " and "))" }
        if conversations > 0 { text += ", \(conversations) conversation\(conversations == 1 ? "" : "s")" }
        if let currentId { text += ", now \(currentId)" }
        if let participantId, participantId != currentId { text += ", then \(participantId)" }
        return text
    }
}

extension ParticipantPlace {
    /// The place for people.
    var text: String { "\(file), record \(record)" }
}
