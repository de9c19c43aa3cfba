// A legacy record beside what was made of it.

public import InteractionMapping
internal import InteractionModel

/// One Interaction of a conversion beside what the mapping makes now of the record that it comes from.
public struct SourceComparison: Sendable, Hashable {
    /// A single value of the source, and where it went.
    public struct Leaf: Sendable, Hashable {
        /// What became of the value.
        public struct Fate: Sendable, Hashable {
            /// Whether it is at its target, elsewhere, kept, dropped or rejected.
            public var disposition: Disposition
            /// The target, or the name of the rule by which it was dropped or rejected; docs/MAPPING.md has both.
            public var rule: String
            /// How many values at the path, without positions, have the same fate.
            public var count: Int
        }

        /// Its path, such as `session.user_perspective[0].role`.
        public var path: String
        /// The value as JSON; texts are masked unless they were asked for.
        public var value: String
        /// What became of it; several where the books only say how many of the path's values went which way.
        public var fates: [Fate]
        /// What stands at the target, as JSON; nil where that is not a value of its own.
        public var result: String?
        /// Whether the target has another value than the source; nil where there is no ``result``.
        public var isChanged: Bool?
    }

    /// The source as it was named; nil for an Interaction that none of the records makes.
    public var file: String?
    /// The record's number in its file, or that of a conversation's first record.
    public var record: Int?
    /// The record's generation, or the profile by which it was read.
    public var format: String?
    /// Single values of a legacy record, with its first Interaction, as they are in JSON whatever it was read from.
    ///
    /// Those of chat logs are in the field ledger only, since many records make one conversation.
    public var leaves: [Leaf] = []
    /// What a person should know of the record, in words.
    public var findings: [String] = []
    /// The old one is what the mapping makes now, the new one what is in the conversion; nil for a record that is not
    /// converted, or that was folded into what a later one became.
    public var difference: InteractionDifference?
    /// The Interaction that holds what the record says, together with later snapshots of its thread; it comes next.
    public var foldedInto: InteractionDifference.Place?
}

extension SourceComparison {
    /// The comparison as one JSON object, with its line feed.
    public var json: String {
        let place = difference?.place ?? foldedInto
        return OutputBuffer.text(object: {
            write(to: &$0)
            $0.member("status", status)
            $0.member("threadId", place?.threadId)
            $0.member("part", place?.part)
            $0.member("requestId", place?.requestId)
            $0.member("newRecord", difference?.new?.record)
            $0.member("changes", list: (difference?.json ?? "").split(separator: "\n")) { $0.append(text: String($1)) }
        }) + "\n"
    }

    /// `same`, `differs`, `missing` in the conversion, `no-source`, `folded`, or `not-converted`.
    public var status: String {
        switch difference?.kind {
        case nil: foldedInto == nil ? "not-converted" : "folded"
        case .equal: "same"
        case .changed: "differs"
        case .removed: "missing"
        case .added: "no-source"
        }
    }

    /// Appends what is known without the conversion, as members of an object.
    func write(to out: inout OutputBuffer) {
        out.member("file", file)
        out.member("record", record)
        out.member("format", format)
        out.member("leaves", list: leaves) { out, leaf in out.append(object: leaf.write) }
        out.member("findings", findings)
    }

    /// Reads what ``write(to:)`` wrote.
    init(_ json: some Collection<UInt8>) {
        guard let value = try? JSONValue(parsing: [UInt8](json)) else { return }
        file = value["file"]?.text
        record = value["record"]?.number
        format = value["format"]?.text
        findings = value["findings"]?.elements.compactMap(\.text) ?? []
        leaves = value["leaves"]?.elements.map { Leaf($0) } ?? []
    }
}

extension SourceComparison.Leaf {
    fileprivate func write(to out: inout OutputBuffer) {
        out.member("path", path)
        out.member(named: "value") { $0.append(text: value) }
        out.member("fates", list: fates) { out, fate in
            out.append(object: {
                $0.member("disposition", fate.disposition.rawValue)
                $0.member("rule", fate.rule)
                $0.member("count", fate.count)
            })
        }
        if let result { out.member(named: "result") { $0.append(text: result) } }
        if let isChanged { out.member("changed", isChanged) }
    }

    fileprivate init(_ value: JSONValue) {
        path = value["path"]?.text ?? ""
        self.value = value["value"].map { String(decoding: $0.json, as: UTF8.self) } ?? "null"
        fates =
            value["fates"]?.elements.map {
                Fate(
                    disposition: $0["disposition"]?.text.flatMap(Disposition.init) ?? .mapped,
                    rule: $0["rule"]?.text ?? "",
                    count: $0["count"]?.number ?? 0
                )
            } ?? []
        result = value["result"].map { String(decoding: $0.json, as: UTF8.self) }
        isChanged = value["changed"].map { $0 == .bool(true) }
    }
}

extension JSONValue {
    fileprivate var number: Int? {
        if case .number(let text) = self { Int(text) } else { nil }
    }
}
