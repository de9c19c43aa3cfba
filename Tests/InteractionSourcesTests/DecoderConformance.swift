// What every decoder must do: the same records whatever the cuts, no crash on any prefix, good records beside bad ones.

import InteractionModel
import TestSupport
import Testing

@testable import InteractionSources

/// What a decoder made of an input, in a form that can be compared and read.
struct DecodedLines: Equatable {
    struct Record: Equatable {
        /// The record as one line of JSON.
        var json: String
        /// What surrounds it as one line of JSON.
        var context: String?
        var number: Int
        var bytes: Range<Int64>
        var line: Int
        var column: Int
        var path: Int
    }

    var records: [Record] = []
    var faults: [DecodingFault] = []

    /// The records without their places.
    var json: [String] { records.map(\.json) }
    /// Code and severity of each fault.
    var codes: [String] { faults.map { "\($0.code.rawValue) \($0.severity)" } }

    fileprivate mutating func append(_ batch: DecodedBatch) {
        for record in batch.records {
            let fields = Record(
                json: Self.render(batch.view(of: record)),
                context: batch.context(of: record).map(Self.render),
                number: record.number,
                bytes: record.bytes,
                line: record.line,
                column: record.column,
                path: record.path
            )
            records.append(fields)
        }
        faults += batch.faults
    }

    private static func render(_ view: JSONView) -> String {
        var output = OutputBuffer()
        output.append(value: view, view.root)
        return String(decoding: output.bytes, as: UTF8.self)
    }
}

/// The checks that all decoders share.
enum DecoderConformance {
    /// Decodes an input that arrives in pieces.
    ///
    /// Each piece is a copy of its own, so that a sanitizer sees a decoder that keeps or exceeds it, and the batch is
    /// sealed after each, as the driver does it.
    ///
    /// - Parameters:
    ///   - input: The whole input.
    ///   - cuts: Where to cut it, ascending.
    ///   - endsLate: Whether the decoder learns of the end only after the last byte, by an empty piece.
    ///   - make: Makes the decoder.
    /// - Returns: Everything that came out, in order.
    static func decode<Decoder: RecordDecoder & ~Copyable>(
        _ input: [UInt8],
        cuts: [Int] = [],
        endsLate: Bool = false,
        by make: () -> Decoder
    ) -> DecodedLines {
        var decoder = make()
        var lines = DecodedLines()
        var start = 0
        let ends = cuts + [input.count] + (endsLate ? [input.count] : [])
        for (index, end) in ends.enumerated() {
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: end - start, alignment: 1)
            piece.copyBytes(from: input[start..<end])
            var batch = DecodedBatchBuilder(textCapacity: 64)
            decoder.decode(UnsafeRawBufferPointer(piece), isFinal: index == ends.count - 1, into: &batch)
            piece.deallocate()
            lines.append(batch.seal())
            start = end
        }
        return lines
    }

    /// Checks that cuts change nothing: byte by byte, at twenty random sets of places, and with empty pieces.
    ///
    /// - Parameters:
    ///   - input: The whole input.
    ///   - seed: Of the random cuts.
    ///   - make: Makes the decoder.
    /// - Returns: What the whole input gives, for further expectations.
    @discardableResult
    static func checkCuts<Decoder: RecordDecoder & ~Copyable>(
        _ input: [UInt8],
        seed: UInt64 = 1,
        by make: () -> Decoder
    ) -> DecodedLines {
        let whole = decode(input, by: make)
        let single = decode(input, cuts: Array(0..<input.count), endsLate: true, by: make)
        #expect(single == whole, "byte by byte")
        var random = SeededRandom(seed: seed)
        for round in 0..<20 {
            let count = Int.random(in: 1...6, using: &random)
            let cuts = (0..<count).map { _ in Int.random(in: 0...input.count, using: &random) }.sorted()
            let pieces = decode(input, cuts: cuts, endsLate: round.isMultiple(of: 2), by: make)
            #expect(pieces == whole, "seed \(seed), round \(round), cuts \(cuts)")
        }
        return whole
    }

    /// Checks that each prefix gives the records before its end.
    ///
    /// Only the last record may differ, and what comes after a fault that the whole input does not have.
    ///
    /// - Parameters:
    ///   - input: The whole input.
    ///   - make: Makes the decoder.
    static func checkTruncation<Decoder: RecordDecoder & ~Copyable>(_ input: [UInt8], by make: () -> Decoder) {
        let whole = decode(input, by: make)
        for count in 0..<input.count {
            let prefix = decode(Array(input[..<count]), by: make)
            let news = prefix.faults.filter { !whole.faults.contains($0) }
            let line = news.compactMap(\.line).min() ?? .max
            let kept = prefix.records.dropLast().prefix { $0.line < line }
            #expect(kept.elementsEqual(whole.records.prefix(kept.count)), "cut off after \(count) bytes")
        }
    }

    /// Checks that a bad record costs no other record and is not passed over in silence.
    ///
    /// - Parameters:
    ///   - before: The input up to the bad record.
    ///   - bad: The bad record.
    ///   - after: The rest of the input.
    ///   - code: The fault that must be reported.
    ///   - make: Makes the decoder.
    /// - Returns: What the damaged input gives, for further expectations.
    @discardableResult
    static func checkDamage<Decoder: RecordDecoder & ~Copyable>(
        before: [UInt8],
        bad: [UInt8],
        after: [UInt8],
        code: FindingCode,
        by make: () -> Decoder
    ) -> DecodedLines {
        let good = decode(before + after, by: make)
        #expect(good.faults.isEmpty, "the input without the bad record must be good")
        let damaged = checkCuts(before + bad + after, by: make)
        #expect(damaged.faults.contains { $0.code == code }, "\(damaged.codes)")
        var awaited = good.json[...]
        for json in damaged.json where json == awaited.first { awaited.removeFirst() }
        #expect(awaited.isEmpty, "lost beside the bad record: \(awaited)")
        return damaged
    }
}
