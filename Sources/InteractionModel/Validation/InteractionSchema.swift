// The contract's schema, ready to be asked about any parsed message.

/// Something in a message that its schema does not allow.
package struct SchemaViolation: Hashable, Sendable {
    /// Where, such as `request.scope.conversations[0].messages[2].timestamp`; empty for the whole message.
    package let path: String
    /// What the schema wants there, in words that follow "expected".
    package let expected: String
    /// The first byte of the value, or of the object that lacks one.
    package let offset: Int
    /// The value's node, or the object's that lacks one.
    package let node: Int
    /// Whether something is missing in the object, rather than wrong with the value.
    package let isMissing: Bool
}

/// The schema of Interaction messages and replies, contract 3.2.3, compiled in.
package struct InteractionSchema: Sendable {
    /// What a message is checked to be; raw values are the schema's own names.
    package enum Definition: String, CaseIterable, Sendable {
        case interactionPayload = "InteractionPayload"
        case interactionEnvelope = "InteractionEnvelope"
        case payload = "Payload"
        case messageEnvelope = "MessageEnvelope"
        case payloadWithConversations = "PayloadWithConversations"
        case responseEnvelope = "ResponseEnvelope"
        case responseEnvelopeTolerant = "ResponseEnvelopeTolerant"
        case superpowerResponse = "SuperpowerResponse"
        case errorResponse = "ErrorResponse"
    }

    private static let table: SchemaTable = {
        do {
            return try SchemaCompiler.compile(PackageResources.interaction_v3_2_schema_json)
        } catch {
            preconditionFailure("the schema that is compiled in cannot be read: \(error)")
        }
    }()

    /// Whether a value complies with a definition.
    ///
    /// - Parameters:
    ///   - definition: What it should be.
    ///   - view: The parsed text.
    ///   - node: The value's node.
    /// - Returns: The verdict of JSON Schema 2020-12.
    /// - Complexity: One step a node, without allocation; ends at the first violation.
    package static func accepts(_ definition: Definition, view: JSONView, at node: Int) -> Bool {
        guard let rule = table.entries[definition] else { return false }
        var verdict = SchemaVerdict()
        return table.evaluate(rule, view, node, &verdict)
    }

    /// Finds everything in a value that a definition does not allow.
    ///
    /// - Parameters:
    ///   - definition: What the value should be.
    ///   - view: The parsed text.
    ///   - node: The value's node; paths are relative to it.
    ///   - body: Receives each violation, in the order of the text; what is missing comes after what is there.
    package static func violations(
        of definition: Definition,
        view: JSONView,
        at node: Int,
        into body: (SchemaViolation) -> Void
    ) {
        guard let rule = table.entries[definition] else { return }
        var list = SchemaFaultList()
        guard !table.evaluate(rule, view, node, &list) else { return }
        var path = TapePath(view, root: node)
        for (fault, node) in list.faults {
            var missing: String?
            if case .missing(let name) = fault { missing = table.string(name) }
            body(
                SchemaViolation(
                    path: path.path(of: node, member: missing),
                    expected: table.expectation(fault),
                    offset: view.offset(node),
                    node: node,
                    isMissing: missing != nil
                )
            )
        }
    }
}

extension JSONView {
    /// The first byte of a value, a string's quote included.
    func offset(_ node: Int) -> Int {
        Int(self[node].start) - (kind(node) == .string ? 1 : 0)
    }
}

extension SchemaTable {
    /// What was wanted, in words that follow "expected".
    fileprivate func expectation(_ fault: SchemaFault) -> String {
        switch fault {
        case .kind(let kinds): kinds.expectation
        case .missing: "a value, because it is required"
        case .tooShort(let count): "at least \(count) character\(count == 1 ? "" : "s")"
        case .tooFew(let count): "at least \(count) element\(count == 1 ? "" : "s")"
        case .branch(.exactlyOne): "exactly one of the forms of a reply; an error reply has more than one"
        case .branch: "one of the forms of a reply"
        case .text(.pattern(let pattern)): pattern.expectation
        case .text(.literals(let range)):
            (range.count == 1 ? "" : "one of ") + literals[range].map { "\"\(string($0))\"" }.joined(separator: ", ")
        }
    }
}

extension SchemaKinds {
    /// The kinds in words.
    fileprivate var expectation: String {
        let names: [(SchemaKinds, String)] = [
            (SchemaKinds(.object), "an object"), (SchemaKinds(.array), "an array"),
            (SchemaKinds(.string), "a string"), (SchemaKinds(.number), "a number"), (.boolean, "true or false"),
            (SchemaKinds(.null), "null"),
        ]
        let named = names.filter { isSuperset(of: $0.0) }.map(\.1)
        return named.isEmpty ? "no value at all" : named.joined(separator: " or ")
    }
}
