// Turns UTF-16 into UTF-8 by the C library's iconv, in pieces of any size.

import Glibc

/// Transcodes UTF-16 text of a known byte order.
///
/// A lone surrogate, which has no UTF-8 form, comes out in the three bytes that UTF-8 would use for its number:
/// the record reader then rejects exactly the record that holds it, and the rest of the file is read.
struct UTF16Transcoder: ~Copyable {
    private let path: String
    private let isBigEndian: Bool
    // Safety: opened in `init`, closed in `deinit`, used by this value alone.
    private let converter: iconv_t
    /// The start of a character whose other bytes have not arrived; at most four bytes.
    private var carry: [UInt8] = []

    /// Prepares for text without its byte order mark.
    ///
    /// - Parameters:
    ///   - isBigEndian: Whether the high byte of each unit comes first.
    ///   - path: The file's name, for errors.
    /// - Throws: `encoding-unsupported` where the C library lacks its UTF-16 module.
    init(isBigEndian: Bool, path: String) throws(SourceError) {
        self.path = path
        self.isBigEndian = isBigEndian
        guard
            let opened = iconv_open("UTF-8", isBigEndian ? "UTF-16BE" : "UTF-16LE"),
            opened != iconv_t(bitPattern: -1)
        else {
            let reason = String(cString: strerror(errno))
            throw SourceError(.encodingUnsupported, path: path, detail: "iconv cannot read UTF-16: \(reason)")
        }
        converter = opened
    }

    deinit {
        iconv_close(converter)
    }

    /// Transcodes until the output has no room for another character or the input is used up.
    ///
    /// - Parameters:
    ///   - input: The next bytes of the text, starting with those the last call did not consume.
    ///   - output: Where the UTF-8 goes.
    ///   - isFinal: Whether the text ends with this input.
    /// - Returns: How many bytes were used and made.
    /// - Throws: `encoding-corrupt` when the text ends within a unit.
    mutating func transcode(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        var consumed = 0
        var produced = 0
        // Four bytes are room for any character, so that each turn makes progress.
        while output.count - produced >= 4 {
            let target = UnsafeMutableRawBufferPointer(rebasing: output[produced...])
            if carry.isEmpty, consumed < input.count {
                let (used, made) = convert(UnsafeRawBufferPointer(rebasing: input[consumed...]), into: target)
                consumed += used
                produced += made
                if used > 0 { continue }
            }
            let missing = min(4 - carry.count, input.count - consumed)
            carry.append(contentsOf: input[consumed..<consumed + missing])
            consumed += missing
            let (used, made) = carry.withUnsafeBytes { convert($0, into: target) }
            carry.removeFirst(used)
            produced += made
            if used > 0 { continue }
            guard isFinal, !carry.isEmpty else { break }
            guard carry.count >= 2 else {
                if produced > 0 { break }
                throw SourceError(.encodingCorrupt, path: path, detail: "UTF-16 text ends in the middle of a unit")
            }
            produced += writeSurrogate(carry[0], carry[1], into: target)
            carry.removeFirst(2)
        }
        return (consumed, produced)
    }

    /// Converts what is complete; `used` is zero only if the input is the start of a character or empty.
    private func convert(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> (used: Int, made: Int) {
        // Safety: iconv reads `available` and writes `space` bytes at most, both inside the caller's buffers; its
        // source type is mutable for historical reasons only.
        let origin = input.baseAddress?.assumingMemoryBound(to: CChar.self)
        var source = UnsafeMutablePointer(mutating: origin)
        var target = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        var available = input.count
        var space = output.count
        guard available > 0 else { return (0, 0) }
        let result = iconv(converter, &source, &available, &target, &space)
        let used = input.count - available
        let made = output.count - space
        guard result == -1, errno == EILSEQ, available >= 2, space >= 3 else { return (used, made) }
        let rest = UnsafeMutableRawBufferPointer(rebasing: output[made...])
        return (used + 2, made + writeSurrogate(input[used], input[used + 1], into: rest))
    }

    private func writeSurrogate(_ first: UInt8, _ second: UInt8, into output: UnsafeMutableRawBufferPointer) -> Int {
        let unit = isBigEndian ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first)
        output[0] = UInt8(truncatingIfNeeded: 0xE0 | unit >> 12)
        output[1] = UInt8(truncatingIfNeeded: 0x80 | unit >> 6 & 0x3F)
        output[2] = UInt8(truncatingIfNeeded: 0x80 | unit & 0x3F)
        return 3
    }
}
