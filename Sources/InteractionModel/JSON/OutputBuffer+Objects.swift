// Objects for machines, such as reports, outcomes and plans: member by member, in the order in which they are written.

extension OutputBuffer {
    /// Appends an object.
    ///
    /// - Parameter members: Appends the members, each with one of the `member` calls.
    package mutating func append(object members: (inout OutputBuffer) -> Void) {
        append("{")
        members(&self)
        removeTrailing(UInt8(ascii: ","))
        append("}")
    }

    /// An object as text.
    ///
    /// - Parameter members: Appends the members, each with one of the `member` calls.
    /// - Returns: One line without a line feed.
    package static func text(object members: (inout OutputBuffer) -> Void) -> String {
        var out = OutputBuffer(capacity: 1024)
        out.append(object: members)
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Appends an array.
    ///
    /// - Parameters:
    ///   - list: What it holds.
    ///   - write: Appends an element.
    package mutating func append<Element>(
        list: some Sequence<Element>,
        _ write: (inout OutputBuffer, Element) -> Void
    ) {
        append("[")
        for element in list {
            write(&self, element)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("]")
    }

    /// Appends a text, or null.
    package mutating func append(optional text: String?) {
        if let text { append(quoted: text) } else { append("null") }
    }

    /// Appends a number, or null.
    package mutating func append(optional number: Int?) {
        if let number { append(number: number) } else { append("null") }
    }

    /// Appends a member with a text, or null.
    package mutating func member(_ name: String, _ text: String?) {
        member(named: name) { $0.append(optional: text) }
    }

    /// Appends a member with a number, or null.
    package mutating func member(_ name: String, _ number: Int?) {
        member(named: name) { $0.append(optional: number) }
    }

    /// Appends a member that is true or false.
    package mutating func member(_ name: String, _ truth: Bool) {
        member(named: name) { $0.append(truth ? "true" : "false") }
    }

    /// Appends a member with a list of texts.
    package mutating func member(_ name: String, _ texts: [String]) {
        member(name, list: texts) { $0.append(quoted: $1) }
    }

    /// Appends a member with an object of numbers, by name.
    package mutating func member(_ name: String, counts: [String: Int]) {
        member(
            name,
            object: {
                for (name, count) in counts.sorted(by: { $0.key < $1.key }) { $0.member(name, count) }
            }
        )
    }

    /// Appends a member with an array.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - list: What it holds.
    ///   - write: Appends an element.
    package mutating func member<Element>(
        _ name: String,
        list: some Sequence<Element>,
        _ write: (inout OutputBuffer, Element) -> Void
    ) {
        member(named: name) { $0.append(list: list, write) }
    }

    /// Appends a member with an object.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - members: Appends the object's members.
    package mutating func member(_ name: String, object members: (inout OutputBuffer) -> Void) {
        member(named: name) { $0.append(object: members) }
    }

    /// Appends a member with any value.
    ///
    /// - Parameters:
    ///   - name: The member's name.
    ///   - value: Appends the value.
    package mutating func member(named name: String, _ value: (inout OutputBuffer) -> Void) {
        append(quoted: name)
        append(":")
        value(&self)
        append(",")
    }
}
