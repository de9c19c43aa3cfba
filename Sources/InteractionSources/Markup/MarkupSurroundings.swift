// What surrounds the records of an XML document: their ancestors, with what came before them there.

internal import InteractionModel

/// The open elements that hold records or may hold some, from the root down.
///
/// An element that turns out to hold none becomes a member of its parent, if it is small enough; later records see it.
struct MarkupSurroundings: ~Copyable {
    /// Elements that are kept of one parent.
    static let largestChildCount = 64
    /// Bytes that are kept of one element.
    static let largestText = 64 << 10

    fileprivate struct Token {
        enum Kind {
            case string
            case begin
            case end
        }

        let kind: Kind
        var count = 0
    }

    fileprivate struct Level {
        let name: UnsafePointer<UInt8>
        let prefix: UnsafePointer<UInt8>?
        let namespace: UnsafePointer<UInt8>?
        let declarations: [UInt8]
        let progress: MarkupMatcher.Progress
        /// Members so far: keys and values in turn, with their texts one after the other in ``text``.
        var tokens: [Token] = []
        var text: [UInt8] = []
        /// Direct character data.
        var own: [UInt8] = []
        /// Whether something was too large to be kept.
        var isIncomplete = false
        var childCount = 0
        var hasRecords = false
        /// Values among the members that no record has seen yet.
        var unseen = 0
    }

    private var levels: [Level] = []
    private var hasStrayText = false
    /// Values that no record's surroundings hold.
    private(set) var lostCount = 0
    /// Changes whenever ``write(to:)`` would write something else.
    private(set) var version = 0

    /// How many elements are open.
    var depth: Int { levels.count }

    /// The path's progress at the innermost element.
    var progress: MarkupMatcher.Progress { progress(below: levels.count) }

    /// The path's progress below the first few elements.
    func progress(below depth: Int) -> MarkupMatcher.Progress {
        depth == 0 ? MarkupMatcher.start : levels[depth - 1].progress
    }

    // MARK: Events

    mutating func start(_ element: MarkupElement, progress: MarkupMatcher.Progress) {
        dropBlankText()
        version += 1
        var level = Level(
            name: element.name,
            prefix: element.prefix,
            namespace: element.namespace,
            declarations: element.declarationText,
            progress: progress
        )
        if let namespace = element.namespace, namespace != levels.last?.namespace {
            level.appendString("#ns".utf8)
            level.appendString(MarkupElement.bytes(namespace))
        }
        for index in 0..<element.attributeCount {
            guard let attribute = element.attribute(index) else { continue }
            level.append(attribute: attribute)
        }
        levels.append(level)
    }

    mutating func text(_ text: UnsafeRawBufferPointer) {
        guard let last = levels.indices.last else {
            guard !hasStrayText, !text.allSatisfy(\.isMarkupSpace) else { return }
            hasStrayText = true
            lostCount += 1
            return
        }
        if levels[last].own.count + text.count <= Self.largestText {
            levels[last].own += text
        } else {
            levels[last].isIncomplete = true
        }
    }

    /// Forgets the white space before a tag, which nobody means.
    private mutating func dropBlankText() {
        hasStrayText = false
        guard let last = levels.indices.last, levels[last].own.allSatisfy(\.isMarkupSpace) else { return }
        levels[last].own.removeAll(keepingCapacity: true)
    }

    mutating func end() {
        guard var level = levels.popLast() else { return }
        version += 1
        let ownCount = level.own.allSatisfy(\.isMarkupSpace) ? 0 : 1
        guard !level.hasRecords, !level.isIncomplete, let parent = levels.indices.last,
            levels[parent].childCount < Self.largestChildCount,
            levels[parent].text.count + level.text.count + level.own.count <= Self.largestText
        else {
            lostCount += level.unseen + ownCount
            return
        }
        levels[parent].childCount += 1
        levels[parent].appendString(MarkupElement.bytes(level.name))
        if level.tokens.isEmpty {
            levels[parent].appendString(level.own)
            levels[parent].unseen += ownCount
            return
        }
        if ownCount > 0 {
            level.unseen += 1
            level.appendString("#text".utf8)
            level.appendString(level.own)
        }
        levels[parent].tokens.append(Token(kind: .begin))
        levels[parent].tokens += level.tokens
        levels[parent].tokens.append(Token(kind: .end))
        levels[parent].text += level.text
        levels[parent].unseen += level.unseen
    }

    /// Gives up the innermost elements, whose ends will not come.
    mutating func truncate(to depth: Int) {
        while levels.count > depth, let level = levels.popLast() {
            lostCount += level.unseen
            version += 1
        }
    }

    // MARK: For records

    /// Marks that a record stands here, which sees everything that came before it.
    mutating func meetRecord() {
        dropBlankText()
        for index in levels.indices.reversed() {
            // An earlier record saw all of this and of what is above.
            if levels[index].hasRecords, levels[index].unseen == 0 { break }
            levels[index].hasRecords = true
            levels[index].unseen = 0
        }
    }

    /// Writes the surroundings as a record of a tape: the parent, with its own parent under `^`, and so on.
    func write(to tape: inout RecordTape) {
        tape.beginRecord()
        for index in levels.indices.reversed() {
            if index < levels.count - 1 { tape.string("^") }
            tape.beginObject()
            levels[index].text.withUnsafeBytes { text in
                var start = 0
                for token in levels[index].tokens {
                    switch token.kind {
                    case .begin: tape.beginObject()
                    case .end: tape.end()
                    case .string:
                        tape.string(UnsafeRawBufferPointer(rebasing: text[start..<start + token.count]))
                        start += token.count
                    }
                }
            }
        }
        for _ in levels { tape.end() }
    }

    // MARK: For another parser

    /// The start tags of the open elements, for a parser that goes on inside them.
    var openTags: [UInt8] {
        levels.reduce(into: []) { tags, level in
            tags.append(UInt8(ascii: "<"))
            tags += level.writtenName
            tags += level.declarations
            tags.append(UInt8(ascii: ">"))
        }
    }

    /// The innermost open element with a name as it was written, prefix included.
    ///
    /// - Parameter name: The name.
    /// - Returns: How many elements are open down to it.
    func depth(ofOpen name: some Sequence<UInt8>) -> Int? {
        levels.lastIndex { $0.writtenName.elementsEqual(name) }.map { $0 + 1 }
    }
}

extension MarkupSurroundings.Level {
    fileprivate var writtenName: [UInt8] {
        (prefix.map { Array(MarkupElement.bytes($0)) + [UInt8(ascii: ":")] } ?? []) + MarkupElement.bytes(name)
    }

    fileprivate mutating func append(attribute: MarkupElement.Attribute) {
        guard text.count + attribute.value.count <= MarkupSurroundings.largestText else {
            isIncomplete = true
            unseen += 1
            return
        }
        let prefix = attribute.prefix.map { Array(MarkupElement.bytes($0)) + [UInt8(ascii: ":")] } ?? []
        appendString([UInt8(ascii: "@")] + prefix + MarkupElement.bytes(attribute.name))
        appendString(attribute.unescaped)
        if !attribute.value.allSatisfy({ $0 <= 0x20 }) { unseen += 1 }
    }

    fileprivate mutating func appendString(_ bytes: some Collection<UInt8>) {
        tokens.append(MarkupSurroundings.Token(kind: .string, count: bytes.count))
        text += bytes
    }
}

extension UInt8 {
    /// Whether XML counts it as white space.
    var isMarkupSpace: Bool { self == 0x20 || self == 0x0A || self == 0x09 || self == 0x0D }
}
