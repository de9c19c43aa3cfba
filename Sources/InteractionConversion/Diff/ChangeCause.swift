// The few words that say what kind of change a change is, so that one rule's work on a whole corpus is one line.

internal import InteractionModel

/// Tells what a changed value may come from.
enum ChangeCause {
    /// The cause of a change between two values that are no containers of one kind.
    ///
    /// - Returns: Words that hold no text and nobody's name.
    static func words(_ old: JSONView, _ before: Int, _ new: JSONView, _ after: Int, at pattern: String) -> String {
        let (oldKind, newKind) = (old.kind(before), new.kind(after))
        let isWord = if case .word = Discretion(at: pattern) { true } else { false }
        guard isBoolean(oldKind) && isBoolean(newKind) || oldKind == newKind else {
            return "\(name(oldKind)) → \(name(newKind))"
        }
        if isWord || isBoolean(oldKind) {
            let values = (spelled(old, before), spelled(new, after))
            // A word of the schema is short; whatever else stands there is no cause that many changes share.
            if values.0.utf8.count <= 64, values.1.utf8.count <= 64 { return "\(values.0) → \(values.1)" }
        }
        guard oldKind == .string else { return "another \(name(oldKind))" }
        return words(old.text(before).unescaped(), new.text(after).unescaped())
    }

    private static func words(_ old: [UInt8], _ new: [UInt8]) -> String {
        if let times = times(old, new) { return times }
        if isUUID(old), isUUID(new) { return "another id" }
        if old.isEmpty { return "no text → text" }
        if new.isEmpty { return "text → no text" }
        if old.map(lowercased) == new.map(lowercased) { return "letter case" }
        if old.filter({ !isSpace($0) }) == new.filter({ !isSpace($0) }) { return "white space" }
        if new.starts(with: old) { return "more text at the end" }
        if old.starts(with: new) { return "less text at the end" }
        return "another text"
    }

    private static func times(_ old: [UInt8], _ new: [UInt8]) -> String? {
        guard let before = old.withUnsafeBytes({ Instant.rfc3339($0) }),
            let after = new.withUnsafeBytes({ Instant.rfc3339($0) })
        else { return nil }
        if before == after { return "same instant, written differently" }
        if before.seconds == after.seconds { return "another fraction of the second" }
        let shift = after.seconds - before.seconds
        // Zones differ by quarters of an hour.
        guard before.attoseconds == after.attoseconds, shift % 900 == 0, abs(shift) <= 26 * 3600 else {
            return "another time"
        }
        let minutes = abs(shift) / 60 % 60
        return "\(shift < 0 ? "-" : "+")\(abs(shift) / 3600):\(minutes < 10 ? "0" : "")\(minutes) h"
    }

    private static func isBoolean(_ kind: JSONKind) -> Bool { kind == .true || kind == .false }

    private static func spelled(_ view: JSONView, _ node: Int) -> String {
        var out = OutputBuffer(capacity: 64)
        out.append(value: view, node)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    static func name(_ kind: JSONKind) -> String {
        switch kind {
        case .null: "null"
        case .false, .true: "boolean"
        case .number: "number"
        case .string: "text"
        case .array: "array"
        case .object: "object"
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isUUID(_ text: [UInt8]) -> Bool { text.withUnsafeBytes { UUIDValue(utf8: $0) } != nil }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
