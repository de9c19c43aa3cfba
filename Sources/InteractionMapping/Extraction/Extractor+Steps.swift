// What a profile's steps do to a text.

internal import InteractionModel

extension Extractor {
    /// Applies one step.
    ///
    /// - Returns: The text after it; nil if there is none any more.
    mutating func apply(_ step: TextStep, _ text: TextSlice, _ scope: Scope) -> TextSlice? {
        switch step {
        case .html:
            guard options.html == .text else { return text }
            return keep(text.unescaped().withUnsafeBytes { html.plain($0) })
        case .percent: return keep(TextCodes.percentDecoded(text.unescaped()))
        case .mime:
            guard let part = TextCodes.bestPart(ofMIME: text.unescaped()) else { return nil }
            let text = keep(part.text)
            return part.isHTML ? apply(.html, text, scope) : text
        case .base64, .base64url: return TextCodes.base64Decoded(text.unescaped()).map { keep($0) }
        case .slack(let users, let name): return keep(slackText(text.unescaped(), users, name))
        case .mojibake: return keep(TextCodes.mojibakeRepaired(text.unescaped()))
        case .match(let pattern):
            guard text.count <= TextStep.longestMatched else {
                noteOverlong()
                return nil
            }
            return match(pattern, text.string)
        case .split(let separator, let index):
            let pieces = text.string.pieces(between: separator)
            let index = index ?? 0
            let position = index < 0 ? pieces.count + index : index
            return pieces.indices.contains(position) ? texts.keep(pieces[position]) : nil
        case .lower: return texts.keep(text.string.lowercased())
        case .trim:
            let all = text.string
            return texts.keep(String(all.trimmed))
        case .dedent:
            let lines = text.string.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let plain = lines.map { $0.drop { $0.isWhitespace } }.joined(separator: "\n")
            return texts.keep(String(plain.trimmed))
        case .map(let words, let otherwise):
            if let word = words[text.string.lowercased()] { return texts.keep(word) }
            switch otherwise {
            case .absent: return nil
            case .same: return text
            case .value(let word): return texts.keep(word)
            }
        case .absent(let words):
            let all = text.string
            return words.contains(all) ? nil : text
        }
    }

    mutating func noteOverlong() {
        note(
            .valueKept,
            .warning,
            path: nil,
            message: "a text of more than 64 KiB is too long for a regular expression, and was not looked at"
        )
    }

    private mutating func match(_ pattern: String, _ text: String) -> TextSlice? {
        if patterns[pattern] == nil { patterns[pattern] = try? Regex(pattern) }
        guard let regex = patterns[pattern], let match = try? regex.firstMatch(in: text) else { return nil }
        let group = match.output.count > 1 ? match.output[1] : match.output[0]
        return group.substring.map { texts.keep(String($0)) }
    }

    /// Slack's markup as text: `<@U1>` as the person's name, `<url|label>` as label and link, entities as characters.
    private mutating func slackText(_ text: [UInt8], _ users: String?, _ name: Expression?) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            guard text[at] == UInt8(ascii: "<"), let close = text[at...].firstIndex(of: UInt8(ascii: ">")) else {
                result.append(text[at])
                at += 1
                continue
            }
            let inner = text[(at + 1)..<close]
            let parts = inner.split(separator: UInt8(ascii: "|"), maxSplits: 1)
            let target = parts.first ?? []
            let label = parts.count > 1 ? parts[1] : nil
            switch target.first {
            case UInt8(ascii: "@"):
                let id = Array(target.dropFirst())
                let shown = userName(id, users, name) ?? label.map { Array($0) } ?? id
                result.append(UInt8(ascii: "@"))
                result.append(contentsOf: shown.first == UInt8(ascii: "@") ? Array(shown.dropFirst()) : shown)
            case UInt8(ascii: "#"):
                result.append(UInt8(ascii: "#"))
                result.append(contentsOf: label ?? target.dropFirst())
            case UInt8(ascii: "!"):
                if let label {
                    result.append(contentsOf: label)
                } else {
                    result.append(UInt8(ascii: "@"))
                    result.append(contentsOf: target.dropFirst())
                }
            default:
                if let label, !label.elementsEqual(target) {
                    result.append(contentsOf: label)
                    result.append(contentsOf: " (".utf8)
                    result.append(contentsOf: target)
                    result.append(UInt8(ascii: ")"))
                } else {
                    result.append(contentsOf: target)
                }
            }
            at = close + 1
        }
        return TextCodes.slackEntitiesDecoded(result)
    }

    private mutating func userName(_ id: [UInt8], _ users: String?, _ name: Expression?) -> [UInt8]? {
        guard let users, let name, let table = tables[users] else { return nil }
        guard let row = id.withUnsafeBytes({ table.row(TextSlice(plain: $0)) }) else { return nil }
        return text(name, Scope(row: row), .unused)?.unescaped()
    }
}

extension String {
    /// The text without white space at its ends.
    var trimmed: Substring {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
