// One record to show to others.

internal import InteractionMapping
internal import InteractionModel
internal import InteractionSources

/// A record's scrambled copy.
public struct SharedRecord: Sendable {
    /// A small file of the record's format in UTF-8, with a line feed at its end: the record's structure and names,
    /// other letters, digits, times and ids.
    ///
    /// It is one value of JSON, a table's header with one row, or a document with one of the elements that are records.
    public let text: [UInt8]

    /// Copies one record of a file.
    ///
    /// Records are numbered as by a conversion: lines, values or elements of the one array in JSON, rows of a table,
    /// elements in XML. The same record gives the same copy; equal texts in it become equal texts.
    ///
    /// - Parameters:
    ///   - number: The record's number, from 1.
    ///   - path: The file; `-` is standard input.
    ///   - options: How the file is read: its encoding, its profile, and how JSON is cut into records.
    /// - Throws: ``ShareFailure``.
    public init(
        _ number: Int,
        of path: String,
        options: ConversionOptions = ConversionOptions()
    ) throws(ShareFailure) {
        do {
            let input = try SharedInput(path, options)
            switch input {
            case .json(let planned): text = try Self.value(number, of: planned, options)
            case .table(let opened, let dialect):
                let decoder = DelimitedDecoder(dialect: dialect, largestRecord: options.largestRecord)
                let excerpt = try RecordExcerpt(number, of: opened, path, .delimited(decoder))
                text = Self.row(excerpt)
            case .markup(let opened, let place, let markup, let encoding):
                let decoder = MarkupDecoder(
                    path: place,
                    markup: markup,
                    encoding: encoding,
                    largestRecord: options.largestRecord
                )
                let excerpt = try RecordExcerpt(number, of: opened, path, .markup(decoder))
                text = try Self.element(number, of: path, excerpt)
            }
        } catch let failure as ShareFailure {
            throw failure
        } catch let error as SourceError {
            throw ShareFailure(description: error.description)
        } catch {
            throw ShareFailure(description: "\(path): \(error)")
        }
    }

    private static func value(
        _ number: Int,
        of input: PlannedInput,
        _ options: ConversionOptions
    ) throws(ShareFailure) -> [UInt8] {
        var reader = BatchReader([input], options: options, isCancelled: { Task.isCancelled })
        var payloads = PayloadReader()
        while let read = reader.next() {
            guard let record = read.batch.records.first(where: { $0.number == number }) else { continue }
            guard record.oversized == nil else {
                throw ShareFailure(description: "record \(number) of \(input.name) is too large to be read")
            }
            let bytes = read.batch.bytes(of: record)
            var out = OutputBuffer(capacity: bytes.count + 1024)
            payloads.read(bytes) { RecordScrambler(bytes).write($0, $0.root, to: &out) }
            guard out.count > 0 else {
                let reason = "is no JSON, so that its contents cannot be told apart"
                throw ShareFailure(description: "record \(number) of \(input.name) \(reason)")
            }
            out.append("\n")
            return out.array
        }
        if let finding = reader.findings.first { throw ShareFailure(description: finding.message) }
        throw ShareFailure(description: "\(input.name) has no record \(number)")
    }

    private static func row(_ excerpt: RecordExcerpt) -> [UInt8] {
        let scrambler = excerpt.record.withUnsafeBytes { RecordScrambler($0) }
        var copy = DelimitedCopy(excerpt.dialect ?? DelimitedDialect())
        copy.add(beginning: excerpt.before)
        copy.add(row: excerpt.record) { column, text in
            // A column may be called by the whole path of its values.
            let words = column.split { ".[]/".contains($0) }
            let key = words.last { Int($0) == nil } ?? ""
            return scrambler.scrambled(cell: text, key: String(key))
        }
        return copy.bytes
    }

    private static func element(
        _ number: Int,
        of path: String,
        _ excerpt: RecordExcerpt
    ) throws(ShareFailure) -> [UInt8] {
        let scrambler = excerpt.record.withUnsafeBytes { RecordScrambler($0) }
        var markup = SharedMarkup(before: excerpt.before, record: excerpt.record, scrambler)
        guard let copy = markup.copied() else {
            throw ShareFailure(description: "record \(number) of \(path) cannot be cut out of what surrounds it")
        }
        return copy
    }
}

/// A record that cannot be shared.
public struct ShareFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why not.
    public let description: String
}
