// `profiles test`: do a profile's cases become what they should, and do they reach all of it?

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

extension Profiles {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Run a profile's cases and report the rules that none of them reaches.",
            discussion: """
                A folder of cases has pass/NAME/ with input.* (or a folder input/) and expected.ndjson, and fail/NAME/ \
                with input.* and expected.findings.json: the warnings and errors. A file named options beside them has \
                one option of `convert` a line, such as --timezone Europe/Paris; the organization is org_1 without one.

                Exits with 1 if a case fails or less is reached than --min-coverage, with 64 for a wrong profile.

                EXAMPLES
                  interaction-migrate profiles test acme-desk.yaml --record
                  interaction-migrate profiles test acme-desk.yaml --min-coverage 100
                  interaction-migrate profiles test telegram --cases samples/telegram
                """
        )

        @Argument(help: "A profile's file, - for standard input, or the name of a built-in one.")
        var profile: String

        @Option(help: ArgumentHelp("What holds pass/ and fail/. (default: the profile's folder)", valueName: "folder"))
        var cases: String?

        @Option(help: ArgumentHelp("Lines for people, or one object a line.", valueName: "text|json"))
        var format: DisplayFormat = .text

        @Option(help: ArgumentHelp("How many of the rules must be reached, 0 to 100.", valueName: "percent"))
        var minCoverage: Int = 0

        @Flag(help: "Write what each case becomes as what is expected from now on.")
        var record = false

        func validate() throws {
            guard (0...100).contains(minCoverage) else { throw ValidationError("--min-coverage is 0 to 100.") }
            guard cases != nil || defaultFolder != nil else {
                throw ValidationError("Name the folder of the cases with --cases.")
            }
        }

        /// The folder of a profile that is a file.
        private var defaultFolder: String? {
            guard profile != "-", isFile else { return nil }
            guard let slash = profile.lastIndex(of: "/") else { return "." }
            return slash == profile.startIndex ? "/" : String(profile[..<slash])
        }

        private var isFile: Bool {
            profile == "-" || access(profile, F_OK) == 0 || profile.contains("/") || profile.hasSuffix(".yaml")
        }

        func run() async throws {
            let terminal = Terminal()
            let plan = try load(terminal)
            var coverage = ProfileCoverage(plan)
            var failures = 0
            let display = CaseDisplay(format: format, file: isFile ? profile : plan.name + ".yaml")
            do {
                let all = try ProfileCase.all(in: cases ?? defaultFolder ?? ".")
                let options = try all.map { try CaseArguments.options($0, terminal) }
                let out = try OutputFile(path: "-")
                for (one, options) in zip(all, options) {
                    let outcome = try await one.run(plan, options, records: record, isStopped: Signals.stopped)
                    if outcome.wasInterrupted { throw ExitStatus.interrupted }
                    coverage.add(outcome.hits)
                    if ![.passed, .recorded].contains(outcome.verdict) { failures += 1 }
                    try out.write(display.text(of: one, outcome.verdict))
                }
                try out.write(display.missed(coverage))
                try out.finish()
                terminal.say(display.summary(cases: all.count, failures: failures, coverage))
            } catch let failure as OutputFailure {
                if failure.isClosedPipe { throw ExitStatus.success }
                terminal.fail(failure.description)
                throw ExitStatus.failed
            } catch let failure as any CustomStringConvertible where Self.stopsRun(failure) {
                terminal.fail(failure.description)
                throw ExitStatus.failed
            }
            if record { terminal.say("what is expected was written anew: read it before you keep it") }
            if coverage.percent < minCoverage {
                let asked = "--min-coverage asks for \(minCoverage)%"
                terminal.fail("\(coverage.percent)% of the rules are reached, and \(asked)")
                throw ExitStatus.rejected
            }
            if failures > 0 { throw ExitStatus.rejected }
        }

        private static func stopsRun(_ failure: any CustomStringConvertible) -> Bool {
            failure is ProfileFailure || failure is InputSelectionFailure || failure is SpillFailure
        }

        /// The profile; a wrong one is wrong usage.
        private func load(_ terminal: Terminal) throws -> Profile {
            guard isFile else {
                if let known = BuiltInProfiles.named(profile) { return known }
                let nearest = BuiltInProfiles.nearest(to: profile).map { "; did you mean \($0)?" } ?? ""
                terminal.fail("'\(profile)' is neither a file nor a built-in profile\(nearest)")
                throw ExitCode.validationFailure
            }
            do {
                let (plan, warnings) = try Profile.read(contentsOf: profile)
                for warning in warnings { terminal.say(warning) }
                return plan
            } catch {
                terminal.fail(error.description)
                throw ExitCode.validationFailure
            }
        }
    }
}

/// The options that a case may have.
private struct CaseArguments: ParsableArguments {
    @OptionGroup var mapping: MappingFlags
    @OptionGroup var source: SourceFlags

    /// The options of a case, read as those of `convert` are.
    static func options(_ one: ProfileCase, _ terminal: Terminal) throws -> ConversionOptions {
        let words = one.optionLines.flatMap { line in
            line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
        }
        let arguments: CaseArguments
        do {
            arguments = try CaseArguments.parse(words)
        } catch {
            terminal.fail("\(one.name)/options: \(message(for: error))")
            throw ExitCode.validationFailure
        }
        var options = ConversionOptions()
        options.mapping = try arguments.mapping.options(terminal)
        try arguments.source.apply(to: &options, terminal)
        if options.mapping.organizationId == nil { options.mapping.organizationId = "org_1" }
        return options
    }
}
