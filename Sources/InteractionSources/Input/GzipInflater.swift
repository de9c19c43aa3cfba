// Inflates gzip data of any number of members and checks every checksum.

internal import CZlib

/// Turns the bytes of a gzip file into the bytes it holds, in pieces of any size.
///
/// zlib compares length and CRC of each member with the data, so a flipped bit cannot end as success.
struct GzipInflater: ~Copyable {
    private enum Position {
        /// Before a member's first byte: zero padding may stand here, and the input may end.
        case betweenMembers
        case insideMember
    }

    private let path: String
    // Safety: zlib keeps the address of its stream, so it lives on the heap; allocated in `init`, freed in `deinit`.
    private let stream: UnsafeMutablePointer<z_stream>
    private var position = Position.insideMember
    private var bytesConsumed: Int64 = 0
    /// A fault that was found after good bytes; those are handed out first.
    private var failure: SourceError?

    /// Prepares for the first member.
    ///
    /// - Parameter path: The file's name, for errors.
    /// - Throws: `cannot-read` when zlib has no memory.
    init(path: String) throws(SourceError) {
        self.path = path
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = czlib_inflate_init_gzip(stream)
        guard status == Z_OK else {
            stream.deallocate()
            throw SourceError(.cannotRead, path: path, detail: "zlib: \(String(cString: zError(status)))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Inflates until the output is full or the input is used up.
    ///
    /// - Parameters:
    ///   - input: The next bytes of the file, starting with those the last call did not consume.
    ///   - output: Where the result goes; not empty.
    ///   - isFinal: Whether the file ends with this input.
    /// - Returns: How many bytes were used and made; nothing made from final input is the end.
    /// - Throws: `gzip-corrupt` or `gzip-truncated`, after all good bytes have been handed out.
    mutating func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer,
        isFinal: Bool
    ) throws(SourceError) -> (consumed: Int, produced: Int) {
        if let failure { throw failure }
        var consumed = 0
        var produced = 0
        while produced < output.count {
            if position == .betweenMembers {
                while consumed < input.count, input[consumed] == 0 { consumed += 1 }
                guard consumed < input.count else { break }
                guard input[consumed] == 0x1F, inflateReset(stream) == Z_OK else {
                    fail(.gzipCorrupt, detail: "something else follows the compressed data", after: consumed)
                    break
                }
                position = .insideMember
            }
            let status = step(input, &consumed, output, &produced)
            if status == Z_STREAM_END {
                position = .betweenMembers
            } else if status == Z_BUF_ERROR {
                if isFinal { fail(.gzipTruncated, detail: "", after: consumed) }
                break
            } else if status != Z_OK {
                let reason = stream.pointee.msg ?? UnsafeMutablePointer(mutating: zError(status))
                fail(.gzipCorrupt, detail: reason.map { String(cString: $0) } ?? "", after: consumed)
                break
            }
        }
        bytesConsumed += Int64(consumed)
        if produced == 0, let failure { throw failure }
        return (consumed, produced)
    }

    private mutating func fail(_ code: SourceError.Code, detail: String, after consumed: Int) {
        failure = SourceError(code, path: path, offset: bytesConsumed + Int64(consumed), detail: detail)
    }

    private func step(
        _ input: UnsafeRawBufferPointer,
        _ consumed: inout Int,
        _ output: UnsafeMutableRawBufferPointer,
        _ produced: inout Int
    ) -> CInt {
        // zlib counts in 32 bits.
        let available = UInt32(clamping: input.count - consumed)
        let space = UInt32(clamping: output.count - produced)
        // Safety: zlib only reads `available` bytes from here on and writes at most `space`; both lie in the
        // caller's buffers, which outlive the call. zlib's type is mutable for historical reasons only.
        let source = input.baseAddress?.advanced(by: consumed).assumingMemoryBound(to: Bytef.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source)
        stream.pointee.avail_in = available
        stream.pointee.next_out = output.baseAddress?.advanced(by: produced).assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = space
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        consumed += Int(available - stream.pointee.avail_in)
        produced += Int(space - stream.pointee.avail_out)
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        return status
    }
}
