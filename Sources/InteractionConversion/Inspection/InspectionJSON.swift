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
        let books = inspection.report.books
        let leftovers = inspection.leftovers
        append(object: {
            $0.member("input", inspection.input)
            $0.member("container", inspection.container.rawValue)
            $0.member("known", inspection.isKnown)
            $0.member("formats", inspection.formats)
            $0.member("sample", inspection.sample)
            $0.member("files", list: inspection.groups) { $0.append(group: $1) }
            $0.member("records", books.records.total)
            $0.member("rejected", books.records.rejected)
            $0.member("conversations", books.conversations.total)
            $0.member("messages", books.messages.total)
            $0.member("participants", books.participants.total)
            $0.member(named: "times") { out in
                guard let times = inspection.times else { return out.append("null") }
                out.append(object: {
                    $0.member("first", times.first.description)
                    $0.member("last", times.last.description)
                })
            }
            $0.member("senders", list: inspection.senders.sorted { $0.key < $1.key }) {
                $0.append(role: $1.key, $1.value)
            }
            $0.member("findings", list: inspection.report.findings) { $0.append(count: $1) }
            $0.member("kept", list: leftovers.kept) { $0.append(field: $1, note: "target") }
            $0.member("unknown", list: leftovers.unknown) { $0.append(field: $1, note: "target") }
            $0.member("dropped", list: leftovers.dropped) { $0.append(field: $1, note: "rule") }
            $0.member("shapes", list: inspection.report.shapes) { $0.append(shape: $1) }
            $0.member("otherRecords", inspection.report.otherRecords)
            $0.member("advice", list: inspection.advice) { $0.append(advice: $1) }
            $0.member("command", inspection.command(given: given))
        })
    }

    private mutating func append(group: Inspection.Group) {
        append(object: {
            $0.member("count", group.files)
            $0.member("first", group.first)
            $0.member("syntax", group.syntax.rawValue)
            $0.member("encoding", group.encoding)
            $0.member(named: "dialect") { out in
                guard let dialect = group.dialect else { return out.append("null") }
                out.append(object: {
                    $0.member("delimiter", dialect.delimiter)
                    $0.member("columns", dialect.columns)
                    $0.member("header", dialect.hasHeader)
                })
            }
            $0.member("format", group.format)
            $0.member("evidence", list: group.evidence) { $0.append(sign: $1) }
            $0.member("candidates", group.candidates)
            $0.member("nearMisses", list: group.nearMisses) { $0.append(miss: $1) }
        })
    }

    private mutating func append(sign: FormatSign) {
        append(object: {
            $0.member("kind", sign.kind.rawValue)
            $0.member("paths", sign.paths)
            $0.member("values", sign.values)
        })
    }

    private mutating func append(miss: NearMiss) {
        append(object: {
            $0.member("format", miss.format)
            $0.member("found", list: miss.found) { $0.append(sign: $1) }
            $0.member("missing", list: miss.missing) { $0.append(sign: $1) }
            $0.member("message", miss.description)
        })
    }

    private mutating func append(role: String, _ sender: Inspection.Sender) {
        append(object: {
            $0.member("role", role)
            $0.member("people", sender.people)
            $0.member("messages", sender.messages)
            $0.member("interactions", sender.interactions)
        })
    }

    private mutating func append(field: ConversionReport.Field, note: String) {
        append(object: {
            $0.member("generation", field.generation)
            $0.member("path", field.path)
            $0.member(note, field.note)
            $0.member("count", field.count)
        })
    }

    private mutating func append(shape: RecordShape) {
        append(object: {
            $0.member("records", shape.records)
            $0.member("structure", shape.structure)
            $0.member(named: "example") { $0.append(text: shape.example) }
        })
    }

    private mutating func append(advice: Inspection.Advice) {
        append(object: {
            $0.member("option", advice.option)
            $0.member("value", advice.value)
            $0.member("reason", advice.reason)
        })
    }
}
