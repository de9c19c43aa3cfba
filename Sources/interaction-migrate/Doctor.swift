// `doctor`: whether this machine has what a conversion needs.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check this machine: libraries, limits, time zones, disk, clock.",
        discussion: """
            Looks at what a conversion depends on and says what is wrong before it matters. Nothing is converted or \
            sent, and no file is left behind.

            Exits with 1 if something will fail; a warning alone is 0.

            EXAMPLES
              interaction-migrate doctor
              interaction-migrate doctor --output-dir /data/out --spill-dir /scratch
              interaction-migrate doctor --credentials ~/.optave --format json | grep -v '"ok"'
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

    @Option(help: ArgumentHelp("A line for each check, or one object a line.", valueName: "text|json"))
    var format: DisplayFormat = .text

    func run() async throws {
        let temporary = spillDir ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var checks = MachineCheck.machine(output: outputDir, temporary: temporary)
        if let credentials { checks.append(.credentials(credentials)) }
        try await Terminal().reporting {
            let out = try OutputFile(path: "-")
            for check in checks { try out.write((format == .json ? check.json : Self.text(check)) + "\n") }
            try out.finish()
        }
        if checks.contains(where: { $0.verdict == .error }) { throw ExitStatus.rejected }
    }

    private static func text(_ check: MachineCheck) -> String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        let remedy = check.remedy.map { "; \($0)" } ?? ""
        return padded(check.verdict.rawValue, 9) + padded(check.name, 13) + check.found + remedy
    }
}
