// Differences as JSON for machines; docs/CLI.md describes the members.

internal import InteractionModel

extension InteractionDifference {
    /// The difference as NDJSON: a line for each place that differs, one for an Interaction without counterpart.
    ///
    /// - Returns: Lines with their line feeds; none for what is equal.
    public var json: String {
        var out = OutputBuffer(capacity: 512)
        if kind == .added || kind == .removed {
            append(kind.rawValue, to: &out) {
                $0.member("path", "")
                $0.member("messages", place?.messages ?? 0)
            }
        }
        for change in changes where change.kind != .same {
            append(change.kind.rawValue, to: &out) {
                $0.member("path", change.path)
                if let path = change.oldPath { $0.member("oldPath", path) }
                if let cause = change.cause { $0.member("cause", cause) }
                if let value = change.old { $0.member(named: "old") { $0.append(text: value) } }
                if let value = change.new { $0.member(named: "new") { $0.append(text: value) } }
            }
        }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// The patch with what it is to be applied to, as one line; empty where nothing was asked for.
    public var patchLine: String {
        guard let patch else { return "" }
        var out = OutputBuffer(capacity: 512)
        append(kind.rawValue, to: &out) { $0.member(named: "patch") { $0.append(text: patch) } }
        return String(decoding: out.bytes, as: UTF8.self)
    }

    /// Appends a line: what happened, to which Interaction, and what there is to say of it.
    private func append(_ change: String, to out: inout OutputBuffer, _ members: (inout OutputBuffer) -> Void) {
        out.append(object: {
            $0.member("change", change)
            $0.member("threadId", place?.threadId ?? "")
            $0.member("part", place?.part)
            $0.member("requestId", place?.requestId ?? "")
            $0.member("oldRecord", old?.record)
            $0.member("newRecord", new?.record)
            members(&$0)
        })
        out.append("\n")
    }
}
