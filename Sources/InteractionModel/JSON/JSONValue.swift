// A JSON value to hold on to and to change, for callers who are not in a hurry.

/// A JSON value with its members in order and its numbers as they were written.
///
/// A lone surrogate, which a `String` cannot hold, becomes U+FFFD here; the bytes of a message keep it.
public indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    /// The source text of a number, such as `1.0` or `12345678901234567890`.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// A member of an object.
    public struct Member: Hashable, Sendable {
        /// The name.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads a JSON text.
    ///
    /// - Parameter bytes: One value in UTF-8, with white space around it at most.
    /// - Throws: ``JSONError`` with the offset of the first fault.
    public init(parsing bytes: [UInt8]) throws(JSONError) {
        let padded = PaddedBytes(bytes)
        var tape = JSONTape()
        try tape.scan(padded.start, count: padded.count)
        let view = tape.view(of: padded.start)
        self.init(view, view.root)
    }

    init(_ view: JSONView, _ node: Int) {
        switch view.kind(node) {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(String(decoding: view.bytes(node), as: UTF8.self))
        case .string: self = .string(view.text(node).string)
        case .array:
            var elements: [JSONValue] = []
            view.forEachElement(node) { elements.append(JSONValue(view, $0)) }
            self = .array(elements)
        case .object:
            var members: [Member] = []
            view.forEachMember(node) { members.append(Member(view.text($0).string, JSONValue(view, $1))) }
            self = .object(members)
        }
    }

    /// The value as canonical JSON in UTF-8.
    public var json: [UInt8] {
        var out = OutputBuffer(capacity: 1024)
        write(to: &out)
        return out.array
    }

    private func write(to out: inout OutputBuffer) {
        switch self {
        case .null: out.append("null")
        case .bool(let value): out.append(value ? "true" : "false")
        case .number(let text): out.append(text: text)
        case .string(let text): out.append(quoted: text)
        case .array(let elements):
            out.append("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { out.append(",") }
                element.write(to: &out)
            }
            out.append("]")
        case .object(let members):
            out.append("{")
            for (index, member) in members.enumerated() {
                if index > 0 { out.append(",") }
                out.append(quoted: member.name)
                out.append(":")
                member.value.write(to: &out)
            }
            out.append("}")
        }
    }

    /// A string's text, or nil.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// An array's elements; none for any other value.
    public var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The member of an object; setting nil removes it, setting a member of another value makes an object of it.
    public subscript(name: String) -> JSONValue? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.name == name }?.value
        }
        set {
            var members: [Member] = []
            if case .object(let known) = self { members = known }
            let index = members.lastIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name, value))
            case (nil, nil): break
            }
            self = .object(members)
        }
    }
}
