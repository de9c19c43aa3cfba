// The elements of HTML that matter for plain text.

internal import Glibc

/// What an element means for a reader of plain text.
enum HTMLTag {
    /// Text flows through it.
    case inline
    /// Begins and ends on lines of its own.
    case block
    /// The same, with a blank line before and after.
    case paragraph
    case lineBreak
    case preformatted
    case list(isOrdered: Bool)
    case item
    case cell
    case link
    case image
    case emoji
    /// Nothing in it is meant for readers.
    case hidden

    private static let tags: [String: HTMLTag] = {
        var tags: [String: HTMLTag] = [
            "br": .lineBreak, "pre": .preformatted, "ul": .list(isOrdered: false), "ol": .list(isOrdered: true),
            "menu": .list(isOrdered: false), "li": .item, "td": .cell, "th": .cell, "a": .link, "img": .image,
            "emoji": .emoji,
        ]
        let hidden = ["script", "style", "head", "title", "template", "noscript", "svg", "object"]
        for name in hidden { tags[name] = .hidden }
        for name in ["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "dl", "hr", "figure"] {
            tags[name] = .paragraph
        }
        let blocks = [
            "div", "tr", "dt", "dd", "section", "article", "header", "footer", "aside", "main", "nav", "address",
            "form",
            "fieldset", "center", "caption", "figcaption", "legend", "body", "html", "summary", "details",
        ]
        for name in blocks { tags[name] = .block }
        return tags
    }()

    /// Looks up a name in lower case.
    init(_ name: UnsafePointer<UInt8>) { self = Self.tags[String(cString: name)] ?? .inline }
}

/// An element's attributes, valid during the callback that told them.
struct HTMLAttributes {
    // Safety: names and values in turn, ended by null; nil if there are none.
    let pairs: UnsafeMutablePointer<UnsafePointer<UInt8>?>?

    /// The value of an attribute, without white space around it; nil if there is none or it is blank.
    subscript(_ name: StaticString) -> [UInt8]? {
        guard var pair = pairs else { return nil }
        while let candidate = pair[0] {
            // Safety: both are terminated strings.
            let isEqual = UnsafeRawPointer(candidate).withMemoryRebound(to: CChar.self, capacity: 1) { candidate in
                UnsafeRawPointer(name.utf8Start).withMemoryRebound(to: CChar.self, capacity: 1) {
                    strcmp(candidate, $0) == 0
                }
            }
            if isEqual {
                guard let value = pair[1] else { return nil }
                let length = UnsafeRawPointer(value).withMemoryRebound(to: CChar.self, capacity: 1) { strlen($0) }
                let text = UnsafeBufferPointer(start: value, count: length).drop { $0 <= 0x20 }
                let end = text.lastIndex { $0 > 0x20 }
                return end.map { Array(text[...$0]) }
            }
            pair += 2
        }
        return nil
    }
}
