// The evaluation of a compiled schema on a tape.

/// What a value did not comply with, in terms of the table.
enum SchemaFault: Sendable {
    case kind(SchemaKinds)
    case missing(SchemaName)
    case text(SchemaTextRule)
    case tooShort(Int)
    case tooFew(Int)
    case branch(SchemaBranch.Mode)
}

/// Who is told about faults; the choice is made at compile time, so that a bare verdict costs nothing more.
protocol SchemaFaultSink {
    /// Whether the first fault is enough.
    static var stopsAtFirst: Bool { get }

    /// Receives a fault of the value at a node.
    mutating func add(_ fault: SchemaFault, at node: Int)
}

/// Only the verdict matters.
struct SchemaVerdict: SchemaFaultSink {
    static var stopsAtFirst: Bool { true }

    mutating func add(_ fault: SchemaFault, at node: Int) {}
}

/// Keeps all faults.
struct SchemaFaultList: SchemaFaultSink {
    static var stopsAtFirst: Bool { false }

    private(set) var faults: [(fault: SchemaFault, node: Int)] = []

    mutating func add(_ fault: SchemaFault, at node: Int) {
        faults.append((fault, node))
    }
}

extension SchemaTable {
    /// Checks one value and all it holds.
    ///
    /// - Parameters:
    ///   - index: The rule.
    ///   - view: The parsed text.
    ///   - node: The value's node.
    ///   - sink: Receives what is wrong.
    /// - Returns: Whether nothing is.
    /// - Complexity: One step a node, times the alternatives that apply to it.
    func evaluate<Sink: SchemaFaultSink>(_ index: Int, _ view: JSONView, _ node: Int, _ sink: inout Sink) -> Bool {
        let rule = rules[index]
        let kind = view.kind(node)
        guard rule.kinds.contains(SchemaKinds(kind)) else {
            sink.add(.kind(rule.kinds), at: node)
            return false
        }
        var isAccepted: Bool
        switch kind {
        case .object: isAccepted = evaluateMembers(rule, view, node, &sink)
        case .array: isAccepted = evaluateElements(rule, view, node, &sink)
        case .string: isAccepted = evaluateText(rule, view.text(node), node, &sink)
        default: isAccepted = true
        }
        if Sink.stopsAtFirst, !isAccepted { return false }
        for branch in rule.branches where !evaluate(branches[branch], view, node, &sink) {
            if Sink.stopsAtFirst { return false }
            isAccepted = false
        }
        return isAccepted
    }

    private func evaluateMembers<Sink: SchemaFaultSink>(
        _ rule: SchemaRule,
        _ view: JSONView,
        _ node: Int,
        _ sink: inout Sink
    ) -> Bool {
        if rule.properties.isEmpty { return true }
        var isAccepted = true
        var found: UInt64 = 0
        let end = view.next(node)
        var key = node &+ 1
        while key < end {
            let value = key &+ 1
            defer { key = view.next(value) }
            guard let property = property(of: rule, named: view.text(key)),
                !view[key].flags.contains(.superseded)
            else { continue }
            found |= property.requiredBit
            guard let inner = property.rule, !evaluate(inner, view, value, &sink) else { continue }
            if Sink.stopsAtFirst { return false }
            isAccepted = false
        }
        if rule.required & ~found == 0 { return isAccepted }
        for property in rule.properties where properties[property].requiredBit & ~found != 0 {
            sink.add(.missing(properties[property].name), at: node)
        }
        return false
    }

    @inline(__always)
    private func property(of rule: SchemaRule, named text: TextSlice) -> SchemaProperty? {
        for index in rule.properties where matches(properties[index].name, text) { return properties[index] }
        return nil
    }

    private func evaluateElements<Sink: SchemaFaultSink>(
        _ rule: SchemaRule,
        _ view: JSONView,
        _ node: Int,
        _ sink: inout Sink
    ) -> Bool {
        var isAccepted = true
        if rule.minItems > 0, view.isEmpty(node) || view.elementCount(node) < rule.minItems {
            sink.add(.tooFew(rule.minItems), at: node)
            isAccepted = false
        }
        if Sink.stopsAtFirst, !isAccepted { return false }
        guard let items = rule.items else { return isAccepted }
        let end = view.next(node)
        var element = node &+ 1
        while element < end {
            if !evaluate(items, view, element, &sink) {
                if Sink.stopsAtFirst { return false }
                isAccepted = false
            }
            element = view.next(element)
        }
        return isAccepted
    }

    private func evaluateText<Sink: SchemaFaultSink>(
        _ rule: SchemaRule,
        _ text: TextSlice,
        _ node: Int,
        _ sink: inout Sink
    ) -> Bool {
        var isAccepted = true
        for index in rule.textRules {
            let isMatch =
                switch textRules[index] {
                case .literals(let range): range.contains { matches(literals[$0], text) }
                case .pattern(let pattern): pattern.matches(text)
                }
            if isMatch { continue }
            sink.add(.text(textRules[index]), at: node)
            if Sink.stopsAtFirst { return false }
            isAccepted = false
        }
        if rule.minLength > 0, !Self.hasCodePoints(text, rule.minLength) {
            sink.add(.tooShort(rule.minLength), at: node)
            isAccepted = false
        }
        return isAccepted
    }

    /// Whether a text has at least so many code points; a lone surrogate counts as one.
    private static func hasCodePoints(_ text: TextSlice, _ wanted: Int) -> Bool {
        var found = 0
        var at = 0
        while at < text.count, found < wanted {
            if text.start[at] == UInt8(ascii: "\\"), text.form != .plain {
                at += text.escape(at).length
            } else {
                at += 1
                while at < text.count, text.start[at] & 0xC0 == 0x80 { at += 1 }
            }
            found += 1
        }
        return found >= wanted
    }

    private func evaluate<Sink: SchemaFaultSink>(
        _ branch: SchemaBranch,
        _ view: JSONView,
        _ node: Int,
        _ sink: inout Sink
    ) -> Bool {
        var verdict = SchemaVerdict()
        switch branch.mode {
        case .conditional:
            guard evaluate(branchRules[branch.rules.lowerBound], view, node, &verdict) else { return true }
            return evaluate(branchRules[branch.rules.upperBound - 1], view, node, &sink)
        case .any:
            if branch.rules.contains(where: { evaluate(branchRules[$0], view, node, &verdict) }) { return true }
        case .exactlyOne:
            let accepting = branch.rules.count { evaluate(branchRules[$0], view, node, &verdict) }
            if accepting == 1 { return true }
        }
        sink.add(.branch(branch.mode), at: node)
        return false
    }
}
