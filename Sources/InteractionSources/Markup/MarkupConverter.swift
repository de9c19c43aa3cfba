// Turns text of any encoding that the C library knows into UTF-8.

internal import Glibc
internal import InteractionModel

/// One direction of the C library's iconv.
struct MarkupConverter: ~Copyable {
    /// How far a conversion came.
    enum Outcome {
        /// Everything that there was room for.
        case done(Int)
        /// The byte after these is no part of a character.
        case stray(Int)
        /// The bytes after these are the beginning of a character.
        case incomplete(Int)
    }

    private static let roomAtOnce = 64 << 10

    // Safety: opened in `init`, closed in `deinit`, used by this value alone.
    private let converter: iconv_t

    /// Prepares to read an encoding; nil if the C library does not know it.
    init?(from name: String) {
        guard let opened = iconv_open("UTF-8", name), opened != iconv_t(bitPattern: -1) else { return nil }
        converter = opened
    }

    deinit { iconv_close(converter) }

    /// Converts bytes until they are used up or much has been written.
    ///
    /// - Parameters:
    ///   - input: The bytes.
    ///   - output: Receives UTF-8.
    /// - Returns: How many bytes were read, and why not more.
    func convert(_ input: UnsafeRawBufferPointer, into output: inout OutputBuffer) -> Outcome {
        output.reserve(Self.roomAtOnce)
        // Safety: iconv reads `available` bytes and writes `room` bytes at most; its source type is mutable for
        // historical reasons only.
        var source = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: CChar.self))
        var available = input.count
        var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(output.base + output.count)
            .assumingMemoryBound(to: CChar.self)
        var room = Self.roomAtOnce
        let result = iconv(converter, &source, &available, &target, &room)
        let reason = errno
        output.count += Self.roomAtOnce - room
        let count = input.count - available
        guard result == -1, reason != E2BIG else { return .done(count) }
        return reason == EINVAL ? .incomplete(count) : .stray(count)
    }
}
