// How conversions are compared.

/// The choices of a comparison, as a value.
public struct DiffOptions: Sendable {
    /// Whether texts and personal values come as they are; otherwise their length is told, and which are the same.
    public var showsContent = false
    /// Whether differences come with a JSON Patch, which holds the values themselves.
    public var writesPatch = false
    /// Whether what is the same comes too, for a display with surroundings.
    public var keepsSame = false
    /// Bytes that may be held to find the two of each pair; beyond that they go to disk.
    public var memory = 256 << 20
    /// Where they go; the files have no names and are gone when the process ends.
    public var spillFolder = "/tmp"
    /// How the conversions are cut into Interactions.
    public var input: ConversionOptions.Input = .auto
    /// Bytes of the largest Interaction that is read.
    public var largestRecord = 64 << 20

    /// Makes the default choices.
    public init() {}

    /// How a conversion is read.
    var reading: ConversionOptions {
        var options = ConversionOptions()
        options.input = input
        options.largestRecord = largestRecord
        return options
    }
}
