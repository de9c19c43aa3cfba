// Every value of a record is counted once; what no rule used is kept in the metadata, or dropped by name.

internal import InteractionModel

extension Extractor {
    /// Counts a record's leaves by what became of them, and packs what is to be kept.
    mutating func account(_ record: JSONView, _ context: JSONView?, _ rule: Int) {
        markDrops(rule, record, context)
        rowBooks.isCounted = false
        if isTable, countRow(record) { return }
        path.removeAll()
        settleOwners()
        account(record, record.root, rootPath, owner: owners[record.root], pathBase: 0)
        if let context { keepContext(context, context.root) }
    }

    private mutating func markDrops(_ rule: Int, _ record: JSONView, _ context: JSONView?) {
        guard !plan.rules[rule].drops.isEmpty else { return }
        let scope = Scope(record: record, context: context)
        for index in plan.rules[rule].drops {
            let drop = plan.drops[index]
            let mark = dropMark(drop.reason)
            scope.visit(drop.path) { found in
                if let condition = drop.condition {
                    var around = scope.inner(found)
                    if around.chain.count > 1 { around.chain.removeFirst() }
                    guard condition.holds(around, file) else { return true }
                }
                guard found.space == .record else {
                    if found.space == .context { contextMarks.insert(found.node) }
                    return true
                }
                for node in found.node..<found.view.next(found.node) where marks[node] == 0 { marks[node] = mark }
                return true
            }
        }
    }

    // MARK: Values

    private mutating func account(
        _ view: JSONView,
        _ node: Int,
        _ ledgerPath: FieldLedger.Path,
        owner: Int32,
        pathBase: Int
    ) {
        var base = pathBase
        let own = owners[node]
        if own != owner { base = path.count }
        switch view.kind(node) {
        case .object where !view.isEmpty(node):
            if view.isUntouched(node, own, marks, owners), !repeatsNames || !view.repeatsNames(node) {
                keep(view, node, ledgerPath, own, base)
                return
            }
            var key = node + 1
            var last = Alike()
            while key < view.next(node) {
                let value = key + 1
                if repeatsNames, view.isAlike(key, last.key, marks) {
                    last.repetitions += 1
                    key = view.next(value)
                    continue
                }
                countAlike(view, last)
                let name = view.text(key)
                let child = ledger.child(ledgerPath, name)
                last = Alike(key: key, path: child)
                if view[key].flags.contains(.superseded) {
                    ledger.count(child, .dropped, "duplicate-key", view.leafCount(value))
                } else if name.equals("#ns") {
                    ledger.count(child, .dropped, "namespace")
                } else if view.kind(value) == .string, marks[value] != 0 {
                    // The usual case of a flat record, without building its path.
                    count(child, marks[value])
                } else {
                    let mark = path.count
                    if mark > base { path.append(UInt8(ascii: ".")) }
                    path.append(content: name)
                    account(view, value, child, owner: own, pathBase: base)
                    path.truncate(to: mark)
                }
                key = view.next(value)
            }
            countAlike(view, last)
        case .array where !view.isEmpty(node):
            if view.isUntouched(node, own, marks, owners), !repeatsNames || !view.repeatsNames(node) {
                keep(view, node, ledgerPath, own, base)
                return
            }
            let inner = ledger.elements(ledgerPath)
            var index = 0
            var element = node + 1
            while element < view.next(node) {
                let mark = path.count
                path.append("[")
                path.append(number: index)
                path.append("]")
                account(view, element, inner, owner: own, pathBase: base)
                path.truncate(to: mark)
                index += 1
                element = view.next(element)
            }
        default:
            if marks[node] != 0 { count(ledgerPath, marks[node]) } else { keep(view, node, ledgerPath, own, base) }
        }
    }

    private mutating func count(_ path: FieldLedger.Path, _ mark: UInt8, times: Int = 1) {
        guard mark < Self.firstDrop else {
            ledger.count(path, droppedFor: Int32(mark - Self.firstDrop), times)
            return
        }
        guard let target = FieldTarget(rawValue: mark) else { return }
        ledger.count(path, target == .event ? .moved : .mapped, target.note, times)
    }

    // MARK: Elements that are alike

    /// A member, and how many come right after it that come to the same in the books.
    private struct Alike {
        var key = -1
        var path = FieldLedger.root
        var repetitions = 0
    }

    /// Counts what comes after a member and is like it.
    private mutating func countAlike(_ view: JSONView, _ last: Alike) {
        guard last.repetitions > 0 else { return }
        for key in stride(from: last.key + 2, to: view.next(last.key + 1), by: 2) {
            let child = ledger.child(last.path, view.text(key))
            if view.text(key).equals("#ns") {
                ledger.count(child, .dropped, "namespace", last.repetitions)
            } else {
                count(child, marks[key + 1], times: last.repetitions)
            }
        }
    }

    private mutating func keep(
        _ view: JSONView,
        _ node: Int,
        _ ledgerPath: FieldLedger.Path,
        _ owner: Int32,
        _ base: Int
    ) {
        if view.isBlank(node) {
            ledger.count(all: ledgerPath, view, node, .dropped, "blank")
            return
        }
        ledger.count(all: ledgerPath, view, node, .kept, "metadata.source")
        let start = path.base + base
        let count = path.count - base
        output.append(.kept) { out in
            out.append(ordinal: UInt32(bitPattern: owner))
            out.append(name: { $0.append(start, count) })
            out.append(value: view, node)
        }
    }

    /// Keeps what surrounds the record and no rule has used; the conversation keeps each value once.
    private mutating func keepContext(_ context: JSONView, _ node: Int) {
        context.forEachMember(node) { key, value in
            let name = context.text(key)
            if name.equals("^") {
                let mark = path.count
                path.append("^.")
                keepContext(context, value)
                path.truncate(to: mark)
                return
            }
            guard !name.equals("#ns"), !context.isBlank(value) else { return }
            for inner in value..<context.next(value) where contextMarks.contains(inner) { return }
            if repeatsNames, context.repeatsNames(value) {
                let mark = path.count
                path.append(content: name)
                path.append(".")
                keepContext(context, value)
                path.truncate(to: mark)
                return
            }
            let start = path.base
            let count = path.count
            output.append(.kept) { out in
                out.append(ordinal: .max)
                out.append(name: {
                    $0.append("^.")
                    $0.append(start, count)
                    $0.append(content: name)
                })
                out.append(value: context, value)
            }
        }
    }
}

// Asked of the view, since Swift 6.3 copies all of an extractor for a call that merely borrows it.
extension JSONView {
    /// Whether a member has the name of the one before, and an element that the rules used in the same way.
    ///
    /// - Parameters:
    ///   - key: The member, in a record in which equal names mostly lie in one place.
    ///   - other: The member before; -1 for none.
    ///   - marks: How the rules used each node.
    /// - Returns: False as well where it would take longer to find out, or where there is something to be kept.
    fileprivate func isAlike(_ key: Int, _ other: Int, _ marks: borrowing Cells<UInt8>) -> Bool {
        guard other >= 0, hasSameName(key, other), kind(key + 1) == .object else { return false }
        let count = next(key + 1) - key
        guard count > 2, kind(other + 1) == .object, next(other + 1) - other == count else { return false }
        // Behind the name and the element, names and texts take turns.
        for at in stride(from: 2, to: count, by: 2) {
            let (text, otherText) = (key + at + 1, other + at + 1)
            guard hasSameName(key + at, other + at), kind(text) == .string, kind(otherText) == .string,
                marks[text] != 0, marks[text] == marks[otherText]
            else { return false }
        }
        return true
    }

    @inline(__always)
    private func hasSameName(_ key: Int, _ other: Int) -> Bool {
        let (left, right) = (self[key], self[other])
        return left.start == right.start && left.end == right.end
            && !left.flags.union(right.flags).contains(.superseded)
    }

    /// Whether an object in a value has two members of one name, as XML does and JSON cannot say.
    fileprivate func repeatsNames(_ node: Int) -> Bool {
        guard kind(node) == .object else { return false }
        var names: Set<[UInt8]> = []
        var result = false
        forEachMember(node) { key, value in
            if !names.insert([UInt8](text(key).bytes)).inserted || repeatsNames(value) { result = true }
        }
        return result
    }

    /// Whether no rule has used anything of a container, and all of it belongs to one entry.
    fileprivate func isUntouched(
        _ node: Int,
        _ owner: Int32,
        _ marks: borrowing Cells<UInt8>,
        _ owners: borrowing Cells<Int32>
    ) -> Bool {
        for inner in node..<next(node) where marks[inner] != 0 || owners[inner] != owner { return false }
        return true
    }

    /// Whether a value says nothing: null, white space, or a container of such values.
    func isBlank(_ node: Int) -> Bool {
        switch kind(node) {
        case .null: return true
        case .string: return text(node).isBlank
        case .object, .array:
            var result = true
            if kind(node) == .array {
                forEachElement(node) { if !isBlank($0) { result = false } }
            } else {
                forEachMember(node) { key, value in if !text(key).equals("#ns"), !isBlank(value) { result = false } }
            }
            return result
        case .number, .true, .false: return false
        }
    }
}

extension OutputBuffer {
    /// Appends the ordinal of the entry that a kept value belongs to; the greatest number is the conversation.
    mutating func append(ordinal: UInt32) {
        reserve(4)
        UnsafeMutableRawPointer(base + count).storeBytes(of: ordinal, as: UInt32.self)
        count += 4
    }
}
