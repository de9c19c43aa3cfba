// Reads a part of a spill file from start to end.

/// Lends the bytes of a part of a file, one piece after another.
final class SpillReader {
    private let file: SpillFile
    private var offset: Int64
    private let end: Int64
    // Safety: lent by the owner for as long as the reader lives; `unread` is what has been read into it.
    private let buffer: UnsafeMutableRawBufferPointer
    private var unread = 0..<0
    /// Shared by readers that are used in turn.
    private let scratch: ScratchPages

    /// Reads a part of a file.
    ///
    /// - Parameters:
    ///   - file: A file whose writing has ended at least for this part.
    ///   - range: The part.
    ///   - buffer: Memory to read into.
    ///   - scratch: Memory for pieces that are larger than the buffer.
    init(_ file: SpillFile, _ range: Range<Int64>, buffer: UnsafeMutableRawBufferPointer, scratch: ScratchPages) {
        self.file = file
        offset = range.lowerBound
        end = range.upperBound
        self.buffer = buffer
        self.scratch = scratch
    }

    /// How many bytes are left.
    var remaining: Int64 { end - offset + Int64(unread.count) }

    /// Lends the next bytes until the next call.
    ///
    /// - Parameter count: How many; there must be as many.
    /// - Returns: The bytes.
    /// - Throws: ``SpillFailure``.
    @inline(__always)
    func take(_ count: Int) throws(SpillFailure) -> UnsafeRawBufferPointer {
        if count > unread.count { return try takeSlowly(count) }
        let piece = unread.lowerBound..<unread.lowerBound &+ count
        unread = piece.upperBound..<unread.upperBound
        return UnsafeRawBufferPointer(rebasing: buffer[piece])
    }

    /// Reads a value as it lay in memory.
    ///
    /// - Throws: ``SpillFailure``.
    @inline(__always)
    func take<Value: BitwiseCopyable>(_ type: Value.Type) throws(SpillFailure) -> Value {
        try take(MemoryLayout<Value>.size).loadUnaligned(as: type)
    }

    private func takeSlowly(_ count: Int) throws(SpillFailure) -> UnsafeRawBufferPointer {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[unread])
        guard count <= buffer.count else {
            let whole = scratch.lend(count)
            whole.copyMemory(from: rest)
            try read(into: UnsafeMutableRawBufferPointer(rebasing: whole[rest.count...]))
            unread = 0..<0
            return UnsafeRawBufferPointer(whole)
        }
        buffer.copyMemory(from: rest)
        unread = 0..<rest.count
        let added = Int(min(Int64(buffer.count - rest.count), end - offset))
        try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest.count..<rest.count + added]))
        unread = count..<rest.count + added
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    private func read(into target: UnsafeMutableRawBufferPointer) throws(SpillFailure) {
        try file.read(into: target, at: offset)
        offset += Int64(target.count)
    }

    /// Goes through the next bytes in pieces of any size, with no more memory than the buffer.
    ///
    /// - Parameters:
    ///   - count: How many; there must be as many.
    ///   - body: Receives the pieces.
    /// - Throws: ``SpillFailure``.
    func forward(_ count: Int, _ body: (UnsafeRawBufferPointer) throws(SpillFailure) -> Void) throws(SpillFailure) {
        var rest = count
        while rest > 0 {
            let piece = try take(min(rest, unread.isEmpty ? buffer.count : unread.count))
            try body(piece)
            rest -= piece.count
        }
    }
}
