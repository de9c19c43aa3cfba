// Turns the elements of one record into a tape.

internal import CLibXML2
internal import Glibc
internal import InteractionModel

/// Builds the tape of the record at hand from the events of a parser.
///
/// An element is known to be a plain string only at its end. Its text goes to the tape at once, where it can stay if no
/// child follows. Else it waits on a stack of its own, where a child's text comes and goes above its parent's, so that
/// direct text in pieces joins by itself.
struct MarkupRecorder: ~Copyable {
    /// Elements that may stand inside each other.
    static let depthLimit = 256

    private struct Open {
        let name: UnsafePointer<UInt8>
        let prefix: UnsafePointer<UInt8>?
        let namespace: UnsafePointer<UInt8>?
        /// Where the element's text begins on the stack of texts.
        let textStart: Int
        var isObject = false
        /// Whether the element's text so far holds anything that JSON escapes; not known of markup.
        var isEscaped = false
    }

    /// Where a name stands in the text of the record at hand.
    private struct Key {
        let name: UnsafePointer<UInt8>
        let prefix: UnsafePointer<UInt8>?
        let isAttribute: Bool
        let range: Range<Int>
        let record: Int
    }

    /// The record's tape, complete when ``depth`` is back at 0.
    private(set) var tape = RecordTape()
    /// How many elements of the record are open.
    private(set) var depth = 0
    /// Whether the record is lost already, so that nothing is kept of it.
    private(set) var isDropping = false
    private let open: UnsafeMutablePointer<Open>
    /// Names of the record by their addresses, of which the parser has one each; a later one may take a place.
    private let keys: UnsafeMutablePointer<Key?>
    private static let keyCount = 64
    private var recordCount = 0
    private var texts = OutputBuffer(capacity: 4096)
    /// Where on the tape the text of the innermost element begins that is to end there; -1 if none is.
    private var tapeText = -1
    private let markup: [[UInt8]]
    /// The depth of the element whose content is kept as markup; 0 if none is open.
    private var markupDepth = 0
    /// The end of the text if nothing followed the last start tag in markup.
    private var emptyMark = -1
    /// Namespace declarations inside the record, which a new parser would have to know.
    private var declarations: [(depth: Int, text: [UInt8])] = []

    /// Makes a recorder.
    ///
    /// - Parameter markup: Local names of elements whose content is kept as markup.
    init(markup: Set<String>) {
        self.markup = markup.sorted().map { Array($0.utf8) }
        // Safety: owned by this value, freed in deinit; `start` is never called at the depth limit.
        open = UnsafeMutablePointer<Open>.allocate(capacity: Self.depthLimit)
        // Safety: as above, and initialised here.
        keys = UnsafeMutablePointer<Key?>.allocate(capacity: Self.keyCount)
        keys.initialize(repeating: nil, count: Self.keyCount)
    }

    deinit {
        open.deallocate()
        keys.deallocate()
    }

    /// Keeps nothing of the record at hand, whose elements still open and close.
    mutating func drop() {
        isDropping = true
        tape.reset()
        texts.removeAll()
        tapeText = -1
        markupDepth = 0
    }

    /// Forgets the record at hand.
    mutating func abandon() {
        drop()
        depth = 0
        declarations.removeAll()
    }

    // MARK: Events

    mutating func start(_ element: MarkupElement) {
        if element.declarationCount > 0 { declarations.append((depth, element.declarationText)) }
        if depth == 0 {
            tape.reset()
            tape.beginRecord()
            texts.removeAll()
            tapeText = -1
            isDropping = false
            recordCount += 1
        }
        if tapeText >= 0 { stackText() }
        let isInMarkup = markupDepth > 0
        if !isDropping, !isInMarkup, depth > 0 {
            openObject(depth - 1)
            appendKey(element.name, nil, isAttribute: false)
        }
        open[depth] = Open(
            name: element.name,
            prefix: element.prefix,
            namespace: element.namespace,
            textStart: texts.count
        )
        depth += 1
        guard !isDropping else { return }
        if isInMarkup {
            appendStartTag(element)
            return
        }
        let isMarkup = !markup.isEmpty && markup.contains { element.nameBytes.elementsEqual($0) }
        if isMarkup { markupDepth = depth }
        guard isMarkup || depth == 1 || element.attributeCount > 0 else { return }
        openObject(depth - 1)
        for index in 0..<element.attributeCount {
            if let attribute = element.attribute(index) { append(attribute) }
        }
    }

    mutating func end() {
        depth -= 1
        while !declarations.isEmpty, declarations[declarations.count - 1].depth >= depth { declarations.removeLast() }
        guard !isDropping else { return }
        let level = open[depth]
        if markupDepth > 0, markupDepth <= depth {
            appendEndTag(level)
            return
        }
        if markupDepth > 0 {
            markupDepth = 0
            appendKey("#markup")
            let count = texts.count - level.textStart
            let isEscaped = memchr(texts.base + level.textStart, Int32(UInt8(ascii: "\\")), count) != nil
            appendText(from: level.textStart, isEscaped: isEscaped)
            tape.end()
        } else if tapeText >= 0 {
            endText(level)
            return
        } else if level.isObject {
            if !isBlank(UnsafeRawBufferPointer(rebasing: texts.bytes[level.textStart...])) {
                appendKey("#text")
                appendText(from: level.textStart, isEscaped: level.isEscaped)
            }
            tape.end()
        } else {
            appendText(from: level.textStart, isEscaped: level.isEscaped)
        }
        texts.truncate(to: level.textStart)
    }

    @inline(__always)
    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard !isDropping else { return }
        if markupDepth > 0 {
            appendEscaped(text)
            return
        }
        appendText { $0.append(markupText: text) }
    }

    /// Takes a text in which references and line ends of two bytes stand for others, as a veil has it.
    ///
    /// - Returns: False if it must come in pieces, with nothing that stands for something else.
    mutating func takes(spelledText text: UnsafeRawBufferPointer) -> Bool {
        if markupDepth > 0 { return false }
        if !isDropping { appendText { $0.append(spelledText: text) } }
        return true
    }

    /// Adds to the text of the innermost element.
    ///
    /// - Parameter body: Appends to a buffer, and returns whether it had to escape something.
    @inline(__always)
    private mutating func appendText(_ body: (inout OutputBuffer) -> Bool) {
        let isEscaped: Bool
        if texts.count == open[depth - 1].textStart {
            if tapeText < 0 { tapeText = tape.text.count }
            isEscaped = tape.withText(body)
        } else {
            isEscaped = body(&texts)
        }
        if isEscaped { open[depth - 1].isEscaped = true }
    }

    // MARK: The tape

    @inline(__always)
    private mutating func openObject(_ level: Int) {
        guard !open[level].isObject else { return }
        open[level].isObject = true
        tape.beginObject()
        let namespace = open[level].namespace
        guard namespace != (level == 0 ? nil : open[level - 1].namespace) else { return }
        appendKey("#ns")
        tape.string(UnsafeRawBufferPointer(namespace.map(MarkupElement.bytes) ?? .init(start: nil, count: 0)))
    }

    @inline(__always)
    private mutating func append(_ attribute: MarkupElement.Attribute) {
        appendKey(attribute.name, attribute.prefix, isAttribute: true)
        let start = tape.text.count
        let isEscaped = tape.withText { text in
            guard !attribute.isPlain else { return text.append(markupText: attribute.value) }
            return attribute.unescaped.withUnsafeBytes { text.append(markupText: $0) }
        }
        tape.string(from: start, isEscaped: isEscaped)
    }

    private mutating func appendKey(_ key: StaticString) { appendKey(key.utf8Start, nil, isAttribute: false) }

    /// Appends a name, whose bytes are written once in a record.
    @inline(__always)
    private mutating func appendKey(
        _ name: UnsafePointer<UInt8>,
        _ prefix: UnsafePointer<UInt8>?,
        isAttribute: Bool
    ) {
        // Names begin at any byte, and follow each other closely.
        let address = UInt(bitPattern: name)
        let slot = keys + Int((address ^ address &>> 6 ^ (isAttribute ? 1 : 0)) % UInt(Self.keyCount))
        if let known = slot.pointee, known.record == recordCount, known.name == name, known.prefix == prefix,
            known.isAttribute == isAttribute
        {
            tape.string(known.range, isEscaped: false)
            return
        }
        let start = tape.text.count
        tape.withText { text in
            if isAttribute { text.append(UInt8(ascii: "@")) }
            text.append(name: name, prefix: prefix)
        }
        tape.string(from: start, isEscaped: false)
        slot.pointee = Key(
            name: name,
            prefix: prefix,
            isAttribute: isAttribute,
            range: start..<tape.text.count,
            record: recordCount
        )
    }

    private mutating func appendText(from mark: Int, isEscaped: Bool) {
        let start = tape.text.count
        let bytes = UnsafeRawBufferPointer(start: texts.base + mark, count: texts.count - mark)
        tape.withText { $0.append(bytes) }
        tape.string(from: start, isEscaped: isEscaped)
    }

    /// Moves the text of an element that has a child to the stack.
    private mutating func stackText() {
        texts.append(UnsafeRawBufferPointer(rebasing: tape.text.bytes[tapeText...]))
        tape.withText { $0.truncate(to: tapeText) }
        tapeText = -1
    }

    /// Ends an element whose whole text is on the tape.
    private mutating func endText(_ level: Open) {
        let text = tapeText..<tape.text.count
        tapeText = -1
        guard level.isObject else {
            tape.string(text, isEscaped: level.isEscaped)
            return
        }
        if isBlank(UnsafeRawBufferPointer(rebasing: tape.text.bytes[text])) {
            tape.withText { $0.truncate(to: text.lowerBound) }
        } else {
            appendKey("#text")
            tape.string(text, isEscaped: level.isEscaped)
        }
        tape.end()
    }

    /// Whether a text, which is spelled as in JSON, is white space only.
    private func isBlank(_ text: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        while at < text.count {
            if text[at] == 0x20 {
                at += 1
            } else if text[at] == UInt8(ascii: "\\"), text[at + 1] != UInt8(ascii: "\\"),
                text[at + 1] != UInt8(ascii: "\"")
            {
                at += 2
            } else {
                return false
            }
        }
        return true
    }

    // MARK: Markup that is kept

    private mutating func appendStartTag(_ element: MarkupElement) {
        texts.append(UInt8(ascii: "<"))
        texts.append(name: element.name, prefix: element.prefix)
        for index in 0..<element.attributeCount {
            guard let attribute = element.attribute(index) else { continue }
            texts.append(UInt8(ascii: " "))
            texts.append(name: attribute.name, prefix: attribute.prefix)
            texts.append("=\\\"")
            attribute.unescaped.withUnsafeBytes { appendEscaped($0, quote: true) }
            texts.append("\\\"")
        }
        texts.append(UInt8(ascii: ">"))
        emptyMark = texts.count
    }

    private mutating func appendEndTag(_ level: Open) {
        let name = MarkupElement.bytes(level.name)
        if texts.count == emptyMark, Self.voidNames.contains(where: { name.elementsEqual($0) }) {
            texts.truncate(to: emptyMark - 1)
            texts.append("/>")
        } else {
            texts.append("</")
            texts.append(name: level.name, prefix: level.prefix)
            texts.append(UInt8(ascii: ">"))
        }
        emptyMark = -1
    }

    /// Elements for which an end tag means another element, or nothing, to a reader of HTML.
    private static let voidNames = ["br", "img", "hr", "wbr", "input", "col", "area", "link", "meta"]
        .map { Array($0.utf8) }

    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer, quote: Bool = false) {
        var copied = 0
        for (at, byte) in text.enumerated() {
            let entity: StaticString
            switch byte {
            case UInt8(ascii: "&"): entity = "&amp;"
            case UInt8(ascii: "<"): entity = "&lt;"
            case UInt8(ascii: ">"): entity = "&gt;"
            case UInt8(ascii: "\"") where quote: entity = "&quot;"
            default: continue
            }
            _ = texts.append(markupText: UnsafeRawBufferPointer(rebasing: text[copied..<at]))
            texts.append(entity)
            copied = at + 1
        }
        _ = texts.append(markupText: UnsafeRawBufferPointer(rebasing: text[copied...]))
    }

    // MARK: For another parser

    /// The start tags of the open elements, for a parser that goes on inside the record.
    var openTags: [UInt8] {
        (0..<depth).reduce(into: []) { tags, level in
            tags.append(UInt8(ascii: "<"))
            if let prefix = open[level].prefix { tags += Array(MarkupElement.bytes(prefix)) + [UInt8(ascii: ":")] }
            tags += MarkupElement.bytes(open[level].name)
            for declaration in declarations where declaration.depth == level { tags += declaration.text }
            tags.append(UInt8(ascii: ">"))
        }
    }

    /// The local name of the record's element.
    var rootName: [UInt8]? { depth > 0 ? Array(MarkupElement.bytes(open[0].name)) : nil }
}

extension OutputBuffer {
    /// Appends a name as it was written; names hold nothing that JSON escapes.
    @inline(__always)
    fileprivate mutating func append(name: UnsafePointer<UInt8>, prefix: UnsafePointer<UInt8>?) {
        if let prefix {
            append(UnsafeRawBufferPointer(MarkupElement.bytes(prefix)))
            append(UInt8(ascii: ":"))
        }
        append(UnsafeRawBufferPointer(MarkupElement.bytes(name)))
    }
}
