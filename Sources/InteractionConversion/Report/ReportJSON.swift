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
        append(object: {
            $0.member("code", finding.code.rawValue)
            $0.member("severity", finding.severity.rawValue)
            $0.member("count", finding.count)
            $0.member(named: "first") { $0.append(finding: finding.first) }
            $0.member("next", list: finding.next) { $0.append(finding: $1) }
        })
    }

    private mutating func append(level: Books.Level) {
        append(object: {
            $0.member("in", level.total)
            $0.member("mapped", level.mapped)
            $0.member("moved", level.moved)
            $0.member("kept", level.kept)
            $0.member("dropped", counts: level.dropped)
            $0.member("rejected", level.rejected)
            $0.member("balanced", level.isBalanced)
        })
    }

    private mutating func append(participants: ConversionReport.ParticipantCount) {
        append(object: {
            $0.member("role", participants.role.rawValue)
            $0.member("rule", participants.rule)
            $0.member("count", participants.count)
        })
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
            let (index, count) = $1
            $0.append(object: {
                $0.member("upTo", index < MessageSizes.bounds.count ? MessageSizes.bounds[index] : nil)
                $0.member("count", count)
            })
        }
        append("]\n  }")
    }

    private mutating func append(timeline: Timeline) {
        append("{\n    \"unit\": ")
        append(quoted: timeline.unit.rawValue)
        append(",\n    \"withoutTime\": ")
        append(object: { $0.members(timeline.withoutTime) })
        append(",\n    \"buckets\": [")
        append(lines: timeline.buckets, of: 6) { out, bucket in
            out.append(object: {
                $0.member("start", bucket.start)
                $0.members(bucket.counts)
            })
        }
        append("]\n  }")
    }

    private mutating func members(_ counts: Timeline.Counts) {
        member("conversations", counts.conversations)
        member("messages", counts.messages)
    }

    /// Appends a line of the field ledger as an object.
    fileprivate mutating func append(field: ConversionReport.Field) {
        append(object: {
            $0.member("generation", field.generation)
            $0.member("path", field.path)
            $0.member("disposition", field.disposition.rawValue)
            $0.member(
                field.disposition == .dropped || field.disposition == .rejected ? "rule" : "target",
                field.note
            )
            $0.member("count", field.count)
        })
    }

    private mutating func append(shape: RecordShape) {
        append(object: {
            $0.member("records", shape.records)
            $0.member("structure", shape.structure)
        })
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
