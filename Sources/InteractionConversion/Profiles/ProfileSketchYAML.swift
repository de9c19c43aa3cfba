// The text of a proposed profile: lines, each with the reason for what it says.

/// Writes YAML line by line.
struct SketchText {
    private(set) var text = ""
    /// How many things are left to a person.
    private(set) var openQuestions = 0

    /// Whether the next line of YAML begins an item of a list.
    private var isItemDue = false

    /// Makes the next line the first one of an item; it and its like are indented one step deeper than the list.
    mutating func beginItem() { isItemDue = true }

    /// Adds a line.
    ///
    /// - Parameters:
    ///   - depth: How far it is indented, in steps of two blanks.
    ///   - content: The YAML.
    ///   - reason: Why, as a comment behind it.
    mutating func add(_ depth: Int, _ content: String, _ reason: String? = nil) {
        let isItem = isItemDue && !content.hasPrefix("#")
        if isItem { isItemDue = false }
        text += String(repeating: "  ", count: isItem ? depth - 1 : depth) + (isItem ? "- " : "") + content
        text += (reason.map { "  # " + $0 } ?? "") + "\n"
    }

    /// Adds a line that a person must look at.
    mutating func ask(_ depth: Int, _ content: String, _ question: String) {
        openQuestions += 1
        add(depth, content, "TODO: " + question)
    }

    /// Adds a question without a line to go with it.
    mutating func ask(_ depth: Int, _ question: String) {
        openQuestions += 1
        add(depth, "# TODO: " + question)
    }

    /// A text as YAML has it, also inside brackets and braces.
    static func scalar(_ text: String) -> String {
        let isPlain = text.wholeMatch(of: /[\p{L}_$^][\p{L}\p{N}_.$^\/+-]*( [\p{L}\p{N}_.$^\/+-]+)*/) != nil
        let isWord = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
        if isPlain, !isWord { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0xFEFF:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                quoted += "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    static func list(_ items: [String]) -> String { "[" + items.map(scalar).joined(separator: ", ") + "]" }
}
