// Repairs what XML does not allow but many writers write: it is put to work only once a parser has refused something.

internal import CLibXML2
internal import InteractionModel

/// Passes text on with the few faults repaired that are certain not to be meant.
///
/// Characters that XML does not have are left out, with references to them; a pair of references to surrogates becomes
/// the character it stands for; names of HTML's entities become their characters; other stray `&` and `<` become
/// themselves. CDATA sections and comments are passed on, but for their illegal characters.
struct MarkupFilter: ~Copyable {
    private enum Verdict {
        case keep(Int)
        case replace(Int, with: [UInt8])
        case undecided
    }

    /// The longest reference that is looked at.
    private static let largestReference = 32
    private static let predefined = ["amp", "lt", "gt", "quot", "apos"].map { Array($0.utf8) }

    /// How much has been repaired.
    private(set) var count = 0
    /// Bytes that do not tell yet.
    private var tail: [UInt8] = []
    /// What ends the section that the text is in.
    private var terminator: [UInt8]?
    private var output = OutputBuffer()

    /// Passes text on.
    ///
    /// - Parameters:
    ///   - text: The next bytes.
    ///   - offset: The offset that the first byte of the result will have.
    ///   - isFinal: Whether nothing follows.
    ///   - origins: Learns what was left out or put in.
    /// - Returns: The repaired text, valid until the next call.
    mutating func pass(
        _ text: UnsafeRawBufferPointer,
        at offset: Int,
        isFinal: Bool = false,
        _ origins: inout MarkupOrigins
    ) -> UnsafeRawBufferPointer {
        output.removeAll()
        if tail.isEmpty {
            append(text, at: offset, isFinal, &origins)
        } else {
            let joined = tail + text
            tail.removeAll()
            joined.withUnsafeBytes { append($0, at: offset, isFinal, &origins) }
        }
        return output.bytes
    }

    private mutating func append(
        _ text: UnsafeRawBufferPointer,
        at offset: Int,
        _ isFinal: Bool,
        _ origins: inout MarkupOrigins
    ) {
        var at = 0
        var copied = 0
        while at < text.count {
            switch verdict(text[at...], isFinal) {
            case .keep(let length): at += length
            case .replace(let length, let replacement):
                output.append(UnsafeRawBufferPointer(rebasing: text[copied..<at]))
                output.append(replacement)
                at += length
                copied = at
                count += 1
                origins.leaveOut(length - replacement.count, at: offset + output.count)
            case .undecided:
                output.append(UnsafeRawBufferPointer(rebasing: text[copied..<at]))
                tail = Array(text[at...])
                return
            }
        }
        output.append(UnsafeRawBufferPointer(rebasing: text[copied...]))
    }

    private mutating func verdict(_ text: Slice<UnsafeRawBufferPointer>, _ isFinal: Bool) -> Verdict {
        let byte = text[text.startIndex]
        if byte < 0x20, !byte.isMarkupSpace { return .replace(1, with: []) }
        if byte == 0xEF {
            if text.count < 3 { return isFinal ? .keep(1) : .undecided }
            return Self.isNoncharacter(text) ? .replace(3, with: []) : .keep(3)
        }
        if let terminator {
            guard byte == terminator[0] else { return .keep(1) }
            if text.starts(with: terminator) {
                self.terminator = nil
                return .keep(terminator.count)
            }
            return terminator.starts(with: text) && !isFinal ? .undecided : .keep(1)
        }
        switch byte {
        case UInt8(ascii: "&"): return reference(text, isFinal)
        case UInt8(ascii: "<"): return tag(text, isFinal)
        default: return .keep(1)
        }
    }

    private mutating func tag(_ text: Slice<UnsafeRawBufferPointer>, _ isFinal: Bool) -> Verdict {
        guard let next = text.dropFirst().first else { return isFinal ? .keep(1) : .undecided }
        if next == UInt8(ascii: "!") {
            switch MarkupSeeker.construct(text) {
            case .undecided: return isFinal ? .keep(1) : .undecided
            case .section(let length, let terminator):
                self.terminator = terminator
                return .keep(length)
            case .startTag, .endTag, .other: return .keep(1)
            }
        }
        let isMarkup = next == UInt8(ascii: "?") || next == UInt8(ascii: "/") || MarkupSeeker.startsName(next)
        return isMarkup ? .keep(1) : .replace(1, with: Array("&lt;".utf8))
    }

    private func reference(_ text: Slice<UnsafeRawBufferPointer>, _ isFinal: Bool) -> Verdict {
        let stray = Verdict.replace(1, with: Array("&amp;".utf8))
        let name = text.dropFirst().prefix(Self.largestReference).prefix(while: Self.isReferenceByte)
        guard name.endIndex < text.endIndex else {
            return isFinal || name.count == Self.largestReference ? stray : .undecided
        }
        guard !name.isEmpty, text[name.endIndex] == UInt8(ascii: ";") else { return stray }
        let length = name.count + 2
        if name.first == UInt8(ascii: "#") {
            guard let value = Self.value(name) else { return stray }
            if Self.isAllowed(value) { return .keep(length) }
            guard 0xD800..<0xDC00 ~= value else { return .replace(length, with: []) }
            return surrogates(value, length, text.dropFirst(length), isFinal)
        }
        if Self.predefined.contains(where: { name.elementsEqual($0) }) { return .keep(length) }
        let value = (name.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { name in
            name.baseAddress.map { cxml_entity_value($0) } ?? 0
        }
        guard let character = Unicode.Scalar(value), value > 0 else { return stray }
        return .replace(length, with: Array(String(character).utf8))
    }

    /// A high surrogate's reference, which makes sense only before that of a low one.
    private func surrogates(
        _ high: UInt32,
        _ length: Int,
        _ rest: Slice<UnsafeRawBufferPointer>,
        _ isFinal: Bool
    ) -> Verdict {
        let next = rest.prefix(10)
        guard let end = next.firstIndex(of: UInt8(ascii: ";")) else {
            let mayFollow = next.isEmpty || next.first == UInt8(ascii: "&")
            return next.count < 10 && mayFollow && !isFinal ? .undecided : .replace(length, with: [])
        }
        guard next.starts(with: "&#".utf8), let low = Self.value(next[(next.startIndex + 1)..<end]),
            low & ~0x3FF == 0xDC00, let character = Unicode.Scalar(0x10000 + (high & 0x3FF) << 10 + low & 0x3FF)
        else { return .replace(length, with: []) }
        return .replace(length + end + 1 - next.startIndex, with: Array(String(character).utf8))
    }

    // MARK: What XML allows

    private static func isReferenceByte(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "#")
    }

    /// The number in a reference such as `#60` or `#x3C`.
    private static func value(_ reference: Slice<UnsafeRawBufferPointer>) -> UInt32? {
        let isHex = reference.dropFirst().first == UInt8(ascii: "x")
        return UInt32(String(decoding: reference.dropFirst(isHex ? 2 : 1), as: UTF8.self), radix: isHex ? 16 : 10)
    }

    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x09, 0x0A, 0x0D, 0x20..<0xD800, 0xE000..<0xFFFE, 0x10000..<0x110000: true
        default: false
        }
    }

    private static func isNoncharacter(_ text: some Collection<UInt8>) -> Bool {
        text.starts(with: [0xEF, 0xBF, 0xBE]) || text.starts(with: [0xEF, 0xBF, 0xBF])
    }

    /// Whether a character that XML does not have begins here.
    ///
    /// - Parameter bytes: The text's next bytes, up to three if it goes on.
    /// - Returns: Whether it has to be left out.
    static func isIllegal(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return false }
        return first < 0x20 && !first.isMarkupSpace || isNoncharacter(bytes)
    }

    /// Whether a reference stands here, to its end, to a character that XML does not have.
    ///
    /// - Parameter bytes: From the `&` on.
    /// - Returns: Whether it has to be left out.
    static func isIllegalReference(_ bytes: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard bytes.starts(with: "&#".utf8), bytes.last == UInt8(ascii: ";") else { return false }
        return value(bytes.dropFirst().dropLast()).map { !isAllowed($0) } ?? false
    }
}
