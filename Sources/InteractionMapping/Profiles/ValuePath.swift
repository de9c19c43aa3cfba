// Where a value lies, seen from a record or from an item in it.

internal import InteractionModel

/// A path through the values of a record, the same for all formats: a JSON member, a CSV column and an XML element's
/// child are members; `@name` is an XML attribute, `#text` an element's own text.
///
/// `a.b[*].c`, `list[0]`, `parts[ct=text/plain].text`, `'odd name'.x`, `.` (the thing itself), `^.name` (of what
/// surrounds it), `$file.folder` (of the input's name), `from|to` (both, in document order), `#name` (the name that a
/// thing has in what it lies in).
struct ValuePath: Sendable, Hashable {
    enum Step: Sendable, Hashable {
        /// The member of this name; in XML, every child element of this name.
        case member([UInt8])
        /// The members of any of these names, in document order.
        case either([[UInt8]])
        /// Every member, whatever its name.
        case any
        /// Every element of an array; a value that is no array stands for itself.
        case all
        /// The element at a position, from 0.
        case element(Int)
        /// The elements in which a member has a value.
        case only(member: [UInt8], value: [UInt8])
    }

    /// What is known of an input's name.
    enum FileFact: String, Sendable, Hashable, CaseIterable {
        /// The path inside the folder or archive that was given; the name of a file that was given itself.
        case path
        /// The last part of the path.
        case name
        /// ``name`` without its last ending.
        case stem
        /// The last folder of the path.
        case folder
    }

    /// How many levels up the path begins.
    var up = 0
    var file: FileFact?
    var steps: [Step] = []
    /// As it was written, for findings.
    var text: String

    /// The path with each name `*` standing for any name, as it does for what is dropped.
    var withAnyNames: ValuePath {
        var path = self
        path.steps = steps.map { $0 == .member(Array("*".utf8)) ? .any : $0 }
        return path
    }

    /// What is wrong with a path's text.
    struct Fault: Error, Sendable, Hashable {
        /// Bytes into the text.
        let offset: Int
        let message: String
    }

    /// Reads a path.
    ///
    /// - Parameter text: As a profile has it.
    /// - Throws: ``Fault``.
    init(_ text: String) throws(Fault) {
        self.text = text
        var reader = PathReader(Array(text.utf8))
        if text.hasPrefix("$file.") {
            let name = String(text.dropFirst(6))
            guard let fact = FileFact(rawValue: name) else {
                let known = FileFact.allCases.map { "$file." + $0.rawValue }.joined(separator: ", ")
                throw Fault(offset: 6, message: "an input has \(known), not $file.\(name)")
            }
            file = fact
            return
        }
        guard !text.isEmpty else { throw Fault(offset: 0, message: "the path is empty") }
        if text == "." { return }
        while reader.take("^") {
            up += 1
            guard reader.take(".") || reader.isAtEnd else { throw reader.fault("`.` belongs after `^`") }
        }
        guard !reader.isAtEnd else { return }
        while true {
            if reader.peek != UInt8(ascii: "[") { steps.append(try reader.member()) }
            while reader.take("[") { steps.append(try reader.selector()) }
            if reader.isAtEnd { return }
            guard reader.take(".") else { throw reader.fault("expected `.` or `[`") }
        }
    }
}

/// Reads a path's text from front to back.
private struct PathReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }
    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    func fault(_ message: String) -> ValuePath.Fault { ValuePath.Fault(offset: at, message: message) }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func member() throws(ValuePath.Fault) -> ValuePath.Step {
        var names = [try name()]
        while take("|") { names.append(try name()) }
        return names.count == 1 ? .member(names[0]) : .either(names)
    }

    private mutating func name() throws(ValuePath.Fault) -> [UInt8] {
        if take("'") { return try rest(upTo: "'") }
        let start = at
        while let byte = peek, !".[]'|".utf8.contains(byte) { at += 1 }
        guard at > start else { throw fault("expected a name") }
        return Array(bytes[start..<at])
    }

    mutating func selector() throws(ValuePath.Fault) -> ValuePath.Step {
        if take("*") {
            guard take("]") else { throw fault("expected `]` after `*`") }
            return .all
        }
        if take("'") {
            let name = try rest(upTo: "'")
            guard take("]") else { throw fault("expected `]`") }
            return .member(name)
        }
        let inner = try rest(upTo: "]")
        if let equals = inner.firstIndex(of: UInt8(ascii: "=")) {
            guard equals > 0 else { throw fault("a name belongs before `=`") }
            return .only(member: Array(inner[..<equals]), value: Array(inner[(equals + 1)...]))
        }
        guard let index = Int(String(decoding: inner, as: UTF8.self)), index >= 0 else {
            throw fault("expected `*`, a position or `name=value` between brackets")
        }
        return .element(index)
    }

    private mutating func rest(upTo end: Unicode.Scalar) throws(ValuePath.Fault) -> [UInt8] {
        let start = at
        while let byte = peek {
            at += 1
            if byte == UInt8(ascii: end) { return Array(bytes[start..<at - 1]) }
        }
        throw fault("`\(end)` is missing")
    }
}
