// Tells legacy payloads that were written as something else than JSON by their transcripts.

internal import InteractionMapping
internal import InteractionSources

/// Legacy payloads that were written as something else than JSON.
enum LegacyShape {
    /// The path of the elements that are payloads or envelopes of them.
    ///
    /// - Parameter skeleton: What a document's beginning looks like.
    /// - Returns: Nil if there is no transcript of any generation whose entries have a text and a role.
    static func path(in skeleton: Skeleton) -> String? {
        for transcript in PayloadShape.transcripts {
            let inner = "/" + transcript.split(separator: ".").joined(separator: "/")
            for path in skeleton.order where path.hasSuffix(inner) {
                let entries = skeleton.order.filter { $0.hasPrefix(path + "/") }
                let isTold = ["content", "role"].allSatisfy { name in entries.contains { isCalled(name, $0) } }
                guard isTold else { continue }
                return String(path.dropLast(inner.count))
            }
        }
        return nil
    }

    /// Whether columns are the paths of a payload.
    ///
    /// - Parameter skeleton: What a table's beginning looks like.
    /// - Returns: False if there is no transcript of any generation whose entries say something.
    static func isFlattened(_ skeleton: Skeleton) -> Bool {
        skeleton.order.contains { column in
            let path = column.replacing("[", with: ".")
            return PayloadShape.transcripts.contains { transcript in
                path == transcript || path.hasPrefix(transcript + ".") && isCalled("content", path)
            }
        }
    }

    /// The paths by which JSON shows that it holds legacy payloads, wherever they lie in it.
    ///
    /// - Parameter skeleton: What a document's beginning looks like.
    /// - Returns: The transcripts of any generation that are there.
    static func transcripts(in skeleton: Skeleton) -> [String] {
        PayloadShape.transcripts.filter { transcript in
            skeleton.order.contains { path in
                path == transcript || path.hasSuffix("." + transcript) || path.hasSuffix("[]" + transcript)
            }
        }
    }

    private static func isCalled(_ name: String, _ path: String) -> Bool {
        ["/", "/@", "."].contains { path.hasSuffix($0 + name) }
    }
}
