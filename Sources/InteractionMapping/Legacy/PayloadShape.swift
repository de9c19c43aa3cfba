// What kind of value a payload has where, for payloads that were written in a format that has no kinds.

/// A place in a payload or its wrappers: what is there in any generation, and below it.
package struct PayloadShape: Sendable {
    /// What a value is, as far as the mapping minds.
    package enum Kind: Sendable, Hashable {
        /// No generation says, or nobody minds.
        case any
        case text
        case number
        case boolean
        case object
        case list
    }

    /// What is here.
    package private(set) var kind: Kind
    private var members: [String: PayloadShape] = [:]
    /// The shape of a list's items, if anything is known about them.
    private var item: [PayloadShape] = []

    /// Makes the shape of a value with nothing known below it.
    package init(_ kind: Kind) { self.kind = kind }

    /// What a member of an object is.
    package subscript(_ name: String) -> PayloadShape { members[name] ?? PayloadShape(.any) }
    /// What a list's items are.
    package var items: PayloadShape { item.first ?? PayloadShape(.any) }

    /// Whether an object has a member of this name in some generation.
    package func knows(_ name: String) -> Bool { members[name] != nil }

    /// A whole record, of whatever generation: what the mapping tables and the target's slots say of all paths.
    package static let record: PayloadShape = {
        var record = PayloadShape(.object)
        for mapping in LegacyRules.version1 + LegacyRules.version2 + LegacyRules.version31 {
            record.define(mapping.path, mapping.rule.shape)
        }
        for prefix in ["", "payload."] {
            for slot in Slot.allCases { record.define(prefix + slot.path.description, PayloadShape(of: slot)) }
            for list in ["participants", "messages"] {
                record.define(prefix + Slot.conversations.path.description + "[]." + list, PayloadShape(.list))
            }
        }
        for prefix in ["", "inputs.", "payload."] {
            for (path, kind) in people { record.define(prefix + path, PayloadShape(kind)) }
        }
        record.define("headers.networkLatencyMs", PayloadShape(.number))
        return record
    }()

    /// What is no text inside the two objects that are carried whole, so that no mapping table looks into them.
    private static let people: [(path: String, kind: Kind)] = [
        ("agent.languages", .list), ("agent.skills", .list), ("agent.current_workload", .number),
        ("agent.in_training", .boolean), ("user.preferred_contact_times", .list),
        ("user.preferred_support_languages", .list), ("user.past_sessions", .list), ("user.pending_queries", .list),
        ("user.follow_up_details", .list), ("user.follow_up_required", .boolean), ("user.total_spend", .number),
    ]

    /// Where each generation has its transcript, the longest path first.
    package static let transcripts: [String] = (LegacyRules.version1 + LegacyRules.version2 + LegacyRules.version31)
        .filter { if case .special(.transcript) = $0.rule { true } else { false } }
        .map(\.path)
        .sorted { ($1.count, $0) < ($0.count, $1) }

    /// Adds what is known of a path; what two generations say of the same one adds up.
    private mutating func define(_ path: String, _ shape: PayloadShape) {
        define(path.split(separator: ".")[...], shape)
    }

    private mutating func define(_ steps: ArraySlice<Substring>, _ shape: PayloadShape) {
        guard let step = steps.first else { return add(shape) }
        if step.hasSuffix("[]") {
            members[String(step.dropLast(2)), default: PayloadShape(.list)].defineItem(steps.dropFirst(), shape)
        } else {
            members[String(step), default: PayloadShape(.any)].define(steps.dropFirst(), shape)
        }
    }

    private mutating func defineItem(_ steps: ArraySlice<Substring>, _ shape: PayloadShape) {
        if item.isEmpty { item = [PayloadShape(.object)] }
        item[0].define(steps, shape)
    }

    private mutating func add(_ shape: PayloadShape) {
        if kind == .any { kind = shape.kind }
        members.merge(shape.members) { known, _ in known }
        for (name, member) in shape.item.first?.members ?? [:] { defineItem([Substring(name)], member) }
    }
}

extension PayloadShape {
    /// What the schema allows at a slot.
    fileprivate init(of slot: Slot) {
        switch slot.shape {
        case .text, .medium: self.init(.text)
        case .number: self.init(.number)
        case .boolean: self.init(.boolean)
        case .list: self.init(.list)
        case .objects(let texts, let flags):
            self.init(.list)
            for text in texts { defineItem([Substring(text.description)], PayloadShape(.text)) }
            for flag in flags { defineItem([Substring(flag.description)], PayloadShape(.boolean)) }
        }
    }

    /// A list of what people or the system said, in the words of all generations.
    fileprivate static let entries: PayloadShape = {
        var list = PayloadShape(.list)
        let keys = [EntryKeys(.v2), EntryKeys(.v31)].flatMap { [$0.id.description, $0.name.description] }
        for key in keys + ["content", "role", "timestamp"] { list.defineItem([Substring(key)], PayloadShape(.text)) }
        return list
    }()
}

extension LegacyRule {
    /// What must be at a path for its rule to be of use.
    fileprivate var shape: PayloadShape {
        switch self {
        case .section: PayloadShape(.object)
        case .slot(let slot): PayloadShape(of: slot)
        case .identifier: PayloadShape(.text)
        // The values without a home are lists, all of them.
        case .keep: PayloadShape(.list)
        case .special(let special):
            switch special {
            case .transcript, .interactions: .entries
            case .notes: PayloadShape(.list)
            case .latency: PayloadShape(.number)
            case .product, .agent, .user: PayloadShape(.object)
            case .requestId, .threadId, .organizationId, .tenantId, .messageName, .medium, .variant, .variation,
                .productId, .crm, .channelName, .organizationName:
                PayloadShape(.text)
            }
        }
    }
}
