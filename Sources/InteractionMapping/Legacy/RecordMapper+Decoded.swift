// The way of a payload that was decoded from another format than JSON.

package import InteractionModel

extension RecordMapper {
    /// Maps a record that was written as JSON for this only, and appends its Interactions to the output.
    ///
    /// - Parameters:
    ///   - text: The payload's JSON; padding must be readable after it.
    ///   - place: Where the record lies, which is what all findings about it say.
    ///   - range: Its bytes in the input.
    ///   - number: Its number in its file.
    /// - Returns: What became of it; output indexes count from the start of the run.
    package mutating func map(
        _ text: UnsafeRawBufferPointer,
        from place: Finding.Place,
        range: Range<Int64>,
        number: Int
    ) -> RecordOutcome {
        source.fixed = place
        defer { source.fixed = nil }
        return map(text, start: 0, range: range, number: number) { _ in nil }
    }
}
