// A record with its structure and without its contents.

internal import InteractionMapping
internal import InteractionModel

/// Writes a record's values with other letters and digits in them, the same for the same text.
///
/// The replacements depend on the whole record, so that nobody can try out what a short text may have been.
struct RecordScrambler {
    private let salt: [UInt8]
    /// Times move by so many days into the past: whole weeks, so that days of the week stay.
    private let days: Int64

    /// Makes a scrambler for one record.
    ///
    /// - Parameter record: The record's bytes.
    init(_ record: UnsafeRawBufferPointer) {
        var content = ContentDigest()
        content.update(record)
        salt = content.finish()
        days = 7 * (5 + Int64(salt[0]) % 100)
    }

    /// Appends a value.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - node: The value.
    ///   - key: The name of the member that it is, or is an element of.
    ///   - out: Where to.
    func write(_ view: JSONView, _ node: Int, key: String = "", to out: inout OutputBuffer) {
        switch view.kind(node) {
        case .object:
            out.append("{")
            view.forEachMember(node) { name, value in
                out.append(string: view.text(name))
                out.append(":")
                write(view, value, key: view.text(name).string, to: &out)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        case .array:
            out.append("[")
            view.forEachElement(node) { element in
                write(view, element, key: key, to: &out)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("]")
        case .string: out.append(quoted: scrambled(view.text(node).string, key: key))
        case .number: out.append(text: scrambled(number: String(decoding: view.bytes(node), as: UTF8.self)))
        default: out.append(view.bytes(node))
        }
    }

    // MARK: Values

    /// The text of a cell, an element or an attribute with other letters and digits in it.
    ///
    /// What spells a value of JSON goes on to spell one of its kind; white space around it stays.
    func scrambled(cell text: String, key: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
        else { return text }
        return text[..<first] + value(String(text[first...last]), key) + text[text.index(after: last)...]
    }

    private func value(_ text: String, _ key: String) -> String {
        if ["true", "false", "null"].contains(text.lowercased()) { return text }
        if let part = SharedTime.part(text, of: key) { return part }
        let mayBeJSON = text.utf8.first.map { "{[-0123456789".utf8.contains($0) } ?? false
        guard mayBeJSON else { return scrambled(text, key: key) }
        let padded = PaddedBytes(Array(text.utf8))
        var tape = JSONTape()
        guard (try? tape.scan(padded.start, count: padded.count)) != nil else { return scrambled(text, key: key) }
        let view = tape.view(of: padded.start)
        guard view.kind(view.root) == .number else {
            var out = OutputBuffer(capacity: text.utf8.count + 64)
            write(view, view.root, key: key, to: &out)
            return String(decoding: out.bytes, as: UTF8.self)
        }
        // Ten digits are as likely a telephone number as a time.
        return text.utf8.count == 1 ? text : SharedTime.shifted(text, days: days) ?? replaced(text, isNumber: true)
    }

    private func scrambled(_ text: String, key: String) -> String {
        if let time = SharedTime.shifted(text, days: days) { return time }
        if !KeptWords.areTexts(key), KeptWords.all.contains(text.lowercased()) { return text }
        return replaced(text)
    }

    private func scrambled(number: String) -> String {
        // One digit is a kind of something more often than it is somebody's.
        if number.utf8.count == 1 { return number }
        return SharedTime.shifted(epoch: number, days: days) ?? replaced(number, isNumber: true)
    }

    private func replaced(_ text: String, isNumber: Bool = false) -> String {
        var random = TextRandom(salt, text)
        let isHexadecimal =
            text.utf8.count >= 32
            && text.utf8.allSatisfy { UInt8(ascii: "-") == $0 || ByteWord.hexValue($0) != nil }
        var result = ""
        var scheme = text.hasPrefix("https://") ? 5 : text.hasPrefix("http://") ? 4 : 0
        var isTag = false
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            let isName = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            isTag = previous == "<" ? scalar == "/" || isName : isTag && (isName || previous == "/" && isName)
            let isKept = scheme > 0 || isTag || isNumber && (scalar == "e" || scalar == "E")
            let mayBeZero = previous != " " && previous != "-" && previous != "+" || text.unicodeScalars.count == 1
            result.unicodeScalars.append(
                isKept ? scalar : random.replacement(for: scalar, isHexadecimal: isHexadecimal, mayBeZero: mayBeZero)
            )
            scheme -= 1
            previous = scalar
        }
        return result
    }
}

/// Words that say what something is, and not who or what it is about.
enum KeptWords {
    /// The words of payloads and of the built-in profiles, in lower case.
    static let all: Set<String> = {
        var words: Set<String> = [
            "enduser", "user", "agent", "operator", "bot", "system", "chat", "voice", "email", "message", "interaction",
            "customerinteraction", "superpower", "none",
        ]
        for name in BuiltInProfiles.names {
            for line in (BuiltInProfiles.source(of: name) ?? "").split(separator: "\n") {
                let rule = line.prefix { $0 != "#" }
                guard !rule.hasPrefix("title:") else { continue }
                for word in rule.split(whereSeparator: { !$0.isLetter && $0 != "_" && $0 != "-" && $0 != "." }) {
                    if word.utf8.count > 1 { words.insert(word.lowercased()) }
                }
            }
        }
        return words
    }()

    /// Whether a member of this name is something that people wrote.
    static func areTexts(_ key: String) -> Bool {
        let name = key.lowercased()
        return ["content", "text", "body", "message", "name", "title", "subject", "email", "phone"].contains {
            name.contains($0)
        }
    }
}

/// Letters and digits that follow from a text.
private struct TextRandom {
    private var state: UInt64

    init(_ salt: [UInt8], _ text: String) {
        var content = ContentDigest()
        (salt + text.utf8).withUnsafeBytes { content.update($0) }
        state = content.finish().withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    private mutating func next(below bound: UInt32) -> UInt32 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt32(state >> 33) % bound
    }

    /// A character of the same class and, in UTF-8, of the same length; what is no letter and no digit stays.
    mutating func replacement(for scalar: Unicode.Scalar, isHexadecimal: Bool, mayBeZero: Bool) -> Unicode.Scalar {
        let letters: UInt32 = isHexadecimal ? 6 : 26
        switch scalar {
        case "0" where !mayBeZero: return scalar
        case "0"..."9": return Unicode.Scalar(UInt8(mayBeZero ? 0x30 + next(below: 10) : 0x31 + next(below: 9)))
        case "a"..."z": return Unicode.Scalar(UInt8(0x61 + next(below: letters)))
        case "A"..."Z": return Unicode.Scalar(UInt8(0x41 + next(below: letters)))
        case _ where scalar.isASCII || !scalar.properties.isAlphabetic: return scalar
        default:
            switch UTF8.width(scalar) {
            case 2: return scalar.properties.isUppercase ? "É" : "é"
            case 3: return "文"
            default: return "𝒂"
            }
        }
    }
}
