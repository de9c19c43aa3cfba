// The report of a run as JSON for machines; docs/CLI.md and docs/schemas describe the members.

internal import InteractionMapping
internal import InteractionModel

extension ConversionReport {
    /// The version of docs/schemas/report.schema.json by which reports are written.
    public static let schemaVersion = 1

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

extension OutputBuffer {
    /// Appends a report as an object over several lines.
    fileprivate mutating func append(report: ConversionReport, version: String) {
        append("{\n  \"schemaVersion\": ")
        append(number: ConversionReport.schemaVersion)
        append(",\n  \"tool\": \"interaction-migrate\",\n  \"version\": ")
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
        append(",\n  \"bytesRead\": ")
        append(number: Int(report.bytesRead))
        append(",\n  \"books\": {")
        append(lines: report.books.levels, of: 4) {
            $0.append(quoted: $1.name)
            $0.append(": ")
            $0.append(level: $1.counts)
        }
        append("},\n  \"redacted\": {")
        append(lines: report.books.redacted.sorted { $0.key < $1.key }, of: 4) {
            $0.append(quoted: $1.key)
            $0.append(": ")
            $0.append(number: $1.value)
        }
        append("},\n  \"generations\": {")
        append(lines: report.generations.sorted { $0.key < $1.key }, of: 4) {
            $0.append(quoted: $1.key)
            $0.append(": ")
            $0.append(number: $1.value)
        }
        append("},\n  \"participants\": [")
        append(lines: report.participants, of: 4) { $0.append(participants: $1) }
        append("],\n  \"sizes\": ")
        append(sizes: report.sizes)
        append(",\n  \"split\": {\"records\":")
        append(number: report.splitRecords)
        append(",\"parts\":")
        append(number: report.parts)
        append("},\n  \"timeline\": ")
        append(timeline: report.timeline)
        append(",\n  \"findings\": [")
        append(lines: report.findings, of: 4) { $0.append(count: $1) }
        append("],\n  \"fields\": [")
        append(lines: report.fields, of: 4) { $0.append(field: $1) }
        append("],\n  \"shapes\": [")
        append(lines: report.shapes, of: 4) { $0.append(shape: $1) }
        append("],\n  \"otherRecords\": ")
        append(number: report.otherRecords)
        append("\n}\n")
    }

    /// Appends elements, each on a line of its own; the last line is left open for the closing bracket.
    private mutating func append<Element>(
        lines list: some Sequence<Element>,
        of indentation: Int,
        _ write: (inout OutputBuffer, Element) -> Void
    ) {
        let indent = String(repeating: " ", count: indentation)
        for element in list {
            append("\n")
            append(text: indent)
            write(&self, element)
            append(",")
        }
        removeTrailing(UInt8(ascii: ","))
        append("\n")
        append(text: String(indent.dropLast(2)))
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
        append(",\"next\":")
        append(list: finding.next) { $0.append(finding: $1) }
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

    private mutating func append(participants: ConversionReport.ParticipantCount) {
        append("{\"role\":")
        append(quoted: participants.role.rawValue)
        append(",\"rule\":")
        append(quoted: participants.rule)
        append(",\"count\":")
        append(number: participants.count)
        append("}")
    }

    private mutating func append(sizes: MessageSizes) {
        append("{\n    \"bytes\": ")
        append(number: Int(sizes.bytes))
        append(",\n    \"largest\": ")
        append(number: sizes.largest)
        append(",\n    \"limit\": ")
        append(number: MessageSizes.limit)
        append(",\n    \"buckets\": [")
        append(lines: sizes.counts.enumerated(), of: 6) {
            $0.append("{\"upTo\":")
            $0.append(optional: $1.offset < MessageSizes.bounds.count ? MessageSizes.bounds[$1.offset] : nil)
            $0.append(",\"count\":")
            $0.append(number: $1.element)
            $0.append("}")
        }
        append("]\n  }")
    }

    private mutating func append(timeline: Timeline) {
        append("{\n    \"unit\": ")
        append(quoted: timeline.unit.rawValue)
        append(",\n    \"withoutTime\": {")
        append(members: timeline.withoutTime)
        append(",\n    \"buckets\": [")
        append(lines: timeline.buckets, of: 6) {
            $0.append("{\"start\":")
            $0.append(quoted: $1.start)
            $0.append(",")
            $0.append(members: $1.counts)
        }
        append("]\n  }")
    }

    private mutating func append(members counts: Timeline.Counts) {
        append("\"conversations\":")
        append(number: counts.conversations)
        append(",\"messages\":")
        append(number: counts.messages)
        append("}")
    }

    /// Appends a line of the field ledger as an object.
    fileprivate mutating func append(field: ConversionReport.Field) {
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

    private mutating func append(shape: RecordShape) {
        append("{\"records\":")
        append(number: shape.records)
        append(",\"structure\":")
        append(quoted: shape.structure)
        append("}")
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
