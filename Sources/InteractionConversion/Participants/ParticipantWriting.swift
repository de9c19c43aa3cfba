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
        OutputBuffer.text(object: {
            $0.member("kind", kind.rawValue)
            $0.member("message", kind.message)
            $0.member("remedy", kind.remedy)
            $0.member("file", place.file)
            $0.member("record", place.record)
            $0.member("keyCount", keyCount)
            $0.member("keys", list: keys) { $0.append(key: $1) }
        })
    }
}

extension ParticipantExplanation {
    /// The explanation as one JSON object, without a line feed.
    public var json: String {
        OutputBuffer.text(object: {
            $0.member("conversations", placeCount)
            $0.member("rules", counts: rules)
            $0.member("keys", list: keys) { $0.append(key: $1) }
            $0.member("related", list: related) { $0.append(key: $1) }
            $0.member("facts", list: facts) { out, fact in
                out.append(object: {
                    $0.member("keys", [fact.first, fact.second])
                    $0.member("count", fact.count)
                    $0.member("file", fact.place.file)
                    $0.member("record", fact.place.record)
                })
            }
            $0.member("conflicts", conflicts.map(\.rawValue))
            $0.member("places", list: places) { out, place in
                out.append(object: {
                    $0.member("file", place.file)
                    $0.member("record", place.record)
                    $0.member("threadId", place.threadId)
                    $0.member("rule", place.rule)
                })
            }
        })
    }
}

extension OutputBuffer {
    fileprivate mutating func append(key: ParticipantKey) {
        append(object: {
            $0.member("sourceKey", key.sourceKey)
            $0.member("system", key.system)
            $0.member("participantId", key.participantId)
            $0.member("displayName", key.displayName)
            $0.member("role", key.role?.rawValue)
            $0.member("status", key.status.rawValue)
            $0.member("currentId", key.currentId)
            $0.member("seenNames", key.seenNames)
            $0.member("seenRoles", key.seenRoles)
            $0.member("conversations", key.conversations)
            $0.member("evidence", key.evidence)
        })
    }
}
