// From the bytes of a file to UTF-8: recognises compression and text encoding, does no I/O.

/// The encoding that a text was found to be in.
package enum TextEncoding: String, Sendable, Hashable {
    case utf8 = "UTF-8"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"
    /// The one that the user named.
    case declared = "declared"
}

/// Decompresses and transcodes a file's bytes as they arrive, in pieces of any size.
///
/// What the file is follows from its first bytes alone, never from its name, unless the user names its encoding. UTF-8
/// is not validated here, since the record reader looks at every byte anyway and can blame a record.
package struct InputDecoder: ~Copyable {
    /// The least room that `decode` needs for its output.
    package static let minimumOutput = 16

    /// As many bytes as the longest byte order mark, or two units of UTF-16.
    private static let headSize = 4
    private static let inflatedSize = 64 << 10

    private enum Stage {
        case compression
        case encoding
        case body
    }

    private let path: String
    private let encodingName: String?
    private var stage = Stage.compression
    // Safety: allocated in `init` and on first need, freed in `deinit`, used by this value alone; `headCount` and
    // `inflatedRange` say which of their bytes have been written.
    private let head: UnsafeMutableRawBufferPointer
    private var inflated: UnsafeMutableRawBufferPointer?
    /// How many bytes are held back because there are too few to recognise anything.
    private var headCount = 0
    /// The inflated UTF-16 that the transcoder has not taken yet.
    private var inflatedRange = 0..<0
    private var inflater: GzipInflater?
    private var transcoder: UTF16Transcoder?
    private var declared: CharsetTranscoder?

    /// The encoding of the text, once enough bytes have been seen.
    package private(set) var encoding: TextEncoding?
    /// Whether the file is gzip data, once enough bytes have been seen.
    package private(set) var isCompressed = false
    /// How many bytes of a byte order mark were removed from the start of the text: 0, 2 or 3.
    package private(set) var leadingBytesDropped = 0

    /// Creates a decoder for one file.
    ///
    /// - Parameters:
    ///   - path: The file's name, for errors, and to tell an empty `.gz` file from an empty text.
    ///   - encodingName: The text's encoding by any name that iconv knows, or nil to recognise it.
    package init(path: String, encodingName: String? = nil) {
        self.path = path
        self.encodingName = encodingName
        head = .allocate(byteCount: Self.headSize, alignment: 1)
    }

    deinit {
        head.deallocate()
        inflated?.deallocate()
    }

    /// Whether the rest of the file is its own decoding, so that it may go to its reader untouched.
    package var isPassThrough: Bool {
        stage == .body && headCount == 0 && encoding == .utf8 && !isCompressed
    }

    /// Decodes until the output is full or the input is used up.
    ///
    /// - Parameters:
    ///   - input: The next bytes of the file, starting with those the last call did not consume.
    ///   - output: Where the UTF-8 goes; at least `minimumOutput` bytes.
    ///   - isFinal: Whether the file ends with this input.
    /// - Returns: How many bytes were used and made; nothing made from final input is the end.
    /// - Throws: `gzip-corrupt`, `gzip-truncated`, `encoding-unsupported`, `encoding-unknown` or `encoding-corrupt`.
    package mutating func decode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        precondition(output.count >= Self.minimumOutput, "the output is smaller than InputDecoder.minimumOutput")
        var consumed = 0
        if stage == .compression {
            consumed = hold(input, upTo: 2)
            guard headCount == 2 || isFinal else { return (consumed, 0) }
            try recogniseCompression()
        }
        if stage == .encoding {
            consumed += try fillHead(input[from: consumed], isFinal: isFinal)
            guard headCount == Self.headSize || isFinal else { return (consumed, 0) }
            try recogniseEncoding()
        }
        let produced = try flushHead(into: output)
        // A fault in the body is thrown by the next call, when the head has arrived; plain text has none.
        guard produced == 0 || isPassThrough else { return (consumed, produced) }
        let (used, made) = try decodeBody(input[from: consumed], into: output[from: produced], isFinal: isFinal)
        return (consumed + used, produced + made)
    }

    // MARK: Recognition

    private mutating func hold(_ input: UnsafeRawBufferPointer, upTo limit: Int) -> Int {
        let count = min(limit - headCount, input.count)
        copy(UnsafeRawBufferPointer(rebasing: input[..<count]), to: head[from: headCount])
        headCount += count
        return count
    }

    private mutating func recogniseCompression() throws(SourceError) {
        stage = .encoding
        if headCount == 2, head[0] == 0x1F, head[1] == 0x8B {
            isCompressed = true
            var opened = try GzipInflater(path: path)
            // The magic number makes no output, but zlib wants room for some: the bytes after it.
            let magic = UnsafeRawBufferPointer(rebasing: head[..<2])
            _ = try opened.inflate(magic, into: head[from: 2], isFinal: false)
            inflater = consume opened
            headCount = 0
        } else if headCount == 1 && head[0] == 0x1F || headCount == 0 && path.hasSuffix(".gz") {
            // No text starts with this byte, and gzip data is never empty.
            throw SourceError(.gzipTruncated, path: path, offset: Int64(headCount))
        }
    }

    /// Collects the first bytes of the text, from the file itself or inflated.
    private mutating func fillHead(_ input: UnsafeRawBufferPointer, isFinal: Bool) throws(SourceError) -> Int {
        guard isCompressed else { return hold(input, upTo: Self.headSize) }
        var consumed = 0
        while headCount < Self.headSize {
            let (used, made) = try inflate(input[from: consumed], into: head[from: headCount], isFinal: isFinal)
            consumed += used
            headCount += made
            if made == 0 { break }
        }
        return consumed
    }

    private mutating func recogniseEncoding() throws(SourceError) {
        stage = .body
        let first = (0..<Self.headSize).map { $0 < headCount ? Int(head[$0]) : -1 }
        if let encodingName {
            if ["utf-8", "utf8"].contains(encodingName.lowercased()) {
                encoding = .utf8
                if first.starts(with: [0xEF, 0xBB, 0xBF]) { leadingBytesDropped = 3 }
            } else {
                encoding = .declared
                declared = try CharsetTranscoder(name: encodingName, path: path)
            }
            return
        }
        switch (first[0], first[1], first[2], first[3]) {
        case (0xFF, 0xFE, 0, 0), (0, 0, 0xFE, 0xFF), (1..., 0, 0, 0), (0, 0, 0, 1...):
            throw SourceError(.encodingUnsupported, path: path, detail: "the first bytes are those of UTF-32")
        case (0xEF, 0xBB, 0xBF, _):
            encoding = .utf8
            leadingBytesDropped = 3
        case (0xFF, 0xFE, _, _):
            encoding = .utf16LittleEndian
            leadingBytesDropped = 2
        case (0xFE, 0xFF, _, _):
            encoding = .utf16BigEndian
            leadingBytesDropped = 2
        case (1..., 0, 1..., 0):
            encoding = .utf16LittleEndian
        case (0, 1..., 0, 1...):
            encoding = .utf16BigEndian
        default:
            encoding = .utf8
        }
        if encoding != .utf8 {
            transcoder = try UTF16Transcoder(isBigEndian: encoding == .utf16BigEndian, path: path)
        }
    }

    // MARK: The body

    /// Hands out the bytes that recognition held back, without the byte order mark.
    private mutating func flushHead(into output: UnsafeMutableRawBufferPointer) throws(SourceError) -> Int {
        guard headCount > 0 else { return 0 }
        let text = UnsafeRawBufferPointer(rebasing: head[leadingBytesDropped..<headCount])
        headCount = 0
        guard encoding != .utf8 else { return copy(text, to: output) }
        return try transcode(text, into: output, isFinal: false).produced
    }

    private mutating func decodeBody(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        switch (isCompressed, encoding == .utf8) {
        case (false, true):
            let count = copy(input, to: output)
            return (count, count)
        case (true, true): return try inflate(input, into: output, isFinal: isFinal)
        case (false, false): return try transcode(input, into: output, isFinal: isFinal)
        case (true, false): return try inflateAndTranscode(input, into: output, isFinal: isFinal)
        }
    }

    private mutating func inflateAndTranscode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        let scratch = inflated ?? .allocate(byteCount: Self.inflatedSize, alignment: 1)
        inflated = scratch
        var consumed = 0
        var produced = 0
        // One buffer at a time: a fault in the compressed data is thrown when everything before it has gone out.
        while produced == 0 {
            var hasEnded = false
            if inflatedRange.isEmpty {
                let (used, made) = try inflate(input[from: consumed], into: scratch, isFinal: isFinal)
                consumed += used
                inflatedRange = 0..<made
                hasEnded = isFinal && made == 0
                if made == 0, !isFinal { break }
            }
            let text = UnsafeRawBufferPointer(rebasing: scratch[inflatedRange])
            let (used, made) = try transcode(text, into: output, isFinal: hasEnded)
            inflatedRange = inflatedRange.lowerBound + used..<inflatedRange.upperBound
            produced = made
            if hasEnded { break }
        }
        return (consumed, produced)
    }

    private mutating func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        try inflater?.inflate(input, into: output, isFinal: isFinal) ?? (0, 0)
    }

    private mutating func transcode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        if encoding == .declared {
            return try declared?.transcode(input, into: output, isFinal: isFinal) ?? (0, 0)
        }
        return try transcoder?.transcode(input, into: output, isFinal: isFinal) ?? (0, 0)
    }

    @discardableResult
    private func copy(_ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(source.count, target.count)
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
        return count
    }
}

extension UnsafeRawBufferPointer {
    fileprivate subscript(from start: Int) -> Self { Self(rebasing: self[start...]) }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate subscript(from start: Int) -> Self { Self(rebasing: self[start...]) }
}
