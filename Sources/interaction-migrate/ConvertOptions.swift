// The options of `convert`, in the groups that its help shows.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion
internal import InteractionMapping

/// Where results go.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output-file")],
        help: ArgumentHelp("Where Interactions go; - is standard output.", valueName: "file")
    )
    var outputFile: String = "-"

    @Option(help: ArgumentHelp("One a line, one array, or one file each in a folder.", valueName: "ndjson|json|files"))
    var output: ConversionSinks.Layout = .ndjson

    @Option(help: ArgumentHelp("The folder for --output files.", valueName: "folder"))
    var outputDir: String?

    @Option(help: ArgumentHelp("The bare payload, or the payload in its envelope.", valueName: "rest|websocket"))
    var form: MappingOptions.Form = .rest

    @Option(help: ArgumentHelp("One line of JSON for each source record.", valueName: "file"))
    var outcomes: String?

    @Option(help: ArgumentHelp("Rejected legacy records in JSON, as they were read.", valueName: "file"))
    var rejects: String?

    @Flag(help: "Write a line {\"_rejected\":…} in the place of each rejected record.")
    var rejectsInline = false

    @Flag(help: "Let the lines of --rejects-inline hold the record as it was read, texts included.")
    var showContent = false

    @Option(
        help: ArgumentHelp(
            "The balanced books, findings, fields and counts: a page for people if the name ends in .html, else JSON. "
                + "Repeatable.",
            valueName: "file"
        )
    )
    var report: [String] = []

    @Option(help: ArgumentHelp("A folder for the report's tables, as CSV for spreadsheets.", valueName: "folder"))
    var reportTables: String?

    mutating func validate() throws {
        guard (output == .files) == (outputDir != nil) else {
            throw ValidationError("--output files and --output-dir FOLDER belong together.")
        }
        guard !rejectsInline || output == .ndjson else {
            throw ValidationError("--rejects-inline writes lines, which only --output ndjson has.")
        }
        guard !showContent || rejectsInline else {
            throw ValidationError("--show-content is about the lines of --rejects-inline.")
        }
        let outputs = ([output == .files ? nil : outputFile, outcomes, rejects] + report).compactMap(Self.place)
        guard Set(outputs).count == outputs.count else {
            throw ValidationError("Two outputs cannot go to the same place.")
        }
    }

    /// What stands in the output in the place of a rejected record.
    var inlineRejects: ConversionSinks.InlineRejects {
        guard rejectsInline else { return .none }
        return showContent ? .outcomesAndSources : .outcomes
    }

    /// What a path stands for, so that one file under two names is known; nil for a device, which several may share.
    private static func place(_ path: String?) -> String? {
        guard let path, path != "-" else { return path }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR { return nil }
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[...$0]) } ?? "."
        guard let real = realpath(folder, nil) else { return path }
        defer { free(real) }
        return String(cString: real) + "/" + path[(slash.map { path.index(after: $0) } ?? path.startIndex)...]
    }

    /// Whether the Interactions appear under their name only when the run is complete.
    var isReplaced: Bool {
        guard output != .files, outputFile != "-" else { return false }
        var status = stat()
        return stat(outputFile, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    }
}

/// What shapes an Interaction.
struct MappingFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Used where a record names no organization; never overrides one.", valueName: "id"))
    var organizationId: String?

    @Option(help: ArgumentHelp("Used where a record names no tenant; never overrides one.", valueName: "id"))
    var tenantId: String?

    @Option(
        help: ArgumentHelp(
            "What is tried, in order, where a record has no thread: paths, keys, or `derived`.",
            valueName: "candidate,…"
        )
    )
    var threadFrom: String?

    @Option(
        help: ArgumentHelp(
            "What a role name of the source stands for; the empty name stands for no role. Repeatable.",
            valueName: "name=user|operator|bot|system"
        )
    )
    var role: [String] = []

    @Option(help: ArgumentHelp("Decided participants; see `participants export`.", valueName: "file"))
    var participants: String?

    @Option(help: ArgumentHelp("What happens to a message over 128 KiB.", valueName: "split|reject"))
    var oversize: MappingOptions.Oversize = .split

    @Flag(help: "Reject what would otherwise be decided with a warning.")
    var strict = false

    mutating func validate() throws { _ = try decisions() }

    func options(_ terminal: Terminal) throws -> MappingOptions {
        var options = try decisions()
        if let participants { options.crosswalk = try Self.crosswalk(participants, terminal) }
        return options
    }

    /// Reads a table of people.
    static func crosswalk(_ path: String, _ terminal: Terminal) throws -> Crosswalk {
        do {
            return try Crosswalk(contentsOf: path)
        } catch {
            terminal.fail(error.description)
            throw ExitStatus.failed
        }
    }

    /// What the arguments decide by themselves; everything that is wrong with it is wrong usage.
    private func decisions() throws -> MappingOptions {
        var options = MappingOptions()
        options.organizationId = try Self.text(organizationId, "--organization-id")
        options.tenantId = try Self.text(tenantId, "--tenant-id")
        options.oversize = oversize
        options.isStrict = strict
        if let threadFrom {
            options.threadFrom = threadFrom.split(separator: ",", omittingEmptySubsequences: false).map {
                ThreadCandidate(String($0))
            }
            guard !options.threadFrom.contains(.field("")) else {
                throw ValidationError("--thread-from has an empty candidate.")
            }
            guard !options.threadFrom.dropLast().contains(.derived) else {
                throw ValidationError("In --thread-from, `derived` always gives a thread and must be the last.")
            }
        }
        for text in role {
            guard let equals = text.lastIndex(of: "="),
                let role = ParticipantRole(rawValue: String(text[text.index(after: equals)...]))
            else {
                throw ValidationError("--role '\(text)' is not NAME=user|operator|bot|system.")
            }
            options.roles[text[..<equals].lowercased()] = role
        }
        return options
    }

    /// The options as they were given, as a shell takes them.
    var arguments: [String] {
        let values: [(String, String?)] = [
            ("--organization-id", organizationId), ("--tenant-id", tenantId), ("--thread-from", threadFrom),
            ("--participants", participants), ("--oversize", oversize == .split ? nil : oversize.rawValue),
        ]
        return values.flatMap { option, value in value.map { [option, ShellWord.quoted($0)] } ?? [] }
            + role.flatMap { ["--role", ShellWord.quoted($0)] } + (strict ? ["--strict"] : [])
    }

    private static func text(_ value: String?, _ option: String) throws -> String? {
        guard let value else { return nil }
        guard value.contains(where: { !$0.isWhitespace }) else { throw ValidationError("\(option) must not be blank.") }
        return value
    }
}
