// Records whose texts hold more records: JSON in a cell, base64, lists between commas, whole transcripts.

internal import InteractionModel

/// Makes copies of records in which texts are replaced by the values that they spell.
///
/// Rules then see real structure: each of its values is marked, counted and kept like any other.
final class RecordUnpacker {
    /// Copies that are valid until the next record: a rule's unpacking goes from one to the other and back.
    private var even = RecordTape()
    private var odd = RecordTape()
    private var mended = RecordTape()
    private var around = RecordTape()
    private var writer = UnpackedWriter()

    /// Whether a text of the record at hand was too long for a regular expression.
    var hasOverlong: Bool { writer.hasOverlong }

    /// Unpacks texts of a record.
    ///
    /// - Parameters:
    ///   - record: The record.
    ///   - rules: What to unpack, in order: a later path may lead into what an earlier one unpacked.
    /// - Returns: The record with what could be unpacked; valid until the next call.
    func unpack(_ record: JSONView, _ rules: [UnpackRule]) -> JSONView {
        writer.hasOverlong = false
        var view = record
        var isEven = true
        for rule in rules {
            let texts = Self.texts(at: rule.path, view)
            guard !texts.isEmpty else { continue }
            if isEven {
                view = Self.copy(view, texts, rule.steps, &even, &writer)
            } else {
                view = Self.copy(view, texts, rule.steps, &odd, &writer)
            }
            isEven.toggle()
        }
        return view
    }

    /// Puts right all texts of a record, and of what surrounds it, that were written as mojibake.
    func mend(_ record: JSONView, _ context: JSONView?) -> (record: JSONView, context: JSONView?) {
        (Self.mend(record, &mended), context.map { Self.mend($0, &around) })
    }

    /// The texts at a path, by the nodes that they stand for.
    private static func texts(at path: ValuePath, _ view: JSONView) -> [Int: Int] {
        var texts: [Int: Int] = [:]
        Scope(record: view, context: nil).visit(path) { found in
            let text = found.textNode
            guard view.kind(text) == .string else { return true }
            // An element with nothing but a text stands for that.
            let isAll = text == found.node + 2 && view.next(text) == view.next(found.node)
            texts[isAll ? found.node : text] = text
            return true
        }
        return texts
    }

    private static func copy(
        _ view: JSONView,
        _ texts: [Int: Int],
        _ steps: [UnpackRule.Step],
        _ tape: inout RecordTape,
        _ writer: inout UnpackedWriter
    ) -> JSONView {
        tape.reset()
        tape.beginRecord()
        tape.append(copyOf: view, view.root) { node, tape in
            guard let text = texts[node] else { return false }
            return writer.write(view.text(text).unescaped(), steps, &tape)
        }
        return tape.view(firstNode: 0, textStart: 0)
    }

    private static func mend(_ view: JSONView, _ tape: inout RecordTape) -> JSONView {
        tape.reset()
        tape.beginRecord()
        tape.append(copyOf: view, view.root) { node, tape in
            guard view.kind(node) == .string else { return false }
            let text = view.text(node)
            // Most texts are ASCII, which was never broken.
            guard text.form == .escaped || text.bytes.contains(where: { $0 >= 0x80 }) else { return false }
            TextCodes.mojibakeRepaired(text.unescaped()).withUnsafeBytes { tape.string($0) }
            return true
        }
        return tape.view(firstNode: 0, textStart: 0)
    }
}

/// Writes what a text spells.
struct UnpackedWriter: ~Copyable {
    private var json = JSONTape()
    private var html = HTMLText()
    private var patterns: [String: Regex<AnyRegexOutput>] = [:]
    var hasOverlong = false

    /// Writes a value.
    ///
    /// - Returns: False, with nothing written, if the text is not what the steps say.
    mutating func write(_ text: [UInt8], _ steps: [UnpackRule.Step], _ tape: inout RecordTape) -> Bool {
        var text = text
        for (index, step) in steps.enumerated() {
            switch step {
            case .base64, .html:
                guard let decoded = decoded(text, step) else { return false }
                text = decoded
            case .json: return write(json: text, &tape)
            case .pieces, .sections, .cut:
                tape.beginArray()
                writeItems(text, steps[index...], &tape)
                tape.end()
                return true
            }
        }
        text.withUnsafeBytes { tape.string($0) }
        return true
    }

    /// A text without the form that a step says it has; nil if it does not have it.
    private mutating func decoded(_ text: [UInt8], _ step: UnpackRule.Step) -> [UInt8]? {
        switch step {
        case .base64: TextCodes.base64Decoded(text)
        case .html: text.withUnsafeBytes { html.plain($0) }
        case .json, .pieces, .sections, .cut: text
        }
    }

    /// Writes the items of a list: the pieces of a text, what it is cut into, or what each of its sections is.
    private mutating func writeItems(_ text: [UInt8], _ steps: ArraySlice<UnpackRule.Step>, _ tape: inout RecordTape) {
        switch steps.first {
        case .pieces(let separator):
            for piece in String(decoding: text, as: UTF8.self).pieces(between: separator) {
                Self.write(piece, &tape)
            }
        case .sections(let opening):
            for (index, rest) in String(decoding: text, as: UTF8.self).pieces(between: opening).enumerated() {
                let section = index == 0 ? rest : opening + rest
                writeItems(Array(section.utf8), steps.dropFirst(), &tape)
            }
        case .cut(let pattern): writeItems(cutting: String(decoding: text, as: UTF8.self), pattern, &tape)
        case .some(let step): writeItems(decoded(text, step) ?? text, steps.dropFirst(), &tape)
        case nil: text.withUnsafeBytes { tape.string($0) }
        }
    }

    private mutating func write(json text: [UInt8], _ tape: inout RecordTape) -> Bool {
        let padded = PaddedBytes(text)
        guard (try? json.scan(padded.start, count: padded.count)) != nil else { return false }
        let view = json.view(of: padded.start)
        guard [.object, .array].contains(view.kind(view.root)) else { return false }
        tape.append(copyOf: view, view.root) { _, _ in false }
        return true
    }

    /// Writes an object for each line that begins an entry; other lines go on the last group of the entry before.
    private mutating func writeItems(cutting text: String, _ pattern: String, _ tape: inout RecordTape) {
        if patterns[pattern] == nil { patterns[pattern] = try? Regex(pattern) }
        let names = Self.groups(of: pattern)
        // A profile whose expression is none, or has no group, is refused when it is read.
        guard let regex = patterns[pattern], let last = names.last else { return }
        var groups: [(name: String, text: String)] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if let found = match(regex, line) {
                Self.write(groups, &tape)
                groups = found
            } else if let end = groups.indices.last, groups[end].name == last {
                groups[end].text += "\n" + line
            } else {
                // Before the first entry, or where the last group is absent.
                groups.append((last, String(line)))
            }
        }
        Self.write(groups, &tape)
    }

    private mutating func match(_ regex: Regex<AnyRegexOutput>, _ line: Substring) -> [(name: String, text: String)]? {
        guard line.utf8.count <= TextStep.longestMatched else {
            hasOverlong = true
            return nil
        }
        guard let match = try? regex.wholeMatch(in: line) else { return nil }
        return match.output.compactMap { group in
            guard let name = group.name, let text = group.substring else { return nil }
            return (name, String(text))
        }
    }

    private static func write(_ groups: [(name: String, text: String)], _ tape: inout RecordTape) {
        guard groups.contains(where: { $0.text.contains { !$0.isWhitespace } }) else { return }
        tape.beginObject()
        for group in groups {
            write(group.name, &tape)
            // Empty lines before the next entry are no part of this one.
            let end = group.text.lastIndex { !$0.isNewline }
            write(end.map { String(group.text[...$0]) } ?? "", &tape)
        }
        tape.end()
    }

    private static func write(_ text: String, _ tape: inout RecordTape) {
        var text = text
        text.withUTF8 { tape.string(UnsafeRawBufferPointer($0)) }
    }

    /// The names of a regular expression's groups, in order.
    static func groups(of pattern: String) -> [String] {
        pattern.components(between: "(?<", ">").filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
    }
}

extension String {
    /// The texts between separators, also the empty ones.
    func pieces(between separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    fileprivate func components(between opening: String, _ closing: String) -> [String] {
        split(separator: opening, omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            rest.firstRange(of: closing).map { String(rest[..<$0.lowerBound]) }
        }
    }
}
