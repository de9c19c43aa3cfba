// Records inside any JSON document, found by their path, decoded as the bytes arrive.

internal import InteractionModel

/// Finds the values at a path in JSON text of any size and hands each out as a tape.
///
/// `$` stands for each value of the input: a line of NDJSON, a value among concatenated ones, an element of an array
/// that is the whole document. Every other path is walked: what is not a record, and not a member of an object on the
/// way to one, is passed over without being parsed; a path that begins with a name is followed from each element of an
/// array that is the whole document. Memory is bounded by the largest record.
package struct JSONRecordDecoder: ~Copyable, RecordDecoder {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var values: Values?
    private var walk: Walk?
    /// The first bytes, until it is known whether they are a byte order mark.
    private var head: [UInt8]? = []

    /// Makes a decoder for one input.
    ///
    /// - Parameters:
    ///   - path: Where the records are.
    ///   - largestRecord: Bytes of the largest record that is kept in memory.
    package init(path: JSONRecordPath, largestRecord: Int) {
        if path.steps.isEmpty {
            values = Values(largestRecord: largestRecord)
        } else {
            walk = Walk(path: path, largestRecord: largestRecord)
        }
    }

    package mutating func decode(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        into batch: inout DecodedBatchBuilder
    ) {
        guard var first = head else {
            feed(bytes, isFinal: isFinal, into: &batch)
            return
        }
        let held = min(Self.byteOrderMark.count - first.count, bytes.count)
        first += bytes[..<held]
        if !isFinal, first.count < Self.byteOrderMark.count, Self.byteOrderMark.starts(with: first) {
            head = first
            return
        }
        head = nil
        if first == Self.byteOrderMark {
            values?.framer.startOffset(first.count)
            walk?.startOffset(first.count)
        } else {
            first.withUnsafeBytes { feed($0, isFinal: false, into: &batch) }
        }
        feed(UnsafeRawBufferPointer(rebasing: bytes[held...]), isFinal: isFinal, into: &batch)
    }

    private mutating func feed(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        into batch: inout DecodedBatchBuilder
    ) {
        values?.decode(bytes, isFinal: isFinal, into: &batch)
        walk?.decode(bytes, isFinal: isFinal, into: &batch)
    }
}

extension JSONRecordDecoder {
    /// Where a record begins.
    struct Place {
        var number: Int
        var offset: Int64
        var line: Int
        /// Offset in the input at which the line begins.
        var lineOffset: Int64

        /// A fault of the record here.
        ///
        /// - Parameters:
        ///   - code: What kind of fault.
        ///   - message: What is the matter.
        ///   - remedy: What to do about it.
        ///   - distance: How far into the record it shows.
        ///   - text: The record, as far as it is known.
        /// - Returns: A fault that loses the record.
        func loss(
            _ code: FindingCode,
            _ message: String,
            remedy: String? = nil,
            at distance: Int = 0,
            of text: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
        ) -> DecodingFault {
            let before = text.prefix(distance)
            let feed = before.lastIndex(of: 0x0A)
            let column = feed.map { distance - $0 } ?? Int(offset - lineOffset) + distance + 1
            return DecodingFault(
                code,
                .error,
                record: number,
                line: line + before.count { $0 == 0x0A },
                column: column,
                offset: offset + Int64(distance),
                message: message,
                remedy: remedy,
                losesRecord: true
            )
        }

        /// A fault of a record that is too large.
        func tooLarge(_ count: Int64) -> DecodingFault {
            loss(
                .recordTooLarge,
                "the record has \(count) bytes, more than is read into memory",
                remedy: "raise the limit with --max-record-bytes"
            )
        }
    }

    /// Parses one record after the other onto the batch's tape.
    struct Recorder: ~Copyable {
        /// The tape of the text that was parsed last.
        var tape = JSONTape()

        /// Appends a record, or the fault that it has instead.
        ///
        /// - Parameters:
        ///   - text: The record, followed by readable padding.
        ///   - place: Where it begins.
        ///   - context: The index of what surrounds it.
        ///   - allowsJSON5: Whether a text that is not strict JSON may be rewritten.
        ///   - batch: Receives it.
        mutating func append(
            _ text: UnsafeRawBufferPointer,
            at place: Place,
            context: Int?,
            allowsJSON5: Bool,
            into batch: inout DecodedBatchBuilder
        ) {
            do {
                // Safety: the caller keeps the bytes and their padding alive for the call.
                guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
                try tape.scan(start, count: text.count)
                batch.tape.append(scanned: tape, of: text)
            } catch {
                guard appendRewritten(text, after: error, at: place, allowsJSON5, into: &batch) else { return }
            }
            var record = DecodedRecord(
                firstNode: batch.tape.recordStart,
                textStart: batch.tape.textStart,
                number: place.number,
                bytes: place.offset..<place.offset + Int64(text.count),
                line: place.line,
                column: Int(place.offset - place.lineOffset) + 1
            )
            record.context = context
            batch.records.append(record)
            if !tape.supersededKeys.isEmpty { noteSupersededKeys(of: record, into: &batch) }
        }

        /// Tries a text that is no strict JSON as JSON5; of two faults the later one is where the trouble is.
        private mutating func appendRewritten(
            _ text: UnsafeRawBufferPointer,
            after fault: JSONError,
            at place: Place,
            _ allowsJSON5: Bool,
            into batch: inout DecodedBatchBuilder
        ) -> Bool {
            var message = fault.fault.rawValue
            var offset = fault.offset
            if allowsJSON5 {
                var json: [UInt8] = []
                do {
                    let features = try JSON5Normalizer.normalize(text, into: &json)
                    let padded = PaddedBytes(json)
                    try tape.scan(padded.start, count: padded.count)
                    batch.tape.append(
                        scanned: tape,
                        of: UnsafeRawBufferPointer(start: padded.start, count: padded.count)
                    )
                    batch.faults.append(
                        DecodingFault(
                            .json5Text,
                            .note,
                            record: place.number,
                            line: place.line,
                            column: Int(place.offset - place.lineOffset) + 1,
                            offset: place.offset,
                            message: "read as JSON5: \(features.description)"
                        )
                    )
                    return true
                } catch let error as JSON5Error {
                    if error.offset > offset { (offset, message) = (error.offset, error.message) }
                } catch {
                    // The rewriting was no JSON either: the fault of the text as it stands says more.
                }
            }
            batch.faults.append(place.loss(.invalidJSON, message, at: offset, of: text))
            return false
        }

        private func noteSupersededKeys(of record: DecodedRecord, into batch: inout DecodedBatchBuilder) {
            let count = tape.supersededKeys.count
            batch.faults.append(
                DecodingFault(
                    .duplicateKey,
                    .warning,
                    record: record.number,
                    line: record.line,
                    column: record.column,
                    offset: record.bytes.lowerBound,
                    message: "\(count) \(count == 1 ? "key occurs" : "keys occur") again in the same object; "
                        + "the last one counts"
                )
            )
        }
    }
}
