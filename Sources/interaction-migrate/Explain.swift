// `explain`: one record's life, from its place in the source to the Interactions that it became.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show one record's life: source, rules, participants, parts, findings.",
        discussion: """
            Reads the outcome file of a conversion and shows what became of a thread, a record or a request. Exits \
            with 1 if it is not there.

            EXAMPLES
              interaction-migrate explain --outcomes outcomes.ndjson --thread t-1
              interaction-migrate explain --outcomes outcomes.ndjson --record 17 --file archive.ndjson
              interaction-migrate explain --outcomes outcomes.ndjson.gz --request r-1 --format json
              zcat outcomes.gz | interaction-migrate explain --outcomes - --record 1
            """
    )

    @Option(
        help: ArgumentHelp("What `convert --outcomes` has written; - is standard input.", valueName: "file")
    )
    var outcomes: String

    @Option(help: ArgumentHelp("The thread of the Interactions.", valueName: "id"))
    var thread: String?

    @Option(help: ArgumentHelp("The record's number in its file, from 1.", valueName: "number"))
    var record: Int?

    @Option(help: ArgumentHelp("The id of an Interaction's request.", valueName: "id"))
    var request: String?

    @Option(help: ArgumentHelp("The input that the record is in, as `convert` was told it.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("For people, or the outcome lines as they are.", valueName: "text|json"))
    var format: DisplayFormat = .text

    private var subjects: [OutcomeSearch.Subject] {
        [thread.map { .thread($0) }, record.map { .record($0) }, request.map { .request($0) }].compactMap(\.self)
    }

    func validate() throws {
        guard subjects.count == 1 else {
            throw ValidationError("Name one of --thread, --record and --request.")
        }
    }

    func run() async throws {
        let terminal = Terminal()
        let subject = subjects[0]
        var found = 0
        let wasInterrupted = try await terminal.reporting {
            do {
                let out = try OutputFile(path: "-")
                let wasInterrupted = try OutcomeSearch(subject, file: file).run(
                    in: outcomes,
                    isStopped: Signals.stopped
                ) { outcome in
                    found += 1
                    switch format {
                    case .json: try out.write(outcome.json)
                    case .text: try out.write((found > 1 ? "\n" : "") + ExplainDisplay.text(of: outcome))
                    }
                }
                try out.finish()
                return wasInterrupted
            } catch let failure as OutcomeFileFailure {
                terminal.fail(failure.description)
                throw ExitStatus.failed
            }
        }
        if wasInterrupted {
            terminal.fail("interrupted; only what had been read until then was searched")
            throw ExitStatus.interrupted
        }
        guard found > 0 else {
            terminal.fail("nothing in \(outcomes == "-" ? "standard input" : outcomes) has \(Self.words(subject))")
            throw ExitStatus.rejected
        }
    }

    private static func words(_ subject: OutcomeSearch.Subject) -> String {
        switch subject {
        case .thread(let id): "the thread '\(id)'"
        case .record(let number): "the record number \(number)"
        case .request(let id): "the request '\(id)'"
        }
    }
}

/// Words for people.
enum ExplainDisplay {
    /// One outcome as a few lines, each with what it is about before it.
    static func text(of outcome: RecordOutcome) -> String {
        let name = outcome.file == "-" ? "standard input" : outcome.file
        var text = "record \(outcome.record) of \(name), bytes \(outcome.bytes.lowerBound) to \(outcome.bytes.upperBound)\n"
        func add(_ label: String, _ values: [String]) {
            for (place, value) in values.enumerated() {
                let name = place == 0 ? label : ""
                text += "  " + name + String(repeating: " ", count: 15 - name.count) + value + "\n"
            }
        }
        let others = outcome.recordCount > 1 ? ", together with \(outcome.recordCount - 1) more records" : ""
        add("outcome", [outcome.kind.rawValue + others])
        let format =
            outcome.profile.map { "by the profile \($0)" } ?? outcome.generation.map { "as generation \($0.rawValue)" }
        add("read", [format ?? "it was not recognised"])
        add("thread", [outcome.threadId].compactMap(\.self))
        add(
            "participants",
            outcome.participants.map { one in
                "\(one.role.rawValue) \(one.participantId), by \(one.rule): \(one.ruleMeaning)"
            }
        )
        let count = outcome.outputs.count
        add(
            count > 1 ? "parts" : "interaction",
            outcome.outputs.enumerated().map { place, output in
                (count > 1 ? "\(place + 1) of \(count): " : "")
                    + "request \(output.requestId), number \(output.index) of the output, \(output.size) bytes"
            }
        )
        add("findings", outcome.findings.map(finding))
        return text
    }

    private static func finding(_ finding: Finding) -> String {
        var text = "\(finding.severity.rawValue) \(finding.code.rawValue): \(finding.message)"
        if let path = finding.path { text += " at \(path)" }
        if let line = finding.place.line {
            text += ", line \(line)" + (finding.place.column.map { ", column \($0)" } ?? "")
        } else if let offset = finding.place.offset {
            text += ", byte \(offset)"
        }
        if let remedy = finding.remedy { text += "; \(remedy)" }
        return text
    }
}
