// Text of XML as JSON spells it, copied and escaped in one go.

internal import InteractionModel

extension OutputBuffer {
    /// Appends text as it stands inside a JSON string, without quotes.
    ///
    /// - Parameter text: Valid UTF-8 without the control characters that XML does not have.
    /// - Returns: Whether something had to be escaped.
    /// - Complexity: One step for thirty-two bytes, and one for each escape.
    @inline(__always)
    mutating func append(markupText text: UnsafeRawBufferPointer) -> Bool {
        guard var source = text.baseAddress else { return false }
        let end = source + text.count
        // Each byte may become two, and whole blocks are written.
        reserve(2 &* text.count &+ 16)
        // Safety: what is written lies within the room that was just made; only what is before `end` is read.
        let start = UnsafeMutableRawPointer(base + count)
        var target = start
        var isEscaped = false
        while source < end {
            let room = end - source
            if room >= 32 {
                let (next, last) = (Self.block(source), Self.block(source + 16))
                if (next.stringStops | last.stringStops).isNone {
                    target.storeBytes(of: next.bytes, as: SIMD16<UInt8>.self)
                    target.storeBytes(of: last.bytes, toByteOffset: 16, as: SIMD16<UInt8>.self)
                    source += 32
                    target += 32
                    continue
                }
            }
            if room >= 16 {
                let next = Self.block(source)
                target.storeBytes(of: next.bytes, as: SIMD16<UInt8>.self)
                let stops = next.stringStops
                if stops.isNone {
                    source += 16
                    target += 16
                    continue
                }
                let plain = stops.first
                source += plain
                target += plain
            } else {
                let word = room >= 8 ? source.loadUnaligned(as: UInt64.self) : Self.lastWord(source, room)
                target.storeBytes(of: word, as: UInt64.self)
                let stops = ByteWord.stringStops(word)
                let plain = min(room, stops == 0 ? 8 : stops.trailingZeroBitCount &>> 3)
                source += plain
                target += plain
                guard stops != 0, source < end else { continue }
            }
            target.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
            target.storeBytes(of: Self.escape(source.load(as: UInt8.self)), toByteOffset: 1, as: UInt8.self)
            source += 1
            target += 2
            isEscaped = true
        }
        count &+= target - start
        return isEscaped
    }

    /// Appends text in which references stand for characters, and line ends may have two bytes.
    ///
    /// - Parameter text: A text that an XML parser would accept, with 16 readable bytes behind it.
    /// - Returns: Whether something had to be escaped.
    /// - Complexity: One step for sixteen bytes, and one for each reference, escape and line end.
    mutating func append(spelledText text: UnsafeRawBufferPointer) -> Bool {
        guard var source = text.baseAddress else { return false }
        let end = source + text.count
        reserve(2 &* text.count &+ 16)
        // Safety: what is written lies within the room that was just made, since no reference is shorter than what it
        // stands for; a few bytes behind `end` are read and count for nothing.
        let start = UnsafeMutableRawPointer(base + count)
        var target = start
        var isEscaped = false
        while source < end {
            let next = Self.block(source)
            target.storeBytes(of: next.bytes, as: SIMD16<UInt8>.self)
            let stops = next.stringStops | next.isEqual(to: UInt8(ascii: "&"))
            let plain = min(stops.first, end - source)
            source += plain
            target += plain
            guard plain < 16, source < end else { continue }
            var character = UInt32(source.load(as: UInt8.self))
            var length = 1
            if character == 0x26, let reference = MarkupTextScan.Reference(source.assumingMemoryBound(to: UInt8.self)) {
                source += reference.length
                character = reference.utf8
                length = reference.utf8Count
            } else {
                source += 1
                // Of two bytes that end a line, the second is the one that counts.
                if character == 0x0D { continue }
            }
            if length == 1, ByteWord.stringStops(UInt64(character)) & 0xFF != 0 {
                target.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
                target += 1
                character = UInt32(Self.escape(UInt8(truncatingIfNeeded: character)))
                isEscaped = true
            }
            target.storeBytes(of: character.littleEndian, as: UInt32.self)
            target += length
        }
        count &+= target - start
        return isEscaped
    }

    @inline(__always)
    private static func block(_ start: UnsafeRawPointer) -> ByteVector {
        ByteVector(start.assumingMemoryBound(to: UInt8.self))
    }

    /// The last one to seven bytes of a text, with zeros behind them.
    @inline(__always)
    private static func lastWord(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
        // The pieces overlap where there are too few bytes for them.
        if count >= 4 {
            let first = UInt64(source.loadUnaligned(as: UInt32.self))
            let last = UInt64(source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return first | last &<< UInt64(8 &* (count &- 4))
        }
        let middle = count &>> 1
        let first = UInt64(source.load(as: UInt8.self))
        return first | UInt64(source.load(fromByteOffset: middle, as: UInt8.self)) &<< UInt64(8 &* middle)
            | UInt64(source.load(fromByteOffset: count &- 1, as: UInt8.self)) &<< UInt64(8 &* (count &- 1))
    }

    /// The letter after the backslash.
    @inline(__always)
    private static func escape(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case 0x09: UInt8(ascii: "t")
        default: byte
        }
    }
}
