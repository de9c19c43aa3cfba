// The options of `convert` that concern inputs which are no legacy payloads.

internal import ArgumentParser
internal import InteractionConversion
internal import InteractionMapping
internal import InteractionModel

/// How inputs are read.
struct SourceFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("The format of all inputs, instead of finding out; see `profiles list`.", valueName: "name")
    )
    var from: String?

    @Option(
        help: ArgumentHelp("A profile that describes the format of all inputs (docs/PROFILES.md).", valueName: "file")
    )
    var profile: String?

    @Option(help: ArgumentHelp("The zone of times that name none, such as Europe/Paris.", valueName: "zone"))
    var timezone: String?

    @Option(
        help: ArgumentHelp(
            "Where phone numbers without a country code are from, such as DE; numbers are compared as E.164 then.",
            valueName: "region"
        )
    )
    var phoneRegion: String?

    @Option(help: ArgumentHelp("The text encoding of all inputs, instead of finding out.", valueName: "name"))
    var encoding: String?

    @Option(
        help: ArgumentHelp(
            "What standard input is called in outcomes and findings; a name that ends in .ndjson or .jsonl means lines.",
            valueName: "name"
        )
    )
    var stdinName: String?

    @Option(help: ArgumentHelp("How the records of a conversation lie in the inputs.", valueName: "any|clustered"))
    var order: ConversionOptions.Order = .any

    @Option(
        help: ArgumentHelp(
            "Memory to bring conversations together in, such as 128M or 2G; more goes to disk.",
            valueName: "bytes"
        )
    )
    var memory: ByteCount = ByteCount(bytes: 256 << 20)

    @Option(help: ArgumentHelp("The folder for what exceeds --memory. (default: $TMPDIR or /tmp)", valueName: "folder"))
    var spillDir: String?

    @Option(help: ArgumentHelp("Silence that ends a conversation, such as 30m, 12h or 1d.", valueName: "duration"))
    var gap: SilenceGap?

    @Option(help: ArgumentHelp("Whether HTML becomes text that can be read.", valueName: "text|keep"))
    var html: MappingOptions.HTML = .text

    @Option(help: ArgumentHelp("What happens to messages that were taken back in the source.", valueName: "keep|drop"))
    var deleted: MappingOptions.Deleted = .keep

    mutating func validate() throws {
        guard from == nil || profile == nil else { throw ValidationError("--from and --profile exclude each other.") }
        guard memory.bytes >= 1 << 20 else { throw ValidationError("--memory must be at least 1M.") }
        if let timezone {
            do {
                _ = try ZoneRules(named: timezone)
            } catch {
                throw ValidationError("--timezone: \(error.description)")
            }
        }
        if let phoneRegion, PhoneRegion(named: phoneRegion) == nil {
            throw ValidationError(
                "--phone-region '\(phoneRegion)' is none of \(PhoneRegion.names.joined(separator: ", "))."
            )
        }
        if let from, from != "legacy", !BuiltInProfiles.names.contains(from) {
            let nearest = BuiltInProfiles.nearest(to: from).map { "; did you mean \($0)?" } ?? ""
            throw ValidationError("--from '\(from)' is no known format\(nearest) `profiles list` shows all.")
        }
    }

    /// The options as they were given, as a shell takes them.
    var arguments: [String] {
        let values: [(String, String?)] = [
            ("--from", from), ("--profile", profile), ("--timezone", timezone), ("--phone-region", phoneRegion),
            ("--encoding", encoding), ("--stdin-name", stdinName),
            ("--order", order == .any ? nil : order.rawValue),
            ("--memory", memory.bytes == 256 << 20 ? nil : String(memory.bytes)), ("--spill-dir", spillDir),
            ("--gap", gap.map { "\($0.seconds)s" }), ("--html", html == .text ? nil : html.rawValue),
            ("--deleted", deleted == .keep ? nil : deleted.rawValue),
        ]
        return values.flatMap { option, value in value.map { [option, ShellWord.quoted($0)] } ?? [] }
    }

    /// Carries the choices over.
    func apply(to options: inout ConversionOptions, _ terminal: Terminal) throws {
        options.encoding = encoding
        options.standardInputName = stdinName
        options.order = order
        options.memory = memory.bytes
        options.spillFolder = Inputs.spillFolder(spillDir)
        options.mapping.timezone = timezone
        options.mapping.phoneRegion = phoneRegion.flatMap(PhoneRegion.init(named:))
        options.mapping.gap = gap?.seconds
        options.mapping.html = html
        options.mapping.deleted = deleted
        if from == "legacy" {
            options.looksAtContent = false
        } else if let from {
            _ = options.use(profileNamed: from)
        } else if let profile {
            do {
                for warning in try options.use(profileAt: profile) { terminal.warn(warning) }
            } catch {
                terminal.fail(error.description)
                throw ExitStatus.failed
            }
        }
    }
}

/// A number of bytes as people write it.
struct ByteCount: ExpressibleByArgument, Sendable {
    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let units: [Character: Int] = ["K": 10, "M": 20, "G": 30]
        let shift = argument.last.flatMap { units[Character($0.uppercased())] }
        guard let number = Int(shift == nil ? argument : String(argument.dropLast())), number > 0,
            number <= Int.max >> (shift ?? 0)
        else { return nil }
        bytes = number << (shift ?? 0)
    }

    var defaultValueDescription: String { "\(bytes >> 20)M" }
}

/// A duration as people write it.
struct SilenceGap: ExpressibleByArgument, Sendable {
    var seconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = argument.last.flatMap({ units[$0] }), let number = Int64(argument.dropLast()), number > 0,
            number < 1_000_000
        else { return nil }
        seconds = number * unit
    }
}
