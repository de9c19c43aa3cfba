// Where the record at hand lies, so that a finding can say so.

package import InteractionModel

/// The origin of one record, and of its neighbours in the same run of bytes.
package struct RecordSource {
    /// The input as it was named.
    package var file: String
    /// The record's number in its file, from 1.
    package var number = 0
    /// The offset in the input of the first byte of the run that the record lies in.
    package var runOffset: Int64
    /// The first byte of the run.
    package var run: UnsafePointer<UInt8>
    /// The record's first byte, counted from the start of the run.
    package var start = 0
    /// Whether byte positions in the parsed text are positions in the run; not so for rewritten JSON5.
    package var isVerbatim = true
    /// The place of whatever is at hand, if it is known beforehand.
    var fixed: Finding.Place?
    private var line: Int
    /// Where the current line begins, counted from the start of the run; negative if before it.
    private var lineStart: Int
    private var counted = 0

    /// Makes the origin for a run's first record.
    ///
    /// - Parameters:
    ///   - file: The input's name.
    ///   - run: The first byte of the run.
    ///   - runOffset: Its offset in the input.
    ///   - line: Its line, from 1.
    ///   - lineOffset: The offset in the input at which that line begins.
    package init(file: String, run: UnsafePointer<UInt8>, runOffset: Int64, line: Int, lineOffset: Int64) {
        self.file = file
        self.run = run
        self.runOffset = runOffset
        self.line = line
        lineStart = Int(lineOffset - runOffset)
    }

    /// No origin at all, before the first run of bytes.
    package static var none: RecordSource {
        RecordSource(file: "", run: ("" as StaticString).utf8Start, runOffset: 0, line: 1, lineOffset: 0)
    }

    /// The place of a byte of the record.
    ///
    /// - Parameter position: Counted from the record's first byte.
    /// - Returns: File, line, column and offset.
    /// - Complexity: One step for each byte since the last place that was asked for.
    package mutating func place(_ position: Int) -> Finding.Place {
        if let fixed { return fixed }
        let target = start + (isVerbatim ? position : 0)
        if target < counted {
            counted = 0
            // Only a place before the last one starts over; the run is short.
            (line, lineStart) = (firstLine ?? line, firstLineStart ?? lineStart)
        }
        if firstLine == nil { (firstLine, firstLineStart) = (line, lineStart) }
        while counted < target {
            if run[counted] == 0x0A {
                line += 1
                lineStart = counted + 1
            }
            counted += 1
        }
        return Finding.Place(
            file: file,
            record: number,
            line: line,
            column: target - lineStart + 1,
            offset: runOffset + Int64(target)
        )
    }

    private var firstLine: Int?
    private var firstLineStart: Int?
}
