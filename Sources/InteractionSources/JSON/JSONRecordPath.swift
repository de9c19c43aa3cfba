// Where in a JSON document the records are: the part of RFC 9535 that streaming allows.

/// A path such as `$.chats.list[*].messages[*]`: names and wildcards, no filters, indexes or `..`.
package struct JSONRecordPath: Sendable, Hashable {
    /// One step down.
    package enum Step: Sendable, Hashable {
        /// The member of this name, unescaped.
        case member(String)
        /// Every element of an array, or every member's value of an object.
        case all
    }

    /// Why a text is no path that can be followed.
    package struct Fault: Error, Sendable, Hashable {
        /// Offset in bytes in the path's text.
        package let offset: Int
        /// What is wrong there.
        package let message: String
    }

    /// The steps from the top; none means each value of the input.
    package let steps: [Step]

    /// Reads a path.
    ///
    /// - Parameter text: The path, which begins with `$`.
    /// - Throws: Where and why the text is no path of this kind.
    package init(_ text: String) throws(Fault) {
        var reading = Reading(text: Array(text.utf8))
        steps = try reading.steps()
    }
}

extension JSONRecordPath: CustomStringConvertible {
    /// The path as its author would write it.
    package var description: String {
        steps.reduce(into: "$") { text, step in
            switch step {
            case .all: text += "[*]"
            case .member(let name) where Reading.isPlainName(name): text += "." + name
            case .member(let name):
                let escaped = name.flatMap { $0 == "\\" || $0 == "'" ? ["\\", $0] : [$0] }
                text += "['" + String(escaped) + "']"
            }
        }
    }
}

/// The text of a path and how far it has been read.
private struct Reading {
    let text: [UInt8]
    var at = 0

    mutating func steps() throws(JSONRecordPath.Fault) -> [JSONRecordPath.Step] {
        guard take("$") else { throw fault("a path begins with '$'") }
        var steps: [JSONRecordPath.Step] = []
        while at < text.count {
            if take(".") {
                if take(".") { throw fault("'..' would have to look everywhere; name the steps") }
                steps.append(take("*") ? .all : .member(try plainName()))
            } else if take("[") {
                steps.append(try bracketed())
            } else {
                throw fault("expected '.', '[' or the end")
            }
        }
        return steps
    }

    private mutating func bracketed() throws(JSONRecordPath.Fault) -> JSONRecordPath.Step {
        let step: JSONRecordPath.Step
        if take("*") {
            step = .all
        } else if let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            at += 1
            step = .member(try quotedName(quote))
        } else {
            throw fault("only '*' or a name in quotes can stand in brackets")
        }
        guard take("]") else { throw fault("expected ']'") }
        return step
    }

    private mutating func plainName() throws(JSONRecordPath.Fault) -> String {
        let start = at
        while let byte = current, Self.isNameByte(byte, isFirst: at == start) { at += 1 }
        guard at > start else { throw fault("expected a name; put an odd one in brackets and quotes: ['odd name']") }
        return String(decoding: text[start..<at], as: UTF8.self)
    }

    private mutating func quotedName(_ quote: UInt8) throws(JSONRecordPath.Fault) -> String {
        let start = at
        var name: [UInt8] = []
        while let byte = current, byte != quote {
            if byte == UInt8(ascii: "\\") { at += 1 }
            guard let literal = current else { break }
            name.append(literal)
            at += 1
        }
        guard current == quote else {
            at = start
            throw fault("this name is never closed")
        }
        at += 1
        return String(decoding: name, as: UTF8.self)
    }

    private var current: UInt8? { at < text.count ? text[at] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    private func fault(_ message: String) -> JSONRecordPath.Fault {
        JSONRecordPath.Fault(offset: at, message: message)
    }

    static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.enumerated().allSatisfy { isNameByte($0.element, isFirst: $0.offset == 0) }
    }

    private static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...:
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): !isFirst
        default: false
        }
    }
}
