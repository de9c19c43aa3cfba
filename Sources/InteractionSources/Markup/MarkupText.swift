// The bytes of an XML document as UTF-8, whatever they are written in.

internal import Glibc
internal import InteractionModel

/// Tells the encoding of a document from its first bytes, and turns the document into valid UTF-8.
///
/// Bytes that are not what the encoding says are read as Windows-1252, the encoding of text of which nobody says any,
/// and counted.
struct MarkupText: ~Copyable {
    /// Bytes within which an XML declaration must end.
    private static let largestDeclaration = 1024
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private enum Form {
        case unknown
        case utf8
        case other
        case unsupported
    }

    private let encoding: String?
    private var form = Form.unknown
    private var converter: MarkupConverter?
    /// The first bytes until the encoding is known, or the beginning of a character whose rest has not come.
    private var carry: [UInt8] = []
    private var isFirst = true
    /// Bytes that were read as Windows-1252, and where the first one stands.
    private(set) var strayCount = 0
    private(set) var firstStray: Int64 = 0
    private var repaired = OutputBuffer()
    /// Bytes of UTF-8 that the reader got.
    private var given = 0

    /// Prepares for one document.
    ///
    /// - Parameter encoding: Its encoding if that is known better than the document does.
    init(encoding: String?) { self.encoding = encoding }

    /// The name of an encoding that nothing here can read.
    private(set) var unsupported: String?

    /// Passes the next bytes on to a reader.
    ///
    /// - Parameters:
    ///   - bytes: The next bytes.
    ///   - isFinal: Whether nothing follows.
    ///   - reader: Gets valid UTF-8.
    mutating func pass(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        to reader: UnsafeMutablePointer<MarkupReader>
    ) {
        if form == .unknown {
            carry += bytes
            guard isFinal || Self.isEnough(carry) else { return }
            choose()
            var head = carry
            carry.removeAll()
            if form == .utf8, head.starts(with: Self.byteOrderMark) {
                head.removeFirst(3)
                reader.pointee.origins.leaveOut(3, at: 0)
            }
            head.withUnsafeBytes { convert($0, isFinal: isFinal, to: reader) }
        } else {
            convert(bytes, isFinal: isFinal, to: reader)
        }
    }

    // MARK: Which encoding

    /// Whether the first bytes tell the encoding: four, or the whole of an XML declaration.
    private static func isEnough(_ head: [UInt8]) -> Bool {
        guard head.count >= 5 else { return false }
        let text = head.starts(with: byteOrderMark) ? head.dropFirst(3) : head[...]
        guard "<?xml".utf8.starts(with: text.prefix(5)) else { return true }
        return head.count > largestDeclaration || head.contains(UInt8(ascii: ">"))
    }

    private mutating func choose() {
        let name = encoding ?? Self.mark(carry) ?? Self.declaration(carry) ?? "UTF-8"
        if ["UTF-8", "UTF8", "US-ASCII", "ASCII"].contains(name.uppercased()) {
            form = .utf8
            return
        }
        converter = MarkupConverter(from: name)
        form = converter == nil ? .unsupported : .other
        if converter == nil { unsupported = name }
    }

    /// The encoding that a byte order mark, or the zeros beside the first `<`, give away.
    private static func mark(_ head: [UInt8]) -> String? {
        let marks: [([UInt8], String)] = [
            ([0xEF, 0xBB, 0xBF], "UTF-8"),
            ([0xFF, 0xFE, 0, 0], "UTF-32LE"), ([0, 0, 0xFE, 0xFF], "UTF-32BE"),
            ([0x3C, 0, 0, 0], "UTF-32LE"), ([0, 0, 0, 0x3C], "UTF-32BE"),
            ([0xFF, 0xFE], "UTF-16LE"), ([0xFE, 0xFF], "UTF-16BE"),
            ([0x3C, 0], "UTF-16LE"), ([0, 0x3C], "UTF-16BE"),
        ]
        return marks.first { head.starts(with: $0.0) }?.1
    }

    /// The encoding that the XML declaration names, if it can be true of text in which the name could be read.
    static func declaration(_ head: [UInt8]) -> String? {
        guard head.starts(with: "<?xml".utf8), let end = head.firstIndex(of: UInt8(ascii: ">")) else { return nil }
        let text = String(decoding: head[..<end], as: UTF8.self)
        guard let label = text.split(separator: "encoding", maxSplits: 1).dropFirst().first else { return nil }
        let quoted = label.drop { $0 == "=" || $0.isWhitespace }
        guard let quote = quoted.first, quote == "\"" || quote == "'" else { return nil }
        let name = quoted.dropFirst().prefix { $0 != quote }
        let isWide = ["UTF-16", "UTF16", "UTF-32", "UCS", "ISO-10646"].contains { name.uppercased().hasPrefix($0) }
        return isWide || name.isEmpty ? nil : String(name)
    }

    // MARK: To UTF-8

    private mutating func convert(
        _ bytes: UnsafeRawBufferPointer,
        isFinal: Bool,
        to reader: UnsafeMutablePointer<MarkupReader>
    ) {
        switch form {
        case .unknown, .unsupported: break
        case .utf8:
            guard !carry.isEmpty else { return check(bytes, isFinal, reader) }
            // At most three bytes are waiting; what completes their character goes with them.
            let split = bytes.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count
            let first = carry + bytes[..<split]
            let rest = UnsafeRawBufferPointer(rebasing: bytes[split...])
            carry.removeAll()
            first.withUnsafeBytes { check($0, isFinal || !rest.isEmpty, reader) }
            if !rest.isEmpty { check(rest, isFinal, reader) }
        case .other:
            let input = carry + bytes
            carry.removeAll()
            input.withUnsafeBytes { input in
                var at = 0
                while at < input.count {
                    repaired.removeAll()
                    let rest = UnsafeRawBufferPointer(rebasing: input[at...])
                    switch converter?.convert(rest, into: &repaired) {
                    case .done(let count): at += count
                    case .stray(let count):
                        at += count + 1
                        takeStray(input[at - 1], reader)
                    case .incomplete(let count):
                        at += count
                        if isFinal {
                            at += 1
                            takeStray(input[at - 1], reader)
                        } else {
                            carry = Array(input[at...])
                            at = input.count
                        }
                    case nil: return
                    }
                    give(repaired.bytes, reader)
                }
            }
        }
    }

    private mutating func takeStray(_ byte: UInt8, _ reader: UnsafeMutablePointer<MarkupReader>) {
        if strayCount == 0 {
            // The reader gets no byte order mark.
            let mark = isFirst && repaired.bytes.starts(with: Self.byteOrderMark) ? 3 : 0
            firstStray = Int64(reader.pointee.origins.offset(of: given + repaired.count - mark))
        }
        strayCount += 1
        repaired.append(withUnsafeBytes(of: byte) { Windows1252.utf8($0) })
    }

    /// Passes UTF-8 on; what is none is replaced, and a character that is cut off waits.
    private mutating func check(
        _ bytes: UnsafeRawBufferPointer,
        _ isFinal: Bool,
        _ reader: UnsafeMutablePointer<MarkupReader>
    ) {
        let whole = isFinal ? bytes.count : Self.wholeCharacters(bytes)
        defer { carry = Array(bytes[whole...]) }
        guard var fault = Self.firstFault(bytes, 0, whole) else {
            give(UnsafeRawBufferPointer(rebasing: bytes[..<whole]), reader)
            return
        }
        repaired.removeAll()
        var at = 0
        while true {
            repaired.append(UnsafeRawBufferPointer(rebasing: bytes[at..<fault]))
            let before = repaired.count
            takeStray(bytes[fault], reader)
            let grown = repaired.count - before - 1
            reader.pointee.origins.leaveOut(-grown, at: given + repaired.count)
            at = fault + 1
            guard let next = Self.firstFault(bytes, at, whole) else { break }
            fault = next
        }
        repaired.append(UnsafeRawBufferPointer(rebasing: bytes[at..<whole]))
        give(repaired.bytes, reader)
    }

    private mutating func give(_ text: UnsafeRawBufferPointer, _ reader: UnsafeMutablePointer<MarkupReader>) {
        guard !text.isEmpty else { return }
        // UTF-16 and its like come with their mark.
        let mark = isFirst && text.starts(with: Self.byteOrderMark) ? 3 : 0
        isFirst = false
        given += text.count - mark
        reader.pointee.receive(UnsafeRawBufferPointer(rebasing: text[mark...]))
    }

    /// How many bytes there are before a character whose end is missing.
    private static func wholeCharacters(_ bytes: UnsafeRawBufferPointer) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte < 0x80 { break }
            guard byte >= 0xC0 else { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            return length > back ? bytes.count - back : bytes.count
        }
        return bytes.count
    }

    /// How many bytes at the start are well-formed for certain, which is nearly all of them where all are.
    private static func soundCount(_ start: UnsafePointer<UInt8>, _ count: Int) -> Int {
        guard count > 1024 else { return 0 }
        return UTF8Check.soundEnd(start, start + count - UTF8Check.padding) - start
    }

    /// The first byte that is no part of a character.
    private static func firstFault(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
        guard start < end, let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        let start = start + soundCount(base + start, end - start)
        // The check reads whole words, so that the last bytes are checked in a copy with room behind them.
        var split = max(start, end - 16)
        while split > start, split < end, base[split] & 0xC0 == 0x80 { split -= 1 }
        // Safety: at least 8 bytes follow `split` unless nothing is checked before it.
        if split > start, let fault = UTF8Check.firstFault(base + start, base + split) { return fault - base }
        let last = PaddedBytes(UnsafeRawBufferPointer(start: base + split, count: end - split))
        return UTF8Check.firstFault(last.start, last.start + last.count).map {
            split + (UnsafePointer($0) - UnsafePointer(last.start))
        }
    }
}
