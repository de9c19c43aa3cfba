// The growing byte buffer that every writer appends to.

/// A growable run of bytes that is written at its end only.
///
/// It is what `[UInt8]` would be without the exclusivity and uniqueness checks of a hot loop, and it can be
/// emptied without giving its memory back.
///
/// Safety of `@unchecked Sendable`: it cannot be copied, so whoever holds it is the only one who can reach its memory;
/// sending it hands that memory over.
public struct OutputBuffer: ~Copyable, @unchecked Sendable {
    /// The first byte; moves when the buffer grows.
    @usableFromInline package private(set) var base: UnsafeMutablePointer<UInt8>
    /// The number of bytes written.
    @usableFromInline package var count: Int
    @usableFromInline package private(set) var capacity: Int

    /// Makes an empty buffer.
    ///
    /// - Parameter capacity: Bytes to reserve.
    public init(capacity: Int = 4096) {
        self.capacity = max(64, capacity)
        // Safety: owned by this value, freed in deinit, never handed out beyond a borrow of it.
        base = UnsafeMutablePointer<UInt8>.allocate(capacity: self.capacity)
        count = 0
    }

    deinit { base.deallocate() }

    /// The bytes written so far; valid until the next append.
    @inlinable package var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }

    /// A copy of the bytes written so far.
    public var array: [UInt8] { [UInt8](bytes) }

    /// Forgets the bytes and keeps the memory.
    @inlinable public mutating func removeAll() { count = 0 }

    /// Makes sure that `extra` more bytes fit.
    ///
    /// - Parameter extra: Bytes about to be written.
    @inlinable package mutating func reserve(_ extra: Int) {
        if count &+ extra > capacity { grow(extra) }
    }

    @usableFromInline mutating func grow(_ extra: Int) {
        let larger = max(capacity &* 2, count + extra)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    /// Appends one byte.
    ///
    /// - Parameter byte: The byte.
    @inlinable package mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    /// Appends a run of bytes.
    ///
    /// - Parameters:
    ///   - start: The first byte.
    ///   - length: How many.
    @inlinable package mutating func append(_ start: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        Self.copy(start, to: base + count, length)
        count &+= length
    }

    /// Copies bytes; short runs, which most are, without a call.
    @inlinable @inline(__always)
    package static func copy(_ start: UnsafePointer<UInt8>, to target: UnsafeMutablePointer<UInt8>, _ length: Int) {
        if length > 160 {
            target.update(from: start, count: length)
        } else if length >= 16 {
            copy(start, to: target, length, by: SIMD2<UInt64>.self)
        } else if length >= 8 {
            copy(start, to: target, length, by: UInt64.self)
        } else if length >= 4 {
            copy(start, to: target, length, by: UInt32.self)
        } else {
            var index = 0
            while index < length {
                target[index] = start[index]
                index &+= 1
            }
        }
    }

    /// Copies bytes in words of one size, of which there is at least one.
    @inlinable @inline(__always)
    static func copy<Word: BitwiseCopyable>(
        _ start: UnsafePointer<UInt8>,
        to target: UnsafeMutablePointer<UInt8>,
        _ length: Int,
        by word: Word.Type
    ) {
        let size = MemoryLayout<Word>.size
        let source = UnsafeRawPointer(start)
        let destination = UnsafeMutableRawPointer(target)
        // The last word overlaps the one before it.
        let last = source.loadUnaligned(fromByteOffset: length &- size, as: word)
        var index = 0
        while index &+ size < length {
            let next = source.loadUnaligned(fromByteOffset: index, as: word)
            destination.storeBytes(of: next, toByteOffset: index, as: word)
            index &+= size
        }
        destination.storeBytes(of: last, toByteOffset: length &- size, as: word)
    }

    /// Appends a run of bytes.
    ///
    /// - Parameter bytes: The bytes.
    @inlinable package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        append(start.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    /// Appends an array of bytes.
    ///
    /// - Parameter bytes: The bytes.
    package mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// Appends a literal.
    ///
    /// - Parameter literal: ASCII or UTF-8 text known at compile time.
    @inlinable package mutating func append(_ literal: StaticString) {
        append(literal.utf8Start, literal.utf8CodeUnitCount)
    }

    /// Appends the UTF-8 of a string as it is, without quotes.
    ///
    /// - Parameter text: The text.
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends a whole number in decimal.
    ///
    /// - Parameter number: Zero or more.
    package mutating func append(number: Int) {
        if 0..<10 ~= number {
            append(UInt8(ascii: "0") + UInt8(number))
        } else {
            append(text: String(number))
        }
    }

    /// Takes back a trailing byte if it is there, such as the comma after the last member.
    ///
    /// - Parameter byte: The byte to remove.
    @inlinable package mutating func removeTrailing(_ byte: UInt8) {
        if count > 0, base[count &- 1] == byte { count &-= 1 }
    }

    /// Appends the canonical text of a UUID, without quotes.
    package mutating func append(_ id: UUIDValue) {
        reserve(UUIDValue.textLength)
        id.write(to: base + count)
        count &+= UUIDValue.textLength
    }

    /// Appends each byte of a digest as two lower-case hexadecimal digits.
    ///
    /// - Parameter digest: As many bytes as a multiple of four.
    package mutating func append(hexadecimal digest: UnsafeRawBufferPointer) {
        precondition(digest.count.isMultiple(of: 4))
        reserve(digest.count * 2)
        for at in stride(from: 0, to: digest.count, by: 4) {
            let number = UInt32(bigEndian: digest.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            let digits = ByteWord.hexDigits(number).littleEndian
            UnsafeMutableRawPointer(base + count).storeBytes(of: digits, as: UInt64.self)
            count &+= 8
        }
    }

    /// Writes a UUID's canonical text over bytes that are there.
    ///
    /// - Parameters:
    ///   - position: The first byte to replace; all of the text must lie before the end.
    ///   - id: What to write.
    package mutating func overwrite(at position: Int, with id: UUIDValue) {
        precondition(position >= 0 && position + UUIDValue.textLength <= count)
        id.write(to: base + position)
    }

    /// Writes over bytes that are there.
    ///
    /// - Parameters:
    ///   - position: The first byte to replace.
    ///   - bytes: What to write; all of it must lie before the end.
    package mutating func overwrite(at position: Int, with bytes: [UInt8]) {
        precondition(position >= 0 && position + bytes.count <= count)
        for (index, byte) in bytes.enumerated() { base[position + index] = byte }
    }

    /// Takes back everything after a mark.
    ///
    /// - Parameter mark: An earlier value of `count`.
    @inlinable package mutating func truncate(to mark: Int) { count = mark }
}
