// Payloads that were written as XML: elements as members, repeated ones as arrays.

internal import InteractionMapping
internal import InteractionModel

extension LegacyRecords {
    /// Appends an element's value.
    ///
    /// - Parameters:
    ///   - view: The record.
    ///   - node: The element: a text, or an object of attributes and elements.
    ///   - shape: What should be there.
    mutating func append(element view: JSONView, _ node: Int, as shape: PayloadShape) {
        guard view.kind(node) == .object else { return append(view.text(node), as: shape.kind) }
        let element = LegacyElement(view, node)
        let kind = shape.kind == .any ? element.kind ?? .any : shape.kind
        if element.isNull {
            json.append("null")
        } else if element.members.isEmpty, kind != .object || element.text != nil {
            append(element.text ?? TextSlice(literal: ""), as: kind)
        } else if kind == .list || element.text == nil && element.members.count == 1 && element.members[0].isItem {
            append(list: [node], called: "", view, as: shape)
        } else {
            append(membersOf: element, view, as: shape)
        }
    }

    private mutating func append(membersOf element: LegacyElement, _ view: JSONView, as shape: PayloadShape) {
        json.append("{")
        for member in element.members {
            let inner = shape[member.name]
            let isValue = inner.kind == .number || inner.kind == .boolean
            if isValue, let only = member.nodes.first, view.kind(only) == .string, view.text(only).isBlank { continue }
            json.append(quoted: member.name)
            json.append(":")
            if inner.kind == .list || member.nodes.count > 1 {
                append(list: member.nodes, called: member.name, view, as: inner)
            } else {
                append(element: view, member.nodes[0], as: inner)
            }
            json.append(",")
        }
        if let text = element.text {
            json.append("\"#text\":")
            json.append(string: text)
        }
        json.removeTrailing(UInt8(ascii: ","))
        json.append("}")
    }

    /// Appends elements of one name, or the items inside the only one, as an array.
    private mutating func append(list nodes: [Int], called name: String, _ view: JSONView, as shape: PayloadShape) {
        if nodes.count == 1, view.kind(nodes[0]) == .string { return append(view.text(nodes[0]), as: .list) }
        json.append("[")
        for node in items(of: nodes, called: name, view, shape) {
            append(element: view, node, as: shape.items)
            json.append(",")
        }
        json.removeTrailing(UInt8(ascii: ","))
        json.append("]")
    }

    /// The items of a list: the elements themselves, or those inside the only one if it does nothing but hold them.
    private func items(of nodes: [Int], called name: String, _ view: JSONView, _ shape: PayloadShape) -> [Int] {
        guard nodes.count == 1 else { return nodes }
        let element = LegacyElement(view, nodes[0])
        guard element.text == nil else { return nodes }
        guard let inner = element.members.first else { return [] }
        guard element.members.count == 1, !inner.isAttribute, !shape.items.knows(inner.name) else { return nodes }
        let isWrapper =
            inner.isItem || element.kind == .list || inner.nodes.count > 1 || name.hasPrefix(inner.name)
            || view.kind(inner.nodes[0]) == .object
        return isWrapper ? inner.nodes : nodes
    }
}

/// An element's content, without what serialisers add to it.
struct LegacyElement {
    /// Attributes, or elements, of one name.
    struct Member {
        var name: String
        var isAttribute: Bool
        var nodes: [Int]

        /// Whether the elements are called what serialisers call an array's items.
        var isItem: Bool { !isAttribute && name.lowercased() == "item" }
    }

    private(set) var members: [Member] = []
    /// Text that is not blank.
    private(set) var text: TextSlice?
    /// What a serialiser says the value is.
    private(set) var kind: PayloadShape.Kind?
    private(set) var isNull = false

    init(_ view: JSONView, _ node: Int) {
        var positions: [String: Int] = [:]
        view.forEachMember(node) { key, value in
            var name = view.text(key).string
            if name == "#ns" { return }
            if name == "#text" {
                text = view.text(value)
                return
            }
            let isAttribute = name.hasPrefix("@")
            if isAttribute {
                name.removeFirst()
                if isHint(name, view.text(value).string) { return }
            }
            if let position = positions[name] {
                members[position].nodes.append(value)
            } else {
                positions[name] = members.count
                members.append(Member(name: name, isAttribute: isAttribute, nodes: [value]))
            }
        }
    }

    /// What serialisers call the kinds of JSON values, in the attribute `type`.
    private static let kinds: [String: PayloadShape.Kind] = [
        "list": .list, "array": .list, "dict": .object, "object": .object, "hash": .object, "str": .text,
        "string": .text, "int": .number, "integer": .number, "float": .number, "double": .number, "decimal": .number,
        "number": .number, "bool": .boolean, "boolean": .boolean,
    ]

    /// Whether an attribute says what kind of value an element is, and is no data.
    static func isHint(_ attribute: String, _ value: String) -> Bool {
        var element = LegacyElement()
        return element.isHint(attribute, value)
    }

    private init() {}

    /// Takes note of `type="list"`, `xsi:type="xs:string"`, `xsi:nil="true"` and the like.
    ///
    /// - Returns: Whether the attribute is such a hint, and no data.
    private mutating func isHint(_ attribute: String, _ value: String) -> Bool {
        switch attribute.split(separator: ":").last {
        case "nil", "null":
            isNull = value == "true" || value == "1"
            return isNull || value == "false"
        case "type":
            let word = value.split(separator: ":").last.map { $0.lowercased() } ?? ""
            isNull = isNull || word == "null" || word == "none" || word == "nonetype"
            kind = Self.kinds[word] ?? kind
            return isNull || Self.kinds[word] != nil
        default: return false
        }
    }
}
