// Text as the masked frames of a client, eight bytes at a time; NIO's own encoder masks byte by byte.

internal import NIOCore

/// Writes the frames of text messages, RFC 6455 section 5.
enum MaskedFrames {
    /// Bytes of a frame's text at most; gateways take no more.
    static let fragmentSize = 32_000

    /// A message as one frame, or several.
    ///
    /// - Parameters:
    ///   - text: The message.
    ///   - makeKey: Makes a masking key for each frame, which must not be guessed.
    /// - Returns: The bytes for the connection.
    static func of(_ text: ByteBuffer, _ makeKey: () -> UInt32 = { UInt32.random(in: .min ... .max) }) -> ByteBuffer {
        let count = text.readableBytes
        var frames = ByteBufferAllocator().buffer(capacity: count + 8 * (count / fragmentSize + 1))
        text.withUnsafeReadableBytes { text in
            var start = 0
            repeat {
                let end = min(start + fragmentSize, count)
                append(text, start..<end, of: count, makeKey(), to: &frames)
                start = end
            } while start < count
        }
        return frames
    }

    private static func append(
        _ text: UnsafeRawBufferPointer,
        _ piece: Range<Int>,
        of count: Int,
        _ key: UInt32,
        to frames: inout ByteBuffer
    ) {
        let opcode: UInt8 = piece.lowerBound == 0 ? 1 : 0
        frames.writeInteger(opcode | (piece.upperBound == count ? 0x80 : 0))
        if piece.count < 126 {
            frames.writeInteger(0x80 | UInt8(piece.count))
        } else {
            frames.writeInteger(0x80 | UInt8(126))
            frames.writeInteger(UInt16(piece.count))
        }
        frames.writeInteger(key, endianness: .little)
        let mask = UInt64(key) << 32 | UInt64(key)
        frames.writeWithUnsafeMutableBytes(minimumWritableBytes: piece.count) { space in
            let whole = piece.count & ~7
            // Safety: both have the piece's bytes, and neither word needs to be aligned.
            for at in stride(from: 0, to: whole, by: 8) {
                let word = text.loadUnaligned(fromByteOffset: piece.lowerBound + at, as: UInt64.self)
                space.storeBytes(of: word ^ mask.littleEndian, toByteOffset: at, as: UInt64.self)
            }
            for at in whole..<piece.count {
                space[at] = text[piece.lowerBound + at] ^ UInt8(truncatingIfNeeded: key >> UInt32(8 * (at & 3)))
            }
            return piece.count
        }
    }
}
