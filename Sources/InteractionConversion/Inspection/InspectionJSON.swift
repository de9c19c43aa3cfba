// Inspections as JSON for machines; docs/CLI.md describes the members.

internal import InteractionModel

extension Inspection {
    /// The inspection as one JSON object, without a line feed.
    ///
    /// - Parameter given: Options of `convert` that the inspection was given, as a shell takes them.
    /// - Returns: One line.
    public func json(given: [String] = []) -> String {
        var out = OutputBuffer(capacity: 16 << 10)
        out.append(inspection: self, given: given)
        return String(decoding: out.bytes, as: UTF8.self)
    }
}

extension OutputBuffer {
    fileprivate mutating func append(inspection: Inspection, given: [String]) {
        append("{\"input\":")
        append(quoted: inspection.input)
        append(",\"container\":")
        append(quoted: inspection.container.rawValue)
        append(",\"known\":")
        append(inspection.isKnown ? "true" : "false")
        append(",\"formats\":")
        append(list: inspection.formats) { $0.append(quoted: $1) }
        append(",\"sample\":")
        append(optional: inspection.sample)
        append(",\"files\":")
        append(list: inspection.groups) { $0.append(group: $1) }
        let books = inspection.report.books
        append(",\"records\":")
        append(number: books.records.total)
        append(",\"rejected\":")
        append(number: books.records.rejected)
        append(",\"conversations\":")
        append(number: books.conversations.total)
        append(",\"messages\":")
        append(number: books.messages.total)
        append(",\"participants\":")
        append(number: books.participants.total)
        append(",\"times\":")
        if let times = inspection.times {
            append("{\"first\":")
            append(quoted: times.first.description)
            append(",\"last\":")
            append(quoted: times.last.description)
            append("}")
        } else {
            append("null")
        }
        append(",\"senders\":")
        append(list: inspection.senders.sorted { $0.key < $1.key }) { $0.append(role: $1.key, $1.value) }
        append(",\"findings\":")
        append(list: inspection.report.findings) { $0.append(count: $1) }
        let leftovers = inspection.leftovers
        append(",\"kept\":")
        append(list: leftovers.kept) { $0.append(field: $1, note: "target") }
        append(",\"unknown\":")
        append(list: leftovers.unknown) { $0.append(field: $1, note: "target") }
        append(",\"dropped\":")
        append(list: leftovers.dropped) { $0.append(field: $1, note: "rule") }
        append(",\"shapes\":")
        append(list: inspection.report.shapes) { $0.append(shape: $1) }
        append(",\"otherRecords\":")
        append(number: inspection.report.otherRecords)
        append(",\"advice\":")
        append(list: inspection.advice) { $0.append(advice: $1) }
        append(",\"command\":")
        append(optional: inspection.command(given: given))
        append("}")
    }

    private mutating func append(group: Inspection.Group) {
        append("{\"count\":")
        append(number: group.files)
        append(",\"first\":")
        append(quoted: group.first)
        append(",\"syntax\":")
        append(quoted: group.syntax.rawValue)
        append(",\"encoding\":")
        append(optional: group.encoding)
        append(",\"dialect\":")
        if let dialect = group.dialect {
            append("{\"delimiter\":")
            append(quoted: dialect.delimiter)
            append(",\"columns\":")
            append(number: dialect.columns)
            append(",\"header\":")
            append(dialect.hasHeader ? "true}" : "false}")
        } else {
            append("null")
        }
        append(",\"format\":")
        append(optional: group.format)
        append(",\"evidence\":")
        append(list: group.evidence) { $0.append(sign: $1) }
        append(",\"candidates\":")
        append(list: group.candidates) { $0.append(quoted: $1) }
        append(",\"nearMisses\":")
        append(list: group.nearMisses) { $0.append(miss: $1) }
        append("}")
    }

    private mutating func append(sign: FormatSign) {
        append("{\"kind\":")
        append(quoted: sign.kind.rawValue)
        append(",\"paths\":")
        append(list: sign.paths) { $0.append(quoted: $1) }
        append(",\"values\":")
        append(list: sign.values) { $0.append(quoted: $1) }
        append("}")
    }

    private mutating func append(miss: NearMiss) {
        append("{\"format\":")
        append(quoted: miss.format)
        append(",\"found\":")
        append(list: miss.found) { $0.append(sign: $1) }
        append(",\"missing\":")
        append(list: miss.missing) { $0.append(sign: $1) }
        append(",\"message\":")
        append(quoted: miss.description)
        append("}")
    }

    private mutating func append(role: String, _ sender: Inspection.Sender) {
        append("{\"role\":")
        append(quoted: role)
        append(",\"people\":")
        append(number: sender.people)
        append(",\"messages\":")
        append(number: sender.messages)
        append(",\"interactions\":")
        append(number: sender.interactions)
        append("}")
    }

    private mutating func append(field: ConversionReport.Field, note: StaticString) {
        append("{\"generation\":")
        append(quoted: field.generation)
        append(",\"path\":")
        append(quoted: field.path)
        append(",\"")
        append(note)
        append("\":")
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
        append(",\"example\":")
        append(text: shape.example)
        append("}")
    }

    private mutating func append(advice: Inspection.Advice) {
        append("{\"option\":")
        append(quoted: advice.option)
        append(",\"value\":")
        append(quoted: advice.value)
        append(",\"reason\":")
        append(quoted: advice.reason)
        append("}")
    }
}
