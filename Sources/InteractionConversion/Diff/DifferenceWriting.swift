// Differences as JSON for machines; docs/CLI.md describes the members.

internal import InteractionModel

extension InteractionDifference {
    /// The difference as NDJSON: a line for each place that differs, one for an Interaction without counterpart.
    ///
    /// - Returns: Lines with their line feeds; none for what is equal.
    public var json: String {
        var out = OutputBuffer(capacity: 512)
        if kind == .added || kind == .removed {
            append(kind.rawValue, to: &out)
            out.append(",\"path\":\"\",\"messages\":")
            out.append(number: place?.messages ?? 0)
            out.append("}\n")
        }
        for change in changes where change.kind != .same {
            append(change.kind.rawValue, to: &out)
            out.append(",\"path\":")
            out.append(quoted: change.path)
            if let path = change.oldPath {
                out.append(",\"oldPath\":")
                out.append(quoted: path)
            }
            if let cause = change.cause {
                out.append(",\"cause\":")
                out.append(quoted: cause)
            }
            if let value = change.old {
                out.append(",\"old\":")
                out.append(text: value)
            }
            if let value = change.new {
                out.append(",\"new\":")
                out.append(text: value)
            }
            out.append("}\n")
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// The patch with what it is to be applied to, as one line; empty where nothing was asked for.
    public var patchLine: String {
        guard let patch else { return "" }
        var out = OutputBuffer(capacity: 512)
        append(kind.rawValue, to: &out)
        out.append(",\"patch\":")
        out.append(text: patch)
        out.append("}\n")
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Appends the beginning of a line: what happened, and to which Interaction.
    private func append(_ change: String, to out: inout OutputBuffer) {
        out.append("{\"change\":")
        out.append(quoted: change)
        out.append(",\"threadId\":")
        out.append(quoted: place?.threadId ?? "")
        out.append(",\"part\":")
        out.append(optional: place?.part)
        out.append(",\"requestId\":")
        out.append(quoted: place?.requestId ?? "")
        out.append(",\"oldRecord\":")
        out.append(optional: old?.record)
        out.append(",\"newRecord\":")
        out.append(optional: new?.record)
    }
}
