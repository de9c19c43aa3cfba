// Payloads that were flattened into a table: columns named by the paths of their values.

internal import InteractionMapping
internal import InteractionModel

extension LegacyRecords {
    /// Appends a row as the payload that it was made from; empty cells are values that are not there.
    mutating func append(row view: JSONView) {
        columns.update(view)
        if !append(view, columns.root) { json.append("{}") }
    }

    /// Appends what the cells of some columns say.
    ///
    /// - Returns: Whether any of them says something.
    private mutating func append(_ view: JSONView, _ node: LegacyColumns.Node) -> Bool {
        let cell = node.column.map { columns.cells[$0] }.flatMap { cell in
            view.kind(cell) == .string && !view.text(cell).isEmpty ? view.text(cell) : nil
        }
        guard !node.steps.isEmpty else {
            if let cell { append(cell, as: node.shape.kind) }
            return cell != nil
        }
        return node.isList ? append(list: view, node, cell) : append(object: view, node, node.steps, cell)
    }

    private mutating func append(
        object view: JSONView,
        _ node: LegacyColumns.Node,
        _ steps: [(step: LegacyColumns.Step, node: LegacyColumns.Node)],
        _ cell: TextSlice?
    ) -> Bool {
        let start = json.count
        json.append("{")
        for (step, inner) in steps {
            let mark = json.count
            json.append(quoted: step.name)
            json.append(":")
            if append(view, inner) { json.append(",") } else { json.truncate(to: mark) }
        }
        if let cell {
            json.append("\"#text\":")
            json.append(string: cell)
        }
        return end("}", from: start)
    }

    private mutating func append(list view: JSONView, _ node: LegacyColumns.Node, _ cell: TextSlice?) -> Bool {
        let start = json.count
        json.append("[")
        if let cell {
            json.append(string: cell)
            json.append(",")
        }
        for (step, inner) in node.steps where step.isItem {
            if append(view, inner) { json.append(",") }
        }
        // Columns without a number are those of the only item.
        let members = node.steps.filter { !$0.step.isItem }
        if !members.isEmpty, append(object: view, node, members, nil) { json.append(",") }
        return end("]", from: start)
    }

    /// Closes a container, or takes it back if nothing is in it.
    private mutating func end(_ bracket: StaticString, from start: Int) -> Bool {
        guard json.count > start + 1 else {
            json.truncate(to: start)
            return false
        }
        json.removeTrailing(UInt8(ascii: ","))
        json.append(bracket)
        return true
    }
}

/// The columns of a table as a tree of paths, made once for a header.
struct LegacyColumns {
    /// One step of a path.
    enum Step: Hashable {
        case member(String)
        case item(Int)

        var isItem: Bool { if case .item = self { true } else { false } }
        /// What it is called in an object.
        var name: String {
            switch self {
            case .member(let name): name
            case .item(let number): String(number)
            }
        }
    }

    /// A path that columns begin with.
    struct Node {
        let shape: PayloadShape
        /// The column of this very path.
        fileprivate(set) var column: Int?
        /// What follows, items in their order.
        fileprivate(set) var steps: [(step: Step, node: Node)] = []
        private var positions: [Step: Int] = [:]

        fileprivate init(_ shape: PayloadShape) { self.shape = shape }

        var isList: Bool { shape.kind == .list || shape.kind != .object && steps.allSatisfy(\.step.isItem) }

        fileprivate mutating func insert(_ path: ArraySlice<Step>, column: Int) {
            guard let step = path.first else {
                self.column = column
                return
            }
            let position = positions[step] ?? steps.count
            if position == steps.count {
                // What a list's only item has may be named without a number.
                let shape = step.isItem ? shape.items : shape.kind == .list ? shape.items[step.name] : shape[step.name]
                positions[step] = position
                steps.append((step, Node(shape)))
            }
            steps[position].node.insert(path.dropFirst(), column: column)
        }

        fileprivate mutating func sort() {
            for index in steps.indices { steps[index].node.sort() }
            steps = steps.enumerated().sorted { left, right in
                guard case .item(let first) = left.element.step, case .item(let second) = right.element.step,
                    first != second
                else { return left.offset < right.offset }
                return first < second
            }.map(\.element)
        }
    }

    /// Steps that a path may have; the rest is one name.
    private static let depthLimit = 64

    private(set) var root = Node(.record)
    /// The value node of each column in the row at hand.
    private(set) var cells: [Int] = []
    private var names: [[UInt8]] = []

    /// Turns to a row.
    mutating func update(_ view: JSONView) {
        cells.removeAll(keepingCapacity: true)
        var isSame = true
        view.forEachMember(view.root) { key, value in
            let column = cells.count
            cells.append(value)
            isSame = isSame && column < names.count && view.bytes(key).elementsEqual(names[column])
        }
        guard !isSame || cells.count != names.count else { return }
        names.removeAll()
        root = Node(.record)
        var known: Set<[Step]> = []
        view.forEachMember(view.root) { key, _ in
            let name = view.text(key).string
            let steps = Self.steps(of: name)
            // A path that is there twice, in two spellings, is a field of its own.
            root.insert(known.insert(steps).inserted ? steps[...] : [.member(name)], column: names.count)
            names.append([UInt8](view.bytes(key)))
        }
        root.sort()
    }

    /// Reads `session.user_perspective[0].content`, `session.user_perspective.0.content` and `session[channel][medium]`.
    private static func steps(of name: String) -> [Step] {
        var steps: [Step] = []
        var rest = name[...]
        while !rest.isEmpty, steps.count < depthLimit {
            let end = rest.firstIndex { $0 == "." || $0 == "[" || $0 == "]" } ?? rest.endIndex
            let word = rest[..<end]
            if !word.isEmpty {
                let number = word.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(word) : nil
                steps.append(number.map { .item($0) } ?? .member(String(word)))
            }
            rest = rest[end...].dropFirst()
        }
        if !rest.isEmpty { steps.append(.member(String(rest))) }
        return steps.isEmpty ? [.member(name)] : steps
    }
}
