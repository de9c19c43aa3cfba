// Outcomes, findings and reports as JSON for machines; docs/CLI.md describes the members.

public import InteractionMapping
public import InteractionModel

extension OutputBuffer {
    /// Appends one line of the outcome file.
    mutating func append(outcome: RecordOutcome) {
        append("{\"file\":")
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
            append("},")
        }
        removeTrailing(UInt8(ascii: ","))
        append("],\"participants\":[")
        for participant in outcome.participants {
            append("{\"participantId\":")
            append(quoted: participant.participantId)
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

    mutating func append(optional text: String?) {
        if let text { append(quoted: text) } else { append("null") }
    }

    mutating func append(optional number: Int?) {
        if let number { append(number: number) } else { append("null") }
    }

    /// Appends a report as an object over several lines.
    mutating func append(report: ConversionReport, version: String) {
        append("{\n  \"tool\": \"interaction-migrate\",\n  \"version\": ")
        append(quoted: version)
        append(",\n  \"interactions\": ")
        append(number: report.interactions)
        append(",\n  \"interrupted\": ")
        append(report.wasInterrupted ? "true" : "false")
        append(",\n  \"balanced\": ")
        append(report.isBalanced ? "true" : "false")
        if let version = report.timeZoneData {
            append(",\n  \"timeZoneData\": ")
            append(quoted: version)
        }
        append(",\n  \"books\": {")
        for level in report.books.levels {
            append("\n    ")
            append(quoted: level.name)
            append(": ")
            append(level: level.counts)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("\n  },\n  \"generations\": {")
        for (name, count) in report.generations.sorted(by: { $0.key < $1.key }) {
            append("\n    ")
            append(quoted: name)
            append(": ")
            append(number: count)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("\n  },\n  \"findings\": [")
        for finding in report.findings {
            append("\n    ")
            append(count: finding)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("\n  ],\n  \"fields\": [")
        for field in report.fields {
            append("\n    ")
            append(field: field)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("\n  ]\n}\n")
    }

    /// Appends a line of the field ledger as an object.
    mutating func append(field: ConversionReport.Field) {
        append("{\"generation\":")
        append(quoted: field.generation)
        append(",\"path\":")
        append(quoted: field.path)
        append(",\"disposition\":")
        append(quoted: field.disposition.rawValue)
        append(field.disposition == .dropped || field.disposition == .rejected ? ",\"rule\":" : ",\"target\":")
        append(quoted: field.note)
        append(",\"count\":")
        append(number: field.count)
        append("}")
    }

    /// Appends how often a kind of finding came up, as an object.
    mutating func append(count finding: ConversionReport.FindingCount) {
        append("{\"code\":")
        append(quoted: finding.code.rawValue)
        append(",\"severity\":")
        append(quoted: finding.severity.rawValue)
        append(",\"count\":")
        append(number: finding.count)
        append(",\"first\":")
        append(finding: finding.first)
        append("}")
    }

    private mutating func append(level: Books.Level) {
        append("{\"in\":")
        append(number: level.total)
        append(",\"mapped\":")
        append(number: level.mapped)
        append(",\"moved\":")
        append(number: level.moved)
        append(",\"kept\":")
        append(number: level.kept)
        append(",\"dropped\":{")
        for (rule, count) in level.dropped.sorted(by: { $0.key < $1.key }) {
            append(quoted: rule)
            append(":")
            append(number: count)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("},\"rejected\":")
        append(number: level.rejected)
        append(",\"balanced\":")
        append(level.isBalanced ? "true" : "false")
        append("}")
    }
}

extension RecordOutcome {
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

extension ConversionReport.Field {
    /// The line of the field ledger as one JSON object, without a line feed.
    public var json: String {
        var out = OutputBuffer(capacity: 256)
        out.append(field: self)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension ConversionReport {
    /// The report as JSON.
    ///
    /// - Parameter version: The tool's version.
    /// - Returns: UTF-8 text that ends with a line feed.
    public func json(version: String) -> [UInt8] {
        var out = OutputBuffer(capacity: 64 * 1024)
        out.append(report: self, version: version)
        return out.array
    }
}
