// Compiling a schema: everything it says about one value becomes one rule.

/// Compiles the definitions that can be asked for, and what they refer to.
struct SchemaCompiler {
    // Safety: the view's tape and text outlive the compiler, which `compile` makes and drops.
    private let view: JSONView
    private var table = SchemaTable()
    /// The rule of each set of schema objects that together describe one value.
    private var compiled: [Set<Int>: Int] = [:]

    /// Compiles a schema.
    ///
    /// - Parameter text: A JSON Schema whose `$defs` hold every ``InteractionSchema/Definition``.
    /// - Returns: The rules.
    /// - Throws: ``SchemaError`` for a text that is no schema, or says something that cannot be honoured.
    static func compile(_ text: [UInt8]) throws(SchemaError) -> SchemaTable {
        let source = PaddedBytes(text)
        var tape = JSONTape()
        do { try tape.scan(source.start, count: source.count) } catch { throw .unreadable(error) }
        var compiler = SchemaCompiler(view: tape.view(of: source.start))
        for definition in InteractionSchema.Definition.allCases {
            let rule = try compiler.rule(of: [compiler.definition(named: definition.rawValue)])
            compiler.table.entries[definition] = rule
        }
        return compiler.table
    }

    private init(view: JSONView) {
        self.view = view
    }

    /// The rule for a value that several schema objects describe, made at the first call.
    private mutating func rule(of schemas: [Int]) throws(SchemaError) -> Int {
        let parts = try closure(of: schemas)
        if let known = compiled[parts] { return known }
        let index = table.rules.count
        compiled[parts] = index
        table.rules.append(SchemaRule())

        var rule = SchemaRule()
        var keywords: [SchemaKeywords] = []
        for part in parts.sorted() { keywords.append(try SchemaKeywords(view, part)) }
        for part in keywords {
            rule.kinds.formIntersection(part.kinds)
            if !part.enumerations.isEmpty { rule.kinds.formIntersection(SchemaKinds(.string)) }
            rule.minItems = max(rule.minItems, part.minItems)
            rule.minLength = max(rule.minLength, part.minLength)
        }
        let items = keywords.compactMap(\.items)
        if !items.isEmpty { rule.items = try self.rule(of: items) }
        rule.textRules = addTextRules(keywords)
        rule.properties = try addProperties(keywords)
        rule.required = table.properties[rule.properties].reduce(0) { $0 | $1.requiredBit }
        rule.branches = try addBranches(keywords, within: parts)
        table.rules[index] = rule
        return index
    }

    private mutating func addTextRules(_ keywords: [SchemaKeywords]) -> Range<Int> {
        var rules: [SchemaTextRule] = []
        for enumeration in keywords.flatMap(\.enumerations) {
            let start = table.literals.count
            for literal in enumeration { table.literals.append(table.intern(literal)) }
            rules.append(.literals(start..<table.literals.count))
        }
        rules += Set(keywords.compactMap(\.pattern)).map { .pattern($0) }
        table.textRules += rules
        return (table.textRules.count - rules.count)..<table.textRules.count
    }

    private mutating func addProperties(_ keywords: [SchemaKeywords]) throws(SchemaError) -> Range<Int> {
        var names: [[UInt8]] = []
        for name in keywords.flatMap({ $0.properties.map(\.name) + $0.required }) where !names.contains(name) {
            names.append(name)
        }
        let required = Set(keywords.flatMap(\.required))
        guard required.count <= UInt64.bitWidth else { throw .unsupportedValue(keyword: "required") }
        var properties: [SchemaProperty] = []
        var bit: UInt64 = 1
        for name in names {
            var property = SchemaProperty(name: table.intern(name))
            let schemas = Self.schemas(of: name, in: keywords)
            if !schemas.isEmpty { property.rule = try rule(of: schemas) }
            if required.contains(name) {
                property.requiredBit = bit
                bit &<<= 1
            }
            properties.append(property)
        }
        table.properties += properties
        return (table.properties.count - properties.count)..<table.properties.count
    }

    private mutating func addBranches(
        _ keywords: [SchemaKeywords],
        within parts: Set<Int>
    ) throws(SchemaError) -> Range<Int> {
        var branches: [SchemaBranch] = []
        for part in keywords {
            if let schemas = part.anyOf { branches.append(try branch(.any, schemas)) }
            if let schemas = part.oneOf { branches.append(try branch(.exactlyOne, schemas)) }
            if let condition = part.condition, let consequence = part.consequence,
                try !isImplied(consequence, by: parts)
            {
                branches.append(try branch(.conditional, [condition, consequence]))
            }
        }
        table.branches += branches
        return (table.branches.count - branches.count)..<table.branches.count
    }

    private mutating func branch(_ mode: SchemaBranch.Mode, _ schemas: [Int]) throws(SchemaError) -> SchemaBranch {
        var rules: [Int] = []
        for schema in schemas { rules.append(try rule(of: [schema])) }
        table.branchRules += rules
        return SchemaBranch(mode: mode, rules: (table.branchRules.count - rules.count)..<table.branchRules.count)
    }
}

extension SchemaCompiler {
    /// Whether a value that complies with some schema objects complies with another one anyway.
    ///
    /// It spares an Interaction the contract's conditions, which ask again for what every Interaction must have.
    private func isImplied(_ schema: Int, by parts: Set<Int>) throws(SchemaError) -> Bool {
        for part in try closure(of: [schema]).subtracting(parts) {
            let keywords = try SchemaKeywords(view, part)
            guard !keywords.restrictsBeyondProperties else { return false }
            var outer: [SchemaKeywords] = []
            for other in parts { outer.append(try SchemaKeywords(view, other)) }
            for property in keywords.properties {
                let given = try closure(of: Self.schemas(of: property.name, in: outer))
                guard try closure(of: [property.schema]).isSubset(of: given) else { return false }
            }
        }
        return true
    }

    /// The schema objects that restrict the same value as these do, through `$ref` and `allOf`.
    private func closure(of schemas: [Int]) throws(SchemaError) -> Set<Int> {
        var found: Set<Int> = []
        var visited: Set<Int> = []
        var pending = schemas
        while let schema = pending.popLast() {
            guard visited.insert(schema).inserted else { continue }
            let keywords = try SchemaKeywords(view, schema)
            if keywords.isRestricting { found.insert(schema) }
            pending += keywords.allOf
            guard let reference = keywords.reference else { continue }
            let prefix = "#/$defs/"
            guard reference.hasPrefix(prefix) else { throw .unknownDefinition(reference) }
            pending.append(try definition(named: String(reference.dropFirst(prefix.count))))
        }
        return found
    }

    private func definition(named name: String) throws(SchemaError) -> Int {
        var found: Int?
        if let definitions = view.member(view.root, "$defs"), view.kind(definitions) == .object {
            view.forEachMember(definitions) { if view.text($0).string == name { found = $1 } }
        }
        guard let found else { throw .unknownDefinition(name) }
        return found
    }

    private static func schemas(of name: [UInt8], in keywords: [SchemaKeywords]) -> [Int] {
        keywords.flatMap { $0.properties.filter { $0.name == name }.map(\.schema) }
    }
}
