// What expressions and conditions of a profile give for the thing at hand.

internal import InteractionModel

extension Extractor {
    // MARK: By the plan

    /// What a planned value comes to, as ``text(_:_:_:)-(Expression,_,_)`` computes it.
    @inline(__always)
    mutating func text(_ value: PlannedValue, _ item: inout Item, _ target: FieldTarget) -> TextSlice? {
        guard value >= 0 else { return nil }
        let range = plan.values[Int(value)]
        var index = range.lowerBound
        while index < range.upperBound {
            if let text = choose(Int(index), &item, target) { return text }
            index &+= 1
        }
        return nil
    }

    private mutating func choose(_ index: Int, _ item: inout Item, _ target: FieldTarget) -> TextSlice? {
        let condition = plan.choices[index].condition
        if condition >= 0, !holds(condition, &item) { return nil }
        let words = plan.choices[index].words
        var text: TextSlice
        switch plan.choices[index].kind {
        case .member:
            guard let node = member(index, item) else { return nil }
            let kind = item.view.kind(node)
            if kind == .string {
                text = item.view.text(node)
            } else if kind == .number {
                text = TextSlice(plain: item.view.bytes(node))
            } else {
                return kind == .null && isTable ? nil : general(index, &item, target)
            }
            if text.startsBlank {
                // Another member of the same name, which only XML has, may say more.
                guard isTable else { return general(index, &item, target) }
                if text.isBlank { return nil }
            }
            guard words < 0 || text.form == .plain else { return general(index, &item, target) }
            if words >= 0 {
                guard let word = plan.words[Int(words)].value(of: text), !word.isBlank else { return nil }
                text = word
            }
            if item.isOfRecord { mark(node, target) }
        case .constant:
            text = plan.choices[index].text
            if words >= 0 {
                guard let word = plan.words[Int(words)].value(of: text), !word.isBlank else { return nil }
                text = word
            }
        case .general:
            return general(index, &item, target)
        }
        reached[Int(plan.choices[index].rule)] = true
        return text
    }

    private mutating func general(_ index: Int, _ item: inout Item, _ target: FieldTarget) -> TextSlice? {
        guard let alternative = plan.alternatives[index] else { return nil }
        return text(alternative, item.scope(), target)
    }

    /// The value of the member that a choice names, looked for first where it was before.
    mutating func member(_ index: Int, _ item: Item) -> Int? {
        let hint = Int(plan.choices[index].hint)
        // The columns of a table are bound.
        if isTable { return hint > 0 && item.node == 0 ? hint &+ 1 : nil }
        let view = item.view
        guard view.kind(item.node) == .object else { return nil }
        let end = view.next(item.node)
        let guess = item.node &+ hint
        var key = item.node &+ 1
        // XML repeats names, and the first counts; elsewhere only the member itself has to be looked at.
        if hint > 0, guess < end, !repeatsNames, isMember(view, guess, plan.choices[index].text) {
            // What lies there may be a member of a member.
            while key < guess { key = view.next(key &+ 1) }
            if key == guess { return key &+ 1 }
            key = item.node &+ 1
        }
        while key < end {
            if isMember(view, key, plan.choices[index].text) {
                plan.remember(index, at: key &- item.node)
                return key &+ 1
            }
            key = view.next(key &+ 1)
        }
        return nil
    }

    /// Whether a value's alternatives are anything but members that are not there.
    mutating func mayGive(_ value: PlannedValue, _ item: Item) -> Bool {
        guard value >= 0 else { return false }
        for index in plan.values[Int(value)] {
            if plan.choices[Int(index)].kind != .member || member(Int(index), item) != nil { return true }
        }
        return false
    }

    @inline(__always)
    private func isMember(_ view: JSONView, _ key: Int, _ name: TextSlice) -> Bool {
        view[key].kind == .string && view.text(key).equals(name) && !view[key].flags.contains(.superseded)
    }

    /// Whether a planned condition holds; -1 always does.
    @inline(__always)
    mutating func holds(_ condition: Int32, _ item: inout Item) -> Bool {
        condition < 0 || decide(Int(condition), &item)
    }

    private mutating func decide(_ index: Int, _ item: inout Item) -> Bool {
        let test = plan.tests[index]
        guard test.kind != .general else { return plan.conditions[index].holds(item.scope(), file) }
        guard let node = member(Int(test.choice), item), item.view.kind(node) == .string else {
            // Absent from a table for good; elsewhere it may be a number, or another member of the name.
            return isTable ? false : plan.conditions[index].holds(item.scope(), file)
        }
        let text = item.view.text(node)
        if text.isBlank { return isTable ? false : plan.conditions[index].holds(item.scope(), file) }
        if test.kind == .exists { return true }
        for word in test.words where plan.testWords[word].equals(text) { return true }
        return isTable ? false : plan.conditions[index].holds(item.scope(), file)
    }

    // MARK: Conditions

    /// Marks the tested values of a condition that says what they are, so that they need not be kept.
    mutating func markDecided(_ condition: Condition, _ scope: Scope) {
        switch condition {
        case .all(let inner): for each in inner { markDecided(each, scope) }
        case .equals(let path, let patterns) where patterns.count == 1 && path.file == nil:
            guard !patterns[0].contains("*"), let found = scope.first(path) else { return }
            mark(found, .decision)
        default: break
        }
    }

    // MARK: Texts

    /// The first alternative that gives a text which is not blank.
    ///
    /// - Parameters:
    ///   - expression: What to compute.
    ///   - scope: Where to look.
    ///   - target: What the values it takes become.
    /// - Returns: The text; it lasts as long as the record.
    mutating func text(_ expression: Expression, _ scope: Scope, _ target: FieldTarget) -> TextSlice? {
        for alternative in expression.alternatives {
            if let text = text(alternative, scope, target) { return text }
        }
        return nil
    }

    mutating func text(_ alternative: Alternative, _ scope: Scope, _ target: FieldTarget) -> TextSlice? {
        if let condition = alternative.condition, !condition.holds(scope, file) { return nil }
        let start = trail.count
        guard var text = source(alternative, scope, target) else {
            takeBack(to: start)
            return nil
        }
        for step in alternative.steps {
            guard let next = apply(step, text, scope) else {
                // A word that stands for nothing has been understood; anything else is still there to be kept.
                if case .absent = step { return nil }
                takeBack(to: start)
                return nil
            }
            text = next
        }
        guard !text.isBlank else {
            takeBack(to: start)
            return nil
        }
        reached[alternative.rule] = true
        return text
    }

    mutating func source(_ alternative: Alternative, _ scope: Scope, _ target: FieldTarget) -> TextSlice? {
        switch alternative.source {
        case .path(let path):
            if let fact = path.file { return texts.keep(file.text(fact)) }
            var result: Found?
            scope.visit(path) { found in
                guard let text = found.text, !text.isBlank else { return true }
                result = found
                return false
            }
            guard let result else { return nil }
            mark(result, target)
            return result.text
        case .constant(let text):
            return texts.keep(text)
        case .join(let parts, let separator, let isSorted):
            let found = parts.compactMap { text($0, scope, target) }
            return joined(isSorted ? found.sorted { $0.string < $1.string } : found, separator)
        case .each(let paths, let item, let separator, let isSorted):
            let found = scope.items(paths).compactMap { text(item, $0, target) }
            return joined(isSorted ? found.sorted { $0.string < $1.string } : found, separator)
        case .runs(let path):
            return runs(path, scope, target)
        case .lookup(let table, let by, let get):
            guard let rows = tables[table], let key = text(by, scope, target) else { return nil }
            guard let row = rows.row(key) else { return nil }
            return text(get, Scope(row: row), .unused)
        case .object:
            return nil
        }
    }

    private mutating func joined(_ texts: [TextSlice], _ separator: String) -> TextSlice? {
        guard texts.count > 1 else { return texts.first }
        return keep(Array(texts.map { $0.unescaped() }.joined(separator: Array(separator.utf8))))
    }

    /// A string, or the strings and `text` members of an array, put together.
    private mutating func runs(_ path: ValuePath, _ scope: Scope, _ target: FieldTarget) -> TextSlice? {
        var pieces: [Found] = []
        scope.visit(path) { found in
            if found.kind == .array {
                found.view.forEachElement(found.node) { element in
                    if found.view.kind(element) == .object {
                        guard let text = found.view.member(element, "text") else { return }
                        pieces.append(Found(view: found.view, node: text, space: found.space))
                    } else {
                        pieces.append(Found(view: found.view, node: element, space: found.space))
                    }
                }
            } else {
                pieces.append(found)
            }
            return true
        }
        for piece in pieces { mark(piece, target) }
        if pieces.count == 1 { return pieces[0].text }
        let joined = pieces.compactMap { $0.text?.unescaped() }.joined()
        return joined.isEmpty ? nil : keep(Array(joined))
    }

    /// Keeps unescaped UTF-8 for as long as the record lasts.
    mutating func keep(_ utf8: [UInt8]) -> TextSlice { utf8.withUnsafeBytes { texts.keep(utf8: $0) } }

    // MARK: Values

    /// Every value that an expression finds, as JSON: the items of a list.
    ///
    /// Unlike for a text, a path's values all count, and objects and arrays stay what they are.
    ///
    /// - Parameters:
    ///   - expression: What to compute.
    ///   - scope: Where to look.
    ///   - target: What the values it takes become.
    /// - Returns: Canonical JSON values in order.
    mutating func values(_ expression: Expression, _ scope: Scope, _ target: FieldTarget) -> [[UInt8]] {
        for alternative in expression.alternatives {
            if let condition = alternative.condition, !condition.holds(scope, file) { continue }
            var found: [[UInt8]] = []
            switch alternative.source {
            case _ where alternative.steps.contains(where: \.givesPieces):
                found = pieces(alternative, scope, target)
            case .path(let path) where alternative.steps.isEmpty && path.file == nil:
                found = values(path, scope, target)
            case .object(let members):
                found = object(members, scope, target).map { [$0] } ?? []
            default:
                guard let text = text(alternative, scope, target) else { continue }
                return [json { $0.append(string: text) }]
            }
            guard !found.isEmpty else { continue }
            reached[alternative.rule] = true
            return found
        }
        return []
    }

    private mutating func values(_ path: ValuePath, _ scope: Scope, _ target: FieldTarget) -> [[UInt8]] {
        var all: [Found] = []
        scope.visit(path) { found in
            if found.kind != .null, found.text.map({ !$0.isBlank }) ?? !found.view.isEmpty(found.node) {
                all.append(found)
            }
            return true
        }
        for found in all { mark(all: found, target) }
        return all.map { found in json { $0.append(value: found.view, found.node) } }
    }

    private mutating func object(
        _ members: [(key: String, value: Expression)],
        _ scope: Scope,
        _ target: FieldTarget
    ) -> [UInt8]? {
        var object = OutputBuffer(capacity: 256)
        object.append("{")
        for member in members {
            let found = values(member.value, scope, target)
            guard !found.isEmpty else { continue }
            object.append(quoted: member.key)
            object.append(found.count == 1 ? ":" : ":[")
            for value in found {
                object.append(value)
                object.append(",")
            }
            object.removeTrailing(UInt8(ascii: ","))
            object.append(found.count == 1 ? "," : "],")
        }
        guard object.count > 1 else { return nil }
        object.removeTrailing(UInt8(ascii: ","))
        object.append("}")
        return object.array
    }

    func json(_ write: (inout OutputBuffer) -> Void) -> [UInt8] {
        var out = OutputBuffer(capacity: 64)
        write(&out)
        return out.array
    }

    // MARK: Marks

    /// Notes what a value has become; the first use counts, but for a mere decision.
    mutating func mark(_ found: Found, _ target: FieldTarget) {
        guard target != .unused else { return }
        switch found.space {
        case .record: mark(found.textNode, target)
        case .context: markContext(found.textNode)
        case .table: break
        }
    }

    @inline(__always)
    mutating func mark(_ node: Int, _ target: FieldTarget) {
        let known = marks[node]
        guard known == 0 || known == FieldTarget.decision.rawValue else { return }
        trail.append((node, known))
        marks[node] = target.rawValue
    }

    private mutating func markContext(_ node: Int) {
        if contextMarks.insert(node).inserted { trail.append((-1 - node, 0)) }
    }

    /// Takes back the marks of values that came to nothing.
    mutating func takeBack(to count: Int) {
        while let (node, mark) = trail.popLast(to: count) {
            if node < 0 { contextMarks.remove(-1 - node) } else { marks[node] = mark }
        }
    }

    private mutating func mark(all found: Found, _ target: FieldTarget) {
        switch found.space {
        case .record:
            for node in found.node..<found.view.next(found.node) where marks[node] == 0 { mark(node, target) }
        case .context:
            for node in found.node..<found.view.next(found.node) { markContext(node) }
        case .table: break
        }
    }
}

extension Expression {
    /// The paths it reads, for findings.
    var paths: [String] {
        alternatives.flatMap { alternative -> [String] in
            switch alternative.source {
            case .path(let path), .runs(let path): [path.text]
            case .join(let parts, _, _): parts.flatMap(\.paths)
            case .each(let paths, _, _, _): paths.map(\.text)
            case .lookup(_, let by, _): by.paths
            case .constant, .object: []
            }
        }
    }
}

/// Patterns in which `*` stands for any characters.
package enum Glob {
    package static func matches(_ pattern: String, _ text: String) -> Bool {
        guard pattern.contains("*") else { return pattern == text }
        let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
        var rest = text[...]
        for (index, piece) in pieces.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(piece) else { return false }
                rest = rest.dropFirst(piece.count)
            } else if index == pieces.count - 1 {
                return rest.hasSuffix(piece)
            } else if let found = rest.firstRange(of: piece) {
                rest = rest[found.upperBound...]
            } else {
                return false
            }
        }
        return true
    }
}
