// What a conversion was going to do: digests of everything that shapes its output, to be compared before the real run.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// Everything that shapes the output of a conversion, as names and digests; no text and no secret.
///
/// A plan file has this at its beginning and a line for each outcome after it; docs/CLI.md describes the lines.
public struct ConversionPlan: Sendable, Hashable {
    /// An input as it was when the plan was made.
    public struct Input: Sendable, Hashable {
        /// The path of the file, or of the archive that it is in.
        public var path: String
        /// Its size as stored.
        public var bytes: Int64
        /// The SHA-256 digest of its stored bytes in hexadecimal; nil if it could not be read.
        public var digest: String?
    }

    /// A difference between a plan and what would be done now.
    public enum Difference: Sendable, Hashable, CustomStringConvertible {
        /// Another version of the tool.
        case tool(planned: String, now: String)
        /// Other data about time zones.
        case timeZoneData(planned: String?, now: String?)
        /// An option has another value; options are called as on the command line.
        case option(String, planned: String?, now: String?)
        /// A profile says something else.
        case profileChanged(String)
        /// A profile is used that was not, or the other way round.
        case profileUsed(String, isNow: Bool)
        /// The decided participants are others.
        case crosswalk
        /// An input has other bytes.
        case inputChanged(String)
        /// There is an input that was not there.
        case inputAdded(String)
        /// An input is not there any more.
        case inputMissing(String)
        /// Outputs of records differ: the first place, and how many lines of outcomes differ from those of the plan.
        case records(first: String, count: Int)

        /// The difference in words.
        public var description: String {
            switch self {
            case .tool(let planned, let now): "tool version: \(planned) in the plan, \(now) now"
            case .timeZoneData(let planned, let now):
                "time zone data: \(planned ?? "none") in the plan, \(now ?? "none") now"
            case .option(let name, let planned, let now):
                "option \(name): \(planned ?? "none") in the plan, \(now ?? "none") now"
            case .profileChanged(let name): "profile \(name): it has changed"
            case .profileUsed(let name, let isNow):
                "profile \(name): \(isNow ? "used now and not in the plan" : "used in the plan and not now")"
            case .crosswalk: "participants (--participants): they have changed"
            case .inputChanged(let path): "input \(path): it has changed"
            case .inputAdded(let path): "input \(path): it is not in the plan"
            case .inputMissing(let path): "input \(path): it is in the plan and not here"
            case .records(let first, let count):
                "records: the outputs of \(count) differ from the plan, the first one of \(first)"
            }
        }
    }

    /// The version of the form of plan files.
    public static let formatVersion = 1

    /// The version of the tool.
    public var tool: String
    /// The version of the time zone data by which times are read; nil where none are.
    public var timeZoneData: String?
    /// The options that shape the output, by the names that they have on the command line.
    public var options: [String: String]
    /// SHA-256 digests of the profiles that are used, by name.
    public var profiles: [String: String]
    /// The SHA-256 digest of the decided participants; nil if there are none.
    public var crosswalk: String?
    /// The inputs in the order of the run.
    public var inputs: [Input]

    /// Finds out what a conversion would be shaped by.
    ///
    /// Every input is read once for its digest.
    ///
    /// - Parameters:
    ///   - converter: The conversion.
    ///   - files: Its inputs, which must be files that can be read more than once.
    ///   - version: The tool's version.
    /// - Throws: ``InputSelectionFailure``.
    public init(of converter: Converter, files: [String], version: String) throws(InputSelectionFailure) {
        let members = try converter.members(of: files)
        if let once = members.first(where: { !$0.isRepeatable || $0.container == "-" }) {
            throw InputSelectionFailure(
                description: "a plan is of files that stay; \(once.displayName) can be read only once"
            )
        }
        let look = InputPlan(members, converter.options, isCancelled: { Task.isCancelled })
        self.init(of: converter.options, members, look, version: version, isStopped: { Task.isCancelled })
    }

    /// Finds it out of inputs that have been looked at.
    init(
        of conversion: ConversionOptions,
        _ members: [InputMember],
        _ look: InputPlan,
        version: String,
        isStopped: () -> Bool
    ) {
        tool = version
        timeZoneData = look.timeZoneData(conversion)
        options = conversion.shaping
        let used = look.profiles + [conversion.profile].compactMap(\.self)
        profiles = Dictionary(used.map { ($0.name, Array($0.source.utf8).digest) }) { first, _ in first }
        crosswalk = conversion.mapping.crosswalk.digest
        inputs = []
        var known: Set<String> = []
        for member in members where known.insert(member.storedPath).inserted {
            inputs.append(Input(digesting: member.storedPath, isStopped: isStopped))
        }
    }

    init(
        tool: String,
        timeZoneData: String?,
        options: [String: String],
        profiles: [String: String],
        crosswalk: String?,
        inputs: [Input]
    ) {
        self.tool = tool
        self.timeZoneData = timeZoneData
        self.options = options
        self.profiles = profiles
        self.crosswalk = crosswalk
        self.inputs = inputs
    }

    /// Reads a plan file's beginning.
    ///
    /// - Parameter path: The file.
    /// - Throws: ``PlanFailure``.
    public init(contentsOf path: String) throws(PlanFailure) {
        var reader = try PlanReader(path)
        self = try reader.readPlan()
    }

    /// Names what is different now.
    ///
    /// - Parameter now: What the conversion would be shaped by.
    /// - Returns: Every difference, those of the whole run before those of inputs.
    public func differences(from now: ConversionPlan) -> [Difference] {
        var result: [Difference] = []
        if tool != now.tool { result.append(.tool(planned: tool, now: now.tool)) }
        if timeZoneData != now.timeZoneData {
            result.append(.timeZoneData(planned: timeZoneData, now: now.timeZoneData))
        }
        for name in Set(options.keys).union(now.options.keys).sorted() where options[name] != now.options[name] {
            result.append(.option(name, planned: options[name], now: now.options[name]))
        }
        for name in Set(profiles.keys).union(now.profiles.keys).sorted() where profiles[name] != now.profiles[name] {
            let isBoth = profiles[name] != nil && now.profiles[name] != nil
            result.append(isBoth ? .profileChanged(name) : .profileUsed(name, isNow: now.profiles[name] != nil))
        }
        if crosswalk != now.crosswalk { result.append(.crosswalk) }
        let here = Dictionary(now.inputs.map { ($0.path, $0) }) { first, _ in first }
        for input in inputs {
            guard let other = here[input.path] else {
                result.append(.inputMissing(input.path))
                continue
            }
            if other == input { continue }
            result.append(other.digest == nil ? .inputMissing(input.path) : .inputChanged(input.path))
        }
        let planned = Set(inputs.map(\.path))
        for input in now.inputs where !planned.contains(input.path) { result.append(.inputAdded(input.path)) }
        return result
    }
}

/// A plan that cannot be used.
public struct PlanFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, and what to do.
    public let description: String
}
