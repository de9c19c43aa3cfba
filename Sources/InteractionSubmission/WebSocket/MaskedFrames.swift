// Text as the masked frames of a client, eight bytes at a time; NIO's own encoder masks byte by byte.

internal import NIOCore

/// Makes frames of text messages, RFC 6455 section 5.
enum MaskedFrames {
    /// Bytes of a frame's text at most; gateways take no more.
    static let fragmentSize = 32_000
    /// Bytes of a frame's head at most.
    static let headSize = 8

    /// A message as one frame, or several.
    ///
    /// - Parameters:
    ///   - text: The message; it is not copied if it is short and has room for a head before it.
    ///   - makeKey: Makes the masking key of a frame, which must not be guessed.
    /// - Returns: The bytes for the connection.
    static func of(
        _ text: consuming ByteBuffer,
        makeKey: () -> UInt32 = { UInt32.random(in: .min ... .max) }
    ) -> ByteBuffer {
        guard text.readableBytes > fragmentSize else { return frame(text, opcode: 1, isLast: true, makeKey()) }
        var frames = ByteBuffer()
        frames.reserveCapacity(text.readableBytes + headSize * (text.readableBytes / fragmentSize + 1))
        var opcode: UInt8 = 1
        while text.readableBytes > 0, let piece = text.readSlice(length: min(fragmentSize, text.readableBytes)) {
            frames.writeImmutableBuffer(frame(piece, opcode: opcode, isLast: text.readableBytes == 0, makeKey()))
            opcode = 0
        }
        return frames
    }

    private static func frame(
        _ text: consuming ByteBuffer,
        opcode: UInt8,
        isLast: Bool,
        _ key: UInt32
    ) -> ByteBuffer {
        let count = text.readableBytes
        if text.readerIndex < headSize {
            var roomy = ByteBuffer(repeating: 0, count: headSize)
            roomy.reserveCapacity(headSize + count)
            roomy.moveReaderIndex(to: headSize)
            roomy.writeImmutableBuffer(text)
            text = roomy
        }
        text.withUnsafeMutableReadableBytes { mask($0, key) }
        var at = text.readerIndex - (count < 126 ? 6 : 8)
        text.moveReaderIndex(to: at)
        at += text.setInteger(opcode | (isLast ? 0x80 : 0), at: at)
        if count < 126 {
            at += text.setInteger(0x80 | UInt8(count), at: at)
        } else {
            at += text.setInteger(0x80 | UInt8(126), at: at)
            at += text.setInteger(UInt16(count), at: at)
        }
        text.setInteger(key, at: at, endianness: .little)
        return text
    }

    private static func mask(_ bytes: UnsafeMutableRawBufferPointer, _ key: UInt32) {
        let word = (UInt64(key) << 32 | UInt64(key)).littleEndian
        let whole = bytes.count & ~7
        // Safety: `whole` is within the bytes, and neither access needs to be aligned.
        for at in stride(from: 0, to: whole, by: 8) {
            let masked = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ word
            bytes.storeBytes(of: masked, toByteOffset: at, as: UInt64.self)
        }
        for at in whole..<bytes.count { bytes[at] ^= UInt8(truncatingIfNeeded: key >> UInt32(8 * (at & 3))) }
    }
}
