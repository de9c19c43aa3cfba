// Turns text of a declared encoding into UTF-8 by the C library's iconv, in pieces of any size.

internal import Glibc

/// Transcodes text whose encoding somebody has named.
///
/// A byte sequence that the encoding does not know stops the reading: a guess would change texts in silence.
struct CharsetTranscoder: ~Copyable {
    private let path: String
    private let name: String
    // Safety: opened in `init`, closed in `deinit`, used by this value alone.
    private let converter: iconv_t
    /// The start of a character whose other bytes have not arrived.
    private var carry: [UInt8] = []
    /// How many bytes of the text have been transcoded.
    private var position: Int64 = 0
    private var hasWritten = false
    private var hasFlushed = false
    /// What is thrown once the text before it has been handed out.
    private var failure: SourceError?

    /// Prepares for a text.
    ///
    /// - Parameters:
    ///   - name: The encoding as iconv knows it.
    ///   - path: The file's name, for errors.
    /// - Throws: `encoding-unknown`.
    init(name: String, path: String) throws(SourceError) {
        self.path = path
        self.name = name
        // After a slash iconv expects options, some of which would drop what it cannot read.
        guard !name.isEmpty, !name.contains("/"), let opened = iconv_open("UTF-8", name),
            opened != iconv_t(bitPattern: -1)
        else { throw SourceError(.encodingUnknown, path: path, detail: "'\(name)'") }
        converter = opened
    }

    deinit { iconv_close(converter) }

    /// Transcodes until the output has no room for another character or the input is used up.
    ///
    /// - Parameters:
    ///   - input: The next bytes of the text, starting with those the last call did not consume.
    ///   - output: Where the UTF-8 goes.
    ///   - isFinal: Whether the text ends with this input.
    /// - Returns: How many bytes were used and made; a leading byte order mark is left out.
    /// - Throws: `encoding-corrupt` with the place in the text, once everything before it has been handed out.
    mutating func transcode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        if let failure { throw failure }
        var consumed = 0
        var produced = 0
        while failure == nil, !carry.isEmpty || consumed < input.count {
            let target = UnsafeMutableRawBufferPointer(rebasing: output[produced...])
            let isCarried = !carry.isEmpty
            let step =
                isCarried
                ? carry.withUnsafeBytes { convert($0, into: target) }
                : convert(UnsafeRawBufferPointer(rebasing: input[consumed...]), into: target)
            if isCarried { carry.removeFirst(step.used) } else { consumed += step.used }
            position += Int64(step.used)
            produced += step.made
            if step.stop == E2BIG { return (consumed, produced) }
            if step.stop == EINVAL, consumed < input.count {
                // A character cut in two is completed a byte at a time, since nobody knows how long it is.
                let end = isCarried ? consumed + 1 : input.count
                carry += input[consumed..<end]
                consumed = end
            } else if step.stop == EINVAL, !isFinal {
                break
            } else if step.stop != 0 {
                failure = fault(endsEarly: step.stop == EINVAL)
            }
        }
        if let failure, produced == 0 { throw failure }
        if isFinal, failure == nil, !hasFlushed { produced += flush(into: output, from: produced) }
        return (consumed, produced)
    }

    private func fault(endsEarly: Bool) -> SourceError {
        let place = "at byte \(position + 1) of the text"
        let reason = endsEarly ? "the text ends inside a character \(place)" : "no character \(place)"
        return SourceError(.encodingCorrupt, path: path, detail: "\(reason), read as \(name)")
    }

    private mutating func convert(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> (used: Int, made: Int, stop: CInt) {
        guard !input.isEmpty else { return (0, 0, 0) }
        // Safety: iconv reads `available` and writes `space` bytes at most, both inside the caller's buffers; its
        // source type is mutable for historical reasons only.
        var source = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var available = input.count
        var space = output.count
        let result = iconv(converter, &source, &available, &target, &space)
        let stop = result == -1 ? errno : 0
        return (input.count - available, withoutMark(output, output.count - space), stop)
    }

    /// Writes what a stateful encoding holds back for a character that could have followed.
    private mutating func flush(into output: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
        var target = (output.baseAddress.map { $0 + start })?.assumingMemoryBound(to: CChar.self)
        var space = output.count - start
        guard iconv(converter, nil, nil, &target, &space) != -1 else { return 0 }
        hasFlushed = true
        return output.count - start - space
    }

    private mutating func withoutMark(_ output: UnsafeMutableRawBufferPointer, _ made: Int) -> Int {
        guard made > 0, !hasWritten else { return made }
        hasWritten = true
        guard made >= 3, output[0] == 0xEF, output[1] == 0xBB, output[2] == 0xBF else { return made }
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: output[3..<made]))
        return made - 3
    }
}
