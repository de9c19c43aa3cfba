// The options of `submit`, in the groups that its help shows.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMigration
internal import InteractionSubmission

/// Where messages go, and as whom.
struct TargetFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The tenant, from which its addresses follow.", valueName: "name"))
    var tenant: String?

    @Option(help: ArgumentHelp("The top-level domain of the tenant's addresses.", valueName: "domain"))
    var tld = "tech"

    @Option(help: ArgumentHelp("The address of REST, instead of the tenant's.", valueName: "url"))
    var restUrl: String?

    @Option(help: ArgumentHelp("The address of the WebSocket, instead of the tenant's.", valueName: "url"))
    var websocketUrl: String?

    @Option(help: ArgumentHelp("The address of the token endpoint, instead of the tenant's.", valueName: "url"))
    var tokenUrl: String?

    @Option(
        help: ArgumentHelp("Where the token request has the credentials.", valueName: "query|body|basic")
    )
    var tokenRequest: SubmissionOptions.TokenRequest = .query

    @Option(help: ArgumentHelp("A file with the client's id, instead of OPTAVE_CLIENT_ID.", valueName: "file"))
    var clientIdFile: String?

    @Option(
        help: ArgumentHelp("A file with the client's secret, instead of OPTAVE_CLIENT_SECRET.", valueName: "file")
    )
    var clientSecretFile: String?

    @Option(help: ArgumentHelp("A file with a token that something else keeps fresh.", valueName: "file"))
    var tokenFile: String?

    @Option(help: ArgumentHelp("A program, with arguments, that prints a token; no shell.", valueName: "command"))
    var tokenCommand: String?

    @Option(help: ArgumentHelp("Certificates to trust, in PEM, instead of the system's.", valueName: "file"))
    var caFile: String?

    mutating func validate() throws {
        if let tokenCommand, ShellWord.split(tokenCommand)?.isEmpty ?? true {
            throw ValidationError("--token-command names no program, or has a quote that is not closed.")
        }
    }

    func apply(to options: inout SubmissionOptions) {
        options.tenant = tenant
        options.topLevelDomain = tld
        options.restURL = restUrl
        options.webSocketURL = websocketUrl
        options.tokenURL = tokenUrl
        options.tokenRequest = tokenRequest
        options.clientIdFile = clientIdFile
        options.clientSecretFile = clientSecretFile
        options.tokenFile = tokenFile
        options.tokenCommand = tokenCommand.flatMap(ShellWord.split)
        options.caFile = caFile
    }
}

/// How fast and how patiently messages are sent.
struct PaceFlags: ParsableArguments {
    @Option(help: ArgumentHelp("How messages travel.", valueName: "rest|websocket"))
    var transport: SubmissionOptions.Transport = .rest

    @Flag(help: "Let the server choose HTTP/2 for REST, which costs more CPU.")
    var http2 = false

    @Option(help: ArgumentHelp("Messages in flight at most; fewer while the tenant is slow.", valueName: "number"))
    var concurrency = 64

    @Option(help: ArgumentHelp("Messages in a time at most, such as 50/s or 3000/m.", valueName: "rate"))
    var rate: SendingRate?

    @Option(
        help: ArgumentHelp(
            "With a WebSocket, when a message counts as accepted.",
            valueName: "sent|started|completed"
        )
    )
    var ack: SubmissionOptions.Acknowledgement = .started

    @Option(help: ArgumentHelp("How long an answer may take.", valueName: "duration"))
    var timeout: TimeSpan = TimeSpan(duration: .seconds(30))

    @Option(
        help: ArgumentHelp(
            "How long one message is tried while others go through; then it is in doubt. (default: 8 attempts)",
            valueName: "duration"
        )
    )
    var deadline: TimeSpan?

    @Option(
        help: ArgumentHelp("How long a tenant that gives no good answer at all is waited for.", valueName: "duration")
    )
    var patience: TimeSpan = TimeSpan(duration: .seconds(2 * 3600))

    @Option(help: ArgumentHelp("How long a stop waits for what is in flight.", valueName: "duration"))
    var drain: TimeSpan = TimeSpan(duration: .seconds(30))

    @Option(
        help: ArgumentHelp(
            "Stop when more than so many are refused, or such a part. (default: if the first 20 all are)",
            valueName: "number|percent%"
        )
    )
    var maxFailures: FailureLimit?

    mutating func validate() throws {
        guard deadline?.duration ?? .seconds(1) > .zero else {
            throw ValidationError("--deadline must be longer than nothing.")
        }
    }

    func apply(to options: inout SubmissionOptions) {
        options.transport = transport
        options.allowsHTTP2 = http2
        options.concurrency = concurrency
        options.rate = rate
        options.acknowledgement = ack
        // An answer that comes after the deadline helps nobody.
        options.requestTimeout = min(timeout.duration, deadline?.duration ?? timeout.duration)
        options.deadline = deadline?.duration
        options.patience = patience.duration
        options.drain = drain.duration
        options.failureLimit = maxFailures
    }
}

/// A duration as people write it, such as `500ms` or `30s`.
struct TimeSpan: ExpressibleByArgument, Sendable {
    var duration: Duration

    init(duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Duration(option: argument) else { return nil }
        self.duration = duration
    }

    var defaultValueDescription: String {
        let seconds = duration.components.seconds
        return seconds > 0 && seconds % 3600 == 0 ? "\(seconds / 3600)h" : "\(seconds)s"
    }
}

extension SendingRate: ExpressibleByArgument {
    /// Reads a rate such as `50/s`.
    package init?(argument: String) { self.init(argument) }
}

extension FailureLimit: ExpressibleByArgument {
    /// Reads a limit such as `100` or `5%`.
    package init?(argument: String) { self.init(argument) }
}

extension SubmissionOptions.TokenRequest: ExpressibleByArgument {}
extension SubmissionOptions.Transport: ExpressibleByArgument {}
extension SubmissionOptions.Acknowledgement: ExpressibleByArgument {}
