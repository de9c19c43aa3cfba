// Outcomes and findings as JSON for machines; docs/CLI.md and docs/schemas describe the members.

public import InteractionMapping
public import InteractionModel

extension OutputBuffer {
    /// Appends one line of the outcome file.
    mutating func append(outcome: RecordOutcome) {
        append("{\"schemaVersion\":")
        append(number: RecordOutcome.schemaVersion)
        append(",\"file\":")
        append(quoted: outcome.file)
        append(",\"record\":")
        append(number: outcome.record)
        append(",\"bytes\":[")
        append(number: Int(outcome.bytes.lowerBound))
        append(",")
        append(number: Int(outcome.bytes.upperBound))
        append("],\"outcome\":")
        append(quoted: outcome.kind.rawValue)
        append(",\"generation\":")
        append(optional: outcome.generation?.rawValue)
        append(",\"profile\":")
        append(optional: outcome.profile)
        append(",\"records\":")
        append(number: outcome.recordCount)
        append(",\"threadId\":")
        append(optional: outcome.threadId)
        append(",\"outputs\":[")
        for output in outcome.outputs {
            append("{\"index\":")
            append(number: output.index)
            append(",\"requestId\":")
            append(quoted: output.requestId)
            append(",\"bytes\":")
            append(number: output.size)
            append("},")
        }
        removeTrailing(UInt8(ascii: ","))
        append("],\"participants\":[")
        for participant in outcome.participants {
            append("{\"participantId\":")
            append(quoted: participant.participantId)
            append(",\"role\":")
            append(quoted: participant.role.rawValue)
            append(",\"rule\":")
            append(quoted: participant.rule)
            append("},")
        }
        removeTrailing(UInt8(ascii: ","))
        append("],\"findings\":[")
        for finding in outcome.findings {
            append(finding: finding)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("]}\n")
    }

    /// Appends a finding as an object.
    package mutating func append(finding: Finding) {
        append("{\"code\":")
        append(quoted: finding.code.rawValue)
        append(",\"severity\":")
        append(quoted: finding.severity.rawValue)
        append(",\"stage\":")
        append(quoted: finding.stage.rawValue)
        append(",\"file\":")
        append(quoted: finding.place.file)
        append(",\"record\":")
        append(optional: finding.place.record)
        append(",\"line\":")
        append(optional: finding.place.line)
        append(",\"column\":")
        append(optional: finding.place.column)
        append(",\"offset\":")
        append(optional: finding.place.offset.map { Int($0) })
        append(",\"path\":")
        append(optional: finding.path)
        append(",\"message\":")
        append(quoted: finding.message)
        append(",\"remedy\":")
        append(optional: finding.remedy)
        append("}")
    }

    /// Appends an array.
    mutating func append<Element>(
        list: some Sequence<Element>,
        _ write: (inout OutputBuffer, Element) -> Void
    ) {
        append("[")
        for element in list {
            write(&self, element)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("]")
    }

    mutating func append(optional text: String?) {
        if let text { append(quoted: text) } else { append("null") }
    }

    mutating func append(optional number: Int?) {
        if let number { append(number: number) } else { append("null") }
    }
}

extension RecordOutcome {
    /// The version of docs/schemas/outcome.schema.json by which outcomes are written.
    public static let schemaVersion = 1

    /// The outcome as one line of NDJSON, with its line feed.
    public var json: [UInt8] {
        var out = OutputBuffer(capacity: 512)
        out.append(outcome: self)
        return out.array
    }
}

extension Finding {
    /// The finding as one JSON object, without a line feed.
    public var json: String {
        var out = OutputBuffer(capacity: 512)
        out.append(finding: self)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}
