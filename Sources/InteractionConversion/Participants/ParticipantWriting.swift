// Keys, conflicts and evidence as text: a crosswalk in CSV or NDJSON, and JSON for machines.

internal import InteractionMapping
internal import InteractionModel

extension ParticipantKey {
    /// The columns of a crosswalk as it is exported; `--participants` reads the first five and ignores the others.
    public static let columns = Crosswalk.columns + Crosswalk.ignoredColumns

    /// The key as a line of CSV.
    ///
    /// A cell that a spreadsheet would take for a formula begins with an apostrophe, which is no part of it.
    public var csv: String {
        let cells = [
            sourceKey, system ?? "", participantId ?? "", displayName ?? "", role?.rawValue ?? "", status.rawValue,
            currentId ?? "", seenNames.joined(separator: "; "), seenRoles.joined(separator: " "),
            String(conversations), evidence,
        ]
        return cells.map(SpreadsheetCell.written).joined(separator: ",") + "\n"
    }

    /// The key as one JSON object, without a line feed.
    public var json: String {
        var out = OutputBuffer(capacity: 512)
        out.append(key: self)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension ParticipantConflict {
    /// The conflict as one JSON object, without a line feed.
    public var json: String {
        var out = OutputBuffer(capacity: 1024)
        out.append("{\"kind\":")
        out.append(quoted: kind.rawValue)
        out.append(",\"message\":")
        out.append(quoted: kind.message)
        out.append(",\"remedy\":")
        out.append(quoted: kind.remedy)
        out.append(",\"file\":")
        out.append(quoted: place.file)
        out.append(",\"record\":")
        out.append(number: place.record)
        out.append(",\"keyCount\":")
        out.append(number: keyCount)
        out.append(",\"keys\":")
        out.append(list: keys) { $0.append(key: $1) }
        out.append("}")
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension ParticipantExplanation {
    /// The explanation as one JSON object, without a line feed.
    public var json: String {
        var out = OutputBuffer(capacity: 4096)
        out.append("{\"conversations\":")
        out.append(number: placeCount)
        out.append(",\"rules\":{")
        for (rule, count) in rules.sorted(by: { $0.key < $1.key }) {
            out.append(quoted: rule)
            out.append(":")
            out.append(number: count)
            out.append(",")
        }
        out.removeTrailing(UInt8(ascii: ","))
        out.append("},\"keys\":")
        out.append(list: keys) { $0.append(key: $1) }
        out.append(",\"related\":")
        out.append(list: related) { $0.append(key: $1) }
        out.append(",\"facts\":")
        out.append(list: facts) { out, fact in
            out.append("{\"keys\":")
            out.append(list: [fact.first, fact.second]) { $0.append(quoted: $1) }
            out.append(",\"count\":")
            out.append(number: fact.count)
            out.append(",\"file\":")
            out.append(quoted: fact.place.file)
            out.append(",\"record\":")
            out.append(number: fact.place.record)
            out.append("}")
        }
        out.append(",\"conflicts\":")
        out.append(list: conflicts) { $0.append(quoted: $1.rawValue) }
        out.append(",\"places\":")
        out.append(list: places) { out, place in
            out.append("{\"file\":")
            out.append(quoted: place.file)
            out.append(",\"record\":")
            out.append(number: place.record)
            out.append(",\"threadId\":")
            out.append(text: place.threadId)
            out.append(",\"rule\":")
            out.append(text: place.rule)
            out.append("}")
        }
        out.append("}")
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension OutputBuffer {
    fileprivate mutating func append(key: ParticipantKey) {
        append("{\"sourceKey\":")
        append(quoted: key.sourceKey)
        for (name, value) in [
            ("system", key.system), ("participantId", key.participantId), ("displayName", key.displayName),
            ("role", key.role?.rawValue), ("status", key.status.rawValue), ("currentId", key.currentId),
        ] {
            append(",")
            append(quoted: name)
            append(":")
            append(text: value)
        }
        append(",\"seenNames\":")
        append(list: key.seenNames) { $0.append(quoted: $1) }
        append(",\"seenRoles\":")
        append(list: key.seenRoles) { $0.append(quoted: $1) }
        append(",\"conversations\":")
        append(number: key.conversations)
        append(",\"evidence\":")
        append(quoted: key.evidence)
        append("}")
    }

    fileprivate mutating func append(text: String?) {
        if let text { append(quoted: text) } else { append("null") }
    }

    mutating func append<Element>(list: [Element], _ body: (inout OutputBuffer, Element) -> Void) {
        append("[")
        for element in list {
            body(&self, element)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("]")
    }
}
