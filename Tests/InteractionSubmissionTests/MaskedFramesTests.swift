// Frames that leave are read again by NIO's own decoder.

import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import InteractionSubmission

@Suite struct MaskedFramesTests {
    /// Lengths around words, the forms of a length, and the size of a frame; with and without room for a head.
    @Test(arguments: [0, 1, 5, 7, 8, 9, 125, 126, 127, 4096, 31_999, 32_000, 32_001, 64_000, 100_003], [false, true])
    func framesHoldTheText(count: Int, hasRoom: Bool) throws {
        let text = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        var buffer = ByteBuffer()
        if hasRoom {
            buffer.writeRepeatingByte(0x55, count: MaskedFrames.headSize)
            buffer.moveReaderIndex(to: MaskedFrames.headSize)
        }
        buffer.writeBytes(text)
        let kept = buffer
        var keys: [UInt32] = [0x0102_0304, 0xFF00_AA55, 7, 0x8000_0001]
        let frames = MaskedFrames.of(buffer) { keys.removeFirst() }
        #expect(Array(kept.readableBytesView) == text, "another copy of the message stays as it was")

        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
        try channel.writeInbound(frames)
        var pieces: [WebSocketFrame] = []
        while let frame = try channel.readInbound(as: WebSocketFrame.self) { pieces.append(frame) }
        #expect(pieces.flatMap { Array($0.unmaskedData.readableBytesView) } == text)
        #expect(pieces.count == max(1, (count + MaskedFrames.fragmentSize - 1) / MaskedFrames.fragmentSize))
        #expect(pieces.allSatisfy { $0.maskKey != nil })
        #expect(pieces.map(\.opcode) == [.text] + pieces.dropFirst().map { _ in .continuation })
        #expect(pieces.map(\.fin) == pieces.dropLast().map { _ in false } + [true])
        #expect(try channel.finish().isClean)
    }

    @Test func headHasTheKeyOfTheMask() {
        let frames = MaskedFrames.of(ByteBuffer(string: "Hello")) { 0x3D21_FA37 }
        // RFC 6455, section 5.7.
        #expect(
            Array(frames.readableBytesView) == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        )
    }
}
