// Text that is part of a page: what is put into it is escaped, so that no value can become markup.

/// A piece of HTML, written as a literal with values in it.
///
/// The literal is markup; a `String` that is put into it is text, in element content and in quoted attributes alike.
struct HTML: ExpressibleByStringInterpolation {
    private(set) var text: String

    init(stringLiteral text: String) { self.text = text }

    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    static func += (left: inout HTML, right: HTML) { left.text += right.text }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }

        /// Adds a value as text.
        mutating func appendInterpolation(_ value: String) { HTML.escape(value, into: &text) }

        /// Adds markup.
        mutating func appendInterpolation(_ html: HTML) { text += html.text }

        /// Adds pieces of markup one after the other.
        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { text += piece.text }
        }

        /// Adds a number for people: `12,345`.
        mutating func appendInterpolation(_ number: Int) { text += HTML.grouped(number) }

        /// Adds the content of a `style` or `script` element, which is not escaped: it is the project's own.
        mutating func appendInterpolation(own content: [UInt8]) { text += String(decoding: content, as: UTF8.self) }

        /// Adds digits as they are, for attributes.
        mutating func appendInterpolation(digits number: Int) { text += String(number) }
    }

    private static func escape(_ value: String, into text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            // Line feeds too: a value is one line. What cannot be seen is shown by its picture.
            case "\u{0}"..."\u{1F}": text.unicodeScalars.append(picture(0x2400 + scalar.value))
            case "\u{7F}": text.unicodeScalars.append("\u{2421}")
            // What turns the direction of writing would let a name show another one.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{200E}", "\u{200F}":
                text += "⟨U+" + String(scalar.value, radix: 16, uppercase: true) + "⟩"
            case "\u{80}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": text.unicodeScalars.append("\u{FFFD}")
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func picture(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? "\u{FFFD}" }

    /// A number with a comma between thousands.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number.magnitude).reversed().enumerated() {
            if place > 0, place % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "−" : "") + String(text.reversed())
    }

    /// A number of bytes in a unit that leaves few digits: `1.4 MB`.
    static func size(_ bytes: Int) -> String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var (value, unit) = (bytes, 0)
        let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
        while value >= 1_000_000, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let tenths = (value + 50) / 100
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(grouped(tenths / 10)) \(units[unit])"
    }

    /// A share in percent: `12.5 %`, `100.0 %` for all and for nothing less, `< 0.1 %` for what is there at all.
    static func percent(_ part: Int, of whole: Int) -> String {
        guard whole > 0, part > 0 else { return "0 %" }
        let tenths = Int(Double(part) / Double(whole) * 1000)
        if tenths == 0 { return "< 0.1 %" }
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// A text of which no more is shown than people read; what is left out is said.
    static func clipped(_ text: String, to count: Int) -> String {
        guard text.utf8.count > count else { return text }
        let part = text.prefix(count)
        return part.endIndex == text.endIndex ? text : part + "… (\(grouped(text.utf8.count)) bytes in all)"
    }
}
