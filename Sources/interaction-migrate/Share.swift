// `share`: one record for a bug report, without what it says.

internal import ArgumentParser
internal import InteractionConversion

struct Share: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "share",
        abstract: "Copy one record for a bug report: its structure without its contents.",
        discussion: """
            Letters and digits of texts, numbers and ids become others, the same for the same text; dates from the year \
            down and epoch numbers all move by the same days. Keys, lengths, roles, media and other words of known \
            formats stay, as do other forms of white space and punctuation. Dates with a year of four digits in other \
            forms go 28 years back; parts of times stay. The same record gives the same copy.

            The copy is a small file of the record's own format in UTF-8, which convert treats as it treats the record: \
            a value of JSON; a row of a table with its header, quotes and delimiter; an element with its attributes, \
            namespaces and the elements around it. Look at the copy before you send it: keys, columns and elements \
            that are called by people's names are still there.

            EXAMPLES
              interaction-migrate share archive.ndjson --record 17
              interaction-migrate share export.json --record 1 -o record.json
              interaction-migrate share chats.csv --record 3 --profile ours.yaml
              zcat a.ndjson.gz | interaction-migrate share - --record 3 | jq .
            """
    )

    @Argument(help: "The file; - is standard input.")
    var file: String

    @Option(help: ArgumentHelp("The record's number in the file, from 1, as findings name it.", valueName: "n"))
    var record: Int

    @Option(
        name: [.customShort("o"), .customLong("output-file")],
        help: ArgumentHelp("Where the copy goes; - is standard output.", valueName: "file")
    )
    var outputFile: String = "-"

    @Option(help: ArgumentHelp("How a file in JSON is cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    @Option(help: ArgumentHelp("The profile that says where the file's records are.", valueName: "file"))
    var profile: String?

    @Option(
        help: ArgumentHelp(
            "The encoding of the file, by a name that iconv knows. (default: by its content)",
            valueName: "name"
        )
    )
    var encoding: String?

    func validate() throws {
        guard record >= 1 else { throw ValidationError("--record must be at least 1.") }
    }

    func run() async throws {
        let terminal = Terminal()
        var options = ConversionOptions()
        options.input = input
        options.encoding = encoding
        do {
            if let profile {
                for warning in try options.use(profileAt: profile) { terminal.warn(warning) }
            }
            let copy = try SharedRecord(record, of: file, options: options)
            try await terminal.reporting {
                let out = try OutputFile(path: outputFile)
                try out.write(copy.text)
                try out.finish()
            }
        } catch let failure as ShareFailure {
            terminal.fail(failure.description)
            throw ExitStatus.failed
        } catch let failure as ProfileFailure {
            terminal.fail(failure.description)
            throw ExitStatus.failed
        }
    }
}
