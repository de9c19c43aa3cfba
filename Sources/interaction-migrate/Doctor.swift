// `doctor`: whether this machine has what a conversion needs, and whether a tenant can be reached from it.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion
internal import InteractionMigration
internal import InteractionSubmission

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check this machine: libraries, limits, time zones, disk, clock, tenant.",
        discussion: """
            Looks at what a conversion depends on and says what is wrong before it matters. Nothing is converted, and \
            no file is left behind.

            If a tenant or an address is named, it is looked for as `submit` would do it: its name, a connection, its \
            certificate, and an answer to a HEAD request. No message is sent, and no credentials unless --token asks \
            for a token.

            Exits with 1 if something will fail; a warning alone is 0.

            EXAMPLES
              interaction-migrate doctor
              interaction-migrate doctor --output-dir /data/out --spill-dir /scratch
              interaction-migrate doctor --credentials ~/.optave --format json | grep -v '"ok"'
              interaction-migrate doctor --tenant acme
              interaction-migrate doctor --tenant acme --token
            """
    )

    @Option(help: ArgumentHelp("The folder where results will go.", valueName: "folder"))
    var outputDir: String = "."

    @Option(
        help: ArgumentHelp("The folder for what exceeds the memory. (default: $TMPDIR or /tmp)", valueName: "folder")
    )
    var spillDir: String?

    @Option(help: ArgumentHelp("A file of credentials, whose rights are checked.", valueName: "file"))
    var credentials: String?

    @OptionGroup(title: "Target options")
    var target: TargetFlags

    @Flag(help: "Ask the tenant for a token, as `submit` would.")
    var token = false

    @Option(help: ArgumentHelp("How long a connection, and an answer, may take.", valueName: "duration"))
    var timeout: TimeSpan = TimeSpan(duration: .seconds(10))

    @Option(help: ArgumentHelp("A line for each check, or one object a line.", valueName: "text|json"))
    var format: DisplayFormat = .text

    func run() async throws {
        let terminal = Terminal()
        try await terminal.reporting {
            let probe: TenantProbe?
            do {
                probe = try self.probe()
            } catch let error as SubmissionError {
                throw ValidationError(error.description)
            }
            let out = try OutputFile(path: "-")
            var hasErrors = false
            func show(_ check: MachineCheck) throws {
                try out.write((format == .json ? check.json : Self.text(check)) + "\n")
                if check.verdict == .error { hasErrors = true }
            }
            for check in machine { try show(check) }
            if let probe {
                for address in probe.addresses {
                    for step in await probe.look(at: address) { try show(MachineCheck(step)) }
                    if Signals.isStopped { throw ExitStatus.interrupted }
                }
                if token { try show(MachineCheck(await probe.token())) }
            }
            try out.finish()
            if hasErrors { throw ExitStatus.rejected }
        }
    }

    private var machine: [MachineCheck] {
        let temporary = spillDir ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let files = [credentials, target.clientIdFile, target.clientSecretFile, target.tokenFile].compactMap(\.self)
        return MachineCheck.machine(output: outputDir, temporary: temporary) + files.map(MachineCheck.credentials)
    }

    /// What looks at the tenant; nil if none is named.
    private func probe() throws -> TenantProbe? {
        guard
            token
                || [target.tenant, target.restUrl, target.websocketUrl, target.tokenUrl].contains(where: { $0 != nil })
        else { return nil }
        var options = SubmissionOptions()
        target.apply(to: &options)
        options.connectTimeout = timeout.duration
        options.requestTimeout = timeout.duration
        return try TenantProbe(options: options, environment: ProcessVariables.all())
    }

    private static func text(_ check: MachineCheck) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let remedy = check.remedy.map { "; \($0)" } ?? ""
        return padded(check.verdict.rawValue, 9) + padded(check.name, 15) + check.found + remedy
    }
}

extension MachineCheck {
    /// A step on the way to a tenant as a check.
    fileprivate init(_ step: TenantProbe.Step) {
        let verdict: Verdict =
            switch step.verdict {
            case .ok: .ok
            case .warning: .warning
            case .error: .error
            }
        self.init(step.name, verdict, step.found, remedy: step.remedy)
    }
}
