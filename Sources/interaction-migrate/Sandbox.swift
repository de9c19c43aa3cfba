// `sandbox`: a local tenant to rehearse a migration with.

internal import ArgumentParser
internal import Glibc
internal import InteractionConversion
internal import OptaveSandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "Run a local tenant to rehearse a migration with.",
        discussion: """
            Serves the token endpoint, REST and WebSocket on one loopback port, and checks messages as the target \
            does. When it is ready, standard output gets one line of JSON: tokenUrl, restUrl, webSocketUrl, \
            summaryUrl, port. It runs until Ctrl-C or SIGTERM, which is its ordinary end (exit code 0).

            Clients show the id and secret of OPTAVE_CLIENT_ID and OPTAVE_CLIENT_SECRET, or of the options; without \
            either, both are the word sandbox.

            FAULTS
              --fault KIND:RATE, such as 429:5%, may be repeated.
              408 429 500 503 5xx      the error, 429 and 503 with Retry-After
              slow                     the answer takes a second
              lost                     accepted and never answered
              reset                    the connection is reset, before or after accepting
              expire                   every token given out so far becomes invalid
              duplicate-reply          WebSocket: replies come twice
              out-of-order             WebSocket: replies come late and backwards
              no-correlation           WebSocket: replies name no request
              close-1006 close-1008 close-1009 close-1011
                                       WebSocket: the connection is closed like that
              hanging-upgrade          WebSocket: the upgrade is never answered
              upgrade-503              WebSocket: the upgrade is refused
              token-503                the token endpoint is unavailable
              all                      its rate, shared by all kinds

            EXAMPLES
              interaction-migrate sandbox --port 8080
              interaction-migrate sandbox --journal journal.ndjson --fault 429:5% --seed 7
              interaction-migrate sandbox --tls --ca-out ca.pem --latency 5ms
              curl -s localhost:8080/journal/summary | jq .accepted
            """
    )

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 0

    @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("The client's id.", valueName: "id"))
    var clientId: String?

    @Option(
        help: ArgumentHelp(
            "The file with the client's secret, which nobody else may read.",
            valueName: "file"
        )
    )
    var clientSecretFile: String?

    @Option(help: ArgumentHelp("How long a token is valid.", valueName: "duration"))
    var tokenLifetime = Milliseconds(900_000)

    @Option(help: ArgumentHelp("How the tenant wraps its replies.", valueName: "form"))
    var reply: SandboxOptions.ReplyForm = .bare

    @Option(help: ArgumentHelp("How long the tenant takes for a message.", valueName: "duration"))
    var latency = Milliseconds(0)

    @Option(
        help: ArgumentHelp(
            "How long an idempotency key is remembered; without it, always.",
            valueName: "duration"
        )
    )
    var idempotencyWindow: Milliseconds?

    @Option(
        help: ArgumentHelp(
            "Write every accepted message to this file as NDJSON before it is acknowledged; what the file has from "
                + "earlier runs is remembered.",
            valueName: "file"
        )
    )
    var journal: String?

    @Flag(help: "Serve https and wss with a certificate made for this run.")
    var tls = false

    @Option(help: ArgumentHelp("Write the certificate that clients have to trust as PEM.", valueName: "file"))
    var caOut: String?

    @Option(help: ArgumentHelp("Let things go wrong; may be repeated.", valueName: "kind:rate"))
    var fault: [String] = []

    @Option(help: ArgumentHelp("Equal seeds throw equal dice for faults.", valueName: "number"))
    var seed: UInt64 = 0

    @Option(help: ArgumentHelp("What answers with 429 and 503 ask to wait, in whole seconds.", valueName: "duration"))
    var retryAfter = Milliseconds(1_000)

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number up to 65535.") }
        guard caOut == nil || tls else { throw ValidationError("--ca-out goes with --tls.") }
        guard tokenLifetime.count > 0 else { throw ValidationError("--token-lifetime is longer than nothing.") }
        guard retryAfter.count.isMultiple(of: 1000) else { throw ValidationError("--retry-after is in whole seconds.") }
        do { _ = try FaultPlan(fault, seed: seed) } catch { throw ValidationError("--fault: \(error.description)") }
    }

    func run() async throws {
        let terminal = Terminal()
        do {
            let sandbox = try await Sandbox.start(options())
            let out = try OutputFile(path: "-")
            try out.write(sandbox.addresses + "\n")
            try out.finish()
            while !Signals.isStopped { try await Task.sleep(for: .milliseconds(50)) }
            try await sandbox.stop()
            let summary = sandbox.summary
            terminal.say("\(summary.accepted) accepted, \(summary.repetitions) repeated, \(summary.refused) refused")
        } catch let failure as Sandbox.Failure {
            terminal.fail(failure.description)
            throw ExitStatus.failed
        }
    }

    private func options() throws -> SandboxOptions {
        var options = SandboxOptions()
        options.host = host
        options.port = port
        let environment = { (name: String) in getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        options.clientId = clientId ?? environment("OPTAVE_CLIENT_ID") ?? options.clientId
        if let clientSecretFile {
            options.clientSecret = try Self.secret(in: clientSecretFile)
        } else {
            options.clientSecret = environment("OPTAVE_CLIENT_SECRET") ?? options.clientSecret
        }
        options.tokenLifetime = tokenLifetime.count
        options.latency = latency.count
        options.retryAfter = retryAfter.count / 1000
        options.replyForm = reply
        options.idempotencyWindow = idempotencyWindow?.count
        options.faults = try FaultPlan(fault, seed: seed)
        options.journal = journal
        options.usesTLS = tls
        options.certificateFile = caOut
        return options
    }

    /// A file's first line.
    private static func secret(in path: String) throws -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Sandbox.Failure(description: "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw Sandbox.Failure(description: "\(path): others may read this secret; chmod 600 it")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &bytes, bytes.count)
        let line = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else { throw Sandbox.Failure(description: "\(path): there is no secret in it") }
        return String(decoding: line, as: UTF8.self)
    }
}

extension SandboxOptions.ReplyForm: ExpressibleByArgument {}

/// A duration such as `5ms`, `30s`, `15m` or `2h`; a bare number is seconds.
struct Milliseconds: ExpressibleByArgument, CustomStringConvertible {
    var count: Int64

    init(_ count: Int64) { self.count = count }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        let units: [Substring: Double] = ["ms": 1, "s": 1_000, "": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let number = Double(digits), let unit = units[argument[digits.endIndex...]], number * unit < 1e15 else {
            return nil
        }
        count = Int64((number * unit).rounded())
    }

    var description: String {
        for (size, unit) in [(3_600_000, "h"), (60_000, "m"), (1_000, "s")] as [(Int64, String)]
        where count > 0 && count.isMultiple(of: size) {
            return "\(count / size)\(unit)"
        }
        return count == 0 ? "0s" : "\(count)ms"
    }

    var defaultValueDescription: String { description }
}
