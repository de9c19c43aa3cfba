// Differences for people: one column or two, with colours where they help.

internal import Glibc
internal import InteractionConversion

/// How differences look on standard output.
struct Screen {
    private let usesColour = Terminal.usesColour(STDOUT_FILENO)
    private let width: Int

    init() {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col >= 40
        let told = getenv("COLUMNS").flatMap { Int(String(cString: $0)) } ?? 0
        width = isKnown ? Int(size.ws_col) : told >= 40 ? told : 160
    }

    enum Colour: String {
        case bold = "1"
        case red = "31"
        case green = "32"
        case cyan = "36"
        case yellow = "33"
    }

    func paint(_ text: String, _ colour: Colour?) -> String {
        guard usesColour, let colour else { return text }
        return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
    }

    // MARK: Headings

    /// The names of what is compared.
    func heading(_ old: String, _ new: String, isSideBySide: Bool) -> String {
        if isSideBySide { return paint(row(old, " ", new), .bold) + "\n" }
        return paint("--- \(old)", .bold) + "\n" + paint("+++ \(new)", .bold) + "\n"
    }

    /// Which Interaction it is.
    func title(_ difference: InteractionDifference) -> String {
        guard let place = difference.place else { return "" }
        var text = "thread \(Self.safe(place.threadId))"
        if let part = place.part { text += ", part \(part)" }
        text += ", request \(Self.safe(place.requestId))"
        let messages = "\(place.messages) message\(place.messages == 1 ? "" : "s")"
        switch difference.kind {
        case .added: return paint("+ added: \(text), record \(place.record), \(messages)", .green) + "\n"
        case .removed: return paint("- removed: \(text), record \(place.record), \(messages)", .red) + "\n"
        case .equal, .changed:
            let records = "record \(difference.old?.record ?? 0) → \(difference.new?.record ?? 0)"
            return paint("@@ \(text), \(records) @@", .cyan) + "\n"
        }
    }

    // MARK: One column

    func unified(_ rows: DiffRows) -> String {
        var text = ""
        for row in rows.rows {
            guard case .line(let line) = row else {
                text += "  …\n"
                continue
            }
            let path = Self.safe(line.path)
            switch line.kind {
            case .same: text += "  \(path): \(Self.safe(line.new ?? ""))\n"
            case .moved:
                text += paint("~ \(path): moved, was \(Self.safe(line.oldPath ?? ""))", .yellow) + "\n"
            case .changed, .added, .removed:
                if let old = line.old { text += paint("- \(path): \(Self.safe(old))", .red) + "\n" }
                if let new = line.new { text += paint("+ \(path): \(Self.safe(new))", .green) + "\n" }
            }
        }
        return text
    }

    // MARK: Two columns

    func columns(_ rows: DiffRows) -> String {
        var text = ""
        for row in rows.rows {
            guard case .line(let line) = row else {
                text += "…\n"
                continue
            }
            let path = Self.safe(line.path)
            let old = line.old.map { "\(path): \(Self.safe($0))" } ?? ""
            let new = line.new.map { "\(path): \(Self.safe($0))" } ?? ""
            switch line.kind {
            case .same: text += self.row(old, " ", new)
            case .changed: text += paint(self.row(old, "|", new), .yellow)
            case .removed: text += paint(self.row(old, "<", ""), .red)
            case .added: text += paint(self.row("", ">", new), .green)
            case .moved: text += paint(self.row(Self.safe(line.oldPath ?? ""), "~", path), .yellow)
            }
            text += "\n"
        }
        return text
    }

    /// Two cells of one width with a mark between them; what is too long loses its middle, where paths are alike.
    func row(_ old: String, _ mark: String, _ new: String) -> String {
        let cell = (width - 3) / 2
        let left = Self.fitted(old, cell)
        let row = left + String(repeating: " ", count: max(0, cell - Self.columns(left))) + " \(mark) "
        let whole = row + Self.fitted(new, cell)
        return String(whole.reversed().drop { $0 == " " }.reversed())
    }

    private static func fitted(_ text: String, _ width: Int) -> String {
        guard columns(text) > width else { return text }
        let tail = suffix(text, columns: (width - 1) * 2 / 3)
        return prefix(text, columns: width - 1 - columns(tail)) + "…" + tail
    }

    private static func prefix(_ text: String, columns limit: Int) -> String {
        var used = 0
        return String(
            text.prefix { character in
                used += columns(String(character))
                return used <= limit
            }
        )
    }

    private static func suffix(_ text: String, columns limit: Int) -> String {
        String(prefix(String(text.reversed()), columns: limit).reversed())
    }

    /// The columns that a text takes on a terminal: two for each East Asian character and emoji.
    private static func columns(_ text: String) -> Int {
        text.reduce(0) { width, character in
            let first = character.unicodeScalars.first?.value ?? 0
            let isWide =
                (0x1100...0x115F).contains(first) || (0x2E80...0xA4CF).contains(first)
                || (0xAC00...0xD7A3).contains(first) || (0xF900...0xFAFF).contains(first)
                || (0xFE30...0xFE6F).contains(first) || (0xFF00...0xFF60).contains(first)
                || (0x1F300...0x1FAFF).contains(first) || (0x20000...0x3FFFD).contains(first)
            return width + (isWide ? 2 : 1)
        }
    }

    // MARK: Summary

    /// The groups as a table.
    func table(_ groups: [DiffSummary.Group]) -> String {
        var text = paint("      places  Interactions  what", .bold) + "\n"
        for group in groups {
            let what =
                switch group.pattern {
                case "": "Interaction \(group.kind.rawValue)"
                case "*": "other places \(group.kind.rawValue)"
                default: "\(Self.safe(group.pattern)): \(Self.safe(group.cause ?? group.kind.rawValue))"
                }
            let colour: Colour? = group.kind == .added ? .green : group.kind == .removed ? .red : nil
            text += "\(Self.number(group.count, 12))  \(Self.number(group.interactions, 12))  \(paint(what, colour))\n"
        }
        return text
    }

    /// A number with its thousands apart, to the right.
    static func number(_ number: Int, _ width: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(repeating: " ", count: max(0, width - text.count)) + text.reversed()
    }

    /// A text that cannot steer a terminal: control characters and marks of direction are spelled out.
    static func safe(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        return text.unicodeScalars.reduce(into: "") { result, scalar in
            guard isUnsafe(scalar) else {
                result.unicodeScalars.append(scalar)
                return
            }
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
