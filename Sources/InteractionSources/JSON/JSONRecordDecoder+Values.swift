// The path `$`: each value of the input is a record, cut as the converter of legacy payloads cuts it.

internal import Glibc
internal import InteractionModel

extension JSONRecordDecoder {
    /// Records at the top: lines, concatenated values, or the elements of one array.
    struct Values: ~Copyable {
        var framer: RecordFramer
        private var recorder = Recorder()

        init(largestRecord: Int) { framer = RecordFramer(layout: nil, largestRecord: largestRecord) }

        mutating func decode(
            _ bytes: UnsafeRawBufferPointer,
            isFinal: Bool,
            into batch: inout DecodedBatchBuilder
        ) {
            var at = 0
            while at < bytes.count {
                at += framer.withSpace { space in
                    let count = min(space.count, bytes.count - at)
                    space.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[at..<at + count]))
                    return count
                }
                while let cut = framer.nextBatch(isFinal: false) { append(cut, isFinal: false, into: &batch) }
            }
            guard isFinal else { return }
            while let cut = framer.nextBatch(isFinal: true) { append(cut, isFinal: true, into: &batch) }
            if framer.endsInsideArray, batch.faults.last?.code != .truncated {
                batch.faults.append(
                    DecodingFault(
                        .truncated,
                        .error,
                        message: "the array that holds the records is never closed",
                        remedy: "records after the last complete one are missing; restore the file from its source"
                    )
                )
            }
        }

        private mutating func append(_ cut: RecordBatch, isFinal: Bool, into batch: inout DecodedBatchBuilder) {
            var lines = LineCounter(line: cut.line, lineOffset: cut.lineOffset)
            for record in cut.records {
                // Safety: the record lies in the block, which the batch keeps alive.
                lines.advance(cut.block.start, to: record.start, from: cut.offset)
                var place = lines.place(record.number, cut.offset + Int64(record.start))
                if let lost = record.oversized {
                    place.offset = lost.lowerBound
                    batch.faults.append(place.tooLarge(lost.upperBound - lost.lowerBound))
                    continue
                }
                let faultCount = batch.faults.count
                recorder.append(
                    cut.bytes(of: record),
                    at: place,
                    context: nil,
                    allowsJSON5: cut.layout == .document,
                    into: &batch
                )
                // A document whose last value has no end is cut off rather than wrong.
                if isFinal, cut.layout == .document, batch.faults.count > faultCount, record.end == cut.count,
                    batch.faults[faultCount].losesRecord, !Self.isComplete(cut.bytes(of: record))
                {
                    batch.faults[faultCount].code = .truncated
                }
            }
        }

        private static func isComplete(_ text: UnsafeRawBufferPointer) -> Bool {
            guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self), text.count > 0 else { return true }
            var extent = Extent(start.pointee)
            var position = extent.headCount
            return extent.advance(start, &position, text.count, isFinal: false)
        }
    }

    /// Counts lines up to wherever somebody asks.
    struct LineCounter {
        private(set) var line = 1
        private(set) var lineOffset: Int64 = 0
        /// Up to where the current run of bytes has been counted.
        private var counted = 0

        init(line: Int = 1, lineOffset: Int64 = 0) {
            self.line = line
            self.lineOffset = lineOffset
        }

        /// Counts the lines before a byte.
        ///
        /// - Parameters:
        ///   - start: The first byte of the run.
        ///   - end: Where to stop.
        ///   - offset: The run's offset in the input.
        mutating func advance(_ start: UnsafePointer<UInt8>, to end: Int, from offset: Int64) {
            // Safety: the caller's run holds the bytes up to `end`.
            while counted < end, let found = memchr(start + counted, 0x0A, end - counted) {
                counted = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
                line += 1
                lineOffset = offset + Int64(counted)
            }
            counted = max(counted, end)
        }

        /// Says that bytes were taken off the front of the run.
        mutating func shift(by count: Int) { counted = max(0, counted - count) }

        /// The place of a record on the line that was reached.
        func place(_ number: Int, _ offset: Int64) -> Place {
            Place(number: number, offset: offset, line: line, lineOffset: lineOffset)
        }
    }
}
