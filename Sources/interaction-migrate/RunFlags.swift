// The options of `convert` that say how much is converted, and what is done instead of writing it.

public import ArgumentParser
internal import Glibc
public import InteractionConversion
internal import InteractionMapping

/// Looking before converting.
struct PlanFlags: ParsableArguments {
    @Flag(help: "Convert everything, show what it comes to on standard output, and write nothing but --report.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(
            "With --dry-run: say how long a submission takes at so many, such as 50/s.",
            valueName: "n/s|m|h"
        )
    )
    var rate: SubmissionRate?

    @Option(
        help: ArgumentHelp(
            "With --dry-run: where the plan goes. With --check: the plan that must hold.",
            valueName: "file"
        )
    )
    var plan: String?

    @Flag(help: "Refuse with exit code 1 if anything is not as in --plan, and say what.")
    var check = false

    mutating func validate() throws {
        guard rate == nil || dryRun else { throw ValidationError("--rate belongs to --dry-run.") }
        guard !check || plan != nil else { throw ValidationError("--check needs --plan FILE.") }
        guard plan == nil || dryRun || check else {
            throw ValidationError("--plan is written with --dry-run, or compared with --check.")
        }
    }
}

/// How much is converted.
struct SelectionFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Convert the first legacy records and conversations only.", valueName: "n"))
    var limit: Int?

    @Option(
        help: ArgumentHelp("Convert so many legacy records and conversations of all shapes only.", valueName: "n")
    )
    var sample: Int?

    @Option(help: ArgumentHelp("Another number draws another --sample. (default: 0)", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Rejected records that are acceptable: up to it the exit code is 0, beyond it the run stops.",
            valueName: "n|p%"
        )
    )
    var maxRejects: RejectLimit?

    mutating func validate() throws {
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be at least 1.") }
        guard sample ?? 1 >= 1 else { throw ValidationError("--sample must be at least 1.") }
        guard seed == nil || sample != nil else { throw ValidationError("--seed belongs to --sample.") }
    }

    func apply(to options: inout ConversionOptions) {
        options.limit = limit
        options.sampling = sample.map { Sampling(count: $0, seed: seed ?? 0) }
        options.acceptedRejects = maxRejects
    }
}

/// What is masked.
struct PrivacyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp("Mask these in the texts of messages.", valueName: "emails,phones,cards,ibans")
    )
    var redact: RedactedKinds?

    @Flag(help: "Mask each character by an asterisk, so that texts keep their lengths.")
    var redactKeepLength = false

    mutating func validate() throws {
        guard !redactKeepLength || redact != nil else {
            throw ValidationError("--redact-keep-length belongs to --redact.")
        }
    }

    var redaction: Redaction { Redaction(redact?.kinds ?? [], keepsLength: redactKeepLength) }
}

/// Kinds with commas between them.
struct RedactedKinds: ExpressibleByArgument {
    var kinds: Set<Redaction.Kind>

    init?(argument: String) {
        kinds = []
        for word in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let kind = Redaction.Kind(rawValue: String(word)) else { return nil }
            kinds.insert(kind)
        }
    }
}

extension RejectLimit: ExpressibleByArgument {
    /// A number of records, or a share such as `0.5%`.
    public init?(argument: String) {
        if argument.last == "%" {
            guard let share = Double(argument.dropLast()), share >= 0, share <= 100 else { return nil }
            self = .percent(share)
        } else {
            guard let count = Int(argument), count >= 0 else { return nil }
            self = .records(count)
        }
    }
}

/// Interactions in a time, as people write it: `50/s`, `1000/m`.
struct SubmissionRate: ExpressibleByArgument, CustomStringConvertible {
    let description: String
    private let count: Double
    private let seconds: Double

    init?(argument: String) {
        let units: [Substring: Double] = ["s": 1, "m": 60, "h": 3600]
        let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let seconds = units[parts[1]], let count = Double(parts[0]), count > 0, count.isFinite
        else { return nil }
        (self.count, self.seconds, description) = (count, seconds, argument)
    }

    /// How long so many Interactions take, in whole seconds.
    func time(for interactions: Int) -> Int { Int((Double(interactions) * seconds / count).rounded(.up)) }
}
