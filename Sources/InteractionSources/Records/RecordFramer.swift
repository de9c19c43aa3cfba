// Cuts a stream of bytes into records, without parsing them.

internal import Glibc
internal import InteractionModel

/// Cuts JSON text into records: bytes in, batches of whole records out, whatever the reads' boundaries.
///
/// NDJSON is cut at line feeds and nowhere else, so that one broken line costs one record. Everything else is cut
/// where a value ends: at nesting depth zero, or one inside a whole-document array. The cutting knows strings, and
/// the comments and quotes of JSON5; whether a record is well formed is for the parser to say.
package struct RecordFramer {
    /// Bytes to gather before a batch is handed on.
    package static let batchBytes = 256 * 1024
    /// How far to look for the end of the first line before an input counts as one document.
    package static let sniffBytes = 4 * 1024 * 1024

    private let largest: Int
    private(set) var layout: RecordLayout?
    private(set) var block = ByteBlock(capacity: RecordFramer.batchBytes * 2)
    private var filled = 0
    /// In lines: everything before this position is known to hold no line feed.
    private var searched = 0
    private var offset: Int64 = 0
    private var line = 1
    private var lineOffset: Int64 = 0
    private var recordCount = 0
    private var boundary = ValueBoundary()
    private var records: [RecordSpan] = []
    /// Where the record began that is being thrown away because it is too large.
    private var lostFrom: Int64?
    /// Whether the line that is being thrown away holds nothing but white space so far, and thus is no record.
    private var lostIsBlank = true

    /// Makes a framer for one input.
    ///
    /// - Parameters:
    ///   - layout: How to cut, or nil to find out from the first line.
    ///   - largestRecord: Bytes of the largest record that is kept in memory.
    package init(layout: RecordLayout?, largestRecord: Int) {
        self.layout = layout
        largest = largestRecord
    }

    /// Says how many bytes of the input went before the first one that the framer gets, such as a byte order mark.
    package mutating func startOffset(_ count: Int) {
        offset = Int64(count)
        lineOffset = offset
    }

    /// Whether a whole-document array was still open when the input ended.
    package var endsInsideArray: Bool { boundary.insideArray }

    /// Lets the caller write the next bytes of the input into free space.
    ///
    /// - Parameter fill: Writes at most the space it is given and returns how many bytes it wrote.
    /// - Returns: What `fill` returned.
    /// - Throws: What `fill` throws.
    package mutating func withSpace<Failure: Error>(
        _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        if block.capacity - filled < Self.batchBytes / 4 { renewBlock(dropping: 0, capacity: block.capacity * 2) }
        let free = min(block.capacity - filled, Self.batchBytes)
        let count = try fill(UnsafeMutableRawBufferPointer(start: block.start + filled, count: free))
        filled += count
        return count
    }

    /// Hands out the records that are complete.
    ///
    /// - Parameter isFinal: Whether the input has ended, so that what is left is a record too.
    /// - Returns: The next batch, or nil if more bytes are needed, or at the end.
    package mutating func nextBatch(isFinal: Bool) -> RecordBatch? {
        if layout == nil { layout = sniff(isFinal: isFinal) }
        guard let layout else { return nil }
        let cut =
            switch layout {
            case .lines: cutLines(isFinal: isFinal)
            case .document: cutDocument(isFinal: isFinal)
            }
        if records.isEmpty {
            guard cut > 0 else { return nil }
            countLines(upTo: cut)
            renewBlock(dropping: cut, capacity: block.capacity)
            return nil
        }
        let batch = RecordBatch(
            block: block,
            count: cut,
            offset: offset,
            line: line,
            lineOffset: lineOffset,
            records: records,
            layout: layout
        )
        records.removeAll(keepingCapacity: true)
        countLines(upTo: cut)
        renewBlock(dropping: cut, capacity: RecordFramer.batchBytes * 2)
        return batch
    }

    // MARK: Lines

    private mutating func cutLines(isFinal: Bool) -> Int {
        var lineStart = 0
        var position = searched
        while position < filled, let found = memchr(block.start + position, 0x0A, filled - position) {
            let feed = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(block.start)
            appendLine(lineStart, feed)
            lineStart = feed + 1
            position = lineStart
        }
        searched = filled
        if isFinal, lineStart < filled || lostFrom != nil {
            appendLine(lineStart, filled)
            return filled
        }
        if lostFrom != nil || filled - lineStart > largest {
            loseLine(lineStart, filled)
            return filled
        }
        return lineStart
    }

    private mutating func appendLine(_ start: Int, _ end: Int) {
        // A line that is here as a whole is too large all the same: how the reads fell must not matter.
        if lostFrom != nil || end - start > largest {
            loseLine(start, end)
            if lostIsBlank { lostFrom = nil }
            lostIsBlank = true
            appendLost(end)
            return
        }
        if !isBlank(start, end) { append(start, end) }
    }

    private mutating func loseLine(_ start: Int, _ end: Int) {
        lostFrom = lostFrom ?? offset + Int64(start)
        lostIsBlank = lostIsBlank && isBlank(start, end)
    }

    private func isBlank(_ start: Int, _ end: Int) -> Bool {
        var from = start
        while from < end, block.start[from] == 0x20 || block.start[from] == 0x09 || block.start[from] == 0x0D {
            from += 1
        }
        return from == end
    }

    private mutating func append(_ start: Int, _ end: Int) {
        recordCount += 1
        records.append(RecordSpan(start: start, end: end, number: recordCount))
    }

    private mutating func appendLost(_ end: Int) {
        guard let from = lostFrom else { return }
        append(end, end)
        records[records.count - 1].oversized = from..<offset + Int64(end)
        lostFrom = nil
    }

    // MARK: Documents

    private mutating func cutDocument(isFinal: Bool) -> Int {
        while true {
            switch boundary.advance(block.start, to: filled, isFinal: isFinal) {
            case .record(let start, let end):
                if lostFrom == nil, end - start > largest { lostFrom = offset + Int64(start) }
                if lostFrom == nil { append(start, end) } else { appendLost(end) }
            case .needsMore(let recordStart, let position):
                guard lostFrom != nil || filled - recordStart > largest else { return recordStart }
                // Its end is looked for all the same, so that the next record is found wherever it begins.
                lostFrom = lostFrom ?? offset + Int64(recordStart)
                return position
            case .end:
                return filled
            }
        }
    }

    // MARK: The block

    private mutating func countLines(upTo end: Int) {
        var position = 0
        while position < end, let found = memchr(block.start + position, 0x0A, end - position) {
            position = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(block.start) + 1
            line += 1
            lineOffset = offset + Int64(position)
        }
    }

    /// Starts a fresh block with what has not been handed out.
    private mutating func renewBlock(dropping cut: Int, capacity: Int) {
        let left = filled - cut
        let fresh = ByteBlock(capacity: max(capacity, left + Self.batchBytes))
        fresh.start.update(from: block.start + cut, count: left)
        block = fresh
        filled = left
        searched = max(0, searched - cut)
        boundary.shift(by: cut)
        offset += Int64(cut)
    }

    // MARK: What kind of input it is

    /// Decides how to cut: lines if the first non-blank line is a complete value and something follows it.
    ///
    /// It looks at the same bytes however they were read, and never at more than ``sniffBytes``.
    private func sniff(isFinal: Bool) -> RecordLayout? {
        let window = min(filled, Self.sniffBytes)
        let undecided: RecordLayout? = isFinal || window == Self.sniffBytes ? .document : nil
        var start = 0
        while start < window, block.start[start] <= 0x20 { start += 1 }
        guard start < window, let found = memchr(block.start + start, 0x0A, window - start) else { return undecided }
        let feed = found.assumingMemoryBound(to: UInt8.self) - UnsafeMutablePointer(block.start)
        var after = feed + 1
        while after < window, block.start[after] <= 0x20 { after += 1 }
        guard after < window else { return undecided }
        var tape = JSONTape()
        do {
            try tape.scan(block.start + start, count: feed - start)
            return .lines
        } catch {
            return .document
        }
    }
}
