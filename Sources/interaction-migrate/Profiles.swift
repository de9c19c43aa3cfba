// `profiles`: the formats that are described, and how to describe one more.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping

struct Profiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profiles",
        abstract: "List, show, propose and test the profiles that describe formats.",
        discussion: """
            A profile is one YAML file that says how the records of a source become Interactions; docs/PROFILES.md \
            describes the language. The built-in formats are profiles too.

            EXAMPLES
              interaction-migrate profiles list
              interaction-migrate profiles show intercom > my-intercom.yaml
              interaction-migrate profiles new export.json -o acme-desk.yaml
              interaction-migrate profiles test acme-desk.yaml --min-coverage 90
            """,
        subcommands: [List.self, Show.self, New.self, Test.self]
    )
}

extension Profiles {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the built-in profiles: name, kind of file, title.",
            discussion: """
                `convert` recognises these formats by their content; --from NAME names one.

                EXAMPLES
                  interaction-migrate profiles list
                  interaction-migrate profiles list --format json | jq -r .name
                """
        )

        @Option(help: ArgumentHelp("A table, or one object a line.", valueName: "text|json"))
        var format: DisplayFormat = .text

        func run() throws {
            let profiles = BuiltInProfiles.all
            let width = profiles.map(\.name.count).max() ?? 0
            try Results.write { out in
                for profile in profiles {
                    switch format {
                    case .json:
                        let name = "\"name\":\(profile.name.quotedJSON)"
                        let title = "\"title\":\(profile.title.quotedJSON)"
                        try out.write("{\(name),\"kind\":\"\(profile.kind.rawValue)\",\(title)}\n")
                    case .text:
                        let name = profile.name + String(repeating: " ", count: width - profile.name.count)
                        let kind = profile.kind.rawValue + (profile.kind == .json ? "" : " ")
                        try out.write("\(name)  \(kind)  \(profile.title)\n")
                    }
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print a built-in profile, to read, to copy and to change.",
            discussion: """
                EXAMPLES
                  interaction-migrate profiles show telegram
                  interaction-migrate profiles show intercom > my-intercom.yaml
                  interaction-migrate convert export.json --profile my-intercom.yaml
                """
        )

        @Argument(help: "The profile's name; `profiles list` shows all.")
        var name: String

        func validate() throws {
            guard BuiltInProfiles.source(of: name) == nil else { return }
            let nearest = BuiltInProfiles.nearest(to: name).map { " Did you mean \($0)?" } ?? ""
            throw ValidationError("There is no built-in profile '\(name)'.\(nearest) `profiles list` shows all.")
        }

        func run() throws {
            guard let text = BuiltInProfiles.source(of: name) else { return }
            try Results.write { out in try out.write(text) }
        }
    }
}

/// Writes what a command was asked for.
enum Results {
    /// Lends an output, and ends the process as the command line promises if it cannot be written.
    static func write(to path: String = "-", _ body: (OutputFile) throws -> Void) throws {
        do {
            let out = try OutputFile(path: path)
            try body(out)
            try out.finish()
        } catch let failure as OutputFailure {
            if failure.isClosedPipe { throw ExitStatus.success }
            Terminal().fail(failure.description)
            throw ExitStatus.failed
        }
    }
}
