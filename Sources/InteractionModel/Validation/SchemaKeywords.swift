// Reading one schema object: exactly the keywords of JSON Schema 2020-12 that the contract uses.

/// Why a text is not a schema that can be compiled here.
enum SchemaError: Error, Hashable {
    case unreadable(JSONError)
    case unknownKeyword(String)
    case unknownPattern(String)
    case unsupportedValue(keyword: String)
    case unknownDefinition(String)
}

/// The keywords of one schema object, read but not followed: schemas inside it are nodes of the schema's tape.
struct SchemaKeywords {
    private(set) var kinds = SchemaKinds.all
    private(set) var properties: [(name: [UInt8], schema: Int)] = []
    private(set) var required: [[UInt8]] = []
    private(set) var items: Int?
    private(set) var minItems = 0
    private(set) var minLength = 0
    private(set) var enumerations: [[[UInt8]]] = []
    private(set) var pattern: SchemaPattern?
    private(set) var reference: String?
    private(set) var allOf: [Int] = []
    private(set) var anyOf: [Int]?
    private(set) var oneOf: [Int]?
    private(set) var condition: Int?
    private(set) var consequence: Int?
    /// Whether the object restricts a value itself, not only through other schema objects.
    private(set) var isRestricting = false
    /// Whether it does so by anything but `properties`.
    private(set) var restrictsBeyondProperties = false

    /// Reads a schema object.
    ///
    /// A keyword that is not known here must not be ignored: the schema would accept more than it says.
    ///
    /// - Parameters:
    ///   - view: The schema's tape.
    ///   - node: The schema object's node.
    /// - Throws: ``SchemaError`` for what the evaluator could not honour.
    init(_ view: JSONView, _ node: Int) throws(SchemaError) {
        guard view.kind(node) == .object else { throw .unsupportedValue(keyword: "schema") }
        var members: [(key: String, value: Int)] = []
        view.forEachMember(node) { key, value in members.append((view.text(key).string, value)) }
        for (key, value) in members { try read(key, view, value) }
        guard (condition == nil) == (consequence == nil) else { throw .unsupportedValue(keyword: "if") }
    }

    private mutating func read(_ key: String, _ view: JSONView, _ value: Int) throws(SchemaError) {
        switch key {
        case "$comment", "title", "default": return
        case "properties":
            guard view.kind(value) == .object else { throw .unsupportedValue(keyword: key) }
            view.forEachMember(value) { properties.append((view.text($0).unescaped(), $1)) }
            isRestricting = true
            return
        case "$ref":
            reference = try Self.string(key, view, value)
            return
        case "allOf":
            allOf = try Self.elements(key, view, value)
            return
        case "type":
            guard let kinds = SchemaKinds(typeName: try Self.string(key, view, value)) else {
                throw .unsupportedValue(keyword: key)
            }
            self.kinds = kinds
        case "required": required = try Self.strings(key, view, value)
        case "enum": enumerations.append(try Self.strings(key, view, value))
        case "const": enumerations.append([Array(try Self.string(key, view, value).utf8)])
        case "pattern":
            let text = try Self.string(key, view, value)
            guard let pattern = SchemaPattern(text: text) else { throw .unknownPattern(text) }
            self.pattern = pattern
        case "minItems": minItems = try Self.number(key, view, value)
        case "minLength": minLength = try Self.number(key, view, value)
        case "items": items = value
        case "anyOf": anyOf = try Self.elements(key, view, value)
        case "oneOf": oneOf = try Self.elements(key, view, value)
        case "if": condition = value
        case "then": consequence = value
        default: throw .unknownKeyword(key)
        }
        isRestricting = true
        restrictsBeyondProperties = true
    }

    private static func string(_ key: String, _ view: JSONView, _ node: Int) throws(SchemaError) -> String {
        guard view.kind(node) == .string else { throw .unsupportedValue(keyword: key) }
        return view.text(node).string
    }

    private static func strings(_ key: String, _ view: JSONView, _ node: Int) throws(SchemaError) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        for element in try elements(key, view, node) { texts.append(Array(try string(key, view, element).utf8)) }
        return texts
    }

    private static func number(_ key: String, _ view: JSONView, _ node: Int) throws(SchemaError) -> Int {
        guard let number = Int(String(decoding: view.bytes(node), as: UTF8.self)) else {
            throw .unsupportedValue(keyword: key)
        }
        return number
    }

    private static func elements(_ key: String, _ view: JSONView, _ node: Int) throws(SchemaError) -> [Int] {
        guard view.kind(node) == .array, !view.isEmpty(node) else { throw .unsupportedValue(keyword: key) }
        var elements: [Int] = []
        view.forEachElement(node) { elements.append($0) }
        return elements
    }
}
