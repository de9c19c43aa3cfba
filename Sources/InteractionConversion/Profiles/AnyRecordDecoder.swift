// The decoder of an input, whatever its format.

internal import InteractionMapping
internal import InteractionSources

/// One of the decoders.
enum AnyRecordDecoder: ~Copyable {
    case json(JSONRecordDecoder)
    case delimited(DelimitedDecoder)
    case markup(MarkupDecoder)

    /// Makes the decoder for a place in a profile's inputs.
    ///
    /// - Parameters:
    ///   - profile: The profile.
    ///   - at: Where the records are.
    ///   - encoding: What the bytes have been converted to; nil if they are as stored.
    ///   - largestRecord: Bytes of the largest record that is kept in memory.
    /// - Returns: The decoder; nil for a path that its format does not have, which the profile's reader rules out.
    static func make(_ profile: Profile, at: String, encoding: String?, largestRecord: Int) -> AnyRecordDecoder? {
        switch profile.kind {
        case .json:
            guard let path = try? JSONRecordPath(at) else { return nil }
            return .json(JSONRecordDecoder(path: path, largestRecord: largestRecord))
        case .csv:
            return .delimited(DelimitedDecoder(dialect: profile.decoding.dialect, largestRecord: largestRecord))
        case .xml:
            guard let path = try? MarkupPath(at) else { return nil }
            return .markup(
                MarkupDecoder(
                    path: path,
                    markup: profile.decoding.markup,
                    encoding: encoding,
                    largestRecord: largestRecord
                )
            )
        }
    }

    /// How a table is written, as far as its beginning has told.
    var dialect: DelimitedDialect? {
        switch self {
        case .delimited(let decoder): decoder.dialect
        case .json: nil
        case .markup: nil
        }
    }

    mutating func decode(_ bytes: UnsafeRawBufferPointer, isFinal: Bool, into batch: inout DecodedBatchBuilder) {
        switch consume self {
        case .json(var decoder):
            decoder.decode(bytes, isFinal: isFinal, into: &batch)
            self = .json(decoder)
        case .delimited(var decoder):
            decoder.decode(bytes, isFinal: isFinal, into: &batch)
            self = .delimited(decoder)
        case .markup(var decoder):
            decoder.decode(bytes, isFinal: isFinal, into: &batch)
            self = .markup(decoder)
        }
    }
}

extension Profile.Decoding {
    /// How tables of the profile are written.
    var dialect: DelimitedDialect {
        let header: DelimitedDialect.Header =
            switch columns.count {
            case 0: .first
            case 1: .names(columns[0])
            default: .namesByWidth(columns)
            }
        return DelimitedDialect(delimiter: delimiter, header: header, foldsNames: foldsColumns)
    }
}
