// The time of sending, which goes into the envelope's headers when it leaves and not before.

internal import InteractionModel
internal import NIOCore

/// Puts `issuedAt` into envelopes.
enum IssuedAt {
    /// The envelope with the time in its headers, in place of another if there is one.
    ///
    /// - Parameters:
    ///   - message: The message.
    ///   - time: As ``text(_:)`` has it.
    /// - Returns: The bytes to send, with room for a frame's head before them.
    static func stamped(_ message: OutgoingMessage, _ time: String) -> ByteBuffer {
        let envelope = message.envelope
        let room = MaskedFrames.headSize
        var buffer = ByteBufferAllocator().buffer(capacity: room + envelope.count + time.utf8.count + 16)
        buffer.writeRepeatingByte(0, count: room)
        buffer.moveReaderIndex(to: room)
        guard let place = place(envelope, message.payload) else {
            buffer.writeBytes(envelope)
            return buffer
        }
        envelope.withUnsafeBytes { bytes in
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<place.range.lowerBound]))
            buffer.writeString(place.isNew ? (place.isFirst ? "\"issuedAt\":" : ",\"issuedAt\":") : "")
            buffer.writeString("\"\(time)\"")
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[place.range.upperBound...]))
        }
        return buffer
    }

    /// `2026-01-02T03:04:05.678Z`.
    static func text(_ milliseconds: Int64) -> String {
        let seconds = milliseconds.quotientAndRemainder(dividingBy: 1000)
        var fraction = String(seconds.remainder)
        fraction = String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
        let whole = Instant(seconds: seconds.quotient).description
        return whole.prefix(19) + "." + fraction + "Z"
    }

    private struct Place {
        /// The old value, or the empty range where a new member goes.
        var range: Range<Int>
        var isNew: Bool
        var isFirst: Bool
    }

    /// Looks for the headers outside of the payload, which may be long.
    private static func place(_ envelope: [UInt8], _ payload: Range<Int>) -> Place? {
        var at = 0
        var depth = 0
        /// The last text at depth 1 or 2, which may be a key.
        var key: Range<Int> = 0..<0
        var isInHeaders = false
        var isFirst = true
        while at < envelope.count {
            if at == payload.lowerBound {
                at = payload.upperBound
                continue
            }
            switch envelope[at] {
            case UInt8(ascii: "\""):
                let start = at + 1
                at = endOfText(envelope, start)
                key = start..<min(at - 1, envelope.count)
                if isInHeaders { isFirst = false }
                continue
            case UInt8(ascii: ":") where isInHeaders && depth == 2 && equals(envelope, key, "issuedAt"):
                let start = envelope[(at + 1)...].firstIndex { $0 > 0x20 } ?? envelope.count
                guard start < envelope.count, envelope[start] == UInt8(ascii: "\"") else { return nil }
                return Place(range: start..<endOfText(envelope, start + 1), isNew: false, isFirst: false)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                if depth == 2, equals(envelope, key, "headers") { isInHeaders = true }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if isInHeaders, depth == 2 { return Place(range: at..<at, isNew: true, isFirst: isFirst) }
                depth -= 1
            default: break
            }
            at += 1
        }
        return nil
    }

    private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int {
        var at = start
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\") {
                at += 2
            } else if bytes[at] == UInt8(ascii: "\"") {
                return at + 1
            } else {
                at += 1
            }
        }
        return bytes.count
    }

    private static func equals(_ bytes: [UInt8], _ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != name.utf8Start[offset] { return false }
        return true
    }
}
