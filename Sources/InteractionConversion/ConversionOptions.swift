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

    /// The choices that shape Interactions.
    public var mapping = MappingOptions()
    /// How inputs are cut into records.
    public var input: Input = .auto
    /// Batches that are mapped at the same time; the output does not depend on it.
    public var jobs = 1
    /// Bytes of the largest record that is read; larger ones are rejected.
    public var largestRecord = 64 << 20

    /// Makes the default options.
    public init() {}

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
