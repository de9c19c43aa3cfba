// `share`: one record for a bug report, without what it says.

internal import ArgumentParser
internal import InteractionConversion

struct Share: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy one record for a bug report: its structure without its contents.",
        discussion: """
            Letters and digits of texts, numbers and ids become others, the same for the same text; dates from the year \
            down and epoch numbers all move by the same days. Keys, lengths, roles, media and other words of known \
            formats stay, as do other forms of white space and punctuation. The same record gives the same copy.

            Reads JSON: lines, values, or the elements of one array. Look at the copy before you send it: keys that are \
            names are still there.

            EXAMPLES
              interaction-migrate share archive.ndjson --record 17
              interaction-migrate share export.json --record 1 -o record.json
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

    @Option(help: ArgumentHelp("How the file is cut into records.", valueName: "auto|ndjson|json"))
    var input: ConversionOptions.Input = .auto

    func validate() throws {
        guard record >= 1 else { throw ValidationError("--record must be at least 1.") }
    }

    func run() async throws {
        let terminal = Terminal()
        do {
            let copy = try SharedRecord(record, of: file, input: input)
            try await terminal.reporting {
                let out = try OutputFile(path: outputFile)
                try out.write(copy.json)
                try out.write("\n")
                try out.finish()
            }
        } catch let failure as ShareFailure {
            terminal.fail(failure.description)
            throw ExitStatus.failed
        }
    }
}
