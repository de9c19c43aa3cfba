// `explain`: one record's life, from its place in the source to what the tenant said of it.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionLedger
internal import InteractionMapping
internal import InteractionMigration
internal import InteractionModel

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Show one record's life: source, rules, participants, parts, findings, attempts, replies.",
        discussion: """
            Reads the outcome file of a conversion and shows what became of a thread, a record or a request; with a \
            ledger, also every attempt at its messages, and what the tenant has replied. A ledger alone tells of what \
            was sent. Exits with 1 if it is not there.

            EXAMPLES
              interaction-migrate explain --outcomes outcomes.ndjson --thread t-1
              interaction-migrate explain --outcomes outcomes.ndjson --record 17 --file archive.ndjson
              interaction-migrate explain --outcomes outcomes.ndjson.gz --request r-1 --format json
              interaction-migrate explain --outcomes outcomes.ndjson --ledger run.sqlite --thread t-1
              interaction-migrate explain --ledger run.sqlite --replies replies.ndjson --thread t-1
              zcat outcomes.gz | interaction-migrate explain --outcomes - --record 1
            """
    )

    @Option(
        help: ArgumentHelp("What `convert --outcomes` has written; - is standard input.", valueName: "file")
    )
    var outcomes: String?

    @Option(help: ArgumentHelp("The ledger of `submit`: adds every attempt.", valueName: "file"))
    var ledger: String?

    @Option(help: ArgumentHelp("What `submit --replies` has written: adds every reply.", valueName: "file"))
    var replies: String?

    @Option(help: ArgumentHelp("The thread of the Interactions.", valueName: "id"))
    var thread: String?

    @Option(help: ArgumentHelp("The record's number in its file, from 1.", valueName: "number"))
    var record: Int?

    @Option(help: ArgumentHelp("The id of an Interaction's request.", valueName: "id"))
    var request: String?

    @Option(
        help: ArgumentHelp("The input that the record is in, as `convert` or `submit` was told it.", valueName: "file")
    )
    var file: String?

    @Flag(help: "Show also what replies say.")
    var showContent = false

    @Option(
        help: ArgumentHelp(
            "For people, or outcome lines, with a ledger's part as `submission`.",
            valueName: "text|json"
        )
    )
    var format: DisplayFormat = .text

    private var subjects: [OutcomeSearch.Subject] {
        [thread.map { .thread($0) }, record.map { .record($0) }, request.map { .request($0) }].compactMap(\.self)
    }

    func validate() throws {
        guard subjects.count == 1 else {
            throw ValidationError("Name one of --thread, --record and --request.")
        }
        guard outcomes != nil || ledger != nil else {
            throw ValidationError("Name what is known: --outcomes, --ledger, or both.")
        }
        guard replies == nil || ledger != nil else { throw ValidationError("--replies belongs to --ledger.") }
        guard !showContent || replies != nil else { throw ValidationError("--show-content belongs to --replies.") }
        guard outcomes != "-" || replies != "-" else {
            throw ValidationError("Standard input (-) can be named once only.")
        }
    }

    func run() async throws {
        let terminal = Terminal()
        let isFound = try await terminal.reporting {
            do {
                return try await explain(terminal)
            } catch let failure as OutcomeFileFailure {
                terminal.fail(failure.description)
            } catch let failure as RepliesFailure {
                terminal.fail(failure.description)
            } catch let error as LedgerError {
                terminal.fail(error.description)
            }
            throw ExitStatus.failed
        }
        if Signals.isStopped {
            terminal.fail("interrupted; only what had been read until then was searched")
            throw ExitStatus.interrupted
        }
        guard isFound else {
            let names = [outcomes, ledger].compactMap(\.self).map { $0 == "-" ? "standard input" : $0 }
            terminal.fail("nothing in \(names.joined(separator: " or ")) has \(Self.words(subjects[0]))")
            throw ExitStatus.rejected
        }
    }

    /// Shows what there is.
    ///
    /// - Returns: Whether there is anything.
    private func explain(_ terminal: Terminal) async throws -> Bool {
        var found: [RecordOutcome] = []
        if let outcomes {
            _ = try OutcomeSearch(subjects[0], file: file).run(in: outcomes, isStopped: Signals.stopped) {
                found.append($0)
            }
        }
        let out = try OutputFile(path: "-")
        let lives = try await lives(of: found)
        for (index, outcome) in found.enumerated() {
            let own = ledger == nil ? nil : lives[index]
            switch format {
            case .json: try out.write(ExplainDisplay.json(of: outcome, own, showsContent: showContent))
            case .text:
                let text = ExplainDisplay.text(of: outcome, own, showsContent: showContent)
                try out.write((index > 0 ? "\n" : "") + text)
            }
        }
        if outcomes == nil {
            for (index, life) in lives.joined().enumerated() {
                switch format {
                case .json: try out.write(life.json(showsContent: showContent) + "\n")
                case .text:
                    let text = ExplainDisplay.text(of: life, showsContent: showContent)
                    try out.write((index > 0 ? "\n" : "") + text)
                }
            }
        }
        try out.finish()
        return !found.isEmpty || outcomes == nil && lives.contains { !$0.isEmpty }
    }

    /// What the ledger has of each outcome's messages; without outcomes, of the subject itself.
    private func lives(of found: [RecordOutcome]) async throws -> [[MessageLife]] {
        guard let ledger else { return [] }
        guard outcomes != nil else {
            let subject: MessageHistory.Subject =
                switch subjects[0] {
                case .thread(let id): .thread(id)
                case .request(let id): .request(id)
                case .record(let number): .record(number, file: file)
                }
            let lives = try await Migration.lives(
                of: [subject],
                ledger: ledger,
                replies: replies,
                isStopped: Signals.stopped
            )
            return lives.map { $0.filter { file == nil || $0.history.message.input == file } }
        }
        let requests = found.map { outcome in
            var ids: [String] = []
            for output in outcome.outputs + outcome.foldedInto where !ids.contains(output.requestId) {
                ids.append(output.requestId)
            }
            return ids.map { MessageHistory.Subject.request($0, thread: outcome.threadId) }
        }
        var lives = try await Migration.lives(
            of: Array(requests.joined()),
            ledger: ledger,
            replies: replies,
            isStopped: Signals.stopped
        )[...]
        return requests.map { own in
            defer { lives = lives.dropFirst(own.count) }
            return Array(lives.prefix(own.count).joined())
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
