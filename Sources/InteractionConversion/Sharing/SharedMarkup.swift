// One element of an XML document with what surrounds it, and without its contents.

internal import InteractionModel

/// Copies markup as it is written, with other texts and values of attributes in it.
///
/// Comments, processing instructions and the document type are left out: no reader of records asks for them.
struct SharedMarkup: ~Copyable {
    /// Elements beside the record that are kept of one parent, and bytes of one of them; readers keep no more either.
    private static let largestChildCount = 64
    private static let largestChild = 64 << 10

    private struct Open {
        var name: ArraySlice<UInt8>
        /// Where its start tag begins in the copy.
        var start: Int
        var children = 0
        /// Whether other records were in it.
        var hadRecords = false
    }

    private let scrambler: RecordScrambler
    private let text: [UInt8]
    /// Where the record begins.
    private let record: Int
    private var out = OutputBuffer()
    private var open: [Open] = []

    /// Makes a copy.
    ///
    /// - Parameters:
    ///   - before: The document up to the record, in UTF-8, without other records.
    ///   - record: The record's element.
    ///   - scrambler: Gives the texts.
    init(before: [UInt8], record: [UInt8], _ scrambler: RecordScrambler) {
        self.scrambler = scrambler
        self.record = before.count
        text = before + record
    }

    /// The copy: a whole document in UTF-8.
    ///
    /// - Returns: Nil if the markup cannot be followed.
    mutating func copied() -> [UInt8]? {
        var at = 0
        var depth: Int?
        while at < text.count {
            if at >= record, depth == nil { depth = open.count }
            guard let next = text[at] == UInt8(ascii: "<") ? addConstruct(at) : addText(at) else { return nil }
            at = next
            if let depth, at > record, open.count == depth { break }
        }
        guard let depth, open.count == depth else { return nil }
        for element in open.reversed() { addEnd(of: element.name) }
        out.append("\n")
        return out.array
    }

    private mutating func addEnd(of name: ArraySlice<UInt8>) {
        out.append("</")
        out.append(Array(name))
        out.append(">")
    }

    // MARK: Constructs

    /// Copies what begins with `<`.
    ///
    /// - Returns: Where the next begins; nil if it does not end.
    private mutating func addConstruct(_ at: Int) -> Int? {
        let rest = text[at...]
        if rest.starts(with: "<!--".utf8) { return end(of: "-->", from: at + 4) }
        if rest.starts(with: "<![CDATA[".utf8) {
            guard let end = end(of: "]]>", from: at + 9) else { return nil }
            out.append("<![CDATA[")
            addScrambled(String(decoding: text[at + 9..<end - 3], as: UTF8.self), key: key) { $0 }
            out.append("]]>")
            return end
        }
        if rest.starts(with: "<?".utf8) {
            if rest.starts(with: "<?xml ".utf8) { out.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") }
            return end(of: "?>", from: at + 2)
        }
        if rest.starts(with: "<!".utf8) { return endOfDocumentType(at) }
        return rest.starts(with: "</".utf8) ? addEndTag(at) : addStartTag(at)
    }

    /// Where a construct ends.
    private func end(of terminator: StaticString, from start: Int) -> Int? {
        let bytes = Array(terminator.description.utf8)
        var at = start
        while at + bytes.count <= text.count {
            if text[at..<at + bytes.count].elementsEqual(bytes) { return at + bytes.count }
            at += 1
        }
        return nil
    }

    private func endOfDocumentType(_ start: Int) -> Int? {
        var brackets = 0
        for at in start..<text.count {
            switch text[at] {
            case UInt8(ascii: "["): brackets += 1
            case UInt8(ascii: "]"): brackets -= 1
            case UInt8(ascii: ">") where brackets <= 0: return at + 1
            default: break
            }
        }
        return nil
    }

    private mutating func addEndTag(_ at: Int) -> Int? {
        guard let end = end(of: ">", from: at), let element = open.popLast() else { return nil }
        out.append(Array(text[at..<end]))
        leave(element, at: end)
        return end
    }

    /// Ends an element, and takes it back if it is more than anybody wants to see of what is beside the record.
    private mutating func leave(_ element: Open, at end: Int) {
        guard end <= record else { return }
        var isTooMuch = element.hadRecords
        if let parent = open.indices.last {
            open[parent].children += 1
            if element.hadRecords { open[parent].hadRecords = true }
            isTooMuch =
                isTooMuch || open[parent].children > Self.largestChildCount
                || out.count - element.start > Self.largestChild
        }
        if isTooMuch { out.truncate(to: element.start) }
    }

    private mutating func addStartTag(_ start: Int) -> Int? {
        let nameEnd = text[(start + 1)...].firstIndex { $0 <= 0x20 || $0 == 0x2F || $0 == 0x3E }
        guard var at = nameEnd else { return nil }
        let element = Open(name: text[start + 1..<at], start: out.count)
        out.append(Array(text[start..<at]))
        while at < text.count {
            switch text[at] {
            case UInt8(ascii: ">"):
                out.append(">")
                if text[at - 1] == UInt8(ascii: "/") { leave(element, at: at + 1) } else { open.append(element) }
                return at + 1
            case 0...0x20, UInt8(ascii: "/"):
                out.append(text[at])
                at += 1
            default:
                guard let next = addAttribute(at) else { return nil }
                at = next
            }
        }
        return nil
    }

    private mutating func addAttribute(_ start: Int) -> Int? {
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        guard let open = text[start...].firstIndex(where: { quotes.contains($0) || $0 == UInt8(ascii: ">") }),
            quotes.contains(text[open]), let close = text[(open + 1)...].firstIndex(of: text[open])
        else { return nil }
        out.append(Array(text[start...open]))
        let name = String(decoding: text[start..<open].prefix { $0 > 0x20 && $0 != UInt8(ascii: "=") }, as: UTF8.self)
        let value = Self.unescaped(text[open + 1..<close])
        if name == "xmlns" || name.hasPrefix("xmlns:") || LegacyElement.isHint(name, value) {
            out.append(Array(text[open + 1..<close]))
        } else {
            addScrambled(value, key: Self.localName(name), Self.escaped)
        }
        out.append(text[close])
        return close + 1
    }

    // MARK: Texts

    /// The name of the element that a text is in.
    private var key: String { Self.localName(String(decoding: open.last?.name ?? [], as: UTF8.self)) }

    private static func localName(_ name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private mutating func addText(_ start: Int) -> Int? {
        if text[start] == RecordExcerpt.gap {
            if let parent = open.indices.last { open[parent].hadRecords = true }
            return start + 1
        }
        let end = text[start...].firstIndex { $0 == UInt8(ascii: "<") || $0 == RecordExcerpt.gap } ?? text.count
        addScrambled(Self.unescaped(text[start..<end]), key: key, Self.escaped)
        return end
    }

    private mutating func addScrambled(_ text: String, key: String, _ spelling: (String) -> String) {
        out.append(text: spelling(scrambler.scrambled(cell: text, key: key)))
    }

    private static let entities = [
        ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#13;", "\r"), ("&#10;", "\n"),
    ]

    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("&") else { return text }
        for (entity, character) in entities { text = text.replacing(entity, with: character) }
        text = text.replacing(/&#(x?)([0-9a-fA-F]+);/) { match in
            let number = UInt32(match.2, radix: match.1.isEmpty ? 10 : 16)
            return number.flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? String(match.0)
        }
        return text.replacing("&amp;", with: "&")
    }

    private static func escaped(_ text: String) -> String {
        var text = text.replacing("&", with: "&amp;")
        for (entity, character) in entities where character != "\n" { text = text.replacing(character, with: entity) }
        return text
    }
}
