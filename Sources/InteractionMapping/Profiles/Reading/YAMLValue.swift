// A YAML document as the profile reader sees it: texts, lists and maps with their places.

/// A value of a YAML document; numbers, truth values and nulls are texts until somebody asks.
struct YAMLValue: Sendable {
    enum Content: Sendable {
        case text(String)
        case list([YAMLValue])
        case map([Member])
    }

    struct Member: Sendable {
        var key: String
        var place: YAMLPlace
        var value: YAMLValue
    }

    var content: Content
    var place: YAMLPlace
    /// Whether a text stands there without quotes.
    var isPlain = false
    /// Whether the text's characters stand one after the other from ``place`` on, behind the quote if there is one.
    var isOnOneLine = false

    /// Whether it is YAML's null.
    var isNull: Bool {
        guard isPlain, case .text(let text) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The text, unless it is a null.
    var text: String? {
        guard case .text(let text) = content, !isNull else { return nil }
        return text
    }

    /// The truth value that is written out.
    var flag: Bool? {
        switch content {
        case .text("true") where isPlain: true
        case .text("false") where isPlain: false
        default: nil
        }
    }

    /// The items of a list; a single value is a list of one.
    var items: [YAMLValue] {
        guard case .list(let items) = content else { return [self] }
        return items
    }

    /// What it is, for findings.
    var kindName: String {
        switch content {
        case .text: isNull ? "nothing" : "a text"
        case .list: "a list"
        case .map: "a map"
        }
    }

    /// The place of a character of the text.
    ///
    /// - Parameter offset: Bytes into the text.
    /// - Returns: That character's place as far as the spelling in the YAML shows it.
    func place(offset: Int) -> YAMLPlace {
        guard isOnOneLine, case .text(let text) = content else { return place }
        let before = String(decoding: text.utf8.prefix(offset), as: UTF8.self)
        return YAMLPlace(line: place.line, column: place.column + (isPlain ? 0 : 1) + before.unicodeScalars.count)
    }
}
