// Writes plain text as the elements of an HTML fragment come by.

internal import CLibXML2
internal import InteractionModel

/// The text so far, and the white space that is due before more of it.
struct HTMLTextWriter: ~Copyable {
    /// Elements inside each other beyond which tags are merely left out.
    private static let depthLimit = 256

    private struct List {
        let isOrdered: Bool
        var number: Int
    }

    // Safety: set by the parser's owner for the time of one parse only.
    var parser: htmlParserCtxtPtr?
    private var output = OutputBuffer()
    /// Line feeds due before the next text: 2 are a blank line.
    private var breaks = 0
    private var needsSpace = false
    /// What the next text's line begins with.
    private var mark: [UInt8] = []
    private var depth = 0
    private var hiddenDepth = 0
    private var preformattedDepth = 0
    private var lists: [List] = []
    private var links: [(target: [UInt8], start: Int)] = []

    mutating func begin() {
        output.removeAll()
        breaks = 0
        needsSpace = false
        mark = []
        depth = 0
        hiddenDepth = 0
        preformattedDepth = 0
        lists = []
        links = []
    }

    mutating func finish() -> [UInt8] {
        trimLine()
        while output.count > 0, output.base[output.count - 1] == 0x0A { output.truncate(to: output.count - 1) }
        return output.array
    }

    // MARK: Elements

    mutating func start(_ tag: HTMLTag, _ attributes: HTMLAttributes) {
        depth += 1
        guard depth <= Self.depthLimit else { return stripRest() }
        if case .hidden = tag { hiddenDepth += 1 }
        guard hiddenDepth == 0 else { return }
        switch tag {
        case .inline, .hidden: break
        case .block: breakLine(1)
        case .paragraph: breakLine(2)
        case .lineBreak: breakLine(min(2, breaks + 1))
        case .preformatted:
            breakLine(2)
            preformattedDepth += 1
        case .list(let isOrdered):
            breakLine(lists.isEmpty ? 2 : 1)
            lists.append(List(isOrdered: isOrdered, number: Self.number(attributes["start"]) ?? 1))
        case .item: startItem(attributes)
        case .cell: needsSpace = true
        case .link: links.append((attributes["href"] ?? [], output.count))
        case .image: word(Self.name(ofImage: attributes))
        case .emoji: word(attributes["alt"] ?? [])
        }
    }

    mutating func end(_ tag: HTMLTag) {
        depth -= 1
        if case .hidden = tag {
            hiddenDepth = max(0, hiddenDepth - 1)
            return
        }
        guard hiddenDepth == 0 else { return }
        switch tag {
        case .inline, .hidden, .lineBreak, .image, .emoji: break
        case .block: breakLine(1)
        case .paragraph: breakLine(2)
        case .preformatted:
            preformattedDepth = max(0, preformattedDepth - 1)
            breakLine(2)
        case .list:
            _ = lists.popLast()
            breakLine(lists.isEmpty ? 2 : 1)
        case .item:
            mark = []
            breakLine(1)
            breaks = 1
        case .cell: needsSpace = true
        case .link: endLink()
        }
    }

    private mutating func startItem(_ attributes: HTMLAttributes) {
        breakLine(1)
        mark = Array(repeating: 0x20, count: 2 * max(0, min(lists.count, 20) - 1))
        guard let list = lists.last, list.isOrdered else {
            mark += "- ".utf8
            return
        }
        let number = Self.number(attributes["value"]) ?? list.number
        lists[lists.count - 1].number = number &+ 1
        mark += "\(number). ".utf8
    }

    private static func number(_ value: [UInt8]?) -> Int? {
        value.flatMap { Int32(String(decoding: $0, as: UTF8.self)) }.map(Int.init)
    }

    // MARK: Links and images

    private mutating func endLink() {
        guard let (target, start) = links.popLast(), !target.isEmpty, target[0] != UInt8(ascii: "#"),
            !target.starts(with: "javascript:".utf8)
        else { return }
        var shown = target[...]
        for scheme in ["mailto:", "tel:"] where target.starts(with: scheme.utf8) {
            shown = target.dropFirst(scheme.utf8.count)
        }
        let text = UnsafeRawBufferPointer(rebasing: output.bytes[min(start, output.count)...]).drop { $0 <= 0x20 }
        if text.isEmpty {
            word(Array(shown))
        } else if !Self.isSame(text, shown) {
            output.append(" (")
            output.append(Array(shown))
            output.append(UInt8(ascii: ")"))
        }
    }

    /// Whether a link's text says its target, but for what browsers do not show.
    private static func isSame(_ text: Slice<UnsafeRawBufferPointer>, _ target: ArraySlice<UInt8>) -> Bool {
        func core(_ url: some BidirectionalCollection<UInt8>) -> [UInt8] {
            var core = Array(url)
            for scheme in ["https://", "http://"] where core.starts(with: scheme.utf8) {
                core.removeFirst(scheme.utf8.count)
            }
            while let last = core.last, last <= 0x20 || last == UInt8(ascii: "/") { core.removeLast() }
            return core
        }
        return core(text) == core(target)
    }

    private static func name(ofImage attributes: HTMLAttributes) -> [UInt8] {
        if let text = attributes["alt"] ?? attributes["title"] { return text }
        // Pictures of one pixel count readers; nobody sees them.
        if attributes["width"] == [0x31], attributes["height"] == [0x31] { return [] }
        guard let source = attributes["src"], !source.starts(with: "data:".utf8) else { return Array("[image]".utf8) }
        let path = source.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        let name = path.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") }).last ?? []
        return name.isEmpty ? Array("[image]".utf8) : Array("[image: ".utf8) + name + [UInt8(ascii: "]")]
    }

    // MARK: Text

    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard hiddenDepth == 0 else { return }
        if preformattedDepth > 0 {
            preformatted(text)
            return
        }
        var at = 0
        while at < text.count {
            if Self.isSpace(text[at]) {
                needsSpace = true
                at += 1
                continue
            }
            let end = text[at...].firstIndex(where: Self.isSpace) ?? text.count
            append(UnsafeRawBufferPointer(rebasing: text[at..<end]))
            at = end
        }
    }

    private mutating func preformatted(_ text: UnsafeRawBufferPointer) {
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            if index > 0 {
                trimLine()
                breaks += 1
            }
            let kept = line.last == 0x0D ? line.dropLast() : line
            if !kept.isEmpty { append(UnsafeRawBufferPointer(rebasing: kept)) }
        }
    }

    private mutating func word(_ word: [UInt8]) {
        word.withUnsafeBytes { if !$0.isEmpty { append($0) } }
    }

    /// Appends text after the white space that is due.
    private mutating func append(_ text: UnsafeRawBufferPointer) {
        if output.count > 0 {
            for _ in 0..<breaks { output.append(0x0A) }
            if needsSpace, breaks == 0 { output.append(0x20) }
        }
        breaks = 0
        needsSpace = false
        output.append(mark)
        mark = []
        // A space that must not break is a space like any other in plain text.
        var copied = 0
        var at = 0
        while at + 1 < text.count {
            if text[at] == 0xC2, text[at + 1] == 0xA0 {
                output.append(UnsafeRawBufferPointer(rebasing: text[copied..<at]))
                output.append(0x20)
                copied = at + 2
                at += 1
            }
            at += 1
        }
        output.append(UnsafeRawBufferPointer(rebasing: text[copied...]))
    }

    private mutating func breakLine(_ count: Int) {
        trimLine()
        // A line of nothing but spaces is a blank one.
        while output.count > 0, output.base[output.count - 1] == 0x0A {
            output.truncate(to: output.count - 1)
            breaks = min(2, breaks + 1)
        }
        // A paragraph at the beginning of an item does not leave the item's mark behind.
        breaks = max(breaks, mark.isEmpty ? count : 1)
        needsSpace = false
    }

    private mutating func trimLine() {
        while output.count > 0, output.base[output.count - 1] == 0x20 { output.truncate(to: output.count - 1) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    // MARK: Without a parser

    /// Takes what the parser has not read yet without its tags.
    private mutating func stripRest() {
        guard let parser, hiddenDepth == 0 else { return }
        self.parser = nil
        // Safety: the parser's buffer is there until it is stopped, and its text is copied before.
        let rest = Array(UnsafeBufferPointer(start: cxml_cursor(parser), count: cxml_rest(parser)))
        xmlStopParser(parser)
        rest.withUnsafeBytes { strip($0, isInTag: true) }
    }

    /// Takes text without its tags.
    mutating func strip(_ html: UnsafeRawBufferPointer, isInTag: Bool = false) {
        var isInTag = isInTag
        for part in html.split(whereSeparator: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: ">") }) {
            let isEnd = part.endIndex < html.endIndex && html[part.endIndex] == UInt8(ascii: ">")
            if !(isInTag || part.startIndex > 0 && html[part.startIndex - 1] == UInt8(ascii: "<")) || !isEnd {
                text(UnsafeRawBufferPointer(rebasing: part))
            }
            isInTag = false
            needsSpace = true
        }
    }
}
