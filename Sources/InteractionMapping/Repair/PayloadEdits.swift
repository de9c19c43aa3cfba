// Changes to a payload that otherwise goes out as it came.

internal import InteractionModel

/// A list of changes to a parsed payload, and the writer that applies them.
///
/// What is not named here is copied: unknown members stay where they are, as the schema allows.
struct PayloadEdits {
    enum Edit {
        /// The member, or element, is left out.
        case remove
        /// The value is written as this JSON instead.
        case replace([UInt8])
    }

    /// Changes by the node of the value.
    private var edits: [Int: Edit] = [:]
    /// Members to add at the end of an object, JSON by key.
    private var members: [Int: [(key: String, json: [UInt8])]] = [:]
    /// Elements to add at the end of an array.
    private var elements: [Int: [UInt8]] = [:]

    mutating func remove(_ node: Int) { edits[node] = .remove }

    mutating func replace(_ node: Int, _ json: [UInt8]) { edits[node] = .replace(json) }

    func isRemoved(_ node: Int) -> Bool {
        if case .remove = edits[node] { return true }
        return false
    }

    /// Sets a member of an object, whether it is there or not.
    mutating func set(_ view: JSONView, _ object: Int, _ key: StaticString, _ json: [UInt8]) {
        if let node = view.member(object, key) {
            edits[node] = .replace(json)
        } else {
            members[object, default: []].append((key.description, json))
        }
    }

    /// Sets a member of an object that may itself be missing, or be something else.
    mutating func set(_ view: JSONView, _ object: Int, _ inner: StaticString, _ key: StaticString, _ json: [UInt8]) {
        if let node = view.member(object, inner), view.kind(node) == .object, !isRemoved(node) {
            set(view, node, key, json)
            return
        }
        var wrapped = [UInt8]("{\"\(key)\":".utf8)
        wrapped.append(contentsOf: json)
        wrapped.append(UInt8(ascii: "}"))
        set(view, object, inner, wrapped)
    }

    /// Adds a member to an object that does not have it.
    mutating func add(_ object: Int, _ key: String, _ json: [UInt8]) {
        members[object, default: []].append((key, json))
    }

    /// Adds elements to an array.
    ///
    /// - Parameters:
    ///   - array: The array's node.
    ///   - json: The elements, with commas between them.
    mutating func append(_ array: Int, _ json: [UInt8]) {
        guard !json.isEmpty else { return }
        if elements[array] != nil { elements[array]?.append(UInt8(ascii: ",")) }
        elements[array, default: []].append(contentsOf: json)
    }

    /// Writes a value with the changes applied.
    func write(_ view: JSONView, _ node: Int, to out: inout OutputBuffer) {
        if case .replace(let json) = edits[node] {
            out.append(json)
            return
        }
        switch view.kind(node) {
        case .object:
            out.append("{")
            view.forEachMember(node) { key, value in
                guard !isRemoved(value) else { return }
                out.append(string: view.text(key))
                out.append(":")
                write(view, value, to: &out)
                out.append(",")
            }
            for member in members[node] ?? [] {
                out.append(quoted: member.key)
                out.append(":")
                out.append(member.json)
                out.append(",")
            }
            out.removeTrailing(UInt8(ascii: ","))
            out.append("}")
        case .array:
            out.append("[")
            view.forEachElement(node) { element in
                guard !isRemoved(element) else { return }
                write(view, element, to: &out)
                out.append(",")
            }
            if let added = elements[node] {
                out.append(added)
            } else {
                out.removeTrailing(UInt8(ascii: ","))
            }
            out.append("]")
        default:
            out.append(value: view, node)
        }
    }
}
