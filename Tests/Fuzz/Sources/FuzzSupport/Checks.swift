// What several targets check: that a decoder's records do not depend on the cuts, and that outputs are valid.

@testable import InteractionModel
@testable import InteractionSources

/// Stops with a message, which a precondition does not say in a release build.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

/// What a decoder made of an input, in a form that can be compared.
struct DecodedInput: Equatable {
    struct Record: Equatable {
        /// The record, and what surrounds it, as JSON.
        var json: String
        var context: String?
        var number: Int
        var bytes: Range<Int64>
        var line: Int
        var column: Int
        var path: Int
    }

    var records: [Record] = []
    var faults: [DecodingFault] = []

    /// Decodes an input that arrives in pieces; each is a copy of its own, so that nobody can keep or exceed it.
    ///
    /// - Parameters:
    ///   - input: The whole input.
    ///   - cuts: Where to cut it, ascending.
    ///   - endsLate: Whether the end is told by an empty piece.
    ///   - decoder: A fresh one.
    init<Decoder: RecordDecoder & ~Copyable>(
        _ input: ArraySlice<UInt8>,
        cuts: [Int] = [],
        endsLate: Bool = false,
        by decoder: consuming Decoder
    ) {
        let ends = cuts + [input.endIndex] + (endsLate ? [input.endIndex] : [])
        var start = input.startIndex
        for (index, end) in ends.enumerated() {
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: end - start, alignment: 1)
            piece.copyBytes(from: input[start..<end])
            var batch = DecodedBatchBuilder(textCapacity: 64)
            decoder.decode(UnsafeRawBufferPointer(piece), isFinal: index == ends.count - 1, into: &batch)
            piece.deallocate()
            add(batch.seal())
            start = end
        }
    }

    private mutating func add(_ batch: DecodedBatch) {
        for record in batch.records {
            let decoded = Record(
                json: Self.json(batch.view(of: record)),
                context: batch.context(of: record).map(Self.json),
                number: record.number,
                bytes: record.bytes,
                line: record.line,
                column: record.column,
                path: record.path
            )
            records.append(decoded)
        }
        faults += batch.faults
    }

    private static func json(_ view: JSONView) -> String {
        var output = OutputBuffer()
        output.append(value: view, view.root)
        guard let text = String(validating: output.bytes, as: UTF8.self) else { fatalError("a text is not UTF-8") }
        return text
    }

    /// Stops unless this can be what an input of so many bytes holds.
    fileprivate func check(size: Int64, isMarkup: Bool) {
        var end: Int64 = 0
        var number = 0
        for record in records {
            checkJSON(record.json, isMarkup: isMarkup)
            if let context = record.context { checkJSON(context, isMarkup: isMarkup) }
            require(record.bytes.lowerBound >= end, "records overlap, or are out of order")
            require(record.bytes.upperBound <= size, "a record reaches beyond the input")
            require(record.number > number, "records are not numbered in order")
            require(record.line > 0 && record.column > 0, "a record has no place")
            end = record.bytes.upperBound
            number = record.number
        }
        for fault in faults {
            require(0...size ~= fault.offset ?? 0, "a fault is outside the input: \(fault)")
            require(fault.line ?? 1 > 0 && fault.column ?? 1 > 0, "a fault has no place")
            require(!fault.losesRecord || fault.record != nil, "a lost record has no number")
        }
        let lost = faults.filter(\.losesRecord).compactMap(\.record)
        require(Set(lost).count == lost.count, "a record is lost twice")
        require(Set(lost).isDisjoint(with: records.map(\.number)), "a record is lost and there")
    }
}

extension DecodedInput {
    /// Whether a tag is broken in which the input ends.
    private var endsInDamage: Bool {
        faults.contains { $0.code == .truncated || $0.code == .invalidMarkup && $0.remedy == nil }
    }

    /// Whether characters were left out that XML does not have.
    private var hasRepairs: Bool { faults.contains { $0.code == .invalidMarkup && $0.severity == .warning } }

    private var withoutColumns: DecodedInput {
        var copy = self
        for index in copy.faults.indices where copy.faults[index].code == .invalidMarkup {
            copy.faults[index].column = nil
        }
        return copy
    }

    /// Whether the same was read, whatever the cuts.
    ///
    /// How far libxml2 looks into a broken tag before it is complete depends on the cuts, so that at the end of an
    /// input the same damage may be told in other words; and so may the column of a fault beside repaired characters.
    fileprivate func agrees(with other: DecodedInput, isMarkup: Bool) -> Bool {
        guard isMarkup, endsInDamage || other.endsInDamage else {
            return isMarkup && hasRepairs ? withoutColumns == other.withoutColumns : self == other
        }
        func certain(_ faults: [DecodingFault]) -> [DecodingFault] {
            faults.filter { ![.invalidMarkup, .truncated, .outsideRecords].contains($0.code) }
        }
        let lost = faults.filter(\.losesRecord).map(\.record)
        let otherLost = other.faults.filter(\.losesRecord).map(\.record)
        return records == other.records && certain(faults) == certain(other.faults)
            && (lost.starts(with: otherLost) || otherLost.starts(with: lost))
    }
}

/// Stops unless a decoder gives the same whatever the cuts, and what it gives is in order.
///
/// - Parameters:
///   - input: The whole input.
///   - start: Before where it is never cut.
///   - cuts: Where to cut the rest, each as a share of 256.
///   - growth: By what an input may grow before its bytes are counted.
///   - isMarkup: Whether it is XML, whose records may have members of one name, and whose parser is told of cuts.
///   - make: Makes the decoder.
func checkDecoder<Decoder: RecordDecoder & ~Copyable>(
    _ input: ArraySlice<UInt8>,
    from start: Int,
    cuts: ArraySlice<UInt8>,
    growth: Int = 1,
    isMarkup: Bool = false,
    by make: () -> Decoder
) {
    let whole = DecodedInput(input, by: make())
    whole.check(size: Int64(input.count * growth), isMarkup: isMarkup)
    let rest = input.endIndex - start
    let places = cuts.map { start + rest * Int($0) / 256 }.sorted()
    let pieces = DecodedInput(input, cuts: places, by: make())
    require(pieces.agrees(with: whole, isMarkup: isMarkup), "cuts change what is read\n\(whole)\n\(pieces)")
    // More would take too long.
    guard rest <= 2048 else { return }
    let bytes = DecodedInput(input, cuts: Array(start..<input.endIndex), endsLate: true, by: make())
    require(bytes.agrees(with: whole, isMarkup: isMarkup), "what is read byte by byte differs\n\(whole)\n\(bytes)")
}

/// Stops unless a text is canonical JSON, which reads and writes the same again.
private func checkJSON(_ text: String, isMarkup: Bool) {
    let padded = PaddedBytes(Array(text.utf8))
    var tape = JSONTape(depthLimit: 1024)
    do {
        try tape.scan(padded.start, count: padded.count)
    } catch {
        fatalError("a text cannot be read: \(error)")
    }
    // Of members of one name the last one would be written.
    guard !isMarkup || tape.supersededKeys.isEmpty else { return }
    let view = tape.view(of: padded.start)
    var again = OutputBuffer()
    again.append(value: view, view.root)
    require(again.bytes.elementsEqual(text.utf8), "a text reads and writes differently: \(text)")
}

/// Stops unless every line is a valid Interaction.
///
/// - Parameters:
///   - lines: The Interactions.
///   - form: Whether they are whole envelopes.
///   - tenantLength: Bytes of the tenant that the target adds.
func checkInteractions(_ lines: [UInt8], _ form: InteractionValidator.Form, tenantLength: Int = 0) {
    for line in lines.split(separator: 0x0A) {
        let padded = PaddedBytes(Array(line))
        var tape = JSONTape()
        do {
            try tape.scan(padded.start, count: padded.count)
        } catch {
            fatalError("an output cannot be read: \(error)")
        }
        let view = tape.view(of: padded.start)
        require(
            InteractionValidator.isValid(view, root: view.root, form: form, tenantIDLength: tenantLength),
            "an output is not valid"
        )
    }
}
