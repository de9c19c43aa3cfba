// `profiles new`: a first draft of a profile, from a sample.

internal import ArgumentParser
internal import InteractionConversion

extension Profiles {
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Propose a profile from a sample in JSON, CSV or XML.",
            discussion: """
                Looks at the first 4 MiB and finds out where the records are and which values are likely keys, times, \
                senders, roles and texts. Each line of the proposal says why; what cannot be known is marked TODO.

                Comments quote no values of the sample unless --show-content is given.

                EXAMPLES
                  interaction-migrate profiles new export.json -o acme-desk.yaml
                  interaction-migrate profiles new chats.csv --name shop-chat
                  zcat log.xml.gz | interaction-migrate profiles new - | less
                """
        )

        @Argument(help: "The sample; - is standard input.")
        var file: String

        @Option(
            name: [.customShort("o"), .customLong("output-file")],
            help: ArgumentHelp("Where the profile goes; - is standard output.", valueName: "file")
        )
        var outputFile: String = "-"

        @Option(help: ArgumentHelp("What to call the profile. (default: the sample's name)", valueName: "name"))
        var name: String?

        @Flag(help: "Quote a value of the sample for each guess.")
        var showContent = false

        func validate() throws {
            guard let name else { return }
            guard name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
                throw ValidationError("--name is made of small letters, digits and hyphens, such as acme-desk.")
            }
        }

        func run() throws {
            let terminal = Terminal()
            let sketch: ProfileSketch
            do {
                sketch = try ProfileSketch(sample: file, name: name, showsContent: showContent)
            } catch {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
            try Results.write(to: outputFile) { out in try out.write(sketch.yaml) }
            if let builtIn = sketch.builtIn {
                terminal.say("`convert` reads this sample without a profile: it is \(builtIn)")
            }
            terminal.say(
                """
                \(sketch.messageCount) messages in \(sketch.recordCount) records looked at; \
                \(sketch.openQuestions) places are marked TODO
                """
            )
        }
    }
}
