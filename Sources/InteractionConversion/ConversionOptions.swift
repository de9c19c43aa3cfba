// What a conversion is asked to do.

public import InteractionMapping
internal import InteractionSources

/// The options of a conversion, as a value.
public struct ConversionOptions: Sendable {
    /// How an input is cut into records.
    public enum Input: String, Sendable, CaseIterable {
        /// By the file's name, else by its first line.
        case auto
        /// Each non-blank line is one record, whatever it holds.
        case ndjson
        /// JSON values one after the other, or the elements of one array; JSON5-like text is read as well.
        case json
    }

    /// How the records of a conversation lie in the inputs.
    public enum Order: String, Sendable, CaseIterable {
        /// Anywhere, in any number of inputs.
        case any
        /// One after another: a conversation ends where another one begins.
        case clustered
    }

    /// What becomes of legacy payloads that repeat the history of their thread.
    public enum Snapshots: String, Sendable, CaseIterable {
        /// Each is one Interaction.
        case keep
        /// All of a thread are one Interaction, with each message once.
        case fold
    }

    /// Which half of a conversion is done, where the records of a conversation lie on several machines.
    ///
    /// Legacy payloads are whole conversations and need neither.
    public enum Grain: String, Sendable, CaseIterable {
        /// From records to keyed fragments, as lines of JSON in the place of Interactions.
        case messages
        /// From such lines, those of a conversation all being there, to Interactions.
        case conversations
    }

    /// The choices that shape Interactions.
    public var mapping = MappingOptions()
    /// The profile that a person has said it is, so that legacy payloads are out of the question; nil to find out.
    package var profile: Profile?
    /// Whether inputs are looked at before they are converted; otherwise they hold legacy payloads in JSON.
    public var looksAtContent = true
    /// What becomes of legacy payloads that repeat the history of their thread; of no effect on
    /// ``ConversionSequence``, which hands out records one by one.
    public var snapshots: Snapshots = .keep
    /// The half of a conversion that is done; nil for all of it.
    public var grain: Grain?
    /// How the records of a conversation lie in the inputs; of no effect on legacy payloads that are not folded.
    public var order: Order = .any
    /// Bytes that may be held to bring the records of conversations together; beyond that they go to disk.
    public var memory = 256 << 20
    /// Where they go; the files have no names and are gone when the process ends.
    public var spillFolder = "/tmp"
    /// The text encoding of all inputs by a name that iconv knows; nil to find out.
    public var encoding: String?
    /// What standard input is called in outcomes and findings, instead of `-`.
    public var standardInputName: String?
    /// Bytes of each input after which it ends as if no record had begun there; nil to read all of it.
    var sample: Int?
    /// Legacy records and conversations to convert, the first ones of a ``Converter/run(files:isStopped:deliver:)``; nil
    /// for all.
    public var limit: Int?
    /// A sample to convert instead of everything, for which inputs are read twice; of the same effect.
    public var sampling: Sampling?
    /// What an earlier run of the same inputs has finished with, which is read and not converted again.
    var finished = FinishedItems()
    /// How many rejected records are acceptable; nil for any number.
    public var acceptedRejects: RejectLimit?
    /// Whether the structures of records are told apart, which takes a second look at each of them.
    public var tellsShapes = false
    /// Whether their examples hold the texts of the input.
    var showsContent = false
    /// How inputs are cut into records.
    public var input: Input = .auto
    /// Batches that are mapped at the same time; the output does not depend on it.
    public var jobs = 1
    /// Bytes of the largest record that is read; larger ones are rejected.
    public var largestRecord = 64 << 20

    /// Makes the default options.
    public init() {}

    /// Why these options cannot be followed together; nil if they can.
    var contradiction: String? {
        let isSelective = limit != nil || sampling != nil
        if snapshots == .fold, isSelective { return "a limit or sample chooses records; folding needs all of a thread" }
        guard grain != nil else { return nil }
        if isSelective { return "a limit or sample chooses conversations; a grain is for all of them" }
        return snapshots == .fold ? "legacy payloads, which can be folded, are converted without a grain" : nil
    }

    /// Reads inputs by one built-in profile only.
    ///
    /// - Parameter name: The profile's name.
    /// - Returns: False if there is none of this name.
    public mutating func use(profileNamed name: String) -> Bool {
        guard let profile = BuiltInProfiles.named(name) else { return false }
        self.profile = profile
        return true
    }

    /// Whether an input is legacy payloads in JSON by what somebody says, whatever its content looks like.
    func isSaidToBeJSON(_ member: InputMember) -> Bool {
        guard profile == nil, grain != .messages else { return false }
        return input != .auto || InputExpansion.suffixes.contains { member.displayName.lowercased().hasSuffix($0) }
    }

    /// How to cut an input of this name, or nil to find out from its content.
    func layout(for path: String) -> RecordLayout? {
        switch input {
        case .ndjson: return .lines
        case .json: return .document
        case .auto:
            var name = path.lowercased()
            if name.hasSuffix(".gz") { name.removeLast(3) }
            return name.hasSuffix(".ndjson") || name.hasSuffix(".jsonl") ? .lines : nil
        }
    }
}
