// Finds tags in XML text that no parser can read at the moment.

/// Where the search for the next tag stands.
struct MarkupSeeker {
    /// What begins at a `<`.
    enum Construct: Equatable {
        /// The bytes do not tell yet.
        case undecided
        case startTag(name: [UInt8])
        case endTag(name: [UInt8])
        /// Comments and CDATA: nothing counts before the terminator.
        case section(length: Int, terminator: [UInt8])
        case other
    }

    /// Bytes of a name at which it is none any more, wherever the input is cut.
    static let largestName = 256

    /// How far the search has come.
    private(set) var place = MarkupPlace()
    /// The name of the damaged record, which stands for every name where the path does.
    let damaged: [UInt8]?
    /// What ends the section that the search is in.
    var terminator: [UInt8]?
    /// An offset at which reading cannot go on.
    var forbidden: Int?
    /// Bytes at ``place`` that did not tell enough.
    var tail: [UInt8] = []

    /// Begins a search.
    ///
    /// - Parameters:
    ///   - place: Where.
    ///   - damaged: The local name of the record that was damaged.
    init(from place: MarkupPlace = MarkupPlace(), damaged: [UInt8]? = nil) {
        self.place = place
        self.damaged = damaged
    }

    /// Passes over bytes.
    mutating func advance(over bytes: Slice<UnsafeRawBufferPointer>) { place.advance(over: bytes) }

    /// Tells what begins at a `<`.
    ///
    /// - Parameter text: The text from there on.
    /// - Returns: What can be told from it.
    static func construct(_ text: Slice<UnsafeRawBufferPointer>) -> Construct {
        guard let first = text.dropFirst().first else { return .undecided }
        if first == UInt8(ascii: "!") {
            for (opening, terminator) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
                if text.starts(with: opening.utf8) {
                    return .section(length: opening.utf8.count, terminator: Array(terminator.utf8))
                }
                if opening.utf8.starts(with: text) { return .undecided }
            }
            return .other
        }
        let isEnd = first == UInt8(ascii: "/")
        let name = text.dropFirst(isEnd ? 2 : 1).prefix(largestName).prefix { !endsName($0) }
        guard name.count < largestName else { return .other }
        guard name.endIndex < text.endIndex else { return .undecided }
        guard let initial = name.first, startsName(initial) else { return .other }
        return isEnd ? .endTag(name: Array(name)) : .startTag(name: Array(name))
    }

    /// The name of the start tag that begins with some bytes, prefix included; nil if it is another construct.
    static func startTagName(_ tag: UnsafeRawBufferPointer) -> [UInt8]? {
        guard tag.count > 1, tag[0] == UInt8(ascii: "<"), startsName(tag[1]) else { return nil }
        return Array(tag.dropFirst().prefix { !endsName($0) })
    }

    /// A name without its prefix.
    static func localName(_ name: [UInt8]) -> [UInt8] {
        name.lastIndex(of: UInt8(ascii: ":")).map { Array(name[($0 + 1)...]) } ?? name
    }

    /// Whether a byte may begin a name.
    static func startsName(_ byte: UInt8) -> Bool {
        (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte >= 0x80 || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ":")
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "<")
    }
}
