// The part of a document that is in memory.

internal import InteractionModel

extension JSONRecordDecoder {
    /// Bytes that have arrived and are not done with, and how far they have been looked at.
    struct Window: ~Copyable {
        // Safety: owned by this value, freed in deinit; the first `count` bytes are the input's, and the padding behind
        // them is initialised and may be read.
        private var bytes: UnsafeMutablePointer<UInt8>
        private var capacity = 4096
        private(set) var count = 0
        /// The first byte that has not been looked at.
        var position = 0
        /// The offset of the first byte in the input.
        private var start: Int64 = 0
        private var lines = LineCounter()

        init() {
            bytes = .allocate(capacity: capacity + JSONTape.padding)
            bytes.initialize(repeating: 0, count: capacity + JSONTape.padding)
        }

        deinit { bytes.deallocate() }

        mutating func startOffset(_ count: Int) {
            start = Int64(count)
            lines = LineCounter(lineOffset: start)
        }

        mutating func append(_ piece: UnsafeRawBufferPointer) {
            guard let source = piece.baseAddress else { return }
            if count + piece.count > capacity { grow(piece.count) }
            // Safety: `grow` made room for the piece.
            UnsafeMutableRawPointer(bytes + count).copyMemory(from: source, byteCount: piece.count)
            count += piece.count
        }

        private mutating func grow(_ extra: Int) {
            capacity = max(capacity * 2, count + extra)
            let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + JSONTape.padding)
            moved.update(from: bytes, count: count)
            (moved + count).initialize(repeating: 0, count: capacity + JSONTape.padding - count)
            bytes.deallocate()
            bytes = moved
        }

        /// Lets go of the bytes before a position.
        mutating func drop(upTo end: Int) {
            guard end > 0 else { return }
            lines.advance(bytes, to: end, from: start)
            lines.shift(by: end)
            bytes.update(from: bytes + end, count: count - end)
            count -= end
            position -= end
            start += Int64(end)
        }

        /// The offset in the input of what has been looked at.
        var offset: Int64 { start + Int64(position) }

        var current: UInt8? { position < count ? bytes[position] : nil }

        var peek: UInt8? { position + 1 < count ? bytes[position + 1] : nil }

        mutating func skipSpace() {
            while position < count, bytes[position] <= 0x20 { position += 1 }
        }

        mutating func advance(_ extent: inout Extent, isFinal: Bool) -> Bool {
            extent.advance(bytes, &position, count, isFinal: isFinal)
        }

        /// What stands between a byte and the position; valid until the window changes.
        func text(from start: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: bytes + start, count: position - start)
        }

        /// Whether a line begins at the position, other than the first.
        mutating func isAtLineStart() -> Bool {
            let place = place(0)
            return place.offset == place.lineOffset && place.line > 1
        }

        /// The place of the position.
        mutating func place(_ number: Int) -> Place {
            lines.advance(bytes, to: position, from: start)
            return lines.place(number, offset)
        }
    }
}
