// Where a rule looks: an item of a record, the record, what surrounds it, the input's name.

internal import InteractionModel

/// What is known of the input that a record comes from.
package struct FileFacts: Sendable, Hashable {
    /// The input's index among the inputs of the run.
    package var index: Int
    /// The name as it was given, with the path inside an archive or folder.
    package var path: String
    /// The path inside the archive or folder that was given; for a file that was given itself, its name.
    ///
    /// What ids may be made of: where a file lies on this machine says nothing about a conversation.
    package var inner: String

    package init(index: Int, path: String, inner: String) {
        self.index = index
        self.path = path
        self.inner = inner
    }

    func text(_ fact: ValuePath.FileFact) -> String {
        let parts = path.split(whereSeparator: { $0 == "/" || $0 == "!" })
        let name = Self.unpacked(String(parts.last ?? ""))
        switch fact {
        case .path: return inner.isEmpty ? name : Self.unpacked(inner)
        case .name: return name
        case .stem:
            guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
            return String(name[..<dot])
        case .folder: return parts.count > 1 ? String(parts[parts.count - 2]) : ""
        }
    }

    /// A name without the ending of what it was packed with, so that packing changes no id.
    private static func unpacked(_ name: String) -> String {
        for ending in [".gz", ".zst"] where name.count > ending.count && name.hasSuffix(ending) {
            return String(name.dropLast(ending.count))
        }
        return name
    }
}

/// A value that a path led to.
struct Found {
    /// Whose nodes the index counts.
    enum Space: UInt8 {
        case record
        case context
        case table
    }

    var view: JSONView
    var node: Int
    var space: Space
    /// The node of its name, if it is a member; -1 if it is none.
    var key = -1

    var kind: JSONKind { view.kind(node) }

    /// The value as a text: a string, a number, a boolean, or an XML element's own text; nil for what is none.
    var text: TextSlice? {
        switch view.kind(node) {
        case .string: return view.text(node)
        case .number, .true, .false: return TextSlice(plain: view.bytes(node))
        case .object:
            guard let own = view.member(node, "#text") else { return nil }
            return view.text(own)
        case .array, .null: return nil
        }
    }

    /// The node that ``text`` was taken from.
    var textNode: Int { view.kind(node) == .object ? view.member(node, "#text") ?? node : node }
}

/// The thing that a rule looks at, and the way up from it.
struct Scope {
    /// The thing itself, then the objects around it, the record last.
    var chain: [Found]
    var context: JSONView?

    init(record: JSONView, context: JSONView?) {
        chain = [Found(view: record, node: record.root, space: .record)]
        self.context = context
    }

    /// A row of a side table.
    init(row: JSONView) {
        chain = [Found(view: row, node: row.root, space: .table)]
        context = nil
    }

    /// What is so many levels up.
    func origin(_ up: Int) -> Found? {
        if up < chain.count { return chain[up] }
        guard let context else { return nil }
        var node = context.root
        for _ in 0..<(up - chain.count) {
            guard let outer = context.member(node, "^") else { return nil }
            node = outer
        }
        return Found(view: context, node: node, space: .context)
    }

    /// Visits what a path leads to, in document order, until `body` says that it has enough.
    ///
    /// - Parameters:
    ///   - path: The path; not one of the input's name.
    ///   - body: Receives each value; returns whether to go on.
    func visit(_ path: ValuePath, _ body: (Found) -> Bool) {
        guard let origin = origin(path.up) else { return }
        _ = Self.visit(path.steps[...], origin, body)
    }

    /// The first value at a path that is not null.
    func first(_ path: ValuePath) -> Found? {
        var result: Found?
        visit(path) { found in
            guard found.kind != .null else { return true }
            result = found
            return false
        }
        return result
    }

    private static func visit(_ steps: ArraySlice<ValuePath.Step>, _ at: Found, _ body: (Found) -> Bool) -> Bool {
        guard let step = steps.first else { return body(at) }
        let rest = steps.dropFirst()
        let view = at.view
        switch step {
        case .member(let name):
            // Nothing else has a name with this sign, but what decoders make.
            if at.key >= 0, name.elementsEqual("#name".utf8) {
                return visit(rest, Found(view: view, node: at.key, space: at.space), body)
            }
            return members(at) { key, found in !name.equals(key) || visit(rest, found, body) }
        case .either(let names):
            return members(at) { key, found in !names.contains { $0.equals(key) } || visit(rest, found, body) }
        case .any:
            return members(at) { _, found in visit(rest, found, body) }
        case .all:
            return elements(at) { visit(rest, $0, body) }
        case .element(let index):
            var position = 0
            return elements(at) { element in
                defer { position += 1 }
                return position == index ? visit(rest, element, body) : true
            }
        case .only(let member, let value):
            return elements(at) { element in
                var isOne = false
                _ = visit([.member(member)], element) { found in
                    isOne = found.text.map { value.equals($0) } ?? false
                    return !isOne
                }
                return isOne ? visit(rest, element, body) : true
            }
        }
    }

    /// The members of an object: XML repeats names, and JSON's superseded members do not count.
    private static func members(_ at: Found, _ body: (TextSlice, Found) -> Bool) -> Bool {
        guard at.kind == .object else { return true }
        let end = at.view.next(at.node)
        var key = at.node + 1
        while key < end {
            let value = key + 1
            if !at.view[key].flags.contains(.superseded),
                !body(at.view.text(key), Found(view: at.view, node: value, space: at.space, key: key))
            {
                return false
            }
            key = at.view.next(value)
        }
        return true
    }

    /// The elements of an array; any other value is its own only element.
    private static func elements(_ at: Found, _ body: (Found) -> Bool) -> Bool {
        guard at.kind == .array else { return body(at) }
        let end = at.view.next(at.node)
        var element = at.node + 1
        while element < end {
            if !body(Found(view: at.view, node: element, space: at.space)) { return false }
            element = at.view.next(element)
        }
        return true
    }

    /// The items at some paths that are not null, each with the objects around it; without a path the thing itself.
    func items(_ paths: [ValuePath]) -> [Scope] { paths.isEmpty ? [self] : found(paths).map { inner($0) } }

    /// What is at some paths and not null, once each, in the order of the document.
    func found(_ paths: [ValuePath]) -> [Found] {
        var result: [Found] = []
        for path in paths {
            visit(path) { found in
                if found.kind != .null { result.append(found) }
                return true
            }
        }
        guard paths.count > 1 else { return result }
        // What surrounds the record has begun before it.
        let place = { (found: Found) in (found.space == .context ? 0 : 1, found.node) }
        result.sort { place($0) < place($1) }
        var last: (Int, Int)?
        return result.filter { found in
            defer { last = place(found) }
            return last.map { $0 != place(found) } ?? true
        }
    }

    /// The scope of something that a path from this one leads to.
    func inner(_ found: Found) -> Scope {
        var inner = self
        inner.chain = found.space == .record ? Self.enclosing(found, chain.last) : [found] + chain
        return inner
    }

    /// A node and the objects around it, innermost first.
    private static func enclosing(_ found: Found, _ record: Found?) -> [Found] {
        guard let record, found.node != record.node else { return [found] }
        var chain: [Found] = []
        var container = record.node
        let view = found.view
        while container != found.node {
            let isObject = view.kind(container) == .object
            if isObject { chain.append(Found(view: view, node: container, space: .record)) }
            let step = isObject ? 1 : 0
            var child = container + 1 + step
            while child < view.next(container), view.next(child) <= found.node { child = view.next(child) + step }
            guard child <= found.node, child < view.next(container) else { break }
            container = child
        }
        return [found] + chain.reversed()
    }
}
