// Outcomes and findings as JSON for machines; docs/CLI.md and docs/schemas describe the members.

public import InteractionMapping
public import InteractionModel

extension OutputBuffer {
    /// Appends one line of the outcome file.
    mutating func append(outcome: RecordOutcome) {
        append(object: {
            $0.member("schemaVersion", RecordOutcome.schemaVersion)
            $0.member("file", outcome.file)
            $0.member("record", outcome.record)
            $0.member("bytes", list: [outcome.bytes.lowerBound, outcome.bytes.upperBound]) {
                $0.append(number: Int($1))
            }
            $0.member("outcome", outcome.kind.rawValue)
            $0.member("generation", outcome.generation?.rawValue)
            $0.member("profile", outcome.profile)
            $0.member("records", outcome.recordCount)
            $0.member("threadId", outcome.threadId)
            $0.member("outputs", list: outcome.outputs + outcome.foldedInto) { out, output in
                out.append(object: {
                    $0.member("index", output.index)
                    $0.member("requestId", output.requestId)
                    $0.member("bytes", output.size)
                })
            }
            $0.member("participants", list: outcome.participants) { out, participant in
                out.append(object: {
                    $0.member("participantId", participant.participantId)
                    $0.member("role", participant.role.rawValue)
                    $0.member("rule", participant.rule)
                })
            }
            $0.member("findings", list: outcome.findings) { $0.append(finding: $1) }
        })
        append("\n")
    }

    /// Appends a finding as an object.
    package mutating func append(finding: Finding) {
        append(object: {
            $0.member("code", finding.code.rawValue)
            $0.member("severity", finding.severity.rawValue)
            $0.member("stage", finding.stage.rawValue)
            $0.member("file", finding.place.file)
            $0.member("record", finding.place.record)
            $0.member("line", finding.place.line)
            $0.member("column", finding.place.column)
            $0.member("offset", finding.place.offset.map { Int($0) })
            $0.member("path", finding.path)
            $0.member("message", finding.message)
            $0.member("remedy", finding.remedy)
        })
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
