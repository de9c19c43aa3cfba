// Whether a condition of a profile holds for something that a record says.

internal import InteractionModel

extension Condition {
    /// Whether it holds for a thing, among what is around it, from a file.
    func holds(_ scope: Scope, _ file: FileFacts) -> Bool {
        switch self {
        case .all(let inner): inner.allSatisfy { $0.holds(scope, file) }
        case .any(let inner): inner.contains { $0.holds(scope, file) }
        case .not(let inner): !inner.holds(scope, file)
        case .exists(let path): Self.any(path, scope, file) { _ in true }
        case .equals(let path, let patterns):
            Self.any(path, scope, file) { text in
                let value = text.string
                return patterns.contains { Glob.matches($0, value) }
            }
        case .same(let left, let right):
            Self.any(left, scope, file) { text in Self.any(right, scope, file) { text.equals($0) } }
        }
    }

    /// Whether one of the texts at a path that are not blank is as wanted; for an array or object, that it has members.
    private static func any(
        _ path: ValuePath,
        _ scope: Scope,
        _ file: FileFacts,
        _ isWanted: (TextSlice) -> Bool
    ) -> Bool {
        if let fact = path.file {
            let text = file.text(fact)
            guard !text.isEmpty else { return false }
            return Array(text.utf8).withUnsafeBytes { isWanted(TextSlice(plain: $0)) }
        }
        var result = false
        scope.visit(path) { found in
            if let text = found.text {
                result = !text.isBlank && isWanted(text)
            } else if found.kind != .null, !found.view.isEmpty(found.node) {
                result = isWanted(TextSlice(literal: "[]"))
            }
            return !result
        }
        return result
    }
}
